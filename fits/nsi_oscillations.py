"""Interactions that refract neutrinos beyond the weak ones: what does propagation through the crust leave of mu tau?

Question. Vector couplings to the fermions of matter add sqrt2 G_F n_f eps to the potential of flavors. eps_mutau mixes
those that atmospheric oscillations mix anyway: which one do muon neutrinos leave that cross 735 km of rock?

Data: the far detector of MINOS and MINOS+. d quarks, of which there are three for each electron. Priors: flat in
eps_mutau, real, in sin^2 theta23 and dm31; the others are fixed.

Expected: -0.113 to 0.010 (Delta chi^2 = 2.71), -0.34 to 0.03 relative to electrons; the best point, -0.048, gains 1.8,
since dm31 grows as eps_mutau falls. No published interval of these data was at hand; atmospheric neutrinos in IceCube's
DeepCore, which cross the Earth, leave -0.0067 to 0.0081 in its own normalization.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Minos2017
from nmmjax.fit import Fit
from nmmjax.models import NonStandardInteractions

PAPER = "M. G. Aartsen et al. (IceCube), Phys. Rev. D 97, 072009 (2018), arXiv:1709.07079"


def build() -> Analysis:
    """mu tau with d quarks."""
    return Analysis(
        Fit(
            NonStandardInteractions.from_oscillations,
            (Minos2017.load(),),
            {
                "vector_mutau": dist.Uniform(-0.5, 0.5),
                "sin2_theta23": dist.Uniform(0.2, 0.8),
                "dm3l": dist.Uniform(1.5e-3, 4e-3),
            },
            {
                "dm21": 7.53e-5,
                "sin2_theta12": 0.307,
                "sin2_theta13": 0.0218,
                "xi_electron": 0.0,
                "xi_down": 1.0,
            },
        ),
        settings=Settings(warmup=500, samples=1000),
        limits=("vector_mutau",),
    )
