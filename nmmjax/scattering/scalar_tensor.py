"""Scattering of neutrinos on electrons that flips their chirality: scalar, pseudoscalar and tensor interactions.

    L = -2 sqrt2 G_F {(Nbar_a P_L nu_b) ebar (S_ab - P_ab gamma_5) e + (Nbar_a sigma P_L nu_b) (ebar sigma e) T_ab}
        + h.c.

with N_a a right-handed neutrino, or antinu_a of Majorana neutrinos (with a factor 1/2 before the sum over all a and b,
as S and P are symmetric and T is antisymmetric then): S_ab, P_ab and T_ab are amplitudes of nu_b -> a.
Massless neutrinos do not interfere with the weak interaction, so that what is here adds to D of `scattering.electron`,

    D(E, T) = (2 G_F^2 m_e / pi) sum_k K_k Q_k,
    K = (T (2 m_e + T) / 2 E^2,  T^2 / 2 E^2,  16 [(1 - T/2E)^2 - m_e T / 4E^2],  -+ 2 (T/E) (1 - T/2E)),
    Q = (S^+ S,  P^+ P,  T^+ T,  (S + P)^+ T + T^+ (S + P)),

with the lower sign, and all conjugated, for antineutrinos. K. J. Healey, A. A. Petrov and D. Zhuridov, Phys. Rev. D 87,
117301 (2013), have the tensor as t / M^2 = 2 sqrt2 G_F T; M. Lindner, W. Rodejohann and X.-J. Xu, JHEP 03 (2017) 097,
have all of them.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from nmmjax._public import check_fields, public
from nmmjax.constants import KEV_PER_MEV, MEV_PER_KEV, PDG_2026, Constants
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.entrywise import weighted
from nmmjax.numerics.hermitian import adjoint
from nmmjax.scattering.electron import weak_scale
from nmmjax.scattering.kinematics import ELECTRON_MASS, checked, checked_high, maximal_recoil, reached, window


class FlipCouplings(eqx.Module):
    """S, P and T of the Lagrangian, (..., m, n): [a, b] of nu_b -> a, in units of 2 sqrt2 G_F."""

    scalar: Num[Array, "... m n"]
    pseudoscalar: Num[Array, "... m n"]
    tensor: Num[Array, "... m n"]

    def __check_init__(self) -> None:
        check_fields(self)

    @public
    def products(self, *, antineutrino: bool = False) -> tuple[Num[Array, "... n n"], ...]:
        """Matrices Q_k of D, four of (..., n, n), for antineutrinos conjugated and the last with its other sign."""
        S, P, T = self.scalar, self.pseudoscalar, self.tensor
        mixed = adjoint(S + P) @ T
        found = (*(adjoint(A) @ A for A in (S, P, T)), mixed + adjoint(mixed))
        return (*map(jnp.conj, found[:-1]), -jnp.conj(found[-1])) if antineutrino else found


@public
def differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    couplings: FlipCouplings,
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Matrix D(E, T) [cm^2 / keV] per electron, zero where the recoil is out of reach.

    **Arguments:** neutrino energy E > 0 [MeV] and kinetic energy T >= 0 [keV] of the electron, which broadcast.
    """
    terms = differential_strengths(energy, recoil_energy, constants=constants)
    return weighted(terms, couplings.products(antineutrino=antineutrino))


@public
def cross_section(
    energy: RealLike,
    couplings: FlipCouplings,
    *,
    low: RealLike = 0.0,
    high: RealLike = jnp.inf,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Integral of D(E, T) [cm^2] over the recoils between two thresholds, in closed form.

    **Arguments:** neutrino energy E > 0 [MeV]; `low` and `high` [keV], not negative. All broadcast.
    """
    terms = strengths(energy, low=low, high=high, constants=constants)
    return weighted(terms, couplings.products(antineutrino=antineutrino))


@public
def differential_strengths(
    energy: RealLike, recoil_energy: RealLike, *, constants: Constants = PDG_2026
) -> tuple[Float[Array, "..."], ...]:
    """(2 G_F^2 m_e / pi) K_k(E, T) [cm^2 / keV] of neutrinos, zero out of reach; E > 0 [MeV] and T >= 0 [keV]."""
    energy, recoil_energy = checked(energy, recoil_energy=recoil_energy)
    inside = reached(energy, recoil_energy) * weak_scale(constants) / KEV_PER_MEV
    y, mass = (recoil := recoil_energy * MEV_PER_KEV) / energy, ELECTRON_MASS * recoil / energy**2
    terms = mass + 0.5 * y**2, 0.5 * y**2, 16.0 * ((1.0 - 0.5 * y) ** 2 - 0.25 * mass), -2.0 * y * (1.0 - 0.5 * y)
    return tuple(inside * term for term in terms)


@public
def strengths(
    energy: RealLike, *, low: RealLike, high: RealLike = jnp.inf, constants: Constants = PDG_2026
) -> tuple[Float[Array, "..."], ...]:
    """Integrals of (2 G_F^2 m_e / pi) K_k between two thresholds [cm^2], for neutrinos: with Q_k a cross section.

    **Arguments:** E > 0 [MeV], `low` >= 0 and `high` [keV], which broadcast.
    """
    energy, low = checked(energy, low=low)
    start, end, opened = window(maximal_recoil(energy), low, checked_high(high))
    a, b = start * MEV_PER_KEV, end * MEV_PER_KEV
    width = b - a
    first, second = 0.5 * (a + b), (a**2 + a * b + b**2) / 3.0  # means of T and of T^2
    x, x2 = first / energy, second / energy**2
    recoiling = 0.25 * ELECTRON_MASS * first / energy**2
    terms = (4.0 * recoiling + 0.5 * x2, 0.5 * x2, 16.0 * (1.0 - x + 0.25 * x2 - recoiling), -2.0 * (x - 0.5 * x2))
    return tuple(jnp.where(opened, weak_scale(constants) * width * term, 0.0) for term in terms)
