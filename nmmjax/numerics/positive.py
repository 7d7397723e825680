"""Positive definite real matrices: what a Gaussian likelihood needs of a covariance that follows the theory."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from nmmjax.numerics.ruled import Ruled

_InverseAndLogarithm = tuple[Float[Array, "n n"], Float[Array, ""]]


@Ruled
def inverse_and_log_determinant(S: Float[ArrayLike, "n n"]) -> _InverseAndLogarithm:
    """Inverse S^-1 and ln det S, with d(S^-1) = -S^-1 dS S^-1 and d ln det S = tr(S^-1 dS).

    Derivatives of every order are products of matrices: those of a Cholesky factor ask for triangular systems with many
    right-hand sides, which threaded LAPACK can take a hundred times as long for at n = 50.
    """
    w, V = jnp.linalg.eigh(S)
    return (V / w) @ V.T, jnp.sum(jnp.log(w))


@inverse_and_log_determinant.defjvp
def _jvp(
    primals: tuple[Float[Array, "n n"]], tangents: tuple[Float[Array, "n n"]]
) -> tuple[_InverseAndLogarithm, _InverseAndLogarithm]:
    inverse, log_determinant = inverse_and_log_determinant(*primals)
    change = inverse @ tangents[0]
    return (inverse, log_determinant), (-change @ inverse, jnp.trace(change))
