"""exp(-i X) of a traceless Hermitian 3 x 3 matrix, written out: real arithmetic, element by element, no decomposition.

One eigenvalue t always stands apart from the other two, -t/2 +- g, which may meet. With Pi the projector on its state
and K = X + t/2 - (3t/2) Pi the rest, K^2 = g^2 (1 - Pi), so

    exp(-i X) = e^{i t/2} [ cos g + (e^{-3 i t/2} - cos g) Pi - i (sin g / g) K ].

cos g and sin g / g are functions of g^2 = tr K^2 / 2, and Pi = adj(X - t) / tr adj(X - t) needs no difference of the
pair: every piece is smooth where the pair meets, and plain differentiation is right there. g^2 from the elements of K,
not from the eigenvalues, keeps a nearly degenerate pair accurate at large phases. Only X near zero has no state apart;
there the exponential is its Taylor series to second order.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

Real = Float[Array, "..."]
Entry = tuple[Real, Real]
"""Real and imaginary part."""
Rows = tuple[tuple[Entry, Entry, Entry], ...]

_TAYLOR_BELOW = 1e-12
"""tr X^2 / 6 below which the Taylor series serves; gradient and Hessian are then good to 1e-12 and 1e-10."""
_SERIES_BELOW = 1e-2
"""g^2 below which cos g and sin g / g are power series."""
_START = (0.86602985, 0.16642902, -0.04600526, 0.01764236, -0.00409941)
"""cos(arccos(c) / 3) on 0 <= c <= 1 as a polynomial in c, to 4e-6: the start of Newton's iteration."""


class Hermitian(NamedTuple):
    """The nine real numbers of a Hermitian matrix: its diagonal, then x + iy above it."""

    d0: Real
    d1: Real
    d2: Real
    x01: Real
    y01: Real
    x02: Real
    y02: Real
    x12: Real
    y12: Real


class Evolution(NamedTuple):
    """exp(-i X) = e^{i phase} S, the entries of S row by row."""

    phase: Real
    S: Rows


def evolution(X: Hermitian) -> Evolution:
    """exp(-i X) for traceless X."""
    q = _half_trace_of_square(X) / 3.0
    tiny = q < _TAYLOR_BELOW
    r = _half_determinant(X)
    t = jnp.where(tiny, 0.0, _isolated_eigenvalue(q, r, tiny))
    # A tiny X has t = 0, K = X, and its adjugate X^2 - 3q itself in the place of the projector.
    adjugate = _adjugate(X, t)
    Pi = _scaled(adjugate, 1.0 / jnp.where(tiny, 1.0, adjugate.d0 + adjugate.d1 + adjugate.d2))
    K = _remainder(X, t, Pi)
    cosine, sinc = _cos_and_sinc(_half_trace_of_square(K))
    u = jnp.where(tiny, -0.5, jnp.cos(1.5 * t) - cosine)
    v = jnp.where(tiny, 0.0, -jnp.sin(1.5 * t))
    return Evolution(jnp.where(tiny, r / 3.0, 0.5 * t), _assembled(cosine, sinc, u, v, K, Pi))


def probabilities(S: Rows) -> tuple[tuple[Real, Real, Real], ...]:
    """P[alpha][beta] = |S[beta][alpha]|^2, as sums of squares: |S| has no second derivative where it vanishes."""
    columns = zip(*S, strict=True)
    return tuple((a[0] ** 2 + a[1] ** 2, b[0] ** 2 + b[1] ** 2, c[0] ** 2 + c[1] ** 2) for a, b, c in columns)


def _half_trace_of_square(X: Hermitian) -> Real:
    diagonal = X.d0**2 + X.d1**2 + X.d2**2
    return 0.5 * diagonal + X.x01**2 + X.y01**2 + X.x02**2 + X.y02**2 + X.x12**2 + X.y12**2


def _half_determinant(X: Hermitian) -> Real:
    m01, m02, m12 = X.x01**2 + X.y01**2, X.x02**2 + X.y02**2, X.x12**2 + X.y12**2
    cycle = (X.x01 * X.x12 - X.y01 * X.y12) * X.x02 + (X.x01 * X.y12 + X.y01 * X.x12) * X.y02
    return 0.5 * (X.d0 * X.d1 * X.d2 - X.d0 * m12 - X.d1 * m02 - X.d2 * m01) + cycle


