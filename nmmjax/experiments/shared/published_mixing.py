"""Results published as values of masses and mixing, of whatever neutrinos: alone, or for one ordering of the masses."""

import math
from typing import Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments.base import Nuisance, Pull
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy, States
from nmmjax.ordering import Ordering

_UNITS = {"delta_cp": "rad", "dm21": "eV^2", "dm31": "eV^2", "dm32": "eV^2"}


class MeasuredMixing(MeasuredQuantities):
    """Abstract: likelihoods of numbers that the masses and the mixing of three neutrinos are described by."""

    parameters: tuple[str, ...] = eqx.field(static=True)
    """Names of the numbers, in the order in which the terms take them."""

    @classmethod
    def _of_values(cls, name: str) -> Self:
        """The experiment of a packaged table of values: a split Gaussian for each of its rows."""
        values = PublishedValues.read(name)
        terms = tuple(values.split_gaussian(parameter) for parameter in values.names)
        return cls(name=name, terms=terms, sources=(values.source,), parameters=values.names)

    def full_name(self, parameter: str) -> str:
        """The name of a parameter in tables."""
        return parameter

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of each of the parameters."""
        names = map(self.full_name, self.parameters)
        return tuple((name, _UNITS.get(name, "")) for name in names)

    def value(self, parameter: str, states: States) -> Float[Array, ""]:
        """The value of one parameter, of which the states know by its name."""
        return getattr(states, parameter)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted values (data,) of the parameters, in their order."""
        states = theory.neutrinos.states
        return jnp.stack([self.value(parameter, states) for parameter in self.parameters])


class MixingOfOrdering(MeasuredMixing):
    """Abstract: likelihoods for one of the two orderings of the masses, and what that ordering costs.

    The two orderings are compared by `offset`. `name` has that of the ordering in the middle: orca_no_2024.
    """

    ordering: Ordering
    ordering_delta_chi2: Float[Array, ""]
    """Delta chi^2 of the best point of this ordering over that of the better ordering."""

    @property
    def counted_from(self) -> str:
        """The best point of both orderings: the name without the ordering."""
        return self.name.replace(f"_{self.ordering.short_name.lower()}_", "_")

    @property
    def offset(self) -> Float[Array, ""]:
        """Delta chi^2 that the ordering itself costs; it enters the likelihood once."""
        return self.ordering_delta_chi2

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: one for each term, and one for what the ordering costs."""
        lines = super().pulls(theory, nuisance)
        offset = float(self.offset)
        cost = Pull(f"{self.ordering.long_name} ordering", "", (offset,), (0.0,), math.sqrt(offset))
        return (*lines, cost) if offset > 0 else lines
