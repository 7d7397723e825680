"""What heavy neutrinos that mix with light ones do to charged leptons: the loop of the W, and the Fermi constant."""

import math
from collections.abc import Mapping

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from nmmjax.constants import PDG_2026
from nmmjax.loops import one_loop
from nmmjax.low_energy import ChargedLeptons
from nmmjax.models import _scalar_loops
from nmmjax.numerics.special import floored_log10, modulus_squared
from nmmjax.quantities import Quantity

_MUON, _ELECTRON = 1, 0
RADIATIVE_DECAY: Mapping[str, Quantity] = {"log10_br_mu_e_gamma": Quantity(r"\log_{10} BR(\mu \to e \gamma)")}


def heavy_neutrinos(mixing: Complex[Array, "3 n"], masses: Float[Array, " n"]) -> ChargedLeptons:
    """l_a -> l_b gamma, anomalous moments and the Fermi constant from Theta [flavor, heavy] and heavy masses [GeV].

        A_ba = -(3 G_F / 4 sqrt(2) pi^2) sum_k Theta_bk Theta_ak^* x_k H(x_k),    x = M^2 / M_W^2,

    to first order in Theta Theta^dagger, with H of `one_loop.photon_on_scalar`: G_gamma = (3/2) x H(x), from x / 4 to
    1/2, is what is left of the loop when the light states, no longer unitary among themselves, have been taken off.
    They also weaken muon decay, (G_ab / G_F)^2 = 1 - (Theta Theta^dagger)_aa - (Theta Theta^dagger)_bb, as heavy states
    are not emitted: masses above that of the tau. The Fermi constant of the anomalous moments is the measured one.

    T. P. Cheng and L.-F. Li, Phys. Rev. Lett. 45, 1908 (1980); A. Ilakovac and A. Pilaftsis, Nucl. Phys. B 437, 491
    (1995).
    """
    x = (masses / PDG_2026.w_mass) ** 2
    strength = 3.0 * PDG_2026.fermi_constant / (4.0 * math.sqrt(2.0) * math.pi**2)
    dipoles = -strength * (mixing * (x * one_loop.photon_on_scalar(x))) @ jnp.conj(mixing).T
    lost = jnp.sum(modulus_squared(mixing), axis=1)
    return ChargedLeptons(
        dipole_left=dipoles,
        anomalous_moments=_scalar_loops.anomalous_moments(dipoles),
        fermi_shift=-(lost[:, None] + lost),
    )


def radiative_decay(charged: ChargedLeptons) -> dict[str, Float[Array, ""]]:
    """log10 BR(mu -> e gamma), as in `RADIATIVE_DECAY`."""
    return {"log10_br_mu_e_gamma": floored_log10(charged.radiative_ratio(_MUON, _ELECTRON))}
