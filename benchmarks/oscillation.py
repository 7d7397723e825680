"""How fast are oscillation probabilities, their gradients and Hessians, beside jaxnu in its best call style?

    pip install -e ".[peers]"
    python benchmarks/oscillation.py [POINTS] --peers

On a CPU both codes run on one pinned core, in one process, on the same inputs, in float64 and with the same constants,
turn by turn; the median of their ratios is given. Where there is a choice, each code is called as it is quickest: all
points at once (`vmap`) or in blocks (`lax.map` with a batch size). What is timed is what is asserted: probabilities
against 50 digits (1e-12), gradients against the other mode, the Earth against ten times as many steps, and both codes
with each other. On a GPU nmmjax runs alone, and the fraction of the bound that its memory sets is noted: nine channels
and one energy, 80 bytes.
"""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from itertools import chain
from types import ModuleType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from _question import answer, disagreement, number_of_points, on_gpu, options, peer
from _timing import Program
from jaxtyping import Array, Float

from nmmjax import mixing, oscillation
from nmmjax._compilation import quick
from nmmjax._speed import Speed
from nmmjax.constants import Constants
from nmmjax.media import EarthModel

POINTS, CHECKED, DIGITS = 1_000_000, 24, 50
CONSTANTS = Constants(fermi_constant=1.1663787e-5)
"""Those of jaxnu."""
PARAMETERS = (0.5836, 0.1495, 0.8587, 3.40, 7.42e-5, 2.515e-3)
"""theta12, theta13, theta23, delta_cp, dm21, dm31, one by one: gradients in them need no indexing in either code."""
SCALES = (1.0, 1.0, 1.0, 1.0, 7.42e-5, 2.515e-3)
MU, ELECTRON = 1, 0
WEIGHTS = np.arange(1.0, 10.0).reshape(3, 3) ** 2
"""Of nine channels in a sum, which probability being conserved does not fix."""
IN_BLOCK = 2000
BYTES, BANDWIDTH = 80.0, 4.8e12
"""Per nine-channel evaluation, and of an H200 [1/s]."""
Function = Callable[..., Any]


class Case(NamedTuple):
    """One thing to compute: a function of the same arguments in both codes, in one or more call styles each."""

    name: str
    ours: tuple[Function, ...]
    theirs: tuple[Function, ...]
    arguments: tuple[Any, ...]
    evaluations: int
    check: Callable[[Any], float]
    """The error of what is found here..."""
    reference: str
    """...relative to this..."""
    tolerance: float
    """...must be smaller."""
    agreement: float
    """So must the difference of both codes."""
    floor: float = 0.0
    """How many times as long the other code takes, at least: what is claimed."""


# Both codes behind the same arguments: six parameters, energy [GeV], baseline [km], density [g/cm^3]


def matrix(p: Any) -> Array:
    return mixing.mass_squared_matrix(mixing.pmns(*p[:4]), p[4], p[5])


def ours(p: Any, energy: Array, baseline: Any, density: Any) -> Array:
    path = oscillation.Uniform(baseline, density=density)
    return oscillation.probability(matrix(p), 1e3 * energy, path, constants=CONSTANTS)


def appearance(p: Any, energy: Array, baseline: Any, density: Any) -> Array:
    return ours(p, energy, baseline, density)[..., MU, ELECTRON]


def weighted(p: Any, energy: Array, baseline: Any, density: Any) -> Array:
    """A reduction of all nine channels."""
    return jnp.sum(ours(p, energy, baseline, density) * WEIGHTS)


def loss(u: Any, energies: Array) -> Array:
    """Of scaled parameters, as an optimizer has them."""
    return jnp.sum((appearance(scaled(u), energies, 1300.0, 2.848) - 0.05) ** 2)


def earth(energies: Array, cosines: Array, model: EarthModel, *, p: Any = PARAMETERS) -> Array:
    path = oscillation.ThroughEarth(cosines[:, None], earth=model)
    return oscillation.probability(matrix(p), 1e3 * energies, path, constants=CONSTANTS)


