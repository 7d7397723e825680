"""Two-loop integrals: closed forms in 100 digits, other routings of the momenta, derivatives, limits, bad input."""

from itertools import combinations_with_replacement

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from helpers import assert_close, gradients, hessians

from nmmjax.loops.two_loop import massive, massless, w_gamma_fermion, w_gamma_scalar

STEP = mp.mpf(10) ** -20
MUON, TAU, ELECTRON, W = 0.1056583755, 1.77686, 0.51099895e-3, 80.377

# References in mpmath


def mp_massless(r):
    """The closed form, by dilogarithms below and Clausen functions above the threshold r = 4 turned round."""
    log = mp.log(r)
    if r == 1:
        J = 0
    elif r < 1:
        J = (1 - r) * (mp.polylog(2, r) + log * mp.log(1 - r) - mp.pi**2 / 6)
    else:
        J = (r - 1) * (mp.polylog(2, 1 / r) - log * mp.log(r - 1) + log**2 / 2 - mp.pi**2 / 6)
    if r < 4:
        theta = mp.acos(mp.sqrt(r) / 2)
        X = -2 * mp.sqrt(r * (4 - r)) * (2 * mp.clsin(2, 2 * theta) - mp.clsin(2, 4 * theta))
    else:
        root = mp.sqrt(r * (r - 4))
        a = (r - root) / (2 * r)
        X = root * (2 * mp.log(a) ** 2 - log**2 - 4 * mp.polylog(2, a) + mp.pi**2 / 3)
    return -r / 2 * log**2 - mp.pi**2 / 6 * r - 2 * J - X / 2


def mp_vacuum(x, y, z):
    """V(x, y, z), the finite part of the vacuum diagram of three squared masses, symmetric."""
    x, y, z = sorted((x, y, z))
    lx, ly, lz = mp.log(x), mp.log(y), mp.log(z)
    square = x**2 + y**2 + z**2 - 2 * (x * y + y * z + z * x)
    if square > 0:
        R = mp.sqrt(square)
        p, q = (z + x - y - R) / (2 * z), (z + y - x - R) / (2 * z)
        logs = 2 * mp.log(p) * mp.log(q) - (lx - lz) * (ly - lz)
        xi = R * (logs - 2 * mp.polylog(2, p) - 2 * mp.polylog(2, q) + mp.pi**2 / 3)
    else:
        angles = [mp.acos((b + c - a) / (2 * mp.sqrt(b * c))) for a, b, c in ((x, y, z), (y, z, x), (z, x, y))]
        xi = -2 * mp.sqrt(-square) * sum(mp.clsin(2, 2 * angle) for angle in angles)
    return ((x - y - z) * ly * lz + (y - x - z) * lx * lz + (z - x - y) * lx * ly - xi) / 2


def mp_massive(m_l, m_lp, m_f, m_h):
    """By four vacuum diagrams; equal and vanishing masses are moved apart by 1e-30."""
    shift = mp.mpf(10) ** -30
    a, b = (m**2 * (1 + k * shift) + shift * m_f**2 for k, m in ((2, m_l), (3, m_lp)))
    F, H = m_f**2, m_h**2 * (1 + 5 * shift)
    four = mp_vacuum(a, b, H) - mp_vacuum(a, F, H) - mp_vacuum(F, b, H) + mp_vacuum(F, F, H)
    return four / ((F - a) * (F - b))


def mp_bubble(K, x, y):
    """B0 at Euclidean momentum squared K, up to a constant: int_0^1 ln[s x + (1-s) y + s (1-s) K] ds, negative."""
    A, root = K + x - y, mp.sqrt((K + x - y) ** 2 + 4 * K * y)
    # K (s + p) (1 + q - s), p and q positive
    p, q = (root - A) / (2 * K), (root + A) / (2 * K) - 1

    def integral(c):
        return (1 + c) * mp.log(1 + c) - (c * mp.log(c) if c else 0) - 1

    return -(mp.log(K) + integral(p) + integral(q))


def through_doubly_charged(m_l, m_lp, m_f, m_h):
    """I with the outer momentum on the line of m_h: the product of two bubbles becomes a box of four masses."""
    with mp.workdps(40):
        a, b, F, H = (mp.mpf(m) ** 2 for m in (m_l, m_lp, m_f, m_h))

        def integrand(log):
            K = mp.exp(log)
            box = mp_bubble(K, a, b) - mp_bubble(K, a, F) - mp_bubble(K, F, b) + mp_bubble(K, F, F)
            return K**2 / (K + H) * box

        h = mp.mpf("0.45")
        nodes = (mp.log(F) + h * k for k in range(-90, 115))
        return float(h * sum(map(integrand, nodes)) / ((F - a) * (F - b)))


