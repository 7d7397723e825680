"""Neutral leptons too heavy to oscillate."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks
from nmmjax._public import public


class HeavyLepton(eqx.Module):
    """A neutral lepton N too heavy to oscillate, into which a photon turns neutrinos: the dipole portal.

    L = (1/2) sum_a mu_a antinu_aL sigma^{mn} N_R F_mn + h.c.

    **Fields:** `mass` >= 0 [MeV] and `moments` mu_a [mu_B] of e, mu and tau, complex (3).
    """

    mass: Float[Array, ""]
    moments: Complex[Array, "3"]

    @public
    def __init__(self, mass: Float[Array, ""] | float, moments: Num[Array, "3"]):
        _checks.check_range("mass", mass, low=0.0, unit="MeV")
        self.mass, self.moments = jnp.asarray(mass), jnp.asarray(moments) + 0j
