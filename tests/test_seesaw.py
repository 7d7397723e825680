"""Seesaws of all types: full matrices in mpmath, observables that come back, charged leptons in closed form."""

import functools
import itertools
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from helpers import mp_adjoint, mp_array, mp_eigensystem, random_unitary

from nmmjax import decays, mixing
from nmmjax.constants import PDG_2026
from nmmjax.experiments import RareLeptonDecays2025
from nmmjax.fit import Fit
from nmmjax.low_energy import Neutrinos, States
from nmmjax.models import (
    InverseSeesaw,
    LinearSeesaw,
    SeesawTypeOne,
    SeesawTypeThree,
    SeesawTypeTwo,
    ThreeFlavor,
    ZeeBabu,
)
from nmmjax.models._casas_ibarra import ComplexRotation, casas_ibarra
from nmmjax.numerics import takagi
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.testing import check_derivatives

ALPHA, FERMI = PDG_2026.fine_structure, PDG_2026.fermi_constant
HIGGS = PDG_2026.higgs_vev / math.sqrt(2)
LIGHT = {
    "dm21": 7.5e-5, "sin2_theta12": 0.31, "sin2_theta13": 0.022, "sin2_theta23": 0.55,
    "delta_cp": -2.5, "alpha21": 0.7, "alpha31": -1.9,
}  # fmt: skip
ORDERINGS = {"normal": (NormalOrdering(), 2.51e-3), "inverted": (InvertedOrdering(), -2.48e-3)}
R = {"x12": 0.4, "x13": -1.3, "x23": 2.5, "y12": 0.9, "y13": -0.4, "y23": 0.3}
DIRAC = {"y_1": 0.02, "y_2": 0.1, "y_3": 0.4, "omega12": 0.3, "omega13": -0.2, "omega23": 1.1, "omega_phase": 0.8}
FREE = {
    SeesawTypeOne: {"m_1": 3e9, "m_2": 2e10, "m_3": 5e12, **R},
    SeesawTypeTwo: {"v_delta": 3e-9, "m_delta": 900.0},
    SeesawTypeThree: {"m_1": 3e3, "m_2": 2e3, "m_3": 5e4, **R},
    InverseSeesaw: {"m_1": 3e3, "m_2": 2e3, "m_3": 5e3, **DIRAC},
    LinearSeesaw: {"m_1": 3e3, "m_2": 2e3, "m_3": 5e3, **DIRAC, "a_emu": 0.02 + 0.01j, "a_mutau": -0.03},
}
observables = jax.jit(lambda matrix: Neutrinos(matrix).observables())


def built(kind, ordering="normal", **changes):
    order, dm3l = ORDERINGS[ordering]
    return kind.from_oscillations(
        **({**LIGHT, "dm3l": dm3l, "lightest_mass": 0.013, **FREE[kind]} | changes), ordering=order
    )


def expected_matrix(ordering, lightest_mass):
    order, dm3l = ORDERINGS[ordering]
    light = ThreeFlavor.from_sin2(dm3l=dm3l, **LIGHT, lightest_mass=lightest_mass, ordering=order)
    U = np.asarray(light.pmns())
    return U.conj() @ np.diag(light.masses()) @ U.conj().T


@pytest.mark.parametrize("lightest_mass", [0.0, 0.02])
@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("kind", FREE)
def test_observables_come_back(kind, ordering, lightest_mass):
    matrix = built(kind, ordering, lightest_mass=lightest_mass).low_energy().neutrinos.mass_matrix
    expected = expected_matrix(ordering, lightest_mass)
    np.testing.assert_allclose(matrix, expected, atol=1e-13 * np.abs(expected).max())
    found = observables(matrix)
    for name in ("dm21", "sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp"):
        assert float(found[name]) == pytest.approx(LIGHT[name], rel=1e-9)
    order, dm3l = ORDERINGS[ordering]
    assert float(order.dm3l(found["dm21"], found["dm31"])) == pytest.approx(dm3l, rel=1e-9)
    assert float(found["m_beta_beta"]) == pytest.approx(abs(expected[0, 0]), rel=1e-11)


# The solution of M = h diag(scale) h^T


