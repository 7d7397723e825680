"""Figures of binned data beside their expectations."""

import numpy as np

from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import COLORS
from nmmjax.results import Result

_MANY = 1e3
"""Events per unit above which they are counted in thousands."""
_ACROSS = 4
"""Panels beside each other."""
_BAND = COLORS[0]


def spectrum(result: Result, name: str) -> Figure:
    """Data of a binned experiment with the band of expectations under the posterior, and their ratio below.

    Events are drawn by unit of the axis; what is no number of events (a ratio, a rate) as it is.
    """
    drawn = next(spectrum for spectrum in result.spectra if spectrum.name == name)
    panels, all_edges = drawn.panels, drawn.edges
    all_data, all_errors = drawn.split(drawn.observed), drawn.split(drawn.errors)
    bands = drawn.split(np.quantile(drawn.expected, (0.16, 0.5, 0.84), axis=0))
    across = min(len(panels), _ACROSS)
    lines = -(-len(panels) // across)
    figure = Figure(figsize=(4.2 * across, 5.2 * lines), layout="constrained")
    grid = figure.subplots(2 * lines, across, squeeze=False, height_ratios=(2, 1) * lines)
    axes = [(grid[2 * line, k], grid[2 * line + 1, k]) for line in range(lines) for k in range(across)]
    for top, bottom in axes:
        top.sharex(bottom)
        top.tick_params(labelbottom=False)
    for unused in axes[len(panels) :]:
        for panel in unused:
            panel.set_axis_off()
    axes = axes[: len(panels)]
    counted = drawn.quantity == "events"
    many = counted and max(np.max(n / np.diff(edges)) for n, edges in zip(all_data, all_edges, strict=True)) > _MANY
    scale, events = (1e-3, "thousand events") if many else (1.0, "events")
    columns = zip(axes, panels, all_edges, all_data, all_errors, bands, strict=True)
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
    for top, bottom in axes[::across]:
        top.set_ylabel(f"{events} per {drawn.unit}" if counted else drawn.quantity)
        bottom.set_ylabel("data / expectation")
    for panel in axes[-1]:
        panel.legend(frameon=False, fontsize=8)
    figure.suptitle(f"{result.name}: {name}")
    return figure
