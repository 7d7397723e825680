"""Red giants that lose energy: helium ignites later, in a heavier core, and brighter."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax._public import public
from nmmjax.numerics.arrays import RealLike
from nmmjax.stars._numbers import not_negative

_UNIT_MOMENT = 1e-12
"""[mu_B] in which shifts of stars are written."""
_LARGEST_CORE_SHIFT, _LARGEST_TIP_SHIFT = 1.5e-11, 1.36e-11
"""Moments beyond which the formulas of shifts turn back [mu_B]."""


@public
def core_mass_shift(moment: RealLike) -> Float[Array, "..."]:
    """By how much the helium core of a red giant is heavier when it ignites [M_sun]:

        dM = 0.025 [sqrt(mu_12^2 + 1) - 1 - 0.17 mu_12^1.5],   mu_12 = mu / 1e-12 mu_B.

    A fit to evolution codes, G. G. Raffelt and A. Weiss, Astron. Astrophys. 264, 536 (1992), quoted from memory; for
    mu_12 below about 5 (beyond 15 it falls again). Stellar parameters are held fixed in it.
    """
    x = not_negative("moment", moment, high=_LARGEST_CORE_SHIFT, unit="mu_B") / _UNIT_MOMENT
    return 0.025 * (jnp.sqrt(x**2 + 1.0) - 1.0 - 0.17 * x**1.5)


@public
def tip_shift(moment: RealLike) -> Float[Array, "..."]:
    """By how much the tip of the red-giant branch moves in the I band [mag], negative: brighter:

        dM_I = -0.23 [sqrt(mu_12^2 + 0.64) - 0.80 - 0.18 mu_12^1.5],   mu_12 = mu / 1e-12 mu_B.

    N. Viaux et al., Phys. Rev. Lett. 111, 231301 (2013), 1308.4627, quoted from memory: with the magnitudes printed
    there for M5, -4.17 +- 0.13 observed and -3.99 +- 0.07 computed, it returns their limit of 4.5e-12 mu_B at 95 % to
    1 %. For mu_12 below about 5 (beyond 13.6 it turns back). Disputed: with stellar parameters free, N. Franz, M.
    Dennis and J. Sakstein, 2307.13050, find no bound up to 6e-12 mu_B.
    """
    x = not_negative("moment", moment, high=_LARGEST_TIP_SHIFT, unit="mu_B") / _UNIT_MOMENT
    return -0.23 * (jnp.sqrt(x**2 + 0.64) - 0.80 - 0.18 * x**1.5)
