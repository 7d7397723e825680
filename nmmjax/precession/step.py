"""One step of the evolution under H = X + D_1 t + D_2 (t^2 - 1/12), t from -1/2 to 1/2: see `precession.evolution`.

The value is computed in the eigenbasis of X; derivatives are those of matrix functions, which have no eigenvectors.
"""

import functools
from math import factorial

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex

from nmmjax.numerics import hermitian
from nmmjax.numerics.arrays import Real
from nmmjax.numerics.projectors import product
from nmmjax.numerics.ruled import Ruled
from nmmjax.numerics.spectral import Smooth, SpectralFunction

Matrix = Complex[Array, "... n n"]
_First = Complex[Array, "n n ..."]

_LARGEST = 2.0
"""The norm of M beyond which a step is not to be trusted."""
_SQUARINGS, _TERMS = 4, 10
"""Of the exponential of a matrix of norm 2: 3e-18."""
_HIGHEST, _SMALL, _SERIES = 5, 2.0, 10
"""Spherical Bessel functions up to this order; below this argument by series of so many terms: 4e-17."""
_NEAR = 1.0 / 32.0
"""The distance between their arguments below which a divided difference is not a quotient."""


@Ruled
def step_operator(X: Matrix, D_1: Matrix, D_2: Matrix) -> Matrix:
    """S of the step, of Hermitian matrices (..., n, n) that are dimensionless; NaN where M is too large."""
    w, V = jnp.linalg.eigh(X)
    D = jnp.stack(jnp.broadcast_arrays(D_1, D_2))
    w, V, D = jnp.moveaxis(w, -1, 0), *(jnp.moveaxis(A, (-2, -1), (0, 1)) for A in (V, D))
    inverse = _adjoint(V)
    turned = product(inverse[:, :, None], product(D, V[:, :, None]))
    j = _bessel(0.5 * (w[:, None] - w[None, :]))
    weights = jnp.stack([0.5j * j[1], -1.0 / 6.0 * j[2]], 2)
    M = jnp.sum(weights * turned, 2)  # a sum over an axis, or XLA would compute M anew in each product with it
    half = V * jnp.exp(-0.5j * w)
    conjugate = jnp.exp(-0.5j * w)[:, None] * inverse
    S = product(half, product(_exponential(M), conjugate))
    norm = jnp.sqrt(jnp.sum(M.real**2 + M.imag**2, (0, 1)))
    return jnp.moveaxis(jnp.where(norm <= _LARGEST, S, jnp.nan), (0, 1), (-2, -1))


@step_operator.defjvp
def _step_jvp(primals: tuple[Matrix, Matrix, Matrix], tangents: tuple[Matrix | None, ...]) -> tuple[Matrix, Matrix]:
    moves = [jnp.zeros_like(p) if t is None else t for p, t in zip(primals, tangents, strict=True)]
    # A reverse pass keeps the three matrices of a step, not the far larger coefficients of its derivative.
    function = jax.checkpoint(_by_matrix_functions, prevent_cse=False)
    return step_operator(*primals), jax.jvp(function, primals, tuple(moves))[1]


def _by_matrix_functions(X: Matrix, D_1: Matrix, D_2: Matrix) -> Matrix:
    """The same S."""
    from_slope = hermitian.hadamard(X, 0.5j * D_1, SphericalBessel(1))
    M = from_slope + hermitian.hadamard(X, -1.0 / 6.0 * D_2, SphericalBessel(2))
    half = hermitian.exp_minus_i(X, 0.5)
    return half @ hermitian.exp_minus_i(0.5 * (M + hermitian.adjoint(M)), 1.0) @ half


