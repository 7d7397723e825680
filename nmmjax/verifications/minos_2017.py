"""MINOS and MINOS+: splitting and mixing angle in both orderings."""

from functools import partial

import numpyro.distributions as dist

from nmmjax.experiments import Minos2017
from nmmjax.fit import Fit
from nmmjax.low_energy import Neutrinos
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.verifications._claims import Interval, Verification
from nmmjax.verifications._mixing import atmospheric

_PAPER = "P. Adamson et al. (MINOS+), Phys. Rev. Lett. 125, 131802 (2020), arXiv:2006.15208, abstract"
_DM21 = 7.54e-5


def _oscillation(sin2_theta23: float, dm32: float, ordering: Ordering = NormalOrdering()) -> Neutrinos:  # noqa: B008
    """Three flavors in the coordinates of the paper, dm32 in 1e-3 eV^2."""
    return atmospheric(dm32, ordering, _DM21, sin2_theta12=0.307, sin2_theta13=0.0210, sin2_theta23=sin2_theta23)


def normal() -> Fit:
    """Normal ordering, both octants."""
    return _fit(NormalOrdering(), 2.0, 3.0)


def inverted() -> Fit:
    """Inverted ordering, both octants."""
    return _fit(InvertedOrdering(), -3.0, -2.0)


def _fit(ordering: Ordering, low: float, high: float) -> Fit:
    priors = {"sin2_theta23": dist.Uniform(0.2, 0.8), "dm32": dist.Uniform(low, high)}
    return Fit(_oscillation, (Minos2017.load(),), priors, {"ordering": ordering})


_splitting = partial(
    Interval, source=_PAPER, name="dm32", symbol=r"$\Delta m^2_{32}$ [$10^{-3}$ eV$^2$]", unit="1e-3 eV^2"
)
_angle = partial(Interval, source=_PAPER, name="sin2_theta23", symbol=r"$\sin^2\theta_{23}$")

VERIFICATION = Verification(
    Minos2017,
    (
        _splitting(what="dm32, normal ordering", question=normal, published=(2.40, 0.08, 0.09), reach=(2.05, 2.75)),
        _splitting(
            what="dm32, inverted ordering", question=inverted, published=(-2.45, 0.08, 0.07), reach=(-2.8, -2.1)
        ),
        _angle(
            what="sin^2 theta23, interval of 68 %, normal ordering",
            question=normal,
            published=(0.51, 0.12, 0.12),
            ends=True,
            reach=(0.28, 0.74),
        ),
    ),
    "The paper adds atmospheric neutrinos, antineutrinos and appearance of nu_e to the disappearance of nu_mu that is "
    "released and fitted here, which does not tell octants apart. Of the angle, 0.43 +0.20 -0.04, the interval (0.39, "
    "0.63) is compared; here maximal mixing is just outside of it.",
)
