"""Value, gradient and Hessian of the density that is maximized."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from nmmjax._compilation import quick
from nmmjax.fit import Prepared
from nmmjax.prior_set import PriorSet
from nmmjax.space import Space


class Curvature(NamedTuple):
    """-ln p at a point, with its gradient and Hessian in z; p as in `Fit.log_density(z, jacobian=False)`."""

    value: Float[Array, ""]
    gradient: Float[Array, " d"]
    hessian: Float[Array, "d d"]


@quick()
def curvature(density: Prepared, z: Float[Array, " d"]) -> Curvature:
    """One compilation for all that needs value, gradient or Hessian at a point.

    Forward over reverse, one direction after the other: in a batch they take more memory, and several times as long.
    """

    def slope(z: Float[Array, " d"]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        value, gradient = jax.value_and_grad(lambda z: -density.log_density(z, jacobian=False))(z)
        return gradient, value

    gradient, along, value = jax.linearize(slope, z, has_aux=True)
    return Curvature(value, gradient, jax.lax.map(along, jnp.eye(z.size, dtype=z.dtype)))


@quick()
def prior_curvature(
    priors: PriorSet, z: Float[Array, " d"], jacobian: Bool[Array, ""] | bool = False
) -> tuple[Float[Array, " d"], Float[Array, "d d"]]:
    """Gradient and Hessian of -ln of the prior density of y, or with its Jacobian that of z."""

    def objective(z: Float[Array, " d"]) -> Float[Array, ""]:
        located = Space(priors).locate(z)
        return -located.log_prior - jnp.where(jacobian, located.log_jacobian, 0.0)

    return jax.grad(objective)(z), jax.hessian(objective)(z)


def principal(
    hessian: Float[Array, "d d"] | Float[np.ndarray, "d d"],
) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, "d d"]]:
    """Principal curvatures, ascending, and the axes (columns); none, along the components, where it is not finite."""
    matrix = np.asarray(hessian)
    if not np.all(np.isfinite(matrix)):
        return np.zeros(len(matrix)), np.eye(len(matrix))
    return np.linalg.eigh(matrix)
