"""One-loop functions: closed forms in 60 digits, the integrals they are, derivatives, limits, bad input."""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from helpers import assert_close, gradients, hessians

from nmmjax.constants import PDG_2026
from nmmjax.loops import one_loop
from nmmjax.testing import check_derivatives

DIGITS, STEP = 60, mp.mpf(10) ** -15

CLOSED = {
    "flip_on_fermion": lambda t: (-3 + 4 * t - t**2 - 2 * mp.log(t)) / (2 * (1 - t) ** 3),
    "chirality_flip": lambda t: (t - 1 - mp.log(t)) / (1 - t) ** 2,
    "photon_on_fermion": lambda t: (2 + 3 * t - 6 * t**2 + t**3 + 6 * t * mp.log(t)) / (6 * (1 - t) ** 4),
    "photon_on_scalar": lambda t: (1 - 6 * t + 3 * t**2 + 2 * t**3 - 6 * t**2 * mp.log(t)) / (6 * (1 - t) ** 4),
    "w_loop": lambda a: (1 + 1 / (1 - a) - 2 * a / (1 - a) ** 2 - 2 * a**2 * mp.log(a) / (1 - a) ** 3) * 3 / 4,
    "w_loop_gim": lambda a: CLOSED["w_loop"](a) - mp.mpf(3) / 2,
}
FEYNMAN = {
    "flip_on_fermion": lambda x, t: x**2 / (1 - x + t * x),
    "chirality_flip": lambda x, t: x / (1 - x + t * x),
    "photon_on_fermion": lambda x, t: x**2 * (1 - x) / (1 - x + t * x),
    "photon_on_scalar": lambda x, t: x * (1 - x) ** 2 / (1 - x + t * x),
}
TOLERANCES = (5e-15, 5e-14, 1e-12)
# Both sides of the change from the Gauss rule to the closed form among them
RATIOS = np.concatenate(
    [np.geomspace(1e-14, 1e6, 30), [0.3 - 1e-9, 0.3 + 1e-9, 0.9, 1 - 1e-3, 1 + 1e-7, 1.2, 3 - 1e-9, 3 + 1e-9]]
)


def mp_derivative(f, t, order):
    """By central differences with a relative step of 1e-15; the error is its square."""
    with mp.workdps(DIGITS + 40):
        t, h = mp.mpf(float(t)), mp.mpf(float(t)) * STEP
        if order == 0:
            return f(t)
        return (f(t + h) - f(t - h)) / (2 * h) if order == 1 else (f(t + h) - 2 * f(t) + f(t - h)) / h**2


@pytest.mark.parametrize("name", CLOSED)
def test_values_and_derivatives(name):
    f, g = getattr(one_loop, name), CLOSED[name]
    derivatives = (f, jax.jit(jax.vmap(jax.grad(f))), jax.jit(jax.vmap(jax.grad(jax.grad(f)))))
    # Past a mass of 30 W bosons the derivative of f falls as a^-2 from terms as a^-1
    ratios = RATIOS[RATIOS < 1e3] if name.startswith("w_loop") else RATIOS
    for order, derivative in enumerate(derivatives):
        expected = [float(mp_derivative(g, t, order)) for t in ratios]
        np.testing.assert_allclose(derivative(ratios), expected, rtol=TOLERANCES[order], err_msg=f"order {order}")


@pytest.mark.parametrize("name", FEYNMAN)
@pytest.mark.parametrize("t", [0.1, 1.0, 37.0])
def test_feynman_parameters(name, t):
    """The integrals that define them, and the derivative of the integrand at t = 1, where the closed form is 0/0."""
    f, g = getattr(one_loop, name), FEYNMAN[name]
    with mp.workdps(25):
        value = mp.quad(lambda x: g(x, t), [0, 0.5, 0.9, 1])
        slope = mp.quad(lambda x: -x / (1 - x + t * x) * g(x, t), [0, 0.5, 0.9, 0.99, 1])
        curve = mp.quad(lambda x: 2 * (x / (1 - x + t * x)) ** 2 * g(x, t), [0, 0.5, 0.9, 0.99, 0.999, 1])
    np.testing.assert_allclose(f(t), float(value), rtol=2e-14)
    np.testing.assert_allclose(jax.grad(f)(t), float(slope), rtol=2e-13)
    np.testing.assert_allclose(jax.grad(jax.grad(f))(t), float(curve), rtol=1e-11)


