"""Published tables of Delta chi^2 as likelihoods: splines through their nodes, one axis or two."""

import abc
import math
from collections.abc import Sequence
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax.experiments.likelihoods.measured import Term
from nmmjax.experiments.likelihoods.terms import TURN, continued_log, wrapped
from nmmjax.numerics.interpolate import BicubicSpline, CubicSpline


class Axis(eqx.Module):
    """Abstract: how the abscissa of a published table depends on the quantity."""

    period: ClassVar[float | None] = None

    @abc.abstractmethod
    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """Abscissa in the table that belongs to a value of the quantity."""

    @abc.abstractmethod
    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """Value of the quantity at an abscissa of the table."""

    def difference(self, value: Float[Array, ""], other: Float[Array, ""]) -> Float[Array, ""]:
        """Signed difference of two values of the quantity."""
        return value - other


class Linear(Axis):
    """The table runs over the quantity itself."""

    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """Abscissa of a value, which is the value itself."""
        return value

    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """Value at an abscissa, which is the abscissa itself."""
        return position


class Circular(Axis):
    """The table runs once around an angle [rad]."""

    period: ClassVar[float | None] = TURN

    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """Abscissa of an angle [rad], which is the angle itself."""
        return value

    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """Angle [rad] at an abscissa, in (-pi, pi]."""
        return wrapped(position)

    def difference(self, value: Float[Array, ""], other: Float[Array, ""]) -> Float[Array, ""]:
        """Signed difference of two angles [rad], the shorter way around."""
        return wrapped(value - other)


class Decadic(Axis):
    """The table runs over log10(value / unit); below 1e-12 of `scale` the logarithm continues as a parabola."""

    scale: float = eqx.field(static=True)

    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """Abscissa of a value: its log10, continued below 1e-12 of `scale`."""
        return continued_log(value / self.scale) / math.log(10.0) + math.log10(self.scale)

    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """Value at an abscissa, the power of ten."""
        return 10.0**position


class Tabulated(Term):
    """A published Delta chi^2 of one quantity or of a pair, as a cubic spline through its nodes.

    Delta chi^2 is counted from the minimum of the spline, which lies at `best`: between nodes, and a little below the
    least node. Outside the table it goes on from its value and slope at the edge with a parabola added along each
    axis, as curved as the one from the best value to the edge, so it grows outward without end: finite, once
    continuously differentiable, a way back for an optimizer, and no more than a guide to how bad a point is.

    **Arguments:** `axes`, `nodes` and `delta_chi2`: one axis, nodes (n,) and a table (n,), or two of each and (n, m).
    Nodes ascend; a circular axis lists one turn without its end; the table must fall inward from every edge.
    """

    best: Float[Array, " k"]
    axes: tuple[Axis, ...]
    spline: CubicSpline | BicubicSpline
    minimum: Float[Array, " k"]
    """Abscissae (k,) at which the spline is least."""
    level: Float[Array, ""]
    """Delta chi^2 of the spline at `minimum`."""
    shift: Float[Array, " k"]
    """Displacement of the whole table along the abscissae: zero but in simulated data."""
    cells: Float[Array, "m 2 k"]
    """Low and high ends of the cells around the nodes, for drawing deviations."""
    log_weights: Float[Array, " m"]

    def __init__(self, axes: Sequence[Axis], nodes: Sequence[ArrayLike], delta_chi2: ArrayLike):
        if not 1 <= len(axes) == len(nodes) <= 2:
            _checks.fail("nodes", "be as many as `axes`, one or two", f"there are {len(nodes)} and {len(axes)}")
        self.axes = tuple(axes)
        periods = tuple(axis.period for axis in axes)
        for argument in (*nodes, delta_chi2):
            _checks.check_finite("delta_chi2" if argument is delta_chi2 else "nodes", argument)
        table, grid = np.asarray(delta_chi2, float), tuple(np.asarray(n, float) for n in nodes)
        if len(axes) == 1:
            spline = CubicSpline(grid[0], table, period=periods[0])
            outward = [np.asarray(spline.slope)]
        else:
            spline = BicubicSpline(grid[0], grid[1], table, periods=(periods[0], periods[1]))
            outward = [np.asarray(spline.z_x), np.asarray(spline.z_y).T]
        for slopes, period in zip(outward, periods, strict=True):
            if period is None and (np.any(slopes[0] >= 0.0) or np.any(slopes[-1] <= 0.0)):
                _checks.fail("delta_chi2", "fall inward from every edge", "it falls outward at one")
        self.spline = eqx.tree_at(lambda s: s.curvature, spline, _curvature(spline, grid, table, periods))
        minimum, level = _minimum(self.spline, grid, table, periods)
        self.minimum, self.level = on_device(minimum), on_device(level)
        self.shift = on_device(np.zeros_like(minimum))
        self.best = self._values(self.minimum)
        cells, volumes = _cells(grid, periods)
        self.cells = on_device(cells)
        self.log_weights = on_device(np.log(volumes) - 0.5 * table.ravel())

    def deviation(self, value: Float[Array, " k"]) -> Float[Array, " k"]:
        """Signed distance (k,) of a value from the best one; for angles the shorter way around."""
        pairs = zip(self.axes, value, self.best, strict=True)
        return jnp.stack([axis.difference(v, b) for axis, v, b in pairs])

    def _positions(self, value: Float[Array, " k"]) -> Float[Array, " k"]:
        return jnp.stack([axis.position(v) for axis, v in zip(self.axes, value, strict=True)])

    def _values(self, positions: Float[Array, " k"]) -> Float[Array, " k"]:
        return jnp.stack([axis.value(p) for axis, p in zip(self.axes, positions, strict=True)])

    def log_likelihood(self, value: Float[Array, " k"]) -> Float[Array, ""]:
        """ln L = -(spline - its minimum) / 2 at a value (k,), zero at the best one."""
        return -0.5 * (jnp.asarray(self.spline(*(self._positions(value) - self.shift))) - self.level)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, " k"]) -> Self:
        """The table displaced, so that its best value is the true `value` less a deviation drawn from the table."""
        key_cell, key_place = jax.random.split(key)
        upto = jnp.cumsum(jax.nn.softmax(self.log_weights))
        cell = jnp.searchsorted(upto, upto[-1] * jax.random.uniform(key_cell), side="right")
        low, high = self.cells[jnp.minimum(cell, len(self.cells) - 1)]
        drawn = low + (high - low) * jax.random.uniform(key_place, self.minimum.shape)
        return self._displaced(self._positions(value) - drawn)

    def centered(self, value: Float[Array, " k"]) -> Self:
        """The table displaced, so that its best value is that of the quantity (k,)."""
        return self._displaced(self._positions(value) - self.minimum)

    def _displaced(self, shift: Float[Array, " k"]) -> Self:
        return eqx.tree_at(lambda term: (term.shift, term.best), self, (shift, self._values(self.minimum + shift)))


