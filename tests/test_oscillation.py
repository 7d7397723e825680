import time
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import (
    along,
    assert_close,
    gradients,
    hessians,
    mp_amplitude,
    mp_array,
    mp_derivatives,
    mp_probability,
    uniform,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from nmmjax import matter, mixing
from nmmjax.constants import PDG_2026, Constants
from nmmjax.media import FromSun, InOrder, Matter, Path, SolarModel, Stretch
from nmmjax.oscillation import (
    Incoherent,
    Layers,
    OverBaselines,
    Smeared,
    ThroughEarth,
    Uniform,
    WavePackets,
    amplitude,
    density_matrix,
    probability,
)

SCALE = 2.5e-3  # eV^2


def hermitian(matrix):
    return 0.5 * (matrix + np.conj(np.swapaxes(matrix, -1, -2)))


def random_points(count, flavors, seed):
    """Matrices, energies, baselines, densities, electron fractions and flags, with every degeneracy among them."""
    rng = np.random.default_rng(seed)
    masses, angles = [], []
    for i in range(count):
        dm21, dm31 = 10.0 ** rng.uniform(-6, -3), rng.choice([-1, 1]) * 10.0 ** rng.uniform(-3.5, -2)
        theta = rng.uniform(0.0, 2 * np.pi, 4)
        dm21 = 0.0 if i % 5 == 1 else dm21
        theta[1] = 0.0 if i % 5 == 2 else theta[1]
        dm31 = dm21 if i % 5 == 3 else dm31
        angles.append(theta)
        masses.append((dm21, dm31))
    U = np.asarray(mixing.pmns(*np.transpose(angles)))
    m2 = np.concatenate([np.zeros((count, 1)), masses, rng.uniform(-1e-2, 1.0, (count, flavors - 3))], axis=1)
    if flavors > 3:
        full = np.broadcast_to(np.eye(flavors, dtype=complex), (count, flavors, flavors)).copy()
        full[:, :3, :3] = U
        random = rng.normal(size=full.shape) + 1j * rng.normal(size=full.shape)
        U = full @ np.linalg.qr(np.eye(flavors) + 0.2 * random)[0]
    M = hermitian((U * m2[:, None, :]) @ np.conj(np.swapaxes(U, -1, -2)))
    energy = 10.0 ** rng.uniform(0, 5, count)
    density = np.where(np.arange(count) % 4 == 0, 0.0, 10.0 ** rng.uniform(-1, np.log10(150.0), count))
    fraction = rng.uniform(0.0, 1.0, count)
    anti = np.arange(count) % 2 == 1
    H = np.asarray(matter.hamiltonian(M, energy, density=density, electron_fraction=fraction, antineutrino=anti))
    phase = np.where(np.arange(count) % 3 == 0, 1e3, 10.0 ** rng.uniform(-9, 3, count))
    baseline = phase / np.ptp(np.linalg.eigvalsh(H), axis=-1)
    return M, energy, baseline, density, fraction, anti


@pytest.mark.parametrize(("flavors", "count"), [(3, 150), (4, 40)])
def test_value_against_mpmath(flavors, count):
    points = random_points(count, flavors, seed=7)
    M, energy, baseline, density, fraction, anti = points
    keywords = {"density": density, "electron_fraction": fraction, "antineutrino": anti}
    P = np.asarray(uniform(probability, M, energy, baseline, **keywords))
    S = np.asarray(uniform(amplitude, M, energy, baseline, **keywords))
    rho = np.asarray(uniform(density_matrix, M, energy, baseline, **keywords))
    assert np.all(P >= 0.0)
    with mpmath.workdps(50):
        for i in range(count):
            numbers = [mpmath.mpf(float(x[i])) for x in (energy, baseline, density, fraction)]
            reference = mp_amplitude(mp_array(M[i]), *numbers, bool(anti[i]))
            assert np.abs(P[i] - mp_probability(reference).astype(float)).max() < 1e-12, i
            exact = reference.astype(complex)
            assert np.abs(S[i] - exact).max() < 1e-12, i
            assert np.abs(rho[i] - np.einsum("ba,ca->abc", exact, exact.conj())).max() < 1e-12, i


def test_other_constants():
    constants = Constants(fermi_constant=1.2e-5, hbar_c=200.0, avogadro=6e23)
    M, energy, baseline, density, fraction, _ = (x[1] for x in random_points(2, 3, seed=1))
    P = probability(M, energy, Uniform(baseline, density=density, electron_fraction=fraction), constants=constants)
    with mpmath.workdps(50):
        numbers = [mpmath.mpf(float(x)) for x in (energy, baseline, density, fraction)]
        exact = mp_probability(mp_amplitude(mp_array(M), *numbers, False, constants)).astype(float)
    np.testing.assert_allclose(P, exact, rtol=0, atol=1e-12)


# Derivatives

U0 = np.asarray(mixing.pmns(0.58, 0.15, 0.8, -2.1))
DEMOCRATIC = 4e-4 * (np.ones((3, 3)) - np.eye(3))


def from_masses(*m2, U=U0):
    return hermitian((U * np.array(m2)) @ U.conj().T)


CASES = {
    "all masses zero": (np.zeros((3, 3)), 0.0),
    "all masses equal": (0.01 * np.eye(3), 0.0),
    "all masses equal in matter": (0.01 * np.eye(3), 3.0),
    "dm21 = 0": (from_masses(0.0, 0.0, SCALE), 0.0),
    "dm21 = 0, exactly": (np.diag([0.0, 0.0, SCALE]), 0.0),
    "dm31 = 0": (from_masses(0.0, SCALE, 0.0), 0.0),
    "dm31 = 0, exactly": (np.diag([0.0, SCALE, 0.0]), 0.0),
    "dm32 = 0 in matter": (np.diag([0.0, SCALE, SCALE]), 5.0),
    "inverted": (from_masses(SCALE, SCALE, 0.0), 2.6),
    "democratic": (DEMOCRATIC @ DEMOCRATIC / 4e-4, 0.0),
    "no mixing": (np.diag([0.0, 7.5e-5, SCALE]), 4.0),
    "theta13 = 0": (from_masses(0.0, 7.5e-5, SCALE, U=np.asarray(mixing.pmns(0.6, 0.0, np.pi / 4))), 0.0),
    "equally spaced": (np.diag([0.0, SCALE, 2 * SCALE]), 0.0),
    "tiny phases": (1e-6 * from_masses(0.0, 7.5e-5, SCALE), 0.0),
    "tinier phases": (1e-11 * from_masses(0.0, 7.5e-5, SCALE), 0.0),
    "generic": (from_masses(0.0, 7.5e-5, SCALE), 8.0),
}
rng = np.random.default_rng(3)
DIRECTIONS = SCALE * hermitian(rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3)))
ENERGY, BASELINE, FRACTION = 1500.0, 2000.0, 0.48


