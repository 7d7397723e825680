"""The likelihood of correlated quantities."""

from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.experiments._measured import Term


class CorrelatedGaussian(Term):
    """k quantities measured together: -2 ln L = d^T C^-1 d at the deviation d from the best values.

    **Arguments:** `best` (k); `covariance` C (k, k), symmetric and positive definite.
    """

    best: Float[Array, " k"]
    root: Float[Array, "k k"]
    """Lower triangular, C = root root^T."""
    whitening: Float[Array, "k k"]
    """Its inverse."""

    def __init__(self, best: ArrayLike, covariance: ArrayLike):
        best, covariance = np.asarray(best, float), np.asarray(covariance, float)
        _checks.check_finite("best", best)
        _checks.check_finite("covariance", covariance)
        _checks.check_shape("covariance", covariance, (best.size, best.size))
        _checks.check_symmetric("covariance", covariance)
        least = np.linalg.eigvalsh(covariance).min()
        if least <= 0.0:
            _checks.fail("covariance", "be positive definite", f"its least eigenvalue is {least}")
        root = np.linalg.cholesky(covariance)
        self.best, self.root, self.whitening = jnp.asarray(best), jnp.asarray(root), jnp.asarray(np.linalg.inv(root))

    def log_likelihood(self, value: Float[Array, " k"]) -> Float[Array, ""]:
        """-d^T C^-1 d / 2."""
        return -0.5 * jnp.sum((self.whitening @ self.deviation(value)) ** 2)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, " k"]) -> Self:
        """Around the truth less a normal deviation."""
        best = value - self.root @ jax.random.normal(key, self.best.shape)
        return eqx.tree_at(lambda term: term.best, self, best)
