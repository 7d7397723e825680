"""Spin precession, exacting measures: closed forms to rounding, long products, and integrators of others."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import MODES, assert_close, random_hermitian
from scipy.integrate import solve_ivp

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.media import Arch, Constant, Exponential, Linear, PowerLaw
from nmmjax.precession import Medium, Path, evolve, transition_probability
from nmmjax.precession.evolution import _ends

RNG = np.random.default_rng(2026)
M = mixing.majorana_mass_matrix(mixing.pmns(0.59, 0.15, 0.78, 3.6), jnp.array([0.01, 0.0132, 0.0511]))
MOMENTS = 1e-12 * jnp.array([[0.0, 1.0 + 0.3j, -0.7], [-1.0 - 0.3j, 0.0, 0.4j], [0.7, -0.4j, 0.0]])
MASSLESS = Neutrinos(jnp.zeros((3, 3)) + 0j, 1e-12 * jnp.eye(3) + 0j, Dirac())
"""Three pairs (nu_a, N_a) of two levels, with D = V_a + phi' between them and b = mu B."""
RATE = 1e-12 * PDG_2026.magnetic_rate
"""b / B [km^-1 / gauss]."""


def potentials(density, electron_fraction):
    """V_a [km^-1] of nu_e, nu_mu and nu_tau."""
    neutral = -0.5 * (1.0 - electron_fraction)
    return PDG_2026.matter_potential * density * np.array([electron_fraction + neutral, neutral, neutral])


def flips(flipped):
    """P of three pairs."""
    return np.block([[np.diag(1.0 - flipped), np.diag(flipped)], [np.diag(flipped), np.diag(1.0 - flipped)]])


# Closed forms


@pytest.mark.parametrize(
    ("density", "electron_fraction", "field", "twist"),
    [
        (0.0, 0.5, 3e9, 0.0),
        (3e3, 0.45, 3e9, 0.0),
        (3e3, 0.45, 3e9, 0.3),
        (3e3, 0.45, 2e10, -0.7),
        (3e3, 0.45, 3e9, "resonant"),
        (8e4, 0.38, 1e9, "resonant"),
    ],
)
def test_constant_field_and_matter(density, electron_fraction, field, twist):
    """P = (2b)^2 / (D^2 + (2b)^2) sin^2(sqrt(D^2 + 4b^2) L / 2); with D = 0 for nu_e where the twist is resonant."""
    V, length = potentials(density, electron_fraction), 40.0
    turning = -V[0] if twist == "resonant" else twist
    medium = Medium(Constant(density), Constant(electron_fraction))
    path = Path(10.0, 10.0 + length, medium, Constant(field), Linear(0.4, turning))
    P = transition_probability(MASSLESS, 10.0, path, tolerance=1e-13)
    whole = np.hypot(V + turning, 2.0 * RATE * field)
    expected = (2.0 * RATE * field / whole) ** 2 * np.sin(0.5 * whole * length) ** 2
    np.testing.assert_allclose(P, flips(expected), atol=1e-12)
    assert np.max(expected) > 1e-2
    if twist == "resonant":
        assert expected[0] == pytest.approx(np.sin(RATE * field * length) ** 2, abs=1e-12)


FIELDS = {
    "linear": (Linear(2e9, 3e7), 2e9 * 50.0 + 3e7 * (70.0**2 - 20.0**2) / 2.0),
    "exponential": (Exponential(5e9, 30.0), 5e9 * 30.0 * (np.exp(-20.0 / 30.0) - np.exp(-70.0 / 30.0))),
    "power law": (PowerLaw(5e9, 20.0, 3.0), 5e9 * 20.0 / 2.0 * (1.0 - (20.0 / 70.0) ** 2)),
    "arch": (Arch(3e9, 30.0, 60.0), 3e9 * 30.0 * 2.0 / 3.0),
}


@pytest.mark.parametrize("name", FIELDS)
def test_field_of_varying_strength(name):
    """In vacuum, and along one direction: P = sin^2 of the integral of mu B, in closed form, from 20 to 70 km."""
    field, integral = FIELDS[name]
    P = transition_probability(MASSLESS, 10.0, Path(20.0, 70.0, field=field), tolerance=1e-13)
    expected = np.sin(RATE * integral) ** 2
    assert 0.01 < expected < 0.99
    np.testing.assert_allclose(P, flips(np.full(3, expected)), atol=1e-12)


# Landau and Zener


CENTER, SLOPE = 1000.0, 1.0
"""D = SLOPE (r - CENTER) [km^-1] of nu_e."""


def survival(b, half, tolerance):
    """Of nu_e through a resonance with a window of so many km to either side; its field is constant."""
    per_density = potentials(1.0, 0.5)[0]
    rise = SLOPE / per_density
    center = 200.0 * rise
    medium = Medium(Linear(center, rise, origin=CENTER), Constant(0.5))
    twist = Linear(0.0, -center * per_density)
    path = Path(CENTER - half, CENTER + half, medium, Constant(b / RATE), twist)
    return float(transition_probability(MASSLESS, 10.0, path, tolerance=tolerance)[0, 0])


