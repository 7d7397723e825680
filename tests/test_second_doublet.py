"""A second Higgs doublet and charged leptons: loops against quadrature, the scalars of Zee's model, Higgs decays."""

import math

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from nmmjax.constants import HIGGS_MASS, PDG_2026
from nmmjax.experiments import HiggsFlavor2023
from nmmjax.loops import barr_zee
from nmmjax.low_energy import ChargedLeptons
from nmmjax.models import Zee
from nmmjax.models._fermions import FERMIONS
from nmmjax.testing import check_derivatives

LEPTONS = np.array(PDG_2026.lepton_masses)
V, M_W, ALPHA = PDG_2026.higgs_vev, PDG_2026.w_mass, PDG_2026.fine_structure
INNER = (("t", 1.0), ("b", -1.0), ("tau", -1.0))
RATIOS = (1e-9, 1e-6, 3e-3, 0.2, 0.25, 0.251, 0.7, 1.9, 400.0)
ENDS = [-70.1, -40.2, -20.7, -10.3, -5.1, -2.07, -0.513, 0.517, 2.09, 5.13, 10.7, 20.3, 40.9, 70.7]


def over_x(integrand):
    """int_0^1 dx of a function of x and 1 - x, by the logit of x."""

    def along(y):
        x, rest = 1 / (1 + mp.exp(-y)), 1 / (1 + mp.exp(y))
        return integrand(x, rest) * x * rest

    with mp.workdps(25):
        return float(mp.quad(along, ENDS))


def kernel(r, z):
    """ln(r / z) / (r - z)."""
    return mp.log(r / z) / (r - z) if abs(r - z) > 1e-18 * r else 1 / r


