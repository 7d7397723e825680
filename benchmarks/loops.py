"""How fast are loop functions with their gradients, against quadrature by scipy and arbitrary precision by mpmath?

    pip install -e ".[bench,test]"
    python benchmarks/loops.py [POINTS]

The two-loop integral of Zee and Babu for massless leptons at 1e5 ratios of masses (scipy integrates its dilogarithms
over a Feynman parameter, mpmath has the closed form and differences of it), the same with massive leptons at a
hundredth of the points (numpy sums the positive two-dimensional integrand), and one-loop functions. All on one pinned
core of a CPU; on a GPU nmmjax runs there and the others on the host. The accuracies that are printed are asserted
before anything is timed: those of nmmjax and of the others, value and gradient, relative.
"""

import os
import sys

if not os.environ.get("CUDA_VISIBLE_DEVICES") and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before JAX counts the cores

import time

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
from _timing import Stopwatch, table
from scipy.integrate import quad
from scipy.special import spence

from nmmjax.loops import one_loop, two_loop

POINTS, CHECKED = 100_000, 12
DIGITS, STEP = 90, mp.mpf(10) ** -15


def by_scipy(r):
    """T and T' by quadrature of dilogarithms and of their derivatives, spence(z) = Li2(1 - z)."""

    def arguments(y):
        return r / (1 - y), (1 - y * (1 - r)) / (y * (1 - y))

    def slope(z):
        return np.log1p(z - 1) / (1 - z) if z != 1 else -1.0

    def value(y):
        one, other = arguments(y)
        return spence(one) - spence(other)

    def derivative(y):
        one, other = arguments(y)
        return (slope(one) - slope(other)) / (1 - y)

    return tuple(quad(f, 0, 1, epsabs=0, epsrel=1e-12, limit=200)[0] for f in (value, derivative))


def by_mpmath(r):
    """T and T' from the closed form, to more digits than a double has."""
    with mp.workdps(DIGITS):
        r = mp.mpf(float(r))
        below, here, above = (closed_form(r * (1 + s * STEP)) for s in (-1, 0, 1))
        return float(here), float((above - below) / (2 * r * STEP))


def closed_form(r):
    log = mp.log(r)
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


def massive_by_numpy(m_l, m_lp, m_f, m_h):
    """The positive integrand over ln K and the logit of a Feynman parameter, without gradient."""
    a, b, c, h = (m_l / m_f) ** 2, (m_lp / m_f) ** 2, (m_h / m_f) ** 2, 0.4
    K, s = np.exp(h * np.arange(-150, 200))[:, None], h * np.arange(-125, 126)
    x, y = 1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))
    D = x * b + y * c + x * y * K
    z = x * (1 - b) / D
    return h**2 * np.sum(K**2 / ((K + a) * (K + 1)) * x**2 * y / D * np.log1p(z) / z) / m_f**2


def flip_by_mpmath(t):
    with mp.workdps(DIGITS):
        t = mp.mpf(float(t))
        below, here, above = ((u - 1 - mp.log(u)) / (1 - u) ** 2 for u in (t * (1 - STEP), t, t * (1 + STEP)))
        return float(here), float((above - below) / (2 * t * STEP))


def with_gradient(f, arguments=1):
    return jax.jit(jax.vmap(jax.value_and_grad(f, tuple(range(arguments)))))


def each(f, points):
    """What f finds at some points, and seconds per point."""
    begun = time.perf_counter()
    found = np.array([f(*np.atleast_1d(p)) for p in points])
    return found, (time.perf_counter() - begun) / len(points)


def error(found, expected):
    return float(np.max(np.abs(np.asarray(found) / np.asarray(expected) - 1)))


def row(name, jitted, arguments, errors, peers):
    """One line; peers are (name, seconds per point, error)."""
    clock = Stopwatch.of(jitted, *arguments)
    each_point = clock.run / len(arguments[0])
    shown = [
        f"{peer}: {1e6 * seconds:.3g} us, {wrong:.0e}, {seconds / each_point:.2g} x" for peer, seconds, wrong in peers
    ]
    return [name, f"{clock.compile:.1f}", f"{1e9 * each_point:.0f}", f"{1e3 * clock.run:.3g}", errors, "\n".join(shown)]


def massless_row(points):
    ratios = np.geomspace(1e-12, 1e12, points)
    checked = np.geomspace(1e-12, 1e12, CHECKED)
    moderate = np.geomspace(1e-2, 1e4, CHECKED)
    jitted = with_gradient(two_loop.massless)
    exact, slow = each(by_mpmath, checked)
    value, (slope,) = jitted(checked)
    wrong = error(value, exact[:, 0]), error(slope, exact[:, 1])
    assert max(wrong) < 1e-13, wrong
    theirs, quadrature = each(by_scipy, moderate)
    apart = error(theirs, each(by_mpmath, moderate)[0])
    assert apart < 1e-6, apart
    peers = [("scipy (1e-2 < r < 1e4)", quadrature, apart), ("mpmath", slow, 0.0)]
    return row("T(r) and T'", jitted, (jnp.asarray(ratios),), "{:.0e}, {:.0e}".format(*wrong), peers)


def massive_row(points):
    rng = np.random.default_rng(0)
    masses = rng.uniform([0.0, 0.0, 100.0, 100.0], [2.0, 2.0, 1e3, 1e3], (points, 4))
    jitted = with_gradient(two_loop.massive, 4)
    theirs, seconds = each(massive_by_numpy, masses[:CHECKED])
    value, gradient = jitted(*masses[:CHECKED].T)
    # Of degree -2 in the masses
    degree = sum(m * g for m, g in zip(masses[:CHECKED].T, gradient, strict=True))
    wrong = error(value, theirs), error(degree, -2 * value)
    assert max(wrong) < 1e-12, wrong
    peers = [("numpy, no gradient", seconds, wrong[0])]
    columns = tuple(map(jnp.asarray, masses.T))
    return row("I and four gradients", jitted, columns, "{:.0e}, {:.0e}".format(*wrong), peers)


def one_loop_row(points):
    ratios = np.geomspace(1e-14, 1e6, points)
    checked = np.append(np.geomspace(1e-14, 1e6, CHECKED), [0.9, 1.1])
    jitted = with_gradient(one_loop.chirality_flip)
    exact, seconds = each(flip_by_mpmath, checked)
    value, (slope,) = jitted(checked)
    wrong = error(value, exact[:, 0]), error(slope, exact[:, 1])
    assert max(wrong) < 1e-13, wrong
    arguments = (jnp.asarray(ratios),)
    return row("F(t) and F'", jitted, arguments, "{:.0e}, {:.0e}".format(*wrong), [("mpmath", seconds, 0.0)])


def main(points=POINTS):
    rows = [massless_row(points), massive_row(points // 100), one_loop_row(10 * points)]
    headings = [
        "what",
        "compile [s]",
        "ns per point",
        "ms for all",
        "error: value, gradient",
        "others: time, error, ratio",
    ]
    table(headings, rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
