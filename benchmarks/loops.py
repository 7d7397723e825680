"""How fast are loop functions with their gradients, beside quadrature by scipy and arbitrary precision by mpmath?

    pip install -e ".[peers]"
    python benchmarks/loops.py [POINTS] --peers

The two-loop integral of Zee and Babu for massless leptons at 1e5 ratios of masses (scipy integrates its dilogarithms
over a Feynman parameter, mpmath has the closed form and differences of it), the same with massive leptons at a
hundredth of the points (numpy sums the positive two-dimensional integrand), and a one-loop function. All on one pinned
core of a CPU; on a GPU nmmjax runs there and the others on the host. Asserted before anything is timed, relative: value
and gradient against `loops_reference.csv`, numbers of mpmath, which mpmath itself has to find again where it is
compared with, and the values of the others.
"""

import csv
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from _question import answer, number_of_points, options, peer
from _timing import Program

from nmmjax._speed import Speed
from nmmjax.loops import one_loop, two_loop

POINTS, CHECKED = 100_000, 12
DIGITS, STEP = 90, "1e-15"
REFERENCE = Path(__file__).with_name("loops_reference.csv")


class Peer(NamedTuple):
    """Another code, the seconds it takes for a point, and what it says of itself."""

    name: str
    seconds: float
    note: str


def known(function: str) -> np.ndarray:
    """Arguments, values and slopes, as columns."""
    with REFERENCE.open() as stream:
        lines = [line for line in csv.DictReader(stream) if line["function"] == function]
    return np.array([[float(line[name]) for name in ("argument", "value", "slope")] for line in lines]).T


class Scipy(NamedTuple):
    """T and T' by quadrature of dilogarithms and of their derivatives, spence(z) = Li2(1 - z)."""

    integrate: ModuleType
    special: ModuleType

    def massless(self, r: float) -> tuple[float, ...]:
        spence = self.special.spence

        def arguments(y: float) -> tuple[float, float]:
            return r / (1 - y), (1 - y * (1 - r)) / (y * (1 - y))

        def slope(z: float) -> float:
            return np.log1p(z - 1) / (1 - z) if z != 1 else -1.0

        def value(y: float) -> float:
            one, other = arguments(y)
            return spence(one) - spence(other)

        def derivative(y: float) -> float:
            one, other = arguments(y)
            return (slope(one) - slope(other)) / (1 - y)

        quad = self.integrate.quad
        return tuple(quad(f, 0, 1, epsabs=0, epsrel=1e-12, limit=200)[0] for f in (value, derivative))


class Mpmath(NamedTuple):
    """Closed forms and differences of them, to more digits than a double has."""

    mp: Any

    def massless(self, r: float) -> tuple[float, float]:
        return self._with_slope(self._two_loop, r)

    def flip(self, t: float) -> tuple[float, float]:
        return self._with_slope(lambda u: (u - 1 - self.mp.log(u)) / (1 - u) ** 2, t)

    def _with_slope(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]:
        with self.mp.workdps(DIGITS):
            at, step = self.mp.mpf(float(x)), self.mp.mpf(STEP)
            below, here, above = (f(at * (1 + sign * step)) for sign in (-1, 0, 1))
            return float(here), float((above - below) / (2 * at * step))

    def _two_loop(self, r: Any) -> Any:
        mp, log = self.mp, self.mp.log(r)
        turned = mp.polylog(2, min(r, 1 / r)) - mp.pi**2 / 6 + (log * mp.log(1 - r) if r < 1 else log**2 / 2)
        J = (1 - r) * turned if r < 1 else (r - 1) * (turned - log * mp.log(r - 1))
        if r < 4:
            theta = mp.acos(mp.sqrt(r) / 2)
            X = -2 * mp.sqrt(r * (4 - r)) * (2 * mp.clsin(2, 2 * theta) - mp.clsin(2, 4 * theta))
        else:
            root = mp.sqrt(r * (r - 4))
            a = (r - root) / (2 * r)
            X = root * (2 * mp.log(a) ** 2 - log**2 - 4 * mp.polylog(2, a) + mp.pi**2 / 3)
        return -r / 2 * log**2 - mp.pi**2 / 6 * r - 2 * J - X / 2


def massive_by_numpy(m_l: float, m_lp: float, m_f: float, m_h: float) -> float:
    """The positive integrand over ln K and the logit of a Feynman parameter, without gradient."""
    a, b, c, h = (m_l / m_f) ** 2, (m_lp / m_f) ** 2, (m_h / m_f) ** 2, 0.4
    K, s = np.exp(h * np.arange(-150, 200))[:, None], h * np.arange(-125, 126)
    x, y = 1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))
    D = x * b + y * c + x * y * K
    z = x * (1 - b) / D
    return h**2 * np.sum(K**2 / ((K + a) * (K + 1)) * x**2 * y / D * np.log1p(z) / z) / m_f**2


