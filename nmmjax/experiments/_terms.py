"""Likelihoods of single quantities: two-sided, circular and logarithmic Gaussians, limits, published tables.

Each is zero at its best value, so that -2 ln L is the Delta chi^2 of the publication, and takes its value in the
documented units (eV^2, rad, pure numbers). Simulated data keep the shape of a likelihood and move its best value to
the truth less a deviation drawn from the likelihood, read as a density of that deviation.
"""

import abc
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.experiments._measured import Term
from nmmjax.numerics.interpolate import BicubicSpline, CubicSpline

TURN = 2.0 * math.pi


class SplitGaussian(Term):
    """Best value with different errors up and down: best +plus -minus.

    -2 ln L = (d v(d))^2 at the deviation d: the inverse width v passes from 1/minus at d = -minus to 1/plus at
    d = +plus by a quintic step, so that chi^2 is twice continuously differentiable, exactly the two half parabolas
    outside one sigma, exactly 1 at both one-sigma points, and has its only minimum at d = 0.

    **Arguments:** `best`, `plus`, `minus` > 0 in the unit of the quantity; `plus` and `minus` within a factor 3.
    """

    best: Float[Array, "1"]
    plus: Float[Array, "1"]
    minus: Float[Array, "1"]

    def __init__(self, best: ArrayLike, plus: ArrayLike, minus: ArrayLike):
        _check_widths(best, plus, minus)
        self.best, self.plus, self.minus = _vector(best), _vector(plus), _vector(minus)

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """-(d v)^2 / 2."""
        return -0.5 * jnp.sum(_sigmas(value - self.best, self.plus, self.minus) ** 2)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """Around the truth less a split-normal deviation."""
        best = value - _split_normal(key, self.plus, self.minus)
        return eqx.tree_at(lambda term: term.best, self, best)


class CircularSplitGaussian(Term):
    """A phase with different errors up and down: the split Gaussian wrapped around the circle.

    L is the sum of the split Gaussians around the best value and its images a turn away: smooth everywhere and
    periodic; the images change Delta chi^2 at one sigma by 2 exp(-(turn / sigma)^2 / 2) at most.

    **Arguments:** `best`, `plus`, `minus` in (0, pi / 2) [rad]; `plus` and `minus` within a factor 3.
    """

    best: Float[Array, "1"]
    plus: Float[Array, "1"]
    minus: Float[Array, "1"]

    def __init__(self, best: ArrayLike, plus: ArrayLike, minus: ArrayLike):
        _check_widths(best, plus, minus, high=math.pi / 2)
        self.best, self.plus, self.minus = wrapped(_vector(best)), _vector(plus), _vector(minus)

    def deviation(self, value: Float[Array, "1"]) -> Float[Array, "1"]:
        """The shorter way around."""
        return wrapped(value - self.best)

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """ln of the sum over images, less that at the best value."""
        images = jnp.array([-TURN, 0.0, TURN])

        def log_sum(deviation: Float[Array, "1"]) -> Float[Array, ""]:
            return jax.nn.logsumexp(-0.5 * _sigmas(deviation + images, self.plus, self.minus) ** 2)

        return log_sum(self.deviation(value)) - log_sum(jnp.zeros_like(self.best))

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """Around the truth less a split-normal deviation, wrapped to (-pi, pi]."""
        best = wrapped(value - _split_normal(key, self.plus, self.minus))
        return eqx.tree_at(lambda term: term.best, self, best)


class LogNormal(Term):
    """A positive quantity known up to a factor: -2 ln L = (ln(value / best) / width)^2.

    Below 1e-12 of the best value the logarithm is continued by its Taylor parabola (value, slope and curvature joined):
    at and below zero the likelihood is finite, tiny, and rises toward positive values.

    **Arguments:** `best` > 0; `width` > 0, the standard deviation of the logarithm: 0.3 for 30 %, ln 2 for a factor 2.
    """

    best: Float[Array, "1"]
    width: Float[Array, "1"]

    def __init__(self, best: ArrayLike, width: ArrayLike):
        _checks.check_range("best", best, low=0.0, open_low=True)
        _checks.check_range("width", width, low=0.0, open_low=True)
        self.best, self.width = _vector(best), _vector(width)

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """-(ln(value / best) / width)^2 / 2."""
        return -0.5 * jnp.sum((continued_log(value / self.best) / self.width) ** 2)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """Around the truth times a log-normal factor."""
        logarithm = continued_log(value / self.best) + self.width * jax.random.normal(key, (1,))
        return eqx.tree_at(lambda term: term.best, self, self.best * jnp.exp(logarithm))