def perturbed(x, M, density, directions):
    """All probabilities at x: two directions of the mass matrix, then energy, baseline, density."""
    M = M + x[0] * directions[0] + x[1] * directions[1]
    keywords = {"density": density + x[4], "electron_fraction": FRACTION}
    return uniform(probability, M, ENERGY * (1.0 + x[2]), BASELINE * (1.0 + x[3]), **keywords)


def exact_derivatives(M, density, directions):
    M, directions = mp_array(M), mp_array(directions)

    def f(x):
        matrix = M + x[0] * directions[0] + x[1] * directions[1]
        energy, baseline = mpmath.mpf(ENERGY) * (1 + x[2]), mpmath.mpf(BASELINE) * (1 + x[3])
        return mp_probability(
            mp_amplitude(matrix, energy, baseline, mpmath.mpf(density) + x[4], mpmath.mpf(FRACTION), False)
        )

    return mp_derivatives(f, 5)


def test_derivatives_at_degeneracy():
    first, second = gradients(perturbed), hessians(perturbed)
    for name, (M, density) in CASES.items():
        M = jnp.asarray(M, complex)
        value, gradient, hessian = exact_derivatives(M, density, DIRECTIONS)
        arguments = (jnp.zeros(5), M, density, DIRECTIONS)
        scale = 0.0 if np.abs(gradient).max() > 1e-20 else 1.0  # a stationary point
        assert_close(perturbed(*arguments), value, 1e-13, name)
        for mode, f in first.items():
            assert_close(f(*arguments), gradient, 1e-12, f"{name}, {mode}", scale=scale)
        for mode, f in second.items():
            assert_close(f(*arguments), hessian, 1e-11, f"{name}, {mode}")


