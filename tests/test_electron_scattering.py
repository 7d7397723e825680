"""Neutrinos on electrons: frozen values, quadrature, the trace formula with off-diagonal couplings, bad input.

Moments, charge radii, charges, scalar and tensor interactions against traces of Dirac matrices, written out.
"""

import math
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from nmmjax.scattering import scalar_tensor
from nmmjax.scattering.electron import Couplings, cross_section, differential_cross_section
from nmmjax.scattering.helicity_flip import (
    magnetic_cross_section,
    magnetic_differential_cross_section,
)
from nmmjax.scattering.kinematics import maximal_recoil
from nmmjax.scattering.scalar_tensor import FlipCouplings
from nmmjax.testing import check_derivatives

FERMI, MASS, HBAR_C = 1.1663787e-11, 0.51099895, 197.3269804e-13
"""[MeV^-2], [MeV], [MeV cm]."""
TREE = Couplings.tree_level(0.23863)
FLIPS = FlipCouplings(*(jnp.eye(3),) * 3)


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

    check_derivatives(f, jnp.array([0.9, -0.03, -0.5, 0.862, 60.0]), rtol=1e-5, atol=1e-8)


# Beyond the weak interaction: spinors and Dirac matrices, written out

ALPHA = 1 / 137.035999084
FERMI_PDG = 1.1663788e-11
I2, Z2 = np.eye(2), np.zeros((2, 2))
PAULI = [np.array(m, complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
GAMMA = [np.block([[I2, Z2], [Z2, -I2]])] + [np.block([[Z2, m], [-m, Z2]]) for m in PAULI]
GAMMA5 = np.block([[Z2, I2], [I2, Z2]])
LEFT = 0.5 * (np.eye(4) - GAMMA5)
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
SIGMA = {(m, n): 0.5j * (GAMMA[m] @ GAMMA[n] - GAMMA[n] @ GAMMA[m]) for m, n in product(range(4), repeat=2)}


def slash(p):
    return sum(METRIC[m, m] * p[m] * GAMMA[m] for m in range(4))


def momenta(E, T):
    """Of k + p -> k' + p', neutrino and electron, p at rest [MeV]."""
    size = np.sqrt(T**2 + 2 * MASS * T)
    cosine = (T * (E + MASS)) / (E * size)
    recoil = np.array([T + MASS, size * np.sqrt(1 - cosine**2), 0.0, size * cosine])
    incoming, target = np.array([E, 0, 0, E]), np.array([MASS, 0, 0, 0])
    return incoming, target, incoming + target - recoil, recoil


def from_traces(E, T, neutrino, electron, reverse=False):
    """dsigma/dT [cm^2 / MeV] of M = sum_x (ubar' neutrino[x] u_nu) (ubar' electron[x] u_e), one helicity of nu.

    `reverse`: antineutrinos, where the spinor of the incoming one stands on the left.
    """
    k, p, k_out, p_out = momenta(E, T)
    first, last = (k, k_out) if reverse else (k_out, k)

    def bar(A):
        return GAMMA[0] @ A.conj().T @ GAMMA[0]

    spin_in, spin_out = slash(p) + MASS * np.eye(4), slash(p_out) + MASS * np.eye(4)
    total = sum(
        np.trace(slash(first) @ a @ slash(last) @ bar(b)) * np.trace(spin_out @ c @ spin_in @ bar(d))
        for (a, c), (b, d) in product(zip(neutrino, electron, strict=True), repeat=2)
    )
    # Mean over the spins of the electron; flux 4 E m, dt = 2 m dT
    return 0.5 * total.real / (32 * np.pi * MASS * E**2) * HBAR_C**2


def weak_vertex(vector, axial):
    """-sqrt(2) G_F (nubar gamma_m P_L nu) (ebar gamma^m (g_V - g_A gamma5) e): the factors of each m."""
    neutrino = [-np.sqrt(2) * FERMI_PDG * METRIC[m, m] * GAMMA[m] @ LEFT for m in range(4)]
    return neutrino, [GAMMA[m] @ (vector * np.eye(4) - axial * GAMMA5) for m in range(4)]


def photon_vertex(E, T, radius_squared=0.0, charge=0.0):
    """e^2 F q_e / q^2 with F = charge + <r^2> q^2 / 6, charges in e and <r^2> in MeV^-2; q_e = -1."""
    q2 = -2 * MASS * T
    form = 4 * np.pi * ALPHA * (charge + radius_squared * q2 / 6) / q2
    return [-form * METRIC[m, m] * GAMMA[m] @ LEFT for m in range(4)], GAMMA


def moment_vertex(E, T, moment):
    """L = -(mu / 2) nubar sigma F P_L nu: moment in mu_B = e / 2 m_e."""
    k, _, k_out, _ = momenta(E, T)
    q = k - k_out
    strength = moment * 4 * np.pi * ALPHA / (2 * MASS) / (-2 * MASS * T)
    neutrino = [
        strength * METRIC[m, m] * sum(1j * SIGMA[m, n] * METRIC[n, n] * q[n] for n in range(4)) @ LEFT for m in range(4)
    ]
    return neutrino, GAMMA


def joined(*vertices):
    return [a for v in vertices for a in v[0]], [c for v in vertices for c in v[1]]


@pytest.mark.parametrize(("E", "T"), [(0.3, 0.003), (0.3, 0.1), (2.0, 0.5)])
@pytest.mark.parametrize("antineutrino", [False, True])
def test_photons_from_traces(E, T, antineutrino):
    """The weak interaction with a charge radius and a charge, and the moment, each from its vertex."""
    vector, axial = FLAVORS[0]
    radius, charge = 0.7e-32, -1.3e-13
    couplings = TREE.with_charge_radius(radius * jnp.eye(3)).with_millicharge(charge * jnp.eye(3), 1e3 * T)
    if antineutrino:
        couplings = couplings.of_antineutrinos()
    got = 1e3 * differential_cross_section(E, 1e3 * T, couplings)[0, 0]
    vertex = joined(weak_vertex(vector, axial), photon_vertex(E, T, radius / HBAR_C**2, charge))
    np.testing.assert_allclose(got, from_traces(E, T, *vertex, reverse=antineutrino), rtol=1e-8)
    moment = jnp.array([[2e-11]])
    got = 1e3 * magnetic_differential_cross_section(E, 1e3 * T, moment, antineutrino=antineutrino)[0, 0]
    flipped = from_traces(E, T, *moment_vertex(E, T, 2e-11), reverse=antineutrino)
    np.testing.assert_allclose(got, flipped, rtol=1e-8)


@pytest.mark.parametrize(("E", "T"), [(0.3, 0.003), (0.3, 0.1), (4.0, 3.0)])
@pytest.mark.parametrize("antineutrino", [False, True])
@pytest.mark.parametrize("which", ["scalar", "pseudoscalar", "tensor", "all"])
def test_flips_from_traces(E, T, antineutrino, which):
    """L of `scattering.scalar_tensor` with complex S, P and T from nu_e to one state."""
    given = {"scalar": 0.3 - 0.5j, "pseudoscalar": -0.2 + 0.7j, "tensor": 0.1 + 0.4j}
    S, P, tensor = (value if which in (name, "all") else 0.0 for name, value in given.items())
    pairs = list(product(range(4), repeat=2))
    scale = 2.0 * math.sqrt(2.0) * FERMI_PDG
    neutrino = [scale * LEFT, *(scale * tensor * METRIC[m, m] * METRIC[n, n] * SIGMA[m, n] @ LEFT for m, n in pairs)]
    electron = [S * np.eye(4) - P * GAMMA5, *(SIGMA[pair] for pair in pairs)]
    if antineutrino:  # destroyed by the Hermitian conjugate
        neutrino, electron = ([GAMMA[0] @ v.conj().T @ GAMMA[0] for v in vs] for vs in (neutrino, electron))
    expected = from_traces(E, T, neutrino, electron, reverse=antineutrino)
    couplings = FlipCouplings(*(jnp.zeros((3, 3), complex).at[1, 0].set(x) for x in (S, P, tensor)))
    got = 1e3 * scalar_tensor.differential_cross_section(E, 1e3 * T, couplings, antineutrino=antineutrino)
    np.testing.assert_allclose(got[0, 0], expected, rtol=1e-8)
    assert jnp.count_nonzero(got) == 1


def test_operator_of_tensor_moments():
    """(4 m_e / pi) (t / M^2)^2 [(1 - T/2E)^2 - m_e T / 4E^2] where t / M^2 = 2 sqrt2 G_F T."""
    E, T, t, M = 4.0, 3.0, 0.8, 1e6
    couplings = jnp.zeros((3, 3)).at[1, 0].set(t / M**2 / (2.0 * math.sqrt(2.0) * FERMI_PDG))
    nothing = jnp.zeros((3, 3))
    got = 1e3 * scalar_tensor.differential_cross_section(E, 1e3 * T, FlipCouplings(nothing, nothing, couplings))
    expected = 4.0 * MASS / np.pi * (t / M**2) ** 2 * ((1 - T / 2 / E) ** 2 - MASS * T / 4 / E**2) * HBAR_C**2
    np.testing.assert_allclose(got[0, 0], expected, rtol=1e-8)


@pytest.mark.parametrize("window", [(0.0, np.inf), (50.0, 300.0), (1e3, np.inf)])
def test_flips_integrated(window):
    energy, (low, high) = 0.862, window
    rng = np.random.default_rng(7)
    couplings = FlipCouplings(*(jnp.asarray(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))) for _ in range(3)))
    top = 1e3 * 2 * energy**2 / (MASS + 2 * energy)
    a, b = min(low, top), min(high, top)
    for antineutrino in (False, True):
        got = scalar_tensor.cross_section(energy, couplings, low=low, high=high, antineutrino=antineutrino)

        def differential(T, antineutrino=antineutrino):
            D = scalar_tensor.differential_cross_section(energy, T, couplings, antineutrino=antineutrino)
            return 1e45 * float(jnp.real(D[0, 1]))

        expected = quad(differential, a, b, epsabs=0, epsrel=1e-10)[0] if b > a else 0.0
        np.testing.assert_allclose(1e45 * jnp.real(got[0, 1]), expected, rtol=1e-8)
        np.testing.assert_allclose(got, jnp.conj(got.T), rtol=1e-12, atol=1e-60)


