"""Electrons bound in atoms: how many of them a recoil of given energy can set free."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.tables import Source, read_table


class Shells(eqx.Module):
    """The shells of an atom. A cross section per electron times `available` is the stepping approximation per atom.

    Each electron counts as free once the energy transfer exceeds its binding energy [V. I. Kopeikin et al., Phys. Atom.
    Nucl. 60, 1859 (1997)]. Many-body calculations for xenon find 10 to 30 % less below some 10 keV [C.-C. Hsieh et al.,
    Phys. Rev. D 100, 073001 (2019), 1903.06085]: `corrected` takes what such a calculation finds.
    """

    electrons: Float[Array, " shells"]
    """In each."""
    binding: Float[Array, " shells"]
    """[keV]."""
    table: Source = eqx.field(static=True)
    correction: tuple[Float[Array, " points"], Float[Array, " points"]] | None = None
    """Energies [keV] and factors."""

    def __check_init__(self) -> None:
        check_fields(self)
        _checks.check_range("electrons", self.electrons, low=0.0)
        _checks.check_range("binding", self.binding, low=0.0, unit="keV")

    @classmethod
    @public
    def load(cls, element: str) -> "Shells":
        """The packaged binding energies of one element, by its symbol: Xe, Cs, I or Ge."""
        table = read_table("electron_shells")
        _checks.check_known("element", element, table["element"].tolist())
        rows = table.where(element=element)
        return cls(on_device(rows["electrons"]), on_device(rows["binding"]), table.source)

    @public
    def corrected(self, transfer: ArrayLike, factor: ArrayLike) -> "Shells":
        """Shells with their electrons times a factor, a polygon in the energy transfer [keV], constant beyond its ends.

        **Arguments:** `transfer` (points,), ascending; `factor` (points,) >= 0: a cross section over that of stepping.
        """
        _checks.check_range("transfer", transfer, low=0.0, unit="keV")
        _checks.check_range("factor", factor, low=0.0)
        energies, factors = np.asarray(transfer, float), np.asarray(factor, float)
        if energies.ndim != 1 or np.any(np.diff(energies) <= 0.0):
            _checks.fail("transfer", "be an ascending array", f"it is {transfer!r}")
        if factors.shape != energies.shape:
            _checks.fail("factor", f"have shape {energies.shape}, as `transfer`", f"its shape is {factors.shape}")
        return dataclasses.replace(self, correction=(jnp.asarray(energies), jnp.asarray(factors)))

    @public
    def available(self, transfer: RealLike) -> Float[Array, "..."]:
        """Number of free electrons N(T) = sum_i n_i theta(T - B_i), T >= 0 the energy left in the atom [keV].

        Flat but for its steps.
        """
        _checks.check_range("transfer", transfer, low=0.0, unit="keV")
        free = _free(jnp.asarray(transfer), self.binding, self.electrons)
        return free if self.correction is None else free * jnp.interp(jnp.asarray(transfer), *self.correction)


@jax.jit
def _free(transfer: Real, binding: Float[Array, " shells"], electrons: Float[Array, " shells"]) -> Real:
    return jnp.sum(jnp.where(transfer[..., None] >= binding, electrons, 0.0), -1)
