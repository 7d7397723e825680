"""Decays that moments and couplings cause: rates, lifetimes and branching ratios.

A charged lepton radiates by its dipole amplitudes A [GeV^-2], L = (e/4) m_a bar(l_b) sigma F (A_L P_R + A_R P_L) l_a +
h.c. up to a sign, so that Gamma = (alpha / 16) m_a^5 (|A_L|^2 + |A_R|^2); between equal leptons the amplitude gives the
anomalous moment, a = m^2 A. Four leptons meet by a coefficient C [GeV^-2] that a heavy scalar leaves behind.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float, Num, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import EV_PER_GEV, EV_PER_MEV, HIGGS_MASS, HIGGS_WIDTH, KM_PER_FM, PDG_2026, Constants
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.special import larger, modulus_squared, safe_sqrt


@public
def neutrino_radiative_rate(
    moment: RealLike,
    mass: RealLike,
    lighter_mass: RealLike = 0.0,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Rate Gamma(nu_j -> nu_i gamma) = |mu|^2 / (8 pi) ((m_j^2 - m_i^2) / m_j)^3 [1/s] at rest; 0 where m_i >= m_j.

    **Arguments:** |mu| between the two mass states [mu_B], for Dirac neutrinos sqrt(|mu|^2 + |eps|^2) of magnetic and
    electric moment; masses [eV]. The lifetime is its inverse: 1.884e19 s (1e-10 mu_B / mu)^2 (eV / m)^3 for m_i = 0.
    """
    for name, value in (("moment", moment), ("mass", mass), ("lighter_mass", lighter_mass)):
        _checks.check_range(name, value, low=0.0)
    mass, lighter_mass = jnp.asarray(mass), jnp.asarray(lighter_mass)
    electron = constants.electron_mass * EV_PER_GEV
    squared = math.pi * constants.fine_structure * (jnp.asarray(moment) / electron) ** 2  # mu_B = e / 2 m_e
    positive = mass > 0.0
    energy = jnp.where(positive, (mass**2 - lighter_mass**2) / jnp.where(positive, mass, 1.0), 0.0)
    return squared / (8.0 * math.pi) * larger(energy, 0.0) ** 3 / constants.hbar


@public
def neutrino_radiative_widths(
    moments: Real[ArrayLike, "n n"], masses: Real[ArrayLike, " n"], *, constants: Constants = PDG_2026
) -> Float[Array, " n"]:
    """Total width of nu_j -> nu_i gamma [1/s] of each state j, summed over lighter states i.

    **Arguments:** moments |mu_ij| [mu_B] and masses [eV] of n states, as `Neutrinos.transition_moments` and `states`
    give them.
    """
    return jnp.sum(neutrino_radiative_rate(moments, masses, jnp.asarray(masses)[:, None], constants=constants), axis=0)


