"""Profile likelihood: the posterior density maximized over all but one or two parameters."""

import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax.fit import Fit
from nmmjax.infer._chart import Chart
from nmmjax.infer._curvature import curvature
from nmmjax.infer.optimization import Maximum, lbfgs

_TOLERANCE = 1e-3
"""Largest slope left in ln p for one standard deviation: its square is the error of the profile."""

_MODES = 3
"""So many of the best modes are followed."""
_LOST = 10.0
"""A branch that ends so much lower in ln p than the best has gone astray and goes on from there."""


class Profile(NamedTuple):
    """-2 ln of the profiled density, relative to the maximum, on the product of the grids."""

    names: tuple[str, ...]
    grids: tuple[Float[np.ndarray, " n"], ...]
    delta_chi2: Float[np.ndarray, "..."]

    def regions(self, level: float = 1.0) -> tuple[tuple[float, float], ...]:
        """All intervals in which a one-dimensional profile is below a level; NaN for an end beyond the grid."""
        (grid,), values = self.grids, self.delta_chi2
        edges = np.flatnonzero(np.diff((values < level).astype(int), prepend=0, append=0))
        runs = ((int(first), int(last) - 1) for first, last in edges.reshape(-1, 2))
        return tuple(
            (_crossing(grid[last::-1], values[last::-1], level), _crossing(grid[first:], values[first:], level))
            for first, last in runs
        )

    def crossings(self, level: float = 1.0) -> tuple[float, float]:
        """Where a one-dimensional profile crosses a level left and right of its minimum (NaN where it does not)."""
        (grid,) = self.grids
        lowest = int(np.argmin(self.delta_chi2))
        left = _crossing(grid[lowest::-1], self.delta_chi2[lowest::-1], level)
        right = _crossing(grid[lowest:], self.delta_chi2[lowest:], level)
        return left, right


def profile(fit: Fit, maximum: Maximum, grids: Mapping[str, Float[np.ndarray, " n"]], *, steps: int = 300) -> Profile:
    """Maximize over everything but the named scalar parameters, at each point of their grids.

    Every point starts warm, from the optima of its neighbor: one for each of the best modes that `maximize` found; and
    once more from these modes, for a neighbor may lie where nothing describes the data.
    With flat priors this is -2 ln of the profile likelihood ratio.

    **Arguments:** the fit, its maximum, and a grid for each of one or two sampled numbers: a scalar parameter, or an
    entry of an array by its label, such as `x[0]` or `y_re[0,1]`.
    """
    names = tuple(grids)
    if not 1 <= len(names) <= 2:
        _checks.fail("grids", "name one or two parameters", f"it names {len(names)}")
    for name, grid in grids.items():
        _checks.check_known("grids", name, fit.space.entries)
        _checks.check_finite(f"grids[{name!r}]", grid)
    held = np.array([fit.space.labels.index(name) for name in names])
    free = np.setdiff1d(np.arange(fit.space.size), held)
    axes = tuple(np.asarray(grid, float) for grid in grids.values())
    rows = [_snake(fit, maximum, names, axes[:-1], last, axes[-1]) for last in np.ndindex(*map(len, axes[:-1]))]
    targets = jnp.asarray(np.stack(rows))
    if free.size:
        chart = Chart.around(maximum.z[free], curvature(fit, maximum.z).hessian[np.ix_(free, free)])
        modes = jnp.asarray(maximum.modes[:_MODES])
        values = jax.device_get(_profile_rows(fit, chart, modes, (held, free), targets, steps))
    else:
        values = jax.device_get(_density_rows(fit, held, targets))
    shape = tuple(len(axis) for axis in axes)
    return Profile(names, axes, 2.0 * (maximum.log_density - values).reshape(shape))


def _snake(
    fit: Fit,
    maximum: Maximum,
    names: tuple[str, ...],
    outer: tuple[np.ndarray, ...],
    index: tuple[int, ...],
    inner: np.ndarray,
) -> np.ndarray:
    """The held components of z along one row of the grid."""
    fixed = {name: axis[i] for name, axis, i in zip(names, outer, index, strict=False)}
    position = {name: list(fit.space.labels).index(name) for name in names}
    points = []
    for value in inner:
        parameters = fit.space.replaced(maximum.parameters, fixed | {names[-1]: value})
        z = np.asarray(fit.space.vector(parameters))
        points.append([z[position[name]] for name in names])
    return np.array(points)


@jax.jit
def _density_rows(fit: Fit, held: Array, targets: Float[Array, "rows n k"]) -> Float[Array, "rows n"]:
    """Where nothing is free: the density itself."""
    return jax.vmap(
        jax.vmap(lambda target: fit.log_density(jnp.zeros_like(target).at[held].set(target), jacobian=False))
    )(targets)


@functools.partial(jax.jit, static_argnames="steps")
def _profile_rows(
    fit: Fit,
    chart: Chart,
    modes: Float[Array, "modes d"],
    components: tuple[Array, Array],
    targets: Float[Array, "rows n k"],
    steps: int,
) -> Float[Array, "rows n"]:
    """Rows side by side over the devices, along each a branch for each mode, from optimum to optimum: their best.

    **Arguments:** `chart` is one of the free components; `components` are the indices of those held and of those free.
    """
    held, free = components

    def at(branches, target):
        def objective(w):
            return -fit.log_density(modes[0].at[free].set(chart.z(w)).at[held].set(target), jacobian=False)

        starts = jnp.concatenate([branches, first])
        ends, values = jax.vmap(lambda start: lbfgs(objective, start, steps, _TOLERANCE))(starts)
        best = jnp.nanargmin(values)
        count = len(branches)
        lost = ~(values[:count] < values[best] + _LOST)
        return jnp.where(lost[:, None], ends[best], ends[:count]), -values[best]

    first = chart.w(modes[:, free])

    def along(rows):
        return jax.lax.map(lambda row: jax.lax.scan(at, first, row)[1], rows)

    mesh = Mesh(np.array(jax.devices()[: len(targets)]), ("rows",))
    filling = -len(targets) % mesh.size
    filled = jnp.concatenate([targets, jnp.repeat(targets[-1:], filling, axis=0)])
    spread = PartitionSpec("rows")
    return jax.shard_map(along, mesh=mesh, in_specs=spread, out_specs=spread, check_vma=False)(filled)[: len(targets)]


def _crossing(grid: np.ndarray, values: np.ndarray, level: float) -> float:
    """First crossing, by linear interpolation of sqrt(Delta chi^2): exact for a parabola."""
    above = np.nonzero(values >= level)[0]
    if len(above) == 0 or above[0] == 0:
        return float("nan")
    i = int(above[0])
    root = np.sqrt(np.maximum(values[i - 1 : i + 1], 0.0))
    fraction = (math.sqrt(level) - root[0]) / (root[1] - root[0])
    return float(grid[i - 1] + fraction * (grid[i] - grid[i - 1]))
