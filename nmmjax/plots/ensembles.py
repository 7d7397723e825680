"""What toys and calibrations have counted."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import chdtr

from nmmjax.infer import Band, Calibration, ClsPlane, Toys, chi2_quantile
from nmmjax.infer.calibration import DRAWS, band
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import color, ticks_inside
from nmmjax.results import band_level

_WIDTH, _HEIGHT, _COLUMNS = 4.2, 3.2, 3
_BINS = 40
_NAMED = 4
"""So many lines of a panel are named."""


def toys(found: Toys) -> Figure:
    """For each test the distribution of Delta chi^2 beside that of chi^2, and how often which level covers the truth.

    The shade around coverage is one standard deviation of the finite number of toys.
    """
    rows = max(len(found.tests), 1)
    figure = Figure(figsize=(2 * _WIDTH, rows * _HEIGHT), layout="constrained")
    panels = figure.subplots(rows, 2, squeeze=False)
    for (left, right), test in zip(panels, range(len(found.tests)), strict=False):
        _distribution(left, found, test)
        _coverage(right, found, test)
    if not found.tests:
        _descriptions(panels[0, 0], found)
        panels[0, 1].set_axis_off()
    return figure


def _distribution(axes: Axes, found: Toys, test: int) -> None:
    values, degrees = found.delta_chi2[:, test], len(found.tests[test].labels)
    end = max(chi2_quantile(0.999, degrees), 1.05 * float(np.quantile(values, 0.995)))
    edges = np.linspace(0.0, end, _BINS + 1)
    axes.hist(
        values,
        edges.tolist(),
        weights=np.full(len(values), 1.0 / len(values)),
        histtype="step",
        color=color(0),
        label="toys",
    )
    expected = np.diff(chdtr(degrees, edges))
    axes.stairs(expected, edges, color=color(1), ls="--", label=rf"$\chi^2$, {degrees} degree{'s' * (degrees > 1)}")
    axes.set(yscale="log", xlabel=r"$\Delta\chi^2$ of the truth", ylabel="share of toys", xlim=(0.0, end))
    axes.set_title(str(found.tests[test]), loc="left", fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)


def _coverage(axes: Axes, found: Toys, test: int) -> None:
    levels = np.linspace(0.02, 0.99, 98)
    shares = [found.coverage(test, level) for level in levels.tolist()]
    excess = np.array([share.value for share in shares]) - levels
    error = np.array([share.error for share in shares])
    axes.axhline(0.0, color="0.5", lw=0.8)
    axes.fill_between(levels, excess - error, excess + error, color=color(0), alpha=0.25, lw=0)
    axes.plot(levels, excess, color=color(0))
    axes.set(xlim=(0.0, 1.0), xlabel="confidence level", ylabel="coverage - level")
    axes.set_title(f"{found.number} toys", loc="left", fontsize=9)
    ticks_inside(axes)


def _descriptions(axes: Axes, found: Toys) -> None:
    """chi^2 at the maxima, where nothing is tested."""
    axes.hist(found.chi2.sum(axis=1), _BINS, histtype="step", color=color(0))
    axes.set(xlabel=r"$\chi^2$ at the maximum", ylabel="toys")
    ticks_inside(axes)


def feldman_cousins(found: Band) -> Figure:
    """Delta chi^2 of the data and the value that toys at each point ask for; the band is where the former is lower."""
    (name,), (grid,) = found.names, found.grids
    figure = Figure(figsize=(_WIDTH * 1.3, _HEIGHT * 1.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(grid, found.delta_chi2, color=color(0), label="data")
    axes.plot(grid, found.critical, "o-", ms=3, color=color(1), label=f"toys, {100 * found.level:.4g} %")
    axes.axhline(chi2_quantile(found.level, len(found.names)), color="0.5", ls="--", lw=0.8, label=r"$\chi^2$")
    for low, high in found.intervals:
        axes.axvspan(low, high, color=color(1), alpha=0.12, lw=0)
    axes.set(xlabel=name, ylabel=r"$\Delta\chi^2$", ylim=(0.0, 2.5 * float(np.max(found.critical))))
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)
    return figure


def feldman_cousins_plane(found: Band, excluded: ClsPlane | None, labels: Sequence[str], *, title: str) -> Figure:
    """The band of two numbers (filled) beside the contour by chi^2, and what CLs excludes (hatched)."""
    (x, y), chi2 = found.grids, np.maximum(found.delta_chi2.T, 0.0)
    figure = Figure(figsize=(_WIDTH * 1.3, _HEIGHT * 1.3), layout="constrained")
    axes, percent = figure.subplots(), f"{100 * found.level:.4g} %"
    apart = np.sqrt(chi2) - np.sqrt(found.critical.T)
    axes.contourf(x, y, apart, levels=[-1e9, 0.0], colors=[color(0)], alpha=0.3)
    axes.contour(x, y, apart, levels=[0.0], colors=[color(0)])
    axes.contour(x, y, chi2, levels=[chi2_quantile(found.level, 2)], colors=["0.3"], linestyles="--")
    axes.plot([], [], color=color(0), label=f"Feldman and Cousins, {percent}")
    axes.plot([], [], "--", color="0.3", label=rf"$\chi^2$, {percent}")
    if excluded is not None:
        axes.contourf(x, y, excluded.cls.T, levels=[-1.0, 1.0 - found.level], colors="none", hatches=["///"])
        axes.contour(x, y, excluded.cls.T, levels=[1.0 - found.level], colors=[color(1)])
        axes.plot([], [], color=color(1), label=f"excluded by CLs, {percent} (hatched)")
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.set_title(title, fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)
    return figure


def calibrations(found: Mapping[str, Calibration]) -> Figure:
    """A panel for each of several calibrations: ranks of all numbers less uniform ones, and the band they share."""
    columns = min(len(found), _COLUMNS if len(found) > 4 else 2)
    rows = math.ceil(len(found) / columns)
    figure = Figure(figsize=(columns * _WIDTH, rows * _HEIGHT), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    level = np.arange(1, DRAWS + 2) / (DRAWS + 1)
    for axes, (name, one) in zip(panels, found.items(), strict=False):
        low, high = band(one.number, band_level(len(one.labels)))
        axes.fill_between(level, low - level, high - level, step="mid", color="0.88", lw=0)
        for place, label in enumerate(one.labels):
            shown = label if len(one.labels) <= _NAMED else None
            axes.step(level, one.distribution(place) - level, where="mid", lw=1.0, color=color(place), label=shown)
        axes.set(xlim=(0.0, 1.0), xlabel="rank / draws", ylabel="distribution - uniform")
        axes.set_title(f"{name}: {one.number} toys, {len(one.labels)} numbers", loc="left", fontsize=9)
        if len(one.labels) <= _NAMED:
            axes.legend(frameon=False, fontsize=7)
        ticks_inside(axes)
    for axes in panels[len(found) :]:
        axes.set_axis_off()
    return figure


def calibration(found: Calibration) -> Figure:
    """Of each number the distribution of its ranks less a uniform one; in bands all of all numbers lie with 95 %."""
    columns = min(len(found.labels), _COLUMNS)
    rows = math.ceil(len(found.labels) / columns)
    figure = Figure(figsize=(columns * _WIDTH, rows * _HEIGHT), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    level = np.arange(1, DRAWS + 2) / (DRAWS + 1)
    low, high = band(found.number, band_level(len(found.labels)))
    for place, (axes, label) in enumerate(zip(panels, found.labels, strict=False)):
        axes.fill_between(level, low - level, high - level, step="mid", color="0.85", lw=0)
        axes.step(level, found.distribution(place) - level, where="mid", color=color(0))
        axes.set(xlim=(0.0, 1.0), xlabel="rank / draws", ylabel="distribution - uniform")
        axes.set_title(f"{label} (p = {found.p_value(place):.2g})", loc="left", fontsize=9)
        ticks_inside(axes)
    for axes in panels[len(found.labels) :]:
        axes.set_axis_off()
    return figure
