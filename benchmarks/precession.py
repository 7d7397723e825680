"""How fast do spins turn in a star: the evolution beside an integration, and crossings of levels beside the evolution?

    pip install -e ".[peers]"
    python benchmarks/precession.py [--peers]

Majorana neutrinos of 200 energies, six levels, from 1000 to 1e5 km through matter (1e4 g/cm^3 at 1000 km, as r^-3) and
a field (1e12 G, as r^-3), 6e4 radians at the lowest energy. Beside it: scipy's DOP853 for two energies, in a loop, with
a tolerance that leaves an error as large. Asserted: probabilities agree with DOP853 at 1e-11 to 1e-5. Crossings need
levels that lie apart at the start: they are followed from 300 km, with a smaller moment, for every 20th energy.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from _question import answer, options, peer
from _timing import Program
from jaxtyping import Array, Float

from nmmjax._speed import Speed
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Neutrinos
from nmmjax.media import Constant, PowerLaw
from nmmjax.models import TransitionMoments
from nmmjax.precession import Medium, Path, level_crossing_probability, mass_state_probability, transition_probability
from nmmjax.precession.hamiltonian import blocks, hamiltonian

ENERGIES = np.linspace(6.0, 60.0, 200)
CHECKED = np.array([20.0, 60.0])
START, MOMENT, TOLERANCE, THEIRS = 1000.0, 1e-15, 1e-5, 1e-8
APART, SMALLER = 300.0, 3e-16
"""Start [km] and moment [mu_B] for crossings."""
CLAIMED = 1e-5


def path(start: float = START) -> Path:
    medium = Medium(PowerLaw(1e4, 1000.0, 3.0), Constant(0.45))
    return Path(start, 1e5, medium, PowerLaw(1e12, 1000.0, 3.0))


def neutrinos(moment: Float[Array, ""]) -> Neutrinos:
    return TransitionMoments(moment, moment).low_energy().neutrinos


def evolved(moment: Float[Array, ""], energy: Float[Array, " e"]) -> Float[Array, "e 6 6"]:
    return transition_probability(neutrinos(moment), energy, path(), tolerance=TOLERANCE)


def leaving(moment: Float[Array, ""], energy: Float[Array, " e"]) -> Float[Array, "e 6 6"]:
    return mass_state_probability(neutrinos(moment), energy, path(APART), tolerance=TOLERANCE)


def crossed(moment: Float[Array, ""], energy: Float[Array, " e"]) -> Float[Array, "e 6 6"]:
    return level_crossing_probability(neutrinos(moment), energy, path(APART), tolerance=1.0)


def integrated(integrate: ModuleType, energy: float, tolerance: float) -> Float[np.ndarray, "6 6"]:
    """P by DOP853; the matrices are those of nmmjax, the arithmetic is numpy's."""
    given = blocks(neutrinos(jnp.asarray(MOMENT)), jnp.asarray(energy), jnp.asarray(False), PDG_2026)
    far, near = (np.asarray(hamiltonian(given, path(), PDG_2026, jnp.asarray(r))) for r in (1e30, START))
    change = near - far

    def slope(r: float, y: Float[np.ndarray, "36"]) -> Float[np.ndarray, "36"]:
        return (-1j * (far + change * (START / r) ** 3) @ y.reshape(6, 6)).ravel()

    start = np.eye(6, dtype=complex).ravel()
    found = integrate.solve_ivp(slope, (START, 1e5), start, "DOP853", rtol=tolerance, atol=tolerance)
    return np.abs(found.y[:, -1].reshape(6, 6).T) ** 2


def rows(asked: Namespace) -> Iterator[Speed]:
    integrate, moment, energies = peer("scipy.integrate", asked), jnp.asarray(MOMENT), jnp.asarray(ENERGIES)
    program = Program.of(evolved, moment, energies)
    about: dict[str, Any] = {}
    if integrate is not None:
        exact = np.stack([integrated(integrate, energy, 1e-11) for energy in CHECKED])
        error = float(np.max(np.abs(exact - jax.jit(evolved)(moment, jnp.asarray(CHECKED)))))
        assert error < CLAIMED, error
        begun = time.perf_counter()
        theirs = np.stack([integrated(integrate, energy, THEIRS) for energy in CHECKED])
        seconds = (time.perf_counter() - begun) / len(CHECKED)
        about = {"error": error, "reference": "DOP853 at 1e-11", "peer": "scipy", "peer_run": seconds}
        about |= {"peer_note": f"DOP853 in a loop, error {np.max(np.abs(exact - theirs)):.0e}"}
    row = program.speed("evolution, value", "energy", len(ENERGIES), **about)
    yield msgspec.structs.replace(row, ratio=about["peer_run"] / (row.run or np.nan)) if about else row
    sums = jax.value_and_grad(lambda mu, energy: jnp.sum(evolved(mu, energy)[:, 0, 3:]))
    yield Program.of(sums, moment, energies).speed("evolution, sum and slope", "energy", len(ENERGIES))
    smaller = jnp.asarray(SMALLER)
    few = energies[::20]
    slow, fast = Program.of(leaving, smaller, few), Program.of(crossed, smaller, few)
    apart = float(np.max(np.abs(slow.call() - fast.call())))
    about = {"error": apart, "reference": "the evolution"}
    yield fast.beside("evolution", slow, "crossings of levels, value", "energy", len(few), **about)


if __name__ == "__main__":
    sys.exit(answer(rows, options(__doc__).parse_args(), one_core=True))
