"""What charged scalars do to charged leptons at one loop: dipole amplitudes, from couplings in vertex normalization.

A = (1 / 16 pi^2 M^2) sum_F y_Fb^* y_Fa [(Q_F / Q_l) E(t_F) - (Q_S / Q_l) H(t_F)] [GeV^-2], Q_F + Q_S = Q_l: the [b, a]
of `ChargedLeptons.dipole_left` for scalars that couple to left-handed leptons, of `dipole_right` for right-handed ones.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax.constants import PDG_2026
from nmmjax.loops import one_loop
from nmmjax.low_energy import ChargedLeptons
from nmmjax.numerics.special import modulus_squared

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)


def lepton_masses() -> Float[Array, "3"]:
    """e, mu, tau [GeV]."""
    return jnp.asarray(PDG_2026.lepton_masses)


def singly_charged(coupling: Num[Array, "n 3"], inverse_mass_squared: Float[Array, ""]) -> Complex[Array, "3 3"]:
    """A scalar with massless neutrinos [F, l]: -H(0) = -1/6."""
    return -_ONE_LOOP / 6.0 * inverse_mass_squared * (jnp.conj(coupling).T @ coupling) + 0j


def doubly_charged(coupling: Num[Array, "3 3"], m_scalar: Float[Array, ""]) -> Complex[Array, "3 3"]:
    """A scalar with an antilepton: -E(t) - 2 H(t)."""
    t = (lepton_masses() / m_scalar) ** 2
    bracket = one_loop.photon_on_fermion(t) + 2.0 * one_loop.photon_on_scalar(t)
    return -_ONE_LOOP / m_scalar**2 * (jnp.conj(coupling).T @ (bracket[:, None] * coupling)) + 0j


def anomalous_moments(dipoles: Complex[Array, "3 3"]) -> Float[Array, "3"]:
    """a_l = m_l^2 A_ll, summed over the scalars and chiralities."""
    return lepton_masses() ** 2 * jnp.real(jnp.diag(dipoles))


def singlets(
    f: Num[Array, "3 3"], m_singly: Float[Array, ""], g: Num[Array, "3 3"], m_doubly: Float[Array, ""]
) -> ChargedLeptons:
    """A singly charged singlet with F, antisymmetric, in vertex normalization, and k^{++} of L = g_ab bar(l_a^c) l_b k.

    The vertex of k is 2 g.
    """
    left = singly_charged(f, 1.0 / m_singly**2)
    right = doubly_charged(2.0 * g, m_doubly)
    return ChargedLeptons(
        dipole_left=left,
        dipole_right=right,
        anomalous_moments=anomalous_moments(left + right),
        bilepton=g / m_doubly,
        fermi_shift=fermi_shift(f, 1.0 / m_singly**2),
    )


def fermi_shift(coupling: Num[Array, "3 3"], inverse_mass_squared: Float[Array, ""]) -> Float[Array, "3 3"]:
    """(G_ab / G_F)^2 - 1 = |F_ab|^2 / (2 sqrt(2) G_F M^2) in l_a -> l_b nu nubar, from a singly charged singlet."""
    return modulus_squared(coupling) * inverse_mass_squared / (2.0 * math.sqrt(2.0) * PDG_2026.fermi_constant)
