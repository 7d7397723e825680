"""Experiments: data, predictions from the low-energy theory, likelihoods. One file each.

Exported are `Experiment`, the base, and the experiments themselves: named by what was measured, by the kind of data
where there are several, and by the year of the result (a global fit by its release). An experiment lies in the file of
its name, and so do the choices that its `load` takes. What they are made of: `base`, `likelihoods`, `shared`.
"""

from nmmjax.experiments.base import Experiment
from nmmjax.experiments.borexino_radius_2017 import BorexinoRadius2017
from nmmjax.experiments.borexino_rates_2019 import BorexinoRates2019
from nmmjax.experiments.borexino_spectrum_2018 import BorexinoSpectrum2018
from nmmjax.experiments.ccfr_2003 import Ccfr2003
from nmmjax.experiments.chooz_1999 import Chooz1999
from nmmjax.experiments.ckm_unitarity_2024 import CkmUnitarity2024
from nmmjax.experiments.coherent_csi_2021 import CoherentCsI2021
from nmmjax.experiments.coherent_ge_2025 import CoherentGe2025
from nmmjax.experiments.coherent_lar_2020 import CoherentLAr2020
from nmmjax.experiments.conus_2026 import Conus2026
from nmmjax.experiments.conus_plus_2025 import ConusPlus2025
from nmmjax.experiments.daya_bay_2022 import DayaBay2022
from nmmjax.experiments.daya_bay_map_2022 import DayaBayMap2022
from nmmjax.experiments.desi_2025 import Desi2025
from nmmjax.experiments.dresden_ii_2022 import DresdenII2022
from nmmjax.experiments.dune_burst import DuneBurst
from nmmjax.experiments.dune_forecast import DuneForecast
from nmmjax.experiments.effective_neutrinos_2022 import EffectiveNeutrinos2022
from nmmjax.experiments.electron_scattering_2008 import ElectronScattering2008
from nmmjax.experiments.gallium_2010 import Gallium2010
from nmmjax.experiments.gemma_2013 import Gemma2013
from nmmjax.experiments.gerda_2020 import Gerda2020
from nmmjax.experiments.higgs_flavor_2023 import HiggsFlavor2023
from nmmjax.experiments.homestake_1998 import Homestake1998
from nmmjax.experiments.horizontal_branch_1996 import HorizontalBranch1996
from nmmjax.experiments.hyper_kamiokande_burst import HyperKamiokandeBurst
from nmmjax.experiments.juno_2025 import Juno2025
from nmmjax.experiments.kamland_2011 import KamLAND2011
from nmmjax.experiments.kamland_zen_2024 import KamLANDZen2024
from nmmjax.experiments.katrin_2025 import Katrin2025
from nmmjax.experiments.laboratory_masses_1988 import LaboratoryMasses1988
from nmmjax.experiments.lepton_universality_2023 import LeptonUniversality2023
from nmmjax.experiments.lux_zeplin_2022 import LuxZeplin2022
from nmmjax.experiments.matter_neutrality_1999 import MatterNeutrality1999
from nmmjax.experiments.miniboone_2020 import MiniBooNE2020
from nmmjax.experiments.minos_2017 import Minos2017
from nmmjax.experiments.munu_2005 import Munu2005
from nmmjax.experiments.muon_magnetic_moment_2025 import MuonMagneticMoment2025
from nmmjax.experiments.muon_radiative_decay_1988 import MuonRadiativeDecay1988
from nmmjax.experiments.muonium_1999 import Muonium1999
from nmmjax.experiments.nufit53_tables import NuFIT53Tables
from nmmjax.experiments.nufit60_gaussian import NuFIT60Gaussian
from nmmjax.experiments.nufit60_tables import NuFIT60Tables
from nmmjax.experiments.nufit61_gaussian import NuFIT61Gaussian
from nmmjax.experiments.nufit61_tables import NuFIT61Tables
from nmmjax.experiments.orca_2024 import Orca2024
from nmmjax.experiments.pandax_2021 import PandaX2021
from nmmjax.experiments.published_chain import PublishedChain
from nmmjax.experiments.rare_lepton_decays_2025 import RareLeptonDecays2025
from nmmjax.experiments.red_giants_2020 import RedGiants2020
from nmmjax.experiments.scintillator_burst import ScintillatorBurst
from nmmjax.experiments.short_baseline_1988 import ShortBaseline1988
from nmmjax.experiments.sn1987a_1999 import Sn1987A1999
from nmmjax.experiments.sno_2013 import Sno2013
from nmmjax.experiments.sno_fluxes_2005 import SnoFluxes2005
from nmmjax.experiments.sno_plus_2026 import SnoPlus2026
from nmmjax.experiments.solar_antineutrinos_2022 import SolarAntineutrinos2022
from nmmjax.experiments.solar_moment_1988 import SolarMoment1988
from nmmjax.experiments.solar_vacuum_2000 import SolarVacuum2000
from nmmjax.experiments.super_kamiokande_2000 import SuperKamiokande2000
from nmmjax.experiments.super_kamiokande_atmospheric_2023 import SuperKamiokandeAtmospheric2023
from nmmjax.experiments.super_kamiokande_day_night_2024 import SuperKamiokandeDayNight2024
from nmmjax.experiments.super_kamiokande_moment_2004 import SuperKamiokandeMoment2004
from nmmjax.experiments.super_kamiokande_phase_2023 import SuperKamiokandePhase2023
from nmmjax.experiments.super_kamiokande_solar_2024 import SuperKamiokandeSolar2024
from nmmjax.experiments.texono_2007 import Texono2007
from nmmjax.experiments.texono_2010 import Texono2010
from nmmjax.experiments.unstable_neutrinos_1988 import UnstableNeutrinos1988
from nmmjax.experiments.white_dwarfs_2014 import WhiteDwarfs2014
from nmmjax.experiments.xenon1t_2020 import Xenon1T2020
from nmmjax.experiments.xenonnt_2022 import XenonNT2022
from nmmjax.experiments.xenonnt_solar_2026 import XenonNTSolar2026

