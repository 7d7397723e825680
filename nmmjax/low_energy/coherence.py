"""Neutrinos whose mass states lose their coherence to an environment: open quantum systems."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import MEV_PER_GEV, PDG_2026
from nmmjax.numerics.arrays import RealLike
from nmmjax.oscillation import Decohering

_PER_KM = MEV_PER_GEV * 1e18 / PDG_2026.hbar_c
"""One GeV in km^-1."""


class CoherenceLoss(eqx.Module):
    """A rate Gamma = gamma_0 (E / GeV)^n at which any two mass states lose their coherence, as `Decohering` has it.

    **Fields:** `rate` gamma_0 >= 0 [GeV] and `power` n, a real number.
    """

    rate: Float[Array, ""]
    power: Float[Array, ""]

    @public
    def __init__(self, rate: RealLike, power: RealLike = 0.0):
        _checks.check_range("rate", rate, low=0.0, unit="GeV")
        _checks.check_range("power", power, low=-10.0, high=10.0)
        self.rate, self.power = jnp.asarray(rate, float), jnp.asarray(power, float)

    def average(self, energy: Real[ArrayLike, "..."]) -> Decohering:
        """What it does to oscillations of neutrinos of an energy [MeV]."""
        return Decohering(_PER_KM * self.rate * (jnp.asarray(energy) / MEV_PER_GEV) ** self.power)
