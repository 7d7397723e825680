"""exp(-i X) of a traceless Hermitian 3 x 3 matrix, written out: real arithmetic, element by element, no decomposition.

One eigenvalue t always stands apart from the other two, -t/2 +- g, which may meet. With A = adj(X - t), the projector
A / tr A on its state, and the rest K = X + t/2 - (3t/2) A / tr A, for which K^2 = g^2 (1 - A / tr A),

    exp(-i X) = e^{i t/2} [ cos g + (e^{-3 i t/2} - cos g) A / tr A - i (sin g / g) K ].

cos g and sin g / g are functions of g^2 = tr K^2 / 2, and A needs no difference of the pair: every piece is smooth
where the pair meets, and plain differentiation is right there. g^2 from the elements of K, not from the eigenvalues,
keeps a nearly degenerate pair accurate at large phases. Only X near zero has no state apart; there the exponential is
its Taylor series to second order.

Speed: XLA repeats an operation in every use of its result unless it is as costly as a division, and the repetitions
multiply from step to step, in derivatives above all. So what several entries share ends in a division, or in `_once`.
The eigenvalue has a rule of its own: differentiating its polynomials term by term is right as well, but long.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.numerics.trigonometry import polynomial, sine2_and_sinc, sine2_and_sine_cosine

Real = Float[Array, "..."]
Entry = tuple[Real, Real]
"""Real and imaginary part."""
Rows = tuple[tuple[Entry, ...], ...]

_TAYLOR_BELOW = 1e-12
"""tr X^2 / 6 below which the Taylor series serves; gradient and Hessian are then good to 1e-12 and 1e-10."""
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
    X = Hermitian(*map(_once, X))
    q, r = _once(_half_trace_of_square(X) / 3.0), _once(_half_determinant(X))
    tiny = q < _TAYLOR_BELOW
    t = _once(isolated_eigenvalue(q, r))
    # A tiny X has t = 0, K = X, and X^2 - 3q itself in the place of the projector.
    A = Hermitian(*map(_once, _adjugate(X, t)))
    trace = _once(jnp.where(tiny, 1.0, A.d0 + A.d1 + A.d2))
    K = Hermitian(*map(_once, _remainder(X, t, _once(1.5 * t / trace), A)))
    sine2_pair, sinc = map(_once, sine2_and_sinc(_once(_half_trace_of_square(K))))
    sine2, sine_cosine = map(_once, sine2_and_sine_cosine(0.75 * t))
    u = _once(jnp.where(tiny, -0.5, 2.0 * (sine2_pair - sine2)) / trace)
    v = _once(jnp.where(tiny, 0.0, -2.0 * sine_cosine) / trace)
    return Evolution(jnp.where(tiny, r / 3.0, 0.5 * t), _assembled(1.0 - 2.0 * sine2_pair, sinc, u, v, K, A))


def probabilities(S: Rows) -> tuple[tuple[Real, ...], ...]:
    """P[alpha][beta] = |S[beta][alpha]|^2, as sums of squares: |S| has no second derivative where it vanishes."""
    return tuple(tuple(x**2 + y**2 for x, y in column) for column in zip(*S, strict=True))


def with_third_column(S: Rows) -> Rows:
    """A unitary matrix from two of its columns; the third, (a x b)^*, but for a phase."""
    (a0, b0), (a1, b1), (a2, b2) = S
    third = (_minor(a1, b1, a2, b2), _minor(a2, b2, a0, b0), _minor(a0, b0, a1, b1))
    return tuple((*row, entry) for row, entry in zip(S, third, strict=True))


def _minor(a: Entry, b: Entry, c: Entry, d: Entry) -> Entry:
    """(a d - b c)^*."""
    return (
        a[0] * d[0] - a[1] * d[1] - b[0] * c[0] + b[1] * c[1],
        b[0] * c[1] + b[1] * c[0] - a[0] * d[1] - a[1] * d[0],
    )


def product(S: Rows, T: Rows) -> Rows:
    """S T; T may have fewer columns."""
    columns = tuple(zip(*T, strict=True))
    return tuple(tuple(_dot(row, column) for column in columns) for row in S)


def _dot(row: tuple[Entry, ...], column: tuple[Entry, ...]) -> Entry:
    (a, b), (c, d) = zip(*row, strict=True), zip(*column, strict=True)
    x = a[0] * c[0] - b[0] * d[0] + a[1] * c[1] - b[1] * d[1] + a[2] * c[2] - b[2] * d[2]
    return x, a[0] * d[0] + b[0] * c[0] + a[1] * d[1] + b[1] * c[1] + a[2] * d[2] + b[2] * c[2]


@jax.custom_jvp
def _once(x: Real) -> Real:
    """The same x; where derivatives are taken, x and its tangent are computed once for all their uses."""
    return x


@_once.defjvp
def _once_jvp(primals: tuple[Real], tangents: tuple[Real]) -> tuple[Real, Real]:
    one = jax.lax.optimization_barrier(jnp.ones((), primals[0].dtype))  # or the division would be simplified away
    return primals[0] / one, tangents[0] / one


def _half_trace_of_square(X: Hermitian) -> Real:
    diagonal = X.d0**2 + X.d1**2 + X.d2**2
    return 0.5 * diagonal + X.x01**2 + X.y01**2 + X.x02**2 + X.y02**2 + X.x12**2 + X.y12**2


def _half_determinant(X: Hermitian) -> Real:
    m01, m02, m12 = X.x01**2 + X.y01**2, X.x02**2 + X.y02**2, X.x12**2 + X.y12**2
    cycle = (X.x01 * X.x12 - X.y01 * X.y12) * X.x02 + (X.x01 * X.y12 + X.y01 * X.x12) * X.y02
    return 0.5 * (X.d0 * X.d1 * X.d2 - X.d0 * m12 - X.d1 * m02 - X.d2 * m01) + cycle


@jax.custom_jvp
def isolated_eigenvalue(q: Real, r: Real) -> Real:
    """The root of t^3 - 3 q t - 2 r = 0 farthest from the others: t = +-2 sqrt(q) tau, 4 tau^3 - 3 tau = |r| / q^(3/2).

    The right-hand side exceeds 1 by rounding where a pair meets: Newton's iteration does not mind. Zero for tiny q.
    """
    tiny = q < _TAYLOR_BELOW
    q = jnp.where(tiny, 1.0, q)
    root = jnp.where(r < 0.0, -1.0, 1.0) * jnp.sqrt(q)
    c = r / (q * root)
    tau = (8.0 * polynomial(_START, c) ** 3 + c) / (12.0 * polynomial(_START, c) ** 2 - 3.0)
    return jnp.where(tiny, 0.0, 2.0 * root * (8.0 * tau**3 + c)) / (12.0 * tau**2 - 3.0)


@isolated_eigenvalue.defjvp
def _isolated_eigenvalue_jvp(primals: Entry, tangents: Entry) -> Entry:
    q, r = primals
    t = isolated_eigenvalue(q, r)
    tiny = q < _TAYLOR_BELOW
    scale = jnp.where(tiny, 0.0, 1.0) / jnp.where(tiny, 1.0, t**2 - q)
    return t, scale * (t * tangents[0] + (2.0 / 3.0) * tangents[1])


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


def _remainder(X: Hermitian, t: Real, factor: Real, A: Hermitian) -> Hermitian:
    """K = X + t/2 - factor A."""
    diagonal = (x + 0.5 * t - factor * a for x, a in zip(X[:3], A[:3], strict=True))
    return Hermitian(*diagonal, *(x - factor * a for x, a in zip(X[3:], A[3:], strict=True)))


def _assembled(cosine: Real, sinc: Real, u: Real, v: Real, K: Hermitian, A: Hermitian) -> Rows:
    """S = cosine + (u + i v) A - i sinc K."""

    def diagonal(k: Real, a: Real) -> Entry:
        return cosine + u * a, v * a - sinc * k

    def pair(kx: Real, ky: Real, ax: Real, ay: Real) -> tuple[Entry, Entry]:
        even, odd = (u * ax, v * ax - sinc * kx), (sinc * ky - v * ay, u * ay)
        return (even[0] + odd[0], even[1] + odd[1]), (even[0] - odd[0], even[1] - odd[1])

    S00, S11, S22 = (diagonal(k, a) for k, a in zip(K[:3], A[:3], strict=True))
    S01, S10 = pair(K.x01, K.y01, A.x01, A.y01)
    S02, S20 = pair(K.x02, K.y02, A.x02, A.y02)
    S12, S21 = pair(K.x12, K.y12, A.x12, A.y12)
    return (S00, S01, S02), (S10, S11, S12), (S20, S21, S22)