def parabolic_cylinder(b, half):
    """The same in closed form: with z = e^{i pi/4} sqrt(D') r and nu = -i b^2 / D', c_nu = D_nu(+z) or D_nu(-z)."""
    nu, turn = -1j * b**2 / SLOPE, mpmath.expjpi(0.25) * mpmath.sqrt(SLOPE)

    def solutions(r):
        columns = []
        for sign in (1.0, -1.0):
            z = sign * turn * r
            value, next_one = mpmath.pcfd(nu, z), mpmath.pcfd(nu + 1.0, z)
            slope = sign * turn * (z / 2.0 * value - next_one)
            columns.append((value, (1j * slope - 0.5 * SLOPE * r * value) / b))
        return mpmath.matrix(columns).T

    with mpmath.workdps(40):
        return float(abs((solutions(half) * solutions(-half) ** -1)[0, 0]) ** 2)


@pytest.mark.parametrize("exponent", [0.3, 1.0, 3.0])
def test_landau_zener(exponent):
    """P = exp(-2 pi b^2 / D') in a window of half width X, to 2 arctan(2b / D'X) < 4b / D'X.

    Beyond the window levels are turned from flavors by the angle a = arctan(2b / D'X) / 2, and a state leaves its level
    by the integral of |a'| at most, which is a again. So what starts far away as nu_e is at the edge within an angle of
    2a of nu_e; it changes P by sin 2a at most, and the other edge does by as much. The phase of the difference is that
    of the window, D'X^2 / 2: several of them find the largest, which falls as 1 / X.
    """
    b = np.sqrt(exponent * SLOPE / (2.0 * np.pi))
    largest = []
    for half in (8.0, 32.0, 128.0):
        windows = half + np.pi / 3.0 * np.arange(6) / (SLOPE * half)
        found = np.array([abs(survival(b, X, 1e-6) - np.exp(-exponent)) for X in windows])
        bound = 2.0 * np.arctan(2.0 * b / (SLOPE * windows))
        assert np.all(found < bound)
        assert np.max(found / bound) > 0.1
        largest.append(np.max(found))
    assert largest[1] < 0.3 * largest[0]
    assert largest[2] < 0.3 * largest[1]


@pytest.mark.parametrize(("exponent", "half"), [(0.3, 12.0), (1.0, 5.0), (1.0, 12.0), (3.0, 20.0)])
def test_landau_zener_in_a_window(exponent, half):
    """Parabolic cylinder functions, which know of the edges."""
    b = np.sqrt(exponent * SLOPE / (2.0 * np.pi))
    assert survival(b, half, 1e-10) == pytest.approx(parabolic_cylinder(b, half), abs=1e-9)


# Integrators of others


PROFILES = {
    "constant": lambda r, xp: 1.0 + 0.0 * r,
    "linear": lambda r, xp: 3.0 - 0.9 * r,
    "exponential": lambda r, xp: 4.0 * xp.exp(-2.0 * r),
    "power law": lambda r, xp: 0.5 / (r + 0.3) ** 3,
    "turning": lambda r, xp: xp.sin(9.0 * r),
}


@pytest.mark.parametrize(("name", "n"), [*((name, 2) for name in PROFILES), ("linear", 6), ("power law", 6)])
def test_a_thousand_radians(name, n):
    """Between the outermost levels, against DOP853 at 1e-13; matrices that do not commute."""
    A, B, C = (random_hermitian(RNG, n) for _ in range(3))

    def unscaled(r, xp):
        return A + B * PROFILES[name](r, xp) + (0.0 if name == "constant" else 0.3) * C * r**2

    levels = np.linalg.eigvalsh([unscaled(r, np) for r in np.linspace(0.0, 2.0, 401)])
    scale = 1e3 / (2.0 * np.mean(levels[:, -1] - levels[:, 0]))

    def slope(r, y):
        return (-1j * scale * unscaled(r, np) @ y.reshape(n, n)).ravel()

    one = np.eye(n, dtype=complex).ravel()
    y = solve_ivp(slope, (0.0, 2.0), one, method="DOP853", rtol=1e-13, atol=1e-13).y[:, -1]
    S = jax.jit(lambda: evolve(lambda r: scale * unscaled(r, jnp), 0.0, 2.0, tolerance=1e-9))()
    np.testing.assert_allclose(S, y.reshape(n, n), atol=1e-9)


