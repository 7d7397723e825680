"""Results -> figures. Every function takes a saved result and returns a matplotlib figure."""

import json
import math
import warnings
from pathlib import Path
from typing import Any

import corner as corner_package
import matplotlib
import numpy as np
import xarray
from matplotlib.figure import Figure

from nmmjax._files import atomic
from nmmjax.quantities import Quantity
from nmmjax.results import Saved

_COLORS = tuple(matplotlib.color_sequences["tab10"])
_BAND = _COLORS[0]
_RESOLUTION = 150
_TWO_DIMENSIONAL = {"68.27 %": 2.2957, "95.45 %": 6.1801, "99.73 %": 11.8292}
"""Delta chi^2 of the regions of one, two and three standard deviations in two parameters."""


def draw_all(saved: Saved, folder: Path) -> list[Path]:
    """Draw every figure the result has data for, and return where they are."""
    figures: dict[str, Figure] = {}
    if "posterior" in saved.groups:
        figures["corner"] = corner(saved)
        figures["trace"] = trace(saved)
    for name in _drawn_experiments(saved):
        figures[f"spectrum_{name}"] = spectrum(saved, name)
    if "profile" in saved.groups:
        figures |= {f"contour_{pair}": contour(saved, str(pair)) for pair in saved.groups["profile"].data_vars}
    return [write(figure, folder / f"{name}.png") for name, figure in figures.items()]


def write(figure: Figure, path: Path) -> Path:
    """Save a figure, whole or not at all."""
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=_RESOLUTION)
    return path


def _moving(saved: Saved) -> list[dict[str, Any]]:
    """Sampled scalar parameters."""
    return [row for row in saved.summary["parameters"] if row["sampled"] and row["rhat"] is not None]


def _draws(saved: Saved, row: dict[str, Any]) -> np.ndarray:
    """(chain, draw) of one row of the table; a phase is unwrapped around its circular mean."""
    name, *indices = row["name"].replace("]", "").split("[")
    values = saved.groups["posterior"][name].values[(..., *map(int, indices))]
    if row["circular"]:
        values = row["mean"] + np.remainder(values - row["mean"] + math.pi, 2 * math.pi) - math.pi
    return values


def _label(row: dict[str, Any]) -> str:
    return Quantity(row["symbol"], row["unit"]).label


def corner(saved: Saved) -> Figure:
    """Marginal posteriors of all sampled parameters, one by one and in pairs, with the maximum marked."""
    rows = _moving(saved)
    samples = np.stack([_draws(saved, row).ravel() for row in rows], axis=-1)
    size = 2.1 * len(rows) + 0.9
    figure = Figure(figsize=(size, size), layout=None)
    with warnings.catch_warnings():
        # corner warns of contours it cannot place where a marginal is very narrow; the points are drawn all the same
        warnings.filterwarnings("ignore", message="Too few points to create valid contours")
        corner_package.corner(
            samples,
            labels=[_label(row) for row in rows],
            truths=[_near(row["best"], row) for row in rows],
            truth_color=_COLORS[3],
            color=_COLORS[0],
            bins=40,
            smooth=1.0,
            smooth1d=1.0,
            levels=(0.6827, 0.9545),
            fill_contours=True,
            plot_datapoints=False,
            labelpad=0.12,
            label_kwargs={"fontsize": 11},
            max_n_ticks=4,
            fig=figure,
        )
    level = f"{saved.summary['interval']['level']:.0%}"
    text = "\n".join(
        [saved.summary["name"], "contours: 68 %, 95 %; lines: maximum", *(_quoted(row) for row in rows), f"({level} intervals)"]
    )
    figure.text(0.98, 0.98, text, ha="right", va="top", fontsize=11, linespacing=1.6)
    return figure


def _quoted(row: dict[str, Any]) -> str:
    return f"{_label(row)}: {row['mean']:.4g}  [{row['low']:.4g}, {row['high']:.4g}]"


def _near(value: float, row: dict[str, Any]) -> float:
    """The branch of a phase that lies within pi of its circular mean."""
    return value if not row["circular"] else row["mean"] + math.remainder(value - row["mean"], 2 * math.pi)


