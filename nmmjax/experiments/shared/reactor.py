"""What experiments at reactors share: the energies of the antineutrinos that they see."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from nmmjax.fluxes import ReactorSpectra
from nmmjax.scattering import inverse_beta


def interacting(
    energy: Float[np.ndarray, " n"], spectra: ReactorSpectra, fission_fractions: Mapping[str, float]
) -> Float[np.ndarray, " n"]:
    """Spectrum of interacting antineutrinos: reactor spectrum x cross section of inverse beta decay, largest value one.

    **Arguments:** energies [MeV], spectra of the isotopes, and the share of each isotope in the fissions. In double
    precision always: in single precision a cross section in cm^2 is zero.
    """
    with jax.enable_x64(True):
        energies = jnp.asarray(energy)
        rate = np.asarray(spectra.spectrum(energies, fission_fractions) * inverse_beta.cross_section(energies))
    return rate / rate.max()