class Jaxnu(NamedTuple):
    """The same in the other code."""

    module: ModuleType

    def channels(self, p: Any, energy: Array, baseline: Any, density: Any) -> Array:
        return jnp.swapaxes(self._constant(p, energy, baseline, density), -1, -2)

    def appearance(self, p: Any, energy: Array, baseline: Any, density: Any) -> Array:
        return self._constant(p, energy, baseline, density, flavor_in=MU, flavor_out=ELECTRON)

    def loss(self, u: Any, energies: Array) -> Array:
        return jnp.sum((self.appearance(scaled(u), energies, 1300.0, 2.848) - 0.05) ** 2)

    def earth(self, energies: Array, cosines: Array, model: EarthModel) -> Array:
        del model
        found = self.module.probability_earth(self.module.OscParams(*PARAMETERS), energies, cosines)
        return jnp.swapaxes(found, -1, -2)

    def _constant(self, p: Any, energy: Array, baseline: Any, density: Any, **channel: int) -> Array:
        parameters = self.module.OscParams(*p)
        return self.module.probability_constant(parameters, energy, baseline, density=density, **channel)


def styles(f: Function, axes: tuple[int | None, ...]) -> tuple[Function, ...]:
    """f at all points at once, and in blocks of them."""

    def in_blocks(*arguments: Any) -> Any:
        def at(moving: Any) -> Any:
            remaining = iter(moving)
            return f(*(x if axis is None else next(remaining) for x, axis in zip(arguments, axes, strict=True)))

        moving = [x for x, axis in zip(arguments, axes, strict=True) if axis is not None]
        return jax.lax.map(at, moving, batch_size=IN_BLOCK)

    return jax.vmap(f, axes), in_blocks


def summed(f: Function, axes: tuple[int | None, ...]) -> tuple[Function, ...]:
    """The weighted sum over all points, in each style."""
    return tuple(lambda *arguments, g=g: jnp.sum(g(*arguments) * WEIGHTS) for g in styles(f, axes))


def scaled(u: Any) -> tuple[Any, ...]:
    return tuple(x * scale for x, scale in zip(u, SCALES, strict=True))


def prem(**pieces: Any) -> EarthModel:
    """With their electron fractions."""
    return EarthModel.prem(core_electron_fraction=0.4656, mantle_electron_fraction=0.4957, **pieces)


def grid(points: int) -> tuple[Array, Array]:
    """Energies [GeV] and cosines of the zenith angle of an oscillogram."""
    return jnp.geomspace(1.0, 30.0, points), jnp.linspace(-1.0, -0.005, points)


class Points(NamedTuple):
    """Where probabilities are computed: parameters, energies [GeV], baselines [km] and densities [g/cm^3]."""

    one: tuple[Array, ...]
    many: tuple[Array, ...]
    """Parameters at every point."""
    place: tuple[Array, ...]

    @classmethod
    def random(cls, count: int) -> "Points":
        rng = np.random.default_rng(0)
        energy, baseline = rng.uniform(0.3, 30.0, count), rng.uniform(100.0, 13000.0, count)
        density, delta = rng.uniform(2.6, 13.0, count), rng.uniform(0.0, 2.0 * np.pi, count)
        one = tuple(map(jnp.asarray, PARAMETERS))
        many = tuple(jnp.full(count, x) for x in one)
        place = tuple(map(jnp.asarray, (energy, baseline, density)))
        return cls(one, (*many[:3], jnp.asarray(delta), *many[4:]), place)

    def first(self, count: int) -> "Points":
        return Points(self.one, *jax.tree.map(lambda x: x[:count], (self.many, self.place)))


ONE_MATRIX, EACH = (None, 0, 0, 0), (0, 0, 0, 0)


