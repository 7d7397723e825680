"""Figures that no fit draws: what a physicist looks at first, computed and drawn."""

from nmmjax import plots
from nmmjax.figures.channels import probabilities
from nmmjax.figures.masses import lobster, mass_planes
from nmmjax.figures.mechanisms import conundrum, muon_correlation
from nmmjax.figures.moments import electron_cross_sections, moment_limits, recoil_spectra
from nmmjax.figures.oscillation import (
    ANALYSIS,
    FITTED,
    kamland_l_over_e,
    oscillograd,
    oscillogram,
    solar_survival,
    solve,
)
from nmmjax.figures.portal import portal_reach
from nmmjax.figures.precession import level_crossings, solar_flips, supernova_burst

MAPS = {"oscillogram": oscillogram, "oscillograd": oscillograd}
"""Figures of so many points along each axis, by name."""
PLAIN = {
    "lobster": lobster,
    "mass_planes": mass_planes,
    "conundrum": conundrum,
    "muon_correlation": muon_correlation,
    "recoil_spectra": recoil_spectra,
    "electron_cross_sections": electron_cross_sections,
    "moment_limits": moment_limits,
    "portal_reach": portal_reach,
    "level_crossings": level_crossings,
    "supernova_burst": supernova_burst,
    "solar_flips": solar_flips,
}
"""Figures that need nothing, by name."""
FURTHER = {
    "lobster": lobster,
    "mass_planes": mass_planes,
    "probabilities": probabilities,
    "flavors": plots.flavors,
    "triangle": plots.triangle,
    "correlations": plots.correlations,
}
"""Figures of any number of results that are drawn when they are asked for, by name."""

__all__ = [
    "ANALYSIS",
    "FITTED",
    "FURTHER",
    "MAPS",
    "PLAIN",
    "conundrum",
    "electron_cross_sections",
    "kamland_l_over_e",
    "level_crossings",
    "lobster",
    "mass_planes",
    "moment_limits",
    "muon_correlation",
    "oscillograd",
    "oscillogram",
    "portal_reach",
    "probabilities",
    "recoil_spectra",
    "solar_flips",
    "solar_survival",
    "solve",
    "supernova_burst",
]
