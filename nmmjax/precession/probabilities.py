"""Probabilities that neutrinos flip and change flavor along a way through matter and a magnetic field."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import modulus_squared
from nmmjax.precession.evolution import MOST_STEPS, evolve
from nmmjax.precession.hamiltonian import blocks, checked_beam, hamiltonian, squared_masses
from nmmjax.precession.path import Path


@public
def transition_probability(
    neutrinos: Neutrinos,
    energy: Real[ArrayLike, "..."],
    path: Path,
    *,
    antineutrino: Bool[ArrayLike, ""] = False,
    tolerance: float = 1e-8,
    most_steps: int = MOST_STEPS,
    constants: Constants = PDG_2026,
) -> Float[Array, "... m m"]:
    """P[..., a, b] from state a at the start to state b at the end of a `Path`: (..., 2n, 2n).

    The states are nu_e, nu_mu, nu_tau, ..., then their antineutrinos (Majorana), or the right-handed N_a in the basis
    of the rows of M (Dirac); with `antineutrino`, for Dirac neutrinos alone, their antiparticles. The equation is that
    of `nmmjax.precession.hamiltonian`; energies [MeV] share their steps.

    Errors: below `tolerance` times two, as `evolve` estimates it; NaN where `most_steps` do not suffice, inside jit.
    Value, gradient and Hessian are right in masses, moments, profiles and ends.

    **Raises:** `ValueError` that names the argument, of values that are known, `most_steps` among them outside of jit.
    """
    energy, other = checked_beam(neutrinos, energy, antineutrino)
    S = operator(neutrinos, energy, path, other, tolerance, most_steps, constants)
    check_enough(S, most_steps)
    return jnp.swapaxes(modulus_squared(S), -1, -2)


@public
def mass_state_probability(
    neutrinos: Neutrinos,
    energy: Real[ArrayLike, "..."],
    path: Path,
    *,
    antineutrino: Bool[ArrayLike, ""] = False,
    tolerance: float = 1e-6,
    most_steps: int = MOST_STEPS,
    constants: Constants = PDG_2026,
) -> Float[Array, "... m m"]:
    """P[..., a, i] from the flavor state a at the start of a `Path` to the mass state i at its end: (..., 2n, 2n).

    What arrives from afar, where the phases between mass states are lost: P(a -> b) = sum_i P[..., a, i] |U_bi|^2 in
    vacuum. Mass states are those of left helicity by ascending mass, then those of right. Else as
    `transition_probability`; a path must end where matter is gone.
    """
    energy, other = checked_beam(neutrinos, energy, antineutrino)
    S = operator(neutrinos, energy, path, other, tolerance, most_steps, constants)
    check_enough(S, most_steps)
    V = mass_states(neutrinos, other)
    return jnp.swapaxes(modulus_squared(hermitian.adjoint(V) @ S), -1, -2)


def check_enough(S: Complex[Array, "... m m"], most_steps: int) -> None:
    """Raise for an operator that is known and NaN."""
    known = _checks.concrete(S)
    if known is not None and np.any(np.isnan(known)):
        _checks.fail("most_steps", "suffice for the tolerance and this path", f"{most_steps} do not")


def mass_states(neutrinos: Neutrinos, antineutrino: Bool[Array, "..."]) -> Complex[Array, "m m"]:
    """Mass states of either helicity by ascending mass, as columns in the flavor basis."""
    left, right = squared_masses(neutrinos)
    V_left, V_right = (hermitian.eigensystem(square)[1] for square in (left, right))
    none = jnp.zeros_like(V_left)
    V = jnp.block([[V_left, none], [none, V_right]])
    return jnp.where(jnp.asarray(antineutrino)[..., None, None], jnp.conj(V), V)


@partial(jax.jit, static_argnums=(4, 5, 6))
def operator(
    neutrinos: Neutrinos,
    energy: Float[Array, "..."],
    path: Path,
    antineutrino: Bool[Array, ""],
    tolerance: float,
    most_steps: int,
    constants: Constants,
) -> Complex[Array, "... m m"]:
    """S along a path, (..., 2n, 2n), of arguments that are checked."""
    given = blocks(neutrinos, energy, antineutrino, constants)
    return evolve(
        lambda r: hamiltonian(given, path, constants, r),
        path.start,
        path.stop,
        tolerance=tolerance,
        most_steps=most_steps,
        breaks=path.breaks,
    )
