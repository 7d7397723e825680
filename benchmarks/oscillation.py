"""How fast are oscillation probabilities, their gradients and Hessians, against jaxnu in its best call style?

    pip install -e ".[bench,peers]"
    python benchmarks/oscillation.py [POINTS]

On a CPU both codes run on one pinned core, in one process, on the same inputs, in float64 and with the same constants,
turn by turn; the median of their ratios is printed. Where there is a choice, each code is called as it is quickest: all
points at once (`vmap`) or in blocks (`lax.map` with a batch size). What is timed is what is asserted: nine channels
against 50 digits (1e-12 here), both codes with each other (1e-9 here and there), gradients and Hessians too. On a GPU
nmmjax runs alone and the fraction of the bound set by memory is printed: nine channels and one energy, 80 bytes.

Without jaxnu its columns stay empty.
"""

import os
import sys

if not os.environ.get("CUDA_VISIBLE_DEVICES") and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before JAX counts the cores

import statistics
import time
from typing import NamedTuple

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
from _timing import machine, seconds
from rich.console import Console
from rich.table import Table

from nmmjax import mixing, oscillation
from nmmjax.constants import Constants
from nmmjax.media import EarthModel

try:
    import jaxnu
except ImportError:
    jaxnu = None

POINTS, REPEATS, CHECKED = 1_000_000, 7, 24
CONSTANTS = Constants(fermi_constant=1.1663787e-5)
"""Those of jaxnu."""
PARAMETERS = (0.5836, 0.1495, 0.8587, 3.40, 7.42e-5, 2.515e-3)
"""theta12, theta13, theta23, delta_cp, dm21, dm31, one by one: gradients in them need no indexing in either code."""
SCALES = (1.0, 1.0, 1.0, 1.0, 7.42e-5, 2.515e-3)
MU, ELECTRON = 1, 0
SHELLS = 43
IN_BLOCK = 2000
BYTES, BANDWIDTH = 80.0, 4.8e12
"""Per nine-channel evaluation, and of an H200 [1/s]."""


class Case(NamedTuple):
    """One question: a function of the same arguments in both codes, in one or more call styles each."""

    name: str
    ours: tuple
    theirs: tuple
    arguments: tuple
    evaluations: int
    floor: float
    agreement: float


# Both codes behind the same arguments: six parameters, energy [GeV], baseline [km], density [g/cm^3]


def matrix(p):
    return mixing.mass_squared_matrix(mixing.pmns(*p[:4]), p[4], p[5])


def ours(p, energy, baseline, density):
    path = oscillation.Uniform(baseline, density=density)
    return oscillation.probability(matrix(p), 1e3 * energy, path, constants=CONSTANTS)


def theirs(p, energy, baseline, density, **channel):
    return jaxnu.probability_constant(jaxnu.OscParams(*p), energy, baseline, density=density, **channel)


def their_matrix(p, energy, baseline, density):
    return jnp.swapaxes(theirs(p, energy, baseline, density), -1, -2)


def appearance(p, energy, baseline, density):
    return ours(p, energy, baseline, density)[MU, ELECTRON]


def their_appearance(p, energy, baseline, density):
    return theirs(p, energy, baseline, density, flavor_in=MU, flavor_out=ELECTRON)


def styles(f, axes):
    """f at all points at once, and in blocks of them."""
    if f is None:
        return ()

    def in_blocks(*arguments):
        def at(moving):
            remaining = iter(moving)
            return f(*(x if axis is None else next(remaining) for x, axis in zip(arguments, axes, strict=True)))

        moving = [x for x, axis in zip(arguments, axes, strict=True) if axis is not None]
        return jax.lax.map(at, moving, batch_size=IN_BLOCK)

    return jax.vmap(f, axes), in_blocks


def scaled(u):
    return tuple(x * scale for x, scale in zip(u, SCALES, strict=True))


def loss(u, energies):
    """Of scaled parameters, as an optimizer has them."""
    P = ours(scaled(u), energies, 1300.0, 2.848)[:, MU, ELECTRON]
    return jnp.sum((P - 0.05) ** 2)


def their_loss(u, energies):
    return jnp.sum((theirs(scaled(u), energies, 1300.0, 2.848, flavor_in=MU, flavor_out=ELECTRON) - 0.05) ** 2)


def earth(energies, cosines):
    path = oscillation.ThroughEarth(cosines[:, None], earth=prem())
    return oscillation.probability(matrix(PARAMETERS), 1e3 * energies, path, constants=CONSTANTS)


def their_earth(energies, cosines):
    return jnp.swapaxes(jaxnu.probability_earth(jaxnu.OscParams(*PARAMETERS), energies, cosines), -1, -2)


def prem():
    """With as many shells as theirs, and their electron fractions."""
    fractions = {"core_electron_fraction": 0.4656, "mantle_electron_fraction": 0.4957}
    models = (EarthModel.prem(thickness=float(d), **fractions) for d in range(100, 400))
    return next(model for model in models if sum(model.cuts) == SHELLS)