def test_frozen_values():
    np.testing.assert_allclose(
        one_loop.chirality_flip(np.array([1e-6, 0.3, 1.0, 4.0])),
        [12.8155371890258366, 1.02851592719578774, 0.5, 0.179300626542234376],
        rtol=1e-14,
    )
    np.testing.assert_allclose(
        one_loop.photon_on_fermion(np.array([0.0, 0.3, 1.0, 4.0])),
        [1 / 3, 0.152609296274687778, 1 / 12, 0.0314219437590069441],
    )
    np.testing.assert_allclose(
        one_loop.photon_on_scalar(np.array([0.0, 0.3, 1.0, 4.0])),
        [1 / 6, 0.120883877784260333, 1 / 12, 0.0409788916306388901],
    )
    np.testing.assert_allclose(one_loop.w_loop((1.77686 / 80.377) ** 2), 1.49963567194059183, rtol=1e-15)


def test_massless_limits():
    """Derivatives in the mass are right at zero, those in t finite."""
    for f in (one_loop.photon_on_fermion, one_loop.photon_on_scalar, one_loop.w_loop):
        slope = jax.grad(lambda m, f=f: f(m**2))
        assert slope(0.0) == 0.0
        assert np.isfinite(jax.jit(jax.grad(slope))(0.0))
        assert np.isfinite(jax.grad(f)(0.0))
    assert one_loop.w_loop(0.0) == 1.5
    # What is left of the electron in a transition moment: -(3/4) a, lost in f(a) - 3/2
    a = (PDG_2026.electron_mass / 80.4e3) ** 2
    np.testing.assert_allclose(one_loop.w_loop_gim(a), -0.75 * a, rtol=1e-14)


def test_w_loop_of_a_heavy_lepton():
    """f(a) = (3/4) [1 + (2 ln a - 3) / a] + O(ln a / a^2)."""
    a = 1e8
    np.testing.assert_allclose(one_loop.w_loop(a), 0.75 * (1 + (2 * np.log(a) - 3) / a), rtol=1e-13)


# Two-point functions

PAIRS = [(3.0, 7.0), (7.0, 3.0), (2.0, 2.0), (2.0, 2.0 * (1 + 1e-9)), (1e-4, 500.0), (0.0, 5.0), (5.0, 0.0)]


def feynman(*terms):
    """-int_0^1 dx sum_i sign_i ln(x p_i + (1-x) q_i) of squared masses, folded at 1/2."""
    with mp.workdps(25):
        squares = [(sign, mp.mpf(p) ** 2, mp.mpf(q) ** 2) for sign, p, q in terms]

        def folded(x):
            return -sum(s * (mp.log(x * p + (1 - x) * q) + mp.log(x * q + (1 - x) * p)) for s, p, q in squares)

        return float(mp.quad(folded, [0, mp.mpf(10) ** -9, mp.mpf(1) / 2]))


@pytest.mark.parametrize("pair", PAIRS)
def test_b0_minimal(pair):
    scale = 91.0
    np.testing.assert_allclose(
        one_loop.b0_minimal(*pair, scale=scale), feynman((1, *pair)) + 2 * np.log(scale), rtol=1e-14
    )


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("cutoff", [2.0, 40.0, 1e6])
def test_b0_cutoff(pair, cutoff):
    with mp.workdps(25):
        p, q, end = (mp.mpf(m) ** 2 for m in (*pair, cutoff))
        cuts = [0, *sorted(cut for cut in {p, q} if 0 < cut < end), end]
        expected = mp.quad(lambda K: 1 / (1 + p / K) / (K + q), cuts)
    np.testing.assert_allclose(one_loop.b0_cutoff(*pair, cutoff=cutoff), float(expected), rtol=1e-13, atol=1e-15)


