"""What neutrinos of pions that decay at rest do to the electrons of a detector that cannot tell them from nuclei."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.experiments.shared import coherent, electron_recoils
from nmmjax.experiments.shared.nuclear_recoils import Panels
from nmmjax.experiments.shared.portal import MassSpline, mass_nodes
from nmmjax.fluxes import pion_decay
from nmmjax.low_energy import LowEnergy
from nmmjax.scattering import dipole_portal, electron, scalar_tensor
from nmmjax.scattering.kinematics import ELECTRON_MASS

MASSES = 256
"""Number of masses of the heavy lepton: its least recoil passes the binding energies, where the response has kinks."""


class Electrons(eqx.Module):
    """Events by weak scattering, by scalar and tensor interactions, moments and the dipole portal, on electrons."""

    weak: Float[Array, "variants k m bins sources"]
    """Events per product k of `electron.Couplings.products` that goes with T^-m, T in keV."""
    flips: Float[Array, "variants 4 bins sources"]
    """Events per product of `scalar_tensor.FlipCouplings.products`."""
    magnetic: Float[Array, "variants bins sources"]
    portal: MassSpline
    """Events for a moment of `coherent.UNIT` into a heavy lepton, as a function of its mass."""

    @classmethod
    def build(cls, where: Panels, acceptances: Sequence[Float[np.ndarray, "bins nodes"]]) -> Self:
        """The responses of a detector at the nodes of a grid of recoils.

        **Arguments:** `acceptances`, by variant: electrons that can be set free times fluence [1/cm^2] times the
        probability to be counted in a bin.
        """
        target = jnp.array([ELECTRON_MASS])
        top = coherent.tops(ELECTRON_MASS)
        places = coherent.places(where, mass_nodes(top, MASSES), target)
        massless = places.massless()
        weak, flips = (
            coherent.weights(massless, partial(_massless_spectrum, strengths=of.differential_strengths))[:, 0]
            for of in (electron, scalar_tensor)
        )
        portal = coherent.weights(places, _portal_spectrum)[0]
        powers = where.recoil ** -np.array(electron_recoils.POWERS)[:, None]
        values = np.stack([np.einsum("bt,xst->xbs", a, portal) for a in acceptances], 1)
        return cls(
            on_device(np.stack([np.einsum("bt,mt,kst->kmbs", a, powers, weak) for a in acceptances])),
            on_device(np.stack([np.einsum("bt,kst->kbs", a, flips) for a in acceptances])),
            on_device(values[-1]),
            MassSpline.build(top, values),
        )

    def events(self, theory: LowEnergy) -> Float[Array, "variants bins sources"]:
        """Scatterings on electrons in bins of energy, of each kind of neutrino, at all times together, by variant."""
        products = _products(theory)
        weak = jnp.einsum("vkmbs,kms->vbs", self.weak[:, :, : products.shape[1]], products)
        if (flips := electron_recoils.flip_couplings(theory)) is not None:
            weak += jnp.einsum("vkbs,ks->vbs", self.flips, coherent.of_kinds(flips.products))
        return weak + coherent.flipped(theory, self.magnetic, self.portal)


def _products(theory: LowEnergy) -> Float[Array, "k m sources"]:
    """Diagonal elements for each kind of neutrino, by powers of 1/T [keV]."""
    powers = electron_recoils.products(theory)
    diagonal = jnp.stack([jnp.stack([jnp.real(jnp.diagonal(Q)) for Q in triple]) for triple in powers], 1)
    kinds = zip(pion_decay.KINDS, pion_decay.FLAVORS, strict=True)
    mirrored = diagonal[jnp.array(electron_recoils.MIRRORED)]
    return jnp.stack([(mirrored if kind == pion_decay.ANTINU_MU else diagonal)[..., a] for kind, a in kinds], -1)


@quick("strengths")
def _massless_spectrum(
    recoil: Float[Array, "..."],
    mass: Float[Array, "..."],
    energy: Float[Array, "... points"],
    weight: Float[Array, "... points"],
    *,
    strengths: Callable[..., Sequence[Float[Array, "..."]]],
) -> Float[Array, "k ..."]:
    """A `Spectrum` of what multiplies the products of couplings: `differential_strengths` of an interaction."""
    del mass
    terms = strengths(energy, recoil[..., None])
    return jnp.stack([jnp.sum(weight * term, -1) for term in terms])


@quick()
def _portal_spectrum(
    recoil: Float[Array, "..."],
    mass: Float[Array, "..."],
    energy: Float[Array, "... points"],
    weight: Float[Array, "... points"],
) -> Float[Array, "1 ..."]:
    """A `Spectrum` of the dipole portal for a moment of `UNIT`."""
    section = dipole_portal.electron_differential_cross_section(
        energy, recoil[..., None], mass[..., None], moment=coherent.UNIT
    )
    return jnp.sum(weight * section, -1)[None]
