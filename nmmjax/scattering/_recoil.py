"""Integrals over the recoil of a nucleus, with fixed nodes that move with the end points.

Below x = q R = 1 a form factor is nearly one and what is integrated is a sum of powers of T: nodes in ln T. Above, it
oscillates in q ~ sqrt(T) until the skin of the nucleus ends it: nodes in sqrt(T).
"""

import jax.numpy as jnp

from nmmjax.numerics.arrays import Real
from nmmjax.numerics.quadrature import gauss_legendre_mean
from nmmjax.numerics.special import clipped

_LOG = gauss_legendre_mean(32)
_ROOT = gauss_legendre_mean(64)


def logarithmic(low: Real, high: Real) -> tuple[Real, Real]:
    """Nodes, on a new last axis, and weights between 0 < low <= high for sums of powers."""
    u, weights = map(jnp.asarray, _LOG)
    log = jnp.log(high / low)[..., None]
    nodes = low[..., None] * jnp.exp(log * u)
    return nodes, weights * log * nodes


def root(low: Real, high: Real) -> tuple[Real, Real]:
    """Nodes, on a new last axis, and weights between 0 <= low <= high for functions that oscillate in sqrt(T)."""
    u, weights = map(jnp.asarray, _ROOT)
    width = (high - low)[..., None]
    return low[..., None] + width * u**2, 2.0 * width * u * weights


def both(low: Real, high: Real, turn: Real) -> tuple[Real, Real]:
    """Nodes, on a new last axis, and weights: in ln T up to `turn`, in sqrt(T) from there, for 0 < low <= high."""
    turn = clipped(turn, low, high)
    parts = zip(logarithmic(low, turn), root(turn, high), strict=True)
    nodes, weights = (jnp.concatenate(pair, axis=-1) for pair in parts)
    return nodes, weights
