"""Models whose point is a moment: closed forms of their papers, independent sums and quadrature, limits."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from nmmjax.constants import PDG_2026
from nmmjax.loops import two_loop
from nmmjax.models import (
    GrimusLavoura,
    GrimusLavouraCouplings,
    LeftRight,
    RParityViolation,
    SU2Horizontal,
    SU3Horizontal,
    TensorInteractions,
    ThreeFlavor,
    Zee,
)
from nmmjax.models.tensor_interactions import FERMIONS
from nmmjax.testing import check_derivatives

M_E, M_MU, M_TAU = PDG_2026.lepton_masses
SPLITTING = {"m_h": 100.0, "m_heavy": 300.0, "m_neutral": 100.0, "m_pseudo": 100.0}
LOOP = 16 * math.pi**2


def flip(m, M):
    """(1 / M^2) int x dx / (1 - x + t x)."""
    t = mpmath.mpf(m) ** 2 / M**2
    return float(mpmath.quad(lambda x: x / (1 - x + t * x), [0, 0.5, 0.99, 1 - 10 * t, 1])) / M**2


def bubble(m, M_1, M_2):
    """B0(m, M_1) - B0(m, M_2) by a Feynman parameter."""
    m, M_1, M_2 = (mpmath.mpf(x) for x in (m, M_1, M_2))
    return float(
        mpmath.quad(lambda x: mpmath.log((x * m**2 + (1 - x) * M_2**2) / (x * m**2 + (1 - x) * M_1**2)), [0, 1])
    )


# SU(2)_H


def test_su2_published_point():
    """f f' sin 2alpha = 0.01, 100 and 300 GeV: 6.942e-11 mu_B; 1e-11 mu_B asks for 1.4405e-3."""
    model = SU2Horizontal(0.1, 0.1, math.pi / 4, **SPLITTING)
    assert float(model.new_moment()) == pytest.approx(6.94196758307623026e-11, rel=1e-4)  # m_tau of another year
    wanted = SU2Horizontal.from_moment(1e-11, 2.0, math.pi / 4, m_h=100.0, heavier=3.0, m_neutral=100.0)
    assert 10 ** float(wanted.derived()["log10_ff"]) == pytest.approx(1.44051378522408e-3, rel=1e-4)
    assert float(wanted.f / wanted.f_prime) == pytest.approx(2.0, rel=1e-12)
    np.testing.assert_allclose(wanted.sector_masses(), 17.8e3, rtol=2e-3)
    leading = sum(s / m**2 * (math.log(m**2 / M_TAU**2) - 1) for s, m in ((1, 100.0), (-1, 300.0)))
    printed = 0.01 / (8 * math.pi**2) * M_E * M_TAU * leading
    assert float(model.new_moment()) == pytest.approx(printed, rel=1e-3)


def test_su2_broken():
    """The two loops of the moment and of the mass, summed by hand at unequal angles and masses."""
    changes = {"d_alpha": 0.2, "d_h": -0.1, "d_heavy": 0.3}
    model = SU2Horizontal(0.3, 0.4, 0.35, **SPLITTING, **changes)
    first, second = math.sin(0.7), math.sin(0.84)
    moment = first * (flip(M_TAU, 100) - flip(M_TAU, 300)) + second * (flip(M_TAU, 90) - flip(M_TAU, 390))
    mass = first * bubble(M_TAU, 100, 300) - second * bubble(M_TAU, 90, 390)
    size = 0.12 * M_TAU / (2 * LOOP)
    assert float(model.new_moment()) == pytest.approx(2 * M_E * size * moment, rel=1e-9)
    assert float(model.new_mass()) == pytest.approx(1e9 * size * mass, rel=1e-9)
    neutrinos = model.low_energy().neutrinos
    assert float(neutrinos.moment_matrix[0, 1].real) == pytest.approx(float(model.new_moment()), rel=1e-12)
    assert float(neutrinos.mass_matrix[1, 0].real) == pytest.approx(float(model.new_mass()), rel=1e-12)