class Limit(Term):
    """A limit on a quantity that has a physical boundary: a Gaussian around the boundary, of which half is physical.

    `limit` above `boundary` is an upper limit (sin^2 2theta < 0.10 above 0), below it a lower one (> 0.88 below 1).
    sigma = |limit - boundary| / z with erf(z / sqrt 2) the confidence level: z = 1.644854 at 90 %. So the limit lies at
    Delta chi^2 = z^2 (2.71), and the half-Gaussian holds the confidence level inside: the two common readings agree.

    `measured` is the value the Gaussian is centered on: the boundary, but in simulated data, where it may lie on either
    side; then `best` is the physical value nearest to it, at which the log-likelihood is zero.
    """

    best: Float[Array, "1"]
    boundary: Float[Array, "1"]
    sigma: Float[Array, "1"]
    measured: Float[Array, "1"]
    upper: bool = eqx.field(static=True)

    def __init__(self, limit: ArrayLike, *, boundary: ArrayLike, confidence: float = 0.9):
        _checks.check_range("boundary", boundary)
        _checks.check_range("limit", limit)
        _checks.check_range("confidence", confidence, low=0.0, high=1.0, open_low=True, open_high=True)
        distance = float(np.asarray(limit).item() - np.asarray(boundary).item())
        if distance == 0.0:
            _checks.fail("limit", "differ from the boundary", f"both are {limit}")
        self.best = self.boundary = self.measured = _vector(boundary)
        self.sigma = _vector(abs(distance) / NormalDist().inv_cdf(0.5 * (1.0 + confidence)))
        self.upper = distance > 0.0

    def log_likelihood(self, value: Float[Array, "1"]) -> Float[Array, ""]:
        """-((value - measured)^2 - (best - measured)^2) / (2 sigma^2)."""
        # Each factor over sigma: its square may be too small a number in single precision.
        difference, sum_ = (value - self.best) / self.sigma, (value + self.best - 2.0 * self.measured) / self.sigma
        return -0.5 * jnp.sum(difference * sum_)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "1"]) -> Self:
        """Around a normal draw, which may be unphysical."""
        measured = value + self.sigma * jax.random.normal(key, (1,))
        best = jnp.maximum(measured, self.boundary) if self.upper else jnp.minimum(measured, self.boundary)
        return eqx.tree_at(lambda term: (term.measured, term.best), self, (measured, best))


class Axis(eqx.Module):
    """Abstract: how the abscissa of a published table depends on the quantity."""

    period: ClassVar[float | None] = None

    @abc.abstractmethod
    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """Abscissa of a value."""

    @abc.abstractmethod
    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """Value at an abscissa."""

    def difference(self, value: Float[Array, ""], other: Float[Array, ""]) -> Float[Array, ""]:
        """Of two values."""
        return value - other


class Linear(Axis):
    """The table runs over the quantity itself."""

    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """The value."""
        return value

    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """The abscissa."""
        return position


class Circular(Axis):
    """The table runs once around an angle [rad]."""

    period: ClassVar[float | None] = TURN

    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """The angle."""
        return value

    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """The angle in (-pi, pi]."""
        return wrapped(position)

    def difference(self, value: Float[Array, ""], other: Float[Array, ""]) -> Float[Array, ""]:
        """The shorter way around."""
        return wrapped(value - other)


