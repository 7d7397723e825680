"""Red giants: the limit that the tip of the branch in M5 sets."""

from functools import partial

from nmmjax.experiments import RedGiants2020
from nmmjax.experiments.red_giants_2020 import M5
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy
from nmmjax.models import ThreeFlavor, TransitionMoments
from nmmjax.priors import FlatInSquare
from nmmjax.verifications._claims import ONE_SIGMA, Limit, Verification

_PAPER = "N. Viaux et al., Phys. Rev. Lett. 111, 231301 (2013), arXiv:1308.4627, abstract"


def _transition(mu: float) -> LowEnergy:
    """A transition moment in units of 1e-12 mu_B."""
    return TransitionMoments(lambda_etau=1e-12 * mu, origin=ThreeFlavor.benchmark()).low_energy()


def tip_of_m5() -> Fit:
    """The moment is free, flat in its square."""
    return Fit(_transition, (RedGiants2020.load(M5()),), {"mu": FlatInSquare(8.0)})


_limit = partial(
    Limit,
    source=_PAPER,
    question=tip_of_m5,
    unit="1e-12 mu_B",
    name="mu",
    symbol=r"$\mu_\nu$ [$10^{-12}$ $\mu_B$]",
    reach=(1.0, 7.0),
)

VERIFICATION = Verification(
    RedGiants2020,
    (
        _limit(what="moment below, 95 %, M5", published=4.5, confidence=0.95, height=4.0),
        _limit(what="moment below, 68 %, M5", published=2.6, confidence=ONE_SIGMA),
    ),
    "Of the stars that may be chosen M5 alone is computed from magnitudes: the limits of NGC 4258, omega Centauri and "
    "of globular clusters are the likelihood itself. The tip is brighter than without a moment by 1.2 standard "
    "deviations; the 95 % of the paper are its two.",
)
