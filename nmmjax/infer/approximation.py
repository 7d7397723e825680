"""The posterior as a normal distribution around its maximum."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from nmmjax.fit import Fit
from nmmjax.infer._curvature import curvature, principal
from nmmjax.infer._points import flat_jacobian
from nmmjax.infer.optimization import Maximum


class Laplace(NamedTuple):
    """Normal approximation at a maximum. Components are those of `labels`."""

    labels: tuple[str, ...]
    hessian: Float[np.ndarray, "d d"]
    """-d^2 ln p / dz dz."""
    covariance_z: Float[np.ndarray, "d d"]
    """Of the unconstrained vector; along flat or rising directions as wide as the space is natural: 1."""
    covariance: Float[np.ndarray, "d d"]
    """Of the parameters, to first order in the map from z."""
    good: bool
    """Whether the Hessian is positive definite, so that the approximation means something."""

    @property
    def standard_deviations(self) -> Float[np.ndarray, " d"]:
        """Square roots of the diagonal of the covariance."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def correlations(self) -> Float[np.ndarray, "d d"]:
        """Correlation matrix of the parameters."""
        sd = self.standard_deviations
        return self.covariance / np.outer(sd, sd)


def laplace(fit: Fit, maximum: Maximum) -> Laplace:
    """Covariance from the Hessian of the log-posterior at its maximum.

    The Hessian is exact (automatic differentiation twice). Where it is not positive definite, as at a bound or at a
    quartic maximum, `good` is False and the directions at fault carry unit variance.
    """
    hessian = jax.device_get(curvature(fit.prepare(), maximum.z)).hessian
    jacobian = np.asarray(flat_jacobian(fit.priors, maximum.z))
    covariance_z, good = inverted(hessian)
    return Laplace(fit.space.labels, hessian, covariance_z, jacobian @ covariance_z @ jacobian.T, good)


def inverted(hessian: Float[np.ndarray, "d d"]) -> tuple[Float[np.ndarray, "d d"], bool]:
    """The covariance of z that belongs to a Hessian, one along flat or rising axes, and whether there are none."""
    curvatures, axes = principal(hessian)
    positive = curvatures > 1e-6 * max(1.0, 1e-6 * float(np.max(np.abs(curvatures), initial=0.0)))
    covariance = (axes / np.where(positive, curvatures, 1.0)) @ axes.T
    return covariance, bool(np.all(positive) and np.all(np.isfinite(hessian)))
