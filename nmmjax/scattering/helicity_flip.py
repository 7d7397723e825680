"""Scattering of neutrinos on electrons that flips their helicity by magnetic moments.

Without interference with the weak interaction: what is here adds to the D of `scattering.electron`, as matrices in
flavor space. For antineutrinos these are conjugated.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Num

from nmmjax._public import public
from nmmjax.constants import KEV_PER_MEV, PDG_2026, Constants
from nmmjax.numerics.arrays import RealLike
from nmmjax.scattering.electromagnetic import flipped, moment_scale
from nmmjax.scattering.kinematics import checked, checked_high, maximal_recoil, reached, window


@public
def magnetic_differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    moment_matrix: Num[ArrayLike, "... m n"],
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Cross section dsigma/dT by moments [cm^2 / keV] per electron, zero where T is out of reach:

        (pi alpha^2 / m_e^2) (1/T - 1/E) lambda^+ lambda.

    P. Vogel and J. Engel, Phys. Rev. D 39, 3378 (1989).

    **Arguments:** neutrino energy E > 0 [MeV], recoil T > 0 [keV], lambda[a, b] of nu_b -> a [mu_B]. They broadcast.
    """
    energy, recoil_energy = checked(energy, positive=True, recoil_energy=recoil_energy)
    shape = reached(energy, recoil_energy) * (1.0 / recoil_energy - 1.0 / (KEV_PER_MEV * energy))
    return moment_scale(constants) * shape[..., None, None] * flipped(moment_matrix, antineutrino)


@public
def magnetic_cross_section(
    energy: RealLike,
    moment_matrix: Num[ArrayLike, "... m n"],
    *,
    low: RealLike,
    high: RealLike = math.inf,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Cross section by moments [cm^2] per electron with recoils from a to b:

        sigma = (pi alpha^2 / m_e^2) [ln(b/a) - (b - a)/E] lambda^+ lambda.

    **Arguments:** E > 0 [MeV]; a = `low` > 0, for the integral diverges at zero, and b = `high` [keV].
    """
    energy, low = checked(energy, positive=True, low=low)
    a, b, opened = window(maximal_recoil(energy), low, checked_high(high))
    shape = jnp.where(opened, jnp.log(b / a) - (b - a) / (KEV_PER_MEV * energy), 0.0)
    return moment_scale(constants) * shape[..., None, None] * flipped(moment_matrix, antineutrino)
