"""Figures of binned data beside their expectations."""

import numpy as np

from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import COLORS
from nmmjax.results import Result

_MANY = 1e3
"""Events per unit above which they are counted in thousands."""
_BAND = COLORS[0]


def spectrum(result: Result, name: str) -> Figure:
    """Data of a binned experiment with the band of expectations under the posterior, and their ratio below.

    Events are drawn by unit of the axis; what is no number of events (a ratio, a rate) as it is.
    """
    drawn = next(spectrum for spectrum in result.spectra if spectrum.name == name)
    panels, all_edges = drawn.panels, drawn.edges
    all_data, all_errors = drawn.split(drawn.observed), drawn.split(drawn.errors)
    bands = drawn.split(np.quantile(drawn.expected, (0.16, 0.5, 0.84), axis=0))
    figure = Figure(figsize=(4.2 * len(panels), 5.2), layout="constrained")
    axes = figure.subplots(2, len(panels), squeeze=False, sharex="col", height_ratios=(2, 1))
    counted = drawn.quantity == "events"
    many = counted and max(np.max(n / np.diff(edges)) for n, edges in zip(all_data, all_edges, strict=True)) > _MANY
    scale, events = (1e-3, "thousand events") if many else (1.0, "events")
    columns = zip(axes.T, panels, all_edges, all_data, all_errors, bands, strict=True)
    for (top, bottom), panel, edges, data, errors, (low, middle, high) in columns:
        centers = (edges[1:] + edges[:-1]) / 2
        widths = np.diff(edges) if counted else np.ones(len(edges) - 1)
        top.stairs(scale * middle / widths, edges, color=_BAND, label="expectation, posterior median")
        shown = scale * np.stack([data, errors]) / widths
        top.errorbar(centers, *shown, fmt="k.", ms=4, lw=0.8, label="data, statistical errors")
        bottom.stairs(high / middle, edges, baseline=low / middle, color=_BAND, alpha=0.4, fill=True,
                      label="68 % of expectations")  # fmt: skip
        bottom.errorbar(centers, data / middle, errors / middle, fmt="k.", ms=4, lw=0.8)
        bottom.axhline(1.0, color="0.5", lw=0.8)
        spread = 1.15 * np.max(np.abs(data / middle - 1) + errors / middle)
        bottom.set_ylim(1 - spread, 1 + spread)
        top.set_title(panel)
        bottom.set_xlabel(f"{drawn.axis} [{drawn.unit}]")
        top.set_ylim(bottom=0)
    axes[0][0].set_ylabel(f"{events} per {drawn.unit}" if counted else drawn.quantity)
    axes[1][0].set_ylabel("data / expectation")
    axes[0][-1].legend(frameon=False, fontsize=8)
    axes[1][-1].legend(frameon=False, fontsize=8)
    figure.suptitle(f"{result.name}: {name}")
    return figure