def trace(saved: Saved) -> Figure:
    """Each sampled parameter along the chains, and the ranks of each chain among all: flat where chains agree."""
    rows = _moving(saved)
    figure = Figure(figsize=(10, 1.5 * len(rows) + 0.8), layout="constrained")
    axes = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(2, 1))
    for (left, right), row in zip(axes, rows, strict=True):
        values = _draws(saved, row)
        ranks = np.argsort(np.argsort(values.ravel())).reshape(values.shape)
        for chain, color in zip(range(len(values)), _COLORS * len(values), strict=False):
            left.plot(values[chain], lw=0.4, color=color)
            right.hist(ranks[chain], bins=20, range=(0, values.size), histtype="step", color=color)
        left.set_ylabel(_label(row))
        left.set_xlim(0, values.shape[1])
        right.axhline(values.shape[1] / 20, color="0.5", lw=0.8, ls="--")
        right.set_yticks([])
        left.annotate(f"R-hat {row['rhat']:.4f}, ESS {row['ess']:.0f}", (0.99, 0.93), xycoords="axes fraction", ha="right",
                      va="top", fontsize=8, bbox={"fc": "white", "ec": "none", "alpha": 0.7})  # fmt: skip
    axes[-1][0].set_xlabel("draw")
    axes[-1][1].set_xlabel("rank of the draw among all chains")
    figure.suptitle(f"{saved.summary['name']}: chains")
    return figure


def _drawn_experiments(saved: Saved) -> list[str]:
    return [str(name) for name in saved.groups.get("observed_data", xarray.Dataset()).data_vars]


def spectrum(saved: Saved, name: str) -> Figure:
    """Data of a binned experiment with the band of expectations under the posterior, and their ratio below."""
    observed = saved.groups["observed_data"][name]
    panels = json.loads(observed.attrs["panels"])
    edges = saved.groups["constant_data"][f"{name}_edges"].values
    shape = (len(panels), len(edges) - 1)
    data = observed.values.reshape(shape)
    errors = saved.groups["constant_data"][f"{name}_errors"].values.reshape(shape)
    predictions = saved.groups["posterior_predictive"][name].values.reshape(-1, *shape)
    low, middle, high = np.quantile(predictions, (0.16, 0.5, 0.84), axis=0)
    figure = Figure(figsize=(4.2 * len(panels), 5.2), layout="constrained")
    axes = figure.subplots(2, len(panels), squeeze=False, sharex=True, height_ratios=(2, 1))
    centers, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    for i, panel in enumerate(panels):
        top, bottom = axes[0][i], axes[1][i]
        top.stairs(middle[i] / widths, edges, color=_BAND, label="expectation, posterior median")
        top.errorbar(centers, data[i] / widths, errors[i] / widths, fmt="k.", ms=4, lw=0.8, label="data")
        bottom.stairs(high[i] / middle[i], edges, baseline=low[i] / middle[i], color=_BAND, alpha=0.4, fill=True,
                      label="68 % of expectations")  # fmt: skip
        bottom.errorbar(centers, data[i] / middle[i], errors[i] / middle[i], fmt="k.", ms=4, lw=0.8)
        bottom.axhline(1.0, color="0.5", lw=0.8)
        spread = 1.15 * np.max(np.abs(data[i] / middle[i] - 1) + errors[i] / middle[i])
        bottom.set_ylim(1 - spread, 1 + spread)
        top.set_title(panel)
        bottom.set_xlabel(observed.attrs["axis"])
        top.set_ylim(bottom=0)
    axes[0][0].set_ylabel("events per unit of the axis")
    axes[1][0].set_ylabel("data / expectation")
    axes[0][-1].legend(frameon=False, fontsize=8)
    axes[1][-1].legend(frameon=False, fontsize=8)
    figure.suptitle(f"{saved.summary['name']}: {name}")
    return figure


def contour(saved: Saved, pair: str) -> Figure:
    """Regions of a two-dimensional profile likelihood, with the maximum."""
    profile = saved.groups["profile"][pair]
    quantities = {row["name"]: row for row in saved.summary["parameters"]}
    y_name, x_name = profile.attrs["names"].split(",")
    x, y = (saved.groups["profile"][f"{pair}_{name}"].values for name in (x_name, y_name))
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    levels = list(_TWO_DIMENSIONAL.values())
    axes.contourf(x, y, profile.values, levels=[0.0, *levels], colors=[_BAND], alpha=0.18)
    drawn = axes.contour(x, y, profile.values, levels=levels, colors=[_BAND], linewidths=(1.6, 1.1, 0.7))
    axes.clabel(drawn, fmt=dict(zip(levels, _TWO_DIMENSIONAL, strict=True)), fontsize=8)
    axes.plot(quantities[x_name]["best"], quantities[y_name]["best"], "k+", ms=9, label="maximum")
    axes.set_xlabel(_label(quantities[x_name]))
    axes.set_ylabel(_label(quantities[y_name]))
    axes.legend(frameon=False)
    axes.set_title(f"{saved.summary['name']}: profile likelihood")
    return figure
