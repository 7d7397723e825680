"""SNO, all phases: two flavors."""

import numpyro.distributions as dist

from nmmjax.experiments import Sno2013
from nmmjax.fit import Fit
from nmmjax.low_energy import Neutrinos
from nmmjax.verifications._claims import Interval, Verification
from nmmjax.verifications._mixing import solar

_PAPER = "B. Aharmim et al. (SNO), Phys. Rev. C 88, 025501 (2013), arXiv:1109.0763, abstract"


def two_flavors(dm21: float, tan2_theta12: float) -> Neutrinos:
    """theta13 = 0, in the coordinates of the paper, dm21 in 1e-5 eV^2."""
    return solar(dm21, tan2_theta12, 0.0)


def sno() -> Fit:
    """SNO alone, in the region of large mixing."""
    priors = {"dm21": dist.Uniform(1.5, 20.0), "tan2_theta12": dist.Uniform(0.2, 0.8)}
    return Fit(two_flavors, (Sno2013.load(),), priors)


VERIFICATION = Verification(
    Sno2013,
    (
        Interval(
            what="dm21, two flavors",
            source=_PAPER,
            question=sno,
            unit="1e-5 eV^2",
            name="dm21",
            symbol=r"$\Delta m^2_{21}$ [$10^{-5}$ eV$^2$]",
            published=(5.6, 1.9, 1.4),
            reach=(2.5, 12.0),
        ),
        Interval(
            what="tan^2 theta12, two flavors",
            source=_PAPER,
            question=sno,
            name="tan2_theta12",
            symbol=r"$\tan^2\theta_{12}$",
            published=(0.427, 0.033, 0.029),
            reach=(0.32, 0.58),
        ),
    ),
    "From the polynomials of the survival probability that SNO publishes for this use; the flux of 8B is free within "
    "the error of the solar model here, and free in the paper.",
)
