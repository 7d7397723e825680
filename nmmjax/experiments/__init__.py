"""Experiments: data, predictions from the low-energy theory, likelihoods. One file each."""

from nmmjax.experiments._base import Experiment, Pull, Spectrum
from nmmjax.experiments.borexino import Borexino
from nmmjax.experiments.borexino_spectrum import BorexinoSpectrum2018
from nmmjax.experiments.charge_radii import BorexinoRadius2017, Ccfr2003, ElectronScattering2008
from nmmjax.experiments.chooz_1999 import Chooz1999
from nmmjax.experiments.ckm_unitarity import CkmUnitarity2024
from nmmjax.experiments.coherent_csi import CoherentCsI2021
from nmmjax.experiments.coherent_lar import CoherentLAr2020
from nmmjax.experiments.conus import Conus2026
from nmmjax.experiments.daya_bay import DayaBay2022
from nmmjax.experiments.desi import Desi2025
from nmmjax.experiments.effective_neutrinos import EffectiveNeutrinos2022
from nmmjax.experiments.gallium import Gallium
from nmmjax.experiments.gemma import Gemma2013
from nmmjax.experiments.homestake import Homestake
from nmmjax.experiments.kamland import KamLAND2011
from nmmjax.experiments.kamland_zen import KamLANDZen2024
from nmmjax.experiments.katrin import Katrin2025
from nmmjax.experiments.laboratory_masses_1988 import LaboratoryMasses1988
from nmmjax.experiments.lepton_universality import LeptonUniversality
from nmmjax.experiments.lux_zeplin import LuxZeplin2022
from nmmjax.experiments.matter_neutrality import MatterNeutrality
from nmmjax.experiments.minos import Minos2017
from nmmjax.experiments.munu import Munu2005
from nmmjax.experiments.muon_magnetic_moment import MuonMagneticMoment, WhitePaper2020, WhitePaper2025
from nmmjax.experiments.muon_radiative_decay_1988 import MuonRadiativeDecay1988
from nmmjax.experiments.muonium import Muonium1999
from nmmjax.experiments.nufit53 import OCTANT_PHASE, OCTANT_SPLITTING, REACTOR, SOLAR, NuFIT53Tables
from nmmjax.experiments.nufit60 import IC19, IC24, NuFIT60Gaussian, NuFIT60Tables
from nmmjax.experiments.pandax import PandaX2021
from nmmjax.experiments.rare_lepton_decays import RareLeptonDecays
from nmmjax.experiments.red_giants import M5, Ngc4258, OmegaCentauri, RedGiants
from nmmjax.experiments.short_baseline_1988 import ShortBaseline1988
from nmmjax.experiments.sn1987a import Sn1987A1999
from nmmjax.experiments.sno_2013 import Sno2013
from nmmjax.experiments.sno_fluxes import SnoFluxes
from nmmjax.experiments.solar_moment_1988 import SolarMoment1988
from nmmjax.experiments.solar_vacuum_2000 import SolarVacuum2000
from nmmjax.experiments.super_kamiokande_2000 import SuperKamiokande2000
from nmmjax.experiments.super_kamiokande_atmospheric import SuperKamiokandeAtmospheric2023
from nmmjax.experiments.super_kamiokande_moment import SuperKamiokandeMoment2004
from nmmjax.experiments.texono import Texono2007, Texono2010
from nmmjax.experiments.unstable_neutrinos_1988 import UnstableNeutrinos1988
from nmmjax.experiments.white_dwarfs import WhiteDwarfs2014
from nmmjax.experiments.xenon1t_2020 import Xenon1T2020
from nmmjax.experiments.xenonnt_2022 import XenonNT2022

__all__ = [
    "IC19",
    "IC24",
    "M5",
    "OCTANT_PHASE",
    "OCTANT_SPLITTING",
    "REACTOR",
    "SOLAR",
    "Borexino",
    "BorexinoRadius2017",
    "BorexinoSpectrum2018",
    "Ccfr2003",
    "Chooz1999",
    "CkmUnitarity2024",
    "CoherentCsI2021",
    "CoherentLAr2020",
    "Conus2026",
    "DayaBay2022",
    "Desi2025",
    "EffectiveNeutrinos2022",
    "ElectronScattering2008",
    "Experiment",
    "Gallium",
    "Gemma2013",
    "Homestake",
    "KamLAND2011",
    "KamLANDZen2024",
    "Katrin2025",
    "LaboratoryMasses1988",
    "LeptonUniversality",
    "LuxZeplin2022",
    "MatterNeutrality",
    "Minos2017",
    "Munu2005",
    "MuonMagneticMoment",
    "MuonRadiativeDecay1988",
    "Muonium1999",
    "Ngc4258",
    "NuFIT53Tables",
    "NuFIT60Gaussian",
    "NuFIT60Tables",
    "OmegaCentauri",
    "PandaX2021",
    "Pull",
    "RareLeptonDecays",
    "RedGiants",
    "ShortBaseline1988",
    "Sn1987A1999",
    "Sno2013",
    "SnoFluxes",
    "SolarMoment1988",
    "SolarVacuum2000",
    "Spectrum",
    "SuperKamiokande2000",
    "SuperKamiokandeAtmospheric2023",
    "SuperKamiokandeMoment2004",
    "Texono2007",
    "Texono2010",
    "UnstableNeutrinos1988",
    "WhiteDwarfs2014",
    "WhitePaper2020",
    "WhitePaper2025",
    "Xenon1T2020",
    "XenonNT2022",
]
