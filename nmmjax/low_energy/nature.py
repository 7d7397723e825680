"""Whether neutrinos are their own antiparticles, and the mass states that follow.

Majorana: L = -1/2 nubar^c M nu, M = U^* diag(m) U^dagger symmetric, an antisymmetric moment matrix.
Dirac: L = -nubar_R M nu_L, M = V diag(m) U^dagger, a general moment matrix with rows in the basis of those of M.
"""

import abc
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks, moments
from nmmjax.numerics import hermitian, takagi
from nmmjax.numerics.special import modulus_squared, safe_abs


class Nature(eqx.Module):
    """Whether a neutrino is its own antiparticle; what differs between the two natures and no more."""

    self_conjugate: ClassVar[bool]
    """Whether it is: pairs of states count once in sums over moments, and flips make antineutrinos."""

    @abc.abstractmethod
    def check(self, mass_matrix: Array, moment_matrix: Array) -> None:
        """Raise where the matrices do not have the symmetry of this nature."""

    @abc.abstractmethod
    def check_charge(self, millicharge: Array) -> None:
        """Raise where neutrinos of this nature cannot be charged."""

    @abc.abstractmethod
    def diagonalize(
        self, mass_matrix: Num[Array, "... n n"]
    ) -> tuple[Float[Array, "... n"], Complex[Array, "... n n"]]:
        """Masses [eV], ascending, and mixing U[alpha, i]; finite derivatives everywhere."""

    @abc.abstractmethod
    def m_beta_beta(self, mass_matrix: Num[Array, "... n n"]) -> Float[Array, "..."]:
        """Effective mass of neutrinoless double beta decay [eV]."""

    @abc.abstractmethod
    def weak_moments(self, mass_matrix: Num[Array, "n n"]) -> Num[Array, "n n"]:
        """Moments from the loop of W and charged leptons [mu_B], as `nmmjax.moments` has them."""

    @abc.abstractmethod
    def split_radius(self, radius: Complex[Array, "n n"]) -> tuple[Complex[Array, "n n"], Complex[Array, "n n"]]:
        """Charge radii and anapoles of mass states from the matrix of left-handed neutrinos in their basis."""

    @abc.abstractmethod
    def moments_between(
        self, mass_matrix: Num[Array, "n n"], moment_matrix: Num[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Complex[Array, "n n"]:
        """Moments lambda_ij between the states of `mixing` [mu_B], nu_j(L) -> i."""

    def moments_squared(
        self, mass_matrix: Num[Array, "n n"], moment_matrix: Num[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Float[Array, "n n"]:
        """Squared moments |mu_ij|^2 + |eps_ij|^2 = (|lambda_ij|^2 + |lambda_ji|^2) / 2 of these states [mu_B^2]."""
        squared = modulus_squared(self.moments_between(mass_matrix, moment_matrix, mixing))
        return 0.5 * (squared + squared.T)


class Majorana(Nature):
    """nu = nu^c up to a phase: M symmetric, moments antisymmetric."""

    self_conjugate: ClassVar[bool] = True

    def check(self, mass_matrix: Array, moment_matrix: Array) -> None:
        """Raise unless M^T = M and lambda^T = -lambda."""
        _checks.check_symmetric("mass_matrix", mass_matrix)
        _checks.check_symmetric("moment_matrix", moment_matrix, sign=-1)

    def check_charge(self, millicharge: Array) -> None:
        """Raise: a particle that is its own antiparticle is neutral."""
        _checks.fail("millicharge", "be left out for Majorana neutrinos", "it is given")

    def diagonalize(
        self, mass_matrix: Num[Array, "... n n"]
    ) -> tuple[Float[Array, "... n"], Complex[Array, "... n n"]]:
        """Masses [eV] and U of the Takagi factorization U^T M U = diag(m)."""
        return takagi.factorize(mass_matrix)

    def m_beta_beta(self, mass_matrix: Num[Array, "... n n"]) -> Float[Array, "..."]:
        """Effective mass of neutrinoless double beta decay |M_ee| [eV]."""
        return safe_abs(mass_matrix[..., 0, 0])

    def weak_moments(self, mass_matrix: Num[Array, "n n"]) -> Num[Array, "n n"]:
        """Transition moments from the loop of W and charged leptons [mu_B]; the diagonal vanishes."""
        return moments.w_loop_majorana(mass_matrix)

    def split_radius(self, radius: Complex[Array, "n n"]) -> tuple[Complex[Array, "n n"], Complex[Array, "n n"]]:
        """i Im r, antisymmetric, and Re r, symmetric: antinu_i gamma nu_j = -antinu_j gamma nu_i of Majorana fields."""
        return 1j * radius.imag, radius.real + 0j

    def moments_between(
        self, mass_matrix: Num[Array, "n n"], moment_matrix: Num[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Complex[Array, "n n"]:
        """Moments U^T lambda U between the states of the columns of U [mu_B]."""
        return mixing.T @ moment_matrix @ mixing


class Dirac(Nature):
    """Right-handed partners: M and the moments are general matrices with rows in one right-handed basis."""

    self_conjugate: ClassVar[bool] = False

    def check(self, mass_matrix: Array, moment_matrix: Array) -> None:
        """Raise unless both matrices are finite; they need no symmetry."""
        _checks.check_finite("mass_matrix", mass_matrix)
        _checks.check_finite("moment_matrix", moment_matrix)

    def check_charge(self, millicharge: Array) -> None:
        """Raise unless the matrix of charges is Hermitian."""
        _checks.check_hermitian("millicharge", millicharge)

    def diagonalize(
        self, mass_matrix: Num[Array, "... n n"]
    ) -> tuple[Float[Array, "... n"], Complex[Array, "... n n"]]:
        """Masses [eV], the singular values of M, and U, the eigenvectors of M^dagger M."""
        _, vectors = hermitian.eigensystem(hermitian.gram(mass_matrix))
        return takagi.singular_values(mass_matrix), vectors

    def m_beta_beta(self, mass_matrix: Num[Array, "... n n"]) -> Float[Array, "..."]:
        """Effective mass of neutrinoless double beta decay [eV]: zero, since lepton number is conserved."""
        return jnp.zeros(mass_matrix.shape[:-2])

    def weak_moments(self, mass_matrix: Num[Array, "n n"]) -> Num[Array, "n n"]:
        """Moments from the loop of W and charged leptons [mu_B], proportional to the masses."""
        return moments.w_loop_dirac(mass_matrix)

    def split_radius(self, radius: Complex[Array, "n n"]) -> tuple[Complex[Array, "n n"], Complex[Array, "n n"]]:
        """Half of it each: the vertex is antinu gamma (1 - gamma_5) nu r / 2 of four-component fields."""
        return 0.5 * radius, 0.5 * radius

    def moments_between(
        self, mass_matrix: Num[Array, "n n"], moment_matrix: Num[Array, "n n"], mixing: Complex[Array, "n n"]
    ) -> Complex[Array, "n n"]:
        """Moments V^dagger lambda U [mu_B], V diagonalizing M M^dagger, up to the phases of its columns.

        Masses ascend in the columns of U as they do in those of V.
        """
        _, V = hermitian.eigensystem(hermitian.gram(mass_matrix.conj().T))
        return V.conj().T @ moment_matrix @ mixing
