"""Two hypotheses by their toys, and coverage of intervals over true values."""

import numpy as np
from scipy.stats import norm

from nmmjax.infer import Discrimination, Scan
from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import color, ticks_inside
from nmmjax.quantities import Quantity

_WIDTH, _HEIGHT, _BINS = 5.6, 3.9, 50


def discrimination(found: Discrimination, title: str) -> Figure:
    """The statistic T of toys of both hypotheses, beside normal distributions around that without fluctuations.

    Where one hypothesis contains the other, toys of the latter crowd at zero: densities are logarithmic, and no T is
    normal.
    """
    figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    everything = np.concatenate(found.statistic)
    edges = np.histogram_bin_edges(everything, _BINS)
    fine = np.linspace(edges[0], edges[-1], 400)
    for place, name in enumerate(found.names):
        heights = np.histogram(found.statistic[place], edges, density=True)[0]
        axes.stairs(heights, edges, fill=True, alpha=0.3, color=color(place), label=f"toys of {name}")
        mean = found.expected[place]
        if not found.nested:
            width = 2.0 * np.sqrt(abs(mean))
            axes.plot(fine, norm.pdf(fine, mean, width), "--", color=color(place), label=r"N$(T_0, 2\sqrt{|T_0|})$")
    axes.axvline(found.observed, color="k", lw=1.2, label="data")
    if found.nested:
        axes.set_yscale("log")
    first, second = found.names
    axes.set(xlabel=rf"$T$ = $\chi^2$({second}) $-$ $\chi^2$({first})", ylabel="density", xlim=(edges[0], edges[-1]))
    axes.set_title(f"{title}: {found.number} toys of each", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)
    return figure


def coverage(found: Scan, quantity: Quantity, title: str) -> Figure:
    """How often interval, limit and band cover the true value, beside the confidence level; bars are one error."""
    figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    rows = (
        (found.interval, "profile, two-sided", "o-"),
        (found.limit, "profile, upper limit", "s--"),
        (found.band, "Feldman and Cousins", "^-"),
    )
    for place, (shares, words, style) in enumerate(rows):
        values, errors = np.transpose([(share.value, share.error) for share in shares])
        axes.errorbar(found.grid, values, errors, fmt=style, ms=4, lw=1.0, color=color(place), label=words)
    axes.axhline(found.level, color="0.4", lw=0.8)
    axes.set(xlabel=f"true {quantity.label}", ylabel=f"coverage ({100 * found.level:.4g} % asked)")
    axes.set_title(f"{title}: {found.number} toys at each value", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)
    return figure