class SphericalBessel(SpectralFunction):
    """f(x) = j_n(x/2), n = 1 or 2.

    i j_1(x/2) / 2 is the integral of t e^{ixt} over the step, -j_2(x/2) / 6 that of (t^2 - 1/12) e^{ixt}.
    """

    order: int = eqx.field(static=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of a single function."""
        return ()

    def __call__(self, x: Real) -> Real:
        """j_n(x/2)."""
        return _bessel(0.5 * x)[self.order]

    def first(self, x: Real, y: Real) -> Real:
        """First divided difference: the quotient or, with j = j_n(x/2), k = j_n(y/2) and a small h = (x - y) / 2,

        [(j' + k') / 2 - h (j'' - k'') / 10 + h^2 (j''' + k''') / 120] / 2: what is left out is below h^6 / 1e6.
        """
        h = 0.5 * (x - y)
        near = jnp.abs(h) < _NEAR
        (j, *dj), (k, *dk) = _with_slopes(0.5 * x, self.order), _with_slopes(0.5 * y, self.order)
        mean = 0.5 * (dj[0] + dk[0]) - 0.1 * h * (dj[1] - dk[1]) + h**2 * (1.0 / 120.0) * (dj[2] + dk[2])
        # The division comes last, or XLA would compute all this anew in each product with it.
        return jnp.where(near, mean, j - k) / jnp.where(near, 2.0, x - y)

    def second(self, x: Real, y: Real, z: Real) -> Real:
        """Second divided difference: see `Smooth`."""
        return Smooth(self, 1.0).second(x, y, z)


def _with_slopes(z: Real, order: int) -> list[Real]:
    """j_n(z) and its first three derivatives, by (2n + 1) j_n' = n j_{n-1} - (n + 1) j_{n+1}."""
    f = _bessel(z)
    found = [f[order]]
    for _ in range(3):
        orders = range(1, len(f) - 1)
        f = [-f[1], *(n / (2 * n + 1) * f[n - 1] - (n + 1) / (2 * n + 1) * f[n + 1] for n in orders)]
        found.append(f[order])
    return found


def _bessel(z: Real) -> list[Real]:
    """Spherical Bessel functions j_0 to j_5, by j_{n-1} + j_{n+1} = (2n + 1) j_n / z.

    Upward from sine and cosine; where z is small downward from the series of the last two, over z^n.
    """
    small = jnp.abs(z) < _SMALL
    near, far = jnp.where(small, z, 0.0), jnp.where(small, _SMALL, z)
    square, inverse = near**2, 1.0 / far
    up = [jnp.sin(far) / far]
    up.append(inverse * up[0] - jnp.cos(far) / far)
    down = [_series(_HIGHEST, square), _series(_HIGHEST - 1, square)]
    for n in range(1, _HIGHEST):
        up.append((2 * n + 1) * inverse * up[n] - up[n - 1])
        down.append((2 * (_HIGHEST - n) + 1) * down[n] - square * down[n - 1])
    return [jnp.where(small, near**n * d, u) for n, (d, u) in enumerate(zip(reversed(down), up, strict=True))]


def _series(n: int, square: Real) -> Real:
    """j_n(z) / z^n, from z^2."""
    coefficients = [
        (-1) ** k * 2**n * factorial(k + n) / (factorial(k) * factorial(2 * k + 2 * n + 1))
        for k in range(_SERIES - 1, -1, -1)
    ]
    return jnp.polyval(jnp.asarray(coefficients, square.dtype), square)


def _exponential(M: _First) -> _First:
    """e^{-iM} by Taylor's series and squaring."""
    A = -1j / 2**_SQUARINGS * M
    one = jnp.eye(len(M), dtype=M.dtype).reshape(len(M), len(M), *(1,) * (M.ndim - 2))
    powers = [one, A, product(A, A)]
    cube = product(powers[2], A)
    groups = [
        jnp.asarray(sum(powers[k] / factorial(3 * g + k) for k in range(3) if 3 * g + k <= _TERMS))
        for g in range(_TERMS // 3 + 1)
    ]
    S = functools.reduce(lambda total, group: product(total, cube) + group, reversed(groups[:-1]), groups[-1])
    for _ in range(_SQUARINGS):
        S = product(S, S)
    return S


def _adjoint(A: _First) -> _First:
    return jnp.conj(jnp.swapaxes(A, 0, 1))
