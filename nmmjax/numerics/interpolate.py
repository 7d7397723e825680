"""Cubic splines of tabulated curves and surfaces: C2 inside the table, C1 and never NaN outside.

A table is continued beyond its edges by the value and the slope found there, plus a parabola of a given `curvature`
(the second derivative out there): a likelihood that should lead an optimizer back takes a positive one.
Splines are built from concrete numbers and evaluated inside jit, vmap, grad and hessian.
"""

from collections.abc import Sequence
from types import ModuleType

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Int

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.numerics.arrays import RealArray

Cells = Int[Array | np.ndarray, "..."]
"""Numbers of the intervals between nodes."""


class CubicSpline(eqx.Module):
    """Cubic spline y(x) with continuous second derivative through a table.

    Not-a-knot at both ends, or periodic when `period` is given (the table then covers one period without its end).
    Outside: y(edge) + y'(edge) d + curvature d^2 / 2 at the distance d from the nearer edge.

    **Arguments:** `x` (n,), ascending, n >= 4; `y` (n,); `curvature`, one number or one per side (low, high).

    **Raises:** `ValueError` for tables that are too short, not ascending or not finite.
    """

    x: Float[Array, " n"]
    y: Float[Array, " n"]
    slope: Float[Array, " n"]
    curvature: Float[Array, "2"]
    period: float | None = eqx.field(static=True)

    @public
    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        period: float | None = None,
        curvature: float | Sequence[float] = 0.0,
    ):
        knots, values = _knots("x", x, period), _checks.known_numbers("y", y)
        _check_values("y", values, (np.size(x),))
        values = _closed(values, 0, period)
        self.x, self.y = on_device(knots), on_device(values)
        self.slope = on_device(_slopes(knots, values, period))
        self.curvature = _curvature(curvature)
        self.period = period

    def __call__(self, x: RealArray | float, *, xp: ModuleType = jnp) -> RealArray:
        """The spline at any points; `xp=numpy` evaluates a spline of numpy arrays without compiling."""
        cell, value, slope, beyond = _basis(self.x, x, self.period, xp)
        inside = sum(value[k] * self.y[cell + k] + slope[k] * self.slope[cell + k] for k in (0, 1))
        return inside + _parabola(beyond, self.curvature, xp)


def traced_spline(x: Float[np.ndarray, " n"], y: Float[Array, " n"]) -> CubicSpline:
    """The spline through values that are traced, not periodic."""
    spline = CubicSpline(x, np.zeros(np.size(x)))
    return eqx.tree_at(lambda spline: (spline.y, spline.slope), spline, (y, _slope_matrix(np.asarray(x)) @ y))


class BicubicSpline(eqx.Module):
    """Tensor product of cubic splines z(x, y) through a table on a rectangular grid.

    Either axis may be periodic. Outside, z continues linearly along each axis that is left (bilinearly off a corner),
    plus curvature d^2 / 2 along each.

    **Arguments:** `x` (n,), `y` (m,), ascending, at least 4 each; `z` (n, m); `periods` and `curvature` per axis, each
    curvature one number or one per side.

    **Raises:** `ValueError` as `CubicSpline`.
    """

    x: Float[Array, " n"]
    y: Float[Array, " m"]
    z: Float[Array, "n m"]
    z_x: Float[Array, "n m"]
    z_y: Float[Array, "n m"]
    z_xy: Float[Array, "n m"]
    curvature: Float[Array, "2 2"]
    periods: tuple[float | None, float | None] = eqx.field(static=True)

    @public
    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        z: ArrayLike,
        *,
        periods: tuple[float | None, float | None] = (None, None),
        curvature: Sequence[float | Sequence[float]] = (0.0, 0.0),
    ):
        periods = _periods(periods)
        first, second = _knots("x", x, periods[0]), _knots("y", y, periods[1])
        values = _checks.known_numbers("z", z)
        _check_values("z", values, (np.size(x), np.size(y)))
        values = _closed(_closed(values, 0, periods[0]), 1, periods[1])
        along_x = _slopes(first, values, periods[0])
        self.x, self.y, self.z = on_device(first), on_device(second), on_device(values)
        self.z_x = on_device(along_x)
        self.z_y = on_device(_slopes(second, values.T, periods[1]).T)
        self.z_xy = on_device(_slopes(second, along_x.T, periods[1]).T)
        if len(curvature) != 2:
            _checks.fail("curvature", "have one entry for each axis", f"it has {len(curvature)}")
        self.curvature = on_device(np.stack([_curvature(k) for k in curvature]))
        self.periods = periods

    def __call__(self, x: RealArray | float, y: RealArray | float, *, xp: ModuleType = jnp) -> RealArray:
        """The surface at any points, broadcasting; `xp=numpy` evaluates a spline of numpy arrays without compiling."""
        i, value_x, slope_x, beyond_x = _basis(self.x, x, self.periods[0], xp)
        j, value_y, slope_y, beyond_y = _basis(self.y, y, self.periods[1], xp)
        inside = sum(
            value_x[a] * (value_y[b] * self.z[i + a, j + b] + slope_y[b] * self.z_y[i + a, j + b])
            + slope_x[a] * (value_y[b] * self.z_x[i + a, j + b] + slope_y[b] * self.z_xy[i + a, j + b])
            for a in (0, 1)
            for b in (0, 1)
        )
        return inside + _parabola(beyond_x, self.curvature[0], xp) + _parabola(beyond_y, self.curvature[1], xp)