def test_derivatives_with_sterile_states():
    """Two pairs of degenerate states out of four."""
    rng = np.random.default_rng(5)
    directions = SCALE * hermitian(rng.normal(size=(2, 4, 4)) + 1j * rng.normal(size=(2, 4, 4)))
    M = np.diag([0.0, SCALE, SCALE, 0.0]).astype(complex)
    _, gradient, hessian = exact_derivatives(M, 2.0, directions)
    arguments = (jnp.zeros(5), M, 2.0, directions)
    assert_close(jax.jit(jax.jacrev(perturbed))(*arguments), gradient, 1e-12, scale=1.0)
    assert_close(jax.jit(jax.hessian(perturbed))(*arguments), hessian, 1e-11)


# Physics

matrices = st.builds(
    lambda t12, t13, t23, d, dm21, dm31, m1: (
        mixing.mass_squared_matrix(mixing.pmns(t12, t13, t23, d), dm21, dm31) + m1 * jnp.eye(3)
    ),
    *4 * [st.floats(-7.0, 7.0)],
    *2 * [st.floats(-5e-3, 5e-3)],
    st.floats(0.0, 0.1),
)
settings_of_beam = st.fixed_dictionaries(
    {
        "energy": st.floats(1.0, 1e5),
        "baseline": st.floats(0.0, 13000.0),
        "density": st.floats(0.0, 150.0),
        "electron_fraction": st.floats(0.0, 1.0),
    }
)
examples = settings(max_examples=40, deadline=None)


@examples
@given(matrices, settings_of_beam, st.booleans())
def test_probability_is_conserved(M, beam, antineutrino):
    P = np.asarray(uniform(probability, M, **beam, antineutrino=antineutrino))
    np.testing.assert_allclose(P.sum(-1), 1.0, rtol=0, atol=1e-9)
    np.testing.assert_allclose(P.sum(-2), 1.0, rtol=0, atol=1e-9)
    assert P.min() >= 0.0


@examples
@given(matrices, settings_of_beam)
def test_reversal_of_charge_and_of_time(M, beam):
    """Conjugating the matrix of masses reverses time; in vacuum it also turns neutrinos into antineutrinos (CPT)."""
    forward = np.asarray(uniform(probability, M, **beam))
    np.testing.assert_allclose(uniform(probability, jnp.conj(M), **beam), forward.T, rtol=0, atol=1e-9)
    vacuum = beam | {"density": 0.0}
    anti = uniform(probability, M, **vacuum, antineutrino=True)
    np.testing.assert_allclose(anti, np.asarray(uniform(probability, M, **vacuum)).T, rtol=0, atol=1e-9)


@examples
@given(matrices, settings_of_beam)
def test_potentials_of_antineutrinos_are_opposite(M, beam):
    """H of antineutrinos is -H^* of neutrinos with the opposite mass matrix."""
    anti = uniform(probability, M, **beam, antineutrino=True)
    np.testing.assert_allclose(anti, uniform(probability, -M, **beam), rtol=0, atol=1e-9)


@examples
@given(matrices, settings_of_beam, st.tuples(*3 * [st.floats(-4.0, 4.0)]))
def test_phases_of_flavors_do_not_matter(M, beam, phases):
    D = np.exp(1j * np.array(phases))
    rotated = D[:, None] * np.asarray(M) * D.conj()
    np.testing.assert_allclose(
        uniform(probability, rotated, **beam), uniform(probability, M, **beam), rtol=0, atol=1e-9
    )


@examples
@given(matrices, settings_of_beam, st.floats(0.0, 1000.0))
def test_baselines_add_up(M, beam, further):
    S = np.asarray(uniform(amplitude, M, **beam))
    tail = np.asarray(uniform(amplitude, M, **beam | {"baseline": further}))
    whole = uniform(amplitude, M, **beam | {"baseline": beam["baseline"] + further})
    np.testing.assert_allclose(whole, tail @ S, rtol=0, atol=1e-8)