def relative(scales, masses):
    return one_loop.b0_difference(*(scales * masses))


GRADIENTS, HESSIANS = gradients(relative), hessians(relative, outer=("forward",))


def mp_difference(m, m_1, m_2):
    """From the self-energies themselves."""

    def pole(x, y):
        return (x * mp.log(x) - y * mp.log(y)) / (x - y)

    return pole(m_2**2, m**2) - pole(m_1**2, m**2)


@pytest.mark.parametrize(
    "masses",
    [
        (1.0, 200.0, 500.0),
        (1.777, 300.0, 310.0),
        (1000.0, 500.0, 500.0 * (1 + 1e-10)),
        (1e6, 500.0, 501.0),
        (1e7, 2.0, 900.0),
        (3.0, 3.0 * (1 + 1e-12), 8.0),
        (3.0, 3.0 + 1e-7, 3.0 - 1e-7),
        (2.0, 1.0, 1.999 * 2**-0.5 * 2),
        (0.1, 1e-3, 1e4),
    ],
)
def test_b0_difference(masses):
    """Value and derivatives in the logarithms of masses."""
    x = [mp.mpf(float(m)) for m in masses]
    h = mp.mpf(10) ** -20
    shifts = np.eye(3, dtype=int)
    with mp.workdps(110):

        def at(shift):
            return mp_difference(*(v * (1 + int(s) * h) for v, s in zip(x, shift, strict=True)))

        value = float(at((0, 0, 0)))
        gradient = [float((at(e) - at(-e)) / (2 * h)) for e in shifts]
        hessian = [
            [float((at(d + e) - at(d - e) - at(e - d) + at(-d - e)) / (4 * h**2)) for d in shifts] for e in shifts
        ]
    masses = jnp.array(masses)
    np.testing.assert_allclose(one_loop.b0_difference(*masses), value, rtol=2e-13)
    for derivative in GRADIENTS.values():
        assert_close(derivative(jnp.ones(3), masses), np.array(gradient), 1e-12)
    for derivative in HESSIANS.values():
        assert_close(derivative(jnp.ones(3), masses), np.array(hessian), 1e-11)


def test_b0_difference_where_masses_vanish_or_agree():
    d = one_loop.b0_difference
    np.testing.assert_allclose(d(0.0, 200.0, 500.0), np.log(6.25), rtol=1e-15)
    np.testing.assert_allclose(d(5.0, 0.0, 5.0), 1.0, rtol=1e-15)
    np.testing.assert_allclose(d(5.0, 0.0, 7.0), feynman((1, 5, 0), (-1, 5, 7)), rtol=1e-14)
    assert d(3.0, 4.0, 4.0) == 0.0
    assert d(3.0, 0.0, 0.0) == 0.0
    np.testing.assert_allclose(jax.grad(d, 2)(3.0, 3.0, 3.0), 1 / 3, rtol=1e-14)
    for masses in [
        (0.0, 2.0, 5.0),
        (0.0, 2.0, 2.0),
        (2.0, 2.0, 2.0),
        (2.0, 0.0, 2.0),
        (2.0, 0.0, 0.0),
        (2.0, 2.0, 5.0),
    ]:
        for derivative in (GRADIENTS | HESSIANS).values():
            assert np.isfinite(derivative(jnp.ones(3), jnp.array(masses))).all()
            assert np.isfinite(derivative(jnp.array(masses), jnp.ones(3))).all()
    # The mass matrix of Zee, sin 2 phi = 0.1
    np.testing.assert_allclose(0.1 / (16 * np.pi**2) * d(0.0, 200.0, 500.0), 1.16049576892491681e-3, rtol=1e-14)