@pytest.mark.parametrize("masses", [(0.0, 0.009, 0.05), (0.05, 0.051, 0.0), (1.0, 1.0, 1.0)])
@pytest.mark.parametrize("size", [0.0, 1.0, 5.0])
def test_casas_ibarra_by_multiplication(masses, size):
    """For scales of both signs; rounding grows as |R|^2 = e^(2 (|y_23| + |y_13| + |y_12|))."""
    U, scale = random_unitary(np.random.default_rng(7), 3), np.array([2.0, -0.3, 1e4])
    y = {"y23": 0.5 * size, "y13": -0.2 * size, "y12": 0.3 * size}
    rotation = np.asarray(ComplexRotation(x23=0.3, x13=-2.0, x12=1.1, **y).matrix())
    largest = math.exp(size)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-15 * largest**2)
    assert np.abs(rotation).max() < largest
    h = np.asarray(casas_ibarra(U, np.array(masses), scale, rotation))
    expected = U.conj() @ np.diag(masses) @ U.conj().T
    np.testing.assert_allclose(h @ np.diag(scale) @ h.T, expected, atol=1e-15 * max(masses) * largest**2)
    if size == 0.0:
        assert np.abs(rotation.imag).max() == 0.0


def test_rotation_is_that_of_the_mixing_matrix_for_real_angles():
    found = ComplexRotation(x23=0.8, x13=0.15, x12=0.6).matrix()
    np.testing.assert_allclose(found, mixing.pmns(0.6, 0.15, 0.8), atol=1e-16)


def test_every_solution_has_its_angles():
    """R = diag(1 / sqrt m) U^T h diag(sqrt scale) of any h that gives M is complex orthogonal: nothing is left out."""
    rng = np.random.default_rng(3)
    h, scale = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)), np.array([1.0, 3.0, -0.4])
    states = Neutrinos(h @ np.diag(scale) @ h.T).states
    U, m = np.asarray(states.mixing), np.asarray(states.masses)
    found = np.diag(m**-0.5) @ U.T @ h @ np.diag(np.sqrt(scale + 0j))
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-13)
    np.testing.assert_allclose(casas_ibarra(U, m, scale, found), h, rtol=1e-12)


# Full matrices


def singular_system(matrix):
    """Singular values ascending, and the vectors v of A v = m v^* up to phases, of a matrix of mpmath numbers."""
    squares, vectors = mp_eigensystem(mp_adjoint(matrix) @ matrix)
    return np.array([mpmath.sqrt(abs(s)) for s in squares], dtype=object), vectors


def with_dirac_masses(kind, mixing_size, heavy):
    """Yukawa couplings such that the largest singular value of Theta is `mixing_size`."""
    rng = np.random.default_rng(11)
    theta = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    yukawa = np.diag(heavy) @ theta * (mixing_size / np.linalg.norm(theta, 2)) / HIGGS
    small = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    masses = dict(zip(("m_1", "m_2", "m_3"), heavy, strict=True))
    if kind in (SeesawTypeOne, SeesawTypeThree):
        return kind(yukawa, **masses)
    return kind(yukawa, 1e3 * (small + small.T), **masses)


FULL = [
    (SeesawTypeOne, 1e-9, (1e9, 2e9, 7e9)),  # m_D of a few GeV
    (SeesawTypeOne, 0.1, (1.0, 2.0, 5.0)),
    (SeesawTypeOne, 0.3, (1.0, 1.5, 1.2)),
    (InverseSeesaw, 0.1, (1e3, 2e3, 5e3)),
    (LinearSeesaw, 0.1, (1e3, 2e3, 5e3)),
]