@examples
@given(matrices, settings_of_beam)
def test_a_decoupled_sterile_state_changes_nothing(M, beam):
    four = np.zeros((4, 4), dtype=complex)
    four[:3, :3], four[3, 3] = M, 1.0
    P = np.asarray(uniform(probability, four, **beam))
    np.testing.assert_allclose(P[:3, :3], uniform(probability, M, **beam), rtol=0, atol=1e-8)
    np.testing.assert_allclose(P[3], [0, 0, 0, 1], rtol=0, atol=1e-9)


@examples
@given(settings_of_beam, st.floats(-7.0, 7.0), st.floats(-5e-3, 5e-3), st.booleans())
def test_two_flavors_in_matter(beam, theta, dm2, antineutrino):
    """P(e -> mu) = sin^2 2theta / C^2 sin^2(C dm2 L / 4E), C^2 = (cos 2theta - A)^2 + sin^2 2theta, A = 2 E V / dm2."""
    M = mixing.mass_squared_matrix(mixing.pmns(theta, 0.0, 0.0), dm2, 1e-3)
    potential = matter.charged_current_potential(beam["density"], beam["electron_fraction"])
    half = PDG_2026.phase * dm2 / (2.0 * beam["energy"])
    x, y = half * np.sin(2 * theta), half * np.cos(2 * theta) - (-1) ** antineutrino * float(potential) / 2.0
    gap = np.hypot(x, y)
    expected = (x * beam["baseline"] * np.sinc(gap * beam["baseline"] / np.pi)) ** 2
    P = uniform(probability, M, **beam, antineutrino=antineutrino)
    np.testing.assert_allclose(P[0, 1], expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(P[1, 0], expected, rtol=0, atol=1e-9)


def test_phase_and_potential_of_the_literature():
    """dm2 L / 4E = 1.266932679420 in eV^2 km / GeV; sqrt(2) G_F N_A = 3.867928682013e-4 km^-1 per mole and cm^3."""
    quarter = matter.vacuum_hamiltonian(jnp.eye(3), 1000.0)[0, 0].real / 2.0
    np.testing.assert_allclose(quarter, 1.266932679420, rtol=1e-12)
    np.testing.assert_allclose(matter.charged_current_potential(1.0, 1.0), 3.867928682013e-4, rtol=1e-12)
    np.testing.assert_allclose(matter.neutral_current_potential(1.0, 0.0), -3.867928682013e-4 / 2, rtol=1e-12)


def test_potentials_of_sterile_states():
    """Leaving out the neutral current of e, mu and tau, it is there with the other sign for sterile states."""
    charged, neutral = matter.charged_current_potential(3.0, 0.4), matter.neutral_current_potential(3.0, 0.4)
    V = matter.hamiltonian(np.zeros((5, 5)), 1e3, density=3.0, electron_fraction=0.4)
    np.testing.assert_allclose(np.diag(V).real, [charged, 0.0, 0.0, -neutral, -neutral], rtol=1e-15)
    np.testing.assert_allclose(-neutral / charged, 0.6 / 0.4 / 2.0, rtol=1e-12)


def test_regeneration_in_the_earth():
    """P(nu_2 -> nu_e) of 10 MeV solar neutrinos through 3000 km with 2.5 moles of electrons per cm^3."""
    theta12, theta13 = np.deg2rad([33.41, 8.58])
    U = mixing.pmns(theta12, 0.0, 0.0)
    M = mixing.mass_squared_matrix(U, 7.41e-5, 2.5e-3)
    S = amplitude(M, 10.0, Uniform(3000.0, density=5.0 * np.cos(theta13) ** 2))
    np.testing.assert_allclose(jnp.abs((S @ U)[0, 1]) ** 2, 0.3188608998, atol=1e-10)


def test_phases_beyond_the_digits_stay_unitary():
    M = mixing.mass_squared_matrix(mixing.pmns(0.58, 0.15, 0.8, -2.1), 7.5e-5, SCALE)
    baseline = 10.0 ** jnp.arange(0.0, 31.0)
    S = amplitude(M, 10.0, Uniform(baseline))
    np.testing.assert_allclose(S @ jnp.conj(jnp.swapaxes(S, -1, -2)), np.broadcast_to(np.eye(3), S.shape), atol=1e-12)


# Shapes, types and errors


def test_everything_broadcasts():
    M = mixing.mass_squared_matrix(mixing.pmns(0.58, 0.15, jnp.linspace(0.6, 0.9, 2), 1.0), 7.5e-5, SCALE)
    energy, baseline = np.array([1e3, 2e3, 3e3])[:, None, None], np.array([300.0, 1300.0])[:, None, None, None]
    density, fraction, anti = np.array([0.0, 2.8]), np.array([0.4, 0.5]), np.array([[True], [False]])
    keywords = {"density": density, "electron_fraction": fraction, "antineutrino": anti}
    P = uniform(probability, M, energy, baseline, **keywords)
    assert P.shape == (2, 3, 2, 2, 3, 3)
    assert uniform(density_matrix, M, energy, baseline, **keywords).shape == (2, 3, 2, 2, 3, 3, 3)
    single = probability(M[1], 2e3, Uniform(1300.0, density=2.8, electron_fraction=0.5), antineutrino=True)
    np.testing.assert_allclose(P[1, 1, 0, 1], single, atol=1e-14)
    mapped = jax.vmap(lambda e: probability(M, e, Uniform(1300.0, density=2.8), antineutrino=True))(
        jnp.array([1e3, 2e3])
    )
    np.testing.assert_allclose(mapped[1, 1], single, atol=1e-14)
    sterile = np.zeros((2, 4, 4), dtype=complex)
    sterile[:, :3, :3] = M
    np.testing.assert_allclose(uniform(probability, sterile, energy, baseline, **keywords)[..., :3, :3], P, atol=1e-12)


def test_empty_batch():
    assert probability(jnp.eye(3), np.zeros(0), Uniform(1.0)).shape == (0, 3, 3)


def test_single_precision_stays_single():
    M = mixing.mass_squared_matrix(mixing.pmns(0.58, 0.15, 0.8, -2.1), 7.5e-5, SCALE)
    energy = np.linspace(500, 5000, 9)
    single = probability(M.astype(jnp.complex64), energy.astype(np.float32), Uniform(np.float32(1300.0), density=2.8))
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, probability(M, energy, Uniform(1300.0, density=2.8)), atol=2e-5)


