"""The Earth: geometry of the paths, and oscillation along them."""

from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import along, hessians, random_hermitian
from scipy.integrate import quad, solve_ivp

from nmmjax import matter, mixing
from nmmjax.media import EarthModel
from nmmjax.oscillation import Layers, ThroughEarth, Uniform, amplitude, density_matrix, probability
from nmmjax.testing import check_derivatives

PREM = EarthModel.prem()
RADIUS = 6371.0
M = mixing.mass_squared_matrix(mixing.pmns(0.58, 0.15, 0.8, -2.1), 7.5e-5, 2.5e-3)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)
FINE = EarthModel(PREM.outer_radius, PREM.density, PREM.electron_fraction, piece=20.0)
ZENITHS = (-1.0, -0.9, -0.838, -0.45, -0.02, 0.0, 0.4, 1.0)


def grams(matter):
    """One mole of nucleons is one gram."""
    return np.asarray(matter.electrons) + np.asarray(matter.neutrons)


def radius_integral(f):
    edges = [0.0, *PREM.outer_radius.tolist()]
    return sum(quad(f, a, b, epsabs=0, epsrel=1e-12)[0] for a, b in pairwise(edges))


def test_mass_and_inertia():
    """5.973176947921e24 kg and 0.3307994866 M R^2."""
    density = jax.jit(lambda r: PREM.density_at(r))
    mass = radius_integral(lambda r: 4.0 * np.pi * r**2 * float(density(r))) * 1e15 * 1e-3
    inertia = radius_integral(lambda r: 8.0 / 3.0 * np.pi * r**4 * float(density(r))) * 1e15 * 1e-3
    np.testing.assert_allclose(mass, 5.973176947921e24, rtol=1e-9)
    np.testing.assert_allclose(inertia / (mass * RADIUS**2), 0.3307994866, rtol=1e-9)
    assert density(RADIUS + 1.0) == 0.0


@pytest.mark.parametrize("depth", [0.0, 2.0, 9.0])
@pytest.mark.parametrize("cosine", ZENITHS)
def test_path_against_quadrature(cosine, depth):
    """Length, column density and, about the detector, first moment of the whole path."""
    height = 15.0
    path = ThroughEarth(cosine, earth=PREM, production_height=height, detector_depth=depth).crossing()
    place = RADIUS - depth
    b = place * np.sqrt((1.0 - cosine) * (1.0 + cosine))
    start, enter, detector = -np.sqrt((RADIUS + height) ** 2 - b**2), -np.sqrt(RADIUS**2 - b**2), -place * cosine
    halves, over = path.half, path.overburden
    length = float(path.atmosphere.length + over.length.sum() + 2.0 * halves.length.sum())
    np.testing.assert_allclose(length, detector - start, atol=1e-9)
    crossings = [s * np.sqrt(r**2 - b**2) for r in np.asarray(PREM.outer_radius) if r > b for s in (-1.0, 1.0)]
    cuts = sorted({enter, detector, *(x for x in crossings if enter < x < detector)})

    def integral(power):
        # The density is that of the shell at the middle of an interval, up to its ends.
        total = 0.0
        for low, high in pairwise(cuts):
            shell = int(np.searchsorted(np.asarray(PREM.outer_radius), np.hypot(0.5 * (low + high), b)))
            a = np.asarray(PREM.density[min(shell, 9)])
            l = 0.5 * (low + high) + 0.5 * (high - low) * NODES
            rho = np.polynomial.Polynomial(a)(np.hypot(l, b) / RADIUS)
            total += 0.5 * (high - low) * np.sum(WEIGHTS * rho * l**power)
        return total

    column = float(grams(over.column).sum() + 2.0 * grams(halves.column).sum())
    np.testing.assert_allclose(column, integral(0), rtol=1e-10, atol=1e-9)
    # The two halves cancel: the overburden, crossed inward, is what is left of the moment about the deepest point.
    ends = np.cumsum(np.concatenate([[enter], np.asarray(over.length)]))
    middles = 0.5 * (ends[:-1] + ends[1:])
    moment = float(np.sum(grams(over.moment) + middles * grams(over.column)))
    np.testing.assert_allclose(moment, integral(1), rtol=1e-9, atol=1e-6 * RADIUS)


