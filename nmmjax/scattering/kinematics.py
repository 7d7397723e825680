"""What can be hit how hard: the electron at rest."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from nmmjax import _checks
from nmmjax.constants import KEV_PER_MEV, MEV_PER_GEV, PDG_2026
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.special import smaller

ELECTRON_MASS = MEV_PER_GEV * PDG_2026.electron_mass
"""Mass of the electron [MeV]."""


def maximal_recoil(energy: RealLike) -> Float[Array, "..."]:
    """Greatest recoil T_max = 2 E^2 / (m_e + 2 E) [keV] of a neutrino of energy E [MeV]."""
    energy = jnp.asarray(energy)
    return KEV_PER_MEV * 2.0 * energy**2 / (ELECTRON_MASS + 2.0 * energy)


def reached(energy: Float[Array, "..."], recoil_energy: Float[Array, "..."]) -> Float[Array, "..."]:
    """Step in the recoil [keV]: 1 up to the largest that a neutrino of that energy [MeV] can give, 0 beyond."""
    return jnp.where(recoil_energy <= maximal_recoil(energy), 1.0, 0.0)


def window(
    greatest: Float[Array, "..."], low: Float[Array, "..."], high: Float[Array, "..."]
) -> tuple[Float[Array, "..."], Float[Array, "..."], Bool[Array, "..."]]:
    """Ends of the recoils between two thresholds up to the greatest in reach, and whether there are any.

    Without any, both ends are one: a difference of them is zero, and a ratio harmless.
    """
    opened = (low < greatest) & (low < high)
    return jnp.where(opened, low, 1.0), jnp.where(opened, smaller(high, greatest), 1.0), opened


def checked_high(high: RealLike) -> Float[Array, "..."]:
    """The upper end of recoils [keV], not negative; it may be infinite."""
    high = _checks.as_array("high", high, float)
    _checks.check_real("high", high)
    if (value := _checks.concrete(high)) is not None and not (value >= 0.0).all():
        _checks.fail("high", "not be negative", f"it is {value}")
    return jnp.asarray(high)


def checked(
    energy: RealLike, *, positive: bool = False, **recoil: RealLike
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Energy [MeV] and one recoil [keV] as arrays of one shape; errors before anything is compiled."""
    _checks.check_double_precision("energy")
    ((name, value),) = recoil.items()
    energies, recoils = _checks.as_array("energy", energy, float), _checks.as_array(name, value, float)
    _checks.check_range("energy", energies, low=0.0, open_low=True, unit="MeV")
    _checks.check_range(name, recoils, low=0.0, open_low=positive, unit="keV")
    energies, recoils = jnp.broadcast_arrays(energies, recoils)
    return energies, recoils
