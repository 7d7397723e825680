"""Smooth functions of one real variable with their divided differences: what a function of a matrix is made of.

The arrays inside a `SpectralFunction` have its `shape`, a batch over lengths, energies, parameters.
"""

import abc
from collections.abc import Callable
from math import factorial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, ArrayLike, Float, Inexact

from nmmjax import _checks
from nmmjax.numerics.quadrature import gauss_legendre

Nodes = Float[Array, "..."]
Values = Inexact[Array, "..."]
_QUADRATURE = gauss_legendre(6)
_NODES, _WEIGHTS = 0.5 * (_QUADRATURE[0] + 1.0), 0.5 * _QUADRATURE[1]
_TERMS = 18
"""Of the Taylor series of a Gaussian wave over half its width, or over one radian: 1e-16."""


def inexact(value: ArrayLike) -> Inexact[Array, "..."]:
    """An array of floating-point or complex numbers."""
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
        """First divided difference f[x, y] = (f(x) - f(y)) / (x - y), f'(x) where x = y."""

    @abc.abstractmethod
    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """Second divided difference f[x, y, z] = (f[x, y] - f[y, z]) / (x - z), f''(x) / 2 where x = y = z."""


class ExpMinusI(SpectralFunction):
    """f(x) = exp(-i x L): the propagator in the mass basis, accurate at any phase x L."""

    length: Float[Array, "..."] = eqx.field(converter=inexact)

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
        """First divided difference -i L exp(-i (x + y) L / 2) sinc((x - y) L / 2)."""
        return -1j * self.length * _unit_phase(0.5 * (x + y) * self.length) * _sinc(0.5 * (x - y) * self.length)

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """Second divided difference: a quotient over the widest gap, below one radian the series about the mean."""
        low, mid, high = _sort(x, y, z)
        center = (x + y + z) / 3.0
        near = jnp.abs((high - low) * self.length) < 1.0
        a, b, c = (jnp.where(near, (node - center) * self.length, 0.0) for node in (x, y, z))
        series = -(self.length**2) * _unit_phase(center * self.length) * _homogeneous_series(a, b, c)
        return jnp.where(near, series, _second_quotient(self.first, low, mid, high, near))


class GaussianWave(SpectralFunction):
    """f(x) = exp(-i x L - x^2 v / 2): the mean of exp(-i x l) over a Gaussian of lengths l of mean L and variance v.

    v = 0 is the propagator, L = 0 a filter that passes |x| << 1 / sqrt(v). Accurate at any phase x L.
    """

    length: Float[Array, "..."] = eqx.field(converter=inexact)
    variance: Float[Array, "..."] = eqx.field(converter=inexact)

    def __check_init__(self) -> None:
        _checks.check_range("length", self.length)
        _checks.check_range("variance", self.variance, low=0.0)

    @property
    def shape(self) -> tuple[int, ...]:
        """The common shape of L and v."""
        return jnp.broadcast_shapes(self.length.shape, self.variance.shape)

    def __call__(self, x: Nodes) -> Values:
        """exp(-i x L - x^2 v / 2)."""
        return _unit_phase(x * self.length) * jnp.exp(-0.5 * x**2 * self.variance)

    def first(self, x: Nodes, y: Nodes) -> Values:
        """First divided difference: with m, d = (x +- y) / 2 and s = i L + m v, or the quotient,

        -s f(m) exp(-d^2 v / 2) sinh(s d) / (s d).
        """
        mean, half = 0.5 * (x + y), 0.5 * (x - y)
        near = jnp.abs(half) * self._rate(mean) < 1.0
        half = jnp.where(near, half, 0.0)
        slope = mean * self.variance + 1j * self.length
        series = _shc_series((slope * half) ** 2) * jnp.exp(-0.5 * half**2 * self.variance)
        return jnp.where(near, -slope * self(mean) * series, (self(x) - self(y)) / jnp.where(near, 1.0, x - y))

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """Second divided difference: a quotient over the widest gap; where f varies little, a series about the mean."""
        low, mid, high = _sort(x, y, z)
        mean = (x + y + z) / 3.0
        near = (high - low) * self._rate(mean) < 1.0
        a, b, c = (jnp.where(near, node - mean, 0.0) for node in (x, y, z))
        slope = mean * self.variance + 1j * self.length
        series = self(mean) * _gaussian_series(a, b, c, slope, self.variance)
        return jnp.where(near, series, _second_quotient(self.first, low, mid, high, near))

    def _rate(self, x: Nodes) -> Nodes:
        """The inverse of a distance from x over which f varies little."""
        return jnp.abs(self.length) + jnp.abs(x) * self.variance + 2.0 * jnp.sqrt(self.variance)


