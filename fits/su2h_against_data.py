"""The horizontal SU(2) against data: its couplings straight from electronic recoils.

Question. The model was made to explain the excess of XENON1T by a moment of nu_e and nu_mu without neutrino masses to
match. Which couplings would do it, and what does XENONnT leave of them?

Data: XENON1T or XENONnT; NuFIT 6.0 (normal ordering) around masses that come from elsewhere, to which the scalars add
m_emu; muon g - 2 against the White Paper of 2025; MEG II, BaBar and SINDRUM, which the model passes untouched: L_e -
L_mu forbids mu -> e gamma. Priors: flat in the square of the moment, in which rates are linear; log-uniform in f / f',
m_h, m_H / m_h, the mass of the neutral scalars and the breaking d_h, flat in alpha; f f' follows from the moment.

Expected: XENON1T asks for 1.8e-11 to 3.4e-11 mu_B and f f' sin 2alpha of a few times 1e-3 and more; XENONnT leaves less
than 8.5e-12 mu_B (Delta chi^2 = 2.71) and no sign of the model. Either way the masses of the charged scalars h_1 and
h_2 have to agree to one part in 1e9 and better.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import (
    Experiment,
    MuonMagneticMoment2025,
    NuFIT60Gaussian,
    RareLeptonDecays2025,
    Xenon1T2020,
    XenonNT2022,
)
from nmmjax.experiments.nufit60_gaussian import IC24
from nmmjax.fit import Fit
from nmmjax.models import SU2Horizontal, ThreeFlavor
from nmmjax.ordering import NormalOrdering
from nmmjax.priors import FlatInSquare

PAPER = "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, arXiv:2007.04291"


def build() -> dict[str, Analysis]:
    """The excess of 2020, and what came after."""
    return {"xenon1t": _fit(Xenon1T2020.load(), 6e-11), "xenonnt": _fit(XenonNT2022.load(), 3e-11)}


def _fit(recoils: Experiment, largest: float) -> Analysis:
    nufit = NuFIT60Gaussian.load(NormalOrdering(), IC24())
    return Analysis(
        Fit(
            SU2Horizontal.from_moment,
            (recoils, nufit, MuonMagneticMoment2025.load(), RareLeptonDecays2025.load()),
            priors={
                "moment": FlatInSquare(largest),
                "balance": dist.LogUniform(0.1, 10.0),
                "alpha": dist.Uniform(0.1, math.pi / 4),
                "m_h": dist.LogUniform(100.0, 1000.0),
                "heavier": dist.LogUniform(1.2, 10.0),
                "m_neutral": dist.LogUniform(100.0, 2000.0),
                "d_h": dist.LogUniform(1e-13, 1e-3),
            },
            fixed={"origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=800, samples=1000, target_accept=0.99),
        limits=("moment",),
        corner=("moment", "f", "f_prime", "m_h", "d_h", "log10_tuning"),
    )