BROKEN = {"d_f": 0.1, "d_f_prime": -0.2, "h_3": 0.2, "d_h3": 0.3, "d_alpha": 0.2, "d_h": -0.1, "d_heavy": 0.3}


def test_su2_broken_is_two_models_of_zee():
    """Each sector is a Zee model of its own, whose F and Y are matrices: masses and moments add."""
    f, f_prime, alpha = 0.3, 0.4, 0.35
    model = SU2Horizontal(f, f_prime, alpha, **SPLITTING, **BROKEN)
    of_one, of_two = np.zeros((3, 3)), np.zeros((3, 3))
    of_one[0, 2], of_one[2, 1] = f_prime * 0.8, 0.2 * 0.7
    of_two[1, 2], of_two[2, 0] = -f_prime * 1.2, 0.2 * 1.3
    sectors = (
        Zee(f_mutau=0.5 * f * 0.9, Y=jnp.asarray(of_one), m_1=100.0, m_2=300.0, phi=alpha),
        Zee(f_etau=0.5 * f * 1.1, Y=jnp.asarray(of_two), m_1=90.0, m_2=390.0, phi=1.2 * alpha),
    )
    neutrinos = model.low_energy().neutrinos
    masses = sum(np.asarray(sector.mass_matrix()) for sector in sectors)
    np.testing.assert_allclose(neutrinos.mass_matrix, masses, rtol=1e-12, atol=1e-9)
    expected = sum(np.asarray(sector.one_loop_moments()) for sector in sectors)
    assert abs(float(model.new_moment())) == pytest.approx(abs(expected[0, 1]), rel=1e-12)
    assert np.abs(expected[2]).max() < 1e-12 * abs(expected[0, 1])


@pytest.mark.parametrize(("d_f", "d_f_prime"), [(1e-9, 0.0), (0.0, -3e-7), (0.2, -0.3), (0.1, 0.1)])
def test_su2_mass_of_unequal_yukawa_couplings(d_f, d_f_prime):
    """(m_tau / 16 pi^2) sin 2alpha (f delta f' - f' delta f) [B0(h) - B0(H)]; the moment loses delta f delta f'."""
    model = SU2Horizontal(0.1, 0.2, 0.35, **SPLITTING, d_f=d_f, d_f_prime=d_f_prime)
    expected = 1e9 * M_TAU / LOOP * math.sin(0.7) * 0.02 * (d_f_prime - d_f) * bubble(M_TAU, 100, 300)
    assert float(model.new_mass()) == pytest.approx(expected, rel=1e-10, abs=1e-30)
    exact = SU2Horizontal(0.1, 0.2, 0.35, **SPLITTING)
    assert float(model.new_moment() / exact.new_moment()) == pytest.approx(1 - d_f * d_f_prime, rel=1e-12)
    gradient = jax.grad(lambda d: SU2Horizontal(0.1, 0.2, 0.35, **SPLITTING, d_f=d).new_mass())(d_f)
    assert float(gradient) == pytest.approx(-1e9 * M_TAU / LOOP * math.sin(0.7) * 0.02 * bubble(M_TAU, 100, 300))


def test_su2_mass_of_tau():
    """By e and mu in the loop, allowed by the symmetry, by quadrature."""
    model = SU2Horizontal(0.3, 0.4, 0.35, **SPLITTING, h_3=0.05, d_h3=0.1)
    loops = 0.9 * M_MU * bubble(M_MU, 100, 300) + 1.1 * M_E * bubble(M_E, 100, 300)
    expected = -1e9 * 0.3 * 0.05 / LOOP * math.sin(0.7) * loops
    neutrinos = model.low_energy().neutrinos
    assert float(neutrinos.mass_matrix[2, 2].real) == pytest.approx(expected, rel=1e-9)
    assert 10 ** float(model.derived()["log10_mass_tautau"]) == pytest.approx(abs(expected), rel=1e-9)
    assert float(neutrinos.mass_matrix[0, 1].real) == 0.0


