"""The energy levels of a Hermitian 3 x 3 matrix: projectors on its eigenstates, and eigenvalues, without decomposition.

With t the eigenvalue of the traceless part X apart from the pair -t/2 +- g, and q = tr X^2 / 6,

    Pi = (X^2 + t X + t^2 - 3q) / (3t^2 - 3q),   K = X + t/2 - (3t/2) Pi,   g^2 = tr K^2 / 2,

the projectors are Pi and (1 - Pi +- K / g) / 2. Matrix axes come first and batch axes last, so that a batch is a few
long elementwise operations. Errors: those of any eigenstates, rounding times ||X|| / gap.

Where levels meet there are no separate projectors: the pair shares its space evenly, and derivatives leave out what
would turn one level into the other.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Complex, Float

from nmmjax.numerics.closed_form import isolated_eigenvalue
from nmmjax.numerics.ruled import Ruled
from nmmjax.numerics.special import modulus_squared

_Matrix = Complex[Array, "3 3 ..."]
_MEET = 2.0**-51
"""Levels meet where their distance is below so much of the largest: two rounding errors."""


class Levels(NamedTuple):
    """Projectors [a, b, ...] on the three levels, and the eigenvalues: two that may meet, and one apart from them."""

    lower: _Matrix
    upper: _Matrix
    apart: _Matrix
    eigenvalues: Float[Array, "3 ..."]
    """lower, upper, apart; the mean of all three is left out."""

    @property
    def gap(self) -> Float[Array, "..."]:
        """Between the two that may meet."""
        return self.eigenvalues[1] - self.eigenvalues[0]

    @property
    def on_top(self) -> Bool[Array, "..."]:
        """Whether the level apart is the highest."""
        return self.eigenvalues[2] > 0.0

    def ordered(self, lower: Array, upper: Array, apart: Array) -> tuple[Array, Array, Array]:
        """What belongs to the levels, from the lowest to the highest."""
        top = self.on_top
        return jnp.where(top, lower, apart), jnp.where(top, upper, lower), jnp.where(top, apart, upper)

    @property
    def projectors(self) -> tuple[_Matrix, _Matrix, _Matrix]:
        """From the lowest level to the highest."""
        return self.ordered(self.lower, self.upper, self.apart)

    @property
    def energies(self) -> tuple[Array, Array, Array]:
        """The eigenvalues, ascending."""
        return self.ordered(*self.eigenvalues)


@Ruled
def levels(A: _Matrix) -> Levels:
    """The levels of a Hermitian matrix A [a, b, ...]."""
    one = _one(A)
    X = A - jnp.real(trace(A)) / 3.0 * one
    size = jnp.sqrt(0.5 * _norm_squared(X))
    some = size > 0.0
    X = X * (1.0 / jnp.where(some, size, 1.0))
    square = product(X, X)
    q = jnp.real(trace(square)) / 6.0
    r = jnp.sum(jnp.real(square * jnp.swapaxes(X, 0, 1)), (0, 1)) / 6.0
    t = isolated_eigenvalue(q, r)
    apart = (square + t * X + (t**2 - 3.0 * q) * one) * (1.0 / jnp.where(some, 3.0 * (t**2 - q), 1.0))
    pair = one - apart
    K = product(product(pair, X + t * (0.5 * one - 1.5 * apart)), pair)  # else a tiny K would not be orthogonal to Pi
    K = K - 0.5 * jnp.real(trace(K)) * pair
    half_gap = jnp.sqrt(0.5 * _norm_squared(K))
    split = K * (0.5 / jnp.where(2.0 * half_gap > _MEET * jnp.abs(t), half_gap, jnp.inf))
    eigenvalues = size * jnp.stack([-0.5 * t - half_gap, -0.5 * t + half_gap, t])
    return Levels(0.5 * pair - split, 0.5 * pair + split, apart, eigenvalues)


@levels.defjvp
def _levels_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Levels, Levels]:
    """dPi_i = sum_j (Pi_i dA Pi_j + Pi_j dA Pi_i) / (w_i - w_j), none between levels that meet; dw_i = tr Pi_i dA.

    Only outputs of the function and operations linear in dA: so the rule can be differentiated again in any mode.
    """
    found = levels(*primals)
    lower, upper, apart, w = found
    rounding = _MEET * jnp.max(jnp.abs(w), 0)
    dA = 0.5 * (tangents[0] + _adjoint(tangents[0]))

    def turn(first: _Matrix, second: _Matrix, gap: Float[Array, "..."]) -> _Matrix:
        half = product(product(first, dA), second)
        return (half + _adjoint(half)) * (1.0 / jnp.where(jnp.abs(gap) <= rounding, jnp.inf, gap))

    pair = turn(lower, upper, w[0] - w[1])
    low, high = turn(lower, apart, w[0] - w[2]), turn(upper, apart, w[1] - w[2])
    dA = dA - jnp.real(trace(dA)) / 3.0 * _one(dA)
    dw = jnp.stack([jnp.real(jnp.sum(p * jnp.swapaxes(dA, 0, 1), (0, 1))) for p in (lower, upper, apart)])
    return found, Levels(pair + low, high - pair, -low - high, dw)


def product(A: Complex[Array, "n n ..."], B: Complex[Array, "n n ..."]) -> Complex[Array, "n n ..."]:
    """A B of matrices of any size, as one sum: several times faster than a batch of small products."""
    return jnp.sum(A[:, :, None] * B[None, :, :], 1)


def _adjoint(A: _Matrix) -> _Matrix:
    return jnp.conj(jnp.swapaxes(A, 0, 1))


def trace(A: _Matrix) -> Complex[Array, "..."]:
    """tr A."""
    return A[0, 0] + A[1, 1] + A[2, 2]


def _one(A: _Matrix) -> Float[Array, "3 3 ..."]:
    return jnp.eye(3).reshape(3, 3, *(1,) * (A.ndim - 2))


def _norm_squared(X: _Matrix) -> Float[Array, "..."]:
    return jnp.sum(modulus_squared(X), (0, 1))
