"""Flavor oscillations: probabilities, amplitudes and density matrices along a path, and their averages."""

from nmmjax.media.earth import ThroughEarth
from nmmjax.media.path import Layers, Uniform
from nmmjax.media.sun import FromSun
from nmmjax.oscillation.averages import (
    Decohering,
    Incoherent,
    OverBaselines,
    Smeared,
    WavePackets,
    coherence_length,
)
from nmmjax.oscillation.probabilities import amplitude, density_matrix, probability
from nmmjax.oscillation.solar import ProductionAverage, regenerated, solar_state

__all__ = [
    "Decohering",
    "FromSun",
    "Incoherent",
    "Layers",
    "OverBaselines",
    "ProductionAverage",
    "Smeared",
    "ThroughEarth",
    "Uniform",
    "WavePackets",
    "amplitude",
    "coherence_length",
    "density_matrix",
    "probability",
    "regenerated",
    "solar_state",
]
