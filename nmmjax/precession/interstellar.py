"""Neutrinos that flip between the stars, in a field that is weak and a way that is long."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics.special import safe_abs
from nmmjax.precession.probabilities import mass_states


@public
def interstellar_survival(
    neutrinos: Neutrinos, column: Float[ArrayLike, ""], *, constants: Constants = PDG_2026
) -> Float[Array, " n"]:
    """The probability cos^2(|mu_ii| B L) that a mass state keeps its helicity, by ascending mass (n,).

    `column` is B L [gauss km] of the field across the way. Moments between different masses do nothing: the phase of
    the splitting is many turns within any length on which a field flips. So Majorana neutrinos keep theirs (one). Of
    masses that are equal the basis is arbitrary, and so is the answer.
    J. Kopp, T. Opferkuch and E. Wang, arXiv:2212.11287, with mu B for the element that flips.
    """
    _checks.check_range("column", column, low=0.0, unit="gauss km")
    if neutrinos.nature.self_conjugate:
        return jnp.ones(neutrinos.mass_matrix.shape[-1])
    n = neutrinos.mass_matrix.shape[-1]
    V = mass_states(neutrinos, jnp.asarray(False))
    left, right = V[:n, :n], V[n:, n:]
    moments = jnp.sum(jnp.conj(right) * (neutrinos.moment_matrix @ left), 0)
    return jnp.cos(constants.magnetic_rate * safe_abs(moments) * jnp.asarray(column)) ** 2
