"""Whether a point is a maximum: what slopes and curvatures cannot tell, found by steps of finite length.

A likelihood that rounds or picks has no slope and looks like a maximum everywhere; one with a kink has a slope at its
maximum, too; on a saddle the slope vanishes. All lengths are in z, whose natural unit is the width of the prior.
"""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float

from nmmjax.fit import Fit, Prepared
from nmmjax.infer._curvature import Curvature, curvature, principal, prior_curvature
from nmmjax.infer._descent import evaluate, in_z
from nmmjax.infer._points import log_prior

_NO_SLOPE, _ROUNDING = 1e-24, 1e-13
"""A derivative of the likelihood that is none: absolute, and relative to that of the prior, which is subtracted."""
_SAME = 1e-9
"""Values of ln p that do not differ."""
_PROBES = np.array([-4.0, -2.0, -1.0, -0.5, -0.0625, 0.0625, 0.5, 1.0, 2.0, 4.0])
_NEAR = 0.1
"""Of the probes nearer than this, to both sides, one must not differ where there is a plateau: it may end beside."""
_HOLLOW = -1e-4
"""A curvature of -ln p below this, in which ln p rises to both sides by more than rounding errors."""
_LENGTHS = 2.0 ** -np.arange(-1.0, 30.0)
_RANDOM, _SWEEPS = 8, 60


class Flat(NamedTuple):
    """Components of z in which the likelihood has neither slope nor curvature."""

    all_of_them: bool
    """Whether these are all components that are not at a bound, and ln p is the same wherever it was tried."""
    stepped: Bool[np.ndarray, " d"]
    """Where ln p changes over finite distances, but nowhere by a slope."""
    plateau: Bool[np.ndarray, " d"]
    """Where ln p is the same nearby, at least to one side, and changes by a slope farther out."""


def flatness(fit: Fit, z: Float[np.ndarray, " d"], here: Curvature, free: Bool[np.ndarray, " d"]) -> Flat:
    """What the likelihood does in components without slope.

    **Arguments:** a point, its curvature, and which components are not at a bound.
    """
    level = _likelihood_level(fit, z, here)
    still = free & (level <= 0.0)
    stepped, plateau, varied = (np.zeros(len(z), bool) for _ in range(3))
    for i in np.flatnonzero(still):
        stepped[i], plateau[i], varied[i] = _probe(fit, z, here, int(i))
    constant = bool(np.any(free) and np.all(still[free]) and not np.any(varied))
    return Flat(constant, stepped, plateau)


def _likelihood_level(fit: Fit, z: Float[np.ndarray, " d"], here: Curvature) -> Float[np.ndarray, " d"]:
    """The largest derivative of the likelihood in each component, above what rounding errors make; zero for none."""
    slope, hessian = jax.device_get(prior_curvature(fit.priors, z))
    own = np.concatenate([here.gradient[:, None], here.hessian], 1)
    prior = np.concatenate([slope[:, None], hessian], 1)
    left = np.abs(own - prior) - _NO_SLOPE - _ROUNDING * np.abs(prior)
    return np.maximum(np.max(left, axis=1), 0.0)


def _probe(fit: Fit, z: Float[np.ndarray, " d"], here: Curvature, i: int) -> tuple[bool, bool, bool]:
    """Whether a component without slope has steps, is on a plateau, varies at all."""
    density, start, differences, sloped = fit.prepare(), _likelihood(fit, z, here), [], False
    for step in _PROBES:
        there = z + step * np.eye(len(z))[i]
        at = jax.device_get(curvature(density, there))
        differences.append(abs(_likelihood(fit, there, at) - start))
        sloped |= bool(_likelihood_level(fit, there, at)[i] > 0.0)
    changed = ~(np.array(differences) <= _SAME * max(1.0, abs(start)))
    varied, nearby = bool(np.any(changed)), bool(np.all(changed[np.abs(_PROBES) < _NEAR]))
    return varied and not sloped, varied and sloped and not nearby, varied


def _likelihood(fit: Fit, z: Float[np.ndarray, " d"], at: Curvature) -> float:
    """ln L, as the difference of what is compiled already and the prior."""
    return -float(at.value) - float(log_prior(fit.priors, z))


def way_up(
    density: Prepared, z: Float[np.ndarray, " d"], here: Curvature, worth: float
) -> Float[np.ndarray, " d"] | None:
    """A higher point along the axis in which ln p is most hollow; None where there is none, or no such axis.

    **Arguments:** a point, its curvature, and what is worth a step in ln p.
    """
    curvatures, axes = principal(here.hessian)
    if not curvatures[0] < _HOLLOW:
        return None
    points = z + np.concatenate([_LENGTHS[:12], -_LENGTHS[:12]])[:, None] * axes[:, 0]
    values = _values(density, points)
    best = int(np.argmax(values))
    return points[best] if values[best] > worth - float(here.value) else None


def settle(density: Prepared, z: Float[np.ndarray, " d"], here: Curvature, worth: float) -> tuple[np.ndarray, bool]:
    """Climb where slopes mislead, by steps in many directions and of all lengths; whether no point nearby is higher.

    **Arguments:** a point, its curvature, and what is worth a step in ln p.
    """
    value, steps = -float(here.value), _steps(here)
    for _ in range(_SWEEPS):
        values = _values(density, z + steps)
        best = int(np.argmax(values))
        if not values[best] - value > worth:
            return z, True
        z, value = z + steps[best], values[best]
    return z, False


def _steps(here: Curvature) -> Float[np.ndarray, "steps d"]:
    """To both sides and of all lengths: along the components, the principal axes, the slope, and random directions."""
    size, rng = len(here.gradient), np.random.default_rng(0)
    steep = here.gradient[None] / max(float(np.linalg.norm(here.gradient)), 1e-300)
    drawn = rng.normal(size=(_RANDOM, size))
    random = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    directions = np.concatenate([np.eye(size), principal(here.hessian)[1].T, steep, random])
    return (_LENGTHS[:, None, None] * np.concatenate([directions, -directions])).reshape(-1, size)


def _values(density: Prepared, points: Float[np.ndarray, "points d"]) -> Float[np.ndarray, " points"]:
    """ln p at many points; -inf where it is undefined."""
    return -evaluate(density, *in_z(points.shape[1]), points).value
