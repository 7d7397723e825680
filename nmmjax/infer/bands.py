"""Bands of Feldman and Cousins and limits by CLs: what toys at each point of a grid say of the data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.executors import Executor
from nmmjax.fit import Fit
from nmmjax.infer._plans import Held, plan, simulated
from nmmjax.infer.intervals import LEVEL
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.profiling import profile
from nmmjax.infer.simulation import conditional


class Band(NamedTuple):
    """Delta chi^2 of the data and of toys on a grid: points belong to the band where the former is not the larger."""

    names: tuple[str, ...]
    grids: tuple[Float[np.ndarray, " n"], ...]
    level: float
    delta_chi2: Float[np.ndarray, "..."]
    """Of the data, as `profile` has it."""
    critical: Float[np.ndarray, "..."]
    """Which a share `level` of the toys at each point stays below."""
    p_value: Float[np.ndarray, "..."]
    """Share of the toys at each point whose Delta chi^2 is at least that of the data."""
    missing: tuple[str, ...] = ()
    """Toys that are not there, since their batches have failed, by number and point, and why."""

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """Of a band over one number: where Delta chi^2 does not exceed what the toys say, between points linearly.

        An interval that is still open where the grid ends has its end there, as where the parameter itself ends.
        """
        (grid,) = self.grids
        return _below_zero(grid, _root(self.delta_chi2) - _root(self.critical))


class ClsLimit(NamedTuple):
    """The upper limit of one number by CLs = CL(s+b) / CL(b)."""

    name: str
    grid: Float[np.ndarray, " n"]
    level: float
    cls: Float[np.ndarray, " n"]
    with_signal: Float[np.ndarray, " n"]
    """Share of the toys at each point that look no more like it than the data do: CL(s+b)."""
    without: Float[np.ndarray, " n"]
    """The same share of the toys of the null hypothesis: CL(b)."""
    missing: tuple[str, ...] = ()
    """As of `Band`; the last ensemble is that of the null hypothesis."""

    @property
    def upper(self) -> float:
        """Where CLs falls to 1 - level for good; NaN beyond the grid."""
        above = np.flatnonzero(self.cls > 1.0 - self.level)
        if not above.size or above[-1] + 1 == len(self.grid):
            return float("nan")
        i = int(above[-1])
        here, there = self.cls[i] - 1.0 + self.level, self.cls[i + 1] - 1.0 + self.level
        return float(self.grid[i] + (self.grid[i + 1] - self.grid[i]) * here / (here - there))


def feldman_cousins(
    fit: Fit,
    maximum: Maximum,
    grids: Mapping[str, Float[np.ndarray, " n"]],
    number: int,
    *,
    key: PRNGKeyArray,
    level: float = LEVEL,
    auxiliary: Sequence[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> Band:
    """The band of one or two numbers [G. J. Feldman and R. D. Cousins, Phys. Rev. D 57, 3873 (1998)].

    Points are ordered by the likelihood ratio, -2 ln of L at the point over L at the best physical point. What is not
    on the grid lies, in the toys of each point, where it fits the data best (profile construction).

    **Arguments:** the fit, its maximum, a grid for each number, and how many toys at each point; the key of all; the
    confidence level; the `auxiliary` measurements, `checkpoint`, `resume` and `executor` of `toys`; `progress` is told
    how many points of how many are done.
    """
    _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    found = profile(fit, maximum, grids)
    points = list(_points(found.grids))
    plans = []
    for count, (_, values) in enumerate(points):
        at = conditional(fit, maximum, dict(zip(found.names, values, strict=True)))
        own = jax.random.fold_in(key, count)
        plans.append(plan(fit, maximum, own, at=at, tests=(Held(found.names, values),), auxiliary=auxiliary))
    ensembles, missing = simulated(
        fit,
        plans,
        number,
        executor,
        progress=lambda counts: progress(int(np.sum(counts == number)), len(points)),
        checkpoint=checkpoint,
        resume=resume,
    )
    critical, p_value = np.full(found.delta_chi2.shape, np.nan), np.full(found.delta_chi2.shape, np.nan)
    for (place, _), toys in zip(points, ensembles, strict=True):
        delta_chi2 = toys["delta_chi2"][:, 0]
        if len(delta_chi2):
            critical[place] = np.quantile(delta_chi2, level, method="higher")
            p_value[place] = np.mean(delta_chi2 >= found.delta_chi2[place])
    return Band(found.names, found.grids, level, found.delta_chi2, critical, p_value, missing)


def cls_limit(
    fit: Fit,
    maximum: Maximum,
    grids: Mapping[str, Float[np.ndarray, " n"]],
    number: int,
    *,
    key: PRNGKeyArray,
    null: float,
    level: float = LEVEL,
    auxiliary: Sequence[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> ClsLimit:
    """The upper limit of one number by CLs [A. L. Read, J. Phys. G 28, 2693 (2002)].

    The statistic is one-sided: Delta chi^2 at a point where the best value lies below it, else zero [G. Cowan, K.
    Cranmer, E. Gross and O. Vitells, Eur. Phys. J. C 71, 1554 (2011), eq. 14].

    **Arguments:** as of `feldman_cousins`, with one grid; `null`: the value without a signal.
    """
    if len(grids) != 1:
        _checks.fail("grids", "name one parameter", f"it names {len(grids)}")
    _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    _checks.check_finite("null", null)
    found = profile(fit, maximum, grids)
    (name,), (grid,) = found.names, found.grids
    observed = np.where(fit.space.value(maximum.parameters, name) < grid, found.delta_chi2, 0.0)
    tests = tuple(Held((name,), (value,)) for value in grid.tolist())
    plans = []
    for count, (value, tested) in enumerate(zip((*grid.tolist(), null), (*((t,) for t in tests), tests), strict=True)):
        at, own = conditional(fit, maximum, {name: value}), jax.random.fold_in(key, count)
        plans.append(plan(fit, maximum, own, at=at, tests=tested, auxiliary=auxiliary))
    (*at_points, at_null), missing = simulated(
        fit,
        plans,
        number,
        executor,
        progress=lambda counts: progress(int(np.sum(counts[:-1] == number)), len(grid)),
        checkpoint=checkpoint,
        resume=resume,
    )
    place = fit.space.labels.index(name)
    without = _share(np.where(at_null["best"][:, place, None] < grid, at_null["delta_chi2"], 0.0) >= observed)
    with_signal = np.array(
        [
            _share(np.where(toys["best"][:, place] < value, toys["delta_chi2"][:, 0], 0.0) >= seen)
            for value, seen, toys in zip(grid, observed, at_points, strict=True)
        ]
    )
    cls = np.minimum(with_signal / np.maximum(without, 0.5 / number), 1.0)
    return ClsLimit(name, grid, level, cls, with_signal, without, missing)


def _share(counted: np.ndarray) -> np.ndarray:
    """Of toys, along the first axis; NaN of none."""
    return np.mean(counted, axis=0) if len(counted) else np.full(counted.shape[1:], np.nan)


def _points(grids: tuple[np.ndarray, ...]) -> Iterator[tuple[tuple[int, ...], tuple[float, ...]]]:
    for place in np.ndindex(*map(len, grids)):
        yield place, tuple(float(grid[i]) for grid, i in zip(grids, place, strict=True))


def _root(delta_chi2: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(delta_chi2, 0.0))


def _below_zero(grid: np.ndarray, values: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Intervals where a function that is linear between points is not positive."""
    inside = np.diff((values <= 0.0).astype(int), prepend=0, append=0)
    runs = np.flatnonzero(inside).reshape(-1, 2).tolist()
    return tuple((_zero(grid, values, first, first - 1), _zero(grid, values, end - 1, end)) for first, end in runs)


def _zero(grid: np.ndarray, values: np.ndarray, inner: int, outer: int) -> float:
    if not 0 <= outer < len(grid):
        return float(grid[inner])
    share = values[inner] / (values[inner] - values[outer])
    return float(grid[inner] + share * (grid[outer] - grid[inner]))
