"""The modes that the search has found, as normal distributions: of the posterior, and of its tempered powers."""

from typing import NamedTuple, Self

import jax
import numpy as np
from jaxtyping import Bool, Float

from nmmjax.fit import Fit
from nmmjax.infer._curvature import curvature, principal, prior_curvature
from nmmjax.infer._mixture import Mixture
from nmmjax.infer._points import log_jacobian
from nmmjax.infer.optimization import Maximum

_WIDEST = 2.0
"""Standard deviation of a mode in a direction in which it is flat: that of a flat prior is 1.8."""
_MOST = 8
"""So many modes, the heaviest ones, are jumped to."""
_INFLATED = 1.1
"""Widths of the distributions that propose, relative to those of the modes."""
_FARTHEST = 2.0
"""Standard deviations by which the prior may shift the middle of a mode."""


def log_mass(fit: Fit, z: Float[np.ndarray, " d"], log_density: float) -> float:
    """ln of the integral of the posterior over a mode, by a normal distribution around it.

    ln p(z) + d / 2 ln 2 pi - 1/2 ln det H, with the Hessian H of -ln p.
    """
    hessian = jax.device_get(curvature(fit.prepare(), z)).hessian
    curvatures = np.maximum(principal(hessian)[0], _WIDEST**-2)
    volume = float(log_jacobian(fit.priors, z))
    return float(log_density) + volume - 0.5 * float(np.sum(np.log(curvatures / (2.0 * np.pi))))


class TemperedModes(NamedTuple):
    """Slopes and curvatures of -ln L and of -ln prior at each mode."""

    z: Float[np.ndarray, "modes d"]
    slopes: Float[np.ndarray, "2 modes d"]
    hessians: Float[np.ndarray, "2 modes d d"]
    circular: Bool[np.ndarray, " d"]

    @classmethod
    def of(cls, fit: Fit, maximum: Maximum) -> Self:
        """The heaviest modes of a search; their number is made a power of two, which compiles less often."""
        modes, density = maximum.comparable_modes, fit.prepare()
        masses = [log_mass(fit, z, p) for z, p in zip(modes, maximum.mode_log_densities, strict=False)]
        heaviest = np.argsort(masses)[::-1][:_MOST]
        count = 1 << (len(heaviest) - 1).bit_length()
        z, slopes, hessians = modes[np.resize(heaviest, count)], [], []
        for one in z:
            whole = jax.device_get(curvature(density, one))
            inner, outer = (jax.device_get(prior_curvature(fit.priors, one, jacobian)) for jacobian in (False, True))
            slopes.append((whole.gradient - inner[0], outer[0]))
            hessians.append((whole.hessian - inner[1], outer[1]))
        found = (np.nan_to_num(np.moveaxis(np.array(parts), 0, 1)) for parts in (slopes, hessians))
        return cls(z, next(found), next(found), fit.space.phases)

    def at(self, beta: float) -> Mixture:
        """Normal distributions around the modes of L^beta prior, somewhat wider: to propose points."""
        tempering, centers, covariances = np.array([beta, 1.0]), [], []
        for z, slopes, hessians in zip(
            self.z, *(np.moveaxis(p, 1, 0) for p in (self.slopes, self.hessians)), strict=True
        ):
            curvatures, axes = np.linalg.eigh(np.tensordot(tempering, hessians, 1))
            curvatures = np.maximum(curvatures, _WIDEST**-2)
            steps = -(axes.T @ (tempering @ slopes)) / np.sqrt(curvatures)
            centers.append(z + axes @ (np.clip(steps, -_FARTHEST, _FARTHEST) / np.sqrt(curvatures)))
            covariances.append(_INFLATED**2 * (axes / curvatures) @ axes.T)
        return Mixture.around(np.array(centers), np.array(covariances), self.circular)
