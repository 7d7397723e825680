"""XENON1T: the moment that the excess asks for, and how much it is preferred."""

import math

from nmmjax.experiments import Xenon1T2020
from nmmjax.fit import Fit
from nmmjax.infer import profile
from nmmjax.priors import FlatInSquare
from nmmjax.verifications._claims import Number, Solution, Verification
from nmmjax.verifications._xenon import moment, moment_interval

_PAPER = "E. Aprile et al. (XENON), Phys. Rev. D 102, 072004 (2020), arXiv:2006.09721, abstract"


def solar() -> Fit:
    """Solar neutrinos with a moment, flat in its square."""
    return Fit(moment, (Xenon1T2020.load(),), {"mu": FlatInSquare(4.5)})


def preference(solution: Solution) -> float:
    """Root of Delta chi^2 of no moment."""
    found = profile(solution.fit, solution.maximum, {"mu": [1e-3]})  # pyright: ignore[reportArgumentType]
    return math.sqrt(float(found.delta_chi2[0]))


VERIFICATION = Verification(
    Xenon1T2020,
    (
        moment_interval(
            what="magnetic moment, interval of 90 %",
            source=_PAPER,
            question=solar,
            published=(2.15, 0.75, 0.75),
            confidence=0.9,
            ends=True,
            reach=(0.5, 3.8),
        ),
        Number(
            what="preference for a moment over none",
            source=_PAPER,
            question=solar,
            unit="sigma",
            value=preference,
            published=(3.2, None, None),
            scale=1.0,
        ),
    ),
    "The published interval (1.4, 2.9) is that of an unbinned fit with the components of the background free; here 29 "
    "bins and one background of the collaboration, known to 2.6 %. XENONnT has excluded this moment since.",
)