class Smooth(SpectralFunction):
    """f(x) = function(x, *parameters), any function that JAX differentiates and that is smooth over `scale`.

    The function acts element by element and broadcasts x against the parameters, which it must receive as arguments:
    one that closes over arrays under differentiation would lose their derivatives. Closer than `scale` / 4, divided
    differences are integrals of derivatives (Gauss-Legendre, six nodes: 4e-15 where the nearest singularity of f is
    `scale` away or farther); beyond, quotients, whose rounding error is some 1e-15 f / scale. Waves need the scale of
    their phase: 1 / L for exp(-i x L).
    """

    function: Callable[..., Inexact[Array, "..."]] = eqx.field(static=True)
    scale: Float[Array, "..."] = eqx.field(converter=inexact)
    parameters: tuple[Inexact[Array, "..."], ...] = eqx.field(
        default=(), converter=lambda values: tuple(map(inexact, values))
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
        """First divided difference int_0^1 f'(x + (y - x) t) dt, or the quotient."""
        near = jnp.abs(x - y) <= 0.25 * self.scale
        t, weights = _on_first_axis(_NODES, _WEIGHTS, like=x + y + self.scale)
        integral = (weights * _derivative(self)(x + (y - x) * t)).sum(0)
        return jnp.where(near, integral, (self(x) - self(y)) / jnp.where(near, 1.0, x - y))

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """Second divided difference int_0^1 s ds int_0^1 dt f''(x + s (y - x + t (z - y))), or the quotient.

        The formula of Hermite and Genocchi.
        """
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
    weights: Inexact[Array, "... k"] = eqx.field(converter=inexact)

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
        """First divided difference sum_k weights_k terms_k[x, y]."""
        return (self.weights * self.terms.first(x[..., None], y[..., None])).sum(-1)

    def second(self, x: Nodes, y: Nodes, z: Nodes) -> Values:
        """Second divided difference sum_k weights_k terms_k[x, y, z]."""
        return (self.weights * self.terms.second(x[..., None], y[..., None], z[..., None])).sum(-1)


def mean_exp_minus_i(low: Float[Array, "..."], high: Float[Array, "..."]) -> Smooth:
    """The mean of exp(-i x L) over L from `low` to `high`: exp(-i x (low + high) / 2) sinc(x (high - low) / 2)."""
    low, high = inexact(low), inexact(high)
    scale = 1.0 / jnp.maximum(jnp.abs(low) + jnp.abs(high), jnp.finfo(high.dtype).tiny)
    return Smooth(_mean_wave, scale, (0.5 * (low + high), 0.5 * (high - low)))


def _mean_wave(x: Nodes, center: Nodes, half_width: Nodes) -> Values:
    return _unit_phase(x * center) * _sinc(x * half_width)


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
    lower, upper = first(stack(low, mid), stack(mid, high))
    return (upper - lower) / jnp.where(near, 1.0, high - low)


def stack(*arrays: Array) -> Array:
    """Broadcast and stack arrays, so that one call, compiled once, serves them all."""
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


def _shc_series(square: Inexact[Array, "..."]) -> Inexact[Array, "..."]:
    """sinh(z) / z below one, from z^2."""
    series = jnp.ones_like(square)
    for k in range(9, 0, -1):
        series = 1.0 + series * square / (2 * k * (2 * k + 1))
    return series


def _gaussian_series(a: Array, b: Array, c: Array, slope: Array, curvature: Array) -> Inexact[Array, "..."]:
    """f[a, b, c] of f(u) = exp(-slope u - curvature u^2 / 2) for a + b + c = 0, where f varies little.

    f = sum_k f_k u^k has k f_k = -slope f_(k-1) - curvature f_(k-2), and the divided difference of u^k is h_(k-2), the
    sum of all monomials of that degree.
    """
    e2, e3 = a * b + b * c + c * a, a * b * c
    h, total = [jnp.ones_like(e2), jnp.zeros_like(e2), -e2], 0.0
    f = [jnp.ones_like(slope), -slope]
    for k in range(2, _TERMS):
        f.append(-(slope * f[-1] + curvature * f[-2]) / k)
        total = total + f[-1] * h[k - 2]
        h.append(e3 * h[-3] - e2 * h[-2])
    return jnp.asarray(total)


def _homogeneous_series(a: Array, b: Array, c: Array) -> Inexact[Array, "..."]:
    """sum_k (-i)^k h_k(a, b, c) / (k + 2)! for a + b + c = 0 and below one radian; h_k: all monomials of degree k."""
    e2, e3 = a * b + b * c + c * a, a * b * c
    h = [jnp.ones_like(e2), jnp.zeros_like(e2), -e2]
    while len(h) < 16:
        h.append(e3 * h[-3] - e2 * h[-2])
    even = sum((-1) ** k * h[2 * k] / factorial(2 * k + 2) for k in range(8))
    odd = sum((-1) ** k * h[2 * k + 1] / factorial(2 * k + 3) for k in range(8))
    return lax.complex(jnp.asarray(even), -jnp.asarray(odd))
