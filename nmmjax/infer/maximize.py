"""The maximum of the posterior: L-BFGS from many starts at once, then Newton steps on the best."""

import enum
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.fit import Fit
from nmmjax.infer._density import curvature, log_posterior_mode

TOLERANCE = 1e-6
"""A point is a maximum where Newton's method expects to gain less than this in ln p, half a chi^2."""
_ROUGH = 1e-3
"""Where L-BFGS hands over to Newton."""
_RESTARTS = 3
_STALLED = 1e-9
"""A step that wins less than this in ln p is the last."""
_POLISHED = 8
_NEWTON_STEPS = 40
_STEP_LENGTHS = 0.5 ** np.arange(12.0)
_SAME_BASIN, _SAME_MODE = 1e-2, 1e-3
"""Points nearer than this in every z are one, before and after polishing."""


class Status(enum.Enum):
    """Whether a maximum can be trusted."""

    CONVERGED = "converged"
    BOUND = "converged at the bound of a prior"
    GRADIENT = "the gradient does not vanish"


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

    @property
    def good(self) -> bool:
        """Whether it is a maximum, be it at a bound."""
        return self.status is not Status.GRADIENT


def maximize(fit: Fit, *, starts: int | None = None, key: PRNGKeyArray | None = None, max_steps: int = 200) -> Maximum:
    """Find the best of many local maxima.

    **Arguments:** the fit; how many starts (default: its settings), drawn from the prior with `key`; the most L-BFGS
    steps for each. All starts run as one batch, and the best few are polished with Newton steps.

    **Raises:** `FloatingPointError` naming the experiments at fault where no start has a finite posterior.
    """
    starts = fit.settings.starts if starts is None else starts
    if starts < 1:
        _checks.fail("starts", "be at least 1", f"it is {starts}")
    key = jax.random.PRNGKey(fit.settings.seed) if key is None else key
    drawn = jax.vmap(fit.space.draw)(jax.random.split(key, starts))
    points, values = _climb(fit, drawn, max_steps)
    if not np.any(np.isfinite(values)):
        raise FloatingPointError(_blame(fit, drawn[0]))
    points = fit.space.wrap(np.asarray(points))
    candidates = _distinct(points, np.asarray(values), _SAME_BASIN)[:_POLISHED]
    polished = sorted((_polish(fit, points[i]) for i in candidates), key=lambda point: -point.log_density)
    best = polished[0]
    points, values = np.array([p.z for p in polished]), np.array([p.log_density for p in polished])
    modes = _distinct(points, values, _SAME_MODE)
    at_bound = fit.space.at_bound(best.z)
    flat = best.to_gain < TOLERANCE
    status = Status.GRADIENT if not flat else Status.BOUND if at_bound else Status.CONVERGED
    z = jnp.asarray(best.z)
    return Maximum(fit.space.parameters(z), z, *best[1:], status, at_bound, points[modes], values[modes])


@jax.jit
def _climb(
    fit: Fit, starts: Float[Array, "starts d"], max_steps: int
) -> tuple[Float[Array, "starts d"], Float[Array, " starts"]]:
    """L-BFGS from every start."""
    points = jax.vmap(lambda z: lbfgs(lambda x: -log_posterior_mode(fit, x), z, max_steps, _ROUGH))(starts)
    return points, jax.vmap(lambda z: log_posterior_mode(fit, z))(points)


def lbfgs(
    objective: Callable[[Float[Array, " d"]], Float[Array, ""]],
    start: Float[Array, " d"],
    max_steps: int,
    tolerance: float,
) -> Float[Array, " d"]:
    """The local minimum of an objective, by optax; ends where the largest slope is below the
    tolerance, or where nothing is won any more.

    Backtracking compiles a fifth of what a zoom line search does, but lets a region of negative curvature spoil the
    memory of L-BFGS: the memory is emptied `_RESTARTS` times on the way.
    """
    search = optax.scale_by_backtracking_linesearch(
        max_backtracking_steps=15, decrease_factor=0.5, max_learning_rate=1.0
    )
    optimizer = optax.lbfgs(linesearch=search)
    value_and_gradient = jax.value_and_grad(objective)

    def unfinished(carry):
        step, _, _, slope, _, won = carry
        return (step < max_steps // (_RESTARTS + 1)) & (slope > tolerance) & ((won > _STALLED) | (step < 3))

    def advance(carry):
        step, z, state, _, last, _ = carry
        value, gradient = value_and_gradient(z)
        update, state = optimizer.update(gradient, state, z, value=value, grad=gradient, value_fn=objective)
        moved = jnp.asarray(optax.apply_updates(z, update))
        moved = jnp.where(jnp.all(jnp.isfinite(moved)), moved, z)
        return step + 1, moved, state, jnp.max(jnp.abs(gradient)), value, last - value

    def run(_, carry):
        z, slope = carry
        fresh = (0, z, optimizer.init(z), slope, jnp.inf, jnp.inf)
        _, z, _, slope, _, _ = jax.lax.while_loop(unfinished, advance, fresh)
        return z, slope

    return jax.lax.fori_loop(0, _RESTARTS + 1, run, (start, jnp.inf))[0]


@jax.jit
def _values(fit: Fit, points: Float[Array, "k d"]) -> Float[Array, " k"]:
    return jax.vmap(lambda z: log_posterior_mode(fit, z))(points)


class _Point(NamedTuple):
    z: Float[np.ndarray, " d"]
    log_density: float
    gradient_norm: float
    to_gain: float


def _polish(fit: Fit, z: Float[np.ndarray, " d"]) -> _Point:
    """Newton steps with |eigenvalues| of the Hessian, shortened until they climb."""
    value = float(_values(fit, z[None])[0])
    for _ in range(_NEWTON_STEPS):
        _, step = _newton(fit, z)
        shortened = step / max(1.0, float(np.linalg.norm(step)))
        trials = z + shortened * _STEP_LENGTHS[:, None]
        values = np.asarray(_values(fit, jnp.asarray(trials)))
        best = int(np.argmax(np.where(np.isnan(values), -np.inf, values)))
        if not values[best] > value:
            break
        z, value = trials[best], float(values[best])
    gradient, step = _newton(fit, z)
    return _Point(z, value, float(np.max(np.abs(gradient))), -0.5 * float(gradient @ step))


def _newton(fit: Fit, z: Float[np.ndarray, " d"]) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, " d"]]:
    """Gradient of -ln p, and the step -|H|^-1 g."""
    gradient, hessian = jax.device_get(curvature(fit, jnp.asarray(z)))
    curvatures, axes = np.linalg.eigh(hessian)
    return gradient, -axes @ ((axes.T @ gradient) / np.maximum(np.abs(curvatures), 1e-6))


def _distinct(points: np.ndarray, values: np.ndarray, distance: float) -> list[int]:
    """Indices of points that are not the same maximum, best first."""
    kept: list[int] = []
    for index in np.argsort(-values):
        if np.isfinite(values[index]) and all(np.max(np.abs(points[index] - points[k])) > distance for k in kept):
            kept.append(int(index))
    return kept


def _blame(fit: Fit, z: Float[Array, " d"]) -> str:
    """Which terms are not finite, at a point drawn from the prior."""
    parameters = fit.space.parameters(z)
    terms = fit.log_likelihoods(parameters)
    bad = [name for name, value in terms.items() if not np.isfinite(value)]
    at = {name: np.asarray(value).tolist() for name, value in parameters.items()}
    return f"The posterior is not finite at any start: {', '.join(bad) or 'the prior'} fails, for example at {at}."
