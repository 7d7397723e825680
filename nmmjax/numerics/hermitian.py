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
from math import factorial
from typing import NoReturn

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.custom_derivatives import SymbolicZero
from jaxtyping import Array, ArrayLike, Float, Inexact

from nmmjax import _checks

Nodes = Float[Array, "..."]
Values = Inexact[Array, "..."]
_QUADRATURE = np.polynomial.legendre.leggauss(6)
_NODES, _WEIGHTS = 0.5 * (_QUADRATURE[0] + 1.0), 0.5 * _QUADRATURE[1]
_Vector = Float[Array, "n *b"]
_Matrix = Inexact[Array, "n n *b"]
_Tensor = Inexact[Array, "n n n n *b"]


def _inexact(value: ArrayLike) -> Inexact[Array, "..."]:
    array = jnp.asarray(value)
    return array.astype(jnp.result_type(array, 1.0))


class SpectralFunction(eqx.Module):
    """A smooth f of one real variable, and its divided differences.

    The methods act element by element on nodes of shape (..., *shape), or on any shape that broadcasts with it; they
    need no derivative in the nodes, and derivatives in the fields come from JAX.
    """

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The common batch shape of the fields."""

    @abc.abstractmethod
    def __call__(self, x: Nodes) -> Values:
        """f(x)."""

    @abc.abstractmethod
    def first(self, x: Nodes, y: Nodes) -> Values:
        """f[x, y] = (f(x) - f(y)) / (x - y), f'(x) where x = y."""

    @abc.abstractmethod
    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """f[x, y, z] = (f[x, y] - f[y, z]) / (x - z), f''(x) / 2 where x = y = z."""


class ExpMinusI(SpectralFunction):
    """f(x) = exp(-i x L): the propagator in the mass basis, accurate at any phase x L."""

    length: Float[Array, "..."] = eqx.field(converter=_inexact)

    def __check_init__(self) -> None:
        _checks.check_real("length", self.length)
        _checks.check_finite("length", self.length)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of L."""
        return self.length.shape

    def __call__(self, x: Nodes) -> Values:
        """exp(-i x L)."""
        return _unit_phase(x * self.length)

    def first(self, x: Nodes, y: Nodes) -> Values:
        """-i L exp(-i (x + y) L / 2) sinc((x - y) L / 2)."""
        return -1j * self.length * _unit_phase(0.5 * (x + y) * self.length) * _sinc(0.5 * (x - y) * self.length)

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """A quotient over the widest gap; where that is below one radian, the series about the mean."""
        low, mid, high = _sort(x, y, z)
        center = (x + y + z) / 3.0
        near = jnp.abs((high - low) * self.length) < 1.0
        a, b, c = (jnp.where(near, (node - center) * self.length, 0.0) for node in (x, y, z))
        series = -(self.length**2) * _unit_phase(center * self.length) * _homogeneous_series(a, b, c)
        return jnp.where(near, series, _second_quotient(self.first, low, mid, high, near))


class Smooth(SpectralFunction):
    """f(x) = function(x, *parameters), any function that JAX differentiates and that is smooth over `scale`.

    The function acts element by element and broadcasts x against the parameters, which it must receive as arguments:
    one that closes over arrays under differentiation would lose their derivatives. Closer than `scale` / 4, divided
    differences are integrals of derivatives (Gauss-Legendre, six nodes: 4e-15 where the nearest singularity of f is
    `scale` away or farther); beyond, quotients, whose rounding error is some 1e-15 f / scale. Waves need the scale of
    their phase: 1 / L for exp(-i x L).
    """

    function: Callable[..., Inexact[Array, "..."]] = eqx.field(static=True)
    scale: Float[Array, "..."] = eqx.field(converter=_inexact)
    parameters: tuple[Inexact[Array, "..."], ...] = eqx.field(
        default=(), converter=lambda values: tuple(map(_inexact, values))
    )

    def __check_init__(self) -> None:
        _checks.check_range("scale", self.scale, low=0.0, open_low=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """The common shape of the scale and the parameters."""
        return jnp.broadcast_shapes(self.scale.shape, *(p.shape for p in self.parameters))

    def __call__(self, x: Nodes) -> Values:
        """function(x, *parameters)."""
        return self.function(x, *self.parameters)

    def first(self, x: Nodes, y: Nodes) -> Values:
        """int_0^1 f'(x + (y - x) t) dt, or the quotient."""
        near = jnp.abs(x - y) <= 0.25 * self.scale
        t, weights = _on_first_axis(_NODES, _WEIGHTS, like=x + y + self.scale)
        integral = (weights * _derivative(self)(x + (y - x) * t)).sum(0)
        return jnp.where(near, integral, (self(x) - self(y)) / jnp.where(near, 1.0, x - y))

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """int_0^1 s ds int_0^1 dt f''(x + s (y - x + t (z - y))) (Hermite and Genocchi), or the quotient."""
        low, mid, high = _sort(x, y, z)
        near = high - low <= 0.25 * self.scale
        s, t = (grid.ravel() for grid in np.meshgrid(_NODES, _NODES, indexing="ij"))
        s, t, weights = _on_first_axis(s, t, np.outer(_NODES * _WEIGHTS, _WEIGHTS).ravel(), like=low + self.scale)
        integral = (weights * _derivative(_derivative(self))(low + s * (mid - low + t * (high - mid)))).sum(0)
        return jnp.where(near, integral, _second_quotient(self.first, low, mid, high, near))


