"""Results -> figures. Every function takes a saved result and returns a matplotlib figure."""

import json
import math
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import corner as corner_package
import numpy as np
import xarray
from matplotlib.figure import Figure

from nmmjax.infer.limits import ONE_SIDED, TWO_SIDED
from nmmjax.plots._style import COLORS, write
from nmmjax.quantities import Quantity
from nmmjax.results import Saved
from nmmjax.space import wrapped

_MANY = 1e3
"""Events per unit above which they are counted in thousands."""
_BAND = COLORS[0]
_REGIONS = ("#7fb2d5", "#b3d1e6", "#dcebf5")
HIGHEST = 12.0
"""Delta chi^2 up to which a profile is drawn."""
_MANY_SCALES = 8.0
"""A positive quantity whose draws span more than this factor is drawn as a logarithm..."""
_UPWARD = 2.5
"""...if they reach up by more than this factor from their median: others stand on zero."""
TWO_DIMENSIONAL = {"68.27 %": 2.2957, "95.45 %": 6.1801, "99.73 %": 11.8292}
"""Delta chi^2 of the regions of one, two and three standard deviations in two parameters."""


def draw_all(saved: Saved, folder: Path) -> list[Path]:
    """Draw every figure the result has data for, and return where they are."""
    figures: dict[str, Figure] = {}
    if "posterior" in saved.groups:
        figures["corner"] = corner(saved)
        figures["trace"] = trace(saved)
        if _moving(saved, sampled=False):
            figures["derived"] = derived(saved)
        if saved.summary.get("beside"):
            figures["beside"] = beside(saved)
    for name in _drawn_experiments(saved):
        figures[f"spectrum_{name}"] = spectrum(saved, name)
    for name, values in saved.groups.get("profile", xarray.Dataset()).data_vars.items():
        if values.ndim == 1:
            figures[f"profile_{name}"] = profile(saved, str(name))
        else:
            figures[f"contour_{name}"] = contour(saved, str(name))
    return [write(figure, folder / f"{name}.png") for name, figure in figures.items()]


def _moving(saved: Saved, *, sampled: bool) -> list[dict[str, Any]]:
    """Rows of the table that vary: sampled parameters, or derived quantities."""
    return [row for row in saved.summary["parameters"] if row["sampled"] == sampled and row["rhat"] is not None]


def _in_corner(saved: Saved) -> list[dict[str, Any]]:
    """The quantities that the fit wants in its corner figure, else all that were sampled."""
    rows = {row["name"]: row for row in saved.summary["parameters"] if row["rhat"] is not None}
    return [rows[name] for name in saved.summary.get("corner", ()) if name in rows] or _moving(saved, sampled=True)


class _Axis(NamedTuple):
    """How a quantity is drawn: as it is, as its decadic logarithm, or as a phase unwrapped around its mean."""

    label: str
    values: np.ndarray
    """(chain, draw), or a grid."""
    best: float


def _axis(saved: Saved, row: dict[str, Any]) -> _Axis:
    """The draws of one row of the table."""
    name, *indices = row["name"].replace("]", "").split("[")
    values = saved.groups["posterior"][name].values[(..., *map(int, indices))]
    if row["circular"]:
        values = row["mean"] + wrapped(values - row["mean"])
    elif values.min() > 0 and row["best"] > 0 and _over_scales(values):
        unit = Quantity("", row["unit"]).tex_unit
        label = rf"$\log_{{10}}({row['symbol']}$" + (f" / {unit})" if unit else ")")
        return _Axis(label, np.log10(values), math.log10(row["best"]))
    return scaled(row, values)


def _over_scales(values: np.ndarray) -> bool:
    """Whether they spread over orders of magnitude, and not only from zero up to one size."""
    least, median, large, greatest = np.quantile(values, (0.01, 0.5, 0.95, 0.99))
    return bool(greatest > _MANY_SCALES * least and large > _UPWARD * median)


def scaled(row: dict[str, Any], values: np.ndarray) -> _Axis:
    """In units of a power of ten where the numbers are very small or large; the best value near the others."""
    center = float(np.mean(values))
    best = center + math.remainder(row["best"] - center, 2 * math.pi) if row["circular"] else row["best"]
    power = math.floor(math.log10(np.max(np.abs(values)))) if np.any(values) else 0
    if -2 <= power <= 3:
        return _Axis(Quantity(row["symbol"], row["unit"]).label, values, best)
    unit = rf"$10^{{{power}}}$ {Quantity('', row['unit']).tex_unit}".strip()
    return _Axis(Quantity(row["symbol"], unit).label, values / 10.0**power, best / 10.0**power)


