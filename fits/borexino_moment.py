"""Borexino phase II: how small must the magnetic moment of solar neutrinos be, with all backgrounds free?

Question. Recoils by a moment rise towards low energy, and so do 85Kr, pile-up and 14C. Which limit is left when the
spectrum itself has to say how much there is of each?

Data: 251 bins of the number of hit tubes, 231 to 855 keV. 210Po, 85Kr and 210Bi are free, 14C is known to 5 % and
pile-up to 2 %; solar fluxes vary within the errors of B16-GS98. The moment is common to all neutrinos. Masses and
mixing: NuFIT 6.0, normal ordering, fixed.

Expected: mu < 2.7e-11 mu_B for Delta chi^2 = 2.71, published 2.8e-11 (with fluxes constrained by radiochemical
experiments). The maximum lies at zero.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import BorexinoSpectrum2018, Experiment
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor, UniversalMoment
from nmmjax.priors import FlatInSquare

PAPER = "M. Agostini et al. (Borexino), Phys. Rev. D 96, 091103 (2017), arXiv:1707.09355"


_NARROW = Settings(warmup=600, samples=1500, target_accept=0.9, dense_mass=True)
_PLATEAU = Settings(warmup=1000, samples=2000, target_accept=0.9)
"""Where most of the posterior is prior, backgrounds are not correlated with the moment."""


def build() -> dict[str, Analysis]:
    """By prior."""
    data = BorexinoSpectrum2018.load()
    return {
        "flat_in_square": _fit(data, FlatInSquare(6e-11)),
        "flat_in_moment": _fit(data, dist.Uniform(0.0, 6e-11)),
        "flat_in_logarithm": _fit(data, dist.LogUniform(1e-13, 6e-11), _PLATEAU),
    }


def _fit(experiment: Experiment, prior: dist.Distribution, settings: Settings = _NARROW) -> Analysis:
    return Analysis(
        Fit(
            UniversalMoment,
            (experiment,),
            {"moment": prior},
            {"origin": ThreeFlavor.benchmark()},
        ),
        settings=settings,
        limits=("moment",),
        corner=("moment", "borexino_2018_kr85", "borexino_2018_bi210"),
    )
