"""Flavour oscillations: amplitudes, density matrices and probabilities."""

from nmmjax.oscillation.constant import amplitude, density_matrix, probability

__all__ = ["amplitude", "density_matrix", "probability"]
