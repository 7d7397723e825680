"""The maximum of the posterior: L-BFGS from many starts at once, then Newton steps on the best."""

import enum
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax.fit import Fit, Prepared
from nmmjax.infer import _inspection
from nmmjax.infer._curvature import Curvature, curvature, principal
from nmmjax.infer._descent import descend, in_z
from nmmjax.infer._points import drawn, parameters
from nmmjax.infer.settings import Settings

TOLERANCE = 1e-6
"""A point is a maximum where Newton's method expects to gain less than this in ln p, half a chi^2."""
_NOTHING = 1e-12
"""What is not worth another Newton step."""
_ROUGH = 1e-3
"""Where L-BFGS hands over to Newton."""
_POLISHED, _POLISHED_IF_COMPARABLE = 8, 24
"""The best ends of the search, whatever they are worth, and those that are worth a chain."""
_NEWTON_STEPS = 40
_STEP_LENGTHS = 0.5 ** np.arange(12.0)
_SADDLES = 8
"""So often it is climbed out of one."""
_SHARE = 0.3
"""Of the largest component of a direction, above which others are named with it."""
_SAME_BASIN, _SAME_MODE = 1e-2, 1e-3
"""Points nearer than this in every z are one, before and after polishing."""
_COMPARABLE, _FAR = 8.0, 5.0
"""A mode within this ln p of the best is worth a chain, which starts no farther out than this."""


class Status(enum.Enum):
    """Whether a maximum can be trusted."""

    CONVERGED = "converged"
    BOUND = "converged at the bound of a prior"
    KINK = "converged at a kink: no point nearby is higher, but the slope jumps"
    GRADIENT = "the gradient does not vanish"
    UNDEFINED = "the second derivatives are NaN or infinite: no maximum can be told, and none sampled around"
    SADDLE = "a saddle: ln p rises to both sides"
    FLAT = "the likelihood is constant wherever it was tried: no parameter acts on it"
    STEPS = "the likelihood changes in steps and has no gradient: it rounds, compares or picks"
    PLATEAU = "a plateau: other points are exactly as good; the posterior says more than this one"

    @property
    def good(self) -> bool:
        """Whether it is a maximum."""
        return self in (Status.CONVERGED, Status.BOUND, Status.KINK)


class Maximum(NamedTuple):
    """A maximum of the posterior density (in the coordinates in which each prior is flat or normal)."""

    parameters: dict[str, Float[Array, "..."]]
    z: Float[Array, " d"]
    log_density: float
    gradient_norm: float
    """Largest |d ln p / dz|."""
    to_gain: float
    """What Newton's method expects still to gain in ln p: g^T |H|^-1 g / 2."""
    status: Status
    at_bound: tuple[str, ...]
    """The components that hit a bound."""
    modes: Float[np.ndarray, "modes d"]
    """Distinct maxima that were found, best first, this one included."""
    mode_log_densities: Float[np.ndarray, " modes"]
    along: tuple[str, ...] = ()
    """The components in which the status is not that of a smooth maximum: of a saddle, steps, a plateau."""
    lost_starts: int = 0
    """Starts from which no point of finite density was found."""

    @property
    def good(self) -> bool:
        """Whether it is a maximum, be it at a bound or at a kink."""
        return self.status.good

    @property
    def comparable_modes(self) -> Float[np.ndarray, "modes d"]:
        """Those worth a chain, best first, no farther out than chains start: one at a bound lies at infinity."""
        best = self.mode_log_densities[0]
        return np.clip(self.modes[np.asarray(self.mode_log_densities) > best - _COMPARABLE], -_FAR, _FAR)


def maximize(
    fit: Fit,
    *,
    settings: Settings | None = None,
    max_steps: int = 300,
    starts: Float[np.ndarray, "starts d"] | None = None,
) -> Maximum:
    """Find the best of many local maxima of the posterior density, of `Fit.log_density(z, jacobian=False)`.

    **Arguments:** the fit; `settings` (default: `Settings()`), of which `starts` and `seed` say how many starting
    points are drawn from the prior; the most L-BFGS evaluations for each; `starts`: further points z to start from. All
    starts run as one batch, and the best few are polished with Newton steps.

    **Raises:** `FloatingPointError` naming the experiments at fault where no start has a finite posterior.
    """
    settings = Settings() if settings is None else settings
    key = jax.random.PRNGKey(settings.seed)
    begun = np.asarray(drawn(fit.priors, jax.random.split(key, settings.starts)))
    begun = begun if starts is None else np.concatenate([starts, begun])
    density = fit.prepare()
    ends = descend(density, *in_z(fit.space.size), begun, max_steps=max_steps, tolerance=_ROUGH)
    points, values = ends.w, -ends.value
    if not np.any(np.isfinite(values)):
        raise FloatingPointError(_blame(fit, jnp.asarray(begun[0])))
    lost = int(np.sum(~np.isfinite(values)))
    points = fit.space.wrap(points)
    distinct = _distinct(points, values, _SAME_BASIN)
    comparable = [index for index in distinct if values[index] > values[distinct[0]] - _COMPARABLE]
    candidates = distinct[: max(_POLISHED, min(len(comparable), _POLISHED_IF_COMPARABLE))]
    polished = sorted((polish(density, points[i]) for i in candidates), key=lambda point: -point.log_density)
    best = climbed_out(density, polished[0])
    at_bound = fit.space.at_bound(best.z)
    status, along = _status(fit, best, at_bound)
    if status is Status.GRADIENT:
        best, status = settled(density, best)
    points = np.array([best.z, *(p.z for p in polished[1:])])
    values = np.array([best.log_density, *(p.log_density for p in polished[1:])])
    modes = _distinct(fit.space.within_bounds(points), values, _SAME_MODE)
    return Maximum(
        parameters=parameters(fit.priors, best.z),
        z=jnp.asarray(best.z),
        log_density=best.log_density,
        gradient_norm=float(np.max(np.abs(best.here.gradient))),
        to_gain=best.to_gain,
        status=status,
        at_bound=fit.space.at_bound(best.z),
        modes=points[modes],
        mode_log_densities=values[modes],
        along=along,
        lost_starts=lost,
    )