def mp_gradient(f, x, digits=130):
    """f and its derivatives in the logarithms of its arguments, of which vanishing ones have none."""
    with mp.workdps(digits):
        x = [mp.mpf(float(v)) for v in x]

        def at(i, sign):
            return f(*(v * (1 + sign * STEP) if j == i else v for j, v in enumerate(x)))

        return float(f(*x)), np.array([float((at(i, 1) - at(i, -1)) / (2 * STEP)) for i in range(len(x))])


# Massless leptons


def test_massless_and_its_derivatives():
    ratios = np.concatenate([np.geomspace(1e-12, 1e12, 25), [0.3, 0.7, 1.0, 3.9, 4.0, 4.1, 55.5]])
    with mp.workdps(110):
        expected = []
        for r in map(mp.mpf, ratios):
            h = r * STEP
            below, here, above = (mp_massless(r + s * h) for s in (-1, 0, 1))
            expected.append((here, (above - below) / (2 * h), (above - 2 * here + below) / h**2))
    slope = jax.grad(massless)
    functions = (massless, slope, jax.grad(slope), jax.jacfwd(slope), jax.jacfwd(jax.jacfwd(massless)))
    value, first, *seconds = (jax.jit(jax.vmap(f))(ratios) for f in functions)
    expected = np.array(expected, dtype=float)
    np.testing.assert_allclose(value, expected[:, 0], rtol=2e-15)
    np.testing.assert_allclose(first, expected[:, 1], rtol=5e-15)
    for second in seconds:
        np.testing.assert_allclose(second, expected[:, 2], rtol=1e-13)


@pytest.mark.parametrize("r", [0.02, 0.8, 1.0, 6.5])
def test_massless_is_the_feynman_integral(r):
    """T = int_0^1 dy {Li2(1 - r/(1-y)) - Li2(1 - (1 - y (1-r)) / (y (1-y)))}: one of the two integrations is done."""
    with mp.workdps(20):
        dilogarithm = lambda z: mp.re(mp.polylog(2, z))  # noqa: E731
        f = lambda y: dilogarithm(1 - r / (1 - y)) - dilogarithm(1 - (1 - y * (1 - r)) / (y * (1 - y)))  # noqa: E731
        expected = mp.quad(f, [0, 0.5, 1])
    np.testing.assert_allclose(massless(r), float(expected), rtol=1e-13)


def test_massless_values_and_limits():
    table = {
        1e-3: 3.26308160444906100513,
        0.5: 2.18665363010976789546,
        1.0: 1.87092679118596189943,
        4.0: 1.21289214586173657524,
        7.5: 0.942200582652161768938,
        100.0: 0.238111363050847075,
        1e6: 1.93158542481613600321e-4,
        1e12: 7.65763196044031899723e-10,
    }
    np.testing.assert_allclose(massless(list(table)), list(table.values()), rtol=2e-15)
    np.testing.assert_allclose(massless(0.0), np.pi**2 / 3, rtol=2e-15)
    r = 1e15
    np.testing.assert_allclose(massless(r), (np.log(r) ** 2 + np.pi**2 / 3 - 1) / r, rtol=1e-13)
    assert np.isfinite(jax.grad(massless)(0.0))


# Massive leptons


def relative(f):
    """f, its gradients and its Hessians: in factors on its arguments, or in these where the factors are one."""

    def g(factors, p):
        return f(factors * p)

    return jax.jit(f), gradients(g), hessians(g)


OURS = "forward over reverse"
MASSIVE, GRADIENTS, HESSIANS = relative(lambda p: massive(*p))
MASSES = [
    (80.0, 120.0, 200.0, 150.0),
    (ELECTRON, MUON, 300.0, 1e4),
    (90.0, 3.0, 200.0, 399.0),
    # The singly charged scalar as heavy as one lepton, as both, or nearly so
    (200.0, 120.0, 200.0, 150.0),
    (200.0 * (1 + 1e-9), 120.0, 200.0, 150.0),
    (5.0, 5.0, 5.0, 5.0),
    (5.0, 5.0, 5.0, 10.0),
    (5.0, 5.0, 5.0, 1e-3),
    # Equal leptons, massless leptons, leptons heavier than the scalars
    (120.0, 120.0, 200.0, 70.0),
    (0.0, 0.0, 100.0, 100.0),
    (0.0, TAU, 100.0, 300.0),
    (7.0, 0.0, 7.0, 7.0),
    (600.0, 2000.0, 100.0, 300.0),
    (70.0, 1.0, 200.0, 2e8),
    (70.0, 1.0, 200.0, 2e-4),
]