def test_vector_and_axial_interactions():
    """eps_V and eps_A are shifts of g_V and g_A; flavor changing ones add to what they do not interfere with."""
    E, T = 0.9, 0.2
    shifted = TREE.with_interactions(0.1 * jnp.eye(3), -0.3 * jnp.eye(3))
    vector, axial = FLAVORS[0]
    got = 1e3 * differential_cross_section(E, 1e3 * T, shifted)[0, 0]
    np.testing.assert_allclose(got, textbook(E, T, vector + 0.1, axial - 0.3), rtol=1e-6)
    changing = jnp.zeros((3, 3)).at[0, 1].set(0.2).at[1, 0].set(0.2)
    got = 1e3 * differential_cross_section(E, 1e3 * T, TREE.with_interactions(changing, 0.0 * changing))[0, 0]
    np.testing.assert_allclose(got, textbook(E, T, vector, axial) + textbook(E, T, 0.2, 0.0), rtol=1e-6)


def test_frozen_electromagnetic_values():
    """In cm^2 / MeV: nu_e with a moment, nu_mu with a charge radius, nubar_e with a charge."""
    moment = differential_cross_section(0.3, 3.0, TREE)[0, 0] + magnetic_differential_cross_section(
        0.3, 3.0, jnp.array([[2e-11]])
    )
    np.testing.assert_allclose(1e3 * moment[0, 0], 4.324140266263e-44, rtol=1e-8)
    radius = TREE.with_charge_radius(jnp.diag(jnp.array([0.0, 1e-32, 0.0])))
    found = 1e3 * differential_cross_section(2.0, 500.0, radius)
    np.testing.assert_allclose(found[1, 1], 1.749690370617e-45, rtol=1e-8)
    charged = TREE.with_millicharge(1e-12 * jnp.eye(3), 10.0).of_antineutrinos()
    np.testing.assert_allclose(
        1e3 * differential_cross_section(3.0, 10.0, charged)[0, 0], 3.746931750852e-45, rtol=1e-8
    )
    shift = TREE.with_millicharge(1e-12 * jnp.eye(3), 1.0)
    np.testing.assert_allclose((shift.left + shift.right - TREE.left - TREE.right)[0, 0], -5.439645214515, rtol=1e-8)


