"""Experiments whose published number is the likelihood itself, or that have no data: there is nothing to verify."""

from typing import NamedTuple

from nmmjax.results.verifying import Status


class Exempt(NamedTuple):
    """Why an experiment has no verification."""

    status: Status
    reason: str


_LIMIT = Exempt(Status.INPUT, "the published limit is the end of a half-Gaussian")
_INTERVAL = Exempt(Status.INPUT, "the published interval is a Gaussian")
_VALUES = Exempt(Status.INPUT, "published values and errors are Gaussians")
_TABLE = Exempt(Status.INPUT, "the published Delta chi^2 is the likelihood")
_QUOTED = Exempt(Status.INPUT, "numbers as a paper quotes them, with widths of ours where it has none")
_PLANNED = Exempt(Status.FORECAST, "expected events of a planned detector")

EXEMPT = {
    "BorexinoRadius2017": _INTERVAL,
    "Ccfr2003": _INTERVAL,
    "Chooz1999": _LIMIT,
    "CkmUnitarity2024": _VALUES,
    "CoherentGe2025": _VALUES,
    "Conus2026": _LIMIT,
    "ConusPlus2025": _VALUES,
    "DayaBayMap2022": _TABLE,
    "Desi2025": _LIMIT,
    "DuneBurst": _PLANNED,
    "DuneForecast": _PLANNED,
    "EffectiveNeutrinos2022": _LIMIT,
    "ElectronScattering2008": _INTERVAL,
    "Gemma2013": _LIMIT,
    "HiggsFlavor2023": _LIMIT,
    "HorizontalBranch1996": Exempt(Status.INPUT, "the criterion of the textbook is the likelihood"),
    "HyperKamiokandeBurst": _PLANNED,
    "Juno2025": _VALUES,
    "KamLANDZen2024": _LIMIT,
    "Katrin2025": _LIMIT,
    "LaboratoryMasses1988": _QUOTED,
    "LeptonUniversality2023": _VALUES,
    "LuxZeplin2022": _LIMIT,
    "MatterNeutrality1999": _LIMIT,
    "Munu2005": _LIMIT,
    "MuonMagneticMoment2025": _VALUES,
    "MuonRadiativeDecay1988": _QUOTED,
    "Muonium1999": _LIMIT,
    "NuFIT53Tables": _TABLE,
    "NuFIT60Gaussian": _VALUES,
    "NuFIT60Tables": _TABLE,
    "NuFIT61Gaussian": _VALUES,
    "NuFIT61Tables": _TABLE,
    "Orca2024": _TABLE,
    "PandaX2021": _LIMIT,
    "PublishedChain": Exempt(Status.INPUT, "the chain of a user is the likelihood"),
    "RareLeptonDecays2025": _LIMIT,
    "ScintillatorBurst": _PLANNED,
    "ShortBaseline1988": _QUOTED,
    "Sn1987A1999": _LIMIT,
    "SnoFluxes2005": _VALUES,
    "SnoPlus2026": _VALUES,
    "SolarAntineutrinos2022": _LIMIT,
    "SolarMoment1988": _QUOTED,
    "SolarVacuum2000": _QUOTED,
    "SuperKamiokande2000": _QUOTED,
    "SuperKamiokandeMoment2004": _LIMIT,
    "SuperKamiokandePhase2023": _TABLE,
    "Texono2007": _LIMIT,
    "UnstableNeutrinos1988": _QUOTED,
    "WhiteDwarfs2014": _LIMIT,
}
"""By the name of the class. What an experiment of yours needs instead is a file of its own in this folder."""