INTEGRALS = {
    "scalar": lambda r: over_x(lambda x, y: r / 2 * (2 * x * y - 1) * kernel(r, x * y)),
    "pseudoscalar": lambda r: over_x(lambda x, y: r / 2 * kernel(r, x * y)),
    "w_boson": lambda r: over_x(
        lambda x, y: (x * r * (3 * x * (4 * x - 1) + 10) - x * y) * kernel(r, x * y) / 2
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGRALS)
@pytest.mark.parametrize("r", RATIOS)
def test_inner_loops_by_quadrature(name, r):
    assert float(getattr(barr_zee, name)(r)) == pytest.approx(INTEGRALS[name](mp.mpf(r)), rel=3e-14)


@pytest.mark.parametrize("r", [0.01, 0.2, 0.3, 5.0])
def test_inner_loops_in_dilogarithms(r):
    """P = (r / y) [Li2(1 - (1-y) / 2r) - Li2(1 - (1+y) / 2r)], y^2 = 1 - 4r, and S = (2r - 1) P - r (2 + ln r)."""
    y = mp.sqrt(mp.mpc(1 - 4 * mp.mpf(r)))
    difference = mp.polylog(2, 1 - (1 - y) / (2 * r)) - mp.polylog(2, 1 - (1 + y) / (2 * r))
    P = float((r / y * difference).real)
    assert float(barr_zee.pseudoscalar(r)) == pytest.approx(P, rel=1e-12)
    assert float(barr_zee.scalar(r)) == pytest.approx((2 * r - 1) * P - r * (2 + math.log(r)), rel=1e-12)


def test_limits_of_inner_loops():
    large, small = 1e9, 1e-9
    assert float(barr_zee.scalar(large)) == pytest.approx(-(math.log(large) + 13 / 6) / 3, rel=1e-8)
    assert float(barr_zee.pseudoscalar(large)) == pytest.approx((math.log(large) + 2) / 2, rel=1e-8)
    logarithm = math.log(small)
    assert float(barr_zee.pseudoscalar(small)) == pytest.approx(small / 2 * (logarithm**2 + math.pi**2 / 3), rel=1e-7)
    expected = -small / 2 * (logarithm**2 + 2 * logarithm + math.pi**2 / 3 + 4)
    assert float(barr_zee.scalar(small)) == pytest.approx(expected, rel=1e-7)


def test_inner_loop_of_w_is_a_sum_of_two():
    """V = 15 f / 2 + 2 g + (f - g) / 2r of f = -S and g = P; with Chang, Hou and Keung's other diagrams 1 % more."""
    r = (M_W / 125.0) ** 2
    f, g = -float(barr_zee.scalar(r)), float(barr_zee.pseudoscalar(r))
    assert float(barr_zee.w_boson(r)) == pytest.approx(7.5 * f + 2 * g + (f - g) / (2 * r), rel=1e-13)

    def h(x, y):
        u = x * y / r - 1
        return -(1 - mp.log(1 + u) / u) / u / 2

    other = 3 * f + 23 / 4 * g + 3 / 4 * over_x(h) + (f - g) / (2 * r)
    assert float(barr_zee.w_boson(r)) == pytest.approx(other, rel=0.012)


@pytest.mark.parametrize("m_scalar", [95.0, M_W, 150.0, 700.0, 1e5])
def test_inner_loop_of_a_charged_scalar(m_scalar):
    """K = -[G(M_S) - G(M_W)] / (M_S^2 - M_W^2) of Ilisie (22), with weights x (1-x) and x (1+x)."""
    loop = {"m_down": 4.2, "m_up": 172.0, "charge_down": -1 / 3, "charge_up": 2 / 3}
    loop |= {"yukawa_down": 0.3, "yukawa_up": 0.7}
    found = float(barr_zee.w_gamma_fermion(m_scalar, **loop))
    apart = mp.mpf(m_scalar) * (1 + (mp.mpf(10) ** -9 if m_scalar == M_W else 0))

    def G(x, y, M):
        mixed = (x * 172.0**2 + y * 4.2**2) / M**2
        return mp.log(mixed / (x * y)) / (x * y - mixed)

    def integrand(x, y):
        weight = (2 * x - y) / 3 * (0.3 * 4.2 * x * y + 0.7 * 172.0 * x * (1 + x))
        return -weight * (G(x, y, apart) - G(x, y, mp.mpf(M_W))) / (apart**2 - mp.mpf(M_W) ** 2)

    assert found == pytest.approx(over_x(integrand), rel=1e-7 if m_scalar == M_W else 1e-11)


def test_gradients_of_inner_loops():
    def loops(x):
        charged = barr_zee.w_gamma_fermion(
            100.0 * x[0], m_down=4.0 * x[1], m_up=170.0, charge_down=-1 / 3, charge_up=2 / 3,
            yukawa_down=x[2], yukawa_up=1.0,
        )  # fmt: skip
        neutral = [f(0.25 * x[0]) for f in (barr_zee.scalar, barr_zee.pseudoscalar, barr_zee.w_boson)]
        return jnp.stack([1e3 * charged, *neutral])

    check_derivatives(loops, jnp.array([1.0, 0.9, 1.1]), rtol=1e-7, atol=1e-8)


# The model of Zee, its sums over scalars by hand

MASSES = {"m_1": 250.0, "m_2": 600.0, "phi": 0.4, "even": 0.7, "odd": 1.3}


def random_yukawas(seed):
    rng = np.random.default_rng(seed)
    return 1e-2 * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))


def neutral_scalars(Y, inner, theta, charged):
    """(mass, y, s, p, g_W) of h, H and A: -L = phi [lbar y P_R l + fbar (s + i p gamma_5) f]."""
    first = np.diag(LEPTONS) / V
    masses = np.array([FERMIONS[name].mass for name, _ in INNER])
    c, s = math.cos(theta), math.sin(theta)
    root = math.sqrt(2)
    yield HIGGS_MASS, c * first - s * Y / root, c * masses / V - s * inner / root, 0 * inner, c
    yield 0.7 * charged, -s * first - c * Y / root, -s * masses / V - c * inner / root, 0 * inner, -s
    yield 1.3 * charged, -1j * Y / root, 0 * inner, inner * [sign for _, sign in INNER] / root, 0.0
    yield HIGGS_MASS, first, masses / V, 0 * inner, 1.0


def feynman(m, M, numerator):
    t = mp.mpf(m) ** 2 / mp.mpf(M) ** 2
    with mp.workdps(20):
        ends = [0, 0.5, 0.99, 1 - 10 * t, 1] if t < 1e-4 else [0, 0.5, 1]
        return float(mp.quad(lambda x: numerator(x) / (1 - x + t * x), ends))