def lagrange(
    x: RealArray, nodes: Float[np.ndarray, " n"], *, xp: ModuleType = np
) -> Float[Array | np.ndarray, "... n"]:
    """The polynomials of lowest degree that are one at one node and zero at the others, on a new last axis."""
    same = np.eye(len(nodes)) > 0
    factors = (x[..., None, None] - nodes) / np.where(same, 1.0, nodes[:, None] - nodes)
    return xp.prod(xp.where(same, 1.0, factors), -1)


def complete_grid(
    x: ArrayLike, y: ArrayLike, z: ArrayLike, *, periods: tuple[float | None, float | None] = (None, None)
) -> np.ndarray:
    """Fill the nodes of a grid where z is NaN, as smoothly as the others allow.

    The filled values minimize the sum of the squared third differences along both axes, scaled to the spacing of the
    nodes, with the given nodes kept: a table that is a parabola along each axis is continued as that parabola.

    **Arguments:** `x` (n,), `y` (m,), `z` (n, m) with NaN where it is unknown; a periodic axis lists one period without
    its end.

    **Raises:** `ValueError` where the given nodes do not determine the others.
    """
    periods = _periods(periods)
    knots, values = (_knots("x", x, None), _knots("y", y, None)), np.array(_checks.known_numbers("z", z))
    if values.shape != (shape := (knots[0].size, knots[1].size)):
        _checks.fail("z", f"have the shape {shape} of its nodes", f"its shape is {values.shape}")
    missing = np.isnan(values)
    number = np.full(values.shape, -1)
    number[missing] = np.arange(missing.sum())
    known = np.where(missing, 0.0, values)
    matrix, right = np.zeros((missing.sum(),) * 2), np.zeros(missing.sum())
    for axis in (0, 1):
        indices, weights = _third_differences(knots[axis], periods[axis])
        # One equation per stencil and line: sum_k weights[k] z[node k] = 0 in least squares.
        nodes, values_at = (np.moveaxis(a, axis, 0)[indices] for a in (number, known))
        fixed = np.einsum("sk,skl->sl", weights, values_at)
        for k in range(4):
            open_k = nodes[:, k] >= 0
            np.add.at(right, nodes[:, k][open_k], -(weights[:, k, None] * fixed)[open_k])
            for other in range(4):
                both = open_k & (nodes[:, other] >= 0)
                product = np.broadcast_to((weights[:, k] * weights[:, other])[:, None], both.shape)
                np.add.at(matrix, (nodes[:, k][both], nodes[:, other][both]), product[both])
    if missing.any():
        # The second right-hand side has a known solution: the ones come back unless the nodes are undetermined.
        try:
            filled, ones = np.linalg.solve(matrix, np.stack([right, matrix.sum(1)], -1)).T
        except np.linalg.LinAlgError:
            filled, ones = np.zeros((2, missing.sum()))
        if np.abs(ones - 1.0).max() > 1e-4:
            _checks.fail("z", "determine its missing nodes", f"{missing.sum()} of {missing.size} are missing")
        values[missing] = filled
    return values


