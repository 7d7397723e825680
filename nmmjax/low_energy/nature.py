"""Whether neutrinos are their own antiparticles, and the mass states that follow.

Majorana: L = -1/2 nubar^c M nu, M = U^* diag(m) U^dagger symmetric, an antisymmetric moment matrix.
Dirac: L = -nubar_R M nu_L, M = V diag(m) U^dagger, a general moment matrix with rows in the basis of those of M.
"""

import abc
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from nmmjax import _checks, mixing, moments
from nmmjax.numerics import hermitian, takagi
from nmmjax.numerics.special import modulus_squared, safe_abs
from nmmjax.scattering import effective_moment


class States(NamedTuple):
    """Mass states in the order of their labels nu_1, nu_2, nu_3, ..., and what follows from masses and mixing."""

    masses: Float[Array, " n"]
    """[eV], not negative."""
    mixing: Complex[Array, "n n"]
    """U[alpha, i], nu_alpha = U[alpha, i] nu_i."""

    @property
    def dm21(self) -> Float[Array, ""]:
        """m_2^2 - m_1^2 >= 0 [eV^2]."""
        return self._splitting(1)

    @property
    def dm31(self) -> Float[Array, ""]:
        """m_3^2 - m_1^2 [eV^2], negative for inverted ordering."""
        return self._splitting(2)

    @property
    def dm32(self) -> Float[Array, ""]:
        """m_3^2 - m_2^2 [eV^2]."""
        return self.dm31 - self.dm21

    def _splitting(self, state: int) -> Float[Array, ""]:
        """As a product, which keeps the digits of a small splitting."""
        return (self.masses[state] - self.masses[0]) * (self.masses[state] + self.masses[0])

    @property
    def sin2_theta12(self) -> Float[Array, ""]:
        """|U_e2|^2 / (1 - |U_e3|^2)."""
        return mixing.sin2_theta12(self.mixing)

    @property
    def sin2_theta13(self) -> Float[Array, ""]:
        """|U_e3|^2."""
        return mixing.sin2_theta13(self.mixing)

    @property
    def sin2_theta23(self) -> Float[Array, ""]:
        """|U_mu3|^2 / (1 - |U_e3|^2)."""
        return mixing.sin2_theta23(self.mixing)

    @property
    def delta_cp(self) -> Float[Array, ""]:
        """The Dirac phase in (-pi, pi]; 0 where it is undefined."""
        return mixing.delta_cp(self.mixing)

    @property
    def jarlskog(self) -> Float[Array, ""]:
        """Im(U_e1 U_mu2 U_e2^* U_mu1^*)."""
        return mixing.jarlskog(self.mixing)

    @property
    def sum_of_masses(self) -> Float[Array, ""]:
        """Sum of the three light masses [eV]."""
        return jnp.sum(self.masses[:3])