def amplitudes(Y, inner, theta):
    """Left, right and flip, as loops of every lepton and of every inner fermion."""
    charged = math.sqrt((250.0 * math.sin(0.4)) ** 2 + (600.0 * math.cos(0.4)) ** 2)
    left, right, flip = (np.zeros((3, 3), complex) for _ in range(3))
    for k, (M, y, s, p, g_W) in enumerate(neutral_scalars(Y, inner, theta, charged)):
        sign = -1.0 if k == 3 else 1.0
        for F, m in enumerate(LEPTONS):
            outside = sign * feynman(m, M, lambda x: x**2 * (1 - x)) / (16 * math.pi**2 * M**2)
            inside = sign * feynman(m, M, lambda x: x**2) * m / (8 * math.pi**2 * M**2)
            left += outside * np.outer(y[:, F], y[:, F].conj())
            right += outside * np.outer(y[F].conj(), y[F])
            flip += inside * np.outer(y[:, F], y[F])
        for i, (name, _) in enumerate(INNER):
            fermion = FERMIONS[name]
            r = mp.mpf(fermion.mass) ** 2 / M**2
            loop = s[i] * INTEGRALS["scalar"](r) - 1j * p[i] * INTEGRALS["pseudoscalar"](r)
            size = ALPHA / (4 * math.pi**3) * fermion.colors * fermion.charge**2 / fermion.mass
            flip += sign * size * loop * y
        of_w = ALPHA / (8 * math.pi**3 * V) * g_W * INTEGRALS["w_boson"](mp.mpf(M_W) ** 2 / M**2)
        flip += sign * of_w * y
    return left, right, flip


def charged_amplitudes(Y, inner):
    """H^+ at one loop with massless neutrinos, and with W, by the form of Ilisie (22)."""
    shares = {250.0: math.sin(0.4) ** 2, 600.0: math.cos(0.4) ** 2}
    right = -sum(share / M**2 for M, share in shares.items()) / (96 * math.pi**2) * Y.conj().T @ Y
    g2 = 8 * M_W**2 * PDG_2026.fermi_constant / math.sqrt(2)
    quarks = {"m_down": FERMIONS["b"].mass, "m_up": FERMIONS["t"].mass, "charge_down": -1 / 3, "charge_up": 2 / 3}
    tau = {"m_down": LEPTONS[2], "m_up": 0.0, "charge_down": -1.0, "charge_up": 0.0}
    flip = sum(
        -share * g2 / (256 * math.pi**4) * Y
        * (3 * float(barr_zee.w_gamma_fermion(M, **quarks, yukawa_down=inner[1], yukawa_up=inner[0]))
           + float(barr_zee.w_gamma_fermion(M, **tau, yukawa_down=inner[2], yukawa_up=0.0)))
        for M, share in shares.items()
    )  # fmt: skip
    return right, flip


@pytest.mark.parametrize("theta", [0.0, 0.3])
def test_charged_leptons_of_zee(theta):
    Y, inner = random_yukawas(3), np.array([0.8, -0.2, 0.1])
    model = Zee(Y=jnp.asarray(Y), y_top=0.8, y_bottom=-0.2, y_tau=0.1, theta=theta, **MASSES)
    left, right, flip = amplitudes(Y, inner, theta)
    of_charged, flip_of_charged = charged_amplitudes(Y, inner)
    right, flip = right + of_charged, flip + flip_of_charged
    found = model.low_energy().charged_leptons
    np.testing.assert_allclose(found.dipole_left, left + flip / LEPTONS, rtol=1e-9)
    np.testing.assert_allclose(found.dipole_right, right + flip.conj().T / LEPTONS, rtol=1e-9)
    moments = LEPTONS**2 * np.diag(left + right).real + LEPTONS * np.diag(flip).real
    np.testing.assert_allclose(found.anomalous_moments, moments, rtol=1e-8)


def test_nothing_beyond_the_standard_model_without_the_doublet():
    found = Zee(f_emu=0.0, y_top=1.0, m_1=300.0, m_2=500.0, phi=0.3).low_energy().charged_leptons
    for leaf in (found.dipole_left, found.dipole_right, found.anomalous_moments):
        assert np.abs(leaf).max() < 1e-25