@pytest.mark.parametrize(("kind", "size", "heavy"), FULL)
def test_exact_blocks_against_the_full_matrix(kind, size, heavy):
    """Light masses, heavy masses and the mixing of charged currents of the whole matrix, in 80 digits."""
    model = with_dirac_masses(kind, size, heavy)
    full = np.asarray(model.full_matrix())
    np.testing.assert_allclose(full, full.T, atol=0)
    with mpmath.workdps(80):
        reference, vectors = singular_system(mp_array(full))
    light = States(*takagi.factorize(model.exact_light_matrix()))
    reference = reference.astype(float)
    np.testing.assert_allclose(light.masses, 1e9 * reference[:3], atol=3e-15 * 1e9 * reference[2])
    heavy_found = np.linalg.svd(np.asarray(model.exact_heavy_matrix()))[1][::-1]
    np.testing.assert_allclose(heavy_found, reference[3:], rtol=1e-13)
    flavors = np.vectorize(lambda z: float(abs(z)))(vectors[:3, :3])
    np.testing.assert_allclose(np.abs(model.light_flavors() @ light.mixing), flavors, atol=1e-13)
    first = np.linalg.svd(np.asarray(model.light_matrix()))[1][::-1]
    off = np.abs(first / (1e9 * reference[:3]) - 1).max()
    assert off < 3e-15 if size < 1e-8 else 0.1 * size**2 < off < 2 * size**2


@pytest.mark.parametrize("kind", [SeesawTypeOne, InverseSeesaw, LinearSeesaw])
def test_factorization_of_the_full_matrix_would_not_do(kind):
    """Where the exact block still has all its digits: light masses are lost below 1e-16 of the heavy ones."""
    model = built(kind)
    full = np.linalg.svd(np.asarray(model.full_matrix()))[1][::-1]
    exact = np.linalg.svd(np.asarray(model.exact_light_matrix()))[1][::-1]
    first = np.linalg.svd(np.asarray(model.light_matrix()))[1][::-1]
    largest = float(jnp.sum(jnp.abs(model.mixing) ** 2))
    np.testing.assert_allclose(exact, first, rtol=2 * largest + 1e-11)
    assert np.abs(1e9 * full[:3] / exact - 1).max() > 1e-3


def test_derivatives_of_the_exact_block():
    model = with_dirac_masses(InverseSeesaw, 0.2, (1e3, 2e3, 5e3))

    def size(x):
        yukawa = model.yukawa * (1 + x[0])
        changed = InverseSeesaw(yukawa, model.mu_s, m_1=model.m_1 * x[1], m_2=model.m_2, m_3=model.m_3)
        return jnp.linalg.norm(changed.exact_light_matrix())[None]

    check_derivatives(size, jnp.array([0.1, 1.1]), rtol=1e-8, atol=0)


def test_light_blocks_by_their_formulas():
    """-m_D^T M_R^-1 m_D, m_D^T (M_R^T)^-1 mu_S M_R^-1 m_D and -[m_D^T (M_R^T)^-1 m_L + transpose]."""
    heavy = (1e3, 2e3, 5e3)
    inverse = np.diag(1 / np.array(heavy))
    for kind in (SeesawTypeOne, SeesawTypeThree):
        model = with_dirac_masses(kind, 1e-5, heavy)
        m_D = np.asarray(model.dirac_masses)
        np.testing.assert_allclose(m_D, HIGGS * np.asarray(model.yukawa))
        np.testing.assert_allclose(model.light_matrix(), -1e9 * m_D.T @ inverse @ m_D, rtol=1e-11)
    model = with_dirac_masses(InverseSeesaw, 1e-2, heavy)
    m_D = np.asarray(model.dirac_masses)
    expected = m_D.T @ inverse @ np.asarray(model.mu_s) @ inverse @ m_D
    np.testing.assert_allclose(model.light_matrix(), expected, atol=1e-14 * np.abs(expected).max())
    model = with_dirac_masses(LinearSeesaw, 1e-2, heavy)
    half = np.asarray(model.dirac_masses).T @ inverse @ np.asarray(model.m_l)
    expected = -(half + half.T)
    np.testing.assert_allclose(model.light_matrix(), expected, atol=1e-14 * np.abs(expected).max())


def test_antisymmetric_freedom_of_the_linear_seesaw():
    one, other = built(LinearSeesaw), built(LinearSeesaw, a_emu=0.5, a_etau=0.3j)
    assert float(jnp.max(jnp.abs(one.m_l - other.m_l))) > 1.0
    np.testing.assert_allclose(one.light_matrix(), other.light_matrix(), atol=1e-14)


# Charged leptons


def w_loop(x):
    """T. P. Cheng and L.-F. Li: the loop of the W with a neutrino of mass squared x M_W^2, by quadrature."""

    def integrand(a):
        return (1 - a) / (1 - a + a * x) * (2 * (1 - a) * (2 - a) + a * (1 + a) * x)

    return 2 * mpmath.quad(integrand, [0, 0.5, 0.99, 1])


