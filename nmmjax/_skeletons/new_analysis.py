"""new_analysis: what do the antineutrinos of reactors say of theta12 and dm21?

Question. The splitting and the angle that JUNO has measured in its first 59 days.

Data: `Juno2025`. Priors: flat in sin^2 theta12 and dm21. What JUNO's two numbers do not depend on is fixed.

Expected: sin^2 theta12 and dm21 as published, normal ordering.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Juno2025
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor

PAPER = "none: an example"


def build() -> Analysis:
    """Normal ordering."""
    fit = Fit(
        ThreeFlavor.from_sin2,
        experiments=(Juno2025.load(),),
        priors={"sin2_theta12": dist.Uniform(0.2, 0.4), "dm21": dist.Uniform(6e-5, 9e-5)},
        fixed={"dm3l": 2.5e-3, "sin2_theta13": 0.022, "sin2_theta23": 0.5},
    )
    return Analysis(fit, settings=Settings(warmup=500, samples=1000), contours=(("sin2_theta12", "dm21"),))
