"""A magnetic moment common to all neutrinos, in units of 1e-11 mu_B, beside the mixing of NuFIT 6.0."""

from nmmjax.low_energy import LowEnergy
from nmmjax.models import ThreeFlavor, UniversalMoment

UNIT = "1e-11 mu_B"
SYMBOL = r"$\mu_\nu$ [$10^{-11}$ $\mu_B$]"


def moment(mu: float) -> LowEnergy:
    """A moment of all Dirac neutrinos."""
    return UniversalMoment(1e-11 * mu, origin=ThreeFlavor.benchmark()).low_energy()
