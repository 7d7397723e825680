"""One step of the evolution under H = X + D_1 t + D_2 (t^2 - 1/12), t from -1/2 to 1/2: see `precession.evolution`.

The value is computed in the eigenbasis of X; derivatives are those of matrix functions, which have no eigenvectors.
"""

import functools
from math import factorial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from nmmjax.numerics import hermitian
from nmmjax.numerics.arrays import Real
from nmmjax.numerics.projectors import product
from nmmjax.numerics.ruled import Ruled
from nmmjax.numerics.spectral import Smooth

Matrix = Complex[Array, "... n n"]
_First = Complex[Array, "n n ..."]

_LARGEST = 2.0
"""The norm of M beyond which a step is not to be trusted."""
_SQUARINGS, _TERMS = 4, 10
"""Of the exponential of a matrix of norm 2: 3e-18."""


@Ruled
def step_operator(X: Matrix, D_1: Matrix, D_2: Matrix) -> Matrix:
    """S of the step, of Hermitian matrices (..., n, n) that are dimensionless; NaN where M is too large."""
    w, V = jnp.linalg.eigh(X)
    w, V, D_1, D_2 = jnp.moveaxis(w, -1, 0), *(jnp.moveaxis(A, (-2, -1), (0, 1)) for A in (V, D_1, D_2))
    x = w[:, None] - w[None, :]
    inverse = _adjoint(V)
    turned = (product(inverse, product(A, V)) for A in (D_1, D_2))
    M = _from_slope(x) * next(turned) + _from_curvature(x) * next(turned)
    half = V * jnp.exp(-0.5j * w)
    conjugate = jnp.exp(-0.5j * w)[:, None] * inverse
    S = product(half, product(_exponential(M), conjugate))
    norm = jnp.sqrt(jnp.sum(M.real**2 + M.imag**2, (0, 1)))
    return jnp.moveaxis(jnp.where(norm <= _LARGEST, S, jnp.nan), (0, 1), (-2, -1))


@step_operator.defjvp
def _step_jvp(primals: tuple[Matrix, Matrix, Matrix], tangents: tuple[Matrix | None, ...]) -> tuple[Matrix, Matrix]:
    moves = [jnp.zeros_like(p) if t is None else t for p, t in zip(primals, tangents, strict=True)]
    return step_operator(*primals), jax.jvp(_by_matrix_functions, primals, tuple(moves))[1]


def _by_matrix_functions(X: Matrix, D_1: Matrix, D_2: Matrix) -> Matrix:
    """The same S."""
    both = jnp.stack(jnp.broadcast_arrays(D_1, D_2))
    one = jnp.ones((1,) * (X.ndim - 1))
    weights = jnp.concatenate([one, 0.0 * one]), jnp.concatenate([0.0 * one, one])
    M = jnp.sum(hermitian.hadamard(X, both, Smooth(_weighted, 1.0, weights)), 0)
    half = hermitian.exp_minus_i(X, 0.5)
    return half @ hermitian.exp_minus_i(0.5 * (M + hermitian.adjoint(M)), 1.0) @ half


def _weighted(x: Real, slope: Real, curvature: Real) -> Complex[Array, "..."]:
    return slope * _from_slope(x) + curvature * _from_curvature(x)


def _from_slope(x: Real) -> Complex[Array, "..."]:
    """The integral of t e^{ixt} over the step: i j_1(x/2) / 2."""
    return 0.5j * _bessel(1, 0.5 * x)


def _from_curvature(x: Real) -> Float[Array, "..."]:
    """The integral of (t^2 - 1/12) e^{ixt} over the step: -j_2(x/2) / 6."""
    return -_bessel(2, 0.5 * x) / 6.0


def _bessel(order: int, z: Real) -> Real:
    """Spherical Bessel functions j_1 and j_2: below one the series."""
    near = jnp.abs(z) < 1.0
    square = jnp.where(near, z, 0.0) ** 2
    coefficients = [
        (-1) ** k * 2**order * factorial(k + order) / (factorial(k) * factorial(2 * k + 2 * order + 1))
        for k in range(9, -1, -1)
    ]
    series = jnp.where(near, z, 0.0) ** order * jnp.polyval(jnp.asarray(coefficients, z.dtype), square)
    far = jnp.where(near, 1.0, z)
    sine, cosine = jnp.sin(far) / far, jnp.cos(far) / far
    first = sine / far - cosine
    return jnp.where(near, series, first if order == 1 else 3.0 * first / far - sine)


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