GOOD = {"mass_squared": np.eye(3), "energy": 1000.0, "baseline": 300.0}
BAD = [
    ("mass_squared", np.eye(2), "shape"),
    ("mass_squared", np.ones((3, 4)), "shape"),
    ("mass_squared", np.triu(np.ones((3, 3))), "Hermitian"),
    ("mass_squared", np.full((3, 3), np.nan), "finite"),
    ("energy", 0.0, "lie in"),
    ("energy", np.array([1.0, -2.0]), "at index 1"),
    ("energy", np.nan, "finite"),
    ("energy", 1.0 + 2.0j, "real"),
    ("baseline", -1.0, "km"),
    ("baseline", np.inf, "finite"),
    ("density", -1.0, "g/cm"),
    ("electron_fraction", 1.1, "lie in"),
    ("electron_fraction", -0.1, "lie in"),
    ("antineutrino", 1, "boolean"),
    ("antineutrino", -1.0, "boolean"),
    ("nsi", np.triu(np.ones((3, 3))), "Hermitian"),
    ("nsi", np.zeros((4, 4)), "shape"),
    ("nsi", np.diag([0.1, np.nan, 0.0]), "finite"),
]


@pytest.mark.parametrize("function", [probability, amplitude, density_matrix])
@pytest.mark.parametrize(("name", "value", "why"), BAD)
def test_bad_arguments_are_named(function, name, value, why):
    with pytest.raises(ValueError, match=f"Argument `{name}` must .*{why}"):
        along(function, Uniform, **GOOD | {name: value})


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ValueError, match="broadcast"):
        probability(np.eye(3), np.ones(2), Uniform(np.ones(3)))


