"""Neutrino fluxes and spectra of each kind of source."""

from nmmjax.fluxes.solar import SolarSpectra

__all__ = ["SolarSpectra"]