def _isolated_eigenvalue(q: Real, r: Real, tiny: Bool[Array, "..."]) -> Real:
    """The root of t^3 - 3 q t - 2 r = 0 farthest from the others: t = +-2 sqrt(q) tau, 4 tau^3 - 3 tau = |r| / q^(3/2).

    The right-hand side exceeds 1 by rounding where a pair meets: Newton's iteration does not mind, and a clamp there
    would spoil the second derivative. Two steps square the error of the start and of its derivatives twice.
    """
    q = jnp.where(tiny, 1.0, q)
    root = jnp.where(r < 0.0, -1.0, 1.0) * jnp.sqrt(q)
    c = r / (q * root)
    tau = _START[0] + c * (_START[1] + c * (_START[2] + c * (_START[3] + c * _START[4])))
    for _ in range(2):
        tau = (8.0 * tau**3 + c) / (12.0 * tau**2 - 3.0)
    return 2.0 * root * tau


def _adjugate(X: Hermitian, t: Real) -> Hermitian:
    """adj(X - t)."""
    d0, d1, d2 = X.d0 - t, X.d1 - t, X.d2 - t
    return Hermitian(
        d1 * d2 - X.x12**2 - X.y12**2,
        d0 * d2 - X.x02**2 - X.y02**2,
        d0 * d1 - X.x01**2 - X.y01**2,
        X.x02 * X.x12 + X.y02 * X.y12 - X.x01 * d2,
        X.y02 * X.x12 - X.x02 * X.y12 - X.y01 * d2,
        X.x01 * X.x12 - X.y01 * X.y12 - X.x02 * d1,
        X.x01 * X.y12 + X.y01 * X.x12 - X.y02 * d1,
        X.x01 * X.x02 + X.y01 * X.y02 - X.x12 * d0,
        X.x01 * X.y02 - X.y01 * X.x02 - X.y12 * d0,
    )


def _scaled(X: Hermitian, factor: Real) -> Hermitian:
    return Hermitian(*(factor * x for x in X))


def _remainder(X: Hermitian, t: Real, Pi: Hermitian) -> Hermitian:
    """K = X + t/2 - (3t/2) Pi."""
    diagonal = (x + 0.5 * t - 1.5 * t * p for x, p in zip(X[:3], Pi[:3], strict=True))
    return Hermitian(*diagonal, *(x - 1.5 * t * p for x, p in zip(X[3:], Pi[3:], strict=True)))


def _cos_and_sinc(y: Real) -> Entry:
    """cos g and sin g / g as functions of y = g^2 >= 0, smooth at zero."""
    small = y < _SERIES_BELOW
    z = jnp.where(small, y, 0.0)
    cosine = 1.0 - z / 2.0 * (1.0 - z / 12.0 * (1.0 - z / 30.0 * (1.0 - z / 56.0 * (1.0 - z / 90.0))))
    sinc = 1.0 - z / 6.0 * (1.0 - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0))))
    g = jnp.sqrt(jnp.where(small, 1.0, y))
    return jnp.where(small, cosine, jnp.cos(g)), jnp.where(small, sinc, jnp.sin(g) / g)


def _assembled(cosine: Real, sinc: Real, u: Real, v: Real, K: Hermitian, Pi: Hermitian) -> Rows:
    """S = cosine + (u + i v) Pi - i sinc K."""

    def diagonal(k: Real, p: Real) -> Entry:
        return cosine + u * p, v * p - sinc * k

    def pair(kx: Real, ky: Real, px: Real, py: Real) -> tuple[Entry, Entry]:
        even, odd = (u * px, v * px - sinc * kx), (sinc * ky - v * py, u * py)
        return (even[0] + odd[0], even[1] + odd[1]), (even[0] - odd[0], even[1] - odd[1])

    S00, S11, S22 = (diagonal(k, p) for k, p in zip(K[:3], Pi[:3], strict=True))
    S01, S10 = pair(K.x01, K.y01, Pi.x01, Pi.y01)
    S02, S20 = pair(K.x02, K.y02, Pi.x02, Pi.y02)
    S12, S21 = pair(K.x12, K.y12, Pi.x12, Pi.y12)
    return (S00, S01, S02), (S10, S11, S12), (S20, S21, S22)
