"""Sine and cosine together, from one reduction of the angle and in a form that vector instructions take.

Several times faster on a CPU than the two from the library. Each pair has a derivative of its own: differentiating
the polynomials term by term is right as well, but long. Angles up to 5e8 turns, errors below 4e-16.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Real = Float[Array, "..."]
Pair = tuple[Real, Real]

_PI = (float.fromhex("0x1.921fb4p+1"), float.fromhex("0x1.4442dp-23"), float.fromhex("0x1.8469898cc517p-47"))
"""pi in three parts; a multiple of the first two is exact up to 5e8 turns."""
_SINE = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(11))
_COSINE = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(12))
"""Taylor coefficients of sin x / x and cos x in x^2: to rounding, with two derivatives, for |x| <= pi/2."""
_SINC_SLOPE = tuple(k * (-1.0) ** k / math.factorial(2 * k + 1) for k in range(1, 11))
"""Taylor coefficients of d(sin g / g) / d(g^2) in g^2, for g <= 1."""


@jax.custom_jvp
def sine_and_cosine(x: Real) -> Pair:
    """sin x and cos x."""
    x, turns = _reduced(x)
    sign = 1.0 - 2.0 * (turns - 2.0 * jnp.floor(0.5 * turns))
    return sign * x * polynomial(_SINE, x**2), sign * polynomial(_COSINE, x**2)


@sine_and_cosine.defjvp
def _sine_and_cosine_jvp(primals: tuple[Real], tangents: tuple[Real]) -> tuple[Pair, Pair]:
    sine, cosine = sine_and_cosine(*primals)
    return (sine, cosine), (cosine * tangents[0], -sine * tangents[0])


@jax.custom_jvp
def sine2_and_sine_cosine(x: Real) -> Pair:
    """sin^2 x and sin x cos x, whose signs no multiple of pi changes: sin and cos of 2x."""
    x, _ = _reduced(x)
    sine = x * polynomial(_SINE, x**2)
    return sine**2, sine * polynomial(_COSINE, x**2)


@sine2_and_sine_cosine.defjvp
def _sine2_and_sine_cosine_jvp(primals: tuple[Real], tangents: tuple[Real]) -> tuple[Pair, Pair]:
    sine2, sine_cosine = sine2_and_sine_cosine(*primals)
    return (sine2, sine_cosine), (2.0 * sine_cosine * tangents[0], (1.0 - 2.0 * sine2) * tangents[0])


@jax.custom_jvp
def sine2_and_sinc(y: Real) -> Pair:
    """sin^2(g/2) and sin g / g as functions of y = g^2 >= 0, smooth at zero: cos g = 1 - 2 sin^2(g/2)."""
    first_turn = y < 9.0
    g = jnp.sqrt(jnp.where(first_turn, 9.0, y))
    half, _ = _reduced(0.5 * g)
    z = jnp.where(first_turn, 0.25 * y, half**2)
    sine, cosine = polynomial(_SINE, z), polynomial(_COSINE, z)
    return z * sine**2, sine * cosine * jnp.where(first_turn, 1.0, 2.0 * half) / jnp.where(first_turn, 1.0, g)


@sine2_and_sinc.defjvp
def _sine2_and_sinc_jvp(primals: tuple[Real], tangents: tuple[Real]) -> tuple[Pair, Pair]:
    (y,), (dy,) = primals, tangents
    sine2, sinc = sine2_and_sinc(y)
    near = y < 1.0
    series = polynomial(_SINC_SLOPE, jnp.where(near, y, 0.0))
    slope = jnp.where(near, series, 1.0 - 2.0 * sine2 - sinc) / jnp.where(near, 1.0, 2.0 * y)
    return (sine2, sinc), (0.25 * sinc * dy, slope * dy)


def polynomial(coefficients: tuple[float, ...], x: Real) -> Real:
    """Sum_k coefficients[k] x^k."""
    value = coefficients[-1] * jnp.ones_like(x)
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value


def _reduced(x: Real) -> Pair:
    """x - n pi in [-pi/2, pi/2], and n; the third line keeps an x too large for a phase inside the interval."""
    n = jnp.round(x / math.pi)
    x = ((x - n * _PI[0]) - n * _PI[1]) - n * _PI[2]
    return x - math.pi * jnp.round(x / math.pi), n
