"""Figures of the hypotheses of one analysis together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from nmmjax.infer.limits import TWO_SIDED
from nmmjax.plots._style import SAFE, write
from nmmjax.plots.results import HIGHEST, TWO_DIMENSIONAL, scaled
from nmmjax.results import Saved

_MANY_SCALES = 10.0
"""Ranges further apart than this factor are drawn on a logarithmic axis."""
_LINES = {"68.27 %": "solid", "99.73 %": "dashed"}


def draw_together(results: Sequence[Saved], folder: Path) -> list[Path]:
    """Draw every figure that more than one hypothesis has data for, and return where they are."""
    with_profiles = [saved for saved in results if "profile" in saved.groups]
    names = dict.fromkeys(str(name) for saved in with_profiles for name in saved.groups["profile"].data_vars)
    drawn = []
    for name in names:
        sharing = [saved for saved in with_profiles if name in saved.groups["profile"]]
        if len(sharing) < 2:
            continue
        if sharing[0].groups["profile"][name].ndim == 1:
            drawn.append(write(profiles(sharing, name), folder / f"profiles_{name}.png"))
        else:
            drawn.append(write(contours(sharing, name), folder / f"contours_{name}.png"))
    return drawn


def profiles(results: Sequence[Saved], name: str) -> Figure:
    """Delta chi^2 of one parameter for each hypothesis, with the level of 90 %."""
    label, axis = _common_axis(results, name, name)
    figure = Figure(figsize=(5.6, 4.2), layout="constrained")
    axes = figure.subplots()
    for saved, color, (x, _) in zip(results, SAFE * len(results), axis, strict=False):
        values = saved.groups["profile"][name].values
        axes.plot(x, values, color=color, label=saved.summary["name"].rpartition("/")[2])
    axes.axhline(TWO_SIDED, color="0.5", lw=0.8, ls="--", label=rf"90 %: $\Delta\chi^2$ = {TWO_SIDED:.2f}")
    ends = [x[-1] for x, _ in axis]
    if min(x[0] for x, _ in axis) > 0.0 and max(ends) > _MANY_SCALES * min(ends):
        axes.set_xscale("log")
    axes.set(xlabel=label, ylabel=r"$\Delta\chi^2$", ylim=(0.0, HIGHEST))
    axes.legend(frameon=False, fontsize=9)
    axes.set_title(f"{results[0].summary['name'].partition('/')[0]}: profile likelihood", fontsize=10)
    return figure


def contours(results: Sequence[Saved], pair: str) -> Figure:
    """Regions of the same two-dimensional profile likelihood for each hypothesis, with their maxima."""
    y_name, x_name = results[0].groups["profile"][pair].attrs["names"].split(",")
    (x_label, x), (y_label, y) = (_common_axis(results, pair, name) for name in (x_name, y_name))
    figure = Figure(figsize=(5.6, 4.6), layout="constrained")
    axes = figure.subplots()
    levels = [TWO_DIMENSIONAL[region] for region in _LINES]
    for saved, color, (xs, best_x), (ys, best_y) in zip(results, SAFE * len(results), x, y, strict=False):
        values = saved.groups["profile"][pair].values
        axes.contour(xs, ys, values, levels=levels, colors=[color], linestyles=list(_LINES.values()), linewidths=1.4)
        axes.plot(best_x, best_y, "+", ms=10, mew=1.6, color=color)
        axes.plot([], [], color=color, label=saved.summary["name"].rpartition("/")[2])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.legend(frameon=False)
    axes.set_title(
        f"{results[0].summary['name'].partition('/')[0]}: {', '.join(f'{r} {line}' for r, line in _LINES.items())}",
        fontsize=10,
    )
    return figure


def _common_axis(results: Sequence[Saved], pair: str, name: str) -> tuple[str, list[tuple[np.ndarray, float]]]:
    """The label of a parameter; its grid and its best value for each hypothesis, all in the same unit."""
    grids = [saved.groups["profile"][f"{pair}_{name}"].values for saved in results]
    rows = [{row["name"]: row for row in saved.summary["parameters"]}[name] for saved in results]
    axis = scaled(rows[0], np.concatenate([*grids, [row["best"] for row in rows]]))
    *parts, best = np.split(axis.values, np.cumsum([len(grid) for grid in grids]))
    return axis.label, list(zip(parts, best.tolist(), strict=True))
