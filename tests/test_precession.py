"""Spin precession: against closed forms, and against an integration of Schroedinger's equation."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import DIGITS, MODES, assert_close, random_hermitian, random_unitary
from jax.scipy.linalg import expm
from scipy.integrate import solve_ivp

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.media import Constant, Exponential, Linear, PowerLaw, Steps, Tabulated
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.precession import Medium, Path, evolve, transition_probability
from nmmjax.precession.step import SphericalBessel, step_operator

RNG = np.random.default_rng(11)
M = mixing.majorana_mass_matrix(mixing.pmns(0.59, 0.15, 0.78, 3.6), jnp.array([0.01, 0.0132, 0.0511]))
MAJORANA = jnp.array([[0.0, 1.0 + 0.3j, -0.7], [-1.0 - 0.3j, 0.0, 0.4j], [0.7, -0.4j, 0.0]])
DIRAC = jnp.asarray(RNG.normal(size=(3, 3)) + 1j * RNG.normal(size=(3, 3)))
RATE = PDG_2026.magnetic_rate


def majorana(size):
    return Neutrinos(M, size * MAJORANA)


def dirac(size):
    return Neutrinos(M, size * DIRAC, Dirac())


def integrated(H, start, stop):
    """By scipy: DOP853 at 1e-13."""
    n = np.shape(H(start))[-1]

    def slope(r, y):
        return (-1j * np.asarray(H(r)) @ y.reshape(n, n)).ravel()

    y = solve_ivp(slope, (start, stop), np.eye(n, dtype=complex).ravel(), method="DOP853", rtol=1e-13, atol=1e-13).y
    return y[:, -1].reshape(n, n)


# The integrator


@pytest.mark.parametrize("n", [2, 6])
def test_operator_against_integration(n):
    """Some 300 radians."""
    A, B, C = (np.asarray(random_hermitian(RNG, n)) for _ in range(3))

    def H(r, xp):
        return 30.0 * A + 40.0 * B * xp.exp(-r) + 20.0 * C * xp.sin(3.0 * r)

    S = jax.jit(lambda: evolve(lambda r: H(r, jnp), 0.0, 3.0, tolerance=1e-10))()
    assert_close(S, integrated(lambda r: H(r, np), 0.0, 3.0), 1e-9)
    assert_close(S @ np.conj(S.T), np.eye(n), 1e-12)


@pytest.mark.parametrize("turns", [1e3, pytest.param(1e5, marks=pytest.mark.slow)])
def test_many_turns_leave_it_unitary(turns):
    """To 1e-12 after thousands of steps."""
    A, B = (np.asarray(random_hermitian(RNG, 2)) for _ in range(2))
    S = jax.jit(lambda: evolve(lambda r: turns * A * (1.0 + r) + 0.1 * turns * B * r**2, 0.0, 1.0, tolerance=1e-6))()
    assert_close(S @ np.conj(S.T), np.eye(2), 1e-12)


def test_a_constant_matrix_is_exact_in_a_few_steps():
    H = np.asarray(random_hermitian(RNG, 3))
    S = jax.jit(lambda: evolve(lambda r: jnp.asarray(H) + 0.0 * r, 0.0, 1e5, most_steps=64))()
    w, V = np.linalg.eigh(H)
    assert_close(S, (V * np.exp(-1e5j * w)) @ np.conj(V.T), 1e-9)


def test_too_few_steps_are_not_silent():
    S = jax.jit(
        lambda: evolve(
            lambda r: jnp.eye(2) * r + jnp.diag(jnp.ones(1), 1) + jnp.diag(jnp.ones(1), -1) + 0j,
            0.0,
            500.0,
            most_steps=64,
        )
    )()
    H = jax.jit(lambda: evolve(lambda r: jnp.array([[r, 1.0], [1.0, -r]]) + 0j, 0.0, 500.0, most_steps=64))()
    assert np.all(np.isfinite(S))
    assert np.all(np.isnan(H))


@pytest.mark.parametrize("order", [1, 2])
def test_divided_differences_of_a_step(order):
    """Of j_n(x/2), whose slope is at most 1/6; equal nodes are made to differ by 1e-30."""

    def exact(x):
        if x == 0:
            return x
        z = x / 2
        first = (mpmath.sin(z) / z - mpmath.cos(z)) / z
        return first if order == 1 else (3 * first - mpmath.sin(z)) / z

    def slope(x, y):
        x, y = mpmath.mpf(x), mpmath.mpf(y if x != y else y + mpmath.mpf(10) ** -30)
        return (exact(x) - exact(y)) / (x - y)

    places = np.array([-300.0, -4.02, -0.03, 0.0, 1e-3, 0.9, 3.95, 3.99, 4.01, 9.0, 40.0])
    gaps = np.array([0.0, 1e-12, 1e-6, 1e-3, 0.03, 0.0624, 0.0626, 0.1, 1.0, 30.0])
    x, y = places[:, None] + 0.0 * gaps, places[:, None] + gaps
    with mpmath.workdps(2 * DIGITS):
        first = np.vectorize(slope, otypes=[float])(x, y)
    found = jax.jit(SphericalBessel(order).first)(x, y)
    np.testing.assert_allclose(found, first, rtol=0.0, atol=1e-14)


def by_quadrature(X, D_1, D_2):
    """The operator of a step, from its definition."""
    t, weights = (0.5 * jnp.asarray(a)[:, None, None] for a in gauss_legendre(24))
    waves = expm(1j * t * X)
    D = weights * (t * D_1 + (t**2 - 1.0 / 12.0) * D_2)
    M = jnp.sum(waves @ D @ jnp.conj(jnp.swapaxes(waves, -1, -2)), 0)
    half = expm(-0.5j * X)
    return half @ expm(-1j * M) @ half


def test_derivatives_of_a_step_where_levels_meet():
    levels = np.array([[0.0, gap, 8.0] for gap in (0.0, 1e-9, 1e-6, 1e-3, 0.0624, 0.0626, 0.2)])
    rng = np.random.default_rng(12)
    U, (A, B, C) = random_unitary(rng, 3), (random_hermitian(rng, 3) for _ in range(3))
    X = jnp.asarray((U * levels[:, None, :]) @ U.conj().T)

    def all_of(operator):
        def part(s, X):
            S = operator(X + s[0] * A, s[1] * B, s[2] * C)
            return jnp.real(S[0, 1]) + jnp.imag(S[2, 0])

        def found(X):
            both = jax.value_and_grad(lambda s: part(s, X))
            return jax.jvp(both, (jnp.array([0.0, 1.0, 2.0]),), (jnp.array([0.5, 0.3, -0.4]),))

        return jax.jit(jax.vmap(found))(X)

    for found, exact in zip(*(jax.tree.leaves(all_of(f)) for f in (step_operator, by_quadrature)), strict=True):
        assert_close(found, exact, 1e-12)


OPERATORS = [np.asarray(random_hermitian(RNG, 2)) for _ in range(3)]
POINT = jnp.array([2.0, 0.7, 0.1, 0.2])


def changed(x):
    """Of strength, length, start and stop."""
    A, B, C = OPERATORS
    S = evolve(lambda r: 3.0 * A + x[0] * B * jnp.exp(-x[1] * r) + C * jnp.sin(r), x[2], 3.0 + x[3], tolerance=1e-9)
    return jnp.real(S[0, 1]) ** 2 + jnp.imag(S[0, 1]) ** 2


def test_slopes_of_the_operator():
    both, step = jax.jit(jax.value_and_grad(changed)), 1e-4
    differences = [(both(POINT + step * e)[0] - both(POINT - step * e)[0]) / (2 * step) for e in np.eye(4)]
    assert_close(both(POINT)[1], differences, 1e-6)
    several = jnp.stack([POINT, 1.1 * POINT])
    assert_close(jax.jit(jax.vmap(jax.grad(changed)))(several), [both(POINT)[1], both(1.1 * POINT)[1]], 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_curvature_of_the_operator(outer):
    slope, step = jax.jit(jax.grad(changed)), 1e-4
    curvature = [(slope(POINT + step * e) - slope(POINT - step * e)) / (2 * step) for e in np.eye(4)]
    assert_close(jax.jit(MODES[outer](jax.jacrev(changed)))(POINT), curvature, 1e-6)


@pytest.mark.slow
def test_derivatives_inside_scan():
    """Where JAX forgets what has a rule of its own."""
    A, B = (random_hermitian(RNG, 2) for _ in range(2))

    def one(x, place):
        S = evolve(lambda r: A + x * place * B * jnp.exp(-r), 0.0, 2.0, tolerance=1e-9, most_steps=64)
        return jnp.real(S[0, 1])

    def scanned(x):
        return jax.lax.scan(lambda total, place: (total + one(x, place), None), 0.0, jnp.array([1.0, 2.0]))[0]

    exact = jax.jit(jax.jacfwd(jax.jacfwd(lambda x: one(x, 1.0) + one(x, 2.0))))(0.8)
    assert_close(jax.jit(jax.hessian(scanned))(0.8), exact, 1e-9)


# Neutrinos


@pytest.mark.parametrize("antineutrino", [False, True])
def test_precession_in_a_constant_field(antineutrino):
    """P(nu -> N) = sin^2 mu B L of degenerate Dirac neutrinos with equal moments."""
    neutrinos = Neutrinos(0.1 * jnp.eye(3) + 0j, 1e-12 * jnp.eye(3) + 0j, Dirac())
    P = transition_probability(
        neutrinos, 10.0, Path(0.0, 4e4, field=Constant(1e6)), antineutrino=antineutrino, tolerance=1e-12
    )
    flipped = np.sin(RATE * 1e-12 * 1e6 * 4e4) ** 2 * np.eye(3)
    assert_close(P, np.block([[np.eye(3) - flipped, flipped], [flipped, np.eye(3) - flipped]]), 1e-11)


def test_the_sun_of_1988():
    """mu B L = 2.9333960 for 1e-10 mu_B, 5 kG and 2e5 km."""
    assert pytest.approx(2.9333960, rel=1e-7) == RATE * 1e-10 * 5e3 * 2e5


PROFILES = {
    "constant": (Constant(2000.0), Constant(0.4), Constant(1e9), None),
    "linear": (Linear(3000.0, -20.0), Linear(0.4, 1e-3), Linear(1e9, -5e6), None),
    "exponential": (Exponential(5000.0, 30.0), None, Exponential(2e9, 40.0), None),
    "power law": (PowerLaw(4000.0, 20.0, 3.0), None, PowerLaw(2e9, 20.0, 2.0), None),
    "table": (
        Tabulated(np.geomspace(10.0, 130.0, 12), 4e3 * np.geomspace(1.0, 0.01, 12), logarithmic=True),
        Tabulated([10.0, 40.0, 80.0, 130.0], [0.3, 0.4, 0.45, 0.5]),
        Constant(1e9),
        None,
    ),
    "steps": (Constant(3000.0), Steps([50.0, 90.0], [0.3, 0.45, 0.5]), Constant(1e9), None),
    "twist": (Constant(3000.0), Constant(0.4), Constant(1e9), Linear(0.0, -0.35)),
    "turning twist": (None, None, Constant(2e9), Tabulated([10.0, 40.0, 80.0, 130.0], [0.0, 3.0, 4.0, -2.0])),
}


LONG = ("steps", "turning twist", "constant", "linear", "exponential", "table")
"""Each compiles for some ten seconds what others compile, too."""


@pytest.mark.parametrize(
    ("name", "neutrinos", "antineutrino"),
    [
        *(pytest.param(name, majorana, False, marks=pytest.mark.slow if name in LONG else ()) for name in PROFILES),
        ("steps", dirac, False),
        ("twist", dirac, False),
        ("twist", dirac, True),
    ],
)
def test_probabilities_against_integration(name, neutrinos, antineutrino):
    """In the frame that does not turn, with the field's angle in the elements that flip."""
    density, fraction, field, twist = PROFILES[name]
    medium = None if density is None else Medium(density, fraction)
    theory, energy = neutrinos(2e-12), 12.0
    path = Path(20.0, 70.0, medium, field, twist)
    P = transition_probability(theory, energy, path, antineutrino=antineutrino, tolerance=1e-10)
    K = np.asarray(M).conj().T @ np.asarray(M) * PDG_2026.phase / energy
    flip = RATE * np.asarray(theory.moment_matrix)
    right = (
        K.conj() if theory.nature.self_conjugate else np.asarray(M) @ np.asarray(M).conj().T * PDG_2026.phase / energy
    )

    def H(r):
        V = np.zeros((3, 3))
        if density is not None:
            Ye = 0.5 if fraction is None else float(fraction(r))
            scale = PDG_2026.matter_potential * float(density(r))
            V = scale * (np.diag([Ye, 0.0, 0.0]) - 0.5 * (1.0 - Ye) * np.eye(3))
        turned = flip * float(field(r)) * (1.0 if twist is None else np.exp(-1j * float(twist(r))))
        other = -V if theory.nature.self_conjugate else 0.0 * V
        made = np.block([[K + V, turned.conj().T], [turned, right + other]])
        if antineutrino:
            turned = flip.conj() * float(field(r)) * (1.0 if twist is None else np.exp(1j * float(twist(r))))
            made = np.block([[K.conj() - V, turned.conj().T], [turned, right.conj()]])
        return made

    places = [20.0, *(b for b in (() if fraction is None else fraction.breaks) if b < 70.0), 70.0]
    S = np.eye(6)
    for start, stop in pairwise(places):
        S = integrated(H, start + 1e-12, stop - 1e-12) @ S
    np.testing.assert_allclose(P, np.abs(S.T) ** 2, atol=2e-9)
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)