def of_points(points: Points, other: Jaxnu | None) -> Iterator[Case]:
    count = len(points.place[0])
    one, every = (points.one, *points.place), (points.many, *points.place)
    digits = f"{DIGITS} digits", 1e-12, 1e-9

    def nine(found: Array) -> float:
        return against_digits(found, *one)

    theirs = styles(other.channels, ONE_MATRIX) if other else ()
    yield Case("nine channels, one matrix", (ours,), theirs, one, count, nine, *digits, 5.0)

    def channel(found: Array) -> float:
        return against_digits(found, *one, entry=(MU, ELECTRON))

    theirs = styles(other.appearance, ONE_MATRIX) if other else ()
    yield Case("one channel, one matrix", (appearance,), theirs, one, count, channel, *digits)

    def total(found: Array) -> float:
        return disagreement(found, np.sum(np.asarray(jax.jit(ours)(*one)) * WEIGHTS))

    theirs = summed(other.channels, ONE_MATRIX) if other else ()
    yield Case("sum over nine channels", (weighted,), theirs, one, count, total, "the nine", 1e-12, 1e-9)

    def of_each(found: Array) -> float:
        return against_digits(found, *every)

    theirs = styles(other.channels, EACH) if other else ()
    yield Case("nine channels, parameters at every point", (ours,), theirs, every, count, of_each, *digits, 2.0)


def of_gradients(points: Points, other: Jaxnu | None) -> Iterator[Case]:
    every = (points.many, *points.place)
    gradient = jax.value_and_grad(appearance)

    def six(found: Any) -> float:
        few = jax.tree.map(lambda x: x[:CHECKED], every)
        forward = quick()(jax.vmap(jax.jacfwd(appearance)))(*few)
        return disagreement(jax.tree.map(lambda x: x[:CHECKED], found[1]), forward)

    theirs = styles(jax.value_and_grad(other.appearance), EACH) if other else ()
    own, count = styles(gradient, EACH), len(points.place[0])
    name = "one channel and six gradients at every point"
    yield Case(name, own, theirs, every, count, six, "forward mode", 1e-9, 1e-7, 3.0)


def of_losses(one: tuple[Array, ...], other: Jaxnu | None) -> Iterator[Case]:
    u, energies = tuple(x / scale for x, scale in zip(one, SCALES, strict=True)), jnp.linspace(0.5, 8.0, 1000)
    gradient, count = jax.value_and_grad(loss), len(energies)

    def value(found: Array) -> float:
        P = np.array([exactly(np.asarray(matrix(one)), float(E), 1300.0, 2.848)[MU, ELECTRON] for E in energies])
        return disagreement(found, np.sum((P - 0.05) ** 2))

    theirs = (other.loss,) if other else ()
    at, digits = (u, energies), (f"{DIGITS} digits", 1e-12)
    yield Case("loss over 1000 energies", (loss,), theirs, at, count, value, *digits, 1e-9)

    def slopes(found: Any) -> float:
        return disagreement(found[1], quick()(jax.jacfwd(loss))(*at))

    theirs = (jax.value_and_grad(other.loss),) if other else ()
    yield Case(
        "loss over 1000 energies, with gradient",
        (gradient,),
        theirs,
        at,
        count,
        slopes,
        "forward mode",
        1e-9,
        1e-7,
        3.0,
    )

    def curvatures(found: Any) -> float:
        slope, step, U = jax.jit(jax.grad(loss)), 1e-5, np.array(u)
        ends = (np.array([slope(tuple(U + sign * step * e), energies) for e in np.eye(6)]) for sign in (1.0, -1.0))
        plus, minus = ends
        return disagreement(np.array(found), (plus - minus) / (2.0 * step))

    theirs = (jax.hessian(other.loss),) if other else ()
    hessian = (jax.hessian(loss),)
    yield Case(
        "loss over 1000 energies, Hessian", hessian, theirs, at, count, curvatures, "differences", 1e-6, 1e-6, 4.0
    )


def of_the_earth(other: Jaxnu | None) -> Iterator[Case]:
    """Errors are those of the pieces, in the worst of 400 places; jaxnu has the mean densities of 43 shells."""
    theirs, many, few = (other.earth,) if other else (), grid(200), tuple(x[::10] for x in grid(200))

    def against_pieces(found: Array) -> float:
        return float(jnp.max(jnp.abs(found[::10, ::10] - jax.jit(earth)(*few, prem(piece=20.0)))))

    name, reference = "oscillogram 200 x 200 through PREM", ("pieces of 20 km", 1e-3, 2e-2)
    yield Case(name, (earth,), theirs, (*many, prem()), 40000, against_pieces, *reference, 40.0)

    def appearance(u: tuple[Any, ...], *place: Any) -> Array:
        return jnp.sum(earth(*place, p=scaled(u))[..., MU, ELECTRON])

    def forwards(found: Any) -> float:
        return disagreement(found[1], jax.jit(jax.jacfwd(appearance))(u, *many, prem()))

    u = tuple(jnp.asarray(x / scale) for x, scale in zip(PARAMETERS, SCALES, strict=True))
    ours = (jax.value_and_grad(appearance),)
    name, reference = "the same, one channel summed with six gradients", ("forward mode", 1e-9, 1e-9)
    yield Case(name, ours, (), (u, *many, prem()), 40000, forwards, *reference)