def g_gamma(x):
    """A. Ilakovac and A. Pilaftsis."""
    x = mpmath.mpf(x)
    return -x * (2 * x**2 + 5 * x - 1) / (4 * (1 - x) ** 3) - 3 * x**3 * mpmath.log(x) / (2 * (1 - x) ** 4)


@pytest.mark.parametrize("kind", [SeesawTypeOne, InverseSeesaw, LinearSeesaw])
@pytest.mark.parametrize("heavy", [(2.0, 60.0, 500.0), (80.0, 81.0, 1e4)])
def test_radiative_decays_by_heavy_neutrinos(kind, heavy):
    """BR / BR(nu nu) = (3 alpha / 32 pi) |sum_i U_bi U_ai^* F(x_i)|^2, the unitary sum over light and heavy states."""
    model = with_dirac_masses(kind, 1e-3, heavy)
    charged, theta = model.charged_leptons(), np.asarray(model.mixing)
    with mpmath.workdps(40):
        x = [mpmath.mpf(m / PDG_2026.w_mass) ** 2 for m in heavy]
        left = [float(w_loop(value) - w_loop(0)) for value in x]
        np.testing.assert_allclose(left, [-4 * float(g_gamma(value)) for value in x], rtol=1e-13)
    amplitude = theta @ np.diag(left) @ theta.conj().T
    for mother, daughter in itertools.combinations(range(3), 2):
        ratio = float(charged.radiative_ratio(mother, daughter))
        expected = 3 * ALPHA / (32 * math.pi) * abs(amplitude[daughter, mother]) ** 2
        assert ratio == pytest.approx(expected, rel=1e-11)
    moments = FERMI * np.square(PDG_2026.lepton_masses) / (8 * math.sqrt(2) * math.pi**2) * np.diag(amplitude).real
    np.testing.assert_allclose(charged.anomalous_moments, moments, rtol=1e-11)
    lost = np.sum(np.abs(theta) ** 2, axis=1)
    np.testing.assert_allclose(charged.fermi_shift[0, 1], -lost[0] - lost[1], rtol=1e-14)


def test_limit_of_heavy_neutrinos():
    """(3 alpha / 8 pi) |(Theta Theta^dagger)_e mu|^2 far above the W."""
    model = with_dirac_masses(InverseSeesaw, 1e-3, (1e7, 2e7, 3e7))
    theta = np.asarray(model.mixing)
    expected = 3 * ALPHA / (8 * math.pi) * abs((theta @ theta.conj().T)[0, 1]) ** 2
    assert float(model.charged_leptons().radiative_ratio(1, 0)) == pytest.approx(expected, rel=1e-7)
    assert float(model.derived()["log10_br_mu_e_gamma"]) == pytest.approx(math.log10(expected), rel=1e-8)


@pytest.mark.parametrize("kind", [InverseSeesaw, LinearSeesaw])
def test_no_flavor_change_where_the_yukawa_couplings_are_diagonal(kind):
    model = built(kind, **dict.fromkeys(("omega12", "omega13", "omega23", "omega_phase"), 0.0))
    assert float(model.derived()["log10_br_mu_e_gamma"]) == -40.0
    assert float(built(kind).derived()["log10_br_mu_e_gamma"]) > -13.0


def test_heavy_singlets_of_grand_unification_leave_no_trace():
    derived = SeesawTypeOne.benchmark().derived()
    assert float(derived["log10_mixing"]) < -18.0
    assert float(derived["log10_br_mu_e_gamma"]) < -38.0
    assert 1e-4 < float(derived["largest_yukawa"]) < 1.0


