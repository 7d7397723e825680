"""Coordinates in which a posterior is round: z = center + scale w."""

from typing import NamedTuple, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

_WIDEST = 2.0
"""Standard deviation of a direction in which the posterior is flat; that of a flat prior is 1.8."""


class Chart(NamedTuple):
    """Along the principal axes around a point, in their standard deviations."""

    center: Float[Array, " d"]
    scale: Float[Array, "d d"]

    @classmethod
    def around(cls, center: Float[Array, " d"], hessian: Float[Array, "d d"]) -> Self:
        """From the Hessian of -ln p."""
        curvatures, axes = np.linalg.eigh(hessian)
        return cls(jnp.asarray(center), jnp.asarray(axes / np.sqrt(np.maximum(curvatures, _WIDEST**-2))))

    def z(self, w: Float[Array, "... d"]) -> Float[Array, "... d"]:
        """The point at w."""
        return self.center + w @ self.scale.T

    def w(self, z: Float[Array, "... d"]) -> Float[Array, "... d"]:
        """The coordinates of z."""
        return jnp.linalg.solve(self.scale, (z - self.center).T).T
