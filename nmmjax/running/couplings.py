"""The couplings that run, their values at the mass of the Z, and a coordinate of scales in which they run smoothly."""

import functools
import math
from typing import NamedTuple, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax.numerics.arrays import Real
from nmmjax.tables import read_table

Z_MASS = 91.1876
"""[GeV]: where the couplings are given, and the lowest scale there is."""
PLANCK_SCALE = 1e19
"""[GeV]: the highest scale."""
LOOP = 1.0 / (16.0 * math.pi**2)
_HIGGS = 246.0
"""v [GeV] of the running masses in the table."""
_STRETCH = 7.7
"""ln(M_Z / mu) where g_3 diverges at one loop."""


class Couplings(NamedTuple):
    """Squares of couplings at one scale; quarks and charged leptons from the lightest to the heaviest."""

    gauge: Float[Array, "3"]
    """g_1^2, g_2^2, g_3^2, with g_1^2 = (5/3) g'^2 as in grand unification."""
    up: Float[Array, "3"]
    """y^2 of u, c, t."""
    down: Float[Array, "3"]
    """y^2 of d, s, b."""
    lepton: Float[Array, "3"]
    """y^2 of e, mu, tau."""
    quartic: Float[Array, ""]
    """lambda of V = (lambda / 4) (phi^dagger phi)^2, m_H^2 = lambda v^2 / 2; 0 where gauge couplings stand for it."""

    @classmethod
    def measured(cls) -> Self:
        """Those of the Standard Model at M_Z, MS-bar [Huang and Zhou, Phys. Rev. D 103, 016010 (2021)]."""
        return cls(*map(jnp.asarray, _measured()))


@functools.cache
def _measured() -> tuple[np.ndarray, ...]:
    table = read_table("standard_model_couplings")
    value = dict(zip(table["quantity"].tolist(), table["value"].tolist(), strict=True))
    gauge = np.array([math.sqrt(5.0 / 3.0) * value["g_prime"], value["g_2"], value["g_3"]]) ** 2
    names = (("u", "c", "t"), ("d", "s", "b"), ("e", "mu", "tau"))
    masses = np.array([[value[name] for name in row] for row in names])
    return gauge, *(2.0 * (masses / _HIGGS) ** 2), np.array(4.0 * value["quartic"])


def check_scale(argument: str, scale: ArrayLike) -> Real:
    """A scale [GeV] at which couplings are known to run as they do here, as one number."""
    number = _checks.one_number(argument, scale)
    _checks.check_range(argument, number, low=Z_MASS, high=PLANCK_SCALE, unit="GeV")
    return number


def place_of(t: Real) -> Real:
    """ln(7.7 + t) of t = ln(mu / M_Z).

    g_3^2 goes as 1 / (7.7 + t) and all else in powers of it or more slowly: in this coordinate couplings are
    exponentials, which few steps follow, where in t the steps at M_Z would have to be short.
    """
    return jnp.log(_STRETCH + t)


def time(x: Real) -> Real:
    """t = ln(mu / M_Z) at a place."""
    return jnp.exp(x) - _STRETCH


def pace(x: Real) -> Real:
    """dt / dx."""
    return jnp.exp(x)


def gauge_at(gauge: Float[Array, "3"], growth: Float[np.ndarray, "3"], t: Real) -> Float[Array, "3"]:
    """g^2 after t of d g^2 / dt = 2 b g^4 / (16 pi^2): g^2 / (1 - 2 b g^2 t / 16 pi^2)."""
    return gauge / (1.0 - 2.0 * LOOP * growth * gauge * t)
