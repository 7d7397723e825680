"""Differentiable fits of neutrino mass models and magnetic moments to real data.

Importing the package switches JAX to float64, unless the environment variable `NMMJAX_FLOAT32` says 1, true, yes or on.
Nothing else is imported before it is asked for.
"""

from typing import TYPE_CHECKING

from nmmjax import _environment
from nmmjax._lazy import parts
from nmmjax._version import __version__

if TYPE_CHECKING:
    from nmmjax import experiments, infer, matter, mixing, models, numerics, ordering, oscillation, priors
    from nmmjax.analysis import Analysis
    from nmmjax.fit import Fit
    from nmmjax.infer import Settings
    from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos
else:
    __getattr__, __dir__ = parts(__name__, __file__)

_environment.choose_precision()

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
