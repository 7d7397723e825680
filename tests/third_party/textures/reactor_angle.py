"""Which angle does the reactor of the example see?

Expected: sin^2 theta13 = 0.0219, from which its events were drawn, within two standard deviations.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor
from textures.reactor_2026 import Reactor2026

PAPER = "none: an example"


def build():
    priors = {"sin2_theta13": dist.Uniform(0.0, 0.1)}
    fixed = {"dm21": 7.5e-5, "dm3l": 2.5e-3, "sin2_theta12": 0.31, "sin2_theta23": 0.5}
    fit = Fit(ThreeFlavor.from_sin2, (Reactor2026.load(),), priors, fixed)
    return Analysis(fit, settings=Settings(warmup=500, samples=1500))
