"""Means over the places where neutrinos are born and over their energies, against sums over places and energies."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import assert_close
from scipy.integrate import solve_ivp
from scipy.linalg import block_diag

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.media import Exponential, Linear
from nmmjax.precession import Medium, Path, mass_states, transition_probability
from nmmjax.precession.averages import averaged_probability

M = mixing.majorana_mass_matrix(mixing.pmns(0.59, 0.15, 0.78, 3.6), jnp.array([0.01, 0.0132, 0.0511]))
MOMENTS = 1e-12 * jnp.array([[0.0, 1.0 + 0.3j, -0.7], [-1.0 - 0.3j, 0.0, 0.4j], [0.7, -0.4j, 0.0]])
NEUTRINOS = Neutrinos(M, MOMENTS)
PATH = Path(20.0, 70.0, Medium(Exponential(5000.0, 30.0)), Exponential(2e9, 40.0), Linear(0.0, -0.05))
ENERGY = 12.0
LONG = 2e7
"""[km], a flight of some 1e5 radians."""


def hamiltonian(energy, r):
    """In vacuum without a place r, else along PATH."""
    K = np.asarray(M).conj().T @ np.asarray(M) * PDG_2026.phase / energy
    if r is None:
        return block_diag(K, K.conj())
    density, twist = PDG_2026.matter_potential * 5000.0 * np.exp(-r / 30.0), -0.05
    left = density * np.diag([0.25, -0.25, -0.25]) + 0.5 * twist * np.eye(3)
    flip = PDG_2026.magnetic_rate * 2e9 * np.exp(-r / 40.0) * np.asarray(MOMENTS)
    return np.block([[K + left, flip.conj().T], [flip, K.conj() - left]])


def exponential(H, length):
    """exp(-i H length), of one matrix or of one for each length."""
    w, V = np.linalg.eigh(H)
    return (V * np.exp(-1j * w * np.asarray(length)[..., None])[..., None, :]) @ np.conj(np.swapaxes(V, -1, -2))


def along(energy):
    """The operator of PATH, by DOP853."""

    def slope(r, y):
        return (-1j * hamiltonian(energy, r) @ y.reshape(6, 6)).ravel()

    start = np.eye(6, dtype=complex).ravel()
    return solve_ivp(slope, (20.0, 70.0), start, method="DOP853", rtol=1e-11, atol=1e-11).y[:, -1].reshape(6, 6)


PLACES = np.linspace(-9.0, 9.0, 151)
WEIGHTS = np.exp(-0.5 * PLACES**2) / np.sum(np.exp(-0.5 * PLACES**2))
"""The trapezoidal mean over a normal distribution: 1e-15 for waves of up to 40 radians per deviation."""


def test_mean_over_places_of_birth():
    born = exponential(hamiltonian(ENERGY, 20.0), 25.0 * PLACES)
    mean = np.einsum("k,kba->ab", WEIGHTS, np.abs(along(ENERGY) @ born) ** 2)
    P = averaged_probability(NEUTRINOS, ENERGY, PATH, region=25.0)
    np.testing.assert_allclose(P, mean, atol=1e-8)
    assert np.max(np.abs(P - transition_probability(NEUTRINOS, ENERGY, PATH))) > 1e-2


def test_mean_over_places_and_energies():
    """Energies are spread along the path too. After 2e7 radians a tenth of the coherence of masses 1 and 3 is left."""
    flight, resolution, mean = 4e7, 1e-7, np.zeros((6, 6))
    for deviation, weight in zip(PLACES[::5], WEIGHTS[::5] * 5.0, strict=True):
        energy = ENERGY * (1.0 + resolution * deviation)
        through = exponential(hamiltonian(energy, None), flight) @ along(energy)
        S = through @ exponential(hamiltonian(energy, 20.0), 5.0 * PLACES)
        mean += weight * np.einsum("k,kba->ab", WEIGHTS, np.abs(S) ** 2)
    P = averaged_probability(NEUTRINOS, ENERGY, PATH, region=5.0, flight=flight, resolution=resolution)
    np.testing.assert_allclose(P, mean, atol=1e-6)
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)
    for other in (0.5 * resolution, 2.0 * resolution):
        wrong = averaged_probability(NEUTRINOS, ENERGY, PATH, region=5.0, flight=flight, resolution=other)
        assert np.max(np.abs(wrong - mean)) > 1e-2


def test_batches():
    """Energies on one axis and regions on another."""
    energies, regions = jnp.array([8.0, 12.0]), jnp.array([0.0, 5.0, 50.0])[:, None]
    P = averaged_probability(NEUTRINOS, energies, PATH, region=regions, flight=1e3, resolution=0.1)
    one = averaged_probability(NEUTRINOS, 12.0, PATH, region=5.0, flight=1e3, resolution=0.1)
    assert P.shape == (3, 2, 6, 6)
    np.testing.assert_allclose(P[1, 1], one, atol=1e-8)


def test_without_spread_it_is_the_probability_itself():
    """With a flight, that along a longer path on which all has come to an end."""
    P = averaged_probability(NEUTRINOS, ENERGY, PATH)
    S = exponential(hamiltonian(ENERGY, None), 1e3) @ along(ENERGY)
    flown = averaged_probability(NEUTRINOS, ENERGY, PATH, flight=1e3, tolerance=1e-10)
    np.testing.assert_allclose(P, transition_probability(NEUTRINOS, ENERGY, PATH), atol=1e-13)
    np.testing.assert_allclose(flown, np.abs(S.T) ** 2, atol=1e-8)
    assert np.max(np.abs(flown - P)) > 1e-2


def test_a_large_spread_leaves_no_coherence():
    """sum_ik |V_bi|^2 |(V^dagger S W)_ik|^2 |W_ak|^2 with the levels W of the start."""
    P = averaged_probability(NEUTRINOS, ENERGY, PATH, region=1e9, flight=LONG, resolution=0.1, tolerance=1e-10)
    V, W = np.asarray(mass_states(NEUTRINOS, jnp.asarray(False))), np.linalg.eigh(hamiltonian(ENERGY, 20.0))[1]
    between = np.abs(V.conj().T @ along(ENERGY) @ W) ** 2
    np.testing.assert_allclose(P, np.abs(W) ** 2 @ between.T @ np.abs(V.T) ** 2, atol=1e-8)
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)


def test_one_mass_keeps_its_coherence():
    """Dirac neutrinos of one mass: no flight, however long, changes what arrives; others lose what was coherent."""
    flown = {"flight": LONG, "resolution": 0.5}
    moments = 1e-12 * (jnp.eye(3) + 0.2 * jnp.ones((3, 3))) + 0j
    of_one_mass = Neutrinos(0.05 * mixing.pmns(0.59, 0.15, 0.78, 3.6), moments, Dirac())
    P = averaged_probability(of_one_mass, ENERGY, PATH, **flown)
    np.testing.assert_allclose(P, transition_probability(of_one_mass, ENERGY, PATH), atol=1e-7)
    of_three = Neutrinos(M, moments, Dirac())
    P = averaged_probability(of_three, ENERGY, PATH, **flown)
    assert np.max(np.abs(P - transition_probability(of_three, ENERGY, PATH))) > 1e-2


def test_antineutrinos():
    """Dirac antineutrinos in vacuum do as neutrinos of conjugate masses and moments, and not as neutrinos do."""
    moments = 1e-12 * jnp.array([[1.0, 0.3j, 0.0], [0.2, 0.5, 0.4], [0.1, 0.0, 0.8]])
    ours, conjugate = (Neutrinos(f(M), f(moments), Dirac()) for f in (jnp.asarray, jnp.conj))
    path = Path(20.0, 70.0, None, Exponential(2e9, 40.0))
    spreads = {"region": 5.0, "flight": 30.0, "resolution": 0.1}
    P = averaged_probability(ours, ENERGY, path, antineutrino=True, **spreads)
    np.testing.assert_allclose(P, averaged_probability(conjugate, ENERGY, path, **spreads), atol=1e-12)
    assert np.max(np.abs(P - averaged_probability(ours, ENERGY, path, **spreads))) > 1e-2


POINT = jnp.array([1.0, 4.0, 30.0, 0.1, 1.0])


def changed(x):
    """P(nu_e -> antinu_mu) of the moments, region, flight, resolution and energy."""
    path = Path(20.0, 40.0, Medium(Exponential(1000.0, 30.0)), Exponential(4e9, 40.0), Linear(0.0, -0.05))
    spreads = {"region": x[1], "flight": x[2], "resolution": x[3], "tolerance": 1e-10, "most_steps": 256}
    return averaged_probability(Neutrinos(M, x[0] * MOMENTS), ENERGY * x[4], path, **spreads)[0, 4]


VALUE, SLOPE = jax.jit(changed), jax.jit(jax.grad(changed))


@pytest.mark.parametrize("mode", ["reverse", pytest.param("forward", marks=pytest.mark.slow)])
def test_slopes(mode):
    slope = (SLOPE if mode == "reverse" else jax.jit(jax.jacfwd(changed)))(POINT)
    steps = 1e-3 * np.diag(POINT)
    differences = [
        (8.0 * (VALUE(POINT + s) - VALUE(POINT - s)) - (VALUE(POINT + 2 * s) - VALUE(POINT - 2 * s))) / (12.0 * s.sum())
        for s in steps
    ]
    np.testing.assert_allclose(slope, differences, rtol=1e-6)
    assert np.all(np.abs(slope * POINT) > 1e-5)


@pytest.mark.slow
def test_curvature():
    steps = 1e-4 * np.diag(POINT)
    differences = [(SLOPE(POINT + s) - SLOPE(POINT - s)) / (2.0 * s.sum()) for s in steps]
    assert_close(jax.jit(jax.hessian(changed))(POINT), differences, 1e-5)


@pytest.mark.slow
def test_slopes_without_spread_are_finite():
    """Zero, in what only squares of spreads enter; that in the flight is one of the probability."""
    point = POINT.at[jnp.array([1, 3])].set(0.0)
    slope = SLOPE(point)
    assert np.all(np.isfinite(slope))
    assert_close(slope[jnp.array([1, 3])], np.zeros(2), 1e-15, scale=1.0)
    assert abs(slope[2]) > 1e-5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"region": -1.0}, "`region` must"),
        ({"flight": -1.0}, "`flight` must"),
        ({"resolution": -0.1}, "`resolution` must"),
        ({"resolution": [0.1, jnp.nan]}, "`resolution` must"),
        ({"region": [1.0, 2.0, 3.0], "flight": [1.0, 2.0]}, "`flight` must broadcast"),
        ({"antineutrino": True}, "`antineutrino` must be false for Majorana"),
        ({"tolerance": 0.0}, "`tolerance` must"),
    ],
)
def test_impossible_spreads(arguments, words):
    with pytest.raises(ValueError, match=words):
        averaged_probability(NEUTRINOS, ENERGY, PATH, **arguments)
