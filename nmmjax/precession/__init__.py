"""Spin and spin-flavor precession: neutrinos that flip in magnetic fields."""

from nmmjax.precession.averages import averaged_probability
from nmmjax.precession.composition import level_crossing_probability
from nmmjax.precession.crossings import Resonance, resonances
from nmmjax.precession.evolution import evolve
from nmmjax.precession.interstellar import interstellar_survival
from nmmjax.precession.levels import Levels, levels
from nmmjax.precession.path import Medium, Path
from nmmjax.precession.probabilities import mass_state_probability, mass_states, transition_probability
from nmmjax.precession.solar import level_survival, solar_probability
from nmmjax.precession.star import CollapsingStar
from nmmjax.precession.sun import MagneticSun, sunspot_numbers

__all__ = [
    "CollapsingStar",
    "Levels",
    "MagneticSun",
    "Medium",
    "Path",
    "Resonance",
    "averaged_probability",
    "evolve",
    "interstellar_survival",
    "level_crossing_probability",
    "level_survival",
    "levels",
    "mass_state_probability",
    "mass_states",
    "resonances",
    "solar_probability",
    "sunspot_numbers",
    "transition_probability",
]
