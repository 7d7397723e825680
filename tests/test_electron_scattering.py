"""Neutrinos on electrons: frozen values, quadrature, the trace formula with off-diagonal couplings, bad input."""

import jax.numpy as jnp
import numpy as np
import pytest
from helpers import assert_gradients_agree
from scipy.integrate import quad

from nmmjax.scattering.electron import Couplings, cross_section, differential_cross_section, maximal_recoil

FERMI, MASS, HBAR_C = 1.1663787e-11, 0.51099895, 197.3269804e-13
"""[MeV^-2], [MeV], [MeV cm]."""
TREE = Couplings.tree_level(0.23863)


def textbook(E, T, vector, axial):
    """(G_F^2 m_e / 2 pi) [(gV + gA)^2 + (gV - gA)^2 (1 - T/E)^2 + (gA^2 - gV^2) m_e T / E^2] [cm^2 / MeV]."""
    terms = (vector + axial) ** 2 + (vector - axial) ** 2 * (1 - T / E) ** 2 + (axial**2 - vector**2) * MASS * T / E**2
    return FERMI**2 * MASS / (2 * np.pi) * terms * HBAR_C**2


FLAVORS = {0: (2 * 0.23863 + 0.5, 0.5), 1: (2 * 0.23863 - 0.5, -0.5), 2: (2 * 0.23863 - 0.5, -0.5)}


@pytest.mark.parametrize(
    ("couplings", "electron", "muon"),
    [
        (TREE, 8.113255832025e-45, 2.223624523091e-45),
        (TREE.of_antineutrinos(), 3.435258947637e-45, 2.114771557503e-45),
    ],
)
def test_frozen_values(couplings, electron, muon):
    """E = 0.3 MeV, T = 0.1 MeV, in cm^2 / MeV."""
    got = 1e3 * jnp.diagonal(differential_cross_section(0.3, 100.0, couplings))
    np.testing.assert_allclose(got, [electron, muon, muon], rtol=1e-6)


def test_recoils_have_an_end():
    for energy in (0.05, 0.3, 10.0):
        greatest = float(maximal_recoil(energy))
        # Backward scattering, from the conservation of energy and momentum
        T = greatest / 1e3
        momentum = np.sqrt(T**2 + 2 * MASS * T)
        np.testing.assert_allclose(momentum - energy, energy - T, rtol=1e-12)
        inside, outside = differential_cross_section(energy, jnp.array([0.999, 1.001]) * greatest, TREE)
        assert inside[0, 0] > 0.0
        assert not outside.any()


@pytest.mark.parametrize("energy", [0.05, 0.42, 0.862, 10.0])
@pytest.mark.parametrize("window", [(0.0, np.inf), (50.0, 300.0), (3000.0, np.inf), (1e5, np.inf)])
def test_closed_form_is_the_integral(energy, window):
    low, high = window
    got = jnp.diagonal(cross_section(energy, TREE, low=low, high=high))
    top = 2 * energy**2 / (MASS + 2 * energy)
    a, b = min(low / 1e3, top), min(high / 1e3, top)
    for flavor, (vector, axial) in FLAVORS.items():
        expected, _ = quad(lambda T, v=vector, x=axial: 1e44 * textbook(energy, T, v, x), a, b, epsabs=0, epsrel=1e-12)
        np.testing.assert_allclose(1e44 * got[flavor], expected, rtol=1e-6, atol=1e-14)


def test_total_at_high_energy():
    """sigma = (2 G_F^2 m_e E / pi) (gL^2 + gR^2 / 3), relative corrections of order m_e / E."""
    energy = 1e5
    expected = 2 * FERMI**2 * MASS * energy / np.pi * ((0.5 + 0.23863) ** 2 + 0.23863**2 / 3) * HBAR_C**2
    np.testing.assert_allclose(cross_section(energy, TREE)[0, 0], expected, rtol=1e-5)


def test_states_and_flavor_changing_couplings():
    """Re Tr[rho D] of a pure state is |G_L nu|^2 + |G_R nu|^2 (1 - y)^2 - Re (G_L nu)^+ (G_R nu) m_e T / E^2."""
    rng = np.random.default_rng(3)
    left, right = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    state = rng.normal(size=3) + 1j * rng.normal(size=3)
    state /= np.linalg.norm(state)
    E, T = 0.7, 0.2
    D = differential_cross_section(E, 1e3 * T, Couplings(jnp.asarray(left), jnp.asarray(right)))
    got = np.trace(np.outer(state, state.conj()) @ np.asarray(D)).real
    a, b = left @ state, right @ state
    terms = np.vdot(a, a).real + np.vdot(b, b).real * (1 - T / E) ** 2 - np.vdot(a, b).real * MASS * T / E**2
    np.testing.assert_allclose(1e3 * got, 2 * FERMI**2 * MASS / np.pi * terms * HBAR_C**2, rtol=1e-6)
    np.testing.assert_allclose(D, D.conj().T, rtol=1e-12)


def test_radiatively_corrected_couplings():
    """4 to 5 % from tree level at the line of 7Be; nu_mu and nu_tau differ by their charge radii alone."""
    corrected, tree = (jnp.diagonal(cross_section(0.862, c)) for c in (Couplings.radiatively_corrected(), TREE))
    np.testing.assert_allclose(corrected, tree, rtol=0.06)
    assert corrected[1] != corrected[2]


def test_gradients():
    def f(p):
        couplings = Couplings.of_flavors(jnp.array([p[0], p[1], 0.1]), jnp.array([0.5, p[2], -0.4]))
        total = cross_section(p[3], couplings, low=p[4], high=300.0)
        return 1e44 * jnp.stack([total, 1e3 * differential_cross_section(p[3], p[4], couplings)])

    assert_gradients_agree(f, jnp.array([0.9, -0.03, -0.5, 0.862, 60.0]), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("energy", lambda: cross_section(0.0, TREE)),
        ("energy", lambda: cross_section(np.nan, TREE)),
        ("energy", lambda: differential_cross_section(-1.0, 1.0, TREE)),
        ("low", lambda: cross_section(1.0, TREE, low=-1.0)),
        ("high", lambda: cross_section(1.0, TREE, high=1j)),
        ("recoil_energy", lambda: differential_cross_section(1.0, -1.0, TREE)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
