"""Figures of a posterior: of one result, whose name stands above each."""

import math
import warnings
from collections.abc import Sequence

import numpy as np

from nmmjax import _checks, _environment
from nmmjax.infer import two_sided
from nmmjax.plots._axes import Axis, axis_of_draws, scaled
from nmmjax.plots._matplotlib import Figure, MaxNLocator
from nmmjax.plots._style import COLORS, dash
from nmmjax.results import Result, Row
from nmmjax.space import names_of

with _environment.importing_arviz():  # corner imports it
    import corner as corner_package

_MARGIN = 0.12
"""Of the range of the draws, beside it in a corner figure: four bins, over which smoothing carries the outermost."""

_DARK = 0.6
"""Coefficients on whose color white is read better than black."""
_MANY = 20
"""Parameters whose coefficients are written smaller."""


def moving(result: Result, *, sampled: bool) -> list[Row]:
    """Lines of the table whose draws vary: sampled parameters, or derived quantities."""
    return [row for row in result.parameters if row.sampled == sampled and row.varies]


def _in_corner(result: Result) -> list[Row]:
    """The quantities that the analysis wants in its corner figure, else all sampled ones; all entries of an array."""
    rows = [row for row in result.parameters if row.varies]
    wanted = [row for name in result.corner for row in rows if name in names_of(row.name)]
    return list(dict.fromkeys(wanted)) or moving(result, sampled=True)


def enough_for_corner(result: Result) -> bool:
    """Whether something varies, and there are at least as many draws as quantities."""
    rows = _in_corner(result)
    return bool(rows) and result.draws(rows[0].name).size >= len(rows)


def corner(result: Result) -> Figure:
    """Marginal posteriors one by one and in pairs, with the maximum marked."""
    rows = _in_corner(result)
    axes = [axis_of_draws(result, row) for row in rows]
    alone = len(rows) == 1  # of one parameter corner cannot draw the value at the maximum
    size = 2.1 * len(rows) + 0.9
    figure = Figure(figsize=(size, size))
    with warnings.catch_warnings():
        # corner warns of contours it cannot place where a marginal is very narrow; the points are drawn all the same
        warnings.filterwarnings("ignore", message="Too few points to create valid contours")
        corner_package.corner(
            np.stack([axis.values.ravel() for axis in axes], axis=-1),
            labels=[axis.label for axis in axes],
            truths=None if alone else [axis.best for axis in axes],
            truth_color=COLORS[3],
            color=COLORS[0],
            range=[_range(axis) for axis in axes],
            bins=40,
            smooth=1.0,
            smooth1d=1.0,
            levels=(0.6827, 0.9545),
            fill_contours=True,
            plot_datapoints=False,
            label_kwargs={"fontsize": 11},
            max_n_ticks=4,
            fig=figure,
        )
    if alone:
        figure.axes[0].axvline(axes[0].best, color=COLORS[3])
    text = f"{result.name}\nregions: 68 %, 95 % of the posterior; lines: its maximum"
    ends = {row.name: _ends_of_profile(result, row) for row in rows}
    for position, row in enumerate(rows):
        for end in ends[row.name]:
            figure.axes[position * (len(rows) + 1)].axvline(
                axis_of_draws(result, row, end).best, color=COLORS[1], ls="--"
            )
    level = two_sided(result.interval.level)
    text += rf"; dashed: $\Delta\chi^2$ = {level:.2f} of the profile" if any(ends.values()) else ""
    figure.suptitle(text, y=1.03, fontsize=11)
    return figure


def _ends_of_profile(result: Result, row: Row) -> list[float]:
    """All ends of the intervals by the profile likelihood, where there are some."""
    limits = [limit for limit in result.limits if limit.name == row.name]
    return [end for one in limits for ends in ((one.low, one.high), *one.further) for end in ends if end is not None]


def _range(axis: Axis) -> tuple[float, float]:
    """Of all draws and the maximum, with a margin in which the density falls to nothing: no peak is cut."""
    low, high = min(float(axis.values.min()), axis.best), max(float(axis.values.max()), axis.best)
    return low - _MARGIN * (high - low), high + _MARGIN * (high - low)