def test_charge_radii_between_flavors_do_not_interfere():
    """Off-diagonal: (G_F^2 m_e / 2 pi) |d|^2 [1 + (1 - y)^2 - m_e T / E^2] on top, d the shift of g_V."""
    E, T, radius = 0.9, 0.2, 3e-32
    changing = jnp.zeros((3, 3), complex).at[0, 1].set(radius * 1j).at[1, 0].set(-radius * 1j)
    got = 1e3 * (
        differential_cross_section(E, 1e3 * T, TREE.with_charge_radius(changing))
        - differential_cross_section(E, 1e3 * T, TREE)
    )
    d = 0.02379558508 * radius / 1e-32
    bracket = 1 + (1 - T / E) ** 2 - MASS * T / E**2
    expected = FERMI_PDG**2 * MASS / (2 * np.pi) * d**2 * bracket * HBAR_C**2
    np.testing.assert_allclose(jnp.diagonal(got)[:2], expected, rtol=1e-6)


def test_moments_as_matrices():
    """tr(rho lambda^+ lambda) for neutrinos and tr(rho lambda^T lambda^*) for antineutrinos; unequal, complex."""
    rng = np.random.default_rng(5)
    moment = 1e-11 * (rng.normal(size=(4, 3)) + 1j * rng.normal(size=(4, 3)))
    state = rng.normal(size=3) + 1j * rng.normal(size=3)
    scale = 2.494672024071e-25 * (1 / 0.05 - 1 / 0.6)
    for antineutrino, amplitude in ((False, moment @ state), (True, moment.conj() @ state)):
        D = 1e3 * magnetic_differential_cross_section(0.6, 50.0, moment, antineutrino=antineutrino)
        got = np.trace(np.outer(state, state.conj()) @ np.asarray(D)).real
        np.testing.assert_allclose(got, scale * np.vdot(amplitude, amplitude).real, rtol=1e-8)