class Nature(eqx.Module):
    """Whether a neutrino is its own antiparticle."""

    @abc.abstractmethod
    def check(self, mass_matrix: Array, moment_matrix: Array) -> None:
        """Raise where the matrices do not have the symmetry of this nature."""

    @abc.abstractmethod
    def check_charge(self, millicharge: Array) -> None:
        """Raise where neutrinos of this nature cannot be charged."""

    @abc.abstractmethod
    def states(self, mass_matrix: Complex[Array, "... n n"]) -> States:
        """Masses and mixing, masses ascending; finite derivatives everywhere."""

    @abc.abstractmethod
    def m_beta_beta(self, mass_matrix: Complex[Array, "... n n"]) -> Float[Array, "..."]:
        """Effective mass of neutrinoless double beta decay [eV]."""

    @abc.abstractmethod
    def weak_moments(self, mass_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """Moments from the loop of W and charged leptons [mu_B]."""

    @abc.abstractmethod
    def moments_squared(
        self, mass_matrix: Complex[Array, "n n"], moment_matrix: Complex[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Float[Array, "n n"]:
        """|mu_ij|^2 + |epsilon_ij|^2 between the states of `mixing`, as they enter decays [mu_B^2]."""

    @abc.abstractmethod
    def plasmon_moment_squared(self, moment_matrix: Complex[Array, "n n"]) -> Float[Array, ""]:
        """Summed over the pairs of neutrinos into which a plasmon decays [mu_B^2]."""

    @abc.abstractmethod
    def sterile_moments_squared(self, moment_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """lambda^+ lambda [mu_B^2] into states without weak interactions, which leave a supernova or heat up."""


class Majorana(Nature):
    """nu = nu^c up to a phase: M symmetric, moments antisymmetric."""

    def check(self, mass_matrix: Array, moment_matrix: Array) -> None:
        """M^T = M and lambda^T = -lambda."""
        _checks.check_symmetric("mass_matrix", mass_matrix)
        _checks.check_symmetric("moment_matrix", moment_matrix, sign=-1)

    def check_charge(self, millicharge: Array) -> None:
        """None: a particle that is its own antiparticle is neutral."""
        _checks.fail("millicharge", "be left out for Majorana neutrinos", "it is given")

    def states(self, mass_matrix: Complex[Array, "... n n"]) -> States:
        """The Takagi factorisation U^T M U = diag(m)."""
        return States(*takagi.takagi(mass_matrix))

    def m_beta_beta(self, mass_matrix: Complex[Array, "... n n"]) -> Float[Array, "..."]:
        """|M_ee|."""
        return safe_abs(mass_matrix[..., 0, 0])

    def weak_moments(self, mass_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """Transitions only."""
        return moments.w_loop_majorana(mass_matrix)

    def moments_squared(
        self, mass_matrix: Complex[Array, "n n"], moment_matrix: Complex[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Float[Array, "n n"]:
        """|U^T lambda U|^2."""
        return modulus_squared(mixing.T @ moment_matrix @ mixing)

    def plasmon_moment_squared(self, moment_matrix: Complex[Array, "n n"]) -> Float[Array, ""]:
        """sum_{i<j} |lambda_ij|^2."""
        return effective_moment.plasmon_squared(moment_matrix, majorana=True)

    def sterile_moments_squared(self, moment_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """Zero for e, mu and tau, which flip to antineutrinos of theirs; what is left are states beyond the three."""
        return hermitian.gram(moment_matrix[3:])


class Dirac(Nature):
    """Right-handed partners: M and the moments are general matrices with rows in one right-handed basis."""

    def check(self, mass_matrix: Array, moment_matrix: Array) -> None:
        """Any finite matrices will do."""
        _checks.check_finite("mass_matrix", mass_matrix)
        _checks.check_finite("moment_matrix", moment_matrix)

    def check_charge(self, millicharge: Array) -> None:
        """Hermitian."""
        _checks.check_hermitian("millicharge", millicharge)

    def states(self, mass_matrix: Complex[Array, "... n n"]) -> States:
        """Singular values, and the eigenvectors of M^dagger M."""
        _, vectors = hermitian.eigensystem(hermitian.gram(mass_matrix))
        return States(takagi.singular_values(mass_matrix), vectors)

    def m_beta_beta(self, mass_matrix: Complex[Array, "... n n"]) -> Float[Array, "..."]:
        """Zero: lepton number is conserved."""
        return jnp.zeros(mass_matrix.shape[:-2])

    def weak_moments(self, mass_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """Proportional to the mass."""
        return moments.w_loop_dirac(mass_matrix)

    def moments_squared(
        self, mass_matrix: Complex[Array, "n n"], moment_matrix: Complex[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Float[Array, "n n"]:
        """(|L_ij|^2 + |L_ji|^2) / 2 of L = V^dagger lambda U, V the eigenvectors of M M^dagger; masses ascending."""
        _, V = hermitian.eigensystem(hermitian.gram(mass_matrix.conj().T))
        squared = modulus_squared(V.conj().T @ moment_matrix @ mixing)
        return 0.5 * (squared + squared.T)

    def plasmon_moment_squared(self, moment_matrix: Complex[Array, "n n"]) -> Float[Array, ""]:
        """sum_ij |lambda_ij|^2."""
        return effective_moment.plasmon_squared(moment_matrix, majorana=False)

    def sterile_moments_squared(self, moment_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """All of lambda^+ lambda."""
        return hermitian.gram(moment_matrix)
