"""Figures of profile likelihoods that follow their contours, in physical units."""

from collections.abc import Sequence

import numpy as np

from nmmjax.infer import Survey, region
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE, ticks_inside
from nmmjax.quantities import Quantity

_REGIONS = ("#7fb2d5", "#b3d1e6", "#dcebf5")
_ABOVE = 1.25
"""A curve is drawn up to this many times its highest level."""


def surveyed(
    found: Survey, quantities: Sequence[Quantity], *, best: Sequence[float], levels: Sequence[float], title: str
) -> Figure:
    """Delta chi^2 of one number, or regions of two, with the maximum; points that have failed leave gaps.

    **Arguments:** the survey; the quantities of its axes; their values at the maximum; confidence levels, ascending.
    """
    figure = Figure(figsize=(5.4, 4.2), layout="constrained")
    axes = figure.subplots()
    heights = [region(level, len(quantities)) for level in levels]
    if len(quantities) == 1:
        _curve(axes, found, heights, levels)
    else:
        _regions(axes, found, heights, levels)
    if len(quantities) == 2:
        axes.plot(best[0], best[1], "k+", ms=9, label="maximum")
        axes.set_ylabel(quantities[1].label)
        axes.set_yscale("log" if found.axes[1].logarithmic else "linear")
        axes.set_ylim(found.axes[1].low, found.axes[1].high)
    axes.set_xlabel(quantities[0].label)
    axes.set_xscale("log" if found.axes[0].logarithmic else "linear")
    axes.set_xlim(found.axes[0].low, found.axes[0].high)
    axes.set_title(f"{title}: profile likelihood", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)
    return figure


def _curve(axes: Axes, found: Survey, heights: Sequence[float], levels: Sequence[float]) -> None:
    x, y = found.values[:, 0], found.delta_chi2
    axes.plot(x, y, color=SAFE[0], lw=1.6)
    for k, (height, level) in enumerate(zip(heights, levels, strict=True)):
        style = ("--", "-.", ":")[k % 3]
        axes.axhline(height, color="0.5", lw=0.8, ls=style, label=_words(level, height))
        for end in (end for ends in found.regions(height) for end in ends if np.isfinite(end)):
            axes.plot(end, height, "o", ms=4, color=SAFE[0])
    axes.set(ylabel=r"$\Delta\chi^2$", ylim=(0.0, _ABOVE * heights[-1]))


def _regions(axes: Axes, found: Survey, heights: Sequence[float], levels: Sequence[float]) -> None:
    (x, y), values = found.lattice, np.ma.masked_invalid(found.profile.delta_chi2.T)
    if not np.any(values < heights[-1]):
        return
    axes.contourf(x, y, values, levels=[-1e-6, *heights], colors=_REGIONS[: len(heights)])
    axes.contour(x, y, values, levels=heights, colors=[SAFE[0]], linewidths=1.0)
    for color, height, level in zip(_REGIONS, heights, levels, strict=False):
        axes.plot([], [], "s", color=color, label=_words(level, height))


def _words(level: float, height: float) -> str:
    return rf"{100.0 * level:.4g} %: $\Delta\chi^2$ = {height:.2f}"
