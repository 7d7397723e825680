"""Functions of Hermitian matrices that stay smooth where eigenvalues meet.

An eigenvector is not a smooth function of its matrix at a degeneracy; f(H) is. Around H = V diag(w) V^dagger, with
E = V^dagger dH V, perturbation theory needs no difference of eigenvalues in a denominator, only divided differences:

    V^dagger f(H + dH) V = diag f(w) + f[w_i, w_j] E_ij + sum_j f[w_i, w_j, w_k] E_ij E_jk + O(dH^3).

Here the eigenbasis is frozen (no derivative is ever taken of it) and these three terms carry value, gradient and
Hessian, in every mode of differentiation and at every degeneracy. Third derivatives raise `NotImplementedError`.
The expansion: Daleckii and Krein, Amer. Math. Soc. Transl. 47 (1965) 1; Higham, Functions of Matrices (2008), ch. 3.

Batches: matrices are (..., n, n); the arrays inside a `SpectralFunction` have its `shape`, which broadcasts against
the batch axes of the matrices. One matrix and a thousand lengths cost one diagonalization.
"""

import abc
from collections.abc import Callable
from typing import Any, NoReturn

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike, Float, Inexact, Num

from nmmjax import _checks
from nmmjax._public import public_in_any_precision
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.ruled import Ruled
from nmmjax.numerics.spectral import ExpMinusI, SpectralFunction, inexact, stack

_Vector = Float[Array, "n ..."]
_Matrix = Inexact[Array, "n n ..."]
_Tensor = Inexact[Array, "n n n n ..."]
_Eigensystem = tuple[Float[Array, "... n"], Inexact[Array, "... n n"]]


def adjoint(A: Inexact[Array, "... n m"]) -> Inexact[Array, "... m n"]:
    """Hermitian conjugate A^dagger of the last two axes."""
    return jnp.conj(jnp.swapaxes(A, -1, -2))


def gram(A: Inexact[Array, "... n m"]) -> Inexact[Array, "... m m"]:
    """A^dagger A, (..., m, m), Hermitian and not negative."""
    return adjoint(A) @ A


@public_in_any_precision
def matrix_function(H: Num[ArrayLike, "... n n"], f: SpectralFunction) -> Inexact[Array, "... n n"]:
    """f(H) = V diag f(w) V^dagger for Hermitian H = V diag(w) V^dagger.

    Value, gradient and Hessian (in H and in the fields of f) are right at every degeneracy; third derivatives raise
    `NotImplementedError`. The batch shape is that of H broadcast with `f.shape`. Derivatives are those of the analytic
    function of all n^2 entries, so a perturbation of H need not be Hermitian.
    """
    _checks.check_square("H", H)
    _checks.check_hermitian("H", H)
    batch = jnp.broadcast_shapes(jnp.shape(H)[:-2], f.shape)
    return _to_matrices(_evaluate(_Function(f), _from_matrices(H, len(batch))), batch)


@public_in_any_precision
def exp_minus_i(H: Num[ArrayLike, "... n n"], length: RealLike) -> Inexact[Array, "... n n"]:
    """The evolution operator exp(-i H L), L broadcasting against the batch axes of H.

    H in inverse units of L. Errors: a few 1e-16 times the phase ||H|| L. Derivatives: see `matrix_function`.
    """
    return matrix_function(H, ExpMinusI(length))


@public_in_any_precision
def hadamard(
    H: Num[ArrayLike, "... n n"], X: Num[ArrayLike, "... n n"], g: SpectralFunction
) -> Inexact[Array, "... n n"]:
    """g(ad_H) X = V [ (V^dagger X V)_ij g(w_i - w_j) ] V^dagger, with ad_H X = H X - X H and Hermitian H.

    Evolution, damping and averaging of a density matrix X in one formula, free of eigenvectors: g(x) = exp(-i x L)
    evolves it, a mean over L averages it, a g that falls off damps the coherence of separated states and leaves that of
    degenerate ones. X is any n x n matrix; derivatives (in X too) and batches are those of `matrix_function`.
    """
    _checks.check_square("H", H)
    _checks.check_hermitian("H", H)
    batch = jnp.broadcast_shapes(jnp.shape(H)[:-2], jnp.shape(X)[:-2], g.shape)
    expansion = _Hadamard(g, _from_matrices(X, len(batch)))
    return _to_matrices(_evaluate(expansion, _from_matrices(H, len(batch))), batch)


