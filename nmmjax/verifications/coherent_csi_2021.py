"""COHERENT on cesium iodide: how many scatterings, and how significant they are."""

from nmmjax.experiments import CoherentCsI2021
from nmmjax.fit import Fit
from nmmjax.verifications._claims import Interval, Number, Verification
from nmmjax.verifications._coherent import free_signal, scatterings, significance

_PAPER = "D. Akimov et al. (COHERENT), Phys. Rev. Lett. 129, 081801 (2022), arXiv:2110.07730"


def iodide() -> Fit:
    """The number of scatterings is free."""
    return free_signal(CoherentCsI2021.load())


VERIFICATION = Verification(
    CoherentCsI2021,
    (
        Interval(
            what="scatterings on CsI",
            source=_PAPER,
            question=iodide,
            name="sns_flux",
            symbol="scatterings on cesium iodide",
            published=(306.0, 20.0, 20.0),
            reach=(-5.0, 3.0),
            into=scatterings,
        ),
        Number(
            what="significance",
            source=_PAPER,
            question=iodide,
            unit="sigma",
            value=significance,
            published=(11.6, None, None),
            scale=1.0,
        ),
    ),
    "88 bins of light and time of the released events, backgrounds free. The published error is smaller than that of "
    "the profile of these bins, and near the root of the number of events; why has not been found.",
)
