"""Probabilities that neutrinos flip and change flavor along a way through matter and a magnetic field."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Float, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics.special import modulus_squared
from nmmjax.precession.evolution import MOST_STEPS, evolve
from nmmjax.precession.hamiltonian import blocks, hamiltonian
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

    Errors: below `tolerance` times two, as `evolve` estimates it; NaN where `most_steps` do not suffice. Value,
    gradient and Hessian are right in masses, moments, profiles and ends.

    **Raises:** `ValueError` that names the argument; of values known before compilation alone.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    if neutrinos.nature.self_conjugate and _checks.concrete(antineutrino) is not None and bool(antineutrino):
        _checks.fail("antineutrino", "be false for Majorana neutrinos, whose antineutrinos are states", "it is true")
    return _compiled(
        neutrinos, jnp.asarray(energy, float), path, jnp.asarray(antineutrino), tolerance, most_steps, constants
    )


@partial(jax.jit, static_argnums=(4, 5, 6))
def _compiled(
    neutrinos: Neutrinos,
    energy: Float[Array, "..."],
    path: Path,
    antineutrino: Bool[Array, ""],
    tolerance: float,
    most_steps: int,
    constants: Constants,
) -> Float[Array, "... m m"]:
    given, pieces = blocks(neutrinos, energy, antineutrino, constants), path.pieces()
    S = jnp.eye(given.vacuum.shape[-1]) + 0j
    for start, stop in pieces:
        along = evolve(
            lambda r: hamiltonian(given, path, constants, r),
            start,
            stop,
            tolerance=tolerance / len(pieces),
            most_steps=most_steps,
        )
        S = along @ S
    return jnp.swapaxes(modulus_squared(S), -1, -2)