@public_in_any_precision
def eigensystem(H: Inexact[ArrayLike, "... n n"]) -> _Eigensystem:
    """Eigenvalues, ascending, and eigenvectors (columns) of a Hermitian matrix: H V = V diag(w).

    dw_i = (V^dagger dH V)_ii and dV = V X with X_ij = (V^dagger dH V)_ij / (w_j - w_i), X_ii = 0. Derivatives of every
    order are right where eigenvalues are distinct. Where two agree to rounding their X_ij is set to zero: derivatives
    stay finite but are not those of any eigenvector, for there is none to differentiate; use `matrix_function`.

    The phase of an eigenvector, and the basis of a degenerate space, are a gauge which the algorithm happens to choose:
    only combinations that do not depend on it, such as |V_ai|^2 or V_ai V_bi^*, have a meaning and a derivative.
    """
    _checks.check_square("H", H)
    _checks.check_hermitian("H", H)
    return _eigensystem(jnp.asarray(H))


@Ruled
def _eigensystem(H: Inexact[Array, "... n n"]) -> _Eigensystem:
    w, V = jnp.linalg.eigh(H)
    return w, V


@_eigensystem.defjvp
def _eigensystem_jvp(
    primals: tuple[Inexact[Array, "... n n"]], tangents: tuple[Inexact[Array, "... n n"]]
) -> tuple[_Eigensystem, _Eigensystem]:
    # Only the function's own outputs and operations linear in dH: so the rule can be differentiated again in any mode.
    w, V = _eigensystem(*primals)
    E = adjoint(V) @ tangents[0] @ V
    E = 0.5 * (E + adjoint(E))
    gap = w[..., None, :] - w[..., :, None]
    rounding = 10 * w.shape[-1] * jnp.finfo(w.dtype).eps * jnp.abs(w).max(-1)[..., None, None]
    X = jnp.where(jnp.abs(gap) > rounding, E, 0.0) / jnp.where(jnp.abs(gap) > rounding, gap, 1.0)
    return (w, V), (jnp.diagonal(E, axis1=-2, axis2=-1).real, V @ X)