def with_gradient(f: Callable[..., Any], arguments: int = 1) -> Callable[..., Any]:
    return jax.vmap(jax.value_and_grad(f, tuple(range(arguments))))


def each(f: Callable[..., Any], points: np.ndarray) -> tuple[np.ndarray, float]:
    """What f finds at some points, and seconds per point."""
    begun = time.perf_counter()
    found = np.array([f(*np.atleast_1d(p)) for p in points])
    return found, (time.perf_counter() - begun) / len(points)


def error(found: Any, expected: Any) -> float:
    return float(np.max(np.abs(np.asarray(found) / np.asarray(expected) - 1)))


def beside(row: Speed, peers: list[Peer]) -> Iterator[Speed]:
    """The same row for each of the others; alone where there is none."""
    for name, seconds, note in peers:
        about = {"peer": name, "peer_run": seconds, "ratio": seconds / (row.run or np.nan), "peer_note": note}
        yield msgspec.structs.replace(row, **about)
    if not peers:
        yield row


def of_one_argument(name: str, f: Callable[..., Any], function: str, points: np.ndarray, tolerance: float) -> Speed:
    """Value and slope of a function of one ratio, asserted where they are known."""
    argument, value, slope = known(function)
    found, (found_slope,) = jax.jit(with_gradient(f))(argument)
    wrong = max(error(found, value), error(found_slope, slope))
    assert wrong < tolerance, f"{name}: {wrong:.1e}"
    program = Program.of(with_gradient(f), jnp.asarray(points))
    return program.speed(name, "point", len(points), error=wrong, reference="mpmath")


def by_mpmath(function: Callable[[float], tuple[float, float]], name: str) -> Peer:
    """Which finds again what is known."""
    argument, *expected = known(name)
    found, seconds = each(function, argument)
    wrong = error(found.T, expected)
    assert wrong < 1e-15, f"mpmath: {wrong:.1e}"
    return Peer("mpmath", seconds, "exact")


def massless(points: int, mp: Mpmath | None, scipy: Scipy | None) -> Iterator[Speed]:
    name, peers = "two_loop.massless", []
    ratios = np.geomspace(1e-12, 1e12, points)
    row = of_one_argument("two loops, massless leptons, with slope", two_loop.massless, name, ratios, 1e-13)
    if scipy:
        moderate = np.geomspace(1e-2, 1e4, CHECKED)
        theirs, seconds = each(scipy.massless, moderate)
        value, (slope,) = jax.jit(with_gradient(two_loop.massless))(moderate)
        apart = error(theirs.T, (value, slope))
        assert apart < 1e-6, f"scipy: {apart:.1e}"
        peers.append(Peer("scipy", seconds, f"at ratios from 1e-2 to 1e4, where its error is {apart:.0e}"))
    if mp:
        peers.append(by_mpmath(mp.massless, name))
    yield from beside(row, peers)


def massive(points: int, peers_wanted: bool) -> Iterator[Speed]:
    """Gradients are asserted by the degree of I in the masses, -2."""
    rng = np.random.default_rng(0)
    masses = rng.uniform([0.0, 0.0, 100.0, 100.0], [2.0, 2.0, 1e3, 1e3], (points, 4))
    function = with_gradient(two_loop.massive, 4)
    theirs, seconds = each(massive_by_numpy, masses[:CHECKED])
    program = Program.of(function, *map(jnp.asarray, masses.T))
    value, gradient = (np.asarray(x)[..., :CHECKED] for x in map(np.array, program.call()))
    degree = np.sum(masses[:CHECKED].T * gradient, axis=0)
    wrong = max(error(value, theirs), error(degree, -2 * value))
    assert wrong < 1e-12, f"two loops, massive leptons: {wrong:.1e}"
    accuracy = {"error": wrong, "reference": "sum over the integrand"}
    row = program.speed("two loops, massive leptons, with four slopes", "point", points, **accuracy)
    yield from beside(row, [Peer("numpy", seconds, "without slopes")] if peers_wanted else [])


def flip(points: int, mp: Mpmath | None) -> Iterator[Speed]:
    name, ratios = "one_loop.chirality_flip", np.geomspace(1e-14, 1e6, points)
    row = of_one_argument("one loop, chirality flip, with slope", one_loop.chirality_flip, name, ratios, 1e-13)
    yield from beside(row, [by_mpmath(mp.flip, name)] if mp else [])


def rows(options: Namespace) -> Iterator[Speed]:
    mp, integrate, special = (peer(name, options) for name in ("mpmath", "scipy.integrate", "scipy.special"))
    mpmath = Mpmath(mp) if mp else None
    scipy = Scipy(integrate, special) if integrate and special else None
    yield from massless(options.points, mpmath, scipy)
    yield from massive(max(options.points // 100, CHECKED), options.peers)
    yield from flip(10 * options.points, mpmath)


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("points", metavar="POINTS", nargs="?", type=number_of_points, default=POINTS, help="how many")
    return answer(rows, parser.parse_args(), one_core=True)


if __name__ == "__main__":
    sys.exit(main())