def test_su2_leptons_where_it_is_broken():
    """e sees phi_1^0 by f' and phi_2 by h_3, and eta_2; mu the other way round. Sums over scalars by hand."""
    f, f_prime, alpha = 0.3, 0.4, 0.35
    model = SU2Horizontal(f, f_prime, alpha, **SPLITTING, **BROKEN)
    light, heavy, angle = np.array([100.0, 90.0]), np.array([300.0, 390.0]), alpha * np.array([1.0, 1.2])
    eta = (np.cos(angle) / light) ** 2 + (np.sin(angle) / heavy) ** 2
    phi = (np.sin(angle) / light) ** 2 + (np.cos(angle) / heavy) ** 2

    def on_fermion(m):
        t = (m / 100.0) ** 2
        return float(mpmath.quad(lambda x: x**2 * (1 - x) / (1 - x + t * x), [0, 1])) / 100.0**2

    f_2, prime_2, h_2 = f**2 * np.array([1.1, 0.9]) ** 2, f_prime**2 * np.array([0.8, 1.2]) ** 2, [0.26**2, 0.14**2]
    tau = on_fermion(M_TAU)
    expected = [
        M_E**2 * ((prime_2[0] + h_2[0]) * tau - (f_2[0] * eta[1] + h_2[0] * phi[1]) / 6),
        M_MU**2 * ((prime_2[1] + h_2[1]) * tau - (f_2[1] * eta[0] + h_2[1] * phi[0]) / 6),
        M_TAU**2
        * (
            (prime_2[0] + h_2[0]) * on_fermion(M_E)
            + (prime_2[1] + h_2[1]) * on_fermion(M_MU)
            - (prime_2[0] * phi[0] + prime_2[1] * phi[1] + f_2[0] * eta[1] + f_2[1] * eta[0]) / 6
        ),
    ]
    found = model.low_energy().charged_leptons.anomalous_moments
    np.testing.assert_allclose(found, np.array(expected) / LOOP, rtol=1e-9)


@pytest.mark.parametrize("name", ["d_alpha", "d_h", "d_heavy"])
def test_su2_mass_of_a_small_breaking(name):
    """By 40 digits: the difference of two sectors of 10 keV is right where they cancel to 1e-9."""
    model = SU2Horizontal(0.1, 0.1, 0.35, **SPLITTING, **{name: 1e-9})
    with mpmath.workdps(40):
        d = {key: mpmath.mpf(float(getattr(model, key))) for key in ("d_alpha", "d_h", "d_heavy")}
        tau, alpha = mpmath.mpf(M_TAU), mpmath.mpf(0.35)

        def finite(M):
            t = (tau / M) ** 2
            return -mpmath.log(M**2) + t * mpmath.log(t) / (1 - t)

        def sector(angle, light, heavy):
            return mpmath.sin(2 * angle) * (finite(light) - finite(heavy))

        difference = sector(alpha, mpmath.mpf(100), mpmath.mpf(300)) - sector(
            alpha * (1 + d["d_alpha"]), 100 * (1 + d["d_h"]), 300 * (1 + d["d_heavy"])
        )
        expected = float(difference * mpmath.mpf("0.01") * tau / (32 * mpmath.pi**2) * 10**9)
    assert float(model.new_mass()) == pytest.approx(expected, rel=1e-9 if name == "d_alpha" else 1e-6)


def test_su2_symmetric_limit():
    model = SU2Horizontal(0.1, 0.1, 0.35, **SPLITTING)
    assert float(model.new_mass()) == 0.0
    assert float(model.new_moment()) > 1e-11
    gradient = jax.grad(lambda d: SU2Horizontal(0.1, 0.1, 0.35, **SPLITTING, d_h=d).new_mass())(0.0)
    assert np.isfinite(gradient)
    assert gradient != 0