def test_one_loop_of_one_real_scalar():
    """Leveille: (m^2 / 8 pi^2 M^2) y^2 [ln(M^2 / m^2) - 7/6] for R, and -[ln(M^2 / m^2) - 11/6] for A."""
    y, m = 0.1, LEPTONS[1]
    Y = jnp.zeros((3, 3)).at[1, 1].set(y * math.sqrt(2))
    far = {"m_1": 300.0, "m_2": 300.0, "phi": 0.0}

    def moment(**ratios):
        return float(Zee(Y=Y + 0j, **far, **ratios).low_energy().charged_leptons.anomalous_moments[1])

    of_charged = -(m**2) * 2 * y**2 / (96 * math.pi**2 * 300.0**2)
    for name, constant, sign in (("even", -7 / 6, 1), ("odd", -11 / 6, -1)):
        other = "odd" if name == "even" else "even"
        logarithm = math.log(300.0**2 / m**2) + constant
        expected = sign * m**2 * y**2 / (8 * math.pi**2 * 300.0**2) * logarithm
        heavy = moment(**{name: 100.0, other: 100.0}) - of_charged
        assert moment(**{other: 100.0}) - of_charged - 0.5 * heavy == pytest.approx(expected, rel=2e-4)


def test_sign_of_two_loops():
    """Scalar and pseudoscalar, top inside: Y and y_t of one sign make a_mu smaller, as S < 0 < P say."""
    Y = jnp.zeros((3, 3)).at[1, 1].set(1e-3) + 0j
    change = [
        float(Zee(Y=Y, y_top=y_top, m_1=400.0, m_2=400.0, phi=0.0).low_energy().charged_leptons.anomalous_moments[1])
        for y_top in (0.5, 0.0)
    ]
    r = (FERMIONS["t"].mass / 400.0) ** 2
    size = ALPHA / (4 * math.pi**3) * 4 / 3 * LEPTONS[1] / FERMIONS["t"].mass * 1e-3 * 0.5 / 2
    neutral = size * (float(barr_zee.scalar(r)) - float(barr_zee.pseudoscalar(r)))
    assert neutral < 0
    loop = {"m_down": FERMIONS["b"].mass, "m_up": FERMIONS["t"].mass, "charge_down": -1 / 3, "charge_up": 2 / 3}
    J = float(barr_zee.w_gamma_fermion(400.0, **loop, yukawa_down=0.0, yukawa_up=0.5))
    g2 = 8 * M_W**2 * PDG_2026.fermi_constant / math.sqrt(2)
    charged = -g2 / (256 * math.pi**4) * 3 * LEPTONS[1] * 1e-3 * J
    assert change[0] - change[1] == pytest.approx(neutral + charged, rel=1e-9)


def test_phases_of_leptons_do_not_matter():
    """L_a -> e^{i phi_a} L_a, l_Ra -> the same: masses stay, Y turns on both sides, moments do not."""
    Y, turn = random_yukawas(5), np.exp(1j * np.array([0.3, -1.2, 2.0]))

    def leptons(Y):
        return Zee(Y=jnp.asarray(Y), y_top=0.8, theta=0.2, **MASSES).low_energy().charged_leptons

    one, other = leptons(Y), leptons(np.outer(turn, turn.conj()) * Y)
    np.testing.assert_allclose(one.anomalous_moments, other.anomalous_moments, rtol=1e-12)
    for pair in ((1, 0), (2, 0), (2, 1)):
        assert float(one.radiative_ratio(*pair)) == pytest.approx(float(other.radiative_ratio(*pair)), rel=1e-12)


def test_gradients_of_charged_leptons():
    Y = random_yukawas(7)

    def observables(x):
        model = Zee(
            Y=x[0] * jnp.asarray(Y), y_top=0.8 * x[1], theta=0.2 * x[2], even=x[3], odd=x[0] * x[1],
            m_1=250.0, m_2=600.0 * x[2], phi=0.4,
        )  # fmt: skip
        leptons = model.low_energy().charged_leptons
        ratios = [1e8 * leptons.radiative_ratio(2, 1), 1e3 * leptons.higgs_ratio(1, 2)]
        return jnp.append(1e9 * leptons.anomalous_moments[1:], jnp.stack(ratios))

    check_derivatives(observables, jnp.array([1.0, 0.9, 1.1, 0.8]), rtol=1e-6, atol=1e-8)
    plain = jax.grad(lambda theta: Zee(f_emu=0.1, y_top=1.0, theta=theta, **MASSES).low_energy()
                     .charged_leptons.anomalous_moments[1])(0.0)  # fmt: skip
    assert np.isfinite(plain)


