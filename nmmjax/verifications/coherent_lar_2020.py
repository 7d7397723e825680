"""COHERENT on argon: how many scatterings, and how significant they are."""

from nmmjax.experiments import CoherentLAr2020
from nmmjax.fit import Fit
from nmmjax.verifications._claims import Verification
from nmmjax.verifications._coherent import claims, free_signal

_PAPER = "D. Akimov et al. (COHERENT), Phys. Rev. Lett. 126, 012002 (2021), arXiv:2003.10630, table I, analysis A"


def argon() -> Fit:
    """The number of scatterings is free."""
    return free_signal(CoherentLAr2020.load())


VERIFICATION = Verification(
    CoherentLAr2020,
    claims(argon, _PAPER, "argon", published=(159.0, 43.0, 43.0), reach=(-14.0, 9.5), sigmas=3.5),
    "Counts, backgrounds and distributions are those of the release; the spectrum of recoils is computed here, and the "
    "errors of its shape are held at zero, since the published error is the statistical one.",
)
