"""The Hamiltonian of neutrinos whose spin turns in a magnetic field, in the frame that turns with the field.

States are nu_e, nu_mu, nu_tau, ... of left helicity, then those of right helicity: antineutrinos (Majorana), or the
right-handed partners N_a in the basis of the rows of M (Dirac). With K = M^dagger M / 2E, the potentials V of
`nmmjax.matter` with the neutral currents of all, the moments lambda, a field B across the way and its angle phi,

    Majorana: [[K + V + phi'/2, B lambda^dagger], [B lambda, K^* - V - phi'/2]],
    Dirac:    [[K + V + phi'/2, B lambda^dagger], [B lambda, M M^dagger / 2E - phi'/2]],

and for Dirac antineutrinos the complex conjugate with V and phi' of the other sign. The element that flips is mu B, not
mu B / 2: in vacuum P(nu -> N) = sin^2 mu B L. A. Yu. Smirnov, Phys. Lett. B 260, 161 (1991).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Real

from nmmjax import _checks, matter
from nmmjax.constants import Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import hermitian
from nmmjax.precession.path import Path

Matrix = Complex[Array, "... m m"]


class Blocks(NamedTuple):
    """What does not change along the way: constant matrices (..., 2n, 2n) that the profiles multiply."""

    vacuum: Matrix
    """[km^-1]"""
    charged: Matrix
    """Of V_CC."""
    neutral: Matrix
    """Of V_NC."""
    helicity: Matrix
    """Of phi' / 2."""
    flip: Matrix
    """Of B [km^-1 / gauss]."""


def blocks(
    neutrinos: Neutrinos,
    energy: Float[Array, "..."],
    antineutrino: Bool[Array, "..."],
    constants: Constants,
) -> Blocks:
    """For energies [MeV]; of Dirac neutrinos, those of antineutrinos where that is asked for."""
    n = neutrinos.mass_matrix.shape[-1]
    (left, right), flip = squared_masses(neutrinos), constants.magnetic_rate * neutrinos.moment_matrix
    weak = jnp.diag(jnp.arange(n) < 3) + 0j
    electron, none = jnp.zeros((n, n), complex).at[0, 0].set(1.0), jnp.zeros((n, n), complex)
    sign = -1.0 if neutrinos.nature.self_conjugate else 0.0
    mean = jnp.trace(left).real / n * jnp.eye(n)  # a phase common to all
    made = Blocks(
        matter.vacuum_hamiltonian(_diagonal(left - mean, right - mean), energy, constants=constants),
        _diagonal(electron, sign * electron),
        _diagonal(weak, sign * weak),
        _diagonal(jnp.eye(n) + 0j, -jnp.eye(n) + 0j),
        jnp.block([[none, hermitian.adjoint(flip)], [flip, none]]),
    )
    turned = jnp.asarray(antineutrino)[..., None, None]
    conjugate = Blocks(jnp.conj(made.vacuum), -made.charged, -made.neutral, -made.helicity, jnp.conj(made.flip))
    return jax.tree.map(lambda of_other, own: jnp.where(turned, of_other, own), conjugate, made)


def squared_masses(neutrinos: Neutrinos) -> tuple[Complex[Array, "n n"], Complex[Array, "n n"]]:
    """Squared masses [eV^2] of left and of right helicity: M^dagger M, and its conjugate or M M^dagger."""
    left = neutrinos.mass_squared + 0j
    if neutrinos.nature.self_conjugate:
        return left, jnp.conj(left)
    return left, hermitian.gram(hermitian.adjoint(neutrinos.mass_matrix))


def checked_beam(
    neutrinos: Neutrinos, energy: Real[ArrayLike, "..."], antineutrino: Bool[ArrayLike, ""]
) -> tuple[Float[Array, "..."], Bool[Array, ""]]:
    """Energies [MeV] and the flag as arrays. Raises for energies that are not positive, and for antineutrinos of
    Majorana neutrinos, which are states among others.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    known = _checks.concrete(antineutrino)
    if neutrinos.nature.self_conjugate and known is not None and bool(known):
        _checks.fail("antineutrino", "be false for Majorana neutrinos, whose antineutrinos are states", "it is true")
    return jnp.asarray(energy, float), jnp.asarray(antineutrino)


class Strengths(NamedTuple):
    """What the matrices of `Blocks` are multiplied with at places r; None where there is none."""

    charged: Float[Array, "..."] | None
    neutral: Float[Array, "..."] | None
    helicity: Float[Array, "..."] | None
    flip: Float[Array, "..."] | None


def strengths(path: Path, constants: Constants, r: Float[Array, "..."]) -> Strengths:
    """V_CC and V_NC [km^-1], phi' / 2 [km^-1] and B [gauss] at r [km]."""
    charged, neutral = potentials(path, constants, r)
    return Strengths(charged, neutral, half_twist(path, r), None if path.field is None else path.field(r))


def potentials(
    path: Path, constants: Constants, r: Float[Array, "..."]
) -> tuple[Float[Array, "..."], Float[Array, "..."]] | tuple[None, None]:
    """V_CC and V_NC [km^-1] at r [km]."""
    if path.matter is None:
        return None, None
    density, fraction = path.matter.density(r), path.matter.electron_fraction(r)
    charged = matter.charged_current_potential(density, fraction, constants=constants)
    return charged, matter.neutral_current_potential(density, fraction, constants=constants)


def half_twist(path: Path, r: Float[Array, "..."]) -> Float[Array, "..."] | None:
    """phi' / 2 [km^-1] at r [km]."""
    return None if path.twist is None else 0.5 * jax.jvp(path.twist, (r,), (jnp.ones_like(r),))[1]


def hamiltonian(given: Blocks, path: Path, constants: Constants, r: Float[Array, ""]) -> Matrix:
    """H [km^-1] at r [km]."""
    H = given.vacuum
    for strength, matrix in zip(strengths(path, constants, r), given[1:], strict=True):
        if strength is not None:
            H = H + strength * matrix
    return H


def _diagonal(upper: Matrix, lower: Matrix) -> Matrix:
    none = jnp.zeros_like(upper)
    return jnp.block([[upper, none], [none, lower]])
