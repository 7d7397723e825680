"""Coherent scattering on nuclei that flips the chirality of neutrinos: scalar and tensor interactions of u and d.

    L = -2 sqrt2 G_F {(Nbar_a P_L nu_b) qbar q S_ab + (Nbar_a sigma P_L nu_b) (qbar sigma q) T_ab} + h.c.,   q = u, d,

in the notation of `scattering.scalar_tensor`. What adds to D of `scattering.nucleus` is

    D(E, T) = (G_F^2 M / pi) (2 M T / E^2) W^+ W,
    W = Z F_p (s_p -+ w t_p) + N F_n (s_n -+ w t_n),        w = (2E - T) / m_N,

exact for spin 0, with the lower sign, and conjugated, for antineutrinos. Of nucleons at rest

    s_p = (sigma_u / m_u) S_u + (sigma_d / m_d) S_d,        t_p = (g_u + kappa_u) T_u + (g_d + kappa_d) T_d,

and with u and d exchanged for neutrons: the tensor current of an unpolarized nucleon is that of an electric dipole
-i q (g + kappa) / 2 m_N, as the magnetic moments of its quarks are seen in motion. The scattering by spins is left out,
which does not add up over nucleons, and so are pseudoscalar and axial interactions, which are of spins alone: limits on
T of nuclei with spin come out on the safe side. J. Liao, J. Tang and B.-L. Zhang, 2502.10702, find the same.
"""

from functools import partial
from itertools import combinations_with_replacement

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from nmmjax._public import check_fields, public
from nmmjax.constants import CM_PER_FM, KEV_PER_MEV, MEV_PER_GEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.entrywise import weighted
from nmmjax.scattering.kinematics import checked
from nmmjax.scattering.nucleus import Nucleus, maximal_recoil, nucleons, symmetrized

_NUCLEON = 938.9187
"""Mean mass of the nucleons [MeV]."""
SCALAR_CHARGES = (17.0 / 2.2, 32.0 / 4.7, 15.0 / 2.2, 36.0 / 4.7)
"""<p| ubar u |p>, <p| dbar d |p>, and of the neutron: sigma terms (17, 32, 15, 36) MeV +- 30 % over quark masses at
2 GeV, as F. Bishara, J. Brod, B. Grinstein and J. Zupan, JHEP 11 (2017) 059, and their code DirectDM have them."""
TENSOR_DIPOLES = (0.794 + 2.93, -0.204 + 1.90)
"""g + kappa of u and d in the proton at 2 GeV: tensor charges of the lattice, +- 2 %, as DirectDM has them; anomalous
tensor magnetic moments +- 5 %, from memory of M. Goeckeler et al., Phys. Rev. Lett. 98, 222001 (2007). The difference
of the latter is 1.051 +- 0.094 in C. Alexandrou et al., Phys. Rev. D 107, 054504 (2023)."""


class FlipCouplings(eqx.Module):
    """Matrices s and t of proton and neutron, (..., m, n): [a, b] of nu_b -> a, in units of 2 sqrt2 G_F."""

    scalar_proton: Num[Array, "... m n"]
    scalar_neutron: Num[Array, "... m n"]
    tensor_proton: Num[Array, "... m n"]
    tensor_neutron: Num[Array, "... m n"]

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @public
    def of_quarks(
        cls,
        scalar_up: Num[Array, "... m n"],
        scalar_down: Num[Array, "... m n"],
        tensor_up: Num[Array, "... m n"],
        tensor_down: Num[Array, "... m n"],
    ) -> "FlipCouplings":
        """From S and T of the quarks, by `SCALAR_CHARGES` and `TENSOR_DIPOLES`."""
        up_p, down_p, up_n, down_n = SCALAR_CHARGES
        larger, smaller = TENSOR_DIPOLES
        return cls(
            up_p * scalar_up + down_p * scalar_down,
            up_n * scalar_up + down_n * scalar_down,
            larger * tensor_up + smaller * tensor_down,
            smaller * tensor_up + larger * tensor_down,
        )

    @public
    def products(self, *, antineutrino: bool = False) -> tuple[Num[Array, "... n n"], ...]:
        """The ten Hermitian matrices A^+ B + B^+ A (A^+ A) of the four, in the order of `strengths`."""
        sign = -1.0 if antineutrino else 1.0
        tensors = sign * self.tensor_proton, sign * self.tensor_neutron
        four = (self.scalar_proton, self.scalar_neutron, *tensors)
        found = tuple(symmetrized(A, B) for A, B in combinations_with_replacement(four, 2))
        return tuple(map(jnp.conj, found)) if antineutrino else found


@public
def strengths(
    energy: RealLike, recoil_energy: RealLike, nucleus: Nucleus, *, constants: Constants = PDG_2026
) -> tuple[Float[Array, "..."], ...]:
    """Coefficients s_k(E, T) [cm^2 / keV] of D = sum_k s_k A_k, A_k the ten `FlipCouplings.products`.

    Zero where the recoil is out of reach.

    **Arguments:** neutrino energy E > 0 [MeV] and recoil energy T >= 0 [keV] of the nucleus, which broadcast.
    """
    energy, recoil = checked(energy, recoil_energy=recoil_energy)
    return tuple(_strengths(energy, recoil, nucleus, constants=constants))


@public
def differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    nucleus: Nucleus,
    couplings: FlipCouplings,
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Matrix D(E, T) [cm^2 / keV] per nucleus, the mean of isotopes, zero where the recoil is out of reach.

    **Arguments:** neutrino energy E > 0 [MeV] and recoil energy T >= 0 [keV] of the nucleus, which broadcast.
    """
    terms = strengths(energy, recoil_energy, nucleus, constants=constants)
    return weighted(terms, couplings.products(antineutrino=antineutrino))


@partial(jax.jit, static_argnames="constants")
def _strengths(energy: Real, recoil_energy: Real, nucleus: Nucleus, *, constants: Constants) -> list[Real]:
    reached = recoil_energy[..., None] <= maximal_recoil(energy, nucleus)
    E, T = energy[..., None], recoil_energy[..., None] / KEV_PER_MEV
    p, n = nucleons(T, nucleus, constants)
    w = (2.0 * E - T) / _NUCLEON
    fermi = constants.fermi_constant / MEV_PER_GEV**2
    scale = (fermi * constants.hbar_c * CM_PER_FM) ** 2 / jnp.pi * nucleus.abundance * nucleus.mass
    scale = jnp.where(reached, scale * 2.0 * nucleus.mass * T / E**2, 0.0) / KEV_PER_MEV
    four = p, n, -w * p, -w * n
    return [jnp.sum(scale * a * b, -1) for a, b in combinations_with_replacement(four, 2)]