def derived(result: Result) -> Figure:
    """Marginal posteriors of the derived quantities, with their intervals and their values at the maximum."""
    rows = moving(result, sampled=False)
    columns = min(4, len(rows))
    lines = -(-len(rows) // columns)
    figure = Figure(figsize=(3.2 * columns, 2.4 * lines + 0.4), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for panel, row in zip(panels, rows, strict=False):
        axis = axis_of_draws(result, row)
        panel.hist(axis.values.ravel(), bins=50, density=True, color=COLORS[0], histtype="step")
        for ends in _intervals(result, row, axis):
            panel.axvspan(*ends, color=COLORS[0], alpha=0.15)
        panel.axvline(axis.best, color=COLORS[3])
        panel.set_xlabel(axis.label)
        panel.set_yticks([])
        panel.xaxis.set_major_locator(MaxNLocator(4))
    for panel in panels[len(rows) :]:
        panel.set_axis_off()
    level = f"{100.0 * result.interval.level:.4g}% {result.interval.kind} interval"
    figure.suptitle(f"{result.name}: derived quantities (shaded: {level}; line: maximum)", fontsize=11)
    return figure


def _intervals(result: Result, row: Row, axis: Axis) -> Sequence[tuple[float, float]]:
    """What is shaded: the equal-tailed interval, or the highest-density one of each peak where there are several."""
    if row.intervals:
        drawn = [axis_of_draws(result, row, end).best for pair in row.intervals for end in pair]
        return list(zip(drawn[::2], drawn[1::2], strict=True))
    tail = (1.0 - result.interval.level) / 2.0
    low, high = np.quantile(axis.values, (tail, 1.0 - tail))
    return [(float(low), float(high))]


def published(result: Result) -> Figure:
    """Marginal posteriors with the published values and errors that the fit compares with."""
    found = result.published
    assert found is not None
    columns = min(3, len(found.lines))
    count = -(-len(found.lines) // columns)
    figure = Figure(figsize=(3.6 * columns, 2.6 * count + 0.5), layout="constrained")
    panels = figure.subplots(count, columns, squeeze=False).ravel()
    for panel in panels[len(found.lines) :]:
        panel.set_axis_off()
    for panel, line in zip(panels, found.lines, strict=False):
        row = result.row(line.name)
        axis = scaled(row, result.draws(line.name))
        scale = axis.best / row.best if row.best else 1.0
        best, low, high = (scale * (line.best + shift) for shift in (0.0, -line.minus, line.plus))
        panel.hist(axis.values.ravel(), bins=60, density=True, color=COLORS[0], histtype="stepfilled", alpha=0.35)
        panel.hist(axis.values.ravel(), bins=60, density=True, color=COLORS[0], histtype="step", label="here")
        panel.axvspan(low, high, color=COLORS[1], alpha=0.25, lw=0)
        panel.axvline(best, color=COLORS[1], label=found.label)
        panel.set_xlabel(axis.label)
        panel.set_yticks([])
    panels[0].legend(frameon=False, fontsize=8)
    figure.suptitle(f"{result.name}: posterior beside {found.label} (band: one standard deviation)", fontsize=11)
    return figure


def trace(result: Result) -> Figure:
    """Each sampled parameter along the chains, and the ranks of each chain among all: flat where chains agree."""
    rows = moving(result, sampled=True)
    figure = Figure(figsize=(10, 1.5 * len(rows) + 0.8), layout="constrained")
    axes = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(2, 1))
    for (left, right), row in zip(axes, rows, strict=True):
        label, values, _ = axis_of_draws(result, row)
        ranks = np.argsort(np.argsort(values.ravel())).reshape(values.shape)
        for chain, series in enumerate(values):
            look = {"color": COLORS[chain % len(COLORS)], "ls": dash(chain)}
            left.plot(series, lw=0.4, color=look["color"])
            right.hist(ranks[chain], bins=20, range=(0, values.size), histtype="step", **look)
        left.set_ylabel(label)
        left.set_xlim(0, values.shape[1])
        right.axhline(values.shape[1] / 20, color="0.5", lw=0.8)
        right.set_yticks([])
        text = f"R-hat {row.rhat or math.nan:.4f}, ESS {row.ess:.0f}" if row.ess else "one chain, or too few draws"
        box = {"fc": "white", "ec": "none", "alpha": 0.7}
        left.annotate(text, (0.99, 0.93), xycoords="axes fraction", ha="right", va="top", fontsize=8, bbox=box)
    axes[-1][0].set_xlabel("draw")
    axes[-1][1].set_xlabel("rank of the draw among all chains")
    figure.suptitle(f"{result.name}: chains")
    return figure


def correlations(results: Sequence[Result]) -> Figure:
    """Correlation coefficients of the draws of the sampled parameters, phases cut where none is; a panel for each."""
    most = max(len(moving(result, sampled=True)) for result in results)
    size = 0.62 * most + 2.4
    figure = Figure(figsize=((size + 1.0) * len(results), size), layout="constrained")
    panels = figure.subplots(1, len(results), squeeze=False)[0]
    for panel, result in zip(panels, results, strict=True):
        rows = moving(result, sampled=True)
        if len(rows) < 2:
            _checks.fail("results", "have two parameters that vary", f"{result.name} has {len(rows)}")
        drawn = [axis_of_draws(result, row) for row in rows]
        matrix = np.corrcoef(np.stack([axis.values.ravel() for axis in drawn]))
        image = panel.imshow(matrix, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
        for (i, j), value in np.ndenumerate(matrix):
            style = {"color": "white" if abs(value) > _DARK else "black", "fontsize": 8 if len(rows) < _MANY else 5}
            panel.text(j, i, f"{value:+.2f}", ha="center", va="center", **style)
        labels = [axis.label.partition(" [")[0] for axis in drawn]
        panel.set_xticks(range(len(rows)), labels, rotation=60, ha="right", rotation_mode="anchor")
        panel.set_yticks(range(len(rows)), labels)
        panel.set_title(f"{result.name}: correlations", fontsize=11)
        figure.colorbar(image, ax=panel, label="correlation coefficient", shrink=0.8)
    return figure