def test_flavor_change_of_mu_and_tau():
    """One coupling: tau -> mu gamma by two loops, of h by sin theta, of H and A by y_t; h -> mu tau by sin theta."""
    theta, y, y_t, M = 0.1, 0.01, 0.5, 500.0
    leptons = Zee.from_flavor_change(y, theta, y_t, m_heavy=M).low_energy().charged_leptons
    m_t, tau = FERMIONS["t"].mass, LEPTONS[2]
    s, c, root = math.sin(theta), math.cos(theta), math.sqrt(2)
    flip = 0.0
    for mass, of_y, of_t, g_W in (
        (HIGGS_MASS, -s / root, c * m_t / V - s * y_t / root, c), (M, -c / root, -s * m_t / V - c * y_t / root, -s),
    ):  # fmt: skip
        top = 4 / 3 / m_t * of_t * INTEGRALS["scalar"](mp.mpf(m_t) ** 2 / mass**2)
        w = g_W / (2 * V) * INTEGRALS["w_boson"](mp.mpf(M_W) ** 2 / mass**2)
        flip += ALPHA / (4 * math.pi**3) * of_y * y * (top + w)
    flip -= ALPHA / (4 * math.pi**3) * y * y_t / 2 * 4 / 3 / m_t * INTEGRALS["pseudoscalar"](mp.mpf(m_t) ** 2 / M**2)
    quarks = {"m_down": FERMIONS["b"].mass, "m_up": m_t, "charge_down": -1 / 3, "charge_up": 2 / 3}
    J = float(barr_zee.w_gamma_fermion(M, **quarks, yukawa_down=0.0, yukawa_up=y_t))
    flip -= 8 * M_W**2 * PDG_2026.fermi_constant / math.sqrt(2) / (256 * math.pi**4) * 3 * y * J
    one_loop = -s / root * y * c * tau**2 / V * feynman(tau, HIGGS_MASS, lambda x: x**2 + x**2 * (1 - x) / 2)
    flip += one_loop / (8 * math.pi**2 * HIGGS_MASS**2)
    assert float(abs(leptons.dipole_left[1, 2])) * tau == pytest.approx(abs(flip), rel=0.02)  # b and H at one loop
    assert float(leptons.higgs_ratio(1, 2)) == pytest.approx(
        HIGGS_MASS / (16 * math.pi) * (y * s) ** 2 / 4.07e-3, rel=1e-3
    )


# Decays of the Higgs boson


def test_higgs_width():
    """CMS (1712.07173) makes of BR < 0.25 % and 0.61 % couplings below 1.43e-3 and 2.26e-3."""
    for coupling, ratio in ((1.43e-3, 2.5e-3), (2.26e-3, 6.1e-3)):
        leptons = ChargedLeptons(higgs=jnp.array([[0, 0, 0], [0, 0, 0.6], [0, 0.8j, 0]]) * coupling)
        assert float(leptons.higgs_ratio(1, 2)) == pytest.approx(ratio, rel=0.02)
        assert float(leptons.higgs_ratio(2, 1)) == pytest.approx(float(leptons.higgs_ratio(1, 2)), rel=1e-14)


def test_limits_on_higgs_decays():
    """h -> mu tau by sin(theta) Y / sqrt 2; the limits of 95 % lie at Delta chi^2 = 3.84."""
    experiment = HiggsFlavor2023.load()
    Y = jnp.zeros((3, 3)).at[1, 2].set(4e-3) + 0j
    theory = Zee(Y=Y, theta=0.3, **MASSES).low_energy()
    predicted = experiment.predict(theory, {})
    width = 125.13 / (8 * math.pi) * (4e-3 * math.sin(0.3)) ** 2 / 2
    np.testing.assert_allclose(predicted, [0.0, 0.0, width / (width + 4.07e-3)], rtol=1e-12)
    expected = 3.8414588 * (float(predicted[2]) / 1.8e-3) ** 2
    assert -2 * float(experiment.log_likelihood(theory, {})) == pytest.approx(expected, rel=1e-6)
