"""What experiments at reactors share: the energies of the antineutrinos that they see."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from nmmjax.fluxes import reactor
from nmmjax.scattering import inverse_beta
from nmmjax.tables import Table


def interacting(
    energy: Float[np.ndarray, " n"], spectra: Table, fission_fractions: Mapping[str, float]
) -> Float[np.ndarray, " n"]:
    """Reactor spectrum x cross section of inverse beta decay, arbitrary unit.

    **Arguments:** energies [MeV], coefficients of the spectra of isotopes, and the share of each isotope in the
    fissions. In double precision always: in single precision a cross section in cm^2 is zero.
    """
    coefficients = np.stack([spectra[f"a{k}"] for k in range(6)], -1)
    fractions = np.array([fission_fractions[isotope] for isotope in spectra["isotope"]])
    with jax.enable_x64(True):
        energies = jnp.asarray(energy)
        flux = reactor.fission_spectrum(energies, jnp.asarray(coefficients), jnp.asarray(fractions))
        rate = np.asarray(flux * inverse_beta.cross_section(energies))
    return rate / rate.max()
