"""Differentiable fits of neutrino mass models and magnetic moments to real data.

Importing the package switches JAX to float64, unless the environment variable `NMMJAX_FLOAT32` says 1, true, yes or on.
"""

import jax

from nmmjax import _environment

if not _environment.prepare():
    jax.config.update("jax_enable_x64", True)

from nmmjax import experiments, infer, matter, mixing, models, numerics, ordering, oscillation, priors
from nmmjax._version import __version__
from nmmjax.analysis import Analysis
from nmmjax.fit import Fit
from nmmjax.infer import Settings
from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos

__all__ = [
    "Analysis",
    "Dirac",
    "Fit",
    "LowEnergy",
    "Majorana",
    "Neutrinos",
    "Settings",
    "__version__",
    "experiments",
    "infer",
    "matter",
    "mixing",
    "models",
    "numerics",
    "ordering",
    "oscillation",
    "priors",
]