class Polished(NamedTuple):
    """A point at which Newton's method has ended."""

    z: Float[np.ndarray, " d"]
    here: Curvature
    to_gain: float

    @property
    def log_density(self) -> float:
        """ln p there."""
        return -float(self.here.value)


def polish(density: Prepared, z: Float[np.ndarray, " d"]) -> Polished:
    """Newton steps with |eigenvalues| of the Hessian, shortened until they climb, until they promise nothing more."""
    here = jax.device_get(curvature(density, jnp.asarray(z)))
    for _ in range(_NEWTON_STEPS):
        step, to_gain = _newton_step(here)
        if to_gain < _NOTHING:
            break
        for length in _STEP_LENGTHS:
            there = jax.device_get(curvature(density, jnp.asarray(z + length * step)))
            if there.value < here.value:
                z, here = z + length * step, there
                break
        else:
            break
    _, to_gain = _newton_step(here)
    return Polished(z, here, to_gain)


def climbed_out(density: Prepared, point: Polished) -> Polished:
    """Off a saddle, where the slope vanishes but ln p rises to both sides, to the maximum beside it."""
    for _ in range(_SADDLES):
        higher = _inspection.way_up(density, point.z, point.here, TOLERANCE)
        if higher is None:
            break
        point = polish(density, higher)
    return point


def _status(fit: Fit, point: Polished, at_bound: tuple[str, ...]) -> tuple[Status, tuple[str, ...]]:
    """What kind of point the search has ended at, and in which components it is no smooth maximum."""
    labels = np.array(fit.space.labels)
    undefined = ~np.all(np.isfinite(point.here.hessian), axis=1)
    if np.any(undefined):
        return Status.UNDEFINED, tuple(labels[undefined].tolist())
    if not point.to_gain < TOLERANCE:
        return Status.GRADIENT, ()
    if _inspection.way_up(fit.prepare(), point.z, point.here, TOLERANCE) is not None:
        axis = np.abs(principal(point.here.hessian)[1][:, 0])
        return Status.SADDLE, tuple(labels[axis > _SHARE * axis.max()].tolist())
    flat = _inspection.flatness(fit, point.z, point.here, ~np.isin(labels, at_bound))
    kinds = (
        (flat.all_of_them, Status.FLAT, ()),
        (bool(np.any(flat.stepped)), Status.STEPS, tuple(labels[flat.stepped].tolist())),
        (bool(np.any(flat.plateau)), Status.PLATEAU, tuple(labels[flat.plateau].tolist())),
        (bool(at_bound), Status.BOUND, ()),
    )
    return next(((status, along) for found, status, along in kinds if found), (Status.CONVERGED, ()))


def settled(density: Prepared, point: Polished) -> tuple[Polished, Status]:
    """A point at which the gradient does not vanish, brought as high as steps of any length lead: a kink, or none."""
    z, highest = _inspection.settle(density, point.z, point.here, 1e-2 * TOLERANCE)
    here = jax.device_get(curvature(density, jnp.asarray(z)))
    _, to_gain = _newton_step(here)
    return Polished(z, here, to_gain), Status.KINK if highest else Status.GRADIENT


def _newton_step(here: Curvature) -> tuple[Float[np.ndarray, " d"], float]:
    """-|H|^-1 g, in each principal axis one at most, and what all of |H|^-1 g is expected to gain in ln p.

    A plateau calls for steps beyond the reach of the expansion; those in other axes need not be shortened with them.
    """
    curvatures, axes = principal(here.hessian)
    slopes = axes.T @ here.gradient
    whole = -slopes / np.maximum(np.abs(curvatures), 1e-6)
    return axes @ np.clip(whole, -1.0, 1.0), -0.5 * float(slopes @ whole)


def _distinct(points: np.ndarray, values: np.ndarray, distance: float) -> list[int]:
    """Indices of points that are not the same maximum, best first."""
    kept: list[int] = []
    for index in np.argsort(-values):
        if np.isfinite(values[index]) and all(np.max(np.abs(points[index] - points[k])) > distance for k in kept):
            kept.append(int(index))
    return kept


def _blame(fit: Fit, z: Float[Array, " d"]) -> str:
    """Which terms are not finite, at a point drawn from the prior."""
    point = parameters(fit.priors, z)
    terms = fit.log_likelihoods(point)
    bad = [name for name, value in terms.items() if not np.isfinite(value)]
    at = {name: np.asarray(value).tolist() for name, value in point.items()}
    return f"The posterior is not finite at any start: {', '.join(bad) or 'the prior'} fails, for example at {at}."
