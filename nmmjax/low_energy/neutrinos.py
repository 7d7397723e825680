"""Light neutrinos, and sterile ones that mix with them: masses and electromagnetic properties in the flavor basis."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks, mixing
from nmmjax._public import public
from nmmjax.low_energy.nature import Majorana, Nature
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import safe_sqrt
from nmmjax.quantities import Quantity

OBSERVABLES = {
    "dm21": Quantity(r"\Delta m^2_{21}", "eV^2"),
    "dm31": Quantity(r"\Delta m^2_{31}", "eV^2"),
    "sin2_theta12": Quantity(r"\sin^2\theta_{12}"),
    "sin2_theta13": Quantity(r"\sin^2\theta_{13}"),
    "sin2_theta23": Quantity(r"\sin^2\theta_{23}"),
    "delta_cp": Quantity(r"\delta_{CP}", "rad", circular=True),
    "jarlskog": Quantity(r"J"),
    "sum_of_masses": Quantity(r"\sum m_i", "eV"),
    "m_beta": Quantity(r"m_\beta", "eV"),
    "m_beta_beta": Quantity(r"|m_{\beta\beta}|", "eV"),
}
"""The numbers that every fit reports of its neutrinos."""


class States(NamedTuple):
    """Mass states in the order of their labels nu_1, nu_2, nu_3, ..., and what follows from masses and mixing."""

    masses: Float[Array, " n"]
    """[eV], not negative."""
    mixing: Complex[Array, "n n"]
    """U[alpha, i], nu_alpha = U[alpha, i] nu_i."""

    @property
    def dm21(self) -> Float[Array, ""]:
        """Splitting m_2^2 - m_1^2 >= 0 [eV^2]."""
        return self._splitting(1)

    @property
    def dm31(self) -> Float[Array, ""]:
        """Splitting m_3^2 - m_1^2 [eV^2], negative for inverted ordering."""
        return self._splitting(2)

    @property
    def dm32(self) -> Float[Array, ""]:
        """Splitting m_3^2 - m_2^2 [eV^2], negative for inverted ordering."""
        return self.dm31 - self.dm21

    def _splitting(self, state: int) -> Float[Array, ""]:
        """Splitting m_state^2 - m_1^2 [eV^2], as a product, which keeps the digits of a small splitting."""
        return (self.masses[state] - self.masses[0]) * (self.masses[state] + self.masses[0])

    @property
    def sin2_theta12(self) -> Float[Array, ""]:
        """sin^2 theta_12 = |U_e2|^2 / (1 - |U_e3|^2)."""
        return mixing.sin2_theta12(self.mixing)

    @property
    def sin2_theta13(self) -> Float[Array, ""]:
        """sin^2 theta_13 = |U_e3|^2."""
        return mixing.sin2_theta13(self.mixing)

    @property
    def sin2_theta23(self) -> Float[Array, ""]:
        """sin^2 theta_23 = |U_mu3|^2 / (1 - |U_e3|^2)."""
        return mixing.sin2_theta23(self.mixing)

    @property
    def delta_cp(self) -> Float[Array, ""]:
        """Dirac phase [rad] in (-pi, pi]; 0 where it is undefined."""
        return mixing.delta_cp(self.mixing)

    @property
    def jarlskog(self) -> Float[Array, ""]:
        """Jarlskog invariant Im(U_e1 U_mu2 U_e2^* U_mu1^*)."""
        return mixing.jarlskog(self.mixing)

    @property
    def sum_of_masses(self) -> Float[Array, ""]:
        """Sum of the three light masses [eV]."""
        return jnp.sum(self.masses[:3])


class Radii(NamedTuple):
    """Beyond the Standard Model, between mass states [cm^2]."""

    charge: Complex[Array, "n n"]
    anapole: Complex[Array, "n n"]


class Neutrinos(eqx.Module):
    """Masses and electromagnetic properties of n >= 3 neutrinos in the flavor basis e, mu, tau, then sterile states.

    **Fields:**

    - `mass_matrix` [eV] and `moment_matrix` [mu_B], complex (n, n); moment_matrix[a, b] is the amplitude nu_b(L) ->
      antinu_a (Majorana) or N_a (Dirac). Without it the moments are those of the loop of W and charged leptons
      (`nmmjax.moments`), some 1e-20 mu_B or less.
    - `nature` is `Majorana()` or `Dirac()`.
    - `charge_radius` [cm^2], Hermitian (3, 3): <r^2> of e, mu and tau beyond the Standard Model, anapoles included, as
      in `scattering.electromagnetic.charge_radius_shift`; None: nothing beyond.
    - `millicharge` [e], Hermitian (3, 3), for Dirac neutrinos alone; None: neutral.
    """

    mass_matrix: Num[Array, "n n"]
    moment_matrix: Num[Array, "n n"]
    nature: Nature
    charge_radius: Complex[Array, "3 3"] | None
    millicharge: Complex[Array, "3 3"] | None

    @public
    def __init__(
        self,
        mass_matrix: Num[Array, "n n"],
        moment_matrix: Num[Array, "n n"] | None = None,
        nature: Nature | None = None,
        *,
        charge_radius: Num[Array, "3 3"] | None = None,
        millicharge: Num[Array, "3 3"] | None = None,
    ):
        _checks.check_square("mass_matrix", mass_matrix, at_least=3)
        nature = Majorana() if nature is None else nature
        if moment_matrix is None:
            moment_matrix = nature.weak_moments(jnp.asarray(mass_matrix))
        nature.check(mass_matrix, moment_matrix)
        dtype = jnp.result_type(jnp.asarray(mass_matrix).dtype, jnp.complex64)  # its dtype: a weak type would give way
        self.mass_matrix = jnp.asarray(mass_matrix, dtype)
        self.moment_matrix = jnp.asarray(moment_matrix, dtype)
        self.nature = nature
        if charge_radius is not None:
            _checks.check_hermitian("charge_radius", charge_radius)
            charge_radius = jnp.asarray(charge_radius) + 0j
        if millicharge is not None:
            nature.check_charge(millicharge)
            millicharge = jnp.asarray(millicharge) + 0j
        self.charge_radius, self.millicharge = charge_radius, millicharge

    @property
    def mass_squared(self) -> Complex[Array, "n n"]:
        """Matrix M^dagger M [eV^2], all that oscillations see."""
        return hermitian.gram(self.mass_matrix)

    @property
    def states(self) -> States:
        """The mass states in the order of their labels (see `mixing.label_order`). Ask once, and keep the answer."""
        masses, vectors = self.nature.diagonalize(self.mass_matrix)
        order = mixing.label_order(masses**2)
        return States(masses[order], vectors[:, order])

    def transition_moments(self) -> Float[Array, "n n"]:
        """Moments |mu_ij| of nu_j -> nu_i gamma [mu_B], magnetic and electric together, in the order of `states`."""
        masses, U = self.nature.diagonalize(self.mass_matrix)
        order = mixing.label_order(masses**2)
        squared = self.nature.moments_squared(self.mass_matrix, self.moment_matrix, U)
        return safe_sqrt(squared[order][:, order])

    def radii_of_states(self) -> Radii:
        """Charge radii and anapoles between the mass states, in the order of `states`, of `charge_radius` r: U^+ r U.

        The vertex is (q^2 / 6) antinu_i gamma^mu (charge_ij - anapole_ij gamma_5) nu_j. Majorana fields have charge_ij
        = i Im (U^+ r U)_ij, antisymmetric and so nothing on the diagonal, and anapole_ij = Re (U^+ r U)_ij: where CP is
        conserved a pair of states has the one or the other, by its relative CP phase. Scattering of ultrarelativistic
        neutrinos sees r and cannot tell the natures apart. C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015),
        section II; B. Kayser, Phys. Rev. D 26, 1662 (1982).
        """
        if self.charge_radius is None:
            return Radii(*(jnp.zeros_like(self.mass_matrix) for _ in range(2)))
        U = self.states.mixing[:3]
        return Radii(*self.nature.split_radius(U.conj().T @ self.charge_radius @ U))

    @property
    def m_beta(self) -> Float[Array, ""]:
        """Effective mass of beta decay, sqrt((M^dagger M)_ee) [eV]."""
        return safe_sqrt(self.mass_squared[0, 0].real)

    @property
    def m_beta_beta(self) -> Float[Array, ""]:
        """Effective mass of neutrinoless double beta decay [eV]."""
        return self.nature.m_beta_beta(self.mass_matrix)

    def observables(self) -> dict[str, Float[Array, ""]]:
        """The numbers named in `OBSERVABLES`."""
        states = self.states
        own = {"m_beta": self.m_beta, "m_beta_beta": self.m_beta_beta}
        return {name: own[name] if name in own else getattr(states, name) for name in OBSERVABLES}
