"""Neutrino fluxes and spectra of each kind of source."""

from nmmjax.fluxes import pion_decay
from nmmjax.fluxes.reactor import ReactorSpectra
from nmmjax.fluxes.reactor_tables import ReactorTables
from nmmjax.fluxes.solar import SolarSpectra
from nmmjax.fluxes.supernova import SupernovaBurst
from nmmjax.fluxes.supernova_fluence import FluenceModel, SupernovaFluence

__all__ = [
    "FluenceModel",
    "ReactorSpectra",
    "ReactorTables",
    "SolarSpectra",
    "SupernovaBurst",
    "SupernovaFluence",
    "pion_decay",
]