@public
def heavy_neutrino_radiative_rate(
    moment: RealLike,
    mass: RealLike,
    *,
    majorana: bool,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Rate Gamma(N -> nu gamma) = mu^2 m^3 / 16 pi [1/s] at rest by the dipole portal; twice that if N is Majorana.

    L = (1/2) sum_a mu_a antinu_aL sigma N_R F + h.c.: one chirality only, hence half of `neutrino_radiative_rate`.

    **Arguments:** mu = sqrt(sum_a |mu_a|^2) [mu_B], mass of N [MeV]; for d = mu / 2 it is d^2 m^3 / 4 pi.
    """
    for name, value, unit in (("moment", moment, "mu_B"), ("mass", mass, "MeV")):
        _checks.check_range(name, value, low=0.0, unit=unit)
    chiralities = 1.0 if majorana else 0.5
    return chiralities * neutrino_radiative_rate(moment, EV_PER_MEV * jnp.asarray(mass), constants=constants)


@public
def decay_length(
    rate: RealLike,
    energy: RealLike,
    mass: RealLike,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Mean flight before a decay, (p / m) c / Gamma [km]; zero at rest.

    **Arguments:** rate at rest Gamma > 0 [1/s], energy and mass > 0 in one unit, energy >= mass.
    """
    for name, value in (("rate", rate), ("energy", energy), ("mass", mass)):
        _checks.check_range(name, value, low=0.0, open_low=True)
    energy, mass = jnp.asarray(energy), jnp.asarray(mass)
    below = _checks.concrete(energy / mass)
    if below is not None and (below < 1.0).any():
        _checks.fail("energy", "be at least the mass", f"it is {below.min():.3g} of it")
    speed = constants.hbar_c * EV_PER_MEV / constants.hbar * KM_PER_FM
    return safe_sqrt((energy / mass) ** 2 - 1.0) * speed / jnp.asarray(rate)


@public
def decay_between(length: RealLike, near: RealLike, far: RealLike) -> Float[Array, "..."]:
    """Probability exp(-near / L) - exp(-far / L) that what is made at zero decays between two places.

    Two showers of one neutrino, a double bang, are told apart where their distance lies between what a detector
    resolves and what it holds.

    **Arguments:** mean flight L > 0 (`decay_length`), 0 <= near <= far, in one unit; they broadcast.
    """
    _checks.check_range("length", length, low=0.0, open_low=True)
    _checks.check_range("near", near, low=0.0)
    length, near = jnp.asarray(length), jnp.asarray(near)
    way = jnp.asarray(far) - near
    _checks.check_range("far", way, low=0.0, unit="beyond near")
    return -jnp.exp(-near / length) * jnp.expm1(-way / length)


@public
def lepton_radiative_ratio(
    left: Num[ArrayLike, "..."], right: Num[ArrayLike, "..."], *, constants: Constants = PDG_2026
) -> Float[Array, "..."]:
    """Ratio Gamma(l -> l' gamma) / Gamma(l -> l' nu nubar) = (12 pi^3 alpha / G_F^2) (|A_L|^2 + |A_R|^2)."""
    scale = 12.0 * math.pi**3 * constants.fine_structure / constants.fermi_constant**2
    return scale * (modulus_squared(left) + modulus_squared(right))


@public
def higgs_lepton_ratio(coupling: Num[ArrayLike, "..."], transposed: Num[ArrayLike, "..."]) -> Float[Array, "..."]:
    """Branching ratio of h -> l_a l_b of two flavors, both charges; other decays are those of the Standard Model.

        Gamma = (m_h / 8 pi) (|y_ab|^2 + |y_ba|^2),    BR = Gamma / (Gamma + Gamma_SM),

    -L = h lbar_a y_ab P_R l_b + h.c. Harnik, Kopp and Zupan, JHEP 03 (2013) 026, 1209.1397.
    """
    width = HIGGS_MASS / (8.0 * math.pi) * (modulus_squared(coupling) + modulus_squared(transposed))
    return width / (width + HIGGS_WIDTH)


@public
def three_lepton_ratio(
    coefficient: Num[ArrayLike, "..."], *, identical: bool, constants: Constants = PDG_2026
) -> Float[Array, "..."]:
    """Ratio Gamma(l_a -> l_b^+ l_c^- l_d^-) / Gamma(l_a -> l_b nu nubar) = |C|^2 / (2 (1 + delta_cd) G_F^2).

    C = g_ab g_cd^* / m_k^2 of a doubly charged scalar, L = g_ab bar(l_a^c) P_R l_b k^{++} summed over all a and b;
    `identical` where c = d [M. Nebot et al., Phys. Rev. D 77, 093013 (2008), 0711.0483].
    """
    return modulus_squared(coefficient) / ((4.0 if identical else 2.0) * constants.fermi_constant**2)


@public
def muonium_conversion(coefficient: Num[ArrayLike, "..."], *, constants: Constants = PDG_2026) -> Num[Array, "..."]:
    """Coupling G of muonium -> antimuonium over G_F: -(sqrt(2) / 8) C / G_F, C = g_ee g_mumu^* / m_k^2 [GeV^-2]."""
    return -math.sqrt(2.0) / 8.0 * jnp.asarray(coefficient) / constants.fermi_constant