# What comes in


def test_precision_is_that_of_the_mass_matrix():
    M = np.asarray(mixing.mass_squared_matrix(mixing.pmns(0.59, 0.15, 0.74, -2.5), 7.5e-5, 2.5e-3))
    coarse = {"energy": np.float32([500.0, 600.0]), "cos_zenith": np.float32(-0.7)}
    found = along(probability, ThroughEarth, mass_squared=M, **coarse)
    assert found.dtype == jnp.float64
    np.testing.assert_array_equal(
        found, along(probability, ThroughEarth, mass_squared=M, **{name: np.float64(x) for name, x in coarse.items()})
    )
    single = probability(M.astype(np.complex64), 500.0, ThroughEarth(-0.7))
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, found[0], atol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda M: probability(M, -1.0, Uniform(500.0)), "`energy` must lie in"),
        (lambda M: probability(M, np.array([1.0, 0.0]), Uniform(500.0)), "`energy` must lie in .* at index 1"),
        (lambda M: probability(M, 1e3, Uniform(500.0), nsi=np.triu(np.ones((3, 3)))), "`nsi` must be Hermitian"),
        (lambda M: probability(M, 1e3, ThroughEarth(1.5)), "`cos_zenith` must lie in"),
        (lambda M: probability(M, 1e3 + 1j, Uniform(500.0)), "`energy` must be real"),
        (lambda M: probability(M, "much", Uniform(500.0)), "`energy` must be a number or an array, but it is 'much'"),
        (lambda M: probability(M, np.ones(3), Uniform(np.ones(4))), "`baseline` must broadcast"),
        (lambda M: probability(M, 1e3, Uniform(500.0), nsi=np.eye(3, dtype=bool)), "`nsi` must hold numbers"),
        (
            lambda M: probability(M, 1e3, ThroughEarth(-1.0, earth="prem")),
            "`earth` must be an object of the class EarthModel",
        ),
        (lambda M: probability(M, 3.0, Uniform(180.0), average=OverBaselines(100.0)), "`farthest` must be at least"),
    ],
)
def test_constants_are_checked_inside_jit_too(call, message):
    M = mixing.mass_squared_matrix(mixing.pmns(0.59, 0.15, 0.74), 7.5e-5, 2.5e-3)
    for run in (call, jax.jit(call)):
        with pytest.raises(ValueError, match=message):
            run(M)


def test_booleans_are_no_masses():
    with pytest.raises(ValueError, match="`mass_squared` must hold numbers"):
        probability(np.eye(3, dtype=bool), 1e3, Uniform(500.0))


# Paths and averages as objects

MASSES = np.asarray(mixing.mass_squared_matrix(mixing.pmns(0.59, 0.15, 0.74, -2.5), 7.5e-5, SCALE))
SUN = SolarModel.b16_gs98()


@pytest.mark.parametrize("path", [295.0, "Uniform", Uniform, np.array([1.0, 2.0]), None])
@pytest.mark.parametrize("function", [probability, amplitude, density_matrix])
def test_a_path_is_an_object(function, path):
    with pytest.raises(ValueError, match=r"`path` must be an object of the class Path \(Uniform, .*, but it is"):
        function(MASSES, 1e3, path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: amplitude(MASSES, 10.0, FromSun(SUN, "b8")), "`path` must .* but it is FromSun"),
        (lambda: probability(MASSES, 10.0, FromSun(SUN, "b8"), antineutrino=True), "`antineutrino` must be False for"),
        (
            lambda: probability(MASSES, 10.0, FromSun(SUN, "b8"), average=Incoherent(1e-9)),
            "`average` must be None for FromSun, .* but it is Incoherent",
        ),
        (
            lambda: probability(MASSES, 10.0, ThroughEarth(-0.5), average=WavePackets(1e-9)),
            "`average` must be None for ThroughEarth; .* but it is WavePackets, which needs Uniform",
        ),
        (
            lambda: density_matrix(MASSES, 10.0, Layers([1.0], [2.0]), average=Smeared(energy_spread=1.0)),
            "`average` must be None for Layers; .* but it is Smeared",
        ),
        (
            lambda: probability(MASSES, 10.0, Uniform(1.0), average=Smeared),
            r"`average` must be an object of the class Average \(Smeared",
        ),
        (
            lambda: probability(MASSES, 10.0, Uniform(1.0), average="smeared"),
            r"`average` must be an object of the class Average \(Smeared",
        ),
        (lambda: Uniform(np.ones(2), density=np.ones(3)), "`density` must broadcast"),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_shapes_of_paths_are_checked_while_tracing():
    with pytest.raises(ValueError, match="`density` must broadcast"):
        jax.eval_shape(lambda L: Uniform(L, density=jnp.ones(3)), jnp.ones(2))
    with pytest.raises(ValueError, match="`densities` must have 2 layers"):
        jax.eval_shape(lambda L: Layers(L, jnp.ones(3)), jnp.ones(2))


