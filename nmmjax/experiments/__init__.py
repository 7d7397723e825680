"""Experiments: data, predictions from the low-energy theory, likelihoods. One file each."""

from nmmjax.experiments._base import Experiment, Pull, Spectrum

__all__ = ["Experiment", "Pull", "Spectrum"]