__all__ = [
    "BorexinoRadius2017",
    "BorexinoRates2019",
    "BorexinoSpectrum2018",
    "Ccfr2003",
    "Chooz1999",
    "CkmUnitarity2024",
    "CoherentCsI2021",
    "CoherentGe2025",
    "CoherentLAr2020",
    "Conus2026",
    "ConusPlus2025",
    "DayaBay2022",
    "DayaBayMap2022",
    "Desi2025",
    "DresdenII2022",
    "DuneBurst",
    "DuneForecast",
    "EffectiveNeutrinos2022",
    "ElectronScattering2008",
    "Experiment",
    "Gallium2010",
    "Gemma2013",
    "Gerda2020",
    "HiggsFlavor2023",
    "Homestake1998",
    "HorizontalBranch1996",
    "HyperKamiokandeBurst",
    "Juno2025",
    "KamLAND2011",
    "KamLANDZen2024",
    "Katrin2025",
    "LaboratoryMasses1988",
    "LeptonUniversality2023",
    "LuxZeplin2022",
    "MatterNeutrality1999",
    "MiniBooNE2020",
    "Minos2017",
    "Munu2005",
    "MuonMagneticMoment2025",
    "MuonRadiativeDecay1988",
    "Muonium1999",
    "NuFIT53Tables",
    "NuFIT60Gaussian",
    "NuFIT60Tables",
    "NuFIT61Gaussian",
    "NuFIT61Tables",
    "Orca2024",
    "PandaX2021",
    "PublishedChain",
    "RareLeptonDecays2025",
    "RedGiants2020",
    "ScintillatorBurst",
    "ShortBaseline1988",
    "Sn1987A1999",
    "Sno2013",
    "SnoFluxes2005",
    "SnoPlus2026",
    "SolarAntineutrinos2022",
    "SolarMoment1988",
    "SolarVacuum2000",
    "SuperKamiokande2000",
    "SuperKamiokandeAtmospheric2023",
    "SuperKamiokandeDayNight2024",
    "SuperKamiokandeMoment2004",
    "SuperKamiokandePhase2023",
    "SuperKamiokandeSolar2024",
    "Texono2007",
    "Texono2010",
    "UnstableNeutrinos1988",
    "WhiteDwarfs2014",
    "Xenon1T2020",
    "XenonNT2022",
    "XenonNTSolar2026",
]
