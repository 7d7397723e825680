"""Probabilities of precession averaged over where neutrinos are born and over their energies, flight included.

As in `nmmjax.oscillation.averages` a mean multiplies the coherence of two levels by a function of the difference of
their energies: on the density matrix it is g(ad_H) rho, which needs no levels and is smooth where they meet.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Float, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import hermitian
from nmmjax.numerics.spectral import GaussianWave
from nmmjax.oscillation._propagation import populations
from nmmjax.precession.evolution import MOST_STEPS
from nmmjax.precession.hamiltonian import blocks, checked_beam, hamiltonian
from nmmjax.precession.path import Path
from nmmjax.precession.probabilities import check_enough, operator


@public
def averaged_probability(
    neutrinos: Neutrinos,
    energy: Real[ArrayLike, "..."],
    path: Path,
    *,
    region: Real[ArrayLike, "..."] = 0.0,
    flight: Real[ArrayLike, "..."] = 0.0,
    resolution: Real[ArrayLike, "..."] = 0.0,
    antineutrino: Bool[ArrayLike, ""] = False,
    tolerance: float = 1e-8,
    most_steps: int = MOST_STEPS,
    constants: Constants = PDG_2026,
) -> Float[Array, "... m m"]:
    """The mean of P[..., a, b] over a Gaussian region of birth, a `Path`, and a flight beyond it with spread energies.

    **Arguments:** those of `transition_probability`, and, broadcasting with `energy`,

    - `region` [km]: the standard deviation of the places of birth about the start of the path.
    - `flight` [km]: the way from the end of the path to the detector, in vacuum and without field.
    - `resolution`: the standard deviation of the energy over the energy.

    What is taken for granted:

    - Over the region of birth the Hamiltonian is that at the start of the path: it must be short against the lengths
      over which matter, field and twist change. There the mean is exact, the region short or long against the
      oscillation lengths.
    - The spread of energies acts on the phases x of the flight alone, and to first order: coherence takes the factor
      exp[-(x resolution)^2 / 2], for which x resolution^2 << 1. Amplitudes along the path and in the region of birth
      are those of `energy`: they must not change over the spread. For any other mean average `transition_probability`
      over nodes.
    - Degenerate states keep their coherence over any flight, nearly degenerate ones as long as they should. Phases are
      right to 1e-16 of the largest; of flights so long that no coherence is left see `mass_state_probability`.

    Without region and flight it is `transition_probability`, whose errors and derivatives it shares.

    **Raises:** `ValueError` that names the argument; of values known before compilation alone.
    """
    energy, other = checked_beam(neutrinos, energy, antineutrino)
    spread = _checks.real_array("region", region, low=0.0, unit="km")
    length = _checks.real_array("flight", flight, low=0.0, unit="km")
    width = _checks.real_array("resolution", resolution, low=0.0)
    P = _averaged(neutrinos, energy, path, spread, length, width, other, tolerance, most_steps, constants)
    check_enough(P, most_steps)
    return P


@partial(jax.jit, static_argnums=(7, 8, 9))
def _averaged(
    neutrinos: Neutrinos,
    energy: Float[Array, "..."],
    path: Path,
    region: Float[Array, "..."],
    flight: Float[Array, "..."],
    resolution: Float[Array, "..."],
    antineutrino: Bool[Array, ""],
    tolerance: float,
    most_steps: int,
    constants: Constants,
) -> Float[Array, "... m m"]:
    given = blocks(neutrinos, energy, antineutrino, constants)
    one = jnp.eye(given.vacuum.shape[-1])
    H = hamiltonian(given, path, constants, path.start)
    S = operator(neutrinos, energy, path, antineutrino, tolerance, most_steps, constants)[..., None, :, :]
    over_births = GaussianWave(jnp.zeros_like(region)[..., None], (region**2)[..., None])
    over_energies = GaussianWave(flight[..., None], ((flight * resolution) ** 2)[..., None])
    born = hermitian.hadamard(H[..., None, :, :], one[:, :, None] * one[:, None, :], over_births)
    there = hermitian.hadamard(given.vacuum[..., None, :, :], S @ born @ hermitian.adjoint(S), over_energies)
    return populations(there)
