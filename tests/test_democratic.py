"""The democratic matrix: two levels in vacuum and in matter, by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import matter
from nmmjax.constants import PDG_2026
from nmmjax.models import Democratic
from nmmjax.oscillation import Incoherent, Uniform, WavePackets, probability
from nmmjax.testing import check_derivatives

DM2 = 2.365e-3  # eV^2, between the ends of the author's range
CORE = {"density": 10.8, "electron_fraction": 0.5}  # 5.4 mol/cm^3 of electrons
RESONANT = 8520.674064  # MeV, where the frequency in the core is 2.8 times that in vacuum


def mass_squared(dm2=DM2):
    return Democratic(jnp.sqrt(dm2 / 3.0)).low_energy().neutrinos.mass_squared


def test_masses():
    """(m, m, 2m), normal ordering, nu_3 in equal parts; the two effective masses."""
    neutrinos = Democratic(0.028).low_energy().neutrinos
    np.testing.assert_allclose(neutrinos.states.masses, [0.028, 0.028, 0.056], rtol=1e-14)
    np.testing.assert_allclose(np.abs(neutrinos.states.mixing[:, 2]) ** 2, 1.0 / 3.0, rtol=1e-13)
    assert float(neutrinos.states.dm31) == pytest.approx(3 * 0.028**2, rel=1e-13)
    assert float(neutrinos.states.dm21) == pytest.approx(0.0, abs=1e-17)
    assert float(neutrinos.m_beta) == pytest.approx(math.sqrt(2) * 0.028, rel=1e-14)
    assert float(neutrinos.m_beta_beta) == 0.0


@pytest.mark.parametrize(("dm2", "m"), [(2.06e-3, 0.026204325), (2.67e-3, 0.029832868)])
def test_the_splitting_is_three_m_squared(dm2, m):
    eigenvalues = np.linalg.eigvalsh(np.asarray(Democratic(m).low_energy().neutrinos.mass_squared))
    np.testing.assert_allclose(np.diff(eigenvalues), [0.0, dm2], rtol=1e-7, atol=1e-17)


def test_the_printed_basis():
    """One of many for the pair: it diagonalises M, and another gives another sum of |U_ei|^4."""
    U = np.array([[1, 1, 1], [-1, 1, 1], [0, -2, 1]]) / np.sqrt([[2, 6, 3]])
    M = np.asarray(Democratic(0.028).low_energy().neutrinos.mass_matrix)
    np.testing.assert_allclose(U.T @ M @ U, np.diag([-0.028, -0.028, 0.056]), rtol=0, atol=1e-16)
    assert np.sum(U[0] ** 4) == pytest.approx(7 / 18, rel=1e-14)
    c, s = math.cos(0.4), math.sin(0.4)
    turned = U @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    np.testing.assert_allclose(turned.T @ M @ turned, np.diag([-0.028, -0.028, 0.056]), rtol=0, atol=1e-16)
    assert abs(np.sum(turned[0] ** 4) - 7 / 18) > 0.05


@pytest.mark.parametrize("anti", [False, True])
def test_vacuum(anti):
    baseline = np.linspace(0.0, 3000.0, 200)
    P = np.asarray(probability(mass_squared(), 1000.0, Uniform(baseline), antineutrino=anti))
    sin2 = np.sin(PDG_2026.phase * DM2 * baseline / 1000.0 / 2.0)[:, None, None] ** 2
    same = np.eye(3)
    np.testing.assert_allclose(P, same + sin2 * (4.0 / 9.0) * (1.0 - 3.0 * same), rtol=0, atol=1e-13)


def test_incoherence_leaves_five_ninths():
    expected = 2.0 / 9.0 + np.eye(3) / 3.0
    assert expected[0, 0] == pytest.approx(5.0 / 9.0)
    np.testing.assert_allclose(
        probability(mass_squared(), 1.0, Uniform(1.0), average=Incoherent(1e-8)), expected, rtol=0, atol=1e-12
    )
    packets = probability(mass_squared(), 10.0, Uniform(1.5e8), average=WavePackets(1e-9))  # from the Sun
    np.testing.assert_allclose(packets, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("energy", "anti"), [(RESONANT, False), (1000.0, False), (6600.0, True)])
def test_electron_neutrinos_in_the_core(energy, anti):
    """nu_e mixes with one state: P(e -> mu) = P(e -> tau) = (4/9) / C^2 sin^2(C Dm2 L / 4E)."""
    baseline = np.linspace(0.0, 2e4, 100)
    P = np.asarray(probability(mass_squared(), energy, Uniform(baseline, **CORE), antineutrino=anti))
    potential = float(matter.charged_current_potential(**CORE)) * (-1.0 if anti else 1.0)
    A = 2.0 * energy * potential / (2.0 * PDG_2026.phase * DM2)
    C = math.sqrt((1.0 / 3.0 - A) ** 2 + 8.0 / 9.0)
    expected = 4.0 / 9.0 / C**2 * np.sin(C * PDG_2026.phase * DM2 * baseline / energy / 2.0) ** 2
    np.testing.assert_allclose(P[:, 0, 1], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(P[:, 0, 2], expected, rtol=0, atol=1e-12)


def in_core(x, energy=RESONANT, **keywords):
    """At Dm2 L / 2E = x."""
    return np.asarray(
        probability(mass_squared(), energy, Uniform(x * energy / (PDG_2026.phase * DM2), **CORE), **keywords)
    )


def test_amplitudes_in_the_core():
    """Frozen: nu_e suppressed at one energy, not at 1 GeV; mu <-> tau enhanced over 4/9 by the same matter."""
    assert in_core(math.pi / 2.8)[0, 1] == pytest.approx(0.05668934240, abs=1e-10)
    x = np.linspace(0.0, 8.0, 4001)
    assert in_core(x)[:, 0, 1].max() == pytest.approx(0.05668934240, abs=1e-7)
    assert in_core(x)[:, 1, 2].max() == pytest.approx(0.9680016, abs=1e-6)
    assert in_core(x, energy=1000.0)[:, 0, 1].max() == pytest.approx(0.5, abs=1e-3)


def test_gradients_where_the_pair_is_degenerate():
    """In the mass and in the energy; and the probability sees the pair being lifted."""

    def survival(x):
        M = mass_squared(DM2 * x[0])
        return probability(M, RESONANT * x[1], Uniform(9000.0, **CORE))[0]

    check_derivatives(survival, jnp.ones(2), rtol=1e-6, atol=1e-7)

    def lifted(x):
        u = jnp.array([1.0, -1.0, 0.0]) / math.sqrt(2.0)
        return probability(mass_squared() + 1e-4 * x[0] * jnp.outer(u, u), 20.0, Uniform(60.0))[0]

    check_derivatives(lifted, jnp.zeros(1), rtol=1e-6, atol=1e-7)
    assert np.abs(jax.jacrev(lifted)(jnp.zeros(1))).max() > 1e-2


@pytest.mark.parametrize(
    ("m", "message"), [(-0.01, "`m` must lie in"), (11.0, "`m` must lie in"), (math.nan, "`m` must be finite")]
)
def test_errors(m, message):
    with pytest.raises(ValueError, match=message):
        Democratic(m)
