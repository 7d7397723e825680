"""Value and slope of -ln p at many points, and descents from them by L-BFGS: one program for all that needs either.

Points lie in charts, z = center + scale w: a component that is held has no column in the scale, and moves nowhere. They
are taken in batches of one size, so that what has been compiled once for a fit serves any number of points, starts or
rows of a profile.
"""

from collections.abc import Callable
from typing import NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int

from nmmjax._compilation import quick
from nmmjax.fit import Prepared

_BATCH = {"cpu": 16}
_BATCH_ELSEWHERE = 256
"""Points in one batch: more fill a GPU, and take no longer there."""
_RESTARTS = 3
_STALLED = 1e-9
"""A step that wins less than this in ln p is the last."""
_ENOUGH, _SHORTEST = 1e-4, 1e-5
"""Share of the expected gain with which a step is accepted, and where shortening it ends."""


class Descended(NamedTuple):
    """Where descents have ended."""

    w: Float[np.ndarray, "points d"]
    value: Float[np.ndarray, " points"]
    """Of -ln p; infinite where it is undefined or not finite at the start."""
    gradient: Float[np.ndarray, "points d"]
    """In w, where it was evaluated last."""
    undefined: Bool[np.ndarray, " points"]
    """Whether -ln p is NaN, which only `evaluate` can tell."""


def evaluate(
    density: Prepared,
    center: Float[np.ndarray, "#points d"],
    scale: Float[np.ndarray, "*#points d d"],
    points: Float[np.ndarray, "points d"],
    *,
    jacobian: bool = False,
) -> Descended:
    """-ln p and its gradient in w at the points w.

    **Arguments:** the density; center and scale of the chart of each, or of all; the points; whether p is the density
    of z.
    """
    return _in_batches(density, center, scale, points, Way(0, 0, 0.0, jacobian))


def descend(
    density: Prepared,
    center: Float[np.ndarray, "#points d"],
    scale: Float[np.ndarray, "*#points d d"],
    starts: Float[np.ndarray, "points d"],
    *,
    max_steps: int,
    tolerance: float,
) -> Descended:
    """Local minima of -ln p (of the density of y, see `Fit.log_density`), one from each start.

    **Arguments:** the density; center and scale of the chart of each, or of all; starts w in them; the most evaluations
    from each; the largest slope that is left.
    """
    return _in_batches(density, center, scale, starts, Way.down(max_steps, tolerance))


def in_z(size: int) -> tuple[Float[np.ndarray, "1 d"], Float[np.ndarray, "d d"]]:
    """Center and scale of the chart in which w is z itself."""
    return np.zeros((1, size)), np.eye(size)


class Way(NamedTuple):
    """How far descents go; traced."""

    max_steps: int
    restarts: int
    tolerance: float
    jacobian: bool

    @classmethod
    def down(cls, max_steps: int, tolerance: float) -> Self:
        """To a maximum of the density of y, with some restarts."""
        return cls(max_steps, _RESTARTS, tolerance, False)


def _in_batches(density: Prepared, center: np.ndarray, scale: np.ndarray, points: np.ndarray, way: Way) -> Descended:
    """Batch after batch, the last one filled up with its last point."""
    count, order = len(points), batches(len(points))
    centers, points, common = np.broadcast_to(center, points.shape), np.asarray(points), np.ndim(scale) == 2
    each = (_descents(density, centers[i], scale if common else scale[i], points[i], way) for i in order)
    ends = jax.device_get(list(each))
    w, value, gradient = (np.concatenate(parts)[:count] for parts in zip(*ends, strict=True))
    undefined = np.isnan(value)
    return Descended(w, np.where(undefined, np.inf, value), gradient, undefined)


def batches(count: int) -> Int[np.ndarray, "batches size"]:
    """The points of each batch, all of one size: the last one is filled up with the last point."""
    size = batch_size(jax.default_backend())
    return np.minimum(np.arange(count + -count % size), count - 1).reshape(-1, size)


def batch_size(platform: str) -> int:
    """Points that are done together on a device."""
    return _BATCH.get(platform, _BATCH_ELSEWHERE)


_End = tuple[Array, Array, Array]
"""Where a descent ends, its value and its slope."""


