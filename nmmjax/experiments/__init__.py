"""Experiments: data, predictions from the low-energy theory, likelihoods. One file each."""

from nmmjax.experiments._base import Experiment, Pull, Spectrum
from nmmjax.experiments.borexino import Borexino
from nmmjax.experiments.chooz_1999 import Chooz1999
from nmmjax.experiments.daya_bay import DayaBay2022
from nmmjax.experiments.gallium import Gallium
from nmmjax.experiments.homestake import Homestake
from nmmjax.experiments.kamland import KamLAND2011
from nmmjax.experiments.minos import Minos2017
from nmmjax.experiments.nufit53 import OCTANT_PHASE, OCTANT_SPLITTING, REACTOR, SOLAR, NuFIT53Tables
from nmmjax.experiments.nufit60 import IC19, IC24, NuFIT60Gaussian, NuFIT60Tables
from nmmjax.experiments.rare_lepton_decays import RareLeptonDecays
from nmmjax.experiments.sno_2013 import Sno2013
from nmmjax.experiments.sno_fluxes import SnoFluxes
from nmmjax.experiments.solar_vacuum_2000 import SolarVacuum2000
from nmmjax.experiments.super_kamiokande_2000 import SuperKamiokande2000
from nmmjax.experiments.super_kamiokande_atmospheric import SuperKamiokandeAtmospheric2023

__all__ = [
    "IC19",
    "IC24",
    "OCTANT_PHASE",
    "OCTANT_SPLITTING",
    "REACTOR",
    "SOLAR",
    "Borexino",
    "Chooz1999",
    "DayaBay2022",
    "Experiment",
    "Gallium",
    "Homestake",
    "KamLAND2011",
    "Minos2017",
    "NuFIT53Tables",
    "NuFIT60Gaussian",
    "NuFIT60Tables",
    "Pull",
    "RareLeptonDecays",
    "Sno2013",
    "SnoFluxes",
    "SolarVacuum2000",
    "Spectrum",
    "SuperKamiokande2000",
    "SuperKamiokandeAtmospheric2023",
]
