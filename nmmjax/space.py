"""One unconstrained space for all inference, made by numpyro's bijectors.

A prior that numpyro writes as a transformed distribution (LogNormal, LogUniform) is unfolded to its base, whose
coordinate y is the one in which it is normal or flat; y is then mapped to the real line. A real coordinate is shifted
and scaled by mean and standard deviation, so that everything the sampler sees is of order one; a circular one is walked
unwrapped. A complex number is walked in the two real coordinates of its prior. Flattened in the order of the names, the
coordinates form the vector z.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Num, PRNGKeyArray
from numpyro.distributions import (
    Distribution,
    ExpandedDistribution,
    Independent,
    Normal,
    TransformedDistribution,
    biject_to,
    constraints,
)
from numpyro.distributions.transforms import (
    AffineTransform,
    ComposeTransform,
    IdentityTransform,
    SigmoidTransform,
    Transform,
)
from numpyro.distributions.truncated import (
    LeftTruncatedDistribution,
    RightTruncatedDistribution,
    TwoSidedTruncatedDistribution,
)

from nmmjax.numerics.special import clipped
from nmmjax.priors import OverComplexPlane

_EDGE = 9.0
"""|z| of a bounded coordinate beyond which it is at its bound: 1 / (1 + e^9) = 1.2e-4."""

_CUT = LeftTruncatedDistribution | RightTruncatedDistribution | TwoSidedTruncatedDistribution
_INFINITE = 1e100
"""What is larger than this has no bound."""


class Coordinate(NamedTuple):
    """How real numbers are walked: z -> y (`to_base`) -> number (`to_parameter`)."""

    base: Distribution
    to_base: Transform
    to_parameter: Transform
    shape: tuple[int, ...]


class _Walk(NamedTuple):
    """How one parameter is walked: one coordinate, or two and the prior that makes a complex number of them."""

    coordinates: tuple[Coordinate, ...]
    plane: OverComplexPlane | None

    def parameter(self, values: list[Float[Array, "..."]]) -> Num[Array, "..."]:
        return values[0] if self.plane is None else self.plane.combine(values[0], values[1])

    def values(self, parameter: Num[Array, "..."]) -> tuple[Float[Array, "..."], ...]:
        return (parameter,) if self.plane is None else self.plane.split(parameter)


class Entry(NamedTuple):
    """One real number of a parameter that is walked by itself."""

    parameter: str
    is_imaginary: bool
    place: tuple[int, ...]


class Located(NamedTuple):
    """A point of the space: parameters, log-density of the prior in its base coordinates, ln |dy / dz|."""

    parameters: dict[str, Num[Array, "..."]]
    log_prior: Float[Array, ""]
    log_jacobian: Float[Array, ""]


class Space:
    """The unconstrained space of a set of priors. Cheap to make; holds nothing but the priors."""

    def __init__(self, priors: Mapping[str, Distribution]):
        self.names = tuple(sorted(priors))
        self._walks = {name: _walk(priors[name]) for name in self.names}

    @property
    def size(self) -> int:
        """Dimension."""
        return sum(self.width(name) for name in self.names)

    def width(self, name: str) -> int:
        """How many components of z a parameter has."""
        return sum(math.prod(c.shape) for c in self._walks[name].coordinates)

    @property
    def complex_names(self) -> tuple[str, ...]:
        """Names of the complex parameters."""
        return tuple(name for name in self.names if self._walks[name].plane is not None)

    @property
    def real_names(self) -> tuple[str, ...]:
        """Names of the real arrays of which the parameters consist: see `real_parts`."""
        return tuple(part for name, walk in self._walks.items() for part in _part_names(name, walk))

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for every component of z: `x`, `x[0]`, `x[0,1]`; of complex numbers `x_re[0,1]` and `x_im[0,1]`."""
        return tuple(
            entry_label(part, index)
            for name in self.names
            for part, c in zip(_part_names(name, self._walks[name]), self._walks[name].coordinates, strict=True)
            for index in np.ndindex(c.shape)
        )

    @property
    def entries(self) -> dict[str, Entry]:
        """The numbers that are walked by themselves, by label: all but complex ones by modulus and phase."""
        return {
            entry_label(part, index): Entry(name, bool(imaginary), index)
            for name, walk in self._walks.items()
            if walk.plane is None or walk.plane.is_cartesian
            for imaginary, part in enumerate(_part_names(name, walk))
            for index in np.ndindex(walk.coordinates[imaginary].shape)
        }

    def replaced(self, parameters: Mapping[str, Num[Array, "..."]], values: Mapping[str, Any]) -> dict[str, Any]:
        """The same parameters with some of their `entries`, by label, replaced."""
        found, entries = {name: np.array(value) for name, value in parameters.items()}, self.entries
        for label, value in values.items():
            name, is_imaginary, place = entries[label]
            old = found[name][place].item()
            if isinstance(old, complex):
                value = complex(old.real, value) if is_imaginary else complex(value, old.imag)
            found[name][place] = value
        return found

    def value(self, parameters: Mapping[str, Num[Array, "..."]], label: str) -> float:
        """One of the `entries` of parameters."""
        name, is_imaginary, place = self.entries[label]
        number = np.asarray(parameters[name])[place]
        return float(number.imag if is_imaginary else number.real)

    def flat(self, parameters: Mapping[str, Num[Array, "..."]]) -> Float[Array, " d"]:
        """The real numbers of which parameters consist, in the order of the labels."""
        parts = real_parts({name: parameters[name] for name in self.names})
        return jnp.concatenate([jnp.ravel(part) for part in parts.values()])

    def unflat(self, numbers: Float[Array, " d"]) -> dict[str, Num[Array, "..."]]:
        """The parameters that consist of real numbers in the order of the labels: what `flat` takes apart."""
        parameters, start = {}, 0
        for name, walk in self._walks.items():
            parts = []
            for coordinate in walk.coordinates:
                end = start + math.prod(coordinate.shape)
                parts.append(jnp.reshape(numbers[start:end], coordinate.shape))
                start = end
            parameters[name] = parts[0] if walk.plane is None else jax.lax.complex(*parts)
        return parameters

    def wrap(self, points: Float[np.ndarray, "... d"]) -> Float[np.ndarray, "... d"]:
        """The same points with every phase in (-pi, pi]."""
        return np.where(self.phases, wrapped(points), points)

    def at_bound(self, z: np.ndarray) -> tuple[str, ...]:
        """Labels of the components that sit at the bound of their prior's support, to 1e-4 of its width."""
        at_edge = self._everywhere(_is_bounded) & (np.abs(z) > _EDGE)
        return tuple(label for label, is_there in zip(self.labels, at_edge, strict=True) if is_there)

    def within_bounds(self, points: Float[np.ndarray, "... d"], edge: float = _EDGE) -> Float[np.ndarray, "... d"]:
        """The same points, with components of bounded priors that lie farther out than `edge` in |z| there."""
        return np.where(self._everywhere(_is_bounded), np.clip(points, -edge, edge), points)

    def deviations(self, z: Float[Array, " d"]) -> Float[Array, " d"]:
        """By how many standard deviations each number lies off the center of its prior; zero where that is not normal.

        A normal prior cut at some values counts by the normal distribution that was cut.
        """
        parts, start = [], 0
        for coordinate in (c for walk in self._walks.values() for c in walk.coordinates):
            end = start + math.prod(coordinate.shape)
            part, normal = z[start:end].reshape(coordinate.shape), _normal(coordinate.base)
            if normal is None:
                parts.append(jnp.zeros_like(z[start:end]))
            else:
                loc, scale = jnp.asarray(normal.loc), jnp.asarray(normal.scale)
                parts.append(jnp.ravel((jnp.asarray(coordinate.to_base(part)) - loc) / scale))
            start = end
        return jnp.concatenate(parts)

    def displaced(self, z: Float[Array, " d"], by: float) -> Float[Array, " d"]:
        """Each component with a normal prior so many standard deviations of that prior farther on, the others as they
        are; NaN beyond the end of a normal prior that is cut.
        """
        parts, start = [], 0
        for coordinate in (c for walk in self._walks.values() for c in walk.coordinates):
            end = start + math.prod(coordinate.shape)
            part, normal = z[start:end].reshape(coordinate.shape), _normal(coordinate.base)
            if normal is not None:
                base = jnp.asarray(coordinate.to_base(part)) + by * jnp.asarray(normal.scale)
                inside: Any = coordinate.base.support
                part = jnp.where(inside(base), coordinate.to_base.inv(base), jnp.nan)
            parts.append(jnp.ravel(part))
            start = end
        return jnp.concatenate(parts)

    @property
    def normal(self) -> Bool[np.ndarray, " d"]:
        """Which components have a normal prior, cut or not."""
        return self._everywhere(lambda prior: _normal(prior) is not None)

    @property
    def bounded(self) -> Bool[np.ndarray, " d"]:
        """Which components have a prior with an end."""
        return self._everywhere(_is_bounded)

    @property
    def is_on_circle(self) -> Bool[np.ndarray, " d"]:
        """Which components are phases."""
        return self._everywhere(is_circular)

    @property
    def circular(self) -> tuple[str, ...]:
        """Names of the parameters that live on a circle."""
        real = (name for name in self.names if self._walks[name].plane is None)
        return tuple(name for name in real if is_circular(self._walks[name].coordinates[0].base))

    @property
    def phases(self) -> Bool[np.ndarray, " d"]:
        """Which components of z live on a circle."""
        return self._everywhere(is_circular)

    def _everywhere(self, has: Callable[[Distribution], bool]) -> Bool[np.ndarray, " d"]:
        """Whether the base of each component of z has a property."""
        coordinates = [c for walk in self._walks.values() for c in walk.coordinates]
        return np.array([has(c.base) for c in coordinates for _ in range(math.prod(c.shape))])

    def locate(self, z: Float[Array, " d"]) -> Located:
        """From the vector to parameters and prior density."""
        parameters, log_prior, log_jacobian, start = {}, jnp.zeros(()), jnp.zeros(()), 0
        for name, walk in self._walks.items():
            values = []
            for coordinate in walk.coordinates:
                end = start + math.prod(coordinate.shape)
                part = z[start:end].reshape(coordinate.shape)
                base = coordinate.to_base(part)
                values.append(coordinate.to_parameter(base))
                log_prior += jnp.sum(coordinate.base.log_prob(base))
                log_jacobian += jnp.sum(coordinate.to_base.log_abs_det_jacobian(part, base))
                start = end
            parameters[name] = walk.parameter(values)
        return Located(parameters, log_prior, log_jacobian)

    def parameters(self, z: Float[Array, " d"]) -> dict[str, Num[Array, "..."]]:
        """From the vector to parameters."""
        return self.locate(z).parameters

    def vector(self, parameters: Mapping[str, Num[Array, "..."]]) -> Float[Array, " d"]:
        """From parameters to the vector."""
        parts = []
        for name, walk in self._walks.items():
            values = walk.values(jnp.asarray(parameters[name]))
            for coordinate, value in zip(walk.coordinates, values, strict=True):
                parts.append(jnp.ravel(coordinate.to_base.inv(coordinate.to_parameter.inv(value))))
        return jnp.concatenate(parts)

    def draw(self, key: PRNGKeyArray) -> Float[Array, " d"]:
        """A point drawn from the prior."""
        keys, parts = jax.random.split(key, len(self.names)), []
        for walk, own in zip(self._walks.values(), keys, strict=True):
            several = [own] if walk.plane is None else jax.random.split(own)
            for coordinate, one in zip(walk.coordinates, several, strict=True):
                parts.append(jnp.ravel(coordinate.to_base.inv(coordinate.base.sample(one))))
        return jnp.concatenate(parts)

    def bounds(self, label: str, prior: Distribution) -> tuple[float, float]:
        """Ends of the support of one of the `entries`."""
        low, high = self.support_bounds(prior)
        return (-high, high) if self.entries[label].parameter in self.complex_names else (low, high)

    @staticmethod
    def support_bounds(prior: Distribution) -> tuple[float, float]:
        """Smallest and largest value to which a prior gives weight; infinite where there is no such end.

        Those of the modulus for complex numbers.
        """
        walk = _walk(prior)
        if walk.plane is not None:
            return walk.plane.modulus_bounds()
        coordinate = walk.coordinates[0]
        ends = [coordinate.to_parameter(coordinate.to_base(jnp.full(coordinate.shape, far))) for far in (-1e300, 1e300)]
        found = jnp.stack(ends)
        low, high = float(jnp.min(found)), float(jnp.max(found))
        return low if low > -_INFINITE else -math.inf, high if high < _INFINITE else math.inf