# Accuracy


def against_digits(found: Array, p: tuple[Array, ...], *place: Array, entry: tuple[Any, ...] = ()) -> float:
    """Largest error of P at some of the points that are timed."""
    worst = 0.0
    for i in np.linspace(0, len(found) - 1, CHECKED).astype(int):
        M = matrix(tuple(x[i] if x.ndim else x for x in p))
        exact = exactly(np.asarray(M), *(float(x[i]) for x in place))[entry]
        worst = max(worst, float(np.abs(np.asarray(found[i]) - exact).max()))
    return worst


def exactly(M: np.ndarray, energy: float, baseline: float, density: float) -> Float[np.ndarray, "3 3"]:
    """|exp(-i H L)|^2 in many digits, H = M / 2E + V: the exponential of a real matrix twice as large."""
    with localcontext(prec=DIGITS):
        scale = Decimal(CONSTANTS.phase) * Decimal(baseline) / (1000 * Decimal(energy))
        real, imaginary = (decimals(part) * scale for part in (np.real(M), np.imag(M)))
        real[0, 0] += Decimal(CONSTANTS.matter_potential) * Decimal(density) * Decimal(baseline) / 2
        S = exponential(np.block([[imaginary, real], [-real, imaginary]]))
        return (S[:3, :3] ** 2 + S[:3, 3:] ** 2).astype(float).T


def decimals(A: np.ndarray) -> np.ndarray:
    return np.array([[Decimal(float(x)) for x in row] for row in A])


def exponential(A: np.ndarray) -> np.ndarray:
    """Of a matrix of decimals."""
    halvings = 16
    A, total = A / 2**halvings, decimals(np.eye(len(A)))
    term = total
    for k in range(1, 25):
        term = term.dot(A) / k
        total = total + term
    for _ in range(halvings):
        total = total.dot(total)
    return total


# Time


def rows(options: Namespace) -> Iterator[Speed]:
    module = None if on_gpu() else peer("jaxnu", options)
    other = Jaxnu(module) if module else None
    points = Points.random(options.points)
    groups = (of_points(points, other), of_gradients(points.first(options.points // 4), other))
    for case in chain(*groups, of_losses(points.one, other), of_the_earth(other)):
        yield measure(case)


def measure(case: Case) -> Speed:
    mine = Program.quickest(case.ours, *case.arguments)
    found = mine.call()
    error = case.check(found)
    assert error < case.tolerance, f"{case.name}: {error:.1e} from {case.reference}"
    accuracy = {"error": error, "reference": case.reference}
    if not case.theirs:
        return with_bound(mine.speed(case.name, "point", case.evaluations, **accuracy))
    other = Program.quickest(case.theirs, *case.arguments)
    difference = disagreement(found, other.call())
    assert difference < case.agreement, f"{case.name}: {difference:.1e} from jaxnu"
    row = mine.beside("jaxnu", other, case.name, "point", case.evaluations, **accuracy)
    claim = f", claimed: {case.floor:g} times" if case.floor else ""
    good = row.ratio is not None and row.ratio >= case.floor
    return msgspec.structs.replace(row, note=f"{difference:.0e} from jaxnu{claim}", good=good)


def with_bound(row: Speed) -> Speed:
    """On a GPU, how near the bound of an H200's memory."""
    if not on_gpu() or not row.run or not row.what.startswith("nine"):
        return row
    return msgspec.structs.replace(row, note=f"{BYTES / BANDWIDTH / row.run:.1%} of the bound of an H200's memory")


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("points", metavar="POINTS", nargs="?", type=number_of_points, default=POINTS, help="how many")
    return answer(rows, parser.parse_args(), one_core=True)


if __name__ == "__main__":
    sys.exit(main())