@pytest.mark.parametrize("cosine", [-0.93, -0.838, -0.3, -0.02])
def test_moments_of_single_pieces(cosine):
    """Of electrons and of neutrons, of pieces in one shell and in several."""
    b = RADIUS * np.sqrt(1.0 - cosine**2)
    half = ThroughEarth(cosine, earth=EarthModel.prem(piece=400.0)).crossing().half
    ends = np.concatenate([[0.0], np.cumsum(np.asarray(half.length))])
    radii = np.asarray(PREM.outer_radius)
    crossings = np.sqrt(np.maximum(radii**2 - b**2, 0.0))
    for i, (low, high) in enumerate(pairwise(ends)):
        assert high - low < 400.0 + 1e-9
        inside = [x for x in crossings if low + 1e-9 < x < high - 1e-9]
        exact = np.zeros((2, 2))
        for start, stop in pairwise([low, *inside, high]):
            shell = min(int(np.searchsorted(radii, np.hypot(0.5 * (start + stop), b))), 9)
            l = 0.5 * (start + stop) + 0.5 * (stop - start) * NODES
            rho = np.polynomial.Polynomial(np.asarray(PREM.density[shell]))(np.hypot(l, b) / RADIUS)
            fraction = float(PREM.electron_fraction[shell])
            for k, share in enumerate((fraction, 1.0 - fraction)):
                grid = 0.5 * (stop - start) * WEIGHTS * rho * share
                exact[k] += grid.sum(), (grid * (l - 0.5 * (low + high))).sum()
        found = [[column[i], moment[i]] for column, moment in zip(half.column, half.moment, strict=True)]
        np.testing.assert_allclose(found, exact, rtol=1e-8, atol=1e-6)
    assert sum(np.diff(ends) > 0.0) <= PREM.most_pieces + 5


def integrated(energy, cosine, *, height, depth, antineutrino=False, nsi=None, mass_squared=M):
    """P by integration of i dS/dl = H(l) S along the line."""
    place = RADIUS - depth
    b = place * np.sqrt((1.0 - cosine) * (1.0 + cosine))
    beam = {"antineutrino": antineutrino, "nsi": nsi}
    H0 = np.asarray(matter.hamiltonian(mass_squared, energy, **beam))
    n = len(H0)
    edges = [r for r in (*PREM.outer_radius.tolist(), RADIUS + height) if r > b]
    detector = -place * cosine
    start = -np.sqrt((RADIUS + height) ** 2 - b**2)
    crossings = {s * np.sqrt(r**2 - b**2) for r in edges for s in (-1.0, 1.0)}
    cuts = sorted({start, detector, *(x for x in crossings if start < x < detector)})
    S = np.eye(n, dtype=complex)
    for low, high in pairwise(cuts):
        shell = int(np.searchsorted(np.asarray(PREM.outer_radius), np.hypot(0.5 * (low + high), b)))
        if shell < 10:
            rho = np.polynomial.Polynomial(np.asarray(PREM.density[shell]))
            fraction = float(PREM.electron_fraction[shell])
            unit = np.asarray(matter.hamiltonian(0 * M0(n), 1.0, density=1.0, electron_fraction=fraction, **beam))
        else:
            rho, unit = np.polynomial.Polynomial([0.0]), np.zeros((n, n))

        def slope(l, y, rho=rho, unit=unit):
            return (-1j * (H0 + rho(np.hypot(l, b) / RADIUS) * unit) @ y.reshape(n, n)).ravel()

        S = solve_ivp(slope, (low, high), S.ravel(), method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1].reshape(n, n)
    return np.abs(S.T) ** 2


def M0(n):
    return np.zeros((n, n), dtype=complex)


