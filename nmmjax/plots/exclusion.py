"""Exclusion curves, as papers draw them."""

from collections.abc import Sequence

import numpy as np

from nmmjax.infer import Exclusion, two_sided
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import color, dash, ticks_inside
from nmmjax.quantities import Quantity
from nmmjax.results import Result

_PLACES = np.linspace(0.06, 0.7, 65)
"""Where along the axis a label may begin."""
_WIDTH, _STEEP = 0.13, 10.0
"""Of a label, and what the rise of its curve below it costs beside a distance from others, in shares of the axes."""


def exclusions(results: Sequence[Result], names: tuple[str, str]) -> Figure:
    """The limit of one number at each value of another for each hypothesis; what is excluded is filled.

    In the units of the numbers, on logarithmic axes where their priors span orders of magnitude. A curve ends where the
    end of the range is not excluded any more.

    **Arguments:** results, of which each has this exclusion; the number along the axis, and that which is limited.
    """
    found = [curve for result in results if (curve := result.exclusion(names)) is not None]
    rows = [results[0].row(name) for name in names]
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    axes = figure.subplots()
    for axis, (row, logarithmic) in enumerate(zip(rows, found[0].logarithmic, strict=True)):
        label, scale = Quantity(row.symbol, row.unit).label, "log" if logarithmic else "linear"
        axes.set(**({"xlabel": label, "xscale": scale} if axis == 0 else {"ylabel": label, "yscale": scale}))
    for k, curve in enumerate(found):
        there = np.isfinite(curve.limit)
        axes.fill_between(curve.over, curve.limit, curve.top, where=there, color=color(k), alpha=0.18, lw=0.0)
        axes.plot(*_outline(curve), color=color(k), ls=dash(k // 6), lw=1.7)
    axes.set_xlim(min(c.over[0] for c in found), max(c.over[-1] for c in found))
    lowest = [np.nanmin(c.limit) for c in found if np.any(np.isfinite(c.limit))]
    top = max(c.top for c in found)
    if lowest:
        least = min(lowest)
        axes.set_ylim(least / 3.0 if found[0].logarithmic[1] else least - 0.1 * (top - least), top)
    for k, (curve, words) in enumerate(zip(found, _names(results, names), strict=True)):
        _label(axes, curve, [other for other in found if other is not curve], words, color(k))
    level = found[0].level
    axes.set_title(
        rf"{results[0].name.partition('/')[0]}: excluded at {100.0 * level:.4g} % "
        rf"($\Delta\chi^2$ = {two_sided(level):.2f})",
        fontsize=10,
    )
    ticks_inside(axes)
    return figure


def _names(results: Sequence[Result], names: tuple[str, str]) -> list[str]:
    """Of hypotheses."""
    return [result.name.rpartition("/")[2] for result in results if result.exclusion(names) is not None]


def _outline(curve: Exclusion) -> tuple[np.ndarray, np.ndarray]:
    """The edge of what is excluded: up to the end of the range where a limit begins or ceases within the axis."""
    x, y = [], []
    there = np.isfinite(curve.limit)
    for i in range(len(there)):
        if there[i] and i > 0 and not there[i - 1]:
            x += [curve.over[i]]
            y += [curve.top]
        x += [curve.over[i]]
        y += [curve.limit[i]]
        if there[i] and i + 1 < len(there) and not there[i + 1]:
            x += [curve.over[i], curve.over[i]]
            y += [curve.top, np.nan]
    return np.array(x), np.array(y)


def _label(axes: Axes, curve: Exclusion, others: Sequence[Exclusion], words: str, shade: str) -> None:
    """The name of a curve just inside what it excludes, where it is flat and no other is near."""
    own = _height(axes, curve, _PLACES)
    if not np.any(np.isfinite(own)):
        return
    apart = [np.abs(_height(axes, other, _PLACES) - own) for other in others]
    clear = np.min([np.where(np.isnan(a), 1.0, a) for a in apart], axis=0) if apart else np.ones(len(own))
    wide = _PLACES + np.linspace(0.0, _WIDTH, 9)[:, None]
    above = np.nan_to_num(_height(axes, curve, wide.ravel()).reshape(wide.shape), nan=1.0)
    rise = np.max(above, axis=0) - own
    worth = np.where(np.isfinite(rise), np.minimum(clear, 0.2) - _STEEP * rise, -np.inf)
    i = int(np.argmax(worth)) if np.any(np.isfinite(worth)) else int(np.flatnonzero(np.isfinite(own))[0])
    place = (float(_PLACES[i]), float(own[i]) + 0.015)
    axes.text(*place, words, transform=axes.transAxes, color=shade, fontsize=9.5, va="bottom")


def _height(axes: Axes, curve: Exclusion, places: np.ndarray) -> np.ndarray:
    """A curve in shares of the axes, at places along them."""
    to_axes = axes.transData + axes.transAxes.inverted()
    there = np.isfinite(curve.limit)
    if not np.any(there):
        return np.full(len(places), np.nan)
    x, y = to_axes.transform(np.stack([curve.over[there], curve.limit[there]], axis=1)).T
    return np.interp(places, x, y, left=np.nan, right=np.nan)
