"""Difference of two self-energies in Euclidean momenta, with its derivatives; masses may be equal, far apart or zero.

    D(K; b, c) = [B0(-K; b, c) - B0(-K; 1, c)] / (1 - b),    b, c >= 0 squared masses in units of the first one's.

B0(-K; m^2, c) = const - ln K - g(u) - g(y) with g(x) = (1 + x) ln(1 + x) - x ln x and the positive solutions of
u (1 + y) = m^2 / K, y (1 + u) = c / K. For the lighter (u, y) and the heavier (U, Y) of the two masses, d their
difference in m^2 and Q = 1 / [K (1 + u + Y)],

    U - u = d (1 + u) Q,    y - Y = d Y Q,    q = (1 + u) Q / (1 + U),
    D = (1 + Y) ln(1 + d r) / d - Y Q ln(1 + 1/y) + (1 + u) Q ln(1 + 1/U) - u ln(1 + d q/u) / d,    r = Q / (1 + y).

It is symmetric in the two, and d may vanish.
"""

from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp

from nmmjax.numerics.arrays import Real
from nmmjax.numerics.trigonometry import polynomial

_ZERO = 1e-100
"""Added to b: u stays positive, so that the derivative of u ln u is finite where b vanishes."""
_NEAR = 0.2
"""Below, ln(1 + x) / x is a series in x / (2 + x), cut at 1e-17."""
_ODD = tuple(1.0 / (2 * k + 1) for k in range(8))
_ODD_SLOPE = tuple(2 * k / (2 * k + 1) for k in range(1, 8))


@jax.custom_jvp
def self_energy_difference(K: Real, b: Real, c: Real) -> Real:
    """D(K; b, c) on constant K, with derivatives in b and c.

    They are elements of one array for each order, found forwards: of two calls the compiler keeps one, and a Hessian
    evaluates them once for all its directions.
    """
    return _to_first_order(K, b, c)[0]


@self_energy_difference.defjvp
def _self_energy_difference_jvp(primals: tuple[Real, ...], tangents: tuple[Real, ...]) -> tuple[Real, Real]:
    value, by_b, by_c = _first_order(*primals)
    _, db, dc = tangents
    return value, by_b * db + by_c * dc


@jax.custom_jvp
def _first_order(K: Real, b: Real, c: Real) -> tuple[Real, Real, Real]:
    """D, its derivative in b and that in c."""
    return _to_first_order(K, b, c)


@_first_order.defjvp
def _first_order_jvp(
    primals: tuple[Real, ...], tangents: tuple[Real, ...]
) -> tuple[tuple[Real, Real, Real], tuple[Real, Real, Real]]:
    K, b, c = primals
    _, db, dc = tangents
    (value, by_b, by_c), (_, by_bb, by_bc) = _forward(lambda b: _to_first_order(K, b, c), b)
    by_cc = _forward(lambda c: _to_first_order(K, b, c)[2], c)[1]
    return (value, by_b, by_c), (by_b * db + by_c * dc, by_bb * db + by_bc * dc, by_bc * db + by_cc * dc)


def _forward(f: Any, x: Real) -> tuple[Any, Any]:
    """f and its derivative at x, element by element."""
    return jax.jvp(f, (x,), (jnp.ones_like(x),))


class _Roots(NamedTuple):
    """Of one mass: m^2, u and y."""

    mass: Real
    u: Real
    y: Real

    @classmethod
    def of(cls, K: Real, mass: Real, c: Real) -> Self:
        """u from K u^2 + A u = m^2 without cancellation; then y."""
        A, root = K + (c - mass), jnp.sqrt((c - mass) ** 2 + K * (K + 2.0 * (c + mass)))
        rising = A >= 0.0
        total = jnp.where(rising, A, -A) + root
        u = jnp.where(rising, 2.0 * mass / total, total / (2.0 * K))
        return cls(mass, u, c / K / (1.0 + u))

    def chosen(self, these: Real, other: Self) -> Self:
        """These elements, and the other's elsewhere."""
        return type(self)(*(jnp.where(these, mine, its) for mine, its in zip(self, other, strict=True)))

    def along(self, K: Real, by_u: Real, by_y: Real) -> tuple[Real, Real]:
        """Derivatives in the mass and in c, of those in u and y: du/dm^2 = (1 + u) / S, dy/dm^2 = -y / S."""
        over_S = 1.0 / (K * (1.0 + self.u + self.y))
        by_mass = (1.0 + self.u) * by_u - self.y * by_y
        return by_mass * over_S, ((1.0 + self.y) * by_y - self.u * by_u) * over_S