@pytest.mark.parametrize(
    ("energy", "cosine", "beam"),
    [
        (4000.0, -0.95, {}),
        (2500.0, -0.6, {"antineutrino": True}),
        (6000.0, -0.87, {"nsi": True}),
        (3000.0, -0.5, {"nsi": True, "antineutrino": True}),
        (2000.0, 0.05, {}),
    ],
)
def test_probability_against_integration(energy, cosine, beam):
    if "nsi" in beam:
        beam = beam | {"nsi": 0.2 * random_hermitian(np.random.default_rng(0), 3)}
    where = {"production_height": 20.0, "detector_depth": 2.5}
    exact = integrated(energy, cosine, height=20.0, depth=2.5, **beam)
    fine = probability(M, energy, ThroughEarth(cosine, earth=EarthModel.prem(piece=25.0), **where), **beam)
    np.testing.assert_allclose(fine, exact, atol=3e-6)
    np.testing.assert_allclose(probability(M, energy, ThroughEarth(cosine, **where), **beam), exact, atol=3e-3)


def test_error_falls_with_the_fourth_power_of_the_pieces():
    half = 0.9 * RADIUS
    balls = {n: EarthModel([RADIUS], [[13.0, 0.0, -8.0, -2.0]], 0.47, piece=half / n) for n in (8, 16, 32, 256)}
    P = {n: probability(M, 3000.0, ThroughEarth(-0.9, earth=ball)) for n, ball in balls.items()}
    errors = [np.abs(P[n] - P[256]).max() for n in (8, 16, 32)]
    assert errors[0] / errors[1] > 12.0
    assert errors[1] / errors[2] > 12.0


def test_error_of_the_pieces():
    """What `EarthModel` promises of its default, above 1 GeV and above 0.1 GeV."""
    cosine = np.linspace(-1.0, -0.005, 60)[:, None]
    for lowest, median, largest in ((1e3, 2e-6, 5e-4), (1e2, 2e-5, 1.1e-2)):
        energy = np.geomspace(lowest, 3e4, 60)
        exact = probability(M, energy, ThroughEarth(cosine, earth=FINE))
        error = np.abs(probability(M, energy, ThroughEarth(cosine)) - exact).max((-1, -2))
        assert np.median(error) < median
        assert error.max() < largest


def test_number_of_pieces_is_enough():
    """Pieces cover the chord, none is longer than asked for, and none crosses into a shell that shares none."""
    for piece in (37.0, 600.0, 1e5):
        earth = EarthModel.prem(piece=piece)
        cosine = -np.linspace(0.0, 1.0, 2001)
        half = np.asarray(ThroughEarth(cosine, earth=earth).crossing().half.length)
        np.testing.assert_allclose(half.sum(0), -RADIUS * cosine, rtol=1e-13, atol=1e-9)
        assert half.max() <= piece * (1.0 + 1e-12)


def test_flat_shells_are_layers():
    """Against the chords of homogeneous shells, worked out here."""
    edges, densities, fractions = map(np.array, ([1500.0, 3480.0, 6371.0], [13.0, 11.0, 4.5], [0.466, 0.466, 0.494]))
    earth = EarthModel(edges, densities, fractions, piece=1e4)
    for cosine in (-1.0, -0.9, -0.6, -0.2):
        b = RADIUS * np.sqrt(1.0 - cosine**2)
        half = np.sqrt(np.maximum(np.array([0.0, 1500.0, 3480.0, 6371.0]) ** 2 - b**2, 0.0))
        steps = np.diff(half)
        order = [2, 1, 0, 0, 1, 2]
        P = probability(
            M,
            2e3,
            Layers(steps[order], np.array([13.0, 11.0, 4.5])[order], np.array([0.466, 0.466, 0.494])[order]),
            antineutrino=True,
        )
        np.testing.assert_allclose(
            probability(M, 2e3, ThroughEarth(cosine, earth=earth), antineutrino=True), P, atol=1e-12
        )