class WeightedSum(SpectralFunction):
    """f(x) = sum_k weights_k terms_k(x) over the last batch axis of `terms`.

    Averages over an energy bin, a detector response, a production region: any quadrature of any spectral function.
    """

    terms: SpectralFunction
    weights: Inexact[Array, "... k"] = eqx.field(converter=_inexact)

    def __check_init__(self) -> None:
        _checks.check_shape("weights", self.weights, (None,))
        _checks.check_finite("weights", self.weights)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the terms without their last axis."""
        return jnp.broadcast_shapes(self.terms.shape, self.weights.shape)[:-1]

    def __call__(self, x: Nodes) -> Values:
        """sum_k weights_k terms_k(x)."""
        return (self.weights * self.terms(x[..., None])).sum(-1)

    def first(self, x: Nodes, y: Nodes) -> Values:
        """sum_k weights_k terms_k[x, y]."""
        return (self.weights * self.terms.first(x[..., None], y[..., None])).sum(-1)

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """sum_k weights_k terms_k[x, y, z]."""
        return (self.weights * self.terms.second(x[..., None], y[..., None], z[..., None])).sum(-1)


def matrix_function(H: Inexact[Array, "... n n"], f: SpectralFunction) -> Inexact[Array, "... n n"]:
    """f(H) = V diag f(w) V^dagger for Hermitian H = V diag(w) V^dagger.

    Value, gradient and Hessian (in H and in the fields of f) are right at every degeneracy; third derivatives raise
    `NotImplementedError`. The batch shape is that of H broadcast with `f.shape`. Derivatives are those of the analytic
    function of all n^2 entries, so a perturbation of H need not be Hermitian.
    """
    _checks.check_square("H", H)
    _checks.check_hermitian("H", H)
    batch = jnp.broadcast_shapes(H.shape[:-2], f.shape)
    return _to_matrices(_evaluate(_Function(f), _from_matrices(H, len(batch))), batch)


def exp_minus_i(H: Inexact[Array, "... n n"], length: Float[Array, "..."]) -> Inexact[Array, "... n n"]:
    """The evolution operator exp(-i H L), L broadcasting against the batch axes of H.

    H in inverse units of L. Errors: a few 1e-16 times the phase ||H|| L. Derivatives: see `matrix_function`.
    """
    return matrix_function(H, ExpMinusI(length))


def hadamard(
    H: Inexact[Array, "... n n"], X: Inexact[Array, "... n n"], g: SpectralFunction
) -> Inexact[Array, "... n n"]:
    """g(ad_H) X = V [ (V^dagger X V)_ij g(w_i - w_j) ] V^dagger, with ad_H X = H X - X H and Hermitian H.

    Evolution, damping and averaging of a density matrix X in one formula, free of eigenvectors: g(x) = exp(-i x L)
    evolves it, a mean over L averages it, a g that falls off damps the coherence of separated states and leaves that of
    degenerate ones. X is any n x n matrix; derivatives (in X too) and batches are those of `matrix_function`.
    """
    _checks.check_square("H", H)
    _checks.check_shape("X", X, H.shape[-2:])
    _checks.check_hermitian("H", H)
    _checks.check_finite("X", X)
    batch = jnp.broadcast_shapes(H.shape[:-2], X.shape[:-2], g.shape)
    H, X = _from_matrices(H, len(batch)), _from_matrices(X, len(batch))
    return _to_matrices(_evaluate(_Hadamard(g, X), H), batch)


def eigensystem(H: Inexact[Array, "... n n"]) -> tuple[Float[Array, "... n"], Inexact[Array, "... n n"]]:
    """Eigenvalues, ascending, and eigenvectors (columns) of a Hermitian matrix: H V = V diag(w).

    dw_i = (V^dagger dH V)_ii and dV = V X with X_ij = (V^dagger dH V)_ij / (w_j - w_i), X_ii = 0. Derivatives of every
    order are right where eigenvalues are distinct. Where two agree to rounding their X_ij is set to zero: derivatives
    stay finite but are not those of any eigenvector, for there is none to differentiate; use `matrix_function`.

    The phase of an eigenvector, and the basis of a degenerate space, are a gauge which the algorithm happens to choose:
    only combinations that do not depend on it, such as |V_ai|^2 or V_ai V_bi^*, have a meaning and a derivative.
    """
    _checks.check_square("H", H)
    _checks.check_hermitian("H", H)
    return _eigensystem(H)


@jax.custom_jvp
def _eigensystem(H: Inexact[Array, "... n n"]) -> tuple[Float[Array, "... n"], Inexact[Array, "... n n"]]:
    w, V = jnp.linalg.eigh(H)
    return w, V


@_eigensystem.defjvp
def _eigensystem_jvp(primals, tangents):
    # Only the function's own outputs and operations linear in dH: so the rule can be differentiated again in any mode.
    w, V = _eigensystem(*primals)
    E = _adjoint(V) @ tangents[0] @ V
    E = 0.5 * (E + _adjoint(E))
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
        left, right = self.g.first(i - j, _stack(k - j, i - k))
        return _sum("ijk,ik,kj->ij", left, E, x) - _sum("ijk,ik,kj->ij", right, x, E)

    def second(self, w: _Vector, V: _Matrix, E: _Matrix) -> _Tensor:
        """From ad_E twice: both from the left, both from the right, one from each side in either order."""
        x = _to_eigenbasis(V, self.X)
        i, j, k, l = _grid(w, 4)
        once, twice = _stack(k - j, i - k, k - j, i - l), _stack(l - j, i - l, k - l, k - l)
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


@jax.custom_jvp
def _evaluate(expansion: _Expansion, H: _Matrix) -> _Matrix:
    w, V = _frozen_eigenbasis(H)
    return _from_eigenbasis(V, expansion.value(w, V))


def _evaluate_jvp(primals, tangents):
    # No tangent may enter a function with a rule of its own, for linearization drops such rules: what a second
    # derivative needs hangs on functions of H alone, which are zero here and differentiated only then.
    expansion, H = primals
    w, V = _frozen_eigenbasis(H)
    E = _to_eigenbasis(V, _vanishing(H))
    value, tangent = _push_forward(lambda e: e.value(w, V) + e.first(w, V, E), expansion, tangents[0])
    if not isinstance(tangents[1], SymbolicZero):
        dE = _to_eigenbasis(V, tangents[1])
        tangent += expansion.first(w, V, dE) + _sum("ijpq,pq->ij", _curvature(expansion, H, w, V), dE)
    return _from_eigenbasis(V, value), _from_eigenbasis(V, tangent)


_evaluate.defjvp(_evaluate_jvp, symbolic_zeros=True)


@jax.custom_jvp
def _vanishing(H: _Matrix) -> _Matrix:
    """H - H, with derivative dH."""
    return jnp.zeros_like(H)


@_vanishing.defjvp
def _vanishing_jvp(primals, tangents):
    return _vanishing(*primals), _last_derivative(*primals) * tangents[0]


@jax.custom_jvp
def _curvature(expansion: _Expansion, H: _Matrix, w: _Vector, V: _Matrix) -> _Tensor:
    """K for E = V^dagger (H - H) V: zero, with derivative K for E = V^dagger dH V."""
    K = jax.eval_shape(expansion.second, w, V, V)
    return jnp.zeros(K.shape, K.dtype)


def _curvature_jvp(primals, tangents):
    expansion, H, w, V = primals
    E = _to_eigenbasis(V, _vanishing(H))
    _, dK = _push_forward(lambda e: e.second(w, V, E), expansion, tangents[0])
    if not isinstance(tangents[1], SymbolicZero):
        dK += expansion.second(w, V, _to_eigenbasis(V, _last_derivative(H) * tangents[1]))
    return _curvature(*primals), dK


_curvature.defjvp(_curvature_jvp, symbolic_zeros=True)


@jax.custom_jvp
def _last_derivative(H: _Matrix) -> Float[Array, ""]:
    """One, where no further derivative may be taken."""
    return jnp.ones((), H.real.dtype)


@_last_derivative.defjvp
def _last_derivative_jvp(primals, tangents) -> NoReturn:
    raise NotImplementedError("Functions of a Hermitian matrix can be differentiated twice, not three times.")


def _push_forward(f: Callable[[_Expansion], Array], x: _Expansion, dx: _Expansion) -> tuple[Array, Array]:
    """f(x) and its derivative along dx, at no cost for the fields of x that do not move."""
    moves = jax.tree.map(lambda tangent: not isinstance(tangent, SymbolicZero), dx)
    moving, fixed = eqx.partition(x, moves)
    return jax.jvp(lambda m: f(eqx.combine(m, fixed)), (moving,), (eqx.filter(dx, moves),))


def _frozen_eigenbasis(H: _Matrix) -> tuple[_Vector, _Matrix]:
    w, V = jnp.linalg.eigh(jnp.moveaxis(lax.stop_gradient(H), (0, 1), (-2, -1)))
    return jnp.moveaxis(w, -1, 0), jnp.moveaxis(V, (-2, -1), (0, 1))


def _from_matrices(A: Inexact[Array, "... n n"], batch_rank: int) -> _Matrix:
    """Matrix axes first, then exactly so many batch axes."""
    A = _inexact(A)
    return jnp.moveaxis(A.reshape((1,) * (batch_rank + 2 - A.ndim) + A.shape), (-2, -1), (0, 1))


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


def _adjoint(A: Inexact[Array, "... n n"]) -> Inexact[Array, "... n n"]:
    return jnp.swapaxes(A, -1, -2).conj()


def _on_first_axis(*arrays: np.ndarray, like: Array) -> tuple[Float[Array, "..."], ...]:
    """One-dimensional arrays along a new first axis before those of `like`."""
    return tuple(jnp.asarray(a, like.dtype).reshape((-1,) + (1,) * like.ndim) for a in arrays)


def _derivative(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """f' of a function that acts element by element."""
    return lambda x: jax.jvp(f, (x,), (jnp.ones_like(x),))[1]