def test_su2_muon():
    """m_H = m_A = 100 GeV, f' = 1: 2.34257786e-9 for massive tau; eta subtracts f^2 m_mu^2 / 96 pi^2 M^2."""
    model = SU2Horizontal(0.0, 1.0, 0.0, **SPLITTING)
    assert float(model.derived()["delta_a_mu"]) == pytest.approx(2.34257786001765424e-9, rel=5e-5)
    charged = SU2Horizontal(0.5, 0.0, 0.3, **SPLITTING)
    mixed = math.cos(0.3) ** 2 / 100**2 + math.sin(0.3) ** 2 / 300**2
    expected = -(0.25 * M_MU**2) / (96 * math.pi**2) * mixed
    assert float(charged.derived()["delta_a_mu"]) == pytest.approx(expected, rel=1e-12)
    e, mu, tau = charged.low_energy().charged_leptons.anomalous_moments
    assert float(e / mu) == pytest.approx((M_E / M_MU) ** 2, rel=1e-12)
    assert float(tau / mu) == pytest.approx(2 * (M_TAU / M_MU) ** 2, rel=1e-12)


# Zee


def test_zee_mass_and_one_loop_moment():
    """kappa [f m Y^+ + transpose] with kappa(200, 500) for massless leptons, and both loops by quadrature."""
    rng = np.random.default_rng(2)
    Y = 0.1 * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))
    phi = 0.1
    model = Zee(f_emu=0.1, f_etau=0.2j, f_mutau=-0.3, Y=jnp.asarray(Y), m_1=200.0, m_2=500.0, phi=phi)
    f = np.asarray(model.f)
    loops = np.diag([m * bubble(m, 200, 500) for m in PDG_2026.lepton_masses])
    half = math.sin(2 * phi) / LOOP * f @ loops @ Y.conj().T
    np.testing.assert_allclose(model.mass_matrix(), 1e9 * (half + half.T), rtol=1e-10)
    kappa = 1.16049576892491681e-3 * math.sin(2 * phi) / 0.1
    massless = kappa * f @ np.diag(PDG_2026.lepton_masses) @ Y.conj().T
    np.testing.assert_allclose(model.mass_matrix(), 1e9 * (massless + massless.T), rtol=1e-3)
    flips = np.diag([m * (flip(m, 200) - flip(m, 500)) for m in PDG_2026.lepton_masses])
    half = 2 * M_E * 0.5 * math.sin(2 * phi) / LOOP * (2 * f) @ flips @ Y.conj().T
    np.testing.assert_allclose(np.asarray(model.one_loop_moments()).T, half - half.T, rtol=1e-9)


def test_zee_two_loop_moment():
    """(g^2 e / 256 pi^4) 2 f (sin 2phi / 2) [3 J_t(M_1) - 3 J_t(M_2)], no masses: the spin-symmetric mechanism."""
    model = Zee(f_emu=0.2, y_top=0.8, m_1=300.0, m_2=900.0, phi=0.3)

    def J(m):
        loop = {"m_down": 4.183, "m_up": 172.57, "charge_down": -1 / 3, "charge_up": 2 / 3}
        return 3 * float(two_loop.w_gamma_fermion(m, **loop, yukawa_down=0.0, yukawa_up=0.8))

    g2 = 8 * PDG_2026.w_mass**2 * PDG_2026.fermi_constant / math.sqrt(2)
    expected = 2 * M_E * g2 / (256 * math.pi**4) * 0.4 * 0.5 * math.sin(0.6) * (J(300.0) - J(900.0))
    neutrinos = model.low_energy().neutrinos
    assert float(neutrinos.moment_matrix[0, 1].real) == pytest.approx(expected, rel=1e-12)
    assert np.all(np.asarray(neutrinos.mass_matrix) == 0)
    derived = model.derived()
    conundrum = 300.0**2 * abs(expected) / (2 * M_E) * 1e9
    assert float(derived["longitudinal_mass"]) == pytest.approx(conundrum * (M_MU / PDG_2026.w_mass) ** 2, rel=1e-6)