class Decadic(Axis):
    """The table runs over log10(value / unit); below 1e-12 of `scale` the logarithm continues as a parabola."""

    scale: float = eqx.field(static=True)

    def position(self, value: Float[Array, ""]) -> Float[Array, ""]:
        """log10 of the value."""
        return continued_log(value / self.scale) / math.log(10.0) + math.log10(self.scale)

    def value(self, position: Float[Array, ""]) -> Float[Array, ""]:
        """A power of ten."""
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
    """Where the spline is least, as abscissae."""
    level: Float[Array, ""]
    """The spline there."""
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
            outward = [spline.slope]
        else:
            spline = BicubicSpline(grid[0], grid[1], table, periods=(periods[0], periods[1]))
            outward = [spline.z_x, np.transpose(spline.z_y)]
        for slopes, period in zip(outward, periods, strict=True):
            if period is None and (np.any(np.asarray(slopes)[0] >= 0.0) or np.any(np.asarray(slopes)[-1] <= 0.0)):
                _checks.fail("delta_chi2", "fall inward from every edge", "it falls outward at one")
        self.spline = eqx.tree_at(lambda s: s.curvature, spline, _curvature(spline, grid, table, periods))
        minimum, level = _minimum(self.spline, grid, table, periods)
        self.minimum, self.level = jnp.asarray(minimum), jnp.asarray(level)
        self.shift = jnp.asarray(np.zeros_like(minimum))
        self.best = self._values(self.minimum)
        cells, volumes = _cells(grid, periods)
        self.cells = jnp.asarray(cells)
        self.log_weights = jnp.asarray(np.log(volumes) - 0.5 * table.ravel())

    def deviation(self, value: Float[Array, " k"]) -> Float[Array, " k"]:
        """Value - best; for angles the shorter way around."""
        pairs = zip(self.axes, value, self.best, strict=True)
        return jnp.stack([axis.difference(v, b) for axis, v, b in pairs])

    def _positions(self, value: Float[Array, " k"]) -> Float[Array, " k"]:
        return jnp.stack([axis.position(v) for axis, v in zip(self.axes, value, strict=True)])

    def _values(self, positions: Float[Array, " k"]) -> Float[Array, " k"]:
        return jnp.stack([axis.value(p) for axis, p in zip(self.axes, positions, strict=True)])

    def log_likelihood(self, value: Float[Array, " k"]) -> Float[Array, ""]:
        """-(spline - its minimum) / 2."""
        return -0.5 * (self.spline(*(self._positions(value) - self.shift)) - self.level)

    def simulate(self, key: PRNGKeyArray, value: Float[Array, " k"]) -> Self:
        """The table displaced, so that its best value is the truth less a deviation drawn from it."""
        key_cell, key_place = jax.random.split(key)
        low, high = self.cells[jax.random.categorical(key_cell, self.log_weights)]
        drawn = low + (high - low) * jax.random.uniform(key_place, self.minimum.shape)
        shift = self._positions(value) - drawn
        return eqx.tree_at(lambda term: (term.shift, term.best), self, (shift, self._values(self.minimum + shift)))


def wrapped(angle: Float[Array, "..."]) -> Float[Array, "..."]:
    """The same angle in (-pi, pi] [rad]."""
    return angle - TURN * jnp.ceil((angle - math.pi) / TURN)


def continued_log(x: Float[Array, "..."], floor: float = 1e-12) -> Float[Array, "..."]:
    """ln x above `floor`, its second-order Taylor polynomial there below: finite, and rising, at and below zero."""
    above = x > floor
    u = jnp.where(above, 1.0, x / floor) - 1.0
    return jnp.where(above, jnp.log(jnp.where(above, x, 1.0)), math.log(floor) + u - 0.5 * u**2)


def _vector(value: ArrayLike) -> Float[Array, "1"]:
    return jnp.asarray(np.asarray(value, float).reshape(1))


def _check_widths(best: ArrayLike, plus: ArrayLike, minus: ArrayLike, high: float = math.inf) -> None:
    _checks.check_range("best", best)
    for name, width in (("plus", plus), ("minus", minus)):
        _checks.check_range(name, width, low=0.0, high=high, open_low=True, open_high=True)
    ratio = np.asarray(plus) / np.asarray(minus)
    if not np.all((ratio <= 3.0) & (ratio >= 1.0 / 3.0)):
        _checks.fail("plus", "lie within a factor 3 of `minus`", f"they are {plus} and {minus}")


def _sigmas(
    deviation: Float[Array, "..."], plus: Float[Array, "..."], minus: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Signed number of standard deviations of a split Gaussian."""
    t = jnp.clip((deviation + minus) / (plus + minus), 0.0, 1.0)
    step = t**3 * (10.0 + t * (6.0 * t - 15.0))
    return deviation * ((1.0 - step) / minus + step / plus)


def _split_normal(key: PRNGKeyArray, plus: Float[Array, "1"], minus: Float[Array, "1"]) -> Float[Array, "1"]:
    """A deviation with the density of two half-Gaussians of equal height."""
    key_side, key_size = jax.random.split(key)
    up = jax.random.uniform(key_side, (1,)) < plus / (plus + minus)
    return jnp.where(up, plus, -minus) * jnp.abs(jax.random.normal(key_size, (1,)))


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
        return jnp.asarray(curvature[0])
    if None is periods[0] is periods[1]:
        # Off a corner the bilinear term z_xy dx dy must not outweigh the parabolas.
        twist = np.abs(np.asarray(spline.z_xy))[np.ix_([0, -1], [0, -1])]
        curvature *= max(1.0, 1.1 * float((twist / np.sqrt(np.outer(*curvature))).max()))
    return jnp.asarray(curvature)


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
