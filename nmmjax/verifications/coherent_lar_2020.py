"""COHERENT on argon: how many scatterings, and how significant they are."""

from nmmjax.experiments import CoherentLAr2020
from nmmjax.fit import Fit
from nmmjax.verifications._claims import Interval, Number, Verification
from nmmjax.verifications._coherent import free_signal, scatterings, significance

_PAPER = "D. Akimov et al. (COHERENT), Phys. Rev. Lett. 126, 012002 (2021), arXiv:2003.10630, table I, analysis A"


def argon() -> Fit:
    """The number of scatterings is free."""
    return free_signal(CoherentLAr2020.load())


VERIFICATION = Verification(
    CoherentLAr2020,
    (
        Interval(
            what="scatterings on argon",
            source=_PAPER,
            question=argon,
            name="sns_flux",
            symbol="scatterings on argon",
            published=(159.0, 43.0, 43.0),
            reach=(-14.0, 9.5),
            into=scatterings,
        ),
        Number(
            what="significance",
            source=_PAPER,
            question=argon,
            unit="sigma",
            value=significance,
            published=(3.5, None, None),
            scale=1.0,
        ),
    ),
    "Counts, backgrounds and distributions are those of the release; the spectrum of recoils is computed here, and the "
    "errors of its shape are held at zero, since the published error is the statistical one.",
)
