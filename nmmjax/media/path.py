"""Paths of neutrinos: what an evolution asks of any of them, and those through matter of constant density."""

import abc
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.media.stretch import Matter, Stretch

Held = Array | np.ndarray
"""Arrays as paths keep them: numbers that JAX does not hold yet stay with numpy."""


class InOrder(NamedTuple):
    """Stretches on the first axis of their arrays, in the order of the flight."""

    stretches: Stretch


class Path(eqx.Module):
    """A path from a source to a detector through matter. A new medium is a subclass in a file of its own.

    It says which of its fields take part in the broadcasting (`own_axes`) and what lies on the way (`way`). The
    remaining fields, such as a model of the Earth, are shared by all points of a batch.
    """

    own_axes: ClassVar[Mapping[str, int]]
    """Fields that broadcast with energies and theories, and how many axes each has after those of the batch."""

    def __check_init__(self) -> None:
        _checks.common_shape(self.batch_shapes())

    @abc.abstractmethod
    def way(self) -> Stretch | InOrder:
        """What lies on the way, with the axes of the batch last: one stretch of matter, or many in order."""

    def batch_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every broadcasting field without its own axes."""
        shapes = {name: (np.shape(getattr(self, name)), own) for name, own in self.own_axes.items()}
        return {name: shape[: len(shape) - own] for name, (shape, own) in shapes.items()}

    def broadcasting(self) -> list[Held]:
        """The broadcasting fields, in the order of `own_axes`."""
        return [getattr(self, name) for name in self.own_axes]

    def with_broadcasting(self, values: Sequence[Held]) -> Self:
        """The path with other values in the broadcasting fields."""
        return eqx.tree_at(lambda path: [getattr(path, name) for name in self.own_axes], self, list(values))


class Uniform(Path):
    """A path of length L through matter of constant density, or through vacuum: density 0.

    **Arguments:** `baseline` [km], `density` [g/cm^3], `electron_fraction` (electrons per nucleon), which broadcast.

    **Raises:** `ValueError` for negative or infinite lengths or densities, and fractions outside 0 ... 1.
    """

    own_axes: ClassVar[Mapping[str, int]] = {"baseline": 0, "density": 0, "electron_fraction": 0}

    baseline: Float[Held, "..."]
    density: Float[Held, "..."]
    electron_fraction: Float[Held, "..."]

    @public
    def __init__(
        self,
        baseline: Real[ArrayLike, "..."],
        *,
        density: Real[ArrayLike, "..."] = 0.0,
        electron_fraction: Real[ArrayLike, "..."] = 0.5,
    ) -> None:
        self.baseline = _checks.real_array("baseline", baseline, low=0.0, unit="km")
        self.density = _checks.real_array("density", density, low=0.0, unit="g/cm^3")
        self.electron_fraction = _checks.real_array("electron_fraction", electron_fraction, low=0.0, high=1.0)

    def way(self) -> Stretch:
        """One stretch."""
        baseline, density, electron_fraction = map(jnp.asarray, self.broadcasting())
        return Stretch(baseline, Matter.of(density * baseline, electron_fraction), None)


class Layers(Path):
    """A path through layers of constant density, the last axis of each array ordered from source to detector.

    **Arguments:** `lengths` [km], `densities` [g/cm^3] and `electron_fractions` have equally many layers, or one value
    for them all; a layer of no length changes nothing. Their other axes broadcast.

    **Raises:** `ValueError` for negative or infinite lengths or densities, fractions outside 0 ... 1, no layers, or
    numbers of layers that differ.
    """

    own_axes: ClassVar[Mapping[str, int]] = {"lengths": 1, "densities": 1, "electron_fractions": 1}

    lengths: Float[Held, "... #layers"]
    densities: Float[Held, "... #layers"]
    electron_fractions: Float[Held, "... #layers"]

    @public
    def __init__(
        self,
        lengths: ArrayLike | Sequence[float],
        densities: ArrayLike | Sequence[float],
        electron_fractions: ArrayLike | Sequence[float] = 0.5,
    ) -> None:
        way = {
            "lengths": _checks.real_array("lengths", lengths, low=0.0, unit="km"),
            "densities": _checks.real_array("densities", densities, low=0.0, unit="g/cm^3"),
            "electron_fractions": _checks.real_array("electron_fractions", electron_fractions, low=0.0, high=1.0),
        }
        way = {name: x.reshape(x.shape or (1,)) for name, x in way.items()}
        _check_layers({name: x.shape for name, x in way.items()})
        self.lengths, self.densities, self.electron_fractions = way.values()

    def way(self) -> InOrder:
        """All layers."""
        layers = max(x.shape[-1] for x in self.broadcasting())
        lengths, densities, electron_fractions = (
            jnp.broadcast_to(x, (*x.shape[:-1], layers)) for x in self.broadcasting()
        )
        whole = Stretch(lengths, Matter.of(densities * lengths, electron_fractions), None)
        return InOrder(jax.tree.map(lambda x: jnp.moveaxis(x, -1, 0), whole))


def _check_layers(shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise unless there are layers, and equally many of all that are not one value."""
    if shapes["lengths"][-1] == 0:
        _checks.fail("lengths", "have at least one layer", f"its shape is {shapes['lengths']}")
    layers = next((shape[-1] for shape in shapes.values() if shape[-1] != 1), 1)
    for name, shape in shapes.items():
        if shape[-1] not in (1, layers):
            _checks.fail(name, f"have {layers} layers on its last axis, or one value", f"the shapes are {shapes}")
