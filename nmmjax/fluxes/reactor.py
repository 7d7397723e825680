"""Antineutrinos of nuclear reactors."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks


def fission_spectrum(
    energy: Float[Array, "..."] | float,
    coefficients: Float[Array, "isotopes powers"],
    fission_fractions: Float[Array, " isotopes"],
) -> Float[Array, "..."]:
    """Antineutrinos per fission and MeV, the beta decays of its products summed:

        dN/dE = sum_i f_i exp(sum_k a_ik E^k).

    **Arguments:**

    - `energy` E > 0 [MeV]. The published polynomials hold between 2 and 8 MeV.
    - `coefficients` a_ik [MeV^-k], one row for each isotope that fissions.
    - `fission_fractions` f_i >= 0, the share of each isotope in the fissions.

    P. Huber, Phys. Rev. C 84, 024617 (2011), eq. 7; T. A. Mueller et al., Phys. Rev. C 83, 054615 (2011), eq. 2;
    P. Vogel and J. Engel, Phys. Rev. D 39, 3378 (1989), three powers.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_shape("coefficients", coefficients, (None, None))
    _checks.check_range("coefficients", coefficients)
    _checks.check_shape("fission_fractions", fission_fractions, (jnp.shape(coefficients)[-2],))
    _checks.check_range("fission_fractions", fission_fractions, low=0.0)
    return _fission_spectrum(*map(jnp.asarray, (energy, coefficients, fission_fractions)))


@jax.jit
def _fission_spectrum(energy, coefficients, fission_fractions):
    exponents = jax.vmap(lambda a: jnp.polyval(a[::-1], energy))(coefficients)
    return jnp.tensordot(fission_fractions, jnp.exp(exponents), axes=1)
