"""Figures of profile likelihoods: of one result, and of the hypotheses of one analysis together."""

from collections.abc import Sequence

import numpy as np

from nmmjax.infer import Profile, one_sided, two_sided
from nmmjax.plots._axes import scaled
from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import COLORS, SAFE, color, dash
from nmmjax.results import Result

_BAND = COLORS[0]
_REGIONS = ("#7fb2d5", "#b3d1e6", "#dcebf5")
_HIGHEST = 12.0
"""Delta chi^2 up to which a profile is drawn."""
_TWO_DIMENSIONAL = {"68.27 %": 2.2957, "95.45 %": 6.1801, "99.73 %": 11.8292}
"""Delta chi^2 of the regions of one, two and three standard deviations in two parameters."""
_LINES = {"68.27 %": "solid", "99.73 %": "dashed"}
_MANY_SCALES = 10.0
"""Ranges further apart than this factor are drawn on a logarithmic axis."""


def profile(result: Result, name: str) -> Figure:
    """Delta chi^2 of one parameter, with the levels of 90 % and where it crosses them."""
    found, limit, row, level = result.profile(name), result.limit(name), result.row(name), result.interval.level
    assert found is not None
    assert limit is not None
    (grid,), values = found.grids, found.delta_chi2
    axis = scaled(row, grid)
    unit = axis.values[-1] / float(grid[-1])
    figure = Figure(figsize=(5.2, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(axis.values, values, color=_BAND)
    ends = (limit.low, limit.high, *(end for further in limit.further for end in further))
    both, one = (two_sided(level), ends, "two sides"), (one_sided(level), (limit.upper,), "one side")
    for (height, ends, sides), style in zip((both, one), ("--", ":"), strict=True):
        label = rf"{100.0 * level:.4g} %, {sides}: $\Delta\chi^2$ = {height:.2f}"
        axes.axhline(height, color="0.5", lw=0.8, ls=style, label=label)
        for end in ends:
            if end is not None:
                axes.plot(unit * end, height, "o", ms=4, color=_BAND)
    axes.set(xlabel=axis.label, ylabel=r"$\Delta\chi^2$", ylim=(0.0, min(float(values.max()), _HIGHEST)))
    axes.legend(frameon=False, fontsize=8)
    axes.set_title(f"{result.name}: profile likelihood", fontsize=10)
    return figure


def contour(result: Result, found: Profile) -> Figure:
    """Regions of a two-dimensional profile likelihood, with the maximum."""
    y, x = (scaled(result.row(name), grid) for name, grid in zip(found.names, found.grids, strict=True))
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    levels = list(_TWO_DIMENSIONAL.values())
    axes.contourf(x.values, y.values, found.delta_chi2, levels=[0.0, *levels], colors=_REGIONS)
    drawn = axes.contour(x.values, y.values, found.delta_chi2, levels=levels, colors=[_BAND], linewidths=1.0)
    axes.clabel(drawn, fmt=dict(zip(levels, _TWO_DIMENSIONAL, strict=True)), fontsize=8)
    axes.plot(x.best, y.best, "k+", ms=9, label="maximum")
    axes.set_xlabel(x.label)
    axes.set_ylabel(y.label)
    axes.legend(frameon=False)
    axes.set_title(f"{result.name}: profile likelihood, two parameters", fontsize=10)
    return figure


def profiles(results: Sequence[Result], name: str) -> Figure:
    """Delta chi^2 of one parameter for each hypothesis, with the level of 90 %."""
    found = [_found(result, name) for result in results]
    label, axis = _common_axis(results, found, name)
    figure = Figure(figsize=(5.6, 4.2), layout="constrained")
    axes = figure.subplots()
    for k, (result, one, (x, _)) in enumerate(zip(results, found, axis, strict=True)):
        axes.plot(x, one.delta_chi2, color=color(k), ls=dash(k // len(SAFE)), label=result.name.rpartition("/")[2])
    level = results[0].interval.level
    height = two_sided(level)
    axes.axhline(height, color="0.5", lw=0.8, ls="--", label=rf"{100.0 * level:.4g} %: $\Delta\chi^2$ = {height:.2f}")
    ends = [x[-1] for x, _ in axis]
    if min(x[0] for x, _ in axis) > 0.0 and max(ends) > _MANY_SCALES * min(ends):
        axes.set_xscale("log")
    axes.set(xlabel=label, ylabel=r"$\Delta\chi^2$", ylim=(0.0, _HIGHEST))
    axes.legend(frameon=False, fontsize=9)
    axes.set_title(f"{results[0].name.partition('/')[0]}: profile likelihood", fontsize=10)
    return figure


def contours(results: Sequence[Result], names: tuple[str, ...]) -> Figure:
    """Regions of the same two-dimensional profile likelihood for each hypothesis, with their maxima."""
    found = [_found(result, *names) for result in results]
    (y_label, y), (x_label, x) = (_common_axis(results, found, name) for name in found[0].names)
    figure = Figure(figsize=(5.6, 4.6), layout="constrained")
    axes = figure.subplots()
    levels = [_TWO_DIMENSIONAL[region] for region in _LINES]
    for k, (result, one, (xs, best_x), (ys, best_y)) in enumerate(zip(results, found, x, y, strict=True)):
        axes.contour(
            xs, ys, one.delta_chi2, levels=levels, colors=[color(k)], linestyles=list(_LINES.values()), linewidths=1.4
        )
        axes.plot(best_x, best_y, "+", ms=10, mew=1.6, color=color(k))
        axes.plot([], [], color=color(k), label=result.name.rpartition("/")[2])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.legend(frameon=False)
    axes.set_title(
        f"{results[0].name.partition('/')[0]}: {', '.join(f'{r} {line}' for r, line in _LINES.items())}",
        fontsize=10,
    )
    return figure


def _found(result: Result, *names: str) -> Profile:
    profile = result.profile(*names)
    assert profile is not None
    return profile


def _common_axis(
    results: Sequence[Result], found: Sequence[Profile], name: str
) -> tuple[str, list[tuple[np.ndarray, float]]]:
    """The label of a parameter; its grid and its best value for each hypothesis, all in the same unit."""
    grids = [profile.grids[profile.names.index(name)] for profile in found]
    rows = [result.row(name) for result in results]
    axis = scaled(rows[0], np.concatenate([*grids, [row.best for row in rows]]))
    *parts, best = np.split(axis.values, np.cumsum([len(grid) for grid in grids]))
    return axis.label, list(zip(parts, best.tolist(), strict=True))