def test_second_derivatives_at_equal_masses():
    """b0_minimal is symmetric: where the larger mass changes, the Hessian is that of both sides."""
    f = jax.jit(jax.hessian(lambda p: one_loop.b0_minimal(p[0], p[1], scale=1.0)))
    np.testing.assert_allclose(f(jnp.array([2.0, 2.0])), f(jnp.array([2.0, 2.0 + 1e-9])), rtol=1e-7)
    # Of B0 = -ln m^2 for m_1 = m_2 = m: the sum of all elements is 2 / m^2
    np.testing.assert_allclose(f(jnp.array([2.0, 2.0])).sum(), 0.5, rtol=1e-13)


def test_scotogenic():
    np.testing.assert_allclose(one_loop.scotogenic(1000.0, 501.0, 500.0), 3.58158493677333523e-3, rtol=1e-14)
    M, real, imaginary = 3e3, 900.0 + 1e-8, 900.0
    with mp.workdps(60):
        g = lambda m: mp.mpf(m) ** 2 * mp.log(mp.mpf(m) ** 2 / M**2) / (mp.mpf(m) ** 2 - M**2)  # noqa: E731
        expected = M / (32 * mp.pi**2) * (g(real) - g(imaginary))
    np.testing.assert_allclose(one_loop.scotogenic(M, real, imaginary), float(expected), rtol=1e-13)
    np.testing.assert_allclose(one_loop.scotogenic(M, imaginary, real), -float(expected), rtol=1e-13)


def test_shapes_and_compilation():
    m, n = jnp.array([1.0, 2.0, 3.0]), jnp.array([[100.0], [200.0]])
    for f in (
        lambda m, n: one_loop.b0_difference(m, n, 300.0),
        lambda m, n: one_loop.b0_minimal(m, n, scale=91.0),
        lambda m, n: one_loop.b0_cutoff(m, n, cutoff=1e4),
        lambda m, n: one_loop.chirality_flip((m / n) ** 2),
    ):
        broadcast = f(m, n)
        assert broadcast.shape == (2, 3)
        mapped = jax.jit(jax.vmap(jax.vmap(f, (0, None)), (None, 0)))(m, n[:, 0])
        np.testing.assert_allclose(mapped, broadcast, rtol=1e-14)


def test_gradients():
    def f(p):
        return jnp.stack(
            [
                one_loop.b0_minimal(p[0], p[1], scale=p[2]),
                one_loop.b0_cutoff(p[0], p[1], cutoff=p[2]),
            ]
        )

    for p in ([1.0, 2.0, 5.0], [2.0, 2.0, 7.0], [2.0, 5.0, 5.5]):
        check_derivatives(f, jnp.array(p), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("t", lambda: one_loop.chirality_flip(0.0)),
        ("t", lambda: one_loop.photon_on_fermion(-1e-3)),
        ("t", lambda: one_loop.photon_on_scalar([0.1, np.inf])),
        ("t", lambda: one_loop.photon_on_scalar("heavy")),
        ("a", lambda: one_loop.w_loop(1j)),
        ("a", lambda: one_loop.w_loop_gim(np.nan)),
        ("m_1", lambda: one_loop.b0_minimal(-1.0, 1.0, scale=1.0)),
        ("m_1", lambda: one_loop.b0_minimal([1.0, 0.0], 0.0, scale=1.0)),
        ("scale", lambda: one_loop.b0_minimal(1.0, 1.0, scale=0.0)),
        ("cutoff", lambda: one_loop.b0_cutoff(1.0, 1.0, cutoff=-3.0)),
        ("m_2", lambda: one_loop.b0_difference(0.0, 1.0, 0.0)),
        ("m_fermion", lambda: one_loop.scotogenic(0.0, 1.0, 1.0)),
        ("m_imaginary", lambda: one_loop.scotogenic(1.0, 1.0, 2j)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