def entry_label(name: str, index: tuple[int, ...]) -> str:
    """The name of one entry of an array: `x`, `x[0]`, `x[0,1]`."""
    return f"{name}[{','.join(map(str, index))}]" if index else name


def names_of(label: str) -> tuple[str, str, str]:
    """What a number with a label may be called: by itself, as an entry of its array, as a part of a complex one."""
    array = label.partition("[")[0]
    return label, array, array.removesuffix("_re").removesuffix("_im")


def real_parts(values: Mapping[str, Num[Any, "..."]]) -> dict[str, Float[Any, "..."]]:
    """The same values as real arrays: real ones as they are, complex ones as `x_re` and `x_im`."""
    parts: dict[str, Float[Any, "..."]] = {}
    for name, value in values.items():
        parts |= {f"{name}_re": value.real, f"{name}_im": value.imag} if jnp.iscomplexobj(value) else {name: value}
    return parts


def wrapped(angle: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The same angle in (-pi, pi]."""
    return np.pi - np.remainder(np.pi - angle, 2 * np.pi)


def is_circular(prior: Distribution) -> bool:
    """Whether a prior lives on a circle."""
    return prior.support is constraints.circular


def _is_bounded(prior: Distribution) -> bool:
    return prior.support is not constraints.real and not is_circular(prior)


def _normal(prior: Distribution) -> Normal | None:
    """The normal distribution that a prior is, or is cut from."""
    while isinstance(prior, ExpandedDistribution | Independent | _CUT):
        prior = prior.base_dist
    return prior if isinstance(prior, Normal) else None


def _walk(prior: Distribution) -> _Walk:
    shape, plane = prior.batch_shape + prior.event_shape, prior
    while isinstance(plane, ExpandedDistribution | Independent):
        plane = plane.base_dist
    if isinstance(plane, OverComplexPlane):
        return _Walk(tuple(_coordinate(c, shape) for c in plane.coordinates), plane)
    return _Walk((_coordinate(prior, shape),), None)


def _coordinate(prior: Distribution, shape: tuple[int, ...]) -> Coordinate:
    transforms = []
    while isinstance(prior, TransformedDistribution | ExpandedDistribution | Independent):
        transforms = [*prior.transforms, *transforms] if isinstance(prior, TransformedDistribution) else transforms
        prior = prior.base_dist
    to_base = _to_base(prior)
    if prior.batch_shape + prior.event_shape != shape:
        prior = prior.expand(shape[: len(shape) - prior.event_dim])
    return Coordinate(prior, to_base, ComposeTransform(transforms), shape)


def _part_names(name: str, walk: _Walk) -> tuple[str, ...]:
    return (name,) if walk.plane is None else (f"{name}_re", f"{name}_im")


def _to_base(prior: Distribution) -> Transform:
    if is_circular(prior):
        return IdentityTransform()
    if not _is_bounded(prior):
        return AffineTransform(prior.mean, jnp.sqrt(prior.variance))
    transform = biject_to(prior.support)
    return ComposeTransform([_Logistic() if isinstance(t, SigmoidTransform) else t for t in _parts(transform)])


class _Logistic(SigmoidTransform):
    """numpyro's, which is kept off 0 and 1 by the same numbers, with a derivative that rounding cannot lose."""

    def __call__(self, x: Any) -> Any:
        """1 / (1 + e^-x)."""
        y = jax.nn.sigmoid(x)
        limits = jnp.finfo(y.dtype)
        return clipped(y, limits.tiny, 1.0 - limits.eps)


def _parts(transform: Transform) -> list[Transform]:
    return list(transform.parts) if isinstance(transform, ComposeTransform) else [transform]