@pytest.mark.parametrize("window", [(0.01, np.inf), (50.0, 300.0), (1e4, 2e4)])
def test_magnetic_closed_form_is_the_integral(window):
    energy, (low, high) = 0.862, window
    top = 1e3 * 2 * energy**2 / (MASS + 2 * energy)
    a, b = min(low, top), min(high, top)
    expected, _ = quad(lambda T: 2.494672024071e-25 * (1 / T - 1e-3 / energy) * 1e25, a, b, epsabs=0, epsrel=1e-12)
    got = magnetic_cross_section(energy, jnp.eye(1), low=low, high=high)[0, 0]
    np.testing.assert_allclose(1e25 * got, expected, rtol=1e-8, atol=0)


def test_beyond_reach_nothing_happens():
    """Exactly zero, and so are the derivatives in energy, recoil and couplings."""
    energy = 0.3
    recoil = 1.01 * float(maximal_recoil(energy))

    def everything(p):
        moment = p[2] * jnp.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        couplings = TREE.with_charge_radius(p[3] * 1e-32 * jnp.eye(3)).with_millicharge(1e-12 * jnp.eye(3), p[1])
        return jnp.stack(
            [
                differential_cross_section(p[0], p[1], couplings),
                magnetic_differential_cross_section(p[0], p[1], moment),
                magnetic_cross_section(p[0], moment, low=p[1]),
                scalar_tensor.differential_cross_section(p[0], p[1], FlipCouplings(moment, moment, moment)),
            ]
        )

    point = jnp.array([energy, recoil, 1e-11, 1.0])
    np.testing.assert_array_equal(everything(point), 0.0)
    np.testing.assert_array_equal(jax.jacrev(everything)(point), 0.0)


