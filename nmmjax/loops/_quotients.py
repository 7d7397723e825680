"""Quotients that are regular where their denominators vanish, at t = 1, and at t = 0 as far as their limits exist.

Each is an integral over a Feynman parameter, int_0^1 p(x) dx / (1 - (1-t) x) with a polynomial p: near t = 1 it is
summed by a Gauss rule, elsewhere the closed form holds. Terms t^n ln t vanish at t = 0; there their derivatives, which
may diverge, are taken without the logarithm.
"""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from nmmjax.numerics.arrays import Real
from nmmjax.numerics.quadrature import gauss_legendre_mean

_NEAR = (0.3, 3.0)
X, _WEIGHTS = gauss_legendre_mean(16)
"""The Feynman parameter: for t in _NEAR the pole of the integrand leaves an error below 1e-17."""
_PLACE, _MEAN = gauss_legendre_mean(6)
"""For a mean over ln t on an interval below ln 2: the poles of phi, 2 pi off the axis, leave an error below 1e-18."""


def regular(t: Real, numerator: np.ndarray, closed: Callable[[Real], Real]) -> Real:
    """Integral int_0^1 p(x) dx / (1 - (1-t) x), p on the nodes X: by these near t = 1, in closed form elsewhere."""
    near = (t > _NEAR[0]) & (t < _NEAR[1])
    d = jnp.where(near, 1.0 - t, 0.0)[..., None]
    return jnp.where(near, jnp.sum(_WEIGHTS * numerator / (1.0 - d * X), axis=-1), closed(jnp.where(near, 4.0, t)))


def log_of(t: Real) -> Real:
    """Logarithm ln t; zero, with zero derivative, at t = 0."""
    return jnp.log(jnp.where(t > 0.0, t, 1.0))


def log_quotient(t: Real) -> Real:
    """Quotient ln t / (t - 1)."""
    return regular(t, np.ones_like(X), lambda t: log_of(t) / (t - 1.0))


def entropy(t: Real) -> Real:
    """Function h = t ln t / (t - 1), which grows from 0 as -t ln t, is 1 at t = 1 and ln t + ln t / t for large t."""
    return t * log_quotient(t)


def entropy_slope(t: Real) -> Real:
    """Function phi(t) = (1 - t + t ln t) / (1 - t)^2, the derivative of h(1/t) with respect to ln(1/t)."""
    return regular(t, 1.0 - X, lambda t: (1.0 - t + t * log_of(t)) / (1.0 - t) ** 2)


def entropy_difference(x: Real, y: Real, z: Real) -> Real:
    """Quotient [h(x/z) - h(y/z)] / (x - y) of squared masses, of which one may be zero, or x and y.

    Near x = y it is ln(x/y) / (x - y) times the mean of phi(z/w) over ln w between ln x and ln y.
    """
    near = (x < 2.0 * y) & (y < 2.0 * x)
    mean = _mean_slope(jnp.where(near, x, 1.0), jnp.where(near, y, 1.0), jnp.where(near, z, 1.0))
    return jnp.where(near, mean, _difference(jnp.where(near, 2.0, x), jnp.where(near, 1.0, y), jnp.where(near, 1.0, z)))


def _mean_slope(x: Real, y: Real, z: Real) -> Real:
    slopes = entropy_slope((z / y)[..., None] * jnp.exp(-jnp.log(x / y)[..., None] * _PLACE))
    return log_quotient(x / y) / y * (slopes @ _MEAN)


def _difference(x: Real, y: Real, z: Real) -> Real:
    """[h(x/z) - h(y/z)] / (x - y) by h(x/z) = ln(M/z) + h(m/M), M and m the larger and the smaller of x and z."""
    larger_x, smaller_x = ordered(x, z)
    larger_y, smaller_y = ordered(y, z)
    both = (x <= z) & (y <= z)  # a logarithm of exactly one, whose derivatives only round to zero
    logarithm = jnp.where(both, 0.0, jnp.log(jnp.where(both, 1.0, larger_x / jnp.where(both, 1.0, larger_y))))
    difference = logarithm + entropy(smaller_x / larger_x) - entropy(smaller_y / larger_y)
    return difference / jnp.where(x == y, 1.0, x - y)


def ordered(x: Real, y: Real) -> tuple[Real, Real]:
    """The larger and the smaller of x and y, by one predicate, so that symmetric functions keep all derivatives."""
    swapped = x > y
    return jnp.where(swapped, x, y), jnp.where(swapped, y, x)
