"""Exclusion curves: the upper limit of one number at each value of another."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax import _checks
from nmmjax.executors import Executor, Finished, Here
from nmmjax.fit import Fit
from nmmjax.infer._conditional import Axis, Conditional, Ends, batched, maxima
from nmmjax.infer.intervals import LEVEL, two_sided
from nmmjax.infer.optimization import Maximum

_POINTS, _ROWS = 25, 25
"""Values of the number along which the curve runs before refinement, and of that which is limited."""
_HALVINGS = 6
"""Of the interval in which the limit lies, and of those beside the lowest point."""
_GENERATIONS, _APART = 6, 0.02
"""So often columns are put between others whose limits lie farther apart than this share of the range."""
_MODES = 3


class Exclusion(NamedTuple):
    """The limit of one number at each value of another. Everything above is excluded, up to the end of its range."""

    names: tuple[str, str]
    """Of the number along which the curve runs, and of that which is limited."""
    over: Float[np.ndarray, " points"]
    limit: Float[np.ndarray, " points"]
    """NaN where the end of the range is not excluded."""
    top: float
    """The end of the range of what is limited."""
    logarithmic: tuple[bool, bool]
    """Whether the ranges are divided by factors."""
    level: float
    """Confidence level; Delta chi^2 is `two_sided(level)`, from the best value of what is limited at each point."""
    failed: int = 0
    """Points of the plane at which no maximum was found."""


def exclusion(
    fit: Fit,
    maximum: Maximum,
    over: Axis,
    limited: Axis,
    *,
    level: float = LEVEL,
    progress: Callable[[int], None] = lambda columns: None,
    executor: Executor | None = None,
) -> Exclusion:
    """Where -2 ln of the profiled density, at each value of one number, last rises above its minimum in another.

    Delta chi^2(x, y) = -2 ln [max p(x, y) / max_y' p(x, y')] crosses `two_sided(level)` at the limit of y: the interval
    of one number, as for x fixed. The curve is refined where it is steep and where it ends.

    **Arguments:** the fit, its maximum; the two axes, of sampled or derived numbers; the confidence level; what is told
    after each generation how many columns there are; who does the work (default: this process). Points of batches that
    have failed twice count as points without a maximum.
    """
    if over.name == limited.name:
        _checks.fail("limited", "be another number than that along which the curve runs", f"it is {limited.name!r}")
    executor = Here() if executor is None else executor
    height, plane = two_sided(level), _Plane(Conditional(fit, maximum, (over, limited)), executor)
    shares = np.linspace(0.0, 1.0, _POINTS)
    columns = plane.columns(shares, height)
    for _ in range(_GENERATIONS):
        progress(len(shares))
        limits = np.array([column.limit(height) for column in columns])
        lost = np.isnan(limits)
        jump = np.abs(np.diff(np.where(lost, 1.0, limits))) > _APART
        between = np.flatnonzero(np.where(lost[1:] | lost[:-1], lost[1:] != lost[:-1], jump))
        if not len(between):
            break
        new = 0.5 * (shares[between] + shares[between + 1])
        columns += plane.columns(new, height, [columns[i] for i in between])
        shares = np.concatenate([shares, new])
        order = np.argsort(shares)
        shares, columns = shares[order], [columns[i] for i in order]
    limits = np.array([column.limit(height) for column in columns])
    failed = sum(int(np.sum(np.isnan(column.minus))) for column in columns)
    shapes = (over.logarithmic, limited.logarithmic)
    return Exclusion(
        (over.name, limited.name), over.at(shares), limited.at(limits), limited.high, shapes, level, failed
    )


class _Plane(NamedTuple):
    """Profiles in one number at fixed values of another, many of them side by side."""

    conditional: Conditional
    executor: Executor

    def columns(self, shares: np.ndarray, height: float, near: Sequence["_Column"] = ()) -> list["_Column"]:
        """Profiles that are finest around their lowest point, and where they rise above a height for the last time.

        They start from the best modes and go on from each other; or from columns near them, one for each.
        """
        rows = np.linspace(0.0, 1.0, _ROWS)
        starts = list(np.asarray(self.conditional.maximum.modes)[:_MODES])
        if near:
            starts = [np.concatenate([column.beside(rows) for column in near]), starts[0]]
        values, points = self._solve(np.repeat(shares, _ROWS), np.tile(rows, len(shares)), starts)
        columns = [
            _Column(rows, own, z)
            for own, z in zip(values.reshape(len(shares), -1), points.reshape(len(shares), _ROWS, -1), strict=True)
        ]
        columns = columns if near else self._passed_on(shares, columns)
        for _ in range(_HALVINGS):
            wanted = [column.middles(height) for column in columns]
            x = np.repeat(shares, [len(own) for own in wanted])
            if not len(x):
                break
            starts = [np.concatenate([c.beside(own) for c, own in zip(columns, wanted, strict=True) if len(own)])]
            values, points = self._solve(x, np.concatenate(wanted), starts)
            ends = np.cumsum([len(own) for own in wanted])[:-1]
            parts = zip(columns, wanted, np.split(values, ends), np.split(points, ends), strict=True)
            columns = [column.joined(own, p, z) for column, own, p, z in parts]
        return columns

    def _passed_on(self, shares: np.ndarray, columns: list["_Column"]) -> list["_Column"]:
        """Each point once more from the optima below and above it, where anything else is free."""
        if not self.conditional.has_freedom:
            return columns
        for shift in (1, -1):
            starts = np.concatenate([np.roll(c.z, shift, axis=0) for c in columns])
            values, points = self._solve(np.repeat(shares, _ROWS), np.tile(columns[0].y, len(shares)), [starts])
            values, points = values.reshape(len(shares), -1), points.reshape(len(shares), _ROWS, -1)
            parts = zip(columns, values, points, strict=True)
            columns = [column.bettered(p, z) for column, p, z in parts]
        return columns

    def _solve(self, x: np.ndarray, y: np.ndarray, starts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """-2 ln p, NaN where no maximum was found, and where: the best of all starts."""
        over, limited = self.conditional.axes
        targets = np.stack([over.at(x), limited.at(y)], axis=1)
        best, at = np.full(len(x), np.nan), np.zeros((len(x), starts[0].shape[-1]))
        for start in starts if self.conditional.has_freedom else starts[:1]:
            found = self._maxima(targets, np.broadcast_to(start, at.shape))
            value = np.where(found.good, -2.0 * found.log_density, np.nan)
            better = ~(value >= best) & ~np.isnan(value)
            best, at = np.where(better, value, best), np.where(better[:, None], found.z, at)
        return best, at

    def _maxima(self, targets: np.ndarray, starts: np.ndarray) -> Ends:
        """In batches; no maximum where a batch has failed."""
        batches = batched(self.executor, targets, starts)
        ends = [Ends(start, np.full(len(start), np.nan), np.zeros(len(start), bool)) for _, start in batches]
        for outcome in self.executor.run(maxima, self.conditional, batches):
            if isinstance(outcome, Finished):
                ends[outcome.unit] = outcome.result
        return Ends(*map(np.concatenate, zip(*ends, strict=True)))


class _Column(NamedTuple):
    """One profile: shares of the range, ascending, -2 ln p, and the optima."""

    y: np.ndarray
    minus: np.ndarray
    z: np.ndarray

    def middles(self, height: float) -> np.ndarray:
        """The middles of the interval in which the limit lies, and of those beside the lowest point."""
        y, above = self._above()
        if len(y) < 2:
            return np.zeros(0)
        lowest, last = int(np.argmin(above)), int(np.flatnonzero(above < height)[-1])
        cells = {i for i in (lowest - 1, lowest, last) if 0 <= i < len(y) - 1}
        return np.array([0.5 * (y[i] + y[i + 1]) for i in sorted(cells)])

    def limit(self, height: float) -> float:
        """By linear interpolation in the root of Delta chi^2."""
        y, above = self._above()
        if not len(y):
            return float("nan")
        last = int(np.flatnonzero(above < height)[-1])
        if last == len(y) - 1:
            return float("nan")
        low, high = np.sqrt(above[last]), np.sqrt(above[last + 1])
        return float(y[last] + (np.sqrt(height) - low) / (high - low) * (y[last + 1] - y[last]))

    def beside(self, wanted: np.ndarray) -> np.ndarray:
        """The optimum of the nearest point that has one."""
        there = np.flatnonzero(~np.isnan(self.minus))
        there = there if len(there) else np.arange(len(self.y))
        return self.z[there[np.argmin(np.abs(self.y[there] - wanted[:, None]), axis=1)]]

    def joined(self, y: np.ndarray, minus: np.ndarray, z: np.ndarray) -> "_Column":
        """With more points."""
        order = np.argsort(np.concatenate([self.y, y]))
        return _Column(*(np.concatenate(pair)[order] for pair in zip(self, (y, minus, z), strict=True)))

    def bettered(self, minus: np.ndarray, z: np.ndarray) -> "_Column":
        """With what is better at the same points."""
        better = ~(minus >= self.minus) & ~np.isnan(minus)
        return _Column(self.y, np.where(better, minus, self.minus), np.where(better[:, None], z, self.z))

    def _above(self) -> tuple[np.ndarray, np.ndarray]:
        """The points that have a maximum, and how far above the lowest."""
        there = ~np.isnan(self.minus)
        minus = self.minus[there]
        return self.y[there], minus - np.min(minus, initial=np.inf)
