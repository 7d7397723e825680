"""The two log-densities of a fit over its unconstrained vector z."""

from typing import NamedTuple

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


class Curvature(NamedTuple):
    """-ln p of the mode with its gradient and Hessian."""

    value: Float[Array, ""]
    gradient: Float[Array, " d"]
    hessian: Float[Array, "d d"]


@jax.jit
def curvature(fit: Fit, z: Float[Array, " d"]) -> Curvature:
    """One compilation for all that needs value, gradient or Hessian at a point.

    Forward over reverse, one direction after the other: in a batch they take more memory, and several times as long.
    """

    def slope(z: Float[Array, " d"]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        value, gradient = jax.value_and_grad(lambda z: -log_posterior_mode(fit, z))(z)
        return gradient, value

    gradient, along, value = jax.linearize(slope, z, has_aux=True)
    return Curvature(value, gradient, jax.lax.map(along, jnp.eye(z.size, dtype=z.dtype)))


def _finite(log_density: Float[Array, ""]) -> Float[Array, ""]:
    """-inf for NaN: a point that cannot be is left, not entered."""
    return jnp.where(jnp.isnan(log_density), -jnp.inf, log_density)
