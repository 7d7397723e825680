"""The maximum of the posterior: L-BFGS from many starts at once, then Newton steps on the best."""

import enum
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int

from nmmjax.fit import Fit
from nmmjax.infer._curvature import Curvature, curvature
from nmmjax.infer.settings import Settings

TOLERANCE = 1e-6
"""A point is a maximum where Newton's method expects to gain less than this in ln p, half a chi^2."""
_NOTHING = 1e-12
"""What is not worth another Newton step."""
_ROUGH = 1e-3
"""Where L-BFGS hands over to Newton."""
_RESTARTS = 3
_STALLED = 1e-9
"""A step that wins less than this in ln p is the last."""
_ENOUGH, _SHORTEST = 1e-4, 1e-5
"""Share of the expected gain with which a step is accepted, and where shortening it ends."""
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


def maximize(fit: Fit, *, settings: Settings | None = None, max_steps: int = 300) -> Maximum:
    """Find the best of many local maxima of the posterior density, of `Fit.log_density(z, jacobian=False)`.

    **Arguments:** the fit; `settings` (default: `Settings()`), of which `starts` and `seed` say how many starting
    points are drawn from the prior; the most L-BFGS evaluations for each. All starts run as one batch, and the best few
    are polished with Newton steps.

    **Raises:** `FloatingPointError` naming the experiments at fault where no start has a finite posterior.
    """
    settings = Settings() if settings is None else settings
    key = jax.random.PRNGKey(settings.seed)
    drawn = jax.vmap(fit.space.draw)(jax.random.split(key, settings.starts))
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
    points, values = jax.vmap(lambda z: lbfgs(lambda x: -fit.log_density(x, jacobian=False), z, max_steps, _ROUGH))(
        starts
    )
    return points, -values


class _Descent(NamedTuple):
    """Where an L-BFGS run stands: the last point that was accepted, and the trial that comes next."""

    steps: Int[Array, ""]
    z: Float[Array, " d"]
    value: Float[Array, ""]
    gradient: Float[Array, " d"]
    direction: Float[Array, " d"]
    length: Float[Array, ""]
    memory: optax.OptState
    won: Float[Array, ""]
    """By the last point that was accepted."""


def lbfgs(
    objective: Callable[[Float[Array, " d"]], Float[Array, ""]],
    start: Float[Array, " d"],
    max_steps: int,
    tolerance: float,
) -> tuple[Float[Array, " d"], Float[Array, ""]]:
    """A local minimum of an objective, and its value there; the directions are optax's.

    Every step is one evaluation with gradient, and the code of the objective is compiled once: that is most of the time
    a fit takes. A trial that does not descend enough is repeated at half the length. The run ends where the largest
    slope is below the tolerance, or where nothing is won any more. A step of negative curvature empties the memory, and
    so do `_RESTARTS` on the way.
    """
    memory = optax.scale_by_lbfgs()
    value_and_gradient = jax.value_and_grad(objective)

    def fresh(z: Float[Array, " d"]) -> _Descent:
        """Its first trial is z itself, which any finite value improves on."""
        infinite = jnp.asarray(jnp.inf, z.dtype)
        still, steep = jnp.zeros_like(z), jnp.full_like(z, jnp.inf)
        return _Descent(jnp.asarray(0), z, infinite, steep, still, jnp.ones_like(infinite), memory.init(z), infinite)

    def unfinished(now: _Descent) -> Bool[Array, ""]:
        steep = jnp.max(jnp.abs(now.gradient)) > tolerance
        return (now.steps <= max_steps // (_RESTARTS + 1)) & steep & (now.won > _STALLED) & (now.length > _SHORTEST)

    def advance(now: _Descent) -> _Descent:
        trial = now.z + now.length * now.direction
        value, gradient = value_and_gradient(trial)
        expected = jnp.where(jnp.isfinite(now.value), now.length * now.direction @ now.gradient, 0.0)
        good = (value <= now.value + _ENOUGH * expected) & jnp.isfinite(value) & jnp.all(jnp.isfinite(gradient))
        convex = (trial - now.z) @ (gradient - now.gradient) > 0.0
        known = jax.tree.map(lambda x, y: jnp.where(convex, x, y), now.memory, memory.init(trial))
        update, learned = memory.update(gradient, known, trial)
        ahead = _Descent(
            steps=now.steps + 1,
            z=trial,
            value=value,
            gradient=gradient,
            direction=-jnp.asarray(update),
            length=jnp.ones_like(now.length),
            memory=learned,
            won=now.value - value,
        )
        back = now._replace(steps=now.steps + 1, length=0.5 * now.length)
        return jax.tree.map(lambda x, y: jnp.where(good, x, y), ahead, back)

    def run(_: int, best: tuple) -> tuple:
        end = jax.lax.while_loop(unfinished, advance, fresh(best[0]))
        return end.z, end.value

    return jax.lax.fori_loop(0, _RESTARTS + 1, run, (start, jnp.asarray(jnp.inf, start.dtype)))


class _Point(NamedTuple):
    z: Float[np.ndarray, " d"]
    log_density: float
    gradient_norm: float
    to_gain: float


def _polish(fit: Fit, z: Float[np.ndarray, " d"]) -> _Point:
    """Newton steps with |eigenvalues| of the Hessian, shortened until they climb, until they promise nothing more."""
    here = jax.device_get(curvature(fit, jnp.asarray(z)))
    for _ in range(_NEWTON_STEPS):
        step, to_gain = _newton_step(here)
        if to_gain < _NOTHING:
            break
        for length in _STEP_LENGTHS:
            there = jax.device_get(curvature(fit, jnp.asarray(z + length * step)))
            if there.value < here.value:
                z, here = z + length * step, there
                break
        else:
            break
    _, to_gain = _newton_step(here)
    return _Point(z, -float(here.value), float(np.max(np.abs(here.gradient))), to_gain)


def _newton_step(here: Curvature) -> tuple[Float[np.ndarray, " d"], float]:
    """-|H|^-1 g, in each principal axis one at most, and what all of |H|^-1 g is expected to gain in ln p.

    A plateau calls for steps beyond the reach of the expansion; those in other axes need not be shortened with them.
    """
    curvatures, axes = np.linalg.eigh(here.hessian)
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
    parameters = fit.space.parameters(z)
    terms = fit.log_likelihoods(parameters)
    bad = [name for name, value in terms.items() if not np.isfinite(value)]
    at = {name: np.asarray(value).tolist() for name, value in parameters.items()}
    return f"The posterior is not finite at any start: {', '.join(bad) or 'the prior'} fails, for example at {at}."