def test_six_levels_against_diffrax():
    """A supernova of some 300 radians, in the frame that does not turn, by Dopri8 at 1e-11."""
    diffrax = pytest.importorskip("diffrax")
    energy, start, stop, turning = 15.0, 100.0, 400.0, 0.03
    density, field = PowerLaw(8e3, 100.0, 3.0), PowerLaw(5e9, 100.0, 2.0)
    path = Path(start, stop, Medium(density, Constant(0.4)), field, Linear(0.0, turning))
    P = transition_probability(Neutrinos(M, MOMENTS), energy, path, tolerance=1e-10)
    K = jnp.conj(M).T @ M * PDG_2026.phase / energy
    K, V = K - jnp.trace(K) / 3.0 * jnp.eye(3), jnp.diag(potentials(1.0, 0.4))

    def slope(r, y, _):
        S = y[0] + 1j * y[1]
        flip = PDG_2026.magnetic_rate * MOMENTS * 5e9 * (100.0 / r) ** 2 * jnp.exp(-1j * turning * r)
        matter = V * 8e3 * (100.0 / r) ** 3
        H = jnp.block([[K + matter, jnp.conj(flip).T], [flip, jnp.conj(K) - matter]])
        change = -1j * H @ S
        return jnp.stack([change.real, change.imag])

    y = diffrax.diffeqsolve(
        diffrax.ODETerm(slope),
        diffrax.Dopri8(),
        t0=start,
        t1=stop,
        dt0=None,
        y0=jnp.stack([jnp.eye(6), jnp.zeros((6, 6))]),
        stepsize_controller=diffrax.PIDController(rtol=1e-11, atol=1e-11),
        max_steps=100_000,
    ).ys[-1]
    np.testing.assert_allclose(P, (y[0] ** 2 + y[1] ** 2).T, atol=1e-8)


# Long products


def rotating(n, turns):
    """H = e^{-i G w r} A e^{i G w r}, w = 2 pi turns, and its S = e^{-i G w r} e^{-i (A - w G) r} at r = 1, exact."""
    G, A = np.arange(n) - 0.5 * (n - 1), 5.0 * random_hermitian(RNG, n)
    rate = 2.0 * np.pi * turns

    def H(r):
        turned = jnp.exp(-1j * rate * r * G)
        return turned[:, None] * A * jnp.conj(turned)

    w, V = np.linalg.eigh(A - rate * np.diag(G))
    return H, np.exp(-1j * rate * G)[:, None] * ((V * np.exp(-1j * w)) @ V.conj().T)


@pytest.mark.parametrize(
    ("n", "turns", "tolerance", "steps"),
    [
        (2, 2e3, 1e-8, 10_000),
        pytest.param(6, 1e3, 1e-7, 10_000, marks=pytest.mark.slow),
        pytest.param(2, 5e5, 1e-7, 1_000_000, marks=pytest.mark.slow),
    ],
)
def test_many_steps(n, turns, tolerance, steps):
    """Unitary to 1e-12 after ten thousand and after a million of them.

    Errors of steps that do the same over and over add up, and are added up.
    """
    H, exact = rotating(n, turns)
    most = 2 ** int(np.ceil(np.log2(4 * steps)))
    ends = jax.jit(lambda span: _ends(lambda s, x: x * H(s), (span,), tolerance, most))(jnp.ones(()))
    taken = np.count_nonzero(np.diff(ends))
    assert taken >= steps
    assert ends[-1] == 1.0
    S = jax.jit(lambda span: evolve(lambda s: span * H(s), 0.0, 1.0, tolerance=tolerance, most_steps=most))(1.0)
    np.testing.assert_allclose(S @ np.conj(S.T), np.eye(n), atol=1e-12)
    np.testing.assert_allclose(S, exact, atol=tolerance)


# Derivatives


POINT = jnp.array([1.0, 4e9, -0.4, 3e3])


def flipped(x):
    """P(nu_e -> antinu_mu) of the moments, the field, its twist and the density."""
    path = Path(20.0, 60.0, Medium(Exponential(x[3], 30.0)), Exponential(x[1], 40.0), Linear(0.0, x[2]))
    return transition_probability(Neutrinos(M, x[0] * MOMENTS), 12.0, path, tolerance=1e-10, most_steps=1024)[0, 4]


def differences(f, places, step):
    """Derivatives of f by four points, times the values of the parameters at these places."""
    columns = []
    for i in places:
        s = step * POINT[i] * np.eye(4)[i]
        columns.append((8.0 * (f(POINT + s) - f(POINT - s)) - (f(POINT + 2 * s) - f(POINT - 2 * s))) / (12.0 * step))
    return np.stack(columns)


@pytest.mark.parametrize("mode", ["reverse", pytest.param("forward", marks=pytest.mark.slow)])
def test_slopes_of_probabilities(mode):
    slope = jax.jit(MODES[mode](flipped))(POINT) * POINT
    expected = differences(jax.jit(flipped), range(4), 2e-3)
    assert np.all(np.abs(expected) > 1e-3)
    np.testing.assert_allclose(slope, expected, rtol=1e-6)


@pytest.mark.slow
def test_curvature_of_probabilities():
    """In the moments and in the twist."""
    places = np.array([0, 2])

    def of_two(y):
        return flipped(POINT.at[places].set(y))

    H = jax.jit(jax.hessian(of_two))(POINT[places]) * POINT[places] * POINT[places][:, None]
    slope = jax.jit(jax.grad(flipped))
    expected = differences(slope, places, 1e-3)[:, places] * POINT[places]
    assert_close(H, H.T, 1e-10)
    assert_close(H, expected, 1e-6)
