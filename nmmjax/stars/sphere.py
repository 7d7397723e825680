"""Bodies as uniform spheres: what a light scalar is made by."""

import math
from typing import Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import CM_PER_KM, GRAM_PER_SOLAR_MASS, PDG_2026
from nmmjax.numerics.arrays import RealLike
from nmmjax.stars._numbers import not_negative
from nmmjax.stars.light_scalar import mass_in_star
from nmmjax.stars.plasma import scalar_density

HALF_OF_MASS = 0.5 ** (1.0 / 3.0)
"""r/R within which a uniform sphere has half of its mass."""


class Sphere(eqx.Module):
    """A uniform sphere, with electrons at zero temperature.

    **Fields:** density > 0 [g/cm^3], radius > 0 [km], electrons per nucleon.
    """

    density: Float[Array, ""]
    radius: Float[Array, ""]
    electron_fraction: Float[Array, ""]

    @public
    def __init__(self, density: RealLike, radius: RealLike, electron_fraction: RealLike = 0.5):
        not_negative("density", density, open_low=True, unit="g/cm^3")
        not_negative("radius", radius, open_low=True, unit="km")
        not_negative("electron_fraction", electron_fraction, open_low=True, high=1.0)
        self.density, self.radius = _checks.one_number("density", density), _checks.one_number("radius", radius)
        self.electron_fraction = _checks.one_number("electron_fraction", electron_fraction)

    @classmethod
    @public
    def of_mass(cls, mass: RealLike, density: RealLike, electron_fraction: RealLike = 0.5) -> Self:
        """The sphere of this mass > 0 [M_sun] and density > 0 [g/cm^3]."""
        grams = GRAM_PER_SOLAR_MASS * not_negative("mass", mass, open_low=True, unit="M_sun")
        density = not_negative("density", density, open_low=True, unit="g/cm^3")
        return cls(density, jnp.cbrt(3.0 * grams / (4.0 * math.pi * density)) / CM_PER_KM, electron_fraction)

    @classmethod
    def red_giant(cls) -> Self:
        """The core of a red giant before helium ignites: 0.48 M_sun of 2e5 g/cm^3, which is 1e4 km in radius.

        Its mean; the center is some six times as dense. G. G. Raffelt, Stars as Laboratories for Fundamental Physics
        (1996), quoted from memory.
        """
        return cls.of_mass(0.48, 2e5)

    @classmethod
    def horizontal_branch(cls) -> Self:
        """The core of a star that burns helium: half a solar mass of 6e3 g/cm^3, 3.4e4 km in radius; as `red_giant`."""
        return cls.of_mass(0.5, 6e3)

    @classmethod
    def white_dwarf(cls) -> Self:
        """A white dwarf: 0.6 M_sun of carbon and oxygen of 4.2e5 g/cm^3, which is 8.8e3 km in radius.

        M. Nauenberg, Astrophys. J. 175, 417 (1972), quoted from memory.
        """
        return cls.of_mass(0.6, 4.2e5)

    @classmethod
    def earth(cls) -> Self:
        """The Earth: 5.514 g/cm^3, 6371 km, 0.49 electrons per nucleon."""
        return cls(5.514, 6371.0, 0.49)

    @public
    def neutrino_mass(
        self,
        m_scalar: RealLike,
        position: RealLike = HALF_OF_MASS,
        *,
        electron_coupling: RealLike,
        nucleon_coupling: RealLike,
    ) -> Float[Array, "..."]:
        """Neutrino mass per Yukawa coupling y_nu [eV] that a scalar makes at r/R: (y_e n_s + y_N n_N) times a shape.

        **Arguments:** m_phi >= 0 [eV], r/R in 0 ... 1, couplings y_e and y_N to electrons and nucleons; see
        `mass_in_star`.
        """

        def made_by(source: Float[Array, ""], coupling: RealLike) -> Float[Array, "..."]:
            return mass_in_star(
                source, m_scalar, self.radius, position, electron_coupling=coupling, neutrino_coupling=1.0
            )

        electrons = scalar_density(self.density, self.electron_fraction)
        return made_by(electrons, electron_coupling) + made_by(PDG_2026.avogadro * self.density, nucleon_coupling)