@pytest.mark.parametrize("masses", MASSES)
def test_massive_and_its_gradients(masses):
    value, gradient = mp_gradient(mp_massive, masses)
    masses = jnp.array(masses)
    np.testing.assert_allclose(MASSIVE(masses), value, rtol=2e-15)
    np.testing.assert_allclose(MASSIVE(masses[jnp.array([1, 0, 2, 3])]), value, rtol=2e-15)
    for derivative in GRADIENTS.values():
        assert_close(derivative(jnp.ones(4), masses), gradient, 1e-14, scale=value)
    assert np.isfinite(HESSIANS[OURS](jnp.ones(4), masses)).all()
    assert np.isfinite(HESSIANS[OURS](masses, jnp.ones(4))).all()
    # Dimension: of degree -2 in the masses together
    np.testing.assert_allclose(gradient.sum(), -2 * value, rtol=1e-12)


def test_massive_across_its_domain():
    """Leptons from 1e-8 to 30 times as heavy as the singly charged scalar, or as heavy to 1e-12 to 0.5."""
    rng = np.random.default_rng(8)
    ratios = np.concatenate([10.0 ** rng.uniform(-8.0, 1.5, (3, 2)), 1.0 + 10.0 ** rng.uniform(-12.0, -0.3, (2, 2))])
    masses = 80.0 * np.column_stack([ratios, np.ones(5), 10.0 ** rng.uniform(-6.0, 6.0, 5)])
    for m in masses:
        value, gradient = mp_gradient(mp_massive, m)
        np.testing.assert_allclose(MASSIVE(m), value, rtol=2e-15)
        for derivative in GRADIENTS.values():
            assert_close(derivative(jnp.ones(4), m), gradient, 1e-14, scale=value)


@pytest.mark.parametrize("masses", [(80.0, 120.0, 200.0, 150.0), (2.0, 0.3, 40.0, 300.0), (9.0, 70.0, 40.0, 8.0)])
def test_massive_by_another_routing(masses):
    np.testing.assert_allclose(massive(*masses), through_doubly_charged(*masses), rtol=1e-13)


def test_massive_frozen_values():
    for masses, expected in (
        ((80, 120, 200, 150), 3.40809157453700247e-5),
        ((TAU, TAU, 100, 100), 1.86616558451517475e-4),
        ((TAU, MUON, 3000, 200), 3.56858182119548294e-7),
        ((ELECTRON, MUON, 300, 1000), 8.78500784827909839e-6),
    ):
        np.testing.assert_allclose(massive(*masses), expected, rtol=2e-15)


def test_massless_limit_of_massive():
    r = np.geomspace(1e-12, 1e12, 13)
    np.testing.assert_allclose(massive(0.0, 0.0, 30.0, 30.0 * np.sqrt(r)), massless(r) / 900.0, rtol=1e-14)
    assert (jax.grad(massive, argnums=(0,))(0.0, 0.0, 30.0, 20.0)[0]) == 0.0


@pytest.mark.parametrize(
    ("masses", "tolerance"),
    [
        ((2.0, 3.0, 5.0, 4.0), 1e-12),
        ((ELECTRON, TAU, 3e3, 2e4), 1e-12),
        ((5.0, 5.0, 5.0, 10.0), 1e-12),
        ((0.5, 0.9, 1.0, 0.95), 1e-12),
        ((0.4, 1.5, 1.0, 1e3), 1e-12),
        # As heavy as both scalars, beside a massless one: at small momenta roots grow that cancel
        ((0.0, 5.0, 5.0, 5.0), 1e-5),
    ],
)
def test_second_derivatives_of_massive(masses, tolerance):
    with mp.workdps(130):
        expected = np.array(mp_hessian(mp_massive, [mp.mpf(m) for m in masses]), dtype=float)
    scale = float(massive(*masses))
    for name, second in HESSIANS.items():
        assert_close(second(jnp.ones(4), jnp.array(masses)), expected, tolerance, name, scale=scale)


