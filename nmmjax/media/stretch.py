"""A stretch of matter on the path of a neutrino, reduced to the integrals that its evolution needs."""

from typing import NamedTuple, Self

from jaxtyping import Array, Float


class Stretch(NamedTuple):
    """Length, column density and first moment of the density along a straight line.

    column = int rho dx, moment = int rho (x - x_middle) dx with x along the flight: what the first two terms of the
    Magnus expansion of the evolution ask of a profile of constant composition.
    """

    length: Float[Array, "..."]
    """[km]"""
    column: Float[Array, "..."]
    """[g/cm^3 km]"""
    moment: Float[Array, "..."] | None
    """[g/cm^3 km^2]; None where the density is constant."""
    electron_fraction: Float[Array, "..."]
    """Electrons per nucleon."""

    def backwards(self) -> Self:
        """The same stretch crossed the other way."""
        return self if self.moment is None else self._replace(moment=-self.moment)
