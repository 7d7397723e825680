"""Scalars so light that matter is full of them, and what neutrinos weigh there."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from nmmjax import _checks, stars
from nmmjax._public import public
from nmmjax.numerics.arrays import RealLike


class ScalarField(eqx.Module):
    """A scalar phi to which neutrinos and matter couple: a field that matter makes gives neutrinos a mass.

    L = -(1/2) antinu^c Y phi nu - y_e phi ebar e - y_N phi Nbar N + h.c. (Majorana; Dirac: -antinu_R Y phi nu_L + h.c.)

    **Fields:** `mass` >= 0 [eV]; `neutrino_couplings` Y (n, n), in the basis and with the symmetry of the mass matrix;
    `electron_coupling` y_e and `nucleon_coupling` y_N, real.
    """

    mass: Float[Array, ""]
    neutrino_couplings: Num[Array, "n n"]
    electron_coupling: Float[Array, ""]
    nucleon_coupling: Float[Array, ""]

    @public
    def __init__(
        self,
        mass: RealLike,
        neutrino_couplings: Num[Array, "n n"],
        *,
        electron_coupling: RealLike = 0.0,
        nucleon_coupling: RealLike = 0.0,
    ):
        _checks.check_range("mass", mass, low=0.0, unit="eV")
        self.mass = jnp.asarray(mass, float)
        self.neutrino_couplings = jnp.asarray(neutrino_couplings) + 0j
        self.electron_coupling = jnp.asarray(electron_coupling, float)
        self.nucleon_coupling = jnp.asarray(nucleon_coupling, float)

    def mass_matrix_in(self, sphere: stars.Sphere, position: RealLike = stars.HALF_OF_MASS) -> Num[Array, "n n"]:
        """What the field phi = -(y_e n_s + y_N n_N) x shape adds to the mass matrix at r/R, Y phi [eV]."""
        made = sphere.neutrino_mass(
            self.mass, position, electron_coupling=self.electron_coupling, nucleon_coupling=self.nucleon_coupling
        )
        return -self.neutrino_couplings * made
