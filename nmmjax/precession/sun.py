"""The Sun as a magnet: fields across the way of its neutrinos, and how its activity comes and goes."""

from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.media import Arch, Constant, Linear, Profile, Tabulated
from nmmjax.numerics.arrays import RealLike
from nmmjax.precession.path import Medium, Path
from nmmjax.tables import Source, read_table

SOLAR_RADIUS = 6.957e5
"""[km], of the IAU (2015)."""
BOTTOM = 0.713
"""Of the convective zone [solar radii; S. Basu and H. M. Antia, arXiv:0909.2668 and papers there]."""
ELECTRON_FRACTION = 0.8702
"""Electrons per nucleon in the convective zone: (1 + X) / 2 for BS05(OP)."""


class MagneticSun(eqx.Module):
    """Magnetic fields in the Sun, across the way of its neutrinos.

    **Arguments:**

    - `field`: the greatest in the convective zone [gauss], not negative.
    - `shape`: "flat" from `bottom` to the surface, as Voloshin, Vysotsky and Okun have it, or an "arch", a parabola
      that vanishes at both.
    - `core`: the field where neutrinos are born [gauss].
    - `twist`: phi' in the zone [rad/km]. `bottom` [solar radii].

    Matter in the zone is that of the solar model BS05(OP).
    """

    field: Float[Array, ""]
    core: Float[Array, ""]
    twist: Float[Array, ""]
    bottom: float = eqx.field(static=True)
    shape: str = eqx.field(static=True)
    density: Profile
    """Of the outer Sun [g/cm^3]."""
    tables: tuple[Source, ...] = eqx.field(static=True)

    @public
    def __init__(
        self,
        field: RealLike = 5e3,
        *,
        shape: Literal["flat", "arch"] = "flat",
        core: RealLike = 0.0,
        twist: RealLike = 0.0,
        bottom: float = BOTTOM,
    ) -> None:
        for name, value in (("field", field), ("core", core)):
            _checks.check_range(name, value, low=0.0, unit="gauss")
        _checks.check_known("shape", shape, ("flat", "arch"))
        table = read_table("solar_electrons_outside")
        _checks.check_range("bottom", bottom, low=float(table["radius"][0]), high=0.99, unit="solar radii")
        self.field, self.core, self.twist = (jnp.asarray(x, float) for x in (field, core, twist))
        self.bottom, self.shape, self.tables = bottom, shape, (table.source,)
        density = 10.0 ** table["log10_electron_density"] / ELECTRON_FRACTION
        self.density = Tabulated(table["radius"] * SOLAR_RADIUS, density, logarithmic=True)

    def __check_init__(self) -> None:
        check_fields(self)

    @property
    def start(self) -> float:
        """Where the zone begins [km]."""
        return self.bottom * SOLAR_RADIUS

    def electrons_at_bottom(self) -> Float[Array, ""]:
        """n_e / N_A [mol/cm^3] where the zone begins."""
        return ELECTRON_FRACTION * self.density(jnp.asarray(self.start))

    def field_profile(self, stronger: RealLike = 1.0) -> Profile:
        """B [gauss] in the zone, so many times as strong."""
        _checks.check_range("stronger", stronger, low=0.0)
        greatest = self.field * jnp.asarray(stronger)
        if self.shape == "flat":
            return Constant(greatest)
        return Arch(greatest, self.start, SOLAR_RADIUS)

    def path(self, *, stronger: RealLike = 1.0) -> Path:
        """The way out through the zone, with a field so many times as strong."""
        medium, turn = Medium(self.density, Constant(ELECTRON_FRACTION)), Linear(0.0, self.twist, origin=self.start)
        return Path(self.start, SOLAR_RADIUS, medium, self.field_profile(stronger), turn)


def sunspot_numbers() -> tuple[Float[np.ndarray, " years"], Float[np.ndarray, " years"]]:
    """Years from 1970 to 1994, and the mean number of sunspots in each: a field that goes as this has its cycle."""
    table = read_table("sunspots")
    return table["year"], table["number"]