def mp_hessian(f, x):
    """Second derivatives in factors on the arguments."""

    def at(i, j, si, sj):
        return f(*(v * (1 + STEP * (si * (k == i) + sj * (k == j))) for k, v in enumerate(x)))

    def second(i, j):
        if x[i] * x[j] == 0:
            return mp.mpf(0)
        return sum(si * sj * at(i, j, si, sj) for si in (-1, 1) for sj in (-1, 1)) / (4 * STEP**2)

    above = {(i, j): second(i, j) for i, j in combinations_with_replacement(range(len(x)), 2)}
    return [[above[min(i, j), max(i, j)] for j in range(len(x))] for i in range(len(x))]


def assert_is_slope(second, first, p):
    """By differences of gradients, in factors on p."""
    one, h = jnp.ones(len(p)), 1e-5
    columns = [(first(one + h * e, p) - first(one - h * e, p)) / (2 * h) for e in jnp.eye(len(p))]
    assert_close(second(one, p), jnp.stack(columns, -1), 1e-8)


# W, photon and scalar


def mp_pole(s, w, R):
    """int_0^inf K dK / [(K + s) (K + w) (K + R)], by partial fractions."""
    terms = ((s, w, R), (w, R, s), (R, s, w))
    return sum(p * mp.log(p) / ((p - q) * (p - t)) for p, q, t in terms)


def mp_feynman(weight, m_scalar, m_w, m_down, m_up):
    """int_0^1 dx weight(x, 1-x) K(x) in logit x; equal masses of the bosons are moved apart."""
    s, w = m_scalar**2 * (1 + mp.mpf(10) ** -30), m_w**2
    h = mp.mpf("0.37")

    def integrand(logit):
        x, y = 1 / (1 + mp.exp(-logit)), 1 / (1 + mp.exp(logit))
        return weight(x, y) * mp_pole(s, w, m_up**2 / y + m_down**2 / x)

    return h * sum(integrand(h * k) for k in range(-170, 125))


def mp_fermion(m_scalar, m_w, m_down, m_up, charge_down, charge_up, yukawa_down, yukawa_up):
    def weight(x, y):
        flip = yukawa_down * m_down * y * (1 + y) + yukawa_up * m_up * x * y
        return (charge_up * x + charge_down * y) * flip

    return mp_feynman(weight, m_scalar, m_w, m_down, m_up)


def mp_scalar(m_scalar, m_w, m_neutral, m_charged):
    return mp_feynman(lambda x, y: x**2 * y, m_scalar, m_w, m_neutral, m_charged)


def fermion(p):
    m_scalar, m_w, m_down, m_up, charge_down, charge_up, yukawa_down, yukawa_up = p
    return w_gamma_fermion(
        m_scalar,
        m_w=m_w,
        m_down=m_down,
        m_up=m_up,
        charge_down=charge_down,
        charge_up=charge_up,
        yukawa_down=yukawa_down,
        yukawa_up=yukawa_up,
    )


def scalar(p):
    return w_gamma_scalar(p[0], m_w=p[1], m_neutral=p[2], m_charged=p[3])


FERMION, SCALAR = relative(fermion), relative(scalar)


def assert_agrees(compiled, reference, p):
    f, derivatives, _ = compiled
    value, gradient = mp_gradient(reference, p, digits=90)
    p = jnp.array(p)
    np.testing.assert_allclose(f(p), value, rtol=1e-13)
    for derivative in derivatives.values():
        assert_close(derivative(jnp.ones(len(p)), p), gradient, 1e-12)


@pytest.mark.parametrize(
    "p",
    [
        (300.0, W, 4.18, 172.5, -1 / 3, 2 / 3, 0.3, 0.8),
        (150.0, W, TAU, 0.0, -1.0, 0.0, 1.0, 0.0),
        (9e3, W, ELECTRON, 0.0, -1.0, 0.0, 1.0, 0.0),
        (W, W, 0.0, 172.5, -1 / 3, 2 / 3, 0.3, 0.8),
        (W * (1 + 1e-9), W, 4.18, 172.5, -1 / 3, 2 / 3, 0.3, 0.8),
        (100.0, W, 500.0, 500.0, -0.5, 1.5, 1.0, 0.2),
    ],
)
def test_fermion_loop(p):
    assert_agrees(FERMION, mp_fermion, p)


@pytest.mark.parametrize(
    "p", [(300.0, W, 125.0, 300.0), (W, W, 125.0, 125.0), (3e4, W, 125.0, 0.0), (20.0, W, 0.0, 90.0)]
)
def test_scalar_loop(p):
    assert_agrees(SCALAR, mp_scalar, p)


