"""Neutrino fluxes and spectra of each kind of source."""
