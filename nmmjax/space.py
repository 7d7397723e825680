"""One unconstrained space for all inference, made by numpyro's bijectors.

A prior that numpyro writes as a transformed distribution (LogNormal, LogUniform) is unfolded to its base, whose
coordinate y is the one in which it is normal or flat; y is then mapped to the real line. A real coordinate is shifted
and scaled by mean and standard deviation, so that everything the sampler sees is of order one; a circular one is walked
unwrapped. Flattened in the order of the names, the coordinates form the vector z.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray
from numpyro.distributions import Distribution, TransformedDistribution, biject_to, constraints
from numpyro.distributions.transforms import AffineTransform, ComposeTransform, IdentityTransform, Transform

_EDGE = 9.0
"""|z| of a bounded coordinate beyond which it is at its bound: 1 / (1 + e^9) = 1.2e-4."""

_INFINITE = 1e100
"""What is larger than this has no bound."""


class Coordinate(NamedTuple):
    """How one parameter is walked: z -> y (`to_base`) -> parameter (`to_parameter`)."""

    base: Distribution
    to_base: Transform
    to_parameter: Transform
    shape: tuple[int, ...]


class Located(NamedTuple):
    """A point of the space: parameters, log-density of the prior in its base coordinates, ln |dy / dz|."""

    parameters: dict[str, Float[Array, "..."]]
    log_prior: Float[Array, ""]
    log_jacobian: Float[Array, ""]


class Space:
    """The unconstrained space of a set of priors. Cheap to make; holds nothing but the priors."""

    def __init__(self, priors: Mapping[str, Distribution]):
        self.names = tuple(sorted(priors))
        self._coordinates = {name: _coordinate(priors[name]) for name in self.names}

    @property
    def size(self) -> int:
        """Dimension."""
        return sum(self._size(name) for name in self.names)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for every component of z."""
        return tuple(
            name if self._coordinates[name].shape == () else f"{name}[{i}]"
            for name in self.names
            for i in range(self._size(name))
        )

    def wrap(self, points: Float[np.ndarray, "... d"]) -> Float[np.ndarray, "... d"]:
        """The same points with every phase in (-pi, pi]."""
        turning = np.array([name in self.circular for name in self.names for _ in range(self._size(name))])
        return np.where(turning, wrapped(points), points)

    def at_bound(self, z: np.ndarray) -> tuple[str, ...]:
        """Labels of the components that sit at the bound of their prior's support, to 1e-4 of its width."""
        bounded = [_is_bounded(self._coordinates[name].base) for name in self.names for _ in range(self._size(name))]
        return tuple(
            b for b, x, is_bounded in zip(self.labels, z, bounded, strict=True) if is_bounded and abs(x) > _EDGE
        )

    @property
    def circular(self) -> tuple[str, ...]:
        """Names of the parameters that live on a circle."""
        return tuple(name for name in self.names if is_circular(self._coordinates[name].base))

    def _size(self, name: str) -> int:
        return int(np.prod(self._coordinates[name].shape))

    def locate(self, z: Float[Array, " d"]) -> Located:
        """From the vector to parameters and prior density."""
        parameters, log_prior, log_jacobian, start = {}, jnp.zeros(()), jnp.zeros(()), 0
        for name in self.names:
            coordinate, end = self._coordinates[name], start + self._size(name)
            part = z[start:end].reshape(coordinate.shape)
            base = coordinate.to_base(part)
            parameters[name] = coordinate.to_parameter(base)
            log_prior += jnp.sum(coordinate.base.log_prob(base))
            log_jacobian += jnp.sum(coordinate.to_base.log_abs_det_jacobian(part, base))
            start = end
        return Located(parameters, log_prior, log_jacobian)

    def parameters(self, z: Float[Array, " d"]) -> dict[str, Float[Array, "..."]]:
        """From the vector to parameters."""
        return self.locate(z).parameters

    def vector(self, parameters: Mapping[str, Float[Array, "..."]]) -> Float[Array, " d"]:
        """From parameters to the vector."""
        parts = []
        for name in self.names:
            _, to_base, to_parameter, _ = self._coordinates[name]
            parts.append(jnp.ravel(to_base.inv(to_parameter.inv(jnp.asarray(parameters[name])))))
        return jnp.concatenate(parts)

    def draw(self, key: PRNGKeyArray) -> Float[Array, " d"]:
        """A point drawn from the prior."""
        keys = jax.random.split(key, len(self.names))
        draws = (c.to_base.inv(c.base.sample(k)) for c, k in zip(self._coordinates.values(), keys, strict=True))
        return jnp.concatenate([jnp.ravel(draw) for draw in draws])

    @staticmethod
    def support_bounds(prior: Distribution) -> tuple[float, float]:
        """Smallest and largest value to which a prior gives weight; infinite where there is no such end."""
        coordinate = _coordinate(prior)
        ends = [coordinate.to_parameter(coordinate.to_base(jnp.full(coordinate.shape, far))) for far in (-1e300, 1e300)]
        found = jnp.stack(ends)
        low, high = float(jnp.min(found)), float(jnp.max(found))
        return low if low > -_INFINITE else -math.inf, high if high < _INFINITE else math.inf


def wrapped(angle: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The same angle in (-pi, pi]."""
    return np.pi - np.remainder(np.pi - angle, 2 * np.pi)


def is_circular(prior: Distribution) -> bool:
    """Whether a prior lives on a circle."""
    return prior.support is constraints.circular


def _is_bounded(prior: Distribution) -> bool:
    return prior.support is not constraints.real and not is_circular(prior)


def _coordinate(prior: Distribution) -> Coordinate:
    shape, transforms = prior.batch_shape + prior.event_shape, []
    while isinstance(prior, TransformedDistribution):
        transforms = [*prior.transforms, *transforms]
        prior = prior.base_dist
    return Coordinate(prior, _to_base(prior), ComposeTransform(transforms), shape)


def _to_base(prior: Distribution) -> Transform:
    if is_circular(prior):
        return IdentityTransform()
    if not _is_bounded(prior):
        return AffineTransform(prior.mean, jnp.sqrt(prior.variance))
    return biject_to(prior.support)
