"""Profile likelihood: the posterior density maximized over all but one or two parameters."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax import _checks
from nmmjax.fit import Fit, Prepared
from nmmjax.infer._chart import INSIDE, Chart, scale_beside
from nmmjax.infer._curvature import curvature
from nmmjax.infer._descent import Descended, descend, evaluate, in_z
from nmmjax.infer.optimization import Maximum
from nmmjax.space import Space

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
    once more from these modes, for a neighbor may lie where nothing describes the data. What lies at the bound of a
    prior starts a little inside.
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
    targets, modes = np.stack(rows), fit.space.within_bounds(np.asarray(maximum.modes[:_MODES]), INSIDE)
    density = fit.prepare()
    if free.size:
        hessian = np.asarray(curvature(density, maximum.z).hessian)
        values = _followed(density, fit.space, modes, (held, free), hessian, targets, steps)
    else:
        points = targets.reshape(-1, len(held))[:, np.argsort(held)]
        values = -evaluate(density, *in_z(fit.space.size), points).value.reshape(targets.shape[:-1])
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


def _followed(
    density: Prepared,
    space: Space,
    modes: Float[np.ndarray, "modes d"],
    components: tuple[np.ndarray, np.ndarray],
    hessian: Float[np.ndarray, "d d"],
    targets: Float[np.ndarray, "rows n k"],
    steps: int,
) -> Float[np.ndarray, "rows n"]:
    """Along each row a branch for each mode, from optimum to optimum, and all rows side by side: ln p of their best.

    **Arguments:** `components` are the indices of those held and of those free; the Hessian at the best mode.
    """
    held, free = components
    chart = Chart.around(modes[0, free], hessian[np.ix_(free, free)])
    scale = scale_beside(held, hessian)
    first = np.zeros_like(modes)
    first[:, free] = chart.w(modes[:, free])
    branches, values = np.tile(first, (len(targets), 1, 1)), np.empty(targets.shape[:-1])
    for i in range(targets.shape[1]):
        center = np.tile(modes[0], (len(targets), 2 * len(modes), 1))
        center[..., held] = targets[:, i, None]
        starts = np.concatenate([branches, np.broadcast_to(first, branches.shape)], axis=1)
        flat = (center.reshape(-1, len(hessian)), scale, starts.reshape(-1, len(hessian)))
        ends = descend(density, *flat, max_steps=steps, tolerance=_TOLERANCE)
        values[:, i], branches = _best(ends, starts.shape)
        inside = space.within_bounds(modes[0] + branches @ scale.T, INSIDE)[..., free]
        branches[..., free] = chart.w(inside.reshape(-1, len(free))).reshape(inside.shape)
    return values


def _best(ends: Descended, shape: tuple[int, ...]) -> tuple[Float[np.ndarray, " rows"], np.ndarray]:
    """Of all descents in each row the highest ln p, and where its branches go on."""
    points, values = ends.w.reshape(shape), ends.value.reshape(shape[:2])
    rows, count = np.arange(shape[0]), shape[1] // 2
    best = np.argmin(values, axis=1)
    lost = ~(values[:, :count] < values[rows, best][:, None] + _LOST)
    return -values[rows, best], np.where(lost[..., None], points[rows, best][:, None], points[:, :count])


def _crossing(grid: np.ndarray, values: np.ndarray, level: float) -> float:
    """First crossing, by linear interpolation of sqrt(Delta chi^2): exact for a parabola."""
    above = np.nonzero(values >= level)[0]
    if len(above) == 0 or above[0] == 0:
        return float("nan")
    i = int(above[0])
    root = np.sqrt(np.maximum(values[i - 1 : i + 1], 0.0))
    fraction = (math.sqrt(level) - root[0]) / (root[1] - root[0])
    return float(grid[i - 1] + fraction * (grid[i] - grid[i - 1]))
