"""Neutrinos in matter: the potentials and the Hamiltonian of flavor, in km^-1.

H = M^dagger M / 2E + diag(V_CC, 0, 0, -V_NC, ...) + sqrt(2) G_F (n_e eps + n_n eps_n): the neutral-current potential
V_NC < 0 common to e, mu and tau is left out, so it appears with the opposite sign on the sterile states, which do not
feel it. eps and eps_n are non-standard interactions of e, mu and tau with each electron (and its proton) and with each
neutron (`Nsi`). For antineutrinos the mass matrix, eps and eps_n are conjugated and the potentials change sign. Matter
is counted as one gram per mole of nucleons.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Num, Real

from nmmjax._checks import check_hermitian, check_integer, check_range, check_shape, check_square, fail
from nmmjax._public import public_in_any_precision
from nmmjax.constants import PDG_2026, Constants


class Nsi(NamedTuple):
    """Non-standard interactions in neutral matter, V = sqrt(2) G_F (n_e eps + n_n eps_n) of e, mu and tau.

    A matrix in its place is `Nsi(eps)`: without neutrons.
    """

    charged: Num[ArrayLike, "... 3 3"]
    """eps of an electron and a proton together, Hermitian."""
    neutron: Num[ArrayLike, "... 3 3"] | None = None
    """eps_n of a neutron, Hermitian; None: nothing."""

    @classmethod
    def of(cls, nsi: "Nsi | Num[ArrayLike, '... 3 3'] | None") -> "Nsi | None":
        """The same, from a matrix too; None where there is nothing."""
        return nsi if nsi is None or isinstance(nsi, Nsi) else cls(nsi)

    def where(self, neutrons: Float[ArrayLike, "..."]) -> Num[Array, "... 3 3"]:
        """eps + eps_n n_n / n_e, for so many neutrons per electron."""
        charged = jnp.asarray(self.charged)
        if self.neutron is None:
            return charged
        return charged + jnp.asarray(neutrons)[..., None, None] * jnp.asarray(self.neutron)


@public_in_any_precision
def charged_current_potential(
    density: Real[ArrayLike, "..."],
    electron_fraction: Real[ArrayLike, "..."] = 0.5,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """V_CC = sqrt(2) G_F n_e [km^-1], felt by nu_e alone; density in g/cm^3, electrons per nucleon."""
    check_matter(density, electron_fraction)
    return constants.matter_potential * jnp.asarray(density) * electron_fraction


@public_in_any_precision
def neutral_current_potential(
    density: Real[ArrayLike, "..."],
    electron_fraction: Real[ArrayLike, "..."] = 0.5,
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """V_NC = -G_F n_n / sqrt(2) [km^-1], felt by nu_e, nu_mu and nu_tau; 1 - Y_e neutrons per nucleon."""
    check_matter(density, electron_fraction)
    return -0.5 * constants.matter_potential * jnp.asarray(density) * (1.0 - jnp.asarray(electron_fraction))


@public_in_any_precision
def vacuum_hamiltonian(
    mass_squared: Num[ArrayLike, "... n n"],
    energy: Real[ArrayLike, "..."],
    *,
    antineutrino: Bool[ArrayLike, "..."] = False,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """M^dagger M / 2E [km^-1], its conjugate for antineutrinos; mass_squared in eV^2, energy in MeV."""
    check_propagation(mass_squared, energy, antineutrino)
    matrix = jnp.asarray(mass_squared) + 0j
    matrix = jnp.where(jnp.asarray(antineutrino)[..., None, None], jnp.conj(matrix), matrix)
    return matrix * (constants.phase / jnp.asarray(energy))[..., None, None]


@public_in_any_precision
def hamiltonian(
    mass_squared: Num[ArrayLike, "... n n"],
    energy: Real[ArrayLike, "..."],
    *,
    density: Real[ArrayLike, "..."] = 0.0,
    electron_fraction: Real[ArrayLike, "..."] = 0.5,
    antineutrino: Bool[ArrayLike, "..."] = False,
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """H = M^dagger M / 2E + V [km^-1] in the flavor basis, H = (M^dagger M)^* / 2E - V^* for antineutrinos.

    mass_squared in eV^2, energy in MeV, density in g/cm^3; `nsi` is an `Nsi`, or eps alone; all arguments broadcast.
    """
    vacuum = vacuum_hamiltonian(mass_squared, energy, antineutrino=antineutrino, constants=constants)
    flavors = jnp.shape(mass_squared)[-1]
    charged = charged_current_potential(density, electron_fraction, constants=constants)
    neutral = neutral_current_potential(density, electron_fraction, constants=constants)
    return vacuum + potential_matrix(flavors, charged, -neutral, antineutrino=antineutrino, nsi=nsi)


@public_in_any_precision
def potential_matrix(
    flavors: int,
    charged: Float[Array, "..."],
    sterile: Float[Array, "..."],
    *,
    antineutrino: Bool[ArrayLike, "..."] = False,
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None = None,
) -> Complex[Array, "... n n"]:
    """charged (diag(1, 0, 0, ...) + eps) + sterile (diag(0, 0, 0, 1, ...) + 2 eps_n); minus its conjugate for
    antineutrinos.

    `charged` is V_CC and `sterile` is -V_NC, in any unit, or their integrals along a path.
    """
    check_integer("flavors", flavors, low=3)
    weak = jnp.zeros((flavors, flavors), complex).at[0, 0].set(1.0)
    inert = jnp.diag(jnp.arange(flavors) >= 3) + 0j
    nsi = Nsi.of(nsi)
    if nsi is not None:
        check_nsi(nsi)
        weak = weak + _enlarged(nsi.charged, flavors)
        inert = inert if nsi.neutron is None else inert + 2.0 * _enlarged(nsi.neutron, flavors)
    sign = charge_sign(antineutrino)
    anti = (sign < 0.0)[..., None, None]
    weak, inert = (jnp.where(anti, jnp.conj(matrix), matrix) for matrix in (weak, inert))
    return (sign * charged)[..., None, None] * weak + (sign * sterile)[..., None, None] * inert


def _enlarged(matrix: Num[ArrayLike, "... 3 3"], flavors: int) -> Complex[Array, "... n n"]:
    """The same between e, mu and tau, nothing of sterile states."""
    batch = jnp.shape(matrix)[:-2]
    return jnp.zeros((*batch, flavors, flavors), complex).at[..., :3, :3].set(jnp.asarray(matrix))


def added_mass_squared(x: Float[Array, "..."], constants: Constants) -> Float[Array, "..."]:
    """2E V_CC [eV^2], which matter adds to M^dagger M, at x = E n_e / N_A [MeV mol/cm^3]."""
    return x * (constants.matter_potential / constants.phase)


def charge_sign(antineutrino: Bool[ArrayLike, "..."]) -> Float[Array, "..."]:
    """1 for neutrinos, -1 for antineutrinos: the sign of potentials and of CP-odd phases."""
    return jnp.where(jnp.asarray(antineutrino), -1.0, 1.0)


def check_matter(density: Real[ArrayLike, "..."], electron_fraction: Real[ArrayLike, "..."]) -> None:
    """Raise unless density >= 0 and 0 <= Y_e <= 1."""
    check_range("density", density, low=0.0, unit="g/cm^3")
    check_range("electron_fraction", electron_fraction, low=0.0, high=1.0)


def check_nsi(nsi: Nsi) -> None:
    """Raise unless Hermitian with three flavors."""
    named = {"nsi": nsi.charged} if nsi.neutron is None else {"nsi.charged": nsi.charged, "nsi.neutron": nsi.neutron}
    for name, matrix in named.items():
        check_shape(name, matrix, (3, 3))
        check_hermitian(name, matrix)


def check_propagation(
    mass_squared: Num[ArrayLike, "... n n"], energy: Real[ArrayLike, "..."], antineutrino: Bool[ArrayLike, "..."]
) -> None:
    """Raise unless the matrix is Hermitian with at least three flavors, the energy positive and the flag a boolean."""
    check_square("mass_squared", mass_squared, at_least=3)
    check_hermitian("mass_squared", mass_squared)
    check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    dtype = jnp.result_type(antineutrino)
    if dtype != jnp.bool_:
        fail("antineutrino", "be boolean", f"its type is {dtype}")
