"""Scattering of neutrinos on electrons that flips their helicity, by moments and by tensor interactions.

Without interference with the weak interaction: what is here adds to the D of `scattering.electron`, as matrices in
flavor space. For antineutrinos these are conjugated.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import CM_PER_FM, KEV_PER_MEV, MEV_PER_GEV, PDG_2026, Constants
from nmmjax.numerics.arrays import RealLike, ScalarLike
from nmmjax.scattering.electromagnetic import flipped, moment_scale
from nmmjax.scattering.kinematics import ELECTRON_MASS, checked, checked_high, maximal_recoil, reached, window


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


@public
def tensor_differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    couplings: Num[ArrayLike, "... m n"],
    scale: ScalarLike,
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Cross section dsigma/dT by tensor couplings [cm^2 / keV] per electron, zero where T is out of reach:

        (4 m_e / pi M^4) [(1 - T/2E)^2 - m_e T / 4E^2] t^+ t.

    For L = (t_ab / M^2) (antinu_a sigma P_L nu_b) (ebar sigma e) + h.c., the operator of K. J. Healey, A. A. Petrov and
    D. Zhuridov, Phys. Rev. D 87, 117301 (2013).

    **Arguments:** E > 0 [MeV], T >= 0 [keV], t[a, b] of nu_b -> a, M > 0 [GeV].
    """
    energy, recoil_energy = checked(energy, recoil_energy=recoil_energy)
    _checks.check_range("scale", scale, low=0.0, open_low=True, unit="GeV")
    recoil = recoil_energy / KEV_PER_MEV
    shape = (1.0 - 0.5 * recoil / energy) ** 2 - 0.25 * ELECTRON_MASS * recoil / energy**2
    strength = 4.0 * ELECTRON_MASS / math.pi / (MEV_PER_GEV * jnp.asarray(scale)) ** 4
    unit = (constants.hbar_c * CM_PER_FM) ** 2 / KEV_PER_MEV
    shape = strength * unit * reached(energy, recoil_energy) * shape
    return shape[..., None, None] * flipped(couplings, antineutrino, name="couplings")