def test_resonance_of_a_twisting_field():
    """Where V_e + phi' = 0, a Dirac nu_e flips as in vacuum."""
    neutrinos = Neutrinos(1e-3 * jnp.eye(3) + 0j, 1e-15 * jnp.diag(jnp.array([1.0, 0.0, 0.0])) + 0j, Dirac())
    density, fraction = 2000.0, 0.45
    V = PDG_2026.matter_potential * density * (3.0 * fraction - 1.0) / 2.0
    field = 1e12
    path = Path(0.0, 30.0, Medium(Constant(density), Constant(fraction)), Constant(field), Linear(0.0, -V))
    P = transition_probability(neutrinos, 10.0, path, tolerance=1e-12)
    assert P[0, 3] == pytest.approx(np.sin(RATE * 1e-15 * field * 30.0) ** 2, abs=1e-11)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((10.0, 5.0), "`stop` must lie beyond"),
        ((-1.0, 5.0), "`start`"),
        ((0.0, 5.0, None, Constant(-1.0)), "`field` must"),
        ((0.0, 5.0, Medium(Constant(-1.0))), "`matter.density` must"),
        ((0.0, 5.0, Medium(Constant(1.0), Constant(1.5))), "`matter.electron_fraction` must"),
        ((0.0, 50.0, None, Tabulated([1.0, 2.0, 3.0, 4.0], [1.0] * 4)), "`field` must be known from 0 to 50 km"),
    ],
)
def test_impossible_paths(arguments, words):
    with pytest.raises(ValueError, match=words):
        Path(*arguments)


def test_impossible_profiles_and_questions():
    with pytest.raises(ValueError, match="`radius` must increase"):
        Tabulated([1.0, 3.0, 2.0, 4.0], [1.0] * 4)
    with pytest.raises(ValueError, match="`values` must"):
        Steps([1.0, 2.0], [0.5, 0.4])
    with pytest.raises(ValueError, match="`antineutrino` must be false for Majorana"):
        transition_probability(majorana(1e-12), 10.0, Path(0.0, 1.0), antineutrino=True)
    with pytest.raises(ValueError, match="`tolerance`"):
        transition_probability(majorana(1e-12), 10.0, Path(0.0, 1.0), tolerance=0.0)
