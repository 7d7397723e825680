"""Masses and mixing of a mass matrix: Takagi factorization (Majorana) and singular values (Dirac).

For reports and for fits to masses; oscillations need neither (see `hermitian`). Derivatives are finite everywhere.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Complex, Float, Inexact, Num

from nmmjax import _checks
from nmmjax._public import public_in_any_precision
from nmmjax.numerics import hermitian
from nmmjax.numerics.ruled import Ruled
from nmmjax.numerics.special import larger

_Factors = tuple[Float[Array, "... n"], Complex[Array, "... n n"]]
"""Masses and U."""


@public_in_any_precision
def factorize(M: Num[ArrayLike, "... n n"]) -> tuple[Float[Array, "... n"], Complex[Array, "... n n"]]:
    """Masses m >= 0, ascending, and unitary U with U^T M U = diag(m), for symmetric M = U^* diag(m) U^dagger.

    Errors: some 1e-16 max(m) in each mass; U is unitary to rounding also where masses vanish or agree.

    Derivatives, with E = U^T dM U: dm_i = Re E_ii and dU = U X, X anti-Hermitian,

        Re X_ij = Re E_ij / (m_j - m_i),   Im X_ij = -Im E_ij / (m_i + m_j),   Im X_ii = -Im E_ii / (2 m_i),

    right to every order where the masses are distinct and positive. Elements of X whose denominator vanishes to
    rounding are set to zero: at a zero mass dm is one-sided, along the phase that U happens to have; at equal masses
    derivatives are finite, and right for symmetric functions of these masses. The signs of the columns of U, the phase
    of the column of a zero mass and the basis of equal masses are a gauge.
    """
    _checks.check_square("M", M)
    _checks.check_symmetric("M", M)
    return _factorize(jnp.asarray(M))


@public_in_any_precision
def singular_values(M: Num[ArrayLike, "... n n"]) -> Float[Array, "... n"]:
    """Singular values of a general square matrix M = V diag(m) U^dagger, ascending: the masses of Dirac neutrinos.

    The upper half of the spectrum of [[0, M^dagger], [M, 0]], which is that of diag(m, -m). Derivatives are right where
    the values are distinct and positive; finite, and right for symmetric functions, where they agree; at zero, finite.
    """
    _checks.check_square("M", M)
    M = jnp.asarray(M)
    n = M.shape[-1]
    zero = jnp.zeros_like(M)
    doubled = jnp.block([[zero, hermitian.adjoint(M)], [M, zero]])
    return larger(hermitian.eigensystem(doubled)[0][..., n:], 0.0)


@Ruled
def _factorize(M: Num[Array, "... n n"]) -> _Factors:
    # M u = m u^* for u = x + i y is an eigenvalue problem of the real vector (x, y); i u belongs to -m.
    n = M.shape[-1]
    doubled = jnp.block([[M.real, -M.imag], [-M.imag, -M.real]])
    w, xy = jnp.linalg.eigh(doubled)
    masses = larger(w[..., n:], 0.0)
    return masses, _unitary(jax.lax.complex(xy[..., :n, n:], xy[..., n:, n:]))


def _unitary(U: Complex[Array, "... n n"]) -> Complex[Array, "... n n"]:
    """The unitary matrix nearest to the columns of the large masses.

    Columns of zero masses come out of a space that holds u and i u alike and need not be independent. Householder QR,
    largest mass first, keeps the others and completes them.
    """
    Q, R = jnp.linalg.qr(U[..., ::-1])
    diagonal = jnp.diagonal(R, axis1=-2, axis2=-1)
    size = jnp.abs(diagonal)
    phase = jnp.where(size > 0.0, diagonal, 1.0) / jnp.where(size > 0.0, size, 1.0)
    return (Q * phase[..., None, :])[..., ::-1]


@_factorize.defjvp
def _factorize_jvp(
    primals: tuple[Num[Array, "... n n"]], tangents: tuple[Inexact[Array, "... n n"]]
) -> tuple[_Factors, _Factors]:
    # Only the function's own outputs and operations linear in dM: so the rule can be differentiated again in any mode.
    m, U = _factorize(*primals)
    E = jnp.swapaxes(U, -1, -2) @ tangents[0] @ U
    E = 0.5 * (E + jnp.swapaxes(E, -1, -2))
    rounding = 20 * m.shape[-1] * jnp.finfo(m.dtype).eps * m[..., -1:, None]
    real = _divide(E.real, m[..., None, :] - m[..., :, None], rounding)
    imag = _divide(E.imag, m[..., None, :] + m[..., :, None], rounding)
    return (m, U), (jnp.diagonal(E, axis1=-2, axis2=-1).real, U @ jax.lax.complex(real, -imag))


def _divide(x: Float[Array, "..."], y: Float[Array, "..."], rounding: Float[Array, "..."]) -> Float[Array, "..."]:
    """x / y, and zero where y is zero to rounding."""
    resolved = jnp.abs(y) > rounding
    return jnp.where(resolved, x, 0.0) / jnp.where(resolved, y, 1.0)
