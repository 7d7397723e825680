"""Effective moments: solar, in flight and of plasmons, against sums over mass states and the closed form."""

import jax.numpy as jnp
import numpy as np
import pytest
from helpers import random_unitary

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.media import SolarModel
from nmmjax.oscillation import ProductionAverage, Uniform, density_matrix, solar_state
from nmmjax.scattering import effective_moment
from nmmjax.testing import check_derivatives

PAIRS = {(0, 1): 2, (0, 2): 1, (1, 2): 0}
"""Two flavors and the third."""
SQUARES = np.array([2e-6, 7.5e-5, 2.5e-3])


def pmns(theta12=33.44, theta13=8.57, theta23=49.2, delta=197.0):
    return np.asarray(mixing.pmns(*np.deg2rad([theta12, theta13, theta23]), np.deg2rad(delta)))


def mass_squared(U):
    return (U * SQUARES) @ U.conj().T


def single(a, b, size=1.0):
    matrix = np.zeros((3, 3))
    matrix[a, b], matrix[b, a] = size, -size
    return matrix


def majorana(rng):
    A = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    return A - A.T


def dirac(rng, rows=3):
    return rng.normal(size=(rows, 3)) + 1j * rng.normal(size=(rows, 3))


def arriving(U, weights):
    return (U * np.asarray(weights)) @ U.conj().T


def borexino(U, first=0.667):
    """P_k of 7Be neutrinos."""
    c13 = 1 - abs(U[0, 2]) ** 2
    return np.array([c13 * first, c13 * (1 - first), abs(U[0, 2]) ** 2])


@pytest.mark.parametrize(("pair", "expected"), [((0, 1), 0.7208985803), ((0, 2), 0.8203287963), ((1, 2), 0.4587726234)])
def test_share_of_a_single_moment(pair, expected):
    """NuFIT 5.0 and P_e1 as Borexino measured it: 0.72 for the moment of nu_e and nu_mu."""
    U = pmns()
    got = effective_moment.squared(arriving(U, borexino(U)), single(*pair))
    assert float(got) == pytest.approx(expected, abs=1e-10)


def test_the_share_is_not_universal():
    shares = [
        float(effective_moment.squared(arriving(U, borexino(U, first)), single(0, 1)))
        for U, first in (
            (pmns(delta=0.0), 0.667),
            (pmns(theta23=42.2, delta=232.0), 0.667),
            (pmns(), 0.69),
        )
    ]
    np.testing.assert_allclose(shares, [0.764, 0.776, 0.723], atol=1e-3)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("energy", [0.267, 0.862, 10.0])
def test_closed_form_for_the_sun(pair, energy):
    """mu_ab^2 [1 - P(nu_e -> nu_c)]."""
    U = pmns(33.0, 8.6, 42.0, 230.0)
    rho = solar_state(mass_squared(U), energy, jnp.array([90.0, 60.0]), jnp.array([0.4, 0.6]))
    got = effective_moment.squared(rho, single(*pair, size=3e-11))
    assert float(got) == pytest.approx(9e-22 * (1 - float(rho[PAIRS[pair], PAIRS[pair]].real)), rel=1e-12)


def test_solar_neutrinos_are_incoherent_mass_states():
    """sum_i P_i (lambda^+ lambda)_ii; for Majorana moments as in terms of P_e1 and theta13."""
    rng = np.random.default_rng(1)
    U = pmns(33.0, 8.6, 42.0, 230.0)
    sun = SolarModel.b16_gs98()
    average = ProductionAverage.build([0.3, 0.862], sun, "pp")
    states = average.state(mass_squared(U))
    P = np.einsum("ak,pab,bk->pk", U.conj(), np.asarray(states), U).real
    for moment in (majorana(rng), dirac(rng), dirac(rng, 5)):
        masses = moment @ U
        expected = P @ np.sum(np.abs(masses) ** 2, 0)
        np.testing.assert_allclose(effective_moment.squared(states, moment), expected, rtol=1e-9)
    moment = majorana(rng)
    squared = np.abs(U.T @ moment @ U) ** 2
    c13 = np.cos(np.deg2rad(8.6)) ** 2
    first = P[:, 0] / c13
    expected = c13 * squared[0, 1] + (1 - c13 * (1 - first)) * squared[0, 2] + (1 - c13 * first) * squared[1, 2]
    # P_3 = sin^2 theta13 but for 1e-4: matter in the Sun turns nu_3 a little
    np.testing.assert_allclose(effective_moment.squared(states, moment), expected, rtol=2e-4)