@quick()
def _descents(
    density: Prepared,
    center: Float[Array, "points d"],
    scale: Float[Array, "*#points d d"],
    starts: Float[Array, "points d"],
    way: Way,
) -> tuple[Float[Array, "points d"], Float[Array, " points"], Float[Array, "points d"]]:
    """Ends, values and slopes of one batch.

    On one device: over several of a CPU, LAPACK's work on batches waits for threads that wait for it.
    """

    def one(center: Float[Array, " d"], scale: Float[Array, "d d"], start: Float[Array, " d"]) -> _End:
        def objective(w: Float[Array, " d"]) -> Float[Array, ""]:
            return -density.terms(center + scale @ w).total(jacobian=way.jacobian)

        return minimum(objective, start, way)

    return jax.vmap(one, (0, 0 if scale.ndim == 3 else None, 0))(center, scale, starts)


class _Descent(NamedTuple):
    """Where an L-BFGS run stands: the last point that was accepted, and the trial that comes next."""

    steps: Int[Array, ""]
    w: Float[Array, " d"]
    value: Float[Array, ""]
    gradient: Float[Array, " d"]
    direction: Float[Array, " d"]
    length: Float[Array, ""]
    memory: optax.OptState
    won: Float[Array, ""]
    """By the last point that was accepted."""
    tried: tuple[Float[Array, ""], Float[Array, " d"]]
    """Value and gradient of the last trial, accepted or not."""


def minimum(
    objective: Callable[[Float[Array, " d"]], Float[Array, ""]], start: Float[Array, " d"], way: Way
) -> tuple[Float[Array, " d"], Float[Array, ""], Float[Array, " d"]]:
    """A local minimum of an objective, its value and slope; the directions are optax's.

    Every step is one evaluation with gradient, and the code of the objective is compiled once. A trial that does not
    descend enough is repeated at half the length. The run ends where the largest slope is below the tolerance, or where
    nothing is won any more. A step of negative curvature empties the memory, and so do restarts on the way.
    """
    memory = optax.scale_by_lbfgs()
    value_and_gradient = jax.value_and_grad(objective)

    def fresh(w: Float[Array, " d"]) -> _Descent:
        """Its first trial is w itself, which any finite value improves on."""
        infinite = jnp.asarray(jnp.inf, w.dtype)
        still, steep = jnp.zeros_like(w), jnp.full_like(w, jnp.inf)
        begun = jnp.asarray(0), w, infinite, steep, still, jnp.ones_like(infinite), memory.init(w), infinite
        return _Descent(*begun, tried=(infinite, steep))

    def unfinished(now: _Descent) -> Bool[Array, ""]:
        steep = jnp.max(jnp.abs(now.gradient)) > way.tolerance
        within = now.steps <= way.max_steps // (way.restarts + 1)
        return within & steep & (now.won > _STALLED) & (now.length > _SHORTEST)

    def advance(now: _Descent) -> _Descent:
        trial = now.w + now.length * now.direction
        value, gradient = value_and_gradient(trial)
        expected = jnp.where(jnp.isfinite(now.value), now.length * now.direction @ now.gradient, 0.0)
        good = (value <= now.value + _ENOUGH * expected) & jnp.isfinite(value) & jnp.all(jnp.isfinite(gradient))
        convex = (trial - now.w) @ (gradient - now.gradient) > 0.0
        known = jax.tree.map(lambda x, y: jnp.where(convex, x, y), now.memory, memory.init(trial))
        update, learned = memory.update(gradient, known, trial)
        ahead = _Descent(
            steps=now.steps + 1,
            w=trial,
            value=value,
            gradient=gradient,
            direction=-jnp.asarray(update),
            length=jnp.ones_like(now.length),
            memory=learned,
            won=now.value - value,
            tried=(value, gradient),
        )
        back = now._replace(steps=now.steps + 1, length=0.5 * now.length, tried=(value, gradient))
        return jax.tree.map(lambda x, y: jnp.where(good, x, y), ahead, back)

    def run(_: int, best: tuple) -> tuple:
        end = jax.lax.while_loop(unfinished, advance, fresh(best[0]))
        return end.w, end.value, *end.tried

    nowhere = jnp.asarray(jnp.inf, start.dtype)
    w, value, *tried = jax.lax.fori_loop(0, way.restarts + 1, run, (start, nowhere, nowhere, jnp.zeros_like(start)))
    only_tried = way.max_steps == 0
    return w, jnp.where(only_tried, tried[0], value), tried[1]