def test_zee_without_mixing_or_splitting():
    """Both loops vanish without mixing of the scalars, and where their masses are equal."""
    Y = 0.1 * jnp.ones((3, 3))
    for changes in ({"phi": 0.0, "m_2": 500.0}, {"phi": 0.3, "m_2": 200.0}):
        neutrinos = Zee(f_emu=0.1, Y=Y, y_top=1.0, m_1=200.0, **changes).low_energy().neutrinos
        assert np.abs(neutrinos.mass_matrix).max() < 1e-12
        assert np.abs(neutrinos.moment_matrix).max() < 1e-26
    gradient = jax.grad(lambda m: Zee(f_emu=0.1, Y=Y, m_1=200.0, m_2=m, phi=0.3).mass_matrix()[0, 1].real)(200.0)
    assert np.isfinite(gradient)
    assert gradient != 0


def test_zee_charged_leptons():
    """BR = (alpha / 768 pi) |F^+ F|^2 <1 / M^2>^2 / G_F^2 of the singlet's share."""
    charged = Zee(f_etau=0.1, f_mutau=0.2, m_1=300.0, m_2=900.0, phi=0.4).low_energy().charged_leptons
    share = math.cos(0.4) ** 2 / 300**2 + math.sin(0.4) ** 2 / 900**2
    expected = PDG_2026.fine_structure / (768 * math.pi) * (0.2 * 0.4 * share / PDG_2026.fermi_constant) ** 2
    assert float(charged.radiative_ratio(1, 0)) == pytest.approx(expected, rel=1e-12)


# Grimus and Lavoura from couplings


def test_grimus_lavoura_from_couplings():
    """a, b, r of the three-parameter matrix come back, from unequal couplings as from the paper's assumptions."""
    model = GrimusLavouraCouplings.from_splittings(0.055, 1.2, 1e-10, 1e-4, 3.0)
    shape = GrimusLavoura.from_splittings(0.055, 1.2, 1e-10)
    derived = model.derived()
    assert float(derived["a"]) == pytest.approx(float(shape.a), rel=1e-12)
    assert float(model.trilinear) == pytest.approx(1e-4**0.25 * 10 ** float(derived["log10_scalar_mass"]), rel=1e-12)
    light = GrimusLavouraCouplings.from_splittings(0.055, 1.2, 1e-10, 1e-13, 3.0)
    assert float(light.m_h) < 1e3
    assert float(light.derived()["a"]) == pytest.approx(float(shape.a), rel=1e-11)
    assert float(derived["b"]) == pytest.approx(float(shape.b), rel=1e-12)
    states = model.low_energy().neutrinos.states
    assert float(states.dm21) == pytest.approx(1e-10, rel=1e-6)
    assert float(states.sin2_theta13) < 1e-28
    np.testing.assert_allclose(
        np.abs(model.low_energy().neutrinos.mass_matrix), shape.low_energy().neutrinos.mass_matrix
    )


def test_grimus_lavoura_two_loop_mass():
    """-(4 lambda <eta> / (16 pi^2)^2) sum over all l, l' of f h^* f m m' I, and its invariance under phases of h, f."""
    h = np.array([[0.3, 0.2 + 0.1j], [0.2 + 0.1j, -0.4j]])
    f, m = np.array([0.1, 0.2 - 0.3j]), np.array([M_MU, M_TAU])
    arguments = {"trilinear": 2e3, "m_f": 3e3, "m_h": 5e3, "delta_e": 1e-3, "delta_mu": 2e-3, "delta_tau": 3e-3}

    def model(f, h):
        couplings = {"f_mu": f[0], "f_tau": f[1], "h_mumu": h[0, 0], "h_mutau": h[0, 1], "h_tautau": h[1, 1]}
        return GrimusLavouraCouplings(**couplings, **arguments, seesaw_scale=1e8)

    I = np.array([[float(two_loop.massive(x, y, 3e3, 5e3)) for x in m] for y in m])
    expected = -4 * 2e3 / LOOP**2 * np.einsum("i,ij,j->", f * m, h.conj() * I, f * m)
    found = complex(model(f, h).two_loop_mass())
    assert found == pytest.approx(expected, rel=1e-12)
    turned = complex(model(f * np.exp(0.4j), h * np.exp(0.8j)).two_loop_mass())
    assert turned == pytest.approx(expected, rel=1e-12)


