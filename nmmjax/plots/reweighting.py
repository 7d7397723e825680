"""A posterior with other priors beside that of the run."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax.plots._axes import readable
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE, ticks_inside
from nmmjax.quantities import Quantity
from nmmjax.results import Reweighted, Row
from nmmjax.results.reweighting import density
from nmmjax.space import names_of

_MOST, _COLUMNS, _BINS = 6, 3, 40
_MANY_SCALES = 8.0
"""A positive number whose draws span more than this factor has a logarithmic axis."""


class _Scale(NamedTuple):
    """How a number is drawn."""

    edges: Float[np.ndarray, " edges"]
    """Of the bins, in its own unit."""
    logarithmic: bool
    factor: float
    """Of the unit of the axis."""
    label: str

    @property
    def centers(self) -> Float[np.ndarray, " bins"]:
        """Of the bins, in its own unit."""
        one, other = self.edges[:-1], self.edges[1:]
        return np.sqrt(one * other) if self.logarithmic else 0.5 * (one + other)

    @property
    def widths(self) -> Float[np.ndarray, " bins"]:
        """As they are drawn."""
        return np.diff(np.log(self.edges)) if self.logarithmic else np.diff(self.edges) / self.factor

    def drawn(self, log_density: Float[np.ndarray, " n"], at: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """A density of the number as one by what is drawn."""
        return np.exp(log_density) * (at if self.logarithmic else self.factor)


def reweighted(found: Reweighted) -> Figure:
    """Of each parameter with a new prior: posteriors (steps) and priors (lines), old ones gray, new ones dark.

    Priors are drawn as far as the draws reach, old ones where there are draws. On a logarithmic axis, densities are
    those of the logarithm.
    """
    rows = [row for row in found.result.parameters if row.sampled and _changed(found, row) is not None][:_MOST]
    columns = min(len(rows), _COLUMNS)
    lines = -(-len(rows) // columns)
    figure = Figure(figsize=(4.2 * columns + 0.6, 3.2 * lines + 0.7), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, row in zip(panels, rows, strict=False):
        _panel(axes, found, row)
    for axes in panels[len(rows) :]:
        axes.set_axis_off()
    panels[0].legend(frameon=False, fontsize=8)
    record = found.record
    left = f"{record.ess:.0f} effective draws of {record.draws}"
    figure.suptitle(f"{found.result.name}: other priors ({left})", fontsize=10)
    return figure


def _changed(found: Reweighted, row: Row) -> str | None:
    """The parameter with a new prior to which a line of the table belongs."""
    return next((name for name in names_of(row.name) if name in found.priors), None)


def _panel(axes: Axes, found: Reweighted, row: Row) -> None:
    values = found.result.draws(row.name).ravel()
    scale = _scale(row, values)
    equal = np.full(values.size, 1.0 / values.size)
    x = scale.edges / scale.factor
    for weights, look in ((equal, {"color": "0.75", "fill": True}), (found.weights.ravel(), {"color": "k", "lw": 1.5})):
        heights = np.histogram(values, scale.edges, weights=weights)[0] / scale.widths
        axes.stairs(heights, x, label="old posterior" if look.get("fill") else "new posterior", **look)
    name = _changed(found, row)
    if name is not None and name == row.name.partition("[")[0]:  # parts of complex numbers have no prior of their own
        _priors(axes, found, row, name, scale)
    axes.set(ylabel="density", xlabel=scale.label, xscale="log" if scale.logarithmic else "linear", xlim=(x[0], x[-1]))
    axes.set_yticks([])
    axes.set_ylim(bottom=0.0)
    ticks_inside(axes)


def _priors(axes: Axes, found: Reweighted, row: Row, name: str, scale: _Scale) -> None:
    old = found.result.groups["log_prior"][name].values
    if old.ndim > 2 and row.name != name:
        index = tuple(map(int, row.name.partition("[")[2].rstrip("]").split(",")))
        old = old[(..., *index)]
    values = found.result.draws(row.name).ravel()
    place = np.argsort(values)[np.linspace(0, values.size - 1, min(200, values.size)).astype(int)]
    axes.plot(
        values[place] / scale.factor,
        scale.drawn(old.ravel()[place], values[place]),
        color="0.45",
        ls="--",
        label="old prior",
    )
    prior = found.priors[name]
    at = scale.centers
    look = {"color": SAFE[1], "ls": "-.", "lw": 1.5, "label": "new prior"}
    axes.plot(at / scale.factor, scale.drawn(density(prior, at), at), **look)


def _scale(row: Row, values: np.ndarray) -> _Scale:
    low, high = float(values.min()), float(values.max())
    if low > 0.0 and high > _MANY_SCALES * low and not row.circular:
        return _Scale(np.geomspace(low, high, _BINS + 1), True, 1.0, Quantity(row.symbol, row.unit).label)
    factor, unit = readable(max(abs(low), abs(high)), row.unit)
    low, high = (-math.pi, math.pi) if row.circular else (low, high)
    return _Scale(np.linspace(low, high, _BINS + 1), False, factor, Quantity(row.symbol, unit).label)
