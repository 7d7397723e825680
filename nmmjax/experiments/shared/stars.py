"""What limits from stars share: the energy that plasmons carry off beyond the standard loss."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import stars
from nmmjax.constants import TAU
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import larger

_SIN2_THETA_W = 0.2312
_WEAK = (2.0 * _SIN2_THETA_W + 0.5, *(2 * (2.0 * _SIN2_THETA_W - 0.5,)))
"""g_V of electrons for nu_e, nu_mu and nu_tau."""


def energy_loss(theory: LowEnergy, core: stars.Core) -> Float[Array, ""]:
    """Energy loss [erg/g/s] of a core by moments and charges, beyond the weak one; never below zero.

    Masses of the neutrinos, with what a light scalar adds where the core has half of its mass around, close channels
    and change phase space. Where the weak loss, too, is less than the standard one, by masses or by charges that
    interfere with it, no limit says so, and nothing is subtracted.
    """
    matrix = theory.mass_matrix_in(core.sphere)
    neutrinos, K = theory.neutrinos, core.plasmon_masses
    nature = neutrinos.nature
    masses, U = nature.diagonalize(matrix)
    squares = nature.moments_squared(matrix, neutrinos.moment_matrix, U)
    N = jnp.conj(matrix @ U).T @ neutrinos.moment_matrix @ U
    pairs = stars.moment_decay_rate(K, masses, squares=squares, flips=jnp.real(N * N.T))
    rates = 0.5 * pairs if nature.self_conjugate else pairs
    if neutrinos.millicharge is not None:
        of_flavors = U[: TAU + 1]
        charges = jnp.conj(of_flavors).T @ neutrinos.millicharge @ of_flavors
        weak = jnp.conj(of_flavors).T @ (jnp.asarray(_WEAK)[:, None] * of_flavors)
        rates = rates + stars.charge_decay_rate(K, masses, charges=charges, weak_couplings=weak)
    return larger(core.loss(rates), 0.0)


def equivalent_moment_squared(theory: LowEnergy, core: stars.Core) -> Float[Array, ""]:
    """Square of the one moment [mu_B^2] of massless neutrinos that would lose as much energy.

    sum_ij |lambda_ij|^2 of Dirac, sum_{i<j} |lambda_ij|^2 of Majorana neutrinos that are light, neutral and free.
    """
    one, none = jnp.ones((1, 1)), jnp.zeros((1, 1))
    unit = core.loss(stars.moment_decay_rate(core.plasmon_masses, none[0], squares=one, flips=none))
    return energy_loss(theory, core) / unit