def _curvature(
    spline: CubicSpline | BicubicSpline,
    grid: tuple[np.ndarray, ...],
    table: np.ndarray,
    periods: tuple[float | None, ...],
) -> Float[Array, "..."]:
    """Second derivatives outside: of the parabola from the least node to the lowest node of each edge."""
    best = np.unravel_index(np.argmin(table), table.shape)
    curvature = np.zeros((len(grid), 2))
    for axis, (x, period) in enumerate(zip(grid, periods, strict=True)):
        if period is None:
            for side, edge in enumerate((0, -1)):
                rise = table.take(edge, axis).min() - table.min()
                curvature[axis, side] = 2.0 * rise / (x[edge] - x[best[axis]]) ** 2
    if isinstance(spline, CubicSpline):
        return on_device(curvature[0])
    if None is periods[0] is periods[1]:
        # Off a corner the bilinear term z_xy dx dy must not outweigh the parabolas.
        twist = np.abs(np.asarray(spline.z_xy))[np.ix_([0, -1], [0, -1])]
        curvature *= max(1.0, 1.1 * float((twist / np.sqrt(np.outer(*curvature))).max()))
    return on_device(curvature)


def _minimum(
    spline: CubicSpline | BicubicSpline,
    grid: tuple[np.ndarray, ...],
    table: np.ndarray,
    periods: tuple[float | None, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """Least point of the spline in the cells around the least node, by refined lattices, and its value."""
    spline = jax.tree.map(np.asarray, spline)
    best = np.unravel_index(np.argmin(table), table.shape)
    center = np.array([x[i] for x, i in zip(grid, best, strict=True)])
    reach = np.array([np.diff(x)[max(i - 1, 0) : i + 1].max() for x, i in zip(grid, best, strict=True)])
    ends = [(-np.inf, np.inf) if p else (x[0], x[-1]) for x, p in zip(grid, periods, strict=True)]
    steps = np.meshgrid(*[np.linspace(-1.0, 1.0, 21)] * len(grid), indexing="ij")
    lattice = np.stack(steps, -1).reshape(-1, len(grid))
    for _ in range(14):
        points = np.clip(center + reach * lattice, *np.transpose(ends))
        center, reach = points[np.argmin(spline(*points.T, xp=np))], reach / 5.0
    return center, np.asarray(spline(*center, xp=np))


def _cells(grid: tuple[np.ndarray, ...], periods: tuple[float | None, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Cells (m, 2, k) that share the table among its nodes, in the order of the raveled table, and their volumes."""
    sides = []
    for x, period in zip(grid, periods, strict=True):
        around = np.concatenate([[x[-1] - period], x, [x[0] + period]]) if period else np.pad(x, 1, mode="edge")
        middles = 0.5 * (around[1:] + around[:-1])
        sides.append(np.stack([middles[:-1], middles[1:]]))
    low_high = np.stack([np.stack(np.meshgrid(*[s[end] for s in sides], indexing="ij"), -1) for end in (0, 1)], -2)
    cells = low_high.reshape(-1, 2, len(grid))
    return cells, np.prod(cells[:, 1] - cells[:, 0], axis=-1)