def test_homogeneous_sphere_is_constant_density():
    ball = EarthModel(np.array([RADIUS]), np.array([5.5]), 0.49)
    P = probability(M, 3e3, Uniform(2.0 * RADIUS * 0.7, density=5.5, electron_fraction=0.49))
    np.testing.assert_allclose(probability(M, 3e3, ThroughEarth(-0.7, earth=ball)), P, atol=1e-12)


def test_flattening_keeps_the_mass():
    flat = PREM.flattened()

    def mass(earth):
        r = np.concatenate([[0.0], np.asarray(earth.outer_radius)])
        powers = np.arange(4) + 3
        shells = (r[1:, None] ** powers - r[:-1, None] ** powers) / powers / RADIUS ** np.arange(4)
        return float((np.asarray(earth.density) * shells).sum())

    np.testing.assert_allclose(mass(flat), mass(PREM), rtol=1e-13)
    assert flat.outer_radius.size == 38
    assert np.diff(np.asarray(flat.outer_radius)).max() <= 200.0


def test_four_flavors_agree_with_three():
    four = np.zeros((4, 4), dtype=complex)
    four[:3, :3], four[3, 3] = M, 0.5
    path = ThroughEarth(-0.9, production_height=10.0, detector_depth=1.0)
    eps = 0.2 * random_hermitian(np.random.default_rng(5), 3)
    for nsi in (None, eps):
        P = probability(four, 3e3, path, antineutrino=True, nsi=nsi)[:3, :3]
        np.testing.assert_allclose(P, probability(M, 3e3, path, antineutrino=True, nsi=nsi), atol=1e-12)


def test_probability_amplitude_and_density_matrix_agree():
    energy, cosine = np.geomspace(300.0, 1e4, 4)[:, None], np.linspace(-1.0, 1.0, 5)
    P = np.asarray(probability(M, energy, ThroughEarth(cosine, production_height=15.0)))
    S = np.asarray(amplitude(M, energy, ThroughEarth(cosine, production_height=15.0)))
    rho = np.asarray(density_matrix(M, energy, ThroughEarth(cosine, production_height=15.0)))
    assert P.shape == (4, 5, 3, 3)
    np.testing.assert_allclose(np.abs(np.swapaxes(S, -1, -2)) ** 2, P, atol=1e-13)
    np.testing.assert_allclose(np.einsum("...abb->...ab", rho), P, atol=1e-13)
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)


def test_reversed_time():
    """The Earth looks the same from both ends of a chord: P(a -> b) of M is P(b -> a) of M^*."""
    P = probability(M, 2e3, ThroughEarth(-0.8))
    np.testing.assert_allclose(probability(jnp.conj(M), 2e3, ThroughEarth(-0.8)), np.swapaxes(P, -1, -2), atol=1e-12)


# Derivatives

TANGENT = -float(np.sqrt(1.0 - (3480.0 / RADIUS) ** 2))
DEMOCRATIC = 8e-4 * (np.ones((3, 3)) - np.eye(3)) @ (np.ones((3, 3)) - np.eye(3))
DIRECTION = 1e-3 * random_hermitian(np.random.default_rng(6), 3)


def of_theory(x, matrix, cosine):
    eps = x[1] * random_hermitian(np.random.default_rng(7), 3)
    return probability(matrix + x[0] * DIRECTION, 2500.0, ThroughEarth(cosine, production_height=15.0), nsi=eps)[1]


@pytest.mark.parametrize("cosine", [-1.0, TANGENT, -0.3, 0.0, 1.0])
@pytest.mark.parametrize("matrix", [np.asarray(M), DEMOCRATIC + 0j, np.diag([0.0, 7.5e-5, 2.5e-3]) + 0j])
def test_gradients_in_the_theory(matrix, cosine):
    check_derivatives(of_theory, np.zeros(2), matrix, cosine, rtol=1e-6, atol=3e-8, scale=1e-3)


