"""Gaussian likelihoods of binned data whose nuisances act linearly.

Data = prediction + A z + noise with z ~ N(0, 1) and noise ~ N(0, diag(D)). The nuisances z are integrated out exactly:
data ~ N(prediction, C) with C = diag(D) + A A^T. A column of A is a mode: what one standard deviation of a nuisance
adds to the prediction.
"""

import jax
import jax.numpy as jnp
from jax.scipy.linalg import cho_factor, cho_solve, solve_triangular
from jaxtyping import Array, Float, PRNGKeyArray


def covariance(variance: Float[Array, " data"], modes: Float[Array, "data modes"]) -> Float[Array, "data data"]:
    """Covariance C = diag(D) + A A^T of variances D (data,) and modes A (data, modes)."""
    return jnp.diag(variance) + modes @ modes.T


@jax.jit
def whitening(covariance: Float[Array, "data data"]) -> Float[Array, "data data"]:
    """Lower triangular W with W C W^T = 1, so that chi^2 = |W residual|^2, of a covariance C (data, data)."""
    lower = jnp.linalg.cholesky(covariance)
    return solve_triangular(lower, jnp.eye(covariance.shape[0], dtype=covariance.dtype), lower=True)


def log_determinant(variance: Float[Array, " data"], modes: Float[Array, "data modes"]) -> Float[Array, ""]:
    """ln det C = sum ln D + ln det(1 + A^T D^-1 A) of C = diag(D) + A A^T, without the matrix C."""
    lower, _ = _factor(variance, modes)
    return jnp.sum(jnp.log(variance)) + 2.0 * jnp.sum(jnp.log(jnp.diagonal(lower)))


def best_amplitudes(
    residual: Float[Array, " data"], variance: Float[Array, " data"], modes: Float[Array, "data modes"]
) -> Float[Array, " modes"]:
    """The nuisances z at the maximum of their posterior, (1 + A^T D^-1 A) z = A^T D^-1 residual."""
    return cho_solve(_factor(variance, modes), modes.T @ (residual / variance))


def log_likelihood(
    residual: Float[Array, " data"],
    variance: Float[Array, " data"],
    modes: Float[Array, "data modes"],
    *,
    reference: Float[Array, ""] | float | None = None,
) -> Float[Array, ""]:
    """ln L of a residual: -2 ln L = residual^T C^-1 residual + ln det C - `reference`, with C = diag(D) + A A^T.

    **Arguments:** `variance` D (data,) and `modes` A (data, modes); without `reference`, ln det C is left out. D and A
    may depend on the theory; then `reference` is ln det C at a fixed point of it (the published
    best fit), so that -2 ln L stays a chi^2 comparable to the number of bins.
    """
    z = best_amplitudes(residual, variance, modes)
    chi2 = jnp.sum((residual - modes @ z) ** 2 / variance) + jnp.sum(z**2)
    return -0.5 * (chi2 if reference is None else chi2 + log_determinant(variance, modes) - reference)


def draw(
    key: PRNGKeyArray, variance: Float[Array, " data"], modes: Float[Array, "data modes"]
) -> Float[Array, " data"]:
    """A residual (data,) drawn from N(0, C) with C = diag(D) + A A^T."""
    noise, nuisance = jax.random.split(key)
    z = jax.random.normal(nuisance, modes.shape[1:], modes.dtype)
    return jnp.sqrt(variance) * jax.random.normal(noise, variance.shape, variance.dtype) + modes @ z


def _factor(
    variance: Float[Array, " data"], modes: Float[Array, "data modes"]
) -> tuple[Float[Array, "modes modes"], bool]:
    """Cholesky factor of 1 + A^T D^-1 A."""
    scaled = modes / jnp.sqrt(variance)[:, None]
    return cho_factor(jnp.eye(modes.shape[1], dtype=modes.dtype) + scaled.T @ scaled, lower=True)
