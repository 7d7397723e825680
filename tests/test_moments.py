"""Moments, mechanism by mechanism: closed forms in mass states, the decay of sterile neutrinos, quadrature, limits."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import radiative_widths
from scipy import integrate

from nmmjax import mixing, moments
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Dirac, Majorana, Neutrinos
from nmmjax.testing import check_derivatives

SHEET = Constants(
    fermi_constant=1.1663787e-5,
    electron_mass=0.51099895000e-3,
    tau_mass=1.77686,
    w_mass=80.377,
    fine_structure=1 / 137.035999084,
)
"""The constants that the reference values below were made with."""
U = np.asarray(mixing.pmns(0.59, 0.15, 0.74, -2.5))
MASSES = np.array([0.01, 0.05, 0.1])


def w_loop(a):
    """f(a) of Lee and Shrock, by 40 digits."""
    a = mpmath.mpf(a)
    with mpmath.workdps(40):
        bracket = 1 + 1 / (1 - a) - 2 * a / (1 - a) ** 2 - 2 * a**2 * mpmath.log(a) / (1 - a) ** 3
        return float(mpmath.mpf(3) / 4 * bracket)


F = np.array([w_loop((m / SHEET.w_mass) ** 2) for m in SHEET.lepton_masses])
SCALE = 2 * SHEET.electron_mass * SHEET.fermi_constant / (8 * math.sqrt(2) * math.pi**2) * 1e-9
SUM = (U.conj().T * F) @ U


def test_dirac_moments_of_mass_states():
    """mu_kj = (e G_F / 8 sqrt(2) pi^2) (m_k + m_j) sum f U* U, eps with i (m_k - m_j): lambda = mu - i eps."""
    M = np.diag(MASSES) @ U.conj().T
    found = np.asarray(moments.w_loop_dirac(jnp.asarray(M), constants=SHEET)) @ U
    magnetic = SCALE * (MASSES[:, None] + MASSES) * SUM
    electric = 1j * SCALE * (MASSES[:, None] - MASSES) * SUM
    np.testing.assert_allclose(found, magnetic - 1j * electric, atol=1e-14 * np.abs(magnetic).max())
    small = Constants(fermi_constant=SHEET.fermi_constant, electron_mass=SHEET.electron_mass, w_mass=1e9)
    at_rest = np.asarray(moments.w_loop_dirac(0.1 * jnp.eye(3), constants=small))
    np.testing.assert_allclose(at_rest, 3.20262513687330683e-20 * np.eye(3), rtol=1e-12, atol=1e-33)


def test_transition_moments_do_not_cancel():
    """GIM: -3.9e-24 (m_i + m_j) / 0.1 eV sum (m_l / m_tau)^2 U* U, up to m_l^2 / M_W^2 ln."""
    M = np.diag(MASSES) @ U.conj().T
    found = (np.asarray(moments.w_loop_dirac(jnp.asarray(M), constants=SHEET)) @ U)[1, 2]
    leading = (U.conj().T * (np.array(SHEET.lepton_masses) / SHEET.tau_mass) ** 2) @ U
    expected = -3.91281174378127846e-24 * 2 * MASSES[1] / 0.1 * leading[1, 2]
    assert abs(found - expected) < 0.01 * abs(expected)


def test_majorana_moments_of_mass_states():
    """-(i e G_F / 4 sqrt(2) pi^2) (m_i + m_j) Im S and (m_i - m_j) Re S, S = sum f U* U."""
    M = U.conj() @ np.diag(MASSES) @ U.conj().T
    flavor = np.asarray(moments.w_loop_majorana(jnp.asarray(M), constants=SHEET))
    np.testing.assert_array_equal(flavor, -flavor.T)
    expected = 2 * SCALE * (
        1j * (MASSES[:, None] + MASSES) * SUM.imag + (MASSES[:, None] - MASSES) * SUM.real
    )  # fmt: skip
    np.testing.assert_allclose(U.T @ flavor @ U, expected, atol=2e-16 * 2 * SCALE)


def test_equal_masses_and_equal_parity_do_not_mix():
    """Degenerate states of one CP parity have neither moment."""
    V = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    flavor = np.asarray(moments.w_loop_majorana(jnp.asarray(V @ np.diag([0.05, 0.05, 0.1]) @ V.T)))
    assert abs((V.T @ flavor @ V)[0, 1]) < 1e-15 * np.abs(flavor).max()


@pytest.mark.parametrize(("mass", "angle"), [(7e3, 1e-5), (2e6, 3e-4)])
def test_sterile_neutrinos_radiate(mass, angle):
    """9 alpha G_F^2 m^5 sin^2(2 theta) / 1024 pi^4 for Majorana neutrinos, half of it for Dirac neutrinos."""
    s, c = math.sin(angle), math.cos(angle)
    mixed = np.eye(4)
    mixed[np.ix_([0, 3], [0, 3])] = [[c, s], [-s, c]]
    M = mixed @ np.diag([0.0, 0.0, 0.0, mass]) @ mixed.T
    expected = 9 * PDG_2026.fine_structure * PDG_2026.fermi_constant**2 * (mass * 1e-9) ** 5 * math.sin(2 * angle) ** 2
    expected /= 1024 * math.pi**4 * PDG_2026.hbar * 1e-9
    rates = radiative_widths(Neutrinos(jnp.asarray(M) + 0j, nature=Majorana()))
    np.testing.assert_allclose(np.max(rates), expected, rtol=1e-5)
    dirac = radiative_widths(Neutrinos(jnp.asarray(M) + 0j, nature=Dirac()))
    np.testing.assert_allclose(np.max(dirac), expected / 2, rtol=1e-5)


def test_rates_follow_the_states():
    """The sum over lighter states of |mu|^2 / 8 pi ((m_j^2 - m_i^2) / m_j)^3, by hand, in the order of labels."""
    rng = np.random.default_rng(8)
    lam = 1e-11 * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))
    inverted = np.array([0.05, 0.051, 0.001])
    charge2 = 4 * math.pi * PDG_2026.fine_structure
    bohr2 = charge2 / (2 * PDG_2026.electron_mass * 1e9) ** 2

    def by_hand(squared):
        energy = np.maximum(inverted**2 - inverted[:, None] ** 2, 0) / inverted
        return (bohr2 * squared * energy**3).sum(0) / (8 * math.pi * PDG_2026.hbar)

    antisymmetric = lam - lam.T
    M = U.conj() @ np.diag(inverted) @ U.conj().T
    majorana = Neutrinos(jnp.asarray(M), jnp.asarray(antisymmetric))
    expected = by_hand(np.abs(U.T @ antisymmetric @ U) ** 2)
    np.testing.assert_allclose(radiative_widths(majorana), expected, rtol=1e-8, atol=1e-12 * expected.max())
    V = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
    mass_states = np.abs(V.conj().T @ lam @ U) ** 2
    dirac = Neutrinos(jnp.asarray(V @ np.diag(inverted) @ U.conj().T), jnp.asarray(lam), Dirac())
    expected = by_hand(0.5 * (mass_states + mass_states.T))
    np.testing.assert_allclose(radiative_widths(dirac), expected, rtol=1e-8, atol=1e-12 * expected.max())


@pytest.mark.parametrize(
    ("mass", "m_scalar", "expected"),
    [
        (0.1056583755, 25.0, 1.08678573764936674e-8),
        (1.77686, 1e3, 1.34153322266756413e-10),
        (1.77686, 2.0, 1.67779536273859310e-6),
    ],
)
def test_charged_scalar(mass, m_scalar, expected):
    """One lepton with unit couplings, beside quadrature of the Feynman integral at another mass."""
    lepton = {"muon_mass": mass} if mass < 1 else {"tau_mass": mass}
    index = 1 if mass < 1 else 2
    only = jnp.zeros((3, 3)).at[0, index].set(1.0)
    constants = Constants(**lepton)
    found = moments.charged_scalar(only, only, m_scalar, constants=constants)
    assert float(found[0, 0]) == pytest.approx(expected, rel=2e-9)  # m_e in the units of the reference
    heavier = 1.7 * m_scalar
    t = (mass / heavier) ** 2
    integral = integrate.quad(lambda x: x / (1 - x + t * x), 0, 1, epsabs=0, epsrel=1e-12, limit=200)[0]
    by_hand = 2 * constants.electron_mass * mass * integral / (16 * math.pi**2 * heavier**2)
    assert float(moments.charged_scalar(only, only, heavier, constants=constants)[0, 0]) == pytest.approx(
        by_hand, 1e-10
    )


def test_charged_scalar_is_bilinear():
    rng = np.random.default_rng(5)
    A, B = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    units = [moments.charged_scalar(*(2 * [jnp.zeros((3, 3)).at[0, l].set(1.0)]), 80.0)[0, 0] for l in range(3)]
    expected = np.einsum("jl,l,il->ji", B.conj(), np.array(units), A)
    np.testing.assert_allclose(moments.charged_scalar(jnp.asarray(A), jnp.asarray(B), 80.0), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("mass", "charge", "colors", "largest"),
    [
        (0.51099895e-3, -1, 1, 3.913592270226),
        (0.1056583755, -1, 1, 2.994984020e-2),
        (0.0023, 2 / 3, 3, 0.4851225255),
        (173.5, 2 / 3, 3, 4.766637437e-5),
        (0.0048, -1 / 3, 3, 0.4928375361),
        (4.18, -1 / 3, 3, 1.265367764e-3),
    ],
)
def test_tensor(mass, charge, colors, largest):
    """The couplings that leave 3e-12 mu_B at 1 TeV."""
    found = moments.tensor(jnp.asarray(largest), 1000.0, mass=mass, charge=charge, colors=colors)
    assert abs(float(found)) == pytest.approx(3e-12, rel=1e-9)
    assert np.sign(float(found)) == -np.sign(charge)


def test_orders_of_magnitude():
    assert float(moments.left_right(1.0, SHEET.electron_mass, constants=SHEET)) == pytest.approx(
        2.18205077624782143e-13, rel=1e-12
    )
    # Where W_R has the mass of W and mixing vanishes, both loops of a Dirac neutrino: 3 e G_F m / 4 sqrt(2) pi^2.
    twice = moments.left_right(0.0, 0.1, 0.1, mass_ratio=1.0, constants=SHEET)
    assert float(twice) == pytest.approx(2 * 3.20262513687330683e-20, rel=1e-12)
    assert float(moments.expected_mass(1e-11, 100.0, constants=SHEET)) == pytest.approx(0.0978475591779591719e6)
    estimate = moments.r_parity_violation(0.1, 200.0, lepton_mass=1.777, trilinear=500.0)
    assert float(estimate) == pytest.approx(2 * 0.51099895e-3 * 0.01 * 1.777**2 * 500 / (16 * math.pi**2 * 200.0**4))
    J = moments.barr_freire_zee(1.0, 1.0, constants=SHEET, fine_structure_2=0.42463 / (4 * math.pi))
    assert float(J) == pytest.approx(1.7403e-8, rel=1e-4)


def test_gradients():
    def everything(x):
        M = mixing.majorana_mass_matrix(jnp.asarray(U), x[:3] * 0.1)
        loop = moments.charged_scalar(x[3] * jnp.ones((3, 3)), jnp.ones((3, 3)), 100 * x[4])
        tensor = moments.tensor(x[3], 1e3 * x[4], mass=1.2, charge=-1.0)
        return jnp.stack(
            [
                jnp.abs(moments.w_loop_majorana(M)[0, 2]) * 1e25,
                moments.w_loop_dirac(M)[0, 0].real * 1e20,
                loop[0, 1] * 1e9,
                tensor * 1e10,
            ]
        )

    check_derivatives(everything, jnp.array([0.5, 0.5, 1.0, 0.8, 1.1]), rtol=1e-7, atol=1e-8)
    assert np.isfinite(jax.grad(lambda m: moments.tensor(1.0, m, mass=100.0, charge=1.0))(100.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: moments.tensor(1.0, 1.0, mass=100.0, charge=1.0), "`scale` must"),
        (lambda: moments.tensor(1.0, 1e3, mass=-1.0, charge=1.0), "`mass` must"),
        (lambda: moments.left_right(1.5, 1.0), "`sin_2xi` must"),
        (lambda: moments.left_right(0.5, 1.0, mass_ratio=2.0), "`mass_ratio` must"),
        (lambda: moments.w_loop_majorana(jnp.arange(9.0).reshape(3, 3)), "`mass_matrix` must be symmetric"),
        (lambda: moments.w_loop_dirac(jnp.ones((2, 2))), "`mass_matrix` must have shape"),
        (lambda: moments.charged_scalar(jnp.ones(3), jnp.ones((3, 3)), 100.0), "`left` must have shape"),
        (lambda: moments.charged_scalar(jnp.ones((3, 3)), jnp.ones((3, 3)), -100.0), "`m_scalar` must"),
        (lambda: moments.r_parity_violation(0.1, 0.0, lepton_mass=1.0, trilinear=1.0), "`m_slepton` must"),
        (lambda: moments.expected_mass(1e-11, -1.0), "`m_heavy` must"),
    ],
)
def test_nonsense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
