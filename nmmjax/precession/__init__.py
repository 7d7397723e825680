"""Spin and spin-flavor precession: neutrinos that flip in magnetic fields."""

from nmmjax.precession.evolution import evolve
from nmmjax.precession.path import Medium, Path
from nmmjax.precession.probabilities import transition_probability

__all__ = ["Medium", "Path", "evolve", "transition_probability"]