def test_type_two_scales():
    """M = sqrt(2) Y v_Delta and v_Delta = mu v^2 / (sqrt(2) m_Delta^2), v = 246.22 GeV."""
    assert PDG_2026.higgs_vev == pytest.approx(246.22, abs=0.005)
    yukawa = np.array([[1e-3, 2e-3j, 0.0], [2e-3j, 0.02, 0.01], [0.0, 0.01, 0.03]])
    model = SeesawTypeTwo(yukawa, mu=2e-10, m_delta=700.0)
    v_delta = 2e-10 * 246.2196**2 / (math.sqrt(2) * 700.0**2)
    assert float(model.v_delta) == pytest.approx(v_delta, rel=1e-6)
    matrix = model.low_energy().neutrinos.mass_matrix
    np.testing.assert_allclose(matrix, 1e9 * math.sqrt(2) * v_delta * yukawa, rtol=1e-6)
    assert float(built(SeesawTypeTwo).v_delta) == pytest.approx(3e-9, rel=1e-14)


def test_type_two_charged_leptons():
    """A. G. Akeroyd, M. Aoki and H. Sugiyama, Phys. Rev. D 79, 113010 (2009), with massless leptons in the loop."""
    model = built(SeesawTypeTwo)
    charged, Y, m = model.charged_leptons(), np.asarray(model.yukawa), 900.0
    squared = Y.conj().T @ Y
    for mother, daughter in ((1, 0), (2, 0), (2, 1)):
        expected = 27 * ALPHA * abs(squared[daughter, mother]) ** 2 / (64 * math.pi * FERMI**2 * m**4)
        assert float(charged.radiative_ratio(mother, daughter)) == pytest.approx(expected, rel=2e-4)
    np.testing.assert_allclose(
        charged.anomalous_moments,
        -3 / (16 * math.pi**2) * np.square(PDG_2026.lepton_masses) * np.diag(squared).real / m**2,
        rtol=2e-4,
    )
    three = abs(Y[0, 0] * Y[0, 1]) ** 2 / (4 * FERMI**2 * m**4)
    assert float(charged.three_lepton_ratio(1, 0, (0, 0))) == pytest.approx(three, rel=1e-13)
    muonium = -math.sqrt(2) / 8 * Y[0, 0] * Y[1, 1].conj() / m**2 / FERMI
    found = decays.muonium_conversion(charged.four_leptons((0, 0), (1, 1)))
    np.testing.assert_allclose(found, muonium, rtol=1e-13)
    shift = np.asarray(charged.fermi_shift)
    np.testing.assert_allclose(shift, -(np.abs(Y) ** 2) / (math.sqrt(2) * FERMI * m**2), rtol=1e-13)
    derived = model.derived()
    assert float(derived["log10_br_mu_3e"]) == pytest.approx(math.log10(three), rel=1e-12)
    assert float(derived["log10_v_delta"]) == pytest.approx(math.log10(3e-9), rel=1e-13)


def test_sign_of_the_shift_of_the_fermi_constant():
    """O O^dagger / m^2 of O = k_ab nu_a^T C l_b against -(4 G_F / sqrt 2) (nubar_mu gamma mu) (ebar gamma nu_e).

    With anticommuting fields as matrices (Jordan and Wigner), barred ones on their own. A symmetric k weakens muon
    decay, an antisymmetric one, of a singlet, strengthens it.
    """
    lower, z = np.array([[0, 1], [0, 0]]), np.diag([1, -1])
    fields = []
    for k in range(8):
        factors = [z] * k + [lower] + [np.eye(2)] * (7 - k)
        fields.append(functools.reduce(np.kron, factors))
    nu_e, mu, electron, nu_mu = (fields[2 * k : 2 * k + 2] for k in range(4))  # the last two barred

    def bilinear(left, matrix, right):
        return sum(matrix[i, j] * left[i] @ right[j] for i in range(2) for j in range(2))

    epsilon = np.array([[0, 1], [-1, 0]])
    sigmas = [np.eye(2), -np.array([[0, 1], [1, 0]]), -np.array([[0, -1j], [1j, 0]]), -np.array([[1, 0], [0, -1]])]
    current = sum(
        sign * bilinear(nu_mu, sigma, mu) @ bilinear(electron, sigma, nu_e)
        for sign, sigma in zip((1, -1, -1, -1), sigmas, strict=True)
    )
    # (nu_mu^T epsilon e)^dagger = ebar_j epsilon_ij nubar_i
    exchange = bilinear(nu_e, epsilon, mu) @ bilinear(electron, epsilon.T, nu_mu)
    fierz = np.vdot(current, exchange) / np.vdot(current, current)
    np.testing.assert_allclose(exchange, fierz * current, atol=1e-13)

    def shift(k_emu, k_mue, m):
        return 2 * (fierz * k_emu * np.conj(k_mue) / m**2 / (-4 * FERMI / math.sqrt(2))).real

    two, m = built(SeesawTypeTwo), 900.0
    vertex = math.sqrt(2) * complex(two.yukawa[0, 1])
    found = float(two.charged_leptons().fermi_shift[0, 1])
    assert found < 0.0
    assert found == pytest.approx(shift(vertex, vertex, m), rel=1e-12)
    babu = ZeeBabu.benchmark()
    vertex = 2 * complex(babu.f_emu)
    found = float(babu.low_energy().charged_leptons.fermi_shift[0, 1])
    assert found == pytest.approx(shift(vertex, -vertex, float(babu.m_h)), rel=1e-12)


