"""COHERENT on cesium iodide: how many scatterings, and how significant they are."""

from nmmjax.experiments import CoherentCsI2021
from nmmjax.fit import Fit
from nmmjax.verifications._claims import Verification
from nmmjax.verifications._coherent import claims, free_signal

_PAPER = "D. Akimov et al. (COHERENT), Phys. Rev. Lett. 129, 081801 (2022), arXiv:2110.07730"


def iodide() -> Fit:
    """The number of scatterings is free."""
    return free_signal(CoherentCsI2021.load())


VERIFICATION = Verification(
    CoherentCsI2021,
    claims(iodide, _PAPER, "CsI", published=(306.0, 20.0, 20.0), reach=(-5.0, 3.0), sigmas=11.6),
    "88 bins of light and time of the released events, backgrounds free. The published error is smaller than that of "
    "the profile of these bins, and near the root of the number of events; why has not been found.",
)