def test_two_momenta():
    """The definition itself: trapezoidal in ln K and logit x, no integration done by hand."""
    h = 0.3
    K, logit = np.exp(h * np.arange(-180, 240))[:, None], h * np.arange(-220, 150)
    x, y = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))
    s, w, u, d = 210.0**2, W**2, 90.0**2, 30.0**2
    density = h**2 * K**2 / (K + s) / (K + w) * x * y / (x * y * K + x * u + y * d)
    loop = (0.7 * x - 0.3 * y) * (1.1 * 30.0 * y * (2 - x) + 0.4 * 90.0 * x * y)
    p = jnp.array([210.0, W, 30.0, 90.0, -0.3, 0.7, 1.1, 0.4])
    np.testing.assert_allclose(fermion(p), (density * loop).sum(), rtol=1e-13)
    np.testing.assert_allclose(scalar(p[:4]), (density * x**2 * y).sum(), rtol=1e-13)


def test_frozen_values_of_moments():
    top = (300.0, W, 4.18, 172.5, -1 / 3, 2 / 3, 0.0, 1.0)
    bottom = (300.0, W, 4.18, 172.5, -1 / 3, 2 / 3, 1.0, 0.0)
    tau = (300.0, W, TAU, 0.0, -1.0, 0.0, 1.0, 0.0)
    for p, expected in ((top, 1.38114673610355e-4), (bottom, -2.63418972948364e-4), (tau, -8.62765558129218e-4)):
        np.testing.assert_allclose(FERMION[0](jnp.array(p)), expected, rtol=3e-14)
    np.testing.assert_allclose(SCALAR[0](jnp.array([300.0, W, 125.0, 300.0])), 2.25254097898311e-6, rtol=3e-14)


def test_second_derivatives_of_moments():
    """Where the scalar is as heavy as W and where it is not."""
    _, first, second = SCALAR
    for p in ((300.0, W, 125.0, 300.0), (W, W, 40.0, 90.0)):
        assert_is_slope(second[OURS], first["reverse"], jnp.array(p))


def test_vanishing_masses_have_finite_derivatives():
    p = jnp.array([300.0, W, TAU, 0.0, -1.0, 0.0, 1.0, 1.0])
    nothing = p.at[2].set(0.0)
    assert FERMION[0](nothing) == 0.0
    for derivative in FERMION[1].values():
        assert np.isfinite(derivative(p, jnp.ones(8))).all()
        assert np.isfinite(derivative(nothing, jnp.ones(8))).all()
    for masses in ((300.0, W, 0.0, 90.0), (300.0, W, 90.0, 0.0)):
        assert np.isfinite(SCALAR[2][OURS](jnp.array(masses), jnp.ones(4))).all()


# All


def test_shapes_and_compilation():
    m, n = jnp.array([1.0, 2.0, 3.0]), jnp.array([[100.0], [200.0]])
    for f in (
        lambda m, n: massless((m / n) ** 2),
        lambda m, n: massive(m, 0.3, n, 150.0),
        lambda m, n: w_gamma_scalar(n, m_charged=m, m_neutral=125.0, m_w=W),
    ):
        broadcast = f(m, n)
        assert broadcast.shape == (2, 3)
        mapped = jax.jit(jax.vmap(jax.vmap(f, (0, None)), (None, 0)))(m, n[:, 0])
        np.testing.assert_allclose(mapped, broadcast, rtol=1e-14)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("r", lambda: massless(-1.0)),
        ("r", lambda: massless(np.inf)),
        ("r", lambda: massless(1j)),
        ("m_l", lambda: massive(-1.0, 1.0, 1.0, 1.0)),
        ("m_lp", lambda: massive(1.0, [1.0, np.nan], 1.0, 1.0)),
        ("m_f", lambda: massive(1.0, 1.0, 0.0, 1.0)),
        ("m_h", lambda: massive(1.0, 1.0, 1.0, 0.0)),
        ("m_scalar", lambda: w_gamma_scalar(0.0, m_charged=1.0, m_neutral=1.0, m_w=W)),
        ("m_neutral", lambda: w_gamma_scalar(1.0, m_charged=1.0, m_neutral=-1.0, m_w=W)),
        ("m_w", lambda: w_gamma_scalar(1.0, m_charged=1.0, m_neutral=1.0, m_w=0.0)),
        ("m_up", lambda: fermion((300.0, W, 1.0, -1.0, -1.0, 0.0, 1.0, 1.0))),
        ("yukawa_up", lambda: fermion((300.0, W, 1.0, 1.0, -1.0, 0.0, 1.0, 1j))),
        ("charge_down", lambda: fermion((300.0, W, 1.0, 1.0, np.nan, 0.0, 1.0, 1.0))),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
