"""Oscillation probabilities with bands of posteriors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from nmmjax.plots._matplotlib import Axes, Figure, FuncFormatter
from nmmjax.plots._style import color, dash, ticks_inside

_HATCHES = ("", "////", "....", "xxxx")
_GEV = 1000.0
_PLAIN = FuncFormatter(lambda value, _: f"{value:g}")
_FIRST = FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "235" else "")
"""Of minor ticks those with 2, 3 or 5 are named."""


class Bands(NamedTuple):
    """What a result leaves of one probability."""

    label: str
    best: Float[np.ndarray, " n"]
    """At the maximum."""
    quantiles: Float[np.ndarray, "4 n"]
    """2.5, 16, 84 and 97.5 % of the posterior."""


class Panel(NamedTuple):
    """One channel."""

    title: str
    energy: Float[np.ndarray, " n"]
    """[MeV]."""
    baseline: float
    """[km]."""
    bands: tuple[Bands, ...]


def probabilities(panels: Sequence[Panel]) -> Figure:
    """One panel for each channel, L/E above: bands of 68 % and 95 % and the maximum of each result."""
    figure = Figure(figsize=(5.4 * len(panels), 4.6), layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _panel(axes, panel)
    return figure


def _panel(axes: Axes, panel: Panel) -> None:
    unit, scale = ("GeV", _GEV) if panel.energy[-1] > _GEV else ("MeV", 1.0)
    x = panel.energy / scale
    for number, band in enumerate(panel.bands):
        look = {"fc": color(number), "hatch": _HATCHES[number % len(_HATCHES)], "ec": color(number), "lw": 0.0}
        outer, inner = band.quantiles[[0, 3]], band.quantiles[[1, 2]]
        axes.fill_between(x, *outer, alpha=0.2, **look)
        axes.fill_between(x, *inner, alpha=0.4, **look)
        axes.plot(x, band.best, color="black", ls=dash(number), lw=1.3, label=band.label)
    axes.set(xscale="log", xlabel=f"energy [{unit}]", ylabel="probability", xlim=(x[0], x[-1]), title=panel.title)

    def turned(values: ArrayLike) -> np.ndarray:
        """L/E of an energy in the unit of the axis, and the energy of L/E; matplotlib asks at zero, too."""
        return panel.baseline / np.maximum(values, 1e-9)

    above = axes.secondary_xaxis("top", functions=(turned, turned))
    above.set_xlabel(f"$L/E$ [km/{unit}]")
    for axis in (axes.xaxis, above.xaxis):
        axis.set_major_formatter(_PLAIN)
        axis.set_minor_formatter(_FIRST)
    axes.set_ylim(0.0, 1.25 * max(band.quantiles[3].max() for band in panel.bands))
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    ticks_inside(axes)
