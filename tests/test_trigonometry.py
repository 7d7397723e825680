"""Sine and cosine against 40 digits, derivatives of both orders, and where the angle vanishes or is large."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from nmmjax.numerics.trigonometry import sine2_and_sinc, sine2_and_sine_cosine, sine_and_cosine

RNG = np.random.default_rng(1)
ANGLES = np.concatenate([np.linspace(-12, 12, 97), RNG.normal(size=60) * 10.0 ** RNG.uniform(-8, 8, 60), [0.0]])
SQUARES = np.concatenate([[0.0], 10.0 ** RNG.uniform(-30, 12, 120), np.linspace(0.5, 12.0, 60)])


def digits(f, x):
    with mpmath.workdps(40):
        return np.array([[float(y) for y in f(mpmath.mpf(float(v)))] for v in x]).T


def sinc(g):
    return mpmath.sin(g) / g if g else mpmath.mpf(1)


CASES = {
    "sine_and_cosine": (sine_and_cosine, ANGLES, lambda x: (mpmath.sin(x), mpmath.cos(x))),
    "half angle": (sine2_and_sine_cosine, ANGLES, lambda x: (mpmath.sin(x) ** 2, mpmath.sin(x) * mpmath.cos(x))),
    "of the square": (
        sine2_and_sinc,
        SQUARES,
        lambda y: (mpmath.sin(mpmath.sqrt(y) / 2) ** 2, sinc(mpmath.sqrt(y))),
    ),
}


def slack(name, x):
    """The root of y is rounded before it is an angle."""
    return 1.2e-16 * np.sqrt(x) if name == "of the square" else 0.0


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    f, x, exact = CASES[name]
    assert np.all(np.abs(np.asarray(jax.jit(f)(x)) - digits(exact, x)) < 4e-16 + slack(name, x))


@pytest.mark.parametrize("name", CASES)
def test_derivatives(name):
    f, x, exact = CASES[name]
    x = x[np.abs(x) < 1e3][:60]
    x = x[(np.abs(x) > 1e-6)]
    for order in (1, 2):
        for k in range(2):
            found = x_derivative(f, k, order)(x)
            with mpmath.workdps(40):
                expected = [float(mpmath.diff(lambda y, k=k: exact(y)[k], float(v), order)) for v in x]
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


def x_derivative(f, k, order):
    g = lambda x: f(x)[k]  # noqa: E731
    for _ in range(order):
        g = jax.grad(g)
    return jax.jit(jax.vmap(g))


def test_derivatives_of_sinc_where_it_begins():
    """sin g / g = 1 - y/6 + y^2/120 and sin^2(g/2) = y/4 - y^2/48 for y = g^2."""
    for k, (slope, second) in enumerate([(1 / 4, -1 / 24), (-1 / 6, 1 / 60)]):
        assert x_derivative(sine2_and_sinc, k, 1)(jnp.zeros(1))[0] == pytest.approx(slope)
        assert x_derivative(sine2_and_sinc, k, 2)(jnp.zeros(1))[0] == pytest.approx(second)
