"""Figures that no fit draws: what a physicist looks at first, computed and drawn."""

from nmmjax.figures.mechanisms import conundrum
from nmmjax.figures.oscillation import (
    ANALYSIS,
    FITTED,
    kamland_l_over_e,
    oscillograd,
    oscillogram,
    solar_survival,
    solve,
)

MAPS = {"oscillogram": oscillogram, "oscillograd": oscillograd}
"""Figures of so many points along each axis, by name."""
PLAIN = {"conundrum": conundrum}
"""Figures that need nothing, by name."""

__all__ = [
    "ANALYSIS",
    "FITTED",
    "MAPS",
    "PLAIN",
    "conundrum",
    "kamland_l_over_e",
    "oscillograd",
    "oscillogram",
    "solar_survival",
    "solve",
]
