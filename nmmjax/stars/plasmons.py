"""Plasmons that decay into neutrinos, and the energy that these carry off."""

import math

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import EV_PER_GEV, EV_PER_KEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.stars._numbers import magneton_squared, not_negative


@public
def plasmon_decay_rate(
    moment: RealLike,
    plasmon_mass: RealLike,
    mass: RealLike = 0.0,
    other_mass: RealLike | None = None,
    *,
    electric_moment: RealLike = 0.0,
    energy: RealLike | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Rate Gamma(plasmon -> antinu_i nu_j) [1/s] of a transverse plasmon, mean over its polarizations:

        Gamma = (K^4 / 24 pi omega) (|mu|^2 f_+ + |eps|^2 f_-),   K^2 = omega^2 - k^2,
        f_+- = lambda^(1/2) [1 - (m_i -+ m_j)^2 / K^2] [1 + 2 (m_i +- m_j)^2 / K^2],
        lambda = [1 - (m_i + m_j)^2 / K^2] [1 - (m_i - m_j)^2 / K^2];

    for equal masses beta (1 + 8 m^2 / K^2) and beta^3. Zero at and below threshold, K <= m_i + m_j.

    **Arguments:** |mu| and |eps| of the pair [mu_B], K > 0 [keV], masses of the two [eV] (equal unless the other is
    given), energy omega >= K [keV] (at rest unless given). All broadcast: matrices of moments with masses on rows and
    columns give all channels, over which Dirac neutrinos are summed, Majorana neutrinos over i < j. In total
    sum_ij (|mu_ij|^2 + |eps_ij|^2) or sum_{i<j} |lambda_ij|^2 where masses do not matter.
    """
    moment = not_negative("moment", moment, unit="mu_B")
    electric_moment = not_negative("electric_moment", electric_moment, unit="mu_B")
    plasmon_mass = not_negative("plasmon_mass", plasmon_mass, open_low=True, unit="keV")
    first = not_negative("mass", mass, unit="eV") / EV_PER_KEV
    second = first if other_mass is None else not_negative("other_mass", other_mass, unit="eV") / EV_PER_KEV
    energy = plasmon_mass if energy is None else not_negative("energy", energy, open_low=True, unit="keV")
    _check_timelike(energy, plasmon_mass)
    magnetic, electric = _phase_space(plasmon_mass, first, second)
    strength = magneton_squared(constants) * (moment**2 * magnetic + electric_moment**2 * electric)
    rate = (EV_PER_KEV * plasmon_mass) ** 4 / (24.0 * math.pi * EV_PER_KEV * energy) * strength
    return rate / constants.hbar


@public
def moment_decay_rate(
    plasmon_mass: RealLike,
    masses: Float[ArrayLike, " n"],
    *,
    squares: Float[ArrayLike, "n n"],
    flips: Float[ArrayLike, "n n"],
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Rate of plasmon -> antinu_i nu_j [1/s] at rest by moments, summed over all pairs of states i, j:

        Gamma = (K^3 / 24 pi) sum_ij lambda_ij^(1/2) [ S_ij (1 + (a + b) / 2 - 2 a b) + 6 F_ij / K^2 ],
        a = (m_i + m_j)^2 / K^2,   b = (m_i - m_j)^2 / K^2,   lambda = (1 - a) (1 - b),

    for Dirac neutrinos, half of it for Majorana neutrinos, each of whose pairs counts twice here. It is
    `plasmon_decay_rate` of magnetic and electric moments, whose squares are (S_ij +- F_ij / (m_i m_j)) / 2, written so
    that it does not ask for the phases of massless states.

    **Arguments:** K > 0 [keV]; m_i [eV]; S_ij = |mu_ij|^2 + |eps_ij|^2 [mu_B^2] and F_ij = Re(N_ij N_ji) [eV^2 mu_B^2]
    with N = U^dagger M^dagger lambda U, of the states of U.
    """
    K = not_negative("plasmon_mass", plasmon_mass, open_low=True, unit="keV")[..., None, None]
    a, b, root = _openings(K, not_negative("masses", masses, unit="eV") / EV_PER_KEV)
    _checks.check_range("squares", squares, low=0.0, unit="mu_B^2")
    _checks.check_range("flips", flips, unit="eV^2 mu_B^2")
    strength = jnp.asarray(squares) * (1.0 + 0.5 * (a + b) - 2.0 * a * b)
    strength += 6.0 * jnp.asarray(flips) / (EV_PER_KEV * K) ** 2
    total = magneton_squared(constants) * jnp.sum(root * strength, (-2, -1))
    return (EV_PER_KEV * K[..., 0, 0]) ** 3 / (24.0 * math.pi) * total / constants.hbar


@public
def charge_decay_rate(
    plasmon_mass: RealLike,
    masses: Float[ArrayLike, " n"],
    *,
    charges: Num[ArrayLike, "n n"],
    weak_couplings: Num[ArrayLike, "n n"],
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Rate of plasmon -> antinu_i nu_j [1/s] at rest by charges of Dirac neutrinos, beyond the weak rate:

        Gamma = (alpha K / 3) sum_ij [ |q_ij|^2 + sqrt(2) G_F K^2 Re(q_ij g_ij^*) / (4 pi alpha) ]
                lambda_ij^(1/2) (1 - b) (1 + a / 2),

    a, b and lambda as in `moment_decay_rate`. The second term is the interference with the plasmon's weak decay, by
    g_V of electrons: a charge shifts g_V by 2 sqrt(2) pi alpha q / (G_F K^2), as it does in scattering, where
    K^2 = -2 m_e T (C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015)). It can make the rate negative: less is
    lost than without the charge. Limits in the literature leave it out.

    **Arguments:** K > 0 [keV]; m_i [eV]; q [e] and g_V of electrons between the mass states, U^dagger ... U, Hermitian.
    """
    K = not_negative("plasmon_mass", plasmon_mass, open_low=True, unit="keV")[..., None, None]
    a, b, root = _openings(K, not_negative("masses", masses, unit="eV") / EV_PER_KEV)
    _checks.check_hermitian("charges", charges)
    _checks.check_hermitian("weak_couplings", weak_couplings)
    charges = jnp.asarray(charges)
    fermi = math.sqrt(2.0) * constants.fermi_constant / EV_PER_GEV**2 / (4.0 * math.pi * constants.fine_structure)
    weak = fermi * (EV_PER_KEV * K) ** 2 * jnp.real(charges * jnp.conj(jnp.asarray(weak_couplings)))
    total = jnp.sum(root * (1.0 - b) * (1.0 + 0.5 * a) * (modulus_squared(charges) + weak), (-2, -1))
    return constants.fine_structure * EV_PER_KEV * K[..., 0, 0] / 3.0 * total / constants.hbar


@public
def magnetic_energy_loss(
    moment: RealLike,
    frequency: RealLike,
    mass: RealLike = 0.0,
    *,
    sin2_theta_w: Float[ArrayLike, ""] = 0.2312,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Energy that plasmons lose by a moment over what they lose by the weak interaction:

        Q_mu / Q_SM = 2 pi alpha mu^2 / (C_V^2 G_F^2 omega_pl^2) beta (1 + 8 m^2 / omega_pl^2),
        C_V^2 = (1/2 + 2 s^2)^2 + 2 (2 s^2 - 1/2)^2,   s = sin theta_W;

    0.318 for 1e-12 mu_B and 10 keV. Transverse plasmons with K = omega_pl; zero where neutrinos of mass m > omega_pl/2
    are not made. G. G. Raffelt, Phys. Rep. 320, 319 (1999).

    **Arguments:** mu >= 0 summed as in `plasmon_decay_rate` [mu_B], omega_pl > 0 [keV], m [eV].
    """
    moment, frequency = not_negative("moment", moment, unit="mu_B"), _frequency(frequency)
    mass = not_negative("mass", mass, unit="eV") / EV_PER_KEV
    opened, _ = _phase_space(frequency, mass, mass)
    squared = 2.0 * math.pi * constants.fine_structure * magneton_squared(constants) * moment**2
    return squared * opened / (_weak_squared(sin2_theta_w, constants) * (EV_PER_KEV * frequency) ** 2)


@public
def millicharge_energy_loss(
    charge: RealLike,
    frequency: RealLike,
    *,
    sin2_theta_w: Float[ArrayLike, ""] = 0.2312,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Energy loss by a charge of neutrinos over that of the weak interaction:

        Q_q / Q_SM = 16 pi^2 alpha^2 q^2 / (C_V^2 G_F^2 omega_pl^4).

    **Arguments:** |q| [e], summed in squares over the states, omega_pl > 0 [keV]. 0.665 for 1e-14 e and 10 keV.
    """
    charge, frequency = not_negative("charge", charge, unit="e"), _frequency(frequency)
    squared = (4.0 * math.pi * constants.fine_structure * charge) ** 2
    return squared / (_weak_squared(sin2_theta_w, constants) * (EV_PER_KEV * frequency) ** 4)


def _phase_space(K: Real, first: Real, second: Real) -> tuple[Real, Real]:
    """Phase space f_+ and f_- of masses in the same unit, zero with their slopes where there is no room."""
    a, b, root = _opening(K, first, second)
    return root * (1.0 - b) * (1.0 + 2.0 * a), root * (1.0 - a) * (1.0 + 2.0 * b)


def _openings(K: Real, masses: Real) -> tuple[Real, Real, Real]:
    """`_opening` of all pairs, (..., n, n)."""
    return _opening(K, masses[:, None], masses[None, :])


def _opening(K: Real, first: Real, second: Real) -> tuple[Real, Real, Real]:
    """Squares a and b of sum and difference of two masses over K, and sqrt((1 - a) (1 - b)); 1, 0, 0 without room."""
    opened = first + second < K
    a = jnp.where(opened, ((first + second) / K) ** 2, 1.0)
    b = jnp.where(opened, ((first - second) / K) ** 2, 0.0)
    return a, b, safe_sqrt((1.0 - a) * (1.0 - b))


def _weak_squared(sin2_theta_w: RealLike, constants: Constants) -> Real:
    """C_V^2 G_F^2 [1/eV^4]."""
    s2 = not_negative("sin2_theta_w", sin2_theta_w, high=1.0)
    vector = (0.5 + 2.0 * s2) ** 2 + 2.0 * (2.0 * s2 - 0.5) ** 2
    return vector * (constants.fermi_constant / EV_PER_GEV**2) ** 2


def _frequency(frequency: RealLike) -> Real:
    return not_negative("frequency", frequency, open_low=True, unit="keV")


def _check_timelike(energy: Real, plasmon_mass: Real) -> None:
    difference = _checks.concrete(energy - plasmon_mass)
    if difference is not None and (difference < 0.0).any():
        _checks.fail("energy", "be at least the mass of the plasmon", f"it is {-difference.min():.3g} keV below")
