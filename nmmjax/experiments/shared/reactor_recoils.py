"""What antineutrinos of a reactor do to the nuclei and electrons of a detector nearby that tells them not apart."""

from collections.abc import Sequence
from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax._device import on_device
from nmmjax.constants import ELECTRON
from nmmjax.experiments.shared import electron_recoils
from nmmjax.experiments.shared.electromagnetic import moment_squared
from nmmjax.experiments.shared.nuclear_recoils import Beam, NuclearRecoils
from nmmjax.low_energy import LowEnergy
from nmmjax.scattering.atoms import Shells


def near_reactor(nuclei: NuclearRecoils, theory: LowEnergy) -> Float[Array, "variants data"]:
    """Events on nuclei by antinu_e that have not begun to oscillate."""
    state = jnp.zeros((1, 3, 3), complex).at[0, ELECTRON, ELECTRON].set(1.0)
    return nuclei.events(theory, state, antineutrino=True)[..., 0]


class ReactorElectrons(eqx.Module):
    """Events by antinu_e on electrons in bins of a detector, by weak scattering, other interactions, and moments.

    Charge radii, charges, vector and axial interactions act on the products of weak couplings.
    """

    weak: Float[Array, "variants k m data"]
    """Per product k of `electron.Couplings.products` that goes with T^-m, T in keV."""
    flips: Float[Array, "variants 4 data"]
    """Per product of `scalar_tensor.FlipCouplings.products`."""
    magnetic: Float[Array, "variants data"]
    """For a moment of `electron_recoils.UNIT`."""

    @classmethod
    def build(
        cls,
        atom: Shells,
        number: float,
        beam: Beam,
        cells: Float[np.ndarray, " cells+1"],
        acceptances: Sequence[Float[np.ndarray, "data cells"]],
    ) -> Self:
        """The responses of a detector.

        **Arguments:** the electrons of an atom, and the atoms times seconds; antineutrinos, which are one point; edges
        of cells of recoil [keV]; the probabilities (data, cells) to be counted in a bin, by variant.
        """
        free = number * np.asarray(atom.available(0.5 * (cells[1:] + cells[:-1])))
        found = electron_recoils.into_cells(*map(on_device, (beam.energy, beam.fold, cells)))
        parts = [
            np.stack([electron_recoils.counted(free * acceptance, part)[..., 0] for acceptance in acceptances])
            for part in found
        ]
        return cls(*map(on_device, parts))

    def events(self, theory: LowEnergy) -> Float[Array, "variants data"]:
        """Events by variant of the response."""
        products = electron_recoils.products_of_antinu_e(theory)
        events = jnp.einsum("vkmb,km->vb", self.weak[:, :, : products.shape[1]], products)
        if (flips := electron_recoils.flip_couplings(theory)) is not None:
            matrices = flips.products(antineutrino=True)
            events += jnp.einsum(
                "vkb,k->vb", self.flips, jnp.stack([jnp.real(A[ELECTRON, ELECTRON]) for A in matrices])
            )
        return events + self.magnetic * moment_squared(theory.neutrinos) / electron_recoils.UNIT**2


class ReactorRecoils(eqx.Module):
    """Events on nuclei and electrons."""

    nuclei: NuclearRecoils
    electrons: ReactorElectrons

    def events(self, theory: LowEnergy) -> Float[Array, "variants data"]:
        """Events by variant of the response."""
        return near_reactor(self.nuclei, theory) + self.electrons.events(theory)
