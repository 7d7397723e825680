"""Profile likelihood: the posterior density maximized over all but one or two parameters."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax import _checks
from nmmjax.executors import Here, UnfinishedError
from nmmjax.fit import Fit
from nmmjax.infer._conditional import Axis, Conditional
from nmmjax.infer._lattice import Lattice
from nmmjax.infer.optimization import Maximum


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


def profile(fit: Fit, maximum: Maximum, grids: Mapping[str, Float[np.ndarray, " n"]]) -> Profile:
    """Maximize over everything but the named scalar parameters, at each point of their grids.

    Every point starts from each of the best modes that `maximize` found, and from what its neighbors have found. With
    flat priors this is -2 ln of the profile likelihood ratio; it is infinite where nothing describes the data. `survey`
    does the same for derived numbers too, and refines a lattice where contours run.

    **Arguments:** the fit, its maximum, and a grid for each of one or two sampled numbers: a scalar parameter, or an
    entry of an array by its label, such as `x[0]` or `y_re[0,1]`.
    """
    if not 1 <= len(grids) <= 2:
        _checks.fail("grids", "name one or two parameters", f"it names {len(grids)}")
    for name, grid in grids.items():
        _checks.check_known("grids", name, fit.space.entries)
        if np.ndim(grid) != 1 or not np.size(grid):
            _checks.fail(f"grids[{name!r}]", "be a row of values", f"its shape is {np.shape(grid)}")
        _checks.check_finite(f"grids[{name!r}]", grid)
    lattice = tuple(np.asarray(grid, float) for grid in grids.values())
    axes = tuple(Axis(name, float(grid[0]), float(grid[-1])) for name, grid in zip(grids, lattice, strict=True))
    work = Lattice(Conditional(fit, maximum, axes), lattice, Here())
    work.search(list(np.ndindex(*map(len, lattice))), 1)
    values = np.array([work.found[place].log_density for place in np.ndindex(*map(len, lattice))])
    if work.missing:
        raise UnfinishedError(f"Profile of {', '.join(grids)}: {'; '.join(work.missing)} have failed.")
    delta_chi2 = np.where(np.isfinite(values), 2.0 * (maximum.log_density - values), np.inf)
    return Profile(tuple(grids), lattice, delta_chi2.reshape(tuple(map(len, lattice))))


def _crossing(grid: np.ndarray, values: np.ndarray, level: float) -> float:
    """First crossing, by linear interpolation of sqrt(Delta chi^2): exact for a parabola."""
    above = np.nonzero(values >= level)[0]
    if len(above) == 0 or above[0] == 0:
        return float("nan")
    i = int(above[0])
    root = np.sqrt(np.maximum(values[i - 1 : i + 1], 0.0))
    fraction = (math.sqrt(level) - root[0]) / (root[1] - root[0])
    return float(grid[i - 1] + fraction * (grid[i] - grid[i - 1]))
