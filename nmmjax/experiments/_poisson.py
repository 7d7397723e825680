"""Counts that follow Poisson's law."""

import math

import jax.numpy as jnp
from jax.scipy.special import xlogy
from jaxtyping import Array, Float


def half_deviance(counts: Float[Array, " data"], predicted: Float[Array, " data"]) -> Float[Array, " data"]:
    """t - n + n ln(n / t) for t > 0, zero at t = n; its derivative is finite in empty bins too."""
    return predicted - counts - counts * jnp.log(predicted) + xlogy(counts, counts)


def pull(count: float, predicted: float) -> float:
    """The root of the deviance of one number, with the sign of predicted - observed."""
    logarithm = count * math.log(count / predicted) if count > 0.0 else 0.0
    return math.copysign(math.sqrt(max(2.0 * (predicted - count + logarithm), 0.0)), predicted - count)
