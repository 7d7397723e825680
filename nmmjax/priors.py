"""Priors that numpyro does not have."""

import abc
import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, ArrayLike, Complex, Float
from numpyro.distributions import constraints
from numpyro.distributions.transforms import AffineTransform, ExpTransform, PowerTransform, SigmoidTransform

from nmmjax import _checks
from nmmjax._public import public

_LEAST = 1e-6
_LOGISTIC = 1.7
"""Standard deviation of the normal distribution that is nearest to the logistic one."""


class FlatInSquare(dist.TransformedDistribution):
    """p(x) = 2 x / high^2 between 0 and `high`, walked in x^2: for moments, in whose squares rates are linear.

    The least value is 1e-6 of the largest, which keeps the root smooth.
    """

    arg_constraints = {"high": constraints.positive}  # noqa: RUF012 (numpyro's own declaration)
    pytree_data_fields = ("high",)

    @public
    def __init__(self, high: ArrayLike):
        _checks.check_range("high", high, low=0.0, open_low=True)
        self.high = high
        square = jnp.square(jnp.asarray(high))
        super().__init__(dist.Uniform(_LEAST**2 * square, square), PowerTransform(0.5))


class SoftLogUniform(dist.TransformedDistribution):
    """Log-uniform from `low` to `high` to some 15 %, with soft ends: the logarithm is logit-normal.

    For scales that data bound on one side or on none: on a plain without ends a maximum has no place and a trajectory
    no turning point; this has one in the middle, of 0.1 in ln p.
    """

    arg_constraints = {"low": constraints.positive, "high": constraints.positive}  # noqa: RUF012 (as numpyro has it)
    pytree_data_fields = ("low", "high")

    @public
    def __init__(self, low: ArrayLike, high: ArrayLike):
        _checks.check_range("low", low, low=0.0, open_low=True)
        _checks.check_range("high", high, low=0.0, open_low=True)
        if np.any(np.asarray(high) <= np.asarray(low)):
            _checks.fail("high", "be above `low`", f"they are {high} and {low}")
        self.low, self.high = low, high
        width = jnp.log(jnp.asarray(high) / jnp.asarray(low))
        transforms = [SigmoidTransform(), AffineTransform(jnp.log(jnp.asarray(low)), width), ExpTransform()]
        super().__init__(dist.Normal(0.0, _LOGISTIC), transforms)


class UniformPhase(dist.Distribution):
    """Flat on the circle. The density has period 2 pi, so a sampler may walk the real line without a seam."""

    arg_constraints = {}  # noqa: RUF012 (numpyro's own declaration)
    support = constraints.circular  # pyright: ignore  (numpyro's own manner of declaring it)

    def __init__(self) -> None:
        super().__init__(batch_shape=(), event_shape=())

    def sample(self, key: jax.Array | None, sample_shape: tuple[int, ...] = ()) -> Float[Array, "..."]:
        """Uniform in (-pi, pi]."""
        assert key is not None
        return jax.random.uniform(key, sample_shape, minval=-jnp.pi, maxval=jnp.pi)

    def log_prob(self, value: ArrayLike, intermediates: object = None) -> Float[Array, "..."]:
        """-ln(2 pi), everywhere."""
        return jnp.full(jnp.shape(value), -jnp.log(2.0 * jnp.pi))

    @property
    def mean(self) -> Float[Array, ""]:
        """Undefined on a circle; 0 by convention."""
        return jnp.zeros(())


class OverComplexPlane(dist.Distribution):
    """Abstract: complex numbers, made of two independent real ones in which they are walked.

    Of an array every entry has its own two; `expand` and `to_event` work as for any distribution of numpyro.
    """

    support = constraints.real  # pyright: ignore  (numpyro knows no complex plane; its real coordinates have their own)
    is_cartesian: ClassVar[bool] = False
    """Whether the two real numbers are real and imaginary part."""

    @property
    @abc.abstractmethod
    def coordinates(self) -> tuple[dist.Distribution, dist.Distribution]:
        """The priors of the two real numbers."""

    @abc.abstractmethod
    def combine(self, first: Float[Array, "..."], second: Float[Array, "..."]) -> Complex[Array, "..."]:
        """The complex number at these coordinates."""

    @abc.abstractmethod
    def split(self, value: Complex[Array, "..."]) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        """The coordinates of a complex number."""

    @abc.abstractmethod
    def log_area(self, first: Float[Array, "..."], second: Float[Array, "..."]) -> Float[Array, "..."]:
        """ln of the area that an element of the coordinates covers in the complex plane."""

    @abc.abstractmethod
    def modulus_bounds(self) -> tuple[float, float]:
        """The least and the largest modulus."""

    def sample(self, key: jax.Array | None, sample_shape: tuple[int, ...] = ()) -> Complex[Array, "..."]:
        """From independent coordinates."""
        assert key is not None
        keys = jax.random.split(key)
        drawn = (c.sample(k, sample_shape) for c, k in zip(self.coordinates, keys, strict=True))
        return self.combine(*map(jnp.asarray, drawn))

    def log_prob(self, value: ArrayLike, intermediates: object = None) -> Float[Array, "..."]:
        """The logarithm of the density in the complex plane."""
        parts = self.split(jnp.asarray(value))
        first, second = (c.log_prob(part) for c, part in zip(self.coordinates, parts, strict=True))
        return jnp.asarray(first) + second - self.log_area(*parts)