@pytest.mark.parametrize("antineutrino", [False, True])
@pytest.mark.parametrize("alpha", [0, 1])
@pytest.mark.parametrize("baseline", [0.0, 0.5, 60.0])
def test_flight_is_a_sum_over_mass_states(antineutrino, alpha, baseline):
    """sum_j |sum_k lambda_jk exp(-i m_k^2 L / 2E) U_ak^*|^2, whatever the Majorana phases of the mass basis."""
    rng = np.random.default_rng(2)
    U, moment, energy = pmns(), majorana(rng), 4.0
    rho = density_matrix(mass_squared(U), energy, Uniform(baseline), antineutrino=antineutrino)[alpha]
    got = effective_moment.squared(rho, moment, antineutrino=antineutrino)
    phased = U * np.exp(1j * np.array([0.0, 0.7, -1.9]))
    masses = phased.T @ moment @ phased
    if antineutrino:
        masses, phased = masses.conj(), phased.conj()
    amplitude = masses @ (np.exp(-1j * PDG_2026.phase * SQUARES * baseline / energy) * phased[alpha].conj())
    assert float(got) == pytest.approx(np.vdot(amplitude, amplitude).real, rel=1e-9)
    if baseline == 0.0:
        assert float(got) == pytest.approx(np.sum(np.abs(moment[:, alpha]) ** 2), rel=1e-12)


def test_flight_of_a_single_moment():
    """The closed form holds there too, with the probability at that L and E."""
    U = pmns()
    rho = density_matrix(mass_squared(U), 1000.0, Uniform(400.0))[1]
    for (a, b), c in PAIRS.items():
        got = effective_moment.squared(rho, single(a, b))
        assert float(got) == pytest.approx(1 - float(rho[c, c].real), rel=1e-12)


def test_plasmons():
    """All pairs; (mu, epsilon) of Dirac neutrinos add in squares; no basis matters."""
    rng = np.random.default_rng(3)
    first, second = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    mu, epsilon = first + first.conj().T, second + second.conj().T
    got = effective_moment.plasmon_squared(mu - 1j * epsilon, majorana=False)
    assert float(got) == pytest.approx(np.sum(np.abs(mu) ** 2 + np.abs(epsilon) ** 2), rel=1e-12)
    moment, U = majorana(rng), random_unitary(rng, 3)
    pairs = sum(abs(moment[pair]) ** 2 for pair in PAIRS)
    for matrix in (moment, U.T @ moment @ U):
        assert float(effective_moment.plasmon_squared(matrix, majorana=True)) == pytest.approx(pairs, rel=1e-12)


def test_gradients():
    """Of mixing, populations and moments."""

    def f(p):
        U = mixing.pmns(p[0], p[1], p[2], p[3])
        rho = (U * jnp.stack([p[4], 1.0 - p[4] - 0.02, 0.02 + 0.0 * p[4]])) @ jnp.conj(U).T
        moment = jnp.array([[0.0, p[5], 0.3], [-p[5], 0.0, 1j * p[6]], [-0.3, -1j * p[6], 0.0]])
        both = (effective_moment.squared(rho, moment, antineutrino=anti) for anti in (False, True))
        return jnp.stack([*both, effective_moment.plasmon_squared(moment, majorana=True)])

    check_derivatives(f, jnp.array([0.58, 0.15, 0.8, 1.0, 0.6, 0.4, 0.6]), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("state", lambda: effective_moment.squared(np.triu(np.ones((3, 3))), np.eye(3))),
        ("state", lambda: effective_moment.squared(np.ones(3), np.eye(3))),
        ("moment_matrix", lambda: effective_moment.squared(np.eye(3), np.eye(4))),
        ("moment_matrix", lambda: effective_moment.squared(np.eye(3), np.full((3, 3), np.nan))),
        ("moment_matrix", lambda: effective_moment.plasmon_squared(np.eye(3), majorana=True)),
        ("moment_matrix", lambda: effective_moment.plasmon_squared(np.full((3, 3), np.inf), majorana=False)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