def corner(saved: Saved) -> Figure:
    """Marginal posteriors one by one and in pairs, with the maximum marked."""
    rows = _in_corner(saved)
    axes = [_axis(saved, row) for row in rows]
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
    text = f"{saved.summary['name']}\nregions: 68 %, 95 % of the posterior; lines: its maximum"
    upper = {limit["name"]: limit["high"] for limit in saved.summary.get("limits", ()) if limit["high"] is not None}
    for position, row in enumerate(rows):
        if row["name"] in upper:
            panel = figure.axes[position * (len(rows) + 1)]
            panel.axvline(_axis(saved, row | {"best": upper[row["name"]]}).best, color=COLORS[1], ls="--")
    text += r"; dashed: $\Delta\chi^2$ = 2.71 of the profile" if upper else ""
    figure.suptitle(text, y=1.03, fontsize=11)
    return figure


def derived(saved: Saved) -> Figure:
    """Marginal posteriors of the derived quantities, with their intervals and their values at the maximum."""
    rows = _moving(saved, sampled=False)
    columns = min(4, len(rows))
    lines = -(-len(rows) // columns)
    figure = Figure(figsize=(3.2 * columns, 2.4 * lines + 0.4), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    tail = (1.0 - saved.summary["interval"]["level"]) / 2.0
    for panel, row in zip(panels, rows, strict=False):
        axis = _axis(saved, row)
        panel.hist(axis.values.ravel(), bins=50, density=True, color=COLORS[0], histtype="step")
        panel.axvspan(*np.quantile(axis.values, (tail, 1.0 - tail)), color=COLORS[0], alpha=0.15)
        panel.axvline(axis.best, color=COLORS[3])
        panel.set_xlabel(axis.label)
        panel.set_yticks([])
    for panel in panels[len(rows) :]:
        panel.set_axis_off()
    level = f"{saved.summary['interval']['level']:.0%} {saved.summary['interval']['kind']} interval"
    figure.suptitle(f"{saved.summary['name']}: derived quantities (shaded: {level}; line: maximum)", fontsize=11)
    return figure


def beside(saved: Saved) -> Figure:
    """Marginal posteriors with the published values and errors that the fit compares with."""
    published = saved.summary["beside"]
    rows = {row["name"]: row for row in saved.summary["parameters"]}
    columns = min(3, len(published["lines"]))
    count = -(-len(published["lines"]) // columns)
    figure = Figure(figsize=(3.6 * columns, 2.6 * count + 0.5), layout="constrained")
    panels = figure.subplots(count, columns, squeeze=False).ravel()
    for panel in panels[len(published["lines"]) :]:
        panel.set_axis_off()
    for panel, line in zip(panels, published["lines"], strict=False):
        row = rows[line["name"]]
        axis = scaled(row, np.asarray(saved.groups["posterior"][line["name"]].values))
        scale = axis.best / row["best"] if row["best"] else 1.0
        best, low, high = (scale * (line["best"] + shift) for shift in (0.0, -line["minus"], line["plus"]))
        panel.hist(axis.values.ravel(), bins=60, density=True, color=COLORS[0], histtype="stepfilled", alpha=0.35)
        panel.hist(axis.values.ravel(), bins=60, density=True, color=COLORS[0], histtype="step", label="here")
        panel.axvspan(low, high, color=COLORS[1], alpha=0.25, lw=0)
        panel.axvline(best, color=COLORS[1], label=published["label"])
        panel.set_xlabel(axis.label)
        panel.set_yticks([])
    panels[0].legend(frameon=False, fontsize=8)
    figure.suptitle(
        f"{saved.summary['name']}: posterior beside {published['label']} (band: one standard deviation)", fontsize=11
    )
    return figure


def trace(saved: Saved) -> Figure:
    """Each sampled parameter along the chains, and the ranks of each chain among all: flat where chains agree."""
    rows = _moving(saved, sampled=True)
    figure = Figure(figsize=(10, 1.5 * len(rows) + 0.8), layout="constrained")
    axes = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(2, 1))
    for (left, right), row in zip(axes, rows, strict=True):
        label, values, _ = _axis(saved, row)
        ranks = np.argsort(np.argsort(values.ravel())).reshape(values.shape)
        for chain, color in zip(range(len(values)), COLORS * len(values), strict=False):
            left.plot(values[chain], lw=0.4, color=color)
            right.hist(ranks[chain], bins=20, range=(0, values.size), histtype="step", color=color)
        left.set_ylabel(label)
        left.set_xlim(0, values.shape[1])
        right.axhline(values.shape[1] / 20, color="0.5", lw=0.8, ls="--")
        right.set_yticks([])
        text = f"R-hat {row['rhat']:.4f}, ESS {row['ess']:.0f}"
        box = {"fc": "white", "ec": "none", "alpha": 0.7}
        left.annotate(text, (0.99, 0.93), xycoords="axes fraction", ha="right", va="top", fontsize=8, bbox=box)
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
    ends = np.cumsum(json.loads(observed.attrs["bins"]))[:-1]
    all_edges = np.split(saved.groups["constant_data"][f"{name}_edges"].values, ends + np.arange(1, len(panels)))
    all_data = np.split(observed.values, ends)
    all_errors = np.split(saved.groups["constant_data"][f"{name}_errors"].values, ends)
    predictions = saved.groups["posterior_predictive"][name].values.reshape(-1, observed.size)
    bands = np.split(np.quantile(predictions, (0.16, 0.5, 0.84), axis=0), ends, axis=1)
    figure = Figure(figsize=(4.2 * len(panels), 5.2), layout="constrained")
    axes = figure.subplots(2, len(panels), squeeze=False, sharex="col", height_ratios=(2, 1))
    many = max(np.max(data / np.diff(edges)) for data, edges in zip(all_data, all_edges, strict=True)) > _MANY
    scale, events = (1e-3, "thousand events") if many else (1.0, "events")
    drawn = zip(axes.T, panels, all_edges, all_data, all_errors, bands, strict=True)
    for (top, bottom), panel, edges, data, errors, (low, middle, high) in drawn:
        centers, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
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
        bottom.set_xlabel(f"{observed.attrs['axis']} [{observed.attrs['unit']}]")
        top.set_ylim(bottom=0)
    axes[0][0].set_ylabel(f"{events} per {observed.attrs['unit']}")
    axes[1][0].set_ylabel("data / expectation")
    axes[0][-1].legend(frameon=False, fontsize=8)
    axes[1][-1].legend(frameon=False, fontsize=8)
    figure.suptitle(f"{saved.summary['name']}: {name}")
    return figure


def profile(saved: Saved, name: str) -> Figure:
    """Delta chi^2 of one parameter, with the levels of 90 % and where it crosses them."""
    values = saved.groups["profile"][name]
    row = next(row for row in saved.summary["parameters"] if row["name"] == name)
    limit = next(limit for limit in saved.summary["limits"] if limit["name"] == name)
    axis = scaled(row, saved.groups["profile"][f"{name}_{name}"].values)
    unit = axis.values[-1] / float(saved.groups["profile"][f"{name}_{name}"][-1])
    figure = Figure(figsize=(5.2, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(axis.values, values, color=_BAND)
    crossings = ((TWO_SIDED, ("low", "high"), "two sides"), (ONE_SIDED, ("upper",), "one side"))
    for (level, ends, sides), style in zip(crossings, ("--", ":"), strict=True):
        axes.axhline(level, color="0.5", lw=0.8, ls=style, label=rf"90 %, {sides}: $\Delta\chi^2$ = {level:.2f}")
        for end in ends:
            if limit[end] is not None:
                axes.plot(unit * limit[end], level, "o", ms=4, color=_BAND)
    axes.set(xlabel=axis.label, ylabel=r"$\Delta\chi^2$", ylim=(0.0, min(float(values.max()), HIGHEST)))
    axes.legend(frameon=False, fontsize=8)
    axes.set_title(f"{saved.summary['name']}: profile likelihood", fontsize=10)
    return figure


def contour(saved: Saved, pair: str) -> Figure:
    """Regions of a two-dimensional profile likelihood, with the maximum."""
    profile = saved.groups["profile"][pair]
    rows = {row["name"]: row for row in saved.summary["parameters"]}
    y, x = (scaled(rows[n], saved.groups["profile"][f"{pair}_{n}"].values) for n in profile.attrs["names"].split(","))
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    levels = list(TWO_DIMENSIONAL.values())
    axes.contourf(x.values, y.values, profile.values, levels=[0.0, *levels], colors=_REGIONS)
    drawn = axes.contour(x.values, y.values, profile.values, levels=levels, colors=[_BAND], linewidths=1.0)
    axes.clabel(drawn, fmt=dict(zip(levels, TWO_DIMENSIONAL, strict=True)), fontsize=8)
    axes.plot(x.best, y.best, "k+", ms=9, label="maximum")
    axes.set_xlabel(x.label)
    axes.set_ylabel(y.label)
    axes.legend(frameon=False)
    axes.set_title(f"{saved.summary['name']}: profile likelihood, two parameters", fontsize=10)
    return figure