def test_hessians_agree_between_modes():
    x = jnp.zeros(2)
    f = lambda x: of_theory(x, DEMOCRATIC, -0.9)[0]  # noqa: E731
    found = [np.asarray(hessian(x)) for hessian in hessians(f, outer=["forward"]).values()]
    step = 1e-5
    gradient = jax.jit(jax.grad(f))
    differences = np.stack([(gradient(x + step * e) - gradient(x - step * e)) / (2 * step) for e in np.eye(2)])
    for hessian in found:
        np.testing.assert_allclose(hessian, found[0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(hessian, differences, rtol=1e-6, atol=1e-6)


def test_gradients_in_the_earth():
    """Densities, radii, electron fractions, height and depth."""

    def f(x):
        fields = (
            PREM.outer_radius + x[0] * jnp.arange(10.0),
            PREM.density * (1.0 + x[1]),
            PREM.electron_fraction + x[2],
        )
        earth = eqx.tree_at(lambda e: (e.outer_radius, e.density, e.electron_fraction), PREM, fields)
        return probability(
            M, 3e3, ThroughEarth(-0.95 + x[5], earth=earth, production_height=15 + x[3], detector_depth=2 + x[4])
        )[1]

    check_derivatives(f, np.zeros(6), rtol=1e-5, atol=1e-7)


def test_gradients_in_the_zenith_angle_stay_finite():
    slope = jax.jit(
        jax.jacrev(lambda c: probability(M, 3e3, ThroughEarth(c, production_height=15.0, detector_depth=1.0)))
    )
    for cosine in (-1.0, TANGENT, -1e-300, 0.0, 1e-9, 1.0):
        assert np.all(np.isfinite(slope(cosine))), cosine
    straight_up = jax.jit(lambda c: probability(M, 3e3, ThroughEarth(c)))
    one_sided = (straight_up(-1.0 + 1e-7) - straight_up(-1.0)) / 1e-7
    exact = jax.jit(jax.jacrev(straight_up))(-1.0)
    np.testing.assert_allclose(exact, one_sided, rtol=1e-4, atol=1e-4)


# Errors

GOOD = {"mass_squared": np.eye(3), "energy": 1e3, "cos_zenith": -0.5}


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("cos_zenith", -1.01, "lie in"),
        ("cos_zenith", [0.0, 1.5], "at index 1"),
        ("cos_zenith", np.nan, "finite"),
        ("energy", -1.0, "lie in"),
        ("production_height", -1.0, "km"),
        ("detector_depth", 11.0, "km"),
        ("nsi", np.triu(np.ones((3, 3))), "Hermitian"),
        ("antineutrino", 0, "boolean"),
    ],
)
def test_bad_arguments_are_named(name, value, why):
    with pytest.raises(ValueError, match=f"Argument `{name}` must .*{why}"):
        along(probability, ThroughEarth, **GOOD | {name: value})


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("outer_radius", ([2.0, 1.0], [1.0, 1.0], 0.5), "increase"),
        ("outer_radius", ([-1.0], [1.0], 0.5), "lie in"),
        ("outer_radius", (1.0, [1.0], 0.5), "shape"),
        ("density", ([1.0], [1.0, 2.0], 0.5), "row per shell"),
        ("density", ([1.0], [-1.0], 0.5), "g/cm"),
        ("electron_fraction", ([1.0], [1.0], 1.5), "lie in"),
        ("electron_fraction", ([1.0, 2.0], [1.0, 2.0], [0.5, 0.5, 0.5]), "shape"),
    ],
)
def test_impossible_earths(name, arguments, why):
    with pytest.raises(ValueError, match=f"Argument `{name}` must .*{why}"):
        EarthModel(*arguments)


def test_impossible_pieces():
    for piece in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="`piece`"):
            EarthModel.prem(piece=piece)
    for joined in ([True], [False, True], [False]):
        with pytest.raises(ValueError, match="`joined`"):
            EarthModel([10.0, 20.0, 30.0], [3.0, 2.0, 1.0], 0.5, joined=joined)
    with pytest.raises(ValueError, match="`thickness`"):
        PREM.flattened(thickness=0.0)
