"""A stretch of matter on the path of a neutrino, reduced to the integrals that its evolution needs."""

from typing import NamedTuple, Self

from jaxtyping import Array, Float


class Matter(NamedTuple):
    """Electrons and neutrons [mol]: of a density, a column or a moment."""

    electrons: Float[Array, "..."]
    neutrons: Float[Array, "..."]

    @classmethod
    def of(cls, mass: Float[Array, "..."], electron_fraction: Float[Array, "..."]) -> Self:
        """Of neutral matter, with so many electrons per nucleon, one gram a mole of nucleons."""
        return cls(mass * electron_fraction, mass * (1.0 - electron_fraction))

    def backwards(self) -> Self:
        """A moment with the path taken the other way."""
        return type(self)(-self.electrons, -self.neutrons)


class Stretch(NamedTuple):
    """Length, column density and first moment of the density along a straight line.

    column = int rho dx, moment = int rho (x - x_middle) dx with x along the flight: what the first two terms of the
    Magnus expansion of the evolution ask of a profile.
    """

    length: Float[Array, "..."]
    """[km]"""
    column: Matter
    """[mol/cm^3 km]"""
    moment: Matter | None
    """[mol/cm^3 km^2]; None where the density is constant."""

    def backwards(self) -> Self:
        """The same stretch crossed the other way."""
        return self if self.moment is None else self._replace(moment=self.moment.backwards())