# Derivatives, priors, bad input


@pytest.mark.parametrize("kind", [SeesawTypeOne, InverseSeesaw])
def test_derivatives_of_the_constructors(kind):
    """Of a branching ratio and of the couplings, at a massless state in every other argument."""
    names = [name for name in (*LIGHT, *FREE[kind]) if name not in ("a_emu", "a_mutau")]
    start = {**LIGHT, **FREE[kind]}

    def found(x):
        model = built(kind, lightest_mass=0.0, **{name: start[name] * x[k] for k, name in enumerate(names)})
        sizes = jnp.sum(jnp.abs(model.yukawa) ** 2)
        return jnp.stack([jnp.log(sizes), *(0.1 * v for n, v in model.derived().items() if n.startswith("log10"))])

    check_derivatives(found, jnp.ones(len(names)), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", FREE)
def test_default_priors_make_a_fit(kind):
    """They name all that the constructor needs."""
    fit = Fit(kind.from_oscillations, (RareLeptonDecays2025.load(),), priors=kind.default_priors())
    assert set(fit.space.names) == set(kind.default_priors())


@pytest.mark.parametrize("kind", FREE)
def test_large_couplings_are_suppressed(kind):
    assert float(kind.benchmark().log_prior()) == 0.0
    changed = eqx.tree_at(lambda model: model.yukawa, kind.benchmark(), 10.0 * jnp.ones((3, 3)))
    assert float(changed.log_prior()) < -100.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SeesawTypeOne(np.eye(2), m_1=1.0, m_2=1.0, m_3=1.0), r"`yukawa` must have shape \(3, 3\)"),
        (lambda: SeesawTypeOne(np.eye(3) * np.nan, m_1=1.0, m_2=1.0, m_3=1.0), "`yukawa` must be finite"),
        (lambda: SeesawTypeThree(np.eye(3), m_1=1.0, m_2=-1.0, m_3=1.0), "`m_2` must lie in"),
        (lambda: InverseSeesaw(np.eye(3), np.tri(3), m_1=1.0, m_2=1.0, m_3=1.0), "`mu_s` must be symmetric"),
        (lambda: SeesawTypeTwo(np.tri(3), mu=1.0, m_delta=500.0), "`yukawa` must be symmetric"),
        (lambda: built(SeesawTypeTwo, v_delta=0.0), "`v_delta` must lie in"),
        (lambda: built(SeesawTypeOne, y12=30.0), "`y12` must lie in"),
        (lambda: built(SeesawTypeOne, dm21=-1.0), "`dm21` must lie in"),
        (lambda: built(LinearSeesaw, y_2=0.0), "`y_2` must lie in"),
        (lambda: built(InverseSeesaw, m_3=0.0), "`m_3` must lie in"),
        (lambda: casas_ibarra(np.eye(3), np.ones(3), np.ones(3), np.ones((3, 3))), r"`R` must satisfy R R\^T = 1"),
        (lambda: casas_ibarra(np.eye(3), -np.ones(3), np.ones(3), np.eye(3)), "`masses` must lie in"),
        (lambda: casas_ibarra(np.eye(3), np.ones(3), np.zeros(3), np.eye(3)), "`scale` must differ from zero"),
        (lambda: with_dirac_masses(SeesawTypeOne, 0.9, (1.0, 1.0, 1.0)).exact_light_matrix(), "`yukawa` must mix"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
