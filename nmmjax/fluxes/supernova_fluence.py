"""What a supernova has sent all in all, as a table over energies: for models whose time is not told."""

import enum

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.fluxes.supernova import SPECIES
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.interpolate import CubicSpline
from nmmjax.numerics.special import larger
from nmmjax.tables import Source, read_table

_DISTANCE = 10.0
"""Of the tables [kpc]."""


class FluenceModel(enum.Enum):
    """Fluences that are packaged."""

    GVKM = "gvkm"
    """J. Gava, J. Kneller, C. Volpe, G. C. McLaughlin (2009): after collective oscillations and shock waves."""
    LIVERMORE = "livermore"
    """T. Totani, K. Sato, H. E. Dalhed, J. R. Wilson (1998)."""


class SupernovaFluence(eqx.Module):
    """Neutrinos per energy of nu_e, antinu_e and nu_x (each of the other four), over all times.

    Between the energies of the table a cubic spline, never below zero; outside of them nothing.
    """

    splines: tuple[CubicSpline, ...]
    ends: tuple[float, float] = eqx.field(static=True)
    """Least and greatest energy [MeV]."""
    tables: tuple[Source, ...] = eqx.field(static=True, default=())

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @public
    def load(cls, model: FluenceModel = FluenceModel.LIVERMORE) -> "SupernovaFluence":
        """A packaged fluence."""
        table = read_table("supernova_fluences").where(model=model.value)
        energy = table["energy"]
        splines = tuple(CubicSpline(energy, table[species]) for species in SPECIES)
        return cls(splines, (float(energy[0]), float(energy[-1])), (table.source,))

    @public
    def fluence(self, energy: RealLike, distance: Float[ArrayLike, ""]) -> Float[Array, "... 3"]:
        """Neutrinos per cm^2 and MeV at energies E > 0 [MeV] and a distance [kpc], unless they convert on the way."""
        _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
        _checks.check_range("distance", distance, low=0.0, open_low=True, unit="kpc")
        energy = jnp.asarray(energy, float)
        inside = (energy >= self.ends[0]) & (energy <= self.ends[1])
        found = larger(jnp.stack([spline(energy) for spline in self.splines], -1), 0.0)
        return jnp.where(inside[..., None], found * (_DISTANCE / jnp.asarray(distance)) ** 2, 0.0)
