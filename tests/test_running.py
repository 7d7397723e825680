"""Running of couplings, of the operator of dimension five and of the seesaw, against a second integration by scipy.

The second one runs whole matrices in t = ln mu, with the equations of the papers as they stand, and finds thresholds as
events; the package runs diagonal couplings, or steps of its own between thresholds.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from nmmjax import mixing
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models import ThreeFlavor, TransitionMoments
from nmmjax.running import Z_MASS, Couplings, DimensionFive, StandardModel, Supersymmetric, seesaw_mass_matrix
from nmmjax.running.seesaw import _begun, _thresholds
from nmmjax.testing import check_derivatives

LOOP = 16.0 * math.pi**2
V2 = PDG_2026.higgs_vev**2
MASSES = np.asarray(ThreeFlavor.benchmark().low_energy().neutrinos.mass_matrix)


# The second integration


def dagger(A):
    return A.conj().T


def standard_slopes(t, y):
    """Yu, Yd, Ye (3, 3), kappa, N Yukawas and masses, then g_1, g_2, g_3, lambda: all complex."""
    Yu, Yd, Ye, kappa, Y, M = y[:54].reshape(6, 3, 3)
    g1, g2, g3, quartic = y[54:].real
    uu, dd, ee, nn = (dagger(A) @ A for A in (Yu, Yd, Ye, Y))
    T = np.trace(3 * uu + 3 * dd + ee + nn).real
    fourth = np.trace(3 * uu @ uu + 3 * dd @ dd + ee @ ee + nn @ nn).real
    dYu = Yu @ (1.5 * uu - 1.5 * dd) + (T - 17 / 20 * g1**2 - 9 / 4 * g2**2 - 8 * g3**2) * Yu
    dYd = Yd @ (1.5 * dd - 1.5 * uu) + (T - 1 / 4 * g1**2 - 9 / 4 * g2**2 - 8 * g3**2) * Yd
    dYe = Ye @ (1.5 * ee - 1.5 * nn) + (T - 9 / 4 * g1**2 - 9 / 4 * g2**2) * Ye
    dY = Y @ (1.5 * nn - 1.5 * ee) + (T - 9 / 20 * g1**2 - 9 / 4 * g2**2) * Y
    dM = Y @ dagger(Y) @ M + M @ (Y @ dagger(Y)).T
    P = 0.5 * nn - 1.5 * ee
    dkappa = kappa @ P + P.T @ kappa + (2 * T + quartic - 3 * g2**2) * kappa
    dgauge = np.array([41 / 10 * g1**3, -19 / 6 * g2**3, -7 * g3**3])
    dquartic = 6 * quartic**2 - 3 * quartic * (3 * g2**2 + 0.6 * g1**2) + 3 * g2**4
    dquartic += 1.5 * (0.6 * g1**2 + g2**2) ** 2 + 4 * quartic * T - 8 * fourth
    return np.concatenate([np.ravel([dYu, dYd, dYe, dkappa, dY, dM]), dgauge, [dquartic]]) / LOOP


def supersymmetric_slopes(t, y):
    Yu, Yd, Ye, kappa = y[:36].reshape(4, 3, 3)
    g1, g2, g3 = y[36:39].real
    uu, dd, ee = (dagger(A) @ A for A in (Yu, Yd, Ye))
    of_up, of_down = np.trace(3 * uu).real, np.trace(3 * dd + ee).real
    dYu = Yu @ (3 * uu + dd) + (of_up - 13 / 15 * g1**2 - 3 * g2**2 - 16 / 3 * g3**2) * Yu
    dYd = Yd @ (3 * dd + uu) + (of_down - 7 / 15 * g1**2 - 3 * g2**2 - 16 / 3 * g3**2) * Yd
    dYe = Ye @ (3 * ee) + (of_down - 9 / 5 * g1**2 - 3 * g2**2) * Ye
    dkappa = ee.T @ kappa + kappa @ ee + (2 * of_up - 6 / 5 * g1**2 - 6 * g2**2) * kappa
    dgauge = np.array([33 / 5 * g1**3, g2**3, -3 * g3**3])
    return np.concatenate([np.ravel([dYu, dYd, dYe, dkappa]), dgauge]) / LOOP


def diagonal(squares):
    return np.diag(np.sqrt(np.asarray(squares))) + 0j


def state_of(couplings, kappa, Y=None, M=None):
    Y, M = (np.zeros((3, 3)) if A is None else A for A in (Y, M))
    matrices = [*map(diagonal, (couplings.up, couplings.down, couplings.lepton)), kappa, Y, M]
    numbers = [*np.sqrt(np.asarray(couplings.gauge)), float(couplings.quartic)]
    return np.concatenate([np.ravel(np.array(matrices, complex)), np.array(numbers, complex)])


def solve(slopes, first, last, y, **options):
    return solve_ivp(slopes, (first, last), y, method="DOP853", rtol=1e-11, atol=1e-14, **options)


def time(scale):
    return math.log(scale / Z_MASS)


# Couplings and the operator


@pytest.mark.parametrize("scale", [1e3, 1e9, 1e16])
def test_the_standard_model(scale):
    start = Couplings.measured()
    end = solve(standard_slopes, 0.0, time(scale), state_of(start, MASSES)).y[:, -1]
    matrices = end[:54].reshape(6, 3, 3)
    found = StandardModel().at(scale)
    for A, squares in zip(matrices, (found.up, found.down, found.lepton), strict=False):
        np.testing.assert_allclose(np.diag(dagger(A) @ A).real, squares, rtol=2e-7)
    np.testing.assert_allclose(end[54:57].real ** 2, found.gauge, rtol=1e-9)
    assert end[57].real == pytest.approx(float(found.quartic), abs=1e-7)
    np.testing.assert_allclose(DimensionFive(Z_MASS, scale).mass_matrix(MASSES), matrices[3], rtol=3e-7)
    back = DimensionFive(scale).mass_matrix(DimensionFive(Z_MASS, scale).mass_matrix(MASSES))
    np.testing.assert_allclose(back, MASSES, rtol=1e-13)


@pytest.mark.parametrize(("tan_beta", "partners"), [(10.0, 1e3), (50.0, 1e3), (30.0, 1e5)])
def test_its_supersymmetric_extension(tan_beta, partners):
    scale = 1e14
    middle = solve(standard_slopes, 0.0, time(partners), state_of(Couplings.measured(), MASSES)).y[:, -1]
    Yu, Yd, Ye, kappa = middle[:36].reshape(4, 3, 3)
    cos2 = 1.0 / (1.0 + tan_beta**2)
    begun = np.concatenate(
        [np.ravel([Yu / np.sqrt(1 - cos2), Yd / np.sqrt(cos2), Ye / np.sqrt(cos2), kappa]), middle[54:57]]
    )
    end = solve(supersymmetric_slopes, time(partners), time(scale), begun).y[:, -1]
    theory = Supersymmetric(tan_beta, partners)
    found = theory.at(scale)
    for A, squares in zip(end[:27].reshape(3, 3, 3), (found.up, found.down, found.lepton), strict=True):
        np.testing.assert_allclose(np.diag(dagger(A) @ A).real, squares, rtol=1e-6)
    ran = DimensionFive(Z_MASS, scale, theory=theory).mass_matrix(MASSES)
    np.testing.assert_allclose(ran, end[27:36].reshape(3, 3), rtol=1e-6)


def test_gauge_couplings_of_the_extension_meet():
    """At some 2e16 GeV, to a percent [U. Amaldi, W. de Boer, H. Furstenau, Phys. Lett. B 260, 447 (1991)]."""
    scales = np.geomspace(1e15, 1e18, 40)
    theory = Supersymmetric(10.0)
    at = np.asarray(jax.jit(jax.vmap(lambda scale: theory.at(scale).gauge))(scales))
    spread = at.max(1) / at.min(1) - 1.0
    assert 1e16 < scales[spread.argmin()] < 5e16
    assert spread.min() < 0.02
    apart = np.asarray(StandardModel().at(2e16).gauge)
    assert apart.max() / apart.min() > 1.1


@pytest.mark.parametrize(("theory", "C"), [(StandardModel(), -1.5), (Supersymmetric(50.0), 1.0)])
def test_slope_of_theta12_is_the_published_one(theory, C):
    """d theta12 / dt = -(C y_tau^2 / 32 pi^2) sin 2theta12 s23^2 |m_1 + m_2 e^{i (phases)}|^2 / dm21 for theta13 = 0

    [S. Antusch, J. Kersten, M. Lindner and M. Ratz, Nucl. Phys. B 674, 401 (2003)].
    """
    theta12, theta23, lightest, scale = 0.58, 0.8, 0.1, 1e6
    for alpha21 in (0.0, 2.0):
        point = ThreeFlavor(
            7.5e-5, 2.5e-3, theta12=theta12, theta13=0.0, theta23=theta23, lightest_mass=lightest, alpha21=alpha21
        )
        M = point.low_energy().neutrinos.mass_matrix

        def angle(x, M=M):
            ran = DimensionFive(scale, scale * jnp.exp(x), theory=theory).mass_matrix(M)
            return mixing.angles(Neutrinos(ran).states.mixing).theta12

        slope = float(jax.grad(angle)(1e-9))
        m_1, m_2 = lightest, math.sqrt(lightest**2 + 7.5e-5)
        ratio = abs(m_1 + m_2 * np.exp(1j * alpha21)) ** 2 / 7.5e-5
        lepton = float(theory.at(scale).lepton[2])
        expected = -C * lepton / (32 * math.pi**2) * math.sin(2 * theta12) * math.sin(theta23) ** 2 * ratio
        assert slope == pytest.approx(expected, rel=2e-2)


def test_without_charged_leptons_only_the_scale_of_masses_changes():
    start = Couplings.measured()._replace(lepton=jnp.zeros(3))
    factors = DimensionFive(1e14, theory=StandardModel(start)).factors()
    np.testing.assert_allclose(factors, factors[0, 0], rtol=1e-14)
    assert 0.6 < float(factors[0, 0]) < 0.9


def test_derivatives():
    """Of masses and angles in the scale, in tan beta, and in the matrix; equal masses included."""
    M = jnp.asarray(MASSES)

    def observables(x):
        theory = Supersymmetric(30.0 * x[0], 1e4 * x[1])
        ran = DimensionFive(1e13 * x[2], theory=theory).mass_matrix(M * x[3])
        return jnp.abs(ran).ravel() / 0.01

    check_derivatives(observables, np.ones(4), rtol=1e-6, atol=1e-9)
    equal = jax.grad(lambda x: jnp.sum(jnp.abs(DimensionFive(1e13).mass_matrix(x * jnp.eye(3)))))(0.1)
    assert np.isfinite(equal)


# The step between a model and the waist


def test_what_a_model_comes_to():
    theory = TransitionMoments.benchmark().low_energy()
    ran = DimensionFive(1e12)(theory)
    factors = DimensionFive(1e12).factors()
    np.testing.assert_allclose(ran.neutrinos.mass_matrix, factors * theory.neutrinos.mass_matrix, rtol=1e-14)
    own = theory.neutrinos.moment_matrix
    np.testing.assert_allclose(ran.neutrinos.moment_matrix, own, rtol=1e-6, atol=1e-9 * np.abs(own).max())
    weak = ThreeFlavor.benchmark().low_energy()
    np.testing.assert_allclose(
        DimensionFive(1e12)(weak).neutrinos.moment_matrix,
        Neutrinos(DimensionFive(1e12).mass_matrix(weak.neutrinos.mass_matrix)).moment_matrix,
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DimensionFive(10.0), "`from_scale` must lie in"),
        (lambda: DimensionFive(1e12, 1e20), "`to_scale` must lie in"),
        (lambda: DimensionFive(float("nan")), "`from_scale` must"),
        (lambda: Supersymmetric(1.0), "`tan_beta` must lie in"),
        (lambda: DimensionFive(1e12).mass_matrix(np.triu(np.ones((3, 3)))), "`mass_matrix` must be symmetric"),
        (lambda: DimensionFive(1e12)(LowEnergy(Neutrinos(jnp.asarray(MASSES), nature=Dirac()))), "`theory` must"),
        (lambda: seesaw_mass_matrix(np.ones((3, 3)), np.ones(3), 1e10, 1e11), "`to_scale` must not lie above"),
        (lambda: seesaw_mass_matrix(np.ones((3, 3)), np.array([1.0, 1.0, 1e11]), 1e12), "`masses` must lie within"),
        (lambda: seesaw_mass_matrix(np.ones((3, 3)), -np.ones(3), 1e12), "`masses` must lie in"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The seesaw with its thresholds

YUKAWA = np.array([[0.01, 0.02, 0.03j], [0.1, -0.2 + 0.05j, 0.1], [0.5, 0.4, -0.6j]])
HEAVY = np.array([1e10, 1e12, 1e14])


def by_scipy(yukawa, heavy, first, begun):
    """From t = first down to 0; each N is integrated out where its own mass is met."""
    y, t, left = begun, first, 3
    while left:

        def meets(t, y, left=left):
            M = y[45:54].reshape(3, 3)[:left, :left]
            return np.log(np.linalg.svd(M, compute_uv=False)[0] / Z_MASS) - t

        meets.terminal = True
        part = solve(standard_slopes, t, 0.0, y, events=meets)
        y, t = part.y[:, -1].copy(), part.t[-1]
        kappa, Y, M = (y[k : k + 9].reshape(3, 3) for k in (27, 36, 45))
        # Takagi: M = V* diag V^dagger, of its left block
        U, values, Wh = np.linalg.svd(M[:left, :left])
        phases = np.diag(np.sqrt(np.diag(dagger(U) @ Wh.T)))
        V = (U @ phases).conj()
        rows = V.T @ Y[:left]
        kappa += 2.0 / values[0] * np.outer(rows[0], rows[0])
        left -= 1
        Y[:], M[:] = 0.0, 0.0
        Y[:left], M[:left, :left] = rows[1:], np.diag(values[1:])
    return solve(standard_slopes, t, 0.0, y).y[:, -1]


@pytest.mark.parametrize("size", [0.3, 1.0])
def test_thresholds_against_a_second_integration(size):
    scale, Y = 1e16, size * YUKAWA
    theory = StandardModel()
    ways = time(scale) - np.asarray(_thresholds(jnp.asarray(Y), jnp.asarray(HEAVY), time(scale), 0.0))
    state = _begun(theory.at(scale), jnp.asarray(Y), jnp.asarray(HEAVY), jnp.asarray(ways))
    given = Couplings(theory.at(scale).gauge, state.up, state.down, jnp.diagonal(state.matrices[0]).real, state.quartic)
    end = by_scipy(Y, HEAVY, time(scale), state_of(given, np.zeros((3, 3)), Y, np.diag(HEAVY)))
    Ye, kappa = end[18:27].reshape(3, 3), end[27:36].reshape(3, 3)
    values, W = np.linalg.eigh(dagger(Ye) @ Ye)
    W = W * (np.diag(W).conj() / np.abs(np.diag(W)))
    expected = -0.25 * EV_PER_GEV * V2 * W.T @ kappa @ W
    found = np.asarray(seesaw_mass_matrix(Y, HEAVY, scale))
    np.testing.assert_allclose(found, expected, atol=2e-4 * size**2 * np.abs(expected).max())
    np.testing.assert_allclose(np.sqrt(values), np.sqrt(theory.start.lepton), rtol=2e-2 * size**4)


def test_small_couplings_run_as_the_operator_does():
    """Y -> 0: M_light at the scale by the formula of the seesaw, then `DimensionFive` between the masses and M_Z."""
    heavy, Y = np.full(3, 3e13) * np.array([1.0, 1.001, 0.999]), 1e-4 * YUKAWA
    tree = -0.5 * EV_PER_GEV * V2 * Y.T @ np.diag(1.0 / heavy) @ Y
    found = np.asarray(seesaw_mass_matrix(Y, heavy, 3.1e13))
    expected = np.asarray(DimensionFive(3.1e13).mass_matrix(tree))
    np.testing.assert_allclose(found, expected, atol=2e-3 * np.abs(expected).max())


def test_order_and_equal_masses():
    """The order of N is a name; where two are equal, any rotation of them is."""
    order = [2, 0, 1]
    one = np.asarray(seesaw_mass_matrix(YUKAWA, HEAVY, 1e16))
    np.testing.assert_allclose(np.asarray(seesaw_mass_matrix(YUKAWA[order], HEAVY[order], 1e16)), one, rtol=1e-8)
    equal, angle = np.array([1e12, 1e12, 1e14]), 0.7
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    first, other = (np.asarray(seesaw_mass_matrix(Y, equal, 1e16)) for Y in (YUKAWA, turn @ YUKAWA))
    np.testing.assert_allclose(other, first, atol=2e-3 * np.abs(first).max())


def test_derivatives_of_the_seesaw():
    def observables(x):
        M = seesaw_mass_matrix(YUKAWA * x[0], HEAVY * x[1:4], 1e16 * x[4])
        return jnp.abs(M).ravel()

    check_derivatives(observables, np.ones(5), rtol=1e-5, atol=1e-7, step=1e-5)