def _third_differences(x: np.ndarray, period: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (s, 4) and weights (s, 4) of the scaled divided differences that vanish on parabolas."""
    n = x.size
    start = np.arange(n if period else n - 3)[:, None]
    indices = start + np.arange(4)
    points = x[indices % n] + (indices // n) * (period or 0.0)
    gaps = points[:, :, None] - points[:, None, :] + np.eye(4)
    mean = (points[:, -1:] - points[:, :1]) / 3.0
    return indices % n, mean**3 / np.prod(gaps, axis=2)


def _basis(
    knots: RealArray, x: RealArray | float, period: float | None, xp: ModuleType
) -> tuple[Cells, tuple[RealArray, RealArray], tuple[RealArray, RealArray], RealArray]:
    """Cell of x, the weights of the values and slopes at its two ends, and the signed distance beyond the table.

    The Hermite polynomials inside; outside, their linear continuation.
    """
    low, high = knots[0], knots[-1]
    # Both branches of `where` have the derivative of the inside at an edge; `clip` would halve it there.
    point = low + xp.mod(x - low, period) if period else xp.where(x < low, low, xp.where(x > high, high, x))
    beyond = xp.zeros_like(point) if period else x - point
    cell = xp.clip(xp.searchsorted(knots, point, side="right") - 1, 0, knots.shape[0] - 2)
    width = knots[cell + 1] - knots[cell]
    t = (point - knots[cell]) / width
    value = ((1 + 2 * t) * (1 - t) ** 2, t**2 * (3 - 2 * t))
    below, above = xp.where(beyond < 0, beyond, 0.0), xp.where(beyond > 0, beyond, 0.0)
    slope = (width * t * (1 - t) ** 2 + below, width * t**2 * (t - 1) + above)
    return cell, value, slope, beyond


def _parabola(beyond: RealArray, curvature: RealArray, xp: ModuleType) -> RealArray:
    return 0.5 * xp.where(beyond < 0, curvature[0], curvature[1]) * beyond**2


def _slopes(x: np.ndarray, y: np.ndarray, period: float | None) -> np.ndarray:
    """First derivatives at the knots for a continuous second one: (n, ...) for y (n, ...)."""
    h = np.diff(x)
    secants = np.diff(y, axis=0) / h.reshape(-1, *(1,) * (y.ndim - 1))
    matrix, weights = _conditions(x, period)
    slopes = np.linalg.solve(matrix, np.tensordot(weights, secants, axes=1))
    return np.concatenate([slopes, slopes[:1]]) if period else slopes


def _slope_matrix(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n"]:
    """The matrix from values at the knots of a spline, not periodic, to its slopes there."""
    return _slopes(x, np.eye(x.size), None)


def _conditions(x: np.ndarray, period: float | None) -> tuple[np.ndarray, np.ndarray]:
    """A and B of A slopes = B secants."""
    h = np.diff(x)
    n = x.size - 1 if period else x.size
    matrix, weights = np.zeros((n, n)), np.zeros((n, x.size - 1))
    for i in range(n):
        if 0 < i < x.size - 1 or period:
            before, after = h[i - 1], h[i]
            matrix[i, [(i - 1) % n, i, (i + 1) % n]] = after, 2 * (before + after), before
            weights[i, [i - 1, i]] = 3 * after, 3 * before
    if not period:
        # Not a knot: one cubic over the two outermost cells.
        for row, near, far, k in ((0, h[0], h[1], (0, 1)), (-1, h[-1], h[-2], (-1, -2))):
            matrix[row, list(k)] = far, near + far
            weights[row, list(k)] = np.array([(3 * near + 2 * far) * far, near**2]) / (near + far)
    return matrix, weights


def _knots(argument: str, x: ArrayLike, period: float | None) -> np.ndarray:
    knots = _checks.known_numbers(argument, x)
    if period is not None:
        _checks.check_range("period", period, low=0.0, open_low=True)
    if knots.ndim != 1 or knots.size < 4:
        _checks.fail(argument, "have shape (n,) with n >= 4", f"its shape is {knots.shape}")
    _checks.check_finite(argument, knots)
    if not np.all(np.diff(knots) > 0):
        index = int(np.argmin(np.diff(knots) > 0))
        _checks.fail(argument, "be ascending", f"{knots[index]} is followed by {knots[index + 1]}")
    if period is None:
        return knots
    if knots[-1] - knots[0] >= period:
        _checks.fail(argument, f"lie within one period {period}, without its end", f"it spans {knots[-1] - knots[0]}")
    return np.append(knots, knots[0] + period)


def _periods(periods: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    if not isinstance(periods, tuple | list) or len(periods) != 2:
        _checks.fail("periods", "be two periods, of which each may be None", f"it is {_checks.shown(periods)}")
    for period in periods:
        if period is not None:
            _checks.check_range("periods", period, low=0.0, open_low=True)
    return periods[0], periods[1]


def _closed(values: np.ndarray, axis: int, period: float | None) -> np.ndarray:
    """The first value again at the end of the period."""
    return values if period is None else np.concatenate([values, values.take([0], axis)], axis)


def _check_values(argument: str, values: np.ndarray, shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        _checks.fail(argument, f"have the shape {shape} of its nodes", f"its shape is {values.shape}")
    _checks.check_finite(argument, values)


def _curvature(value: float | Sequence[float]) -> Float[Array, "2"]:
    _checks.check_range("curvature", value, low=0.0)
    sides = _checks.known_numbers("curvature", value)
    if sides.shape not in ((), (2,)):
        _checks.fail("curvature", "be one number or one for each side", f"its shape is {sides.shape}")
    return on_device(np.broadcast_to(sides, (2,)))
