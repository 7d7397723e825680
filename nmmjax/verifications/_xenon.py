"""A magnetic moment common to all neutrinos, in units of 1e-11 mu_B, beside the mixing of NuFIT 6.0."""

from functools import partial

from nmmjax.low_energy import LowEnergy
from nmmjax.models import ThreeFlavor, UniversalMoment
from nmmjax.verifications._claims import Interval, Limit

_SHARED = {"name": "mu", "unit": "1e-11 mu_B", "symbol": r"$\mu_\nu$ [$10^{-11}$ $\mu_B$]"}

moment_limit = partial(Limit, **_SHARED)
moment_interval = partial(Interval, **_SHARED)


def moment(mu: float) -> LowEnergy:
    """A moment of all Dirac neutrinos."""
    return UniversalMoment(1e-11 * mu, origin=ThreeFlavor.benchmark()).low_energy()
