"""Coordinates in which a posterior is round: z = center + scale w."""

from typing import NamedTuple, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

_WIDEST = 2.0
"""Standard deviation of a direction in which the posterior is flat; that of a flat prior is 1.8."""

INSIDE = 3.0
"""|z| from which a component at a bound starts: 5 % inside, where a slope is still felt that leads away from it."""


class Chart(NamedTuple):
    """Along the principal axes around a point, in their standard deviations."""

    center: Float[Array, " d"]
    scale: Float[Array, "d d"]

    @classmethod
    def around(cls, center: Float[np.ndarray, " d"], hessian: Float[np.ndarray, "d d"]) -> Self:
        """From the Hessian of -ln p."""
        curvatures, axes = np.linalg.eigh(hessian)
        return cls(jnp.asarray(center), jnp.asarray(axes / np.sqrt(np.maximum(curvatures, _WIDEST**-2))))

    def z(self, w: Float[Array, "... d"]) -> Float[Array, "... d"]:
        """The point at w."""
        return self.center + w @ self.scale.T

    def w(self, z: Float[np.ndarray, "... d"]) -> Float[np.ndarray, "... d"]:
        """The coordinates of z."""
        return np.linalg.solve(np.asarray(self.scale), (z - np.asarray(self.center)).T).T


def scale_beside(held: Int[np.ndarray, " k"], hessian: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"]:
    """The scale of a chart in which some components are held: columns and rows of these are zero."""
    free = np.setdiff1d(np.arange(len(hessian)), held)
    scale = np.zeros_like(hessian)
    if free.size:
        scale[np.ix_(free, free)] = Chart.around(np.zeros(free.size), hessian[np.ix_(free, free)]).scale
    return scale