def _to_first_order(K: Real, b: Real, c: Real) -> tuple[Real, Real, Real]:
    """D and its derivatives in b and c, written out: it takes a third of the time of autodiff's."""
    b = b + _ZERO
    given, one, heavy = _Roots.of(K, b, c), _Roots.of(K, jnp.ones(()), c), b > 1.0
    lower, upper = one.chosen(heavy, given), given.chosen(heavy, one)
    value, by_lower, by_upper, by_d = _partial_derivatives(K, c, lower, upper)
    in_lower, in_c = lower.along(K, *by_lower)
    in_upper, in_c_too = upper.along(K, *by_upper)
    return value, jnp.where(heavy, in_upper + by_d, in_lower - by_d), in_c + in_c_too


def _partial_derivatives(
    K: Real, c: Real, lower: _Roots, upper: _Roots
) -> tuple[Real, tuple[Real, Real], tuple[Real, Real], Real]:
    """D; its partial derivatives in u and y, in U and Y, and in d, as if these were independent."""
    (light, u, y), (heavy, U, Y) = lower, upper
    per_u, per_y, per_U = K * (1.0 + y) / light, K * (1.0 + u) / c, K * (1.0 + Y) / heavy
    Q, log_y, log_U = 1.0 / (K * (1.0 + u + Y)), jnp.log1p(per_y), jnp.log1p(per_U)
    r, q, d = Q / (1.0 + y), (1.0 + u) * Q / (1.0 + U), heavy - light
    x, z = _Logarithm.of(d * r), _Logarithm.of(d * q * per_u)
    value = (1.0 + Y) * r * x.mean - Y * Q * log_y + (1.0 + u) * Q * log_U - q * z.mean
    for_y, for_U = (1.0 + Y) / (1.0 + y) * x.slope, log_U - z.slope / (1.0 + U)
    through_Q = -K * Q**2 * (for_y - Y * log_y + (1.0 + u) * for_U)
    by_u = through_Q + Q * for_U + q * per_u * (z.slope - z.mean)
    by_y = r * (Y * per_y - for_y)
    by_U = q * (z.slope / (1.0 + U) - per_U)
    by_Y = through_Q + r * x.mean - Q * log_y
    return value, (by_u, by_y), (by_U, by_Y), (1.0 + Y) * r**2 * x.bend - q**2 * per_u * z.bend


class _Logarithm(NamedTuple):
    """Of 1 + x, x >= 0."""

    slope: Real
    """1 / (1 + x)."""
    mean: Real
    """ln(1 + x) / x, the mean slope from 0 to x."""
    bend: Real
    """The derivative of the mean, (slope - mean) / x."""

    @classmethod
    def of(cls, x: Real) -> Self:
        """By the logarithm, or near x = 0 by the series of artanh t."""
        near, slope = x < _NEAR, 1.0 / (1.0 + x)
        t, far = jnp.where(near, x, 0.0) / (2.0 + x), jnp.where(near, 1.0, x)
        series = polynomial(_ODD, t**2)
        bend = 0.5 * (1.0 - t) ** 2 * (t * (1.0 - t) * polynomial(_ODD_SLOPE, t**2) - series)
        mean = jnp.where(near, (1.0 - t) * series, jnp.log1p(x) / far)
        return cls(slope, mean, jnp.where(near, bend, (slope - mean) / far))