def test_grimus_lavoura_full_matrix():
    """The light block of the 5 x 5 matrix, by 40 digits: singular values to m_D^2 / M^2."""
    model = GrimusLavouraCouplings(
        f_mu=0.1, f_tau=0.2, h_mumu=0.3, h_mutau=0.1, h_tautau=0.4, trilinear=1e3, m_f=1e3, m_h=1e3,
        delta_e=0.3, delta_mu=0.4, delta_tau=0.5, seesaw_scale=1e6,
    )  # fmt: skip
    with mpmath.workdps(40):
        full = mpmath.matrix(np.asarray(model.full_mass_matrix()).real.tolist())
        values = sorted(abs(x) for x in mpmath.eigsy(full, eigvals_only=True))[:3]
    masses = np.sort(np.asarray(model.low_energy().neutrinos.states.masses))
    np.testing.assert_allclose(masses, [1e9 * float(x) for x in values], rtol=1e-11, atol=1e-7)


# Structures


def test_su3_is_a_vector():
    n = np.array([0.3, -0.2 + 0.5j, 0.8])
    found = np.asarray(SU3Horizontal(2e-12, *n).low_energy().neutrinos.moment_matrix)
    epsilon = np.zeros((3, 3, 3))
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        epsilon[a, b, c], epsilon[b, a, c] = 1.0, -1.0
    np.testing.assert_allclose(found, 2e-12 * epsilon @ n, atol=1e-22)


def test_left_right():
    """Diagonal in flavor: 2.18e-13 sin 2xi mu_B for the electron, (1 - r^2); masses those of its origin."""
    model = LeftRight(0.01, 800.0)
    neutrinos = model.low_energy().neutrinos
    r = PDG_2026.w_mass / 800.0
    expected = PDG_2026.fermi_constant / (2 * math.sqrt(2) * math.pi**2) * 2 * M_E * M_TAU * (1 - r**2) * math.sin(0.02)
    assert float(neutrinos.moment_matrix[2, 2].real) == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(np.sort(neutrinos.states.masses), np.sort(model.origin.masses()), atol=1e-15)
    np.testing.assert_allclose(neutrinos.mass_matrix, np.asarray(neutrinos.mass_matrix).conj().T, atol=1e-17)


def test_tensor_interactions():
    model = TensorInteractions(epsilon_mutau=0.4928375361, fermion=FERMIONS["d"])
    by_hand = 0.4928375361 / math.pi**2 * M_E * 4.70e-3 / 1e6 * math.log(1e6 / 4.70e-3**2)
    assert float(model.derived()["mu_mutau"]) == pytest.approx(by_hand, rel=1e-10)
    assert float(model.derived()["mu_emu"]) < 1e-23
    with pytest.raises(ValueError, match="`fermion` must"):
        TensorInteractions(fermion="d")


def test_r_parity():
    found = RParityViolation(0.1, 200.0, 500.0).derived()
    assert float(found["expected_mass"]) == pytest.approx(
        200.0**2 * float(found["mu_emu"]) / (2 * M_E) * 1e9, rel=1e-12
    )


