"""A sum of normal distributions around several points, some of whose coordinates are phases.

A phase lives on a circle, so that its density is a sum over turns; it is uncorrelated with all else, which keeps the
density exact. What proposes points of a posterior need not resemble it, but its density must be known.
"""

import math
from typing import NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray

_WIDEST_PHASE = 1.0
"""Standard deviation of a phase [rad]: of a wider one more turns would count."""
_TURNS = np.arange(-2.0, 3.0)
"""That count: the next lies 15 standard deviations away."""


class Mixture(NamedTuple):
    """ln q(z) = ln sum_k w_k N(z; center_k, root_k root_k^T), phases summed over turns."""

    log_weights: Float[Array, " modes"]
    centers: Float[Array, "modes d"]
    roots: Float[Array, "modes d d"]
    """Lower triangular."""
    inverses: Float[Array, "modes d d"]
    """Of the roots."""
    circular: Bool[Array, " d"]

    @classmethod
    def around(
        cls,
        centers: Float[np.ndarray, "modes d"],
        covariances: Float[np.ndarray, "modes d d"],
        circular: Bool[np.ndarray, " d"],
        weights: Float[np.ndarray, " modes"] | None = None,
    ) -> Self:
        """**Arguments:** means, covariances, which coordinates are phases; weights, which add up to one, or equal."""
        count, size = centers.shape
        weights = np.full(count, 1.0 / count) if weights is None else weights
        alone = (circular[:, None] | circular) & ~np.eye(size, dtype=bool)
        covariances = np.where(alone, 0.0, covariances)
        variances = np.diagonal(covariances, axis1=1, axis2=2)
        over = np.where(circular, np.maximum(variances / _WIDEST_PHASE**2, 1.0), 1.0)
        roots = np.linalg.cholesky(covariances / np.sqrt(over[:, :, None] * over[:, None, :]))
        return cls(np.log(weights), centers, roots, np.linalg.inv(roots), circular)  # pyright: ignore[reportArgumentType]

    def draw(self, key: PRNGKeyArray) -> Float[Array, " d"]:
        """A point; phases may be turns away."""
        which, where = jax.random.split(key)
        mode = jax.random.categorical(which, self.log_weights)
        return self.centers[mode] + self.roots[mode] @ jax.random.normal(where, self.circular.shape)

    def log_density(self, z: Float[Array, " d"]) -> Float[Array, ""]:
        """ln q at a point, which may be turns away."""
        away = z - self.centers
        turned = away - 2.0 * math.pi * jnp.round(away / (2.0 * math.pi))
        scaled = jnp.einsum("mij,mj->mi", self.inverses, jnp.where(self.circular, turned, away))
        rates = jnp.diagonal(self.inverses, axis1=1, axis2=2)
        turns = scaled[..., None] + 2.0 * math.pi * rates[..., None] * _TURNS
        each = jnp.where(self.circular, jax.nn.logsumexp(-0.5 * turns**2, axis=-1), -0.5 * scaled**2)
        parts = jnp.sum(each + jnp.log(rates) - 0.5 * math.log(2.0 * math.pi), axis=-1)
        return jax.nn.logsumexp(self.log_weights + parts)
