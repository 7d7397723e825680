"""TEXONO: what the rate of scattering on electrons says of the weak mixing angle, of a moment and of a radius."""

import math

import numpy as np
import numpyro.distributions as dist
from jaxtyping import Float

from nmmjax.constants import PDG_2026
from nmmjax.experiments import Texono2010
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy
from nmmjax.models import ChargeRadii
from nmmjax.priors import FlatInSquare
from nmmjax.verifications._claims import Interval, Limit, Solution, Verification
from nmmjax.verifications._xenon import moment

_PAPER = "M. Deniz et al. (TEXONO), Phys. Rev. D 81, 072001 (2010), arXiv:0911.1597, abstract"
_SIN2 = 0.23863
"""sin^2 theta_W that the experiment takes."""


def _radius(r2: float) -> LowEnergy:
    """A charge radius of nu_e [1e-32 cm^2]."""
    return ChargeRadii(1e-32 * r2).low_energy()


def radius() -> Fit:
    """The radius of nu_e is free, on the side where the weak coupling keeps its sign."""
    return Fit(_radius, (Texono2010.load(),), {"r2": dist.Uniform(-20.0, 30.0)})


def solar_moment() -> Fit:
    """A moment in units of 1e-11 mu_B, flat in its square."""
    return Fit(moment, (Texono2010.load(),), {"mu": FlatInSquare(60.0)})


def angle(solution: Solution, r2: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """sin^2 theta_W that moves g_V as much as a radius does: by half of sqrt(2) pi alpha <r^2> / 3 G_F."""
    del solution
    gev_squared = 1e-32 / (PDG_2026.hbar_c * 1e-16) ** 2  # hbar c in MeV fm, 1e-16 GeV cm
    unit = math.sqrt(2.0) * math.pi * PDG_2026.fine_structure / (3.0 * PDG_2026.fermi_constant) * gev_squared
    return _SIN2 + 0.5 * unit * np.asarray(r2)


VERIFICATION = Verification(
    Texono2010,
    (
        Interval(
            what="sin^2 theta_W",
            source=_PAPER,
            question=radius,
            name="r2",
            symbol=r"$\sin^2\theta_W$",
            published=(0.251, math.hypot(0.031, 0.024), math.hypot(0.031, 0.024)),
            reach=(-9.0, 10.0),
            into=angle,
        ),
        Interval(
            what="charge radius of nu_e, interval of 90 %",
            source=f"{_PAPER}; twice what is printed, in the normalization used here",
            question=radius,
            unit="1e-32 cm^2",
            name="r2",
            symbol=r"$\langle r^2_{\nu_e}\rangle$ [$10^{-32}$ cm$^2$]",
            published=(1.2, 5.4, 5.4),
            confidence=0.9,
            ends=True,
            reach=(-9.0, 10.0),
        ),
        Limit(
            what="magnetic moment of nu_e below, 90 %",
            source=_PAPER,
            question=solar_moment,
            unit="1e-11 mu_B",
            name="mu",
            symbol=r"$\mu_{\nu_e}$ [$10^{-11}$ $\mu_B$]",
            published=22.0,
            reach=(0.1, 35.0),
        ),
    ),
    "The paper fits the spectrum of recoils, here the total rate is all that is known. The limit on the moment lies at "
    "Delta chi^2 = 2.71.",
)