def _sort(x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
    low, high = jnp.minimum(x, y), jnp.maximum(x, y)
    return jnp.minimum(low, z), jnp.maximum(low, jnp.minimum(high, z)), jnp.maximum(high, z)


def _second_quotient(first: Callable[[Array, Array], Array], low: Array, mid: Array, high: Array, near: Array) -> Array:
    """(f[mid, high] - f[low, mid]) / (high - low): symmetric, and stable where the widest gap is not small."""
    lower, upper = first(_stack(low, mid), _stack(mid, high))
    return (upper - lower) / jnp.where(near, 1.0, high - low)


def _stack(*arrays: Array) -> Array:
    """Broadcast and stacked, so that one call, compiled once, serves them all."""
    return jnp.stack(jnp.broadcast_arrays(*arrays))


def _unit_phase(phase: Nodes) -> Values:
    """exp(-i phase)."""
    return lax.complex(jnp.cos(phase), -jnp.sin(phase))


def _sinc(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """sin(x) / x; below one radian a series, whose derivatives have no cancellation either."""
    near = jnp.abs(x) < 1.0
    near_x, far_x = jnp.where(near, x, 0.0), jnp.where(near, 1.0, x)
    coefficients = [(-1) ** k / factorial(2 * k + 1) for k in range(9, -1, -1)]
    return jnp.where(near, jnp.polyval(jnp.asarray(coefficients, x.dtype), near_x**2), jnp.sin(far_x) / far_x)


def _homogeneous_series(a: Array, b: Array, c: Array) -> Inexact[Array, "..."]:
    """sum_k (-i)^k h_k(a, b, c) / (k + 2)! for a + b + c = 0 and below one radian; h_k: all monomials of degree k."""
    e2, e3 = a * b + b * c + c * a, a * b * c
    h = [jnp.ones_like(e2), jnp.zeros_like(e2), -e2]
    while len(h) < 16:
        h.append(e3 * h[-3] - e2 * h[-2])
    even = sum((-1) ** k * h[2 * k] / factorial(2 * k + 2) for k in range(8))
    odd = sum((-1) ** k * h[2 * k + 1] / factorial(2 * k + 3) for k in range(8))
    return lax.complex(jnp.asarray(even), -jnp.asarray(odd))
