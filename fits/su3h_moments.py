"""A horizontal SU(3): where in the space of flavors may the vector of moments point?

Question. Under SU(3) of the three families moments are a vector, lambda_ab = mu epsilon_abc n_c, and masses a sextet
that the symmetry keeps apart. How long may the vector be in each direction?

Data: XENONnT and Borexino phase II with their backgrounds, GEMMA and CONUS as published limits. Priors: flat in each
real component of n, in units of mu = 1e-11 mu_B; phases of n, which the Sun sees little of, are zero (`global_moments`
has them). Masses and mixing: NuFIT 6.0, normal ordering, fixed.

Expected: zero is best; |n_tau|, |n_mu| and |n_e|, the moments of e mu, e tau and mu tau, below 0.90, 0.87 and 1.14
(Delta chi^2 = 2.71): about one length in all directions, since solar neutrinos are of all flavors.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import BorexinoSpectrum2018, Conus2026, Gemma2013, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import SU3Horizontal, ThreeFlavor

PAPER = "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, arXiv:2007.04291"
COMPONENTS = ("n_e", "n_mu", "n_tau")


def build() -> Analysis:
    """Three real components."""
    data = (XenonNT2022, BorexinoSpectrum2018, Gemma2013, Conus2026)
    return Analysis(
        Fit(
            SU3Horizontal,
            experiments=tuple(experiment.load() for experiment in data),
            priors={name: dist.Uniform(-3.0, 3.0) for name in COMPONENTS},
            fixed={"scale": 1e-11, "origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=600, samples=1000, target_accept=0.9),
        limits=COMPONENTS,
        corner=COMPONENTS,
    )
