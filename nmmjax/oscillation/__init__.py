"""Flavour oscillations: amplitudes, density matrices and probabilities."""

from nmmjax.oscillation.constant import amplitude, density_matrix, probability
from nmmjax.oscillation.decoherence import (
    coherence_length,
    density_matrix_incoherent,
    density_matrix_smeared,
    probability_incoherent,
    probability_over_baselines,
    probability_smeared,
    probability_wave_packets,
)
from nmmjax.oscillation.earth import amplitude_earth, density_matrix_earth, probability_earth
from nmmjax.oscillation.layers import amplitude_layers, density_matrix_layers, probability_layers
from nmmjax.oscillation.solar import ProductionAverage, regenerated, solar_probability, solar_state

__all__ = [
    "ProductionAverage",
    "amplitude",
    "amplitude_earth",
    "amplitude_layers",
    "coherence_length",
    "density_matrix",
    "density_matrix_earth",
    "density_matrix_incoherent",
    "density_matrix_layers",
    "density_matrix_smeared",
    "probability",
    "probability_earth",
    "probability_incoherent",
    "probability_layers",
    "probability_over_baselines",
    "probability_smeared",
    "probability_wave_packets",
    "regenerated",
    "solar_probability",
    "solar_state",
]