def cases(points):
    rng = np.random.default_rng(0)
    energy, baseline = rng.uniform(0.3, 30.0, points), rng.uniform(100.0, 13000.0, points)
    density, delta = rng.uniform(2.6, 13.0, points), rng.uniform(0.0, 2.0 * np.pi, points)
    one = tuple(map(jnp.asarray, PARAMETERS))
    many = tuple(jnp.full(points, x) for x in one)
    many = (*many[:3], jnp.asarray(delta), *many[4:])
    place = tuple(map(jnp.asarray, (energy, baseline, density)))
    few = jax.tree.map(lambda x: x[: points // 4], (many, *place))
    energies = jnp.linspace(0.5, 8.0, 1000)
    grid = jnp.geomspace(1.0, 30.0, 200), jnp.linspace(-1.0, -0.005, 200)
    one_matrix, each = (None, 0, 0, 0), (0, 0, 0, 0)
    gradient, their_gradient = jax.value_and_grad(appearance), jaxnu and jax.value_and_grad(their_appearance)
    u = tuple(x / scale for x, scale in zip(one, SCALES, strict=True))
    nine, their_nine = (ours,), jaxnu and their_matrix
    at_loss = (u, energies)
    return (
        Case("nine channels, one matrix", nine, styles(their_nine, one_matrix), (one, *place), points, 5.0, 1e-9),
        Case(
            "nine channels, six parameters at every point",
            nine,
            styles(their_nine, each),
            (many, *place),
            points,
            2.0,
            1e-9,
        ),
        Case(
            "one channel and six gradients at every point",
            styles(gradient, each),
            styles(their_gradient, each),
            few,
            points // 4,
            3.0,
            1e-7,
        ),
        Case("loss over 1000 energies", (loss,), (their_loss,), at_loss, 1000, 0.0, 1e-9),
        Case(
            "the same with gradient",
            (jax.value_and_grad(loss),),
            (jax.value_and_grad(their_loss),),
            at_loss,
            1000,
            3.0,
            1e-7,
        ),
        Case("the same, Hessian", (jax.hessian(loss),), (jax.hessian(their_loss),), at_loss, 1000, 4.0, 1e-6),
        Case(
            f"oscillogram 200 x 200 through {SHELLS} shells of PREM", (earth,), (their_earth,), grid, 40000, 10.0, 2e-2
        ),
    )


# Accuracy


def against_fifty_digits(values, energy, baseline, density):
    """Largest error of P at some of the points that are timed."""
    mpmath.mp.dps = 50
    M = mpmath.matrix(np.asarray(matrix(PARAMETERS)).tolist())
    worst = 0.0
    for i in np.linspace(0, len(energy) - 1, CHECKED).astype(int):
        H = M * (mpmath.mpf(CONSTANTS.phase) / (1000 * mpmath.mpf(float(energy[i]))))
        H[0, 0] += mpmath.mpf(CONSTANTS.matter_potential) * mpmath.mpf(float(density[i])) / 2
        S = mpmath.expm(-1j * H * mpmath.mpf(float(baseline[i])), method="pade")
        exact = np.array([[float(abs(S[b, a]) ** 2) for b in range(3)] for a in range(3)])
        worst = max(worst, float(np.abs(np.asarray(values[i]) - exact).max()))
    return worst


def disagreement(one, other):
    """Largest difference of the leaves, relative to the largest number in each."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return max(float(jnp.max(jnp.abs(a - b)) / jnp.max(jnp.abs(b))) for a, b in pairs)


# Time


class Compiled(NamedTuple):
    call: object
    seconds: float

    @classmethod
    def of(cls, function, arguments):
        begun = time.perf_counter()
        compiled = jax.jit(function).lower(*arguments).compile()
        return cls(lambda: jax.block_until_ready(compiled(*arguments)), time.perf_counter() - begun)

    @classmethod
    def quickest(cls, functions, arguments):
        return min((cls.of(function, arguments) for function in functions), key=cls.time)

    def time(self):
        return seconds(self.call, max(1, int(0.05 / seconds(self.call, 1))))


def measure(case, peer):
    """The row of a case, and whether it reaches its floor."""
    mine = Compiled.quickest(case.ours, case.arguments)
    other = peer and Compiled.quickest(case.theirs, case.arguments)
    found = mine.call()
    notes = []
    if case.name == "nine channels, one matrix":
        error = against_fifty_digits(found, *case.arguments[1:])
        assert error < 1e-12, error
        notes.append(f"{error:.0e} from 50 digits")
    if other:
        difference = disagreement(found, other.call())
        assert difference < case.agreement, (case.name, difference)
        notes.append(f"{difference:.0e} from jaxnu")
    times = [(mine.time(), other.time() if other else float("nan")) for _ in range(REPEATS)]
    here, there = (statistics.median(column) / case.evaluations for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    row = [case.name, f"{mine.seconds:.1f}", f"{1e9 * here:.1f}"]
    row += [f"{other.seconds:.1f}", f"{1e9 * there:.1f}", f"{ratio:.1f}", f"{case.floor:g}"] if other else [""] * 4
    if jax.default_backend() == "gpu":
        row += [f"{1.0 / here:.2e}", f"{BYTES / BANDWIDTH / here:.1%}" if "nine" in case.name else ""]
    return [*row, ", ".join(notes)], not other or ratio >= case.floor


def main(points=POINTS):
    console = Console(width=200, highlight=False)
    gpu = jax.default_backend() == "gpu"
    peer = jaxnu is not None and not gpu
    shown = Table(title=machine(), title_justify="left")
    headings = ["what", "compile [s]", "ns per point", "jaxnu: compile [s]", "ns per point", "times faster", "floor"]
    headings += (["per second", "of the bound"] if gpu else []) + ["accuracy, asserted"]
    for heading in headings:
        shown.add_column(heading, justify="left" if heading in (headings[0], headings[-1]) else "right")
    reached = []
    for case in cases(points):
        row, good = measure(case, peer)
        reached.append(good)
        shown.add_row(*row)
        console.print(f"{row[0]}: {row[2]} ns, {row[5] or '?'} times jaxnu")
    console.print(shown)
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