def test_r_parity_of_a_moment():
    """lambda' = 0.26 at M = A = 100 GeV for 1.37e-12 mu_B, and back."""
    model = RParityViolation.from_moment(1.37e-12, 100.0, 100.0)
    expected = math.sqrt(1.37e-12 * LOOP * 100.0**3 / (2 * M_E * M_TAU**2))
    assert float(model.coupling) == pytest.approx(expected, rel=1e-9)
    assert float(model.coupling) == pytest.approx(0.26, abs=0.005)
    assert float(model.derived()["mu_emu"]) == pytest.approx(1.37e-12, rel=1e-12)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SU2Horizontal(0.1, 0.1, 2.0, **SPLITTING), "`alpha` must"),
        (lambda: SU2Horizontal(0.1, 0.1, 0.3, **(SPLITTING | {"m_h": -1.0})), "`m_h` must"),
        (lambda: Zee(m_1=-1.0, m_2=300.0, phi=0.1), "`m_1` must"),
        (lambda: Zee(m_1=300.0, m_2=300.0, phi=3.0), "`phi` must"),
        (lambda: GrimusLavouraCouplings.from_splittings(0.05, 1.0, 1e-10, -1e-3, 1.0), "`yukawa` must"),
        (lambda: SU3Horizontal(-1e-11, 0.0, 0.0, 1.0), "`scale` must"),
        (lambda: LeftRight(1.0, 800.0), "`xi` must"),
        (lambda: RParityViolation(0.1, -5.0, 10.0), "`m_slepton` must"),
    ],
)
def test_nonsense_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_large_couplings_are_suppressed():
    assert float(SU2Horizontal(5.0, 0.1, 0.3, **SPLITTING).log_prior()) < -50
    assert float(Zee(y_top=5.0, m_1=300.0, m_2=400.0, phi=0.1).log_prior()) < -50
    strong = GrimusLavouraCouplings.from_splittings(0.055, 1.0, 1e-10, 1e3, 1.0)
    assert float(strong.log_prior()) < -50


def test_gradients_of_moments():
    def sizes(x):
        su2 = SU2Horizontal.from_moment(1e-11, 2.0 * x[0], 0.4 * x[1], m_h=150 * x[2], heavier=2.0, m_neutral=200.0)
        zee = Zee(f_emu=0.1 * x[0], y_top=x[1], m_1=200 * x[2], m_2=500.0, phi=0.3, origin=ThreeFlavor.benchmark())
        return jnp.stack([su2.f, su2.derived()["delta_a_mu"] * 1e11, zee.derived()["mu_emu"] * 1e13])

    check_derivatives(sizes, jnp.array([1.0, 0.9, 1.1]), rtol=1e-7, atol=1e-7)


# Phases of the fields


@pytest.mark.parametrize("seed", range(2))
def test_phases_of_the_fields_do_not_matter(seed):
    """L_a -> e^{i phi_a} L_a with its partners turns rows and columns of M and lambda, and no mass or rate."""
    rng = np.random.default_rng(seed)
    phi = rng.uniform(-np.pi, np.pi, 3)
    turn = np.exp(1j * phi)
    Y = 0.1 * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))
    f = 0.1 * (rng.normal(size=3) + 1j * rng.normal(size=3))

    def zee(pairs, Y):
        couplings = dict(zip(("f_emu", "f_etau", "f_mutau"), pairs, strict=True))
        return Zee(**couplings, Y=jnp.asarray(Y), y_top=0.4, m_1=200.0, m_2=500.0, phi=0.3).low_energy()

    def su3(n):
        return SU3Horizontal(1e-11, *n).low_energy()

    one = zee(f, Y)
    other = zee(f * turn[[0, 0, 1]] * turn[[1, 2, 2]], np.outer(turn.conj(), turn) * Y)
    expected = np.outer(turn, turn) * np.asarray(one.neutrinos.mass_matrix)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(other.neutrinos.mass_matrix, expected, atol=1e-12 * scale)
    moment = np.outer(turn, turn) * np.asarray(one.neutrinos.moment_matrix)
    np.testing.assert_allclose(other.neutrinos.moment_matrix, moment, atol=1e-12 * np.abs(moment).max())
    masses = [theory.neutrinos.states.masses for theory in (one, other)]
    np.testing.assert_allclose(*masses, atol=1e-12 * scale)
    ratios = [theory.charged_leptons.radiative_ratio(1, 0) for theory in (one, other)]
    np.testing.assert_allclose(*ratios, rtol=1e-12)
    n = rng.normal(size=3) + 1j * rng.normal(size=3)
    rotated = su3(n * np.exp(0.7j)).neutrinos.moment_matrix
    np.testing.assert_allclose(np.abs(rotated), np.abs(np.asarray(su3(n).neutrinos.moment_matrix)), atol=1e-22)
