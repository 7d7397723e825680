"""Points of the unconstrained space of a set of priors, each function one small program."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Num, PRNGKeyArray

from nmmjax._compilation import quick
from nmmjax.prior_set import PriorSet
from nmmjax.space import Space


@quick()
def drawn(priors: PriorSet, keys: PRNGKeyArray) -> Float[Array, "keys d"]:
    """A point z from the prior for each key."""
    return jax.vmap(Space(priors).draw)(keys)


@quick()
def parameters(priors: PriorSet, z: Float[Array, " d"]) -> dict[str, Num[Array, "..."]]:
    """The parameters at z."""
    return Space(priors).parameters(z)


@quick()
def flat(priors: PriorSet, z: Float[Array, "points d"]) -> Float[Array, "points d"]:
    """The real numbers of which the parameters consist, at every z, in the order of the labels."""
    space = Space(priors)
    return jax.vmap(lambda z: space.flat(space.parameters(z)))(z)


@quick()
def flat_jacobian(priors: PriorSet, z: Float[Array, " d"]) -> Float[Array, "d d"]:
    """Derivatives of these numbers with respect to z."""
    space = Space(priors)
    return jax.jacfwd(lambda z: space.flat(space.parameters(z)))(z)


@quick()
def log_jacobian(priors: PriorSet, z: Float[Array, " d"]) -> Float[Array, ""]:
    """ln |dy / dz| at z."""
    return Space(priors).locate(z).log_jacobian


@quick()
def log_prior(priors: PriorSet, z: Float[Array, " d"]) -> Float[Array, ""]:
    """ln of the prior density of y at z."""
    return Space(priors).locate(z).log_prior


def deviations(priors: PriorSet, z: Float[np.ndarray, " d"]) -> Float[np.ndarray, " d"]:
    """By how many standard deviations each number lies off the center of its prior, as `Space.deviations` has it."""
    return np.asarray(_deviations(priors, jnp.asarray(z)))


@quick()
def _deviations(priors: PriorSet, z: Float[Array, " d"]) -> Float[Array, " d"]:
    return Space(priors).deviations(z)


def displaced(priors: PriorSet, z: Float[np.ndarray, " d"], by: float) -> Float[np.ndarray, " d"]:
    """Numbers moved by standard deviations of their priors, as `Space.displaced` has it."""
    return np.asarray(_displaced(priors, jnp.asarray(z), by))


@quick()
def _displaced(priors: PriorSet, z: Float[Array, " d"], by: float) -> Float[Array, " d"]:
    return Space(priors).displaced(z, by)