class _Expansion(eqx.Module):
    """One kind of matrix function in powers of E = V^dagger dH V: arrays in the eigenbasis, batch axes last."""

    @abc.abstractmethod
    def value(self, w: _Vector, V: _Matrix) -> _Matrix:
        """The term without E."""

    @abc.abstractmethod
    def first(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Matrix:
        """The term linear in E."""

    @abc.abstractmethod
    def second(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Tensor:
        """K_ijpq, the derivative in E_pq of element (i, j) of the term quadratic in E; itself linear in E."""


class _Function(_Expansion):
    """f(H)."""

    f: SpectralFunction

    def value(self, w: _Vector, V: _Matrix) -> _Matrix:
        """diag f(w)."""
        return self.f(w) * _identity(w)

    def first(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Matrix:
        """f[w_i, w_j] E_ij."""
        return self.f.first(w[:, None], w[None, :]) * E

    def second(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Tensor:
        """From sum_k f[w_i, w_k, w_j] E_ik E_kj."""
        f_E = self.f.second(w[:, None, None], w[None, :, None], w[None, None, :])
        eye = _identity(w)
        return _sum("ip,iqj,qj->ijpq", eye, f_E, E) + _sum("ip,ipj,qj->ijpq", E, f_E, eye)


class _Hadamard(_Expansion):
    """g(ad_H) X: a function of the superoperator ad_H, with eigenvalues w_i - w_j and perturbation ad_E."""

    g: SpectralFunction
    X: _Matrix

    def value(self, w: _Vector, V: _Matrix) -> _Matrix:
        """g(w_i - w_j) x_ij."""
        return self.g(w[:, None] - w[None, :]) * _to_eigenbasis(V, self.X)

    def first(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Matrix:
        """sum_k g[ij, kj] E_ik x_kj - g[ij, ik] x_ik E_kj, where ij stands for w_i - w_j."""
        x = _to_eigenbasis(V, self.X)
        i, j, k = _grid(w, 3)
        left, right = self.g.first(i - j, stack(k - j, i - k))
        return _sum("ijk,ik,kj->ij", left, E, x) - _sum("ijk,ik,kj->ij", right, x, E)

    def second(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Tensor:
        """From ad_E twice: both from the left, both from the right, one from each side in either order."""
        x = _to_eigenbasis(V, self.X)
        i, j, k, l = _grid(w, 4)
        once, twice = stack(k - j, i - k, k - j, i - l), stack(l - j, i - l, k - l, k - l)
        left, right, *mixed = self.g.second(i - j, once, twice)
        both = mixed[0] + mixed[1]
        from_left = _sum("ijqm,qm,mj->ijq", left, E, x) - _sum("ijql,ql,lj->ijq", both, x, E)
        from_right = _sum("ijpm,im,mp->ijp", right, x, E) - _sum("ijkp,ik,kp->ijp", both, E, x)
        return (
            _sum("ijpq,ip,qj->ijpq", left, E, x)
            + _sum("ijqp,ip,qj->ijpq", right, x, E)
            + _sum("ip,ijq->ijpq", _identity(w), from_left)
            + _sum("qj,ijp->ijpq", _identity(w), from_right)
        )


@Ruled
def _evaluate(expansion: _Expansion, H: _Matrix) -> _Matrix:
    w, V = _frozen_eigenbasis(H)
    return _from_eigenbasis(V, expansion.value(w, V))


@_evaluate.defjvp
def _evaluate_jvp(
    primals: tuple[_Expansion, _Matrix], tangents: tuple[_Expansion, _Matrix | None]
) -> tuple[_Matrix, _Matrix]:
    # No tangent may enter a function with a rule of its own, for reverse mode cannot transpose it: what a second
    # derivative needs hangs on functions of H alone, which are zero here and differentiated only then.
    expansion, H = primals
    w, V = _frozen_eigenbasis(H)
    E = _to_eigenbasis(V, _vanishing(H))
    value, tangent = _push_forward(lambda e: e.value(w, V) + e.first(w, V, E), expansion, tangents[0])
    if tangents[1] is not None:
        dE = _to_eigenbasis(V, tangents[1])
        tangent += expansion.first(w, V, dE) + _sum("ijpq,pq->ij", _curvature(expansion, H, w, V), dE)
    return _from_eigenbasis(V, value), _from_eigenbasis(V, tangent)


@Ruled
def _vanishing(H: _Matrix) -> _Matrix:
    """H - H, with derivative dH."""
    return jnp.zeros_like(H)


@_vanishing.defjvp
def _vanishing_jvp(primals: tuple[_Matrix], tangents: tuple[_Matrix]) -> tuple[_Matrix, _Matrix]:
    return _vanishing(*primals), _last_derivative(*primals) * tangents[0]


@Ruled
def _curvature(expansion: _Expansion, H: _Matrix, w: _Vector, V: _Matrix) -> _Tensor:
    """K for E = V^dagger (H - H) V: zero, with derivative K for E = V^dagger dH V."""
    K = jax.eval_shape(expansion.second, w, V, V)
    return jnp.zeros(K.shape, K.dtype)


@_curvature.defjvp
def _curvature_jvp(
    primals: tuple[_Expansion, _Matrix, _Vector, _Matrix],
    tangents: tuple[_Expansion, _Matrix | None, Any, Any],
) -> tuple[_Tensor, _Tensor]:
    expansion, H, w, V = primals
    E = _to_eigenbasis(V, _vanishing(H))
    _, dK = _push_forward(lambda e: e.second(w, V, E), expansion, tangents[0])
    if tangents[1] is not None:
        dK += expansion.second(w, V, _to_eigenbasis(V, _last_derivative(H) * tangents[1]))
    return _curvature(*primals), dK


@Ruled
def _last_derivative(H: _Matrix) -> Float[Array, ""]:
    """One, where no further derivative may be taken."""
    return jnp.ones((), H.real.dtype)


@_last_derivative.defjvp
def _last_derivative_jvp(primals: tuple[_Matrix], tangents: tuple[_Matrix]) -> NoReturn:
    raise NotImplementedError("Functions of a Hermitian matrix can be differentiated twice, not three times.")


def _push_forward(f: Callable[[_Expansion], Array], x: _Expansion, dx: _Expansion) -> tuple[Array, Array]:
    """f(x) and its derivative along dx, at no cost for the fields of x that do not move."""
    leaves, tree = jax.tree.flatten(x)
    tangents = tree.flatten_up_to(dx)
    moving = [i for i, tangent in enumerate(tangents) if tangent is not None]

    def at(*places: Array) -> Array:
        moved = dict(zip(moving, places, strict=True))
        return f(jax.tree.unflatten(tree, [moved.get(i, leaf) for i, leaf in enumerate(leaves)]))

    return jax.jvp(at, tuple(leaves[i] for i in moving), tuple(tangents[i] for i in moving))


def _frozen_eigenbasis(H: _Matrix) -> tuple[_Vector, _Matrix]:
    w, V = jnp.linalg.eigh(jnp.moveaxis(lax.stop_gradient(H), (0, 1), (-2, -1)))
    return jnp.moveaxis(w, -1, 0), jnp.moveaxis(V, (-2, -1), (0, 1))


def _from_matrices(A: Num[ArrayLike, "... n n"], batch_rank: int) -> _Matrix:
    """Matrix axes first, then exactly so many batch axes."""
    array = inexact(A)
    return jnp.moveaxis(array.reshape((1,) * (batch_rank + 2 - array.ndim) + array.shape), (-2, -1), (0, 1))


def _to_matrices(A: _Matrix, batch: tuple[int, ...]) -> Inexact[Array, "... n n"]:
    return jnp.broadcast_to(jnp.moveaxis(A, (0, 1), (-2, -1)), (*batch, *A.shape[:2]))


def _to_eigenbasis(V: _Matrix, A: _Matrix) -> _Matrix:
    return _sum("ai,aj->ij", V.conj(), _sum("ab,bj->aj", A, V))


def _from_eigenbasis(V: _Matrix, A: _Matrix) -> _Matrix:
    return _sum("ai,ib->ab", V, _sum("ij,bj->ib", A, V.conj()))


def _sum(indices: str, *factors: Inexact[Array, "..."]) -> Inexact[Array, "..."]:
    """An einsum over the leading axes; the batch axes that follow broadcast."""
    inputs, output = indices.split("->")
    inputs = inputs.replace(",", "...,")
    return jnp.einsum(f"{inputs}...->{output}...", *factors, precision=lax.Precision.HIGHEST)


def _grid(w: _Vector, axes: int) -> tuple[Float[Array, "..."], ...]:
    """The eigenvalues along each of so many leading axes."""
    return tuple(jnp.expand_dims(w, tuple(a for a in range(axes) if a != axis)) for axis in range(axes))


def _identity(w: _Vector) -> Float[Array, "n n ..."]:
    return jnp.eye(len(w), dtype=w.dtype).reshape((len(w), len(w)) + (1,) * (w.ndim - 1))
