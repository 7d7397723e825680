"""The two log-densities of a fit over its unconstrained vector z."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.fit import Fit


def log_posterior(fit: Fit, z: Float[Array, " d"]) -> Float[Array, ""]:
    """ln of the posterior density of z: what is sampled."""
    located = fit.space.locate(z)
    return _finite(fit.log_likelihood(located.parameters) + located.log_prior + located.log_jacobian)


def log_posterior_mode(fit: Fit, z: Float[Array, " d"]) -> Float[Array, ""]:
    """ln of the posterior density in the coordinates in which each prior is flat or normal: what is maximised.

    It has no Jacobian of the map to z, so that with flat priors its maximum is that of the likelihood.
    """
    located = fit.space.locate(z)
    return _finite(fit.log_likelihood(located.parameters) + located.log_prior)


@jax.jit
def curvature(fit: Fit, z: Float[Array, " d"]) -> tuple[Float[Array, " d"], Float[Array, "d d"]]:
    """Gradient and Hessian of -ln p of the mode: one compilation for all that needs them."""

    def objective(z: Float[Array, " d"]) -> Float[Array, ""]:
        return -log_posterior_mode(fit, z)

    return jax.grad(objective)(z), jax.hessian(objective)(z)


def _finite(log_density: Float[Array, ""]) -> Float[Array, ""]:
    """-inf for NaN: a point that cannot be is left, not entered."""
    return jnp.where(jnp.isnan(log_density), -jnp.inf, log_density)
