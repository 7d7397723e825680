"""Masses from dark matter in a loop: which scotogenic couplings do oscillations and mu -> e gamma leave?

Question. Where an inert doublet and odd singlets make neutrino masses in one loop, lambda_5 may be tiny and couplings
large: mu -> e gamma then bounds them. What is left?

Data: NuFIT 6.0 (six numbers), the sum of masses (DESI), l -> l' gamma (MEG II, BaBar). Normal ordering; relic density
and direct searches are not asked. Coordinates: masses and mixing as of oscillations, a complex orthogonal matrix with
normal angles (widths 1 and 0.2), masses of the odd states log-uniform with soft ends from 200 GeV to 10 TeV, lambda_5
from 1e-7 to 1: below, mu -> e gamma is a wall where scalars are light.

Expected: oscillations are met; the largest coupling is 3e-5 to 0.05 and goes as lambda_5 to the power of -1/2; log10
BR(mu -> e gamma) from -29 to -15.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Desi2025, NuFIT60Gaussian, RareLeptonDecays2025
from nmmjax.fit import Fit
from nmmjax.models import Scotogenic
from nmmjax.priors import SoftLogUniform
from nmmjax.three_flavor import LightNeutrinos

PAPER = "E. Ma, Phys. Rev. D 73, 077301 (2006); T. Toma and A. Vicente, JHEP 01 (2014) 160"


def build() -> Analysis:
    """Eighteen parameters, of which data see ten."""
    priors = {
        **LightNeutrinos.sin2_priors(),
        "lightest_mass": SoftLogUniform(1e-4, 0.3),
        "alpha21": dist.Uniform(-math.pi, math.pi),
        "alpha31": dist.Uniform(-math.pi, math.pi),
        **{f"x{plane}": dist.Normal(0.0, 1.0) for plane in ("12", "13", "23")},
        **{f"y{plane}": dist.TruncatedNormal(0.0, 0.2, low=-3.0, high=3.0) for plane in ("12", "13", "23")},
        **{name: SoftLogUniform(200.0, 1e4) for name in ("m_1", "m_2", "m_3", "m_imaginary", "m_charged")},
        "lambda_5": SoftLogUniform(1e-7, 1.0),
    }
    experiments = (NuFIT60Gaussian.load(), Desi2025.load(), RareLeptonDecays2025.load())
    return Analysis(
        Fit(Scotogenic.from_oscillations, experiments=experiments, priors=priors),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.995),
        corner=("lambda_5", "m_charged", "dark_matter_mass", "largest_yukawa", "log10_br_mu_e_gamma"),
    )