def test_paths_are_pytrees():
    """Made, mapped and differentiated inside a function or outside of it; new numbers compile nothing."""
    baselines = jnp.array([295.0, 810.0, 1300.0])

    @jax.jit
    def at(path):
        return probability(MASSES, 1e3, path)[1, 0]

    mapped = jax.vmap(lambda L: at(Uniform(L, density=2.8)))(baselines)
    batch = probability(MASSES, 1e3, Uniform(baselines, density=2.8))[:, 1, 0]
    np.testing.assert_allclose(mapped, batch, rtol=0, atol=1e-14)
    slope = jax.grad(at)(Uniform(810.0, density=2.8))
    inside = jax.grad(lambda L: at(Uniform(L, density=2.8)))(810.0)
    np.testing.assert_allclose(slope.baseline, inside, rtol=1e-12)
    assert float(slope.density) != 0.0
    compiled = at._cache_size()
    at(Uniform(1000.0, density=3.1))
    at(Uniform(1001.0, density=3.2))
    assert at._cache_size() <= compiled + 1


class Slabs(Path):
    """A stranger's medium: two slabs, the second as thick as the first and of another density."""

    own_axes: ClassVar[Mapping[str, int]] = {"length": 0, "first": 0, "second": 0}

    length: jax.Array
    first: jax.Array
    second: jax.Array

    def way(self):
        length, first, second = jnp.broadcast_arrays(self.length, self.first, self.second)
        length, density = jnp.stack([length, length]), jnp.stack([first, second])
        return InOrder(Stretch(length, Matter.of(density * length, 0.5), None))


@pytest.mark.parametrize("size", [3, 5000])
def test_a_medium_from_outside(size):
    energy, length = jnp.geomspace(500.0, 2e4, size), jnp.linspace(300.0, 900.0, size)
    path = Slabs(length, jnp.asarray(2.0), jnp.asarray(5.0))
    layers = Layers(jnp.stack([length, length], -1), [2.0, 5.0])
    np.testing.assert_allclose(probability(MASSES, energy, path), probability(MASSES, energy, layers), atol=1e-14)


def test_gradients_in_an_array_of_parameters_share_their_work():
    """They took a thousand times as long as in separate parameters, for the compiler repeated everything they share."""

    def appearance(energy, *p):
        M = mixing.mass_squared_matrix(mixing.pmns(*p[:4]), p[4] * 7.5e-5, p[5] * 2.5e-3)
        return probability(M, energy, Uniform(1300.0, density=2.8))[1, 0]

    energy, p = np.linspace(500.0, 8000.0, 400), np.ones((400, 6))
    together = jax.jit(jax.vmap(jax.grad(lambda u, energy: appearance(energy, *u))))
    apart = jax.jit(jax.vmap(jax.grad(appearance, tuple(range(1, 7)))))
    np.testing.assert_allclose(together(p, energy), np.transpose(apart(energy, *p.T)), rtol=1e-10, atol=1e-14)

    def seconds(call):
        begun = time.perf_counter()
        jax.block_until_ready(call())
        return time.perf_counter() - begun

    quickest = [
        min(seconds(call) for _ in range(5)) for call in (lambda: together(p, energy), lambda: apart(energy, *p.T))
    ]
    assert quickest[0] < 30.0 * quickest[1]
