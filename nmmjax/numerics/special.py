"""Elementary functions with finite derivatives where the textbook form has none."""

from statistics import NormalDist

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr
from jaxtyping import Array, ArrayLike, Complex, Float, Num


def safe_sqrt(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Square root of x > 0; zero, with zero derivative, elsewhere."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1.0)), 0.0)


def larger(x: Float[ArrayLike, "..."], y: Float[ArrayLike, "..."]) -> Float[Array, "..."]:
    """The larger of x and y, with its derivative; where they are equal, that of y; NaN where either is.

    The derivative of `jnp.maximum` asks which of the two equals the result, and is lost where the compiler computes one
    of them twice and rounds it differently.
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    return jnp.where((x > y) | jnp.isnan(x), x, y)


def smaller(x: Float[ArrayLike, "..."], y: Float[ArrayLike, "..."]) -> Float[Array, "..."]:
    """The smaller of x and y, as `larger`."""
    x, y = jnp.asarray(x), jnp.asarray(y)
    return jnp.where((x < y) | jnp.isnan(x), x, y)


def clipped(
    x: Float[ArrayLike, "..."], low: Float[ArrayLike, "..."], high: Float[ArrayLike, "..."]
) -> Float[Array, "..."]:
    """x between two ends, as `larger`: beyond them the end, with its derivative."""
    return smaller(larger(x, low), high)


def modulus_squared(z: Num[ArrayLike, "..."]) -> Float[Array, "..."]:
    """Squared modulus |z|^2, smooth at zero."""
    return jnp.real(z) ** 2 + jnp.imag(z) ** 2


def safe_abs(z: Complex[Array, "..."]) -> Float[Array, "..."]:
    """Modulus |z|, with zero derivative at z = 0."""
    return safe_sqrt(modulus_squared(z))


@jax.jit
def normal_cdf(x: Float[ArrayLike, "..."]) -> Float[Array, "..."]:
    """Share of a normal distribution of mean 0 and variance 1 below x."""
    return ndtr(x)


def normal_quantile(share: float) -> float:
    """x below which a normal distribution of mean 0 and variance 1 holds this share in (0, 1)."""
    return NormalDist().inv_cdf(share)


def floored_log10(x: Float[Array, "..."], floor: float = 1e-40) -> Float[Array, "..."]:
    """Logarithm log10(x + floor), for reports of what may vanish."""
    return jnp.log10(x + floor)


def two_sided_quantile(confidence: float) -> float:
    """Quantile z with erf(z / sqrt 2) = confidence, in standard deviations on both sides: 1.644854 for 0.9."""
    return normal_quantile(0.5 * (1.0 + confidence))
