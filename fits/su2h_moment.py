"""1e-11 mu_B from a horizontal SU(2) of electron and muon: which couplings, and how exact must the symmetry be?

Question. The symmetry adds two loops in the moment and cancels them in the mass. For a moment of 1e-11 mu_B between
nu_e and nu_mu: which couplings give it, what happens to (g - 2) of the muon, and how small a difference between the
masses of h_1 and h_2 do neutrino masses demand?

Data: NuFIT 6.0 (normal ordering) around masses that come from elsewhere, to which m_emu of the scalars is added; muon
g - 2 against the White Paper of 2025. Priors: log-uniform in f / f', m_h, the ratio m_H / m_h, the mass of the neutral
scalars and the breaking d_h, flat in alpha; f f' follows from the moment.

Expected: f f' sin 2alpha of 1e-3 and up is enough, easily perturbative; one sector alone would give a mass of 10 keV
and more, so d_h stays below some 1e-9: the fine print of the mechanism. g - 2 bounds f' from above for light neutral
scalars.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import MuonMagneticMoment2025, NuFIT60Gaussian
from nmmjax.experiments.nufit60_gaussian import IC24
from nmmjax.fit import Fit
from nmmjax.models import SU2Horizontal, ThreeFlavor
from nmmjax.ordering import NormalOrdering

PAPER = "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, arXiv:2007.04291"


def build() -> Analysis:
    """One moment, six unknowns."""
    return Analysis(
        Fit(
            SU2Horizontal.from_moment,
            experiments=(NuFIT60Gaussian.load(NormalOrdering(), IC24()), MuonMagneticMoment2025.load()),
            priors={
                "balance": dist.LogUniform(0.1, 10.0),
                "alpha": dist.Uniform(0.1, math.pi / 4),
                "m_h": dist.LogUniform(100.0, 1000.0),
                "heavier": dist.LogUniform(1.2, 10.0),
                "m_neutral": dist.LogUniform(100.0, 2000.0),
                "d_h": dist.LogUniform(1e-13, 1e-3),
            },
            fixed={"moment": 1e-11, "origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=1000, samples=1500, target_accept=0.99),
        corner=("f", "f_prime", "m_h", "d_h", "log10_tuning", "delta_a_mu"),
    )
