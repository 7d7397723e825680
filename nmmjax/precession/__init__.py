"""Spin and spin-flavor precession: neutrinos that flip in magnetic fields."""

from nmmjax.precession.crossings import Resonance, level_crossing_probability, resonances
from nmmjax.precession.evolution import evolve
from nmmjax.precession.levels import Levels, levels
from nmmjax.precession.path import Medium, Path
from nmmjax.precession.probabilities import mass_state_probability, transition_probability

__all__ = [
    "Levels",
    "Medium",
    "Path",
    "Resonance",
    "evolve",
    "level_crossing_probability",
    "levels",
    "mass_state_probability",
    "resonances",
    "transition_probability",
]