class ComplexNormal(OverComplexPlane):
    """Independent real and imaginary parts, each normal around zero with standard deviation `scale`."""

    arg_constraints = {"scale": constraints.positive}  # noqa: RUF012 (numpyro's own declaration)
    is_cartesian: ClassVar[bool] = True

    @public
    def __init__(self, scale: ArrayLike = 1.0):
        _checks.check_range("scale", scale, low=0.0, open_low=True)
        self.scale = jnp.asarray(scale)
        super().__init__(batch_shape=jnp.shape(scale), event_shape=())

    @property
    def coordinates(self) -> tuple[dist.Distribution, dist.Distribution]:
        """Real and imaginary part."""
        part = dist.Normal(jnp.zeros_like(self.scale), self.scale)
        return part, part

    def combine(self, first: Float[Array, "..."], second: Float[Array, "..."]) -> Complex[Array, "..."]:
        """x + i y."""
        return jax.lax.complex(first, second)

    def split(self, value: Complex[Array, "..."]) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        """Real and imaginary part."""
        return jnp.real(value), jnp.imag(value)

    def log_area(self, first: Float[Array, "..."], second: Float[Array, "..."]) -> Float[Array, "..."]:
        """ln 1."""
        del second
        return jnp.zeros_like(first)

    def modulus_bounds(self) -> tuple[float, float]:
        """Any."""
        return 0.0, math.inf


class ComplexLogUniform(OverComplexPlane):
    """A uniform phase, and a modulus that is log-uniform between `low` and `high`: an unknown order of magnitude.

    Walked in phase and logarithm of the modulus.
    """

    arg_constraints = {"low": constraints.positive, "high": constraints.positive}  # noqa: RUF012

    @public
    def __init__(self, low: ArrayLike, high: ArrayLike):
        _checks.check_range("low", low, low=0.0, open_low=True)
        _checks.check_range("high", high, low=0.0, open_low=True)
        _checks.common_shape({"low": jnp.shape(low), "high": jnp.shape(high)})
        _check_ascending(low, high)
        self.low, self.high = jnp.broadcast_arrays(jnp.asarray(low), jnp.asarray(high))
        super().__init__(batch_shape=self.low.shape, event_shape=())

    @property
    def coordinates(self) -> tuple[dist.Distribution, dist.Distribution]:
        """Modulus and phase."""
        return dist.LogUniform(self.low, self.high), UniformPhase().expand(self.batch_shape)

    def combine(self, first: Float[Array, "..."], second: Float[Array, "..."]) -> Complex[Array, "..."]:
        """r (cos phi + i sin phi)."""
        return jax.lax.complex(first * jnp.cos(second), first * jnp.sin(second))

    def split(self, value: Complex[Array, "..."]) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        """Modulus and argument."""
        return jnp.abs(value), jnp.angle(value)

    def log_area(self, first: Float[Array, "..."], second: Float[Array, "..."]) -> Float[Array, "..."]:
        """ln r, of r dr dphi."""
        del second
        return jnp.log(first)

    def modulus_bounds(self) -> tuple[float, float]:
        """Its ends."""
        return float(jnp.min(self.low)), float(jnp.max(self.high))


def _check_ascending(low: ArrayLike, high: ArrayLike) -> None:
    first, last = _checks.concrete(low), _checks.concrete(high)
    if first is not None and last is not None and np.any(first >= last):
        _checks.fail("high", "be above `low`", f"they are {_checks.shown(high)} and {_checks.shown(low)}")
