"""The waist: what a model hands to experiments, in the flavour basis and nothing else.

Conventions: Majorana L = -1/2 nubar^c M nu with M = U^* diag(m) U^dagger symmetric and an antisymmetric moment matrix;
Dirac L = -nubar_R M nu_L with M = V diag(m) U^dagger. Either way mass_squared = M^dagger M = U diag(m^2) U^dagger.
"""

import abc
import math
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks, decays, mixing, moments
from nmmjax.constants import PDG_2026
from nmmjax.numerics import hermitian, takagi
from nmmjax.numerics.special import modulus_squared, safe_abs, safe_sqrt
from nmmjax.quantities import Quantity
from nmmjax.scattering import effective_moment

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
    def moments_squared(self, neutrinos: "Neutrinos", mixing: Complex[Array, "n n"]) -> Float[Array, "n n"]:
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

    def moments_squared(self, neutrinos: "Neutrinos", mixing: Complex[Array, "n n"]) -> Float[Array, "n n"]:
        """|U^T lambda U|^2."""
        return modulus_squared(mixing.T @ neutrinos.moment_matrix @ mixing)

    def plasmon_moment_squared(self, moment_matrix: Complex[Array, "n n"]) -> Float[Array, ""]:
        """sum_{i<j} |lambda_ij|^2."""
        return effective_moment.plasmon_squared(moment_matrix, majorana=True)

    def sterile_moments_squared(self, moment_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """Zero for e, mu and tau, which flip to antineutrinos of theirs; what is left are states beyond the three."""
        return _squared(moment_matrix[3:])


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
        _, vectors = hermitian.eigensystem(_squared(mass_matrix))
        return States(takagi.singular_values(mass_matrix), vectors)

    def m_beta_beta(self, mass_matrix: Complex[Array, "... n n"]) -> Float[Array, "..."]:
        """Zero: lepton number is conserved."""
        return jnp.zeros(mass_matrix.shape[:-2])

    def weak_moments(self, mass_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """Proportional to the mass."""
        return moments.w_loop_dirac(mass_matrix)

    def moments_squared(self, neutrinos: "Neutrinos", mixing: Complex[Array, "n n"]) -> Float[Array, "n n"]:
        """(|L_ij|^2 + |L_ji|^2) / 2 of L = V^dagger lambda U, V the eigenvectors of M M^dagger; masses ascending."""
        _, V = hermitian.eigensystem(_squared(neutrinos.mass_matrix.conj().T))
        squared = modulus_squared(V.conj().T @ neutrinos.moment_matrix @ mixing)
        return 0.5 * (squared + squared.T)

    def plasmon_moment_squared(self, moment_matrix: Complex[Array, "n n"]) -> Float[Array, ""]:
        """sum_ij |lambda_ij|^2."""
        return effective_moment.plasmon_squared(moment_matrix, majorana=False)

    def sterile_moments_squared(self, moment_matrix: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
        """All of lambda^+ lambda."""
        return _squared(moment_matrix)


class Neutrinos(eqx.Module):
    """Masses and electromagnetic properties of n >= 3 neutrinos in the flavour basis e, mu, tau, then sterile states.

    **Fields:**

    - `mass_matrix` [eV] and `moment_matrix` [mu_B], complex (n, n); moment_matrix[a, b] is the amplitude nu_b(L) ->
      antinu_a (Majorana) or N_a (Dirac). Without it the moments are those of the loop of W and charged leptons
      (`nmmjax.moments`), some 1e-20 mu_B or less.
    - `nature` is `Majorana()` or `Dirac()`.
    - `charge_radius` [cm^2], Hermitian (3, 3): <r^2> of e, mu and tau beyond the Standard Model, anapoles included, as
      in `scattering.electromagnetic.charge_radius_shift`; None: nothing beyond.
    - `millicharge` [e], Hermitian (3, 3), for Dirac neutrinos alone; None: neutral.
    """

    mass_matrix: Complex[Array, "n n"]
    moment_matrix: Complex[Array, "n n"]
    nature: Nature
    charge_radius: Complex[Array, "3 3"] | None
    millicharge: Complex[Array, "3 3"] | None

    def __init__(
        self,
        mass_matrix: Complex[Array, "n n"],
        moment_matrix: Complex[Array, "n n"] | None = None,
        nature: Nature | None = None,
        *,
        charge_radius: Num[Array, "3 3"] | None = None,
        millicharge: Num[Array, "3 3"] | None = None,
    ):
        _checks.check_square("mass_matrix", mass_matrix, at_least=3)
        nature = Majorana() if nature is None else nature
        if moment_matrix is None:
            moment_matrix = nature.weak_moments(jnp.asarray(mass_matrix))
        _checks.check_shape("moment_matrix", moment_matrix, jnp.shape(mass_matrix)[-2:])
        nature.check(mass_matrix, moment_matrix)
        dtype = jnp.result_type(jnp.asarray(mass_matrix).dtype, jnp.complex64)  # its dtype: a weak type would give way
        self.mass_matrix = jnp.asarray(mass_matrix, dtype)
        self.moment_matrix = jnp.asarray(moment_matrix, dtype)
        self.nature = nature
        if charge_radius is not None:
            _checks.check_shape("charge_radius", charge_radius, (3, 3))
            _checks.check_hermitian("charge_radius", charge_radius)
            charge_radius = jnp.asarray(charge_radius) + 0j
        if millicharge is not None:
            _checks.check_shape("millicharge", millicharge, (3, 3))
            nature.check_charge(millicharge)
            millicharge = jnp.asarray(millicharge) + 0j
        self.charge_radius, self.millicharge = charge_radius, millicharge

    @property
    def mass_squared(self) -> Complex[Array, "n n"]:
        """M^dagger M [eV^2], all that oscillations see."""
        return _squared(self.mass_matrix)

    @property
    def states(self) -> States:
        """The mass states in the order of their labels (see `mixing.label_order`). Ask once, and keep the answer."""
        masses, vectors = self.nature.states(self.mass_matrix)
        order = mixing.label_order(masses**2)
        return States(masses[order], vectors[:, order])

    @property
    def radiative_rates(self) -> Float[Array, " n"]:
        """Total widths of nu_j -> nu_i gamma [1/s], one for each of the `states`."""
        masses, U = self.nature.states(self.mass_matrix)
        moment = safe_sqrt(self.nature.moments_squared(self, U))
        partial = decays.neutrino_radiative_rate(moment, masses, masses[:, None])
        return jnp.sum(partial, axis=0)[mixing.label_order(masses**2)]

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


class ChargedLeptons(eqx.Module):
    """What the couplings behind the neutrinos do to e, mu and tau; nothing where a field is left out.

    **Fields:**

    - `dipole_left`, `dipole_right` [GeV^-2], (3, 3): [b, a] is the amplitude of l_a -> l_b gamma, as in
      `nmmjax.decays`. The diagonals are not used.
    - `anomalous_moments` (3): what is added to (g - 2) / 2 of each.
    - `bilepton` [GeV^-1], (3, 3), symmetric: g_ab / m_k of a doubly charged scalar, L = g_ab bar(l_a^c) P_R l_b k^{++}
      summed over all a and b. Products of two elements are the coefficients of four leptons.
    - `fermi_shift` (3, 3), symmetric: (G_ab / G_F)^2 - 1 in l_a -> l_b nu nubar.
    """

    dipole_left: Complex[Array, "3 3"]
    dipole_right: Complex[Array, "3 3"]
    anomalous_moments: Float[Array, "3"]
    bilepton: Complex[Array, "3 3"]
    fermi_shift: Float[Array, "3 3"]

    def __init__(
        self,
        *,
        dipole_left: Complex[Array, "3 3"] | None = None,
        dipole_right: Complex[Array, "3 3"] | None = None,
        anomalous_moments: Float[Array, "3"] | None = None,
        bilepton: Complex[Array, "3 3"] | None = None,
        fermi_shift: Float[Array, "3 3"] | None = None,
    ):
        nothing = jnp.zeros((3, 3))
        given = {"dipole_left": dipole_left, "dipole_right": dipole_right, "bilepton": bilepton}
        matrices = {name: nothing if x is None else x for name, x in given.items()}
        self.fermi_shift = nothing if fermi_shift is None else jnp.asarray(fermi_shift)
        self.anomalous_moments = jnp.zeros(3) if anomalous_moments is None else jnp.asarray(anomalous_moments)
        for name, matrix in (*matrices.items(), ("fermi_shift", self.fermi_shift)):
            _checks.check_shape(name, matrix, (3, 3))
        _checks.check_shape("anomalous_moments", self.anomalous_moments, (3,))
        _checks.check_symmetric("bilepton", matrices["bilepton"])
        _checks.check_symmetric("fermi_shift", self.fermi_shift)
        self.dipole_left, self.dipole_right, self.bilepton = (jnp.asarray(x) + 0j for x in matrices.values())

    def radiative_ratio(self, mother: int, daughter: int) -> Float[Array, ""]:
        """BR(l_a -> l_b gamma) / BR(l_a -> l_b nu nubar)."""
        left, right = self.dipole_left[daughter, mother], self.dipole_right[daughter, mother]
        return decays.lepton_radiative_ratio(left, right)

    def three_lepton_ratio(self, mother: int, antilepton: int, pair: tuple[int, int]) -> Float[Array, ""]:
        """BR(l_a^- -> l_b^+ l_c^- l_d^-) / BR(l_a -> l_b nu nubar)."""
        coefficient = self.bilepton[mother, antilepton] * jnp.conj(self.bilepton[pair])
        return decays.three_lepton_ratio(coefficient, identical=pair[0] == pair[1])

    @property
    def muonium_conversion(self) -> Complex[Array, ""]:
        """G of muonium -> antimuonium over G_F: -(sqrt(2) / 8) g_ee g_mumu^* / (m_k^2 G_F)."""
        product = self.bilepton[0, 0] * jnp.conj(self.bilepton[1, 1])
        return -math.sqrt(2.0) / 8.0 * product / PDG_2026.fermi_constant


class HeavyLepton(eqx.Module):
    """A neutral lepton N too heavy to oscillate, into which a photon turns neutrinos: the dipole portal.

    L = (1/2) sum_a mu_a antinu_aL sigma^{mn} N_R F_mn + h.c.

    **Fields:** `mass` >= 0 [MeV] and `moments` mu_a [mu_B] of e, mu and tau, complex (3).
    """

    mass: Float[Array, ""]
    moments: Complex[Array, "3"]

    def __init__(self, mass: Float[Array, ""] | float, moments: Num[Array, "3"]):
        _checks.check_range("mass", mass, low=0.0, unit="MeV")
        _checks.check_shape("moments", moments, (3,))
        _checks.check_finite("moments", moments)
        self.mass, self.moments = jnp.asarray(mass), jnp.asarray(moments) + 0j


class LowEnergy(eqx.Module):
    """Everything an experiment may know of a model."""

    neutrinos: Neutrinos
    charged_leptons: ChargedLeptons
    heavy_lepton: HeavyLepton | None

    def __init__(
        self,
        neutrinos: Neutrinos,
        charged_leptons: ChargedLeptons | None = None,
        heavy_lepton: HeavyLepton | None = None,
    ):
        self.neutrinos = neutrinos
        self.charged_leptons = ChargedLeptons() if charged_leptons is None else charged_leptons
        self.heavy_lepton = heavy_lepton


def _squared(matrix: Complex[Array, "... n n"]) -> Complex[Array, "... n n"]:
    return jnp.conj(jnp.swapaxes(matrix, -1, -2)) @ matrix