def test_gradients_of_what_is_added():
    def f(p):
        moment = jnp.array([[0.0, p[2] + 1j * p[3]], [-p[2] - 1j * p[3], 0.4]])
        couplings = TREE.with_charge_radius(p[4] * 1e-32 * jnp.eye(3)).with_millicharge(p[5] * 1e-12 * jnp.eye(3), p[1])
        flips = FlipCouplings(moment, 0.3 * moment, 1j * moment)
        parts = (
            1e20 * jnp.real(differential_cross_section(p[0], p[1], couplings)[0, 0]),
            jnp.real(magnetic_differential_cross_section(p[0], p[1], moment)[0, 0]),
            jnp.real(magnetic_cross_section(p[0], moment, low=p[1], high=200.0)[0, 0]),
            1e20 * jnp.real(scalar_tensor.differential_cross_section(p[0], p[1], flips)[0, 0]),
            1e20 * jnp.real(scalar_tensor.cross_section(p[0], flips, low=p[1], antineutrino=True)[0, 0]),
        )
        return 1e24 * jnp.stack(parts)

    check_derivatives(f, jnp.array([0.862, 60.0, 0.7, 0.2, 1.0, 0.3]), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("energy", lambda: cross_section(0.0, TREE)),
        ("energy", lambda: cross_section(np.nan, TREE)),
        ("energy", lambda: differential_cross_section(-1.0, 1.0, TREE)),
        ("low", lambda: cross_section(1.0, TREE, low=-1.0)),
        ("high", lambda: cross_section(1.0, TREE, high=1j)),
        ("recoil_energy", lambda: differential_cross_section(1.0, -1.0, TREE)),
        ("recoil_energy", lambda: magnetic_differential_cross_section(1.0, 0.0, jnp.eye(3))),
        ("moment_matrix", lambda: magnetic_differential_cross_section(1.0, 1.0, 1e-11)),
        ("moment_matrix", lambda: magnetic_cross_section(1.0, np.nan * jnp.eye(3), low=1.0)),
        ("low", lambda: magnetic_cross_section(1.0, jnp.eye(3), low=0.0)),
        ("vector", lambda: TREE.with_interactions(jnp.triu(jnp.ones((3, 3))), jnp.eye(3))),
        ("axial", lambda: TREE.with_interactions(jnp.eye(3), 1j * jnp.eye(3))),
        ("recoil_energy", lambda: scalar_tensor.differential_cross_section(1.0, -1.0, FLIPS)),
        ("charge_radius", lambda: TREE.with_charge_radius(jnp.eye(2))),
        ("charge_radius", lambda: TREE.with_charge_radius(jnp.triu(jnp.ones((3, 3))))),
        ("charge_radius", lambda: TREE.with_charge_radius(jnp.eye(3))),
        ("charge", lambda: TREE.with_millicharge(jnp.eye(3), 1.0)),
        ("high", lambda: cross_section(1.0, TREE, high=np.nan)),
        ("high", lambda: cross_section(1.0, TREE, high=-5.0)),
        ("antineutrino", lambda: magnetic_cross_section(1.0, jnp.eye(3), low=1.0, antineutrino="yes")),
        ("charge", lambda: TREE.with_millicharge(1j * jnp.eye(3), 1.0)),
        ("recoil_energy", lambda: TREE.with_millicharge(1e-12 * jnp.eye(3), 0.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()


def test_nothing_beyond_reach():
    """Where both thresholds lie above the largest recoil, or in the wrong order, value and slopes are exactly zero."""
    couplings = TREE

    def weak(energy, low, high):
        return jnp.sum(jnp.real(cross_section(energy, couplings, low=low, high=high)))

    def magnetic(energy, low, high):
        return jnp.sum(magnetic_cross_section(energy, 1e-11 * jnp.eye(3), low=low, high=high))

    for function in (weak, magnetic):
        slopes = jax.jit(jax.value_and_grad(function, argnums=(0, 1, 2)))
        for energy in np.linspace(0.05, 5.0, 12):
            edge = float(maximal_recoil(energy))
            for low, high in ((1.01 * edge, 2.0 * edge), (0.5 * edge, 0.4 * edge), (3.0 * edge, jnp.inf)):
                value, gradient = slopes(energy, low, high)
                assert float(value) == 0.0
                assert all(float(g) == 0.0 for g in gradient)
