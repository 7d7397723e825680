"""The two orderings of the neutrino masses, as objects without data."""

import abc
from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float


class Ordering(eqx.Module):
    """Abstract: whether nu_3 is the heaviest or the lightest of the three.

    The larger splitting is written dm3l: dm31 > 0 for normal and dm32 < 0 for inverted ordering.
    """

    sign: ClassVar[int]
    """Sign of dm31 and dm32."""
    short_name: ClassVar[str]
    """As in tables: NO or IO."""
    long_name: ClassVar[str]
    """As an adjective: normal or inverted."""

    @abc.abstractmethod
    def dm3l(self, dm21: Float[Array, "..."], dm31: Float[Array, "..."]) -> Float[Array, "..."]:
        """The splitting that global fits quote, from those to nu_1 [eV^2]."""

    @abc.abstractmethod
    def dm31_from(self, dm21: Float[Array, "..."], dm3l: Float[Array, "..."]) -> Float[Array, "..."]:
        """Splitting dm31 [eV^2] from the one that global fits quote: the inverse of `dm3l`."""


class NormalOrdering(Ordering):
    """m_1 < m_2 < m_3; dm3l = dm31."""

    sign: ClassVar[int] = 1
    short_name: ClassVar[str] = "NO"
    long_name: ClassVar[str] = "normal"

    def dm3l(self, dm21: Float[Array, "..."], dm31: Float[Array, "..."]) -> Float[Array, "..."]:
        """The splitting dm31."""
        del dm21
        return dm31

    def dm31_from(self, dm21: Float[Array, "..."], dm3l: Float[Array, "..."]) -> Float[Array, "..."]:
        """Splitting dm31 [eV^2] from dm3l, which is the same."""
        del dm21
        return dm3l


class InvertedOrdering(Ordering):
    """m_3 < m_1 < m_2; dm3l = dm32 = dm31 - dm21."""

    sign: ClassVar[int] = -1
    short_name: ClassVar[str] = "IO"
    long_name: ClassVar[str] = "inverted"

    def dm3l(self, dm21: Float[Array, "..."], dm31: Float[Array, "..."]) -> Float[Array, "..."]:
        """The splitting dm32 = dm31 - dm21."""
        return dm31 - dm21

    def dm31_from(self, dm21: Float[Array, "..."], dm3l: Float[Array, "..."]) -> Float[Array, "..."]:
        """The splitting dm31 = dm32 + dm21."""
        return dm3l + dm21
