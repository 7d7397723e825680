"""What decides on one number: pulls and impacts of nuisances, ranked, and the number without each experiment."""

from typing import Any

import numpy as np

from nmmjax.plots._axes import readable
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE, ticks_inside
from nmmjax.quantities import Quantity
from nmmjax.results import ImpactRecord
from nmmjax.results.deciding import InterestRecord, ShiftRecord, WithoutRecord

_MOST = 20
"""Nuisances that are drawn, those with the largest impacts."""
_LINE, _MARGIN = 0.26, 1.5
"""Height of a line and of what stands around lines, in inches."""
_UP, _DOWN = SAFE[0], SAFE[4]
"""Dark and light: they differ without colors, too."""


def impacts(found: ImpactRecord, parameter: str) -> Figure | None:
    """Of one number of interest; None where there is neither a nuisance nor a second experiment.

    Left: the pull of each nuisance with the width of its posterior, in standard deviations of its prior. Right: the
    shift of the number where the nuisance is held one standard deviation above (dark, hatched) and below (light) its
    best value, filled for that of the posterior and outlined for that of the prior. Below: without one experiment.
    """
    (interest,) = (one for one in found.interest if one.name == parameter)
    shifts, without = found.of(parameter)
    shifts = shifts[:_MOST]
    rows = [len(shifts) * _LINE + _MARGIN] if shifts else []
    rows += [(len(without) + 1) * _LINE + _MARGIN] if without else []
    if not rows:
        return None
    figure = Figure(figsize=(7.4, sum(rows)), layout="constrained")
    parts = figure.subfigures(len(rows), 1, height_ratios=rows, squeeze=False).ravel()
    if shifts:
        left, right = parts[0].subplots(1, 2, sharey=True, width_ratios=(1, 1.5))
        _pulls(left, shifts)
        _shifts(right, shifts, interest)
    if without:
        _without(parts[-1].subplots(), without, interest)
    figure.suptitle(f"{found.run.name}: what decides on ${interest.symbol}$", fontsize=10)
    return figure


def _pulls(axes: Axes, shifts: tuple[ShiftRecord, ...]) -> None:
    axes.axvspan(-1.0, 1.0, color="0.92", lw=0)
    axes.axvline(0.0, color="0.6", lw=0.8)
    for line, place in zip(shifts, _places(len(shifts)), strict=True):
        if line.pull is not None and line.constraint is not None:
            axes.errorbar(line.pull, place, xerr=line.constraint, fmt="o", ms=4, color="k", capsize=2, lw=1.0)
        else:
            axes.text(0.0, place, "no normal prior", ha="center", va="center", fontsize=7, color="0.3")
    ends = [abs(s.pull or 0.0) + (s.constraint or 0.0) for s in shifts]
    reach = max(1.6, 1.1 * max(ends))
    axes.set(xlim=(-reach, reach), xlabel=r"$(\hat\theta - \theta_0)\, /\, \sigma_{\rm prior}$")
    axes.set_yticks(_places(len(shifts)), [line.nuisance for line in shifts], fontsize=8)
    axes.set_ylim(-0.7, len(shifts) - 0.3)
    ticks_inside(axes)


def _shifts(axes: Axes, shifts: tuple[ShiftRecord, ...], interest: InterestRecord) -> None:
    sizes = [abs(x) for line in shifts for x in (*line.after, *line.before) if x is not None]
    scale, unit = readable(max(sizes, default=0.0), interest.unit)
    looks: tuple[dict[str, Any], ...] = ({"color": _DOWN, "ec": "0.2"}, {"color": _UP, "ec": "0.2", "hatch": "////"})
    places = _places(len(shifts))
    for side, (look, word) in enumerate(zip(looks, ("-", "+"), strict=True)):
        after = [line.after[side] or 0.0 for line in shifts]
        before = [line.before[side] for line in shifts]
        label = rf"${word}1\sigma$"
        axes.barh(places, np.array(after) / scale, 0.56, lw=0.4, label=f"{label} of the posterior", **look)
        known = [(p, x / scale) for p, x in zip(places, before, strict=True) if x is not None]
        if known:
            y, x = zip(*known, strict=True)
            style = ("--", "-")[side]
            axes.barh(y, x, 0.8, fill=False, ec="k", lw=0.9, ls=style, label=f"{label} of the prior")
    axes.axvline(0.0, color="0.3", lw=0.8)
    axes.set_xlabel(rf"shift of ${interest.symbol}$" + (f" [{unit}]" if unit else ""))
    axes.margins(x=0.08)
    axes.legend(frameon=False, fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    axes.tick_params(labelleft=False)
    ticks_inside(axes)


def _without(axes: Axes, without: tuple[WithoutRecord, ...], interest: InterestRecord) -> None:
    """The number with its standard deviation by all experiments, and without each."""
    lines = [
        ("all", interest.best, interest.sd, interest.note),
        *((w.experiment, w.best, w.sd, w.note) for w in without),
    ]
    ends = [abs(best) + (sd or 0.0) for _, best, sd, note in lines if best is not None and not note]
    scale, unit = readable(max(ends, default=0.0), interest.unit)
    if interest.sd is not None:
        axes.axvspan((interest.best - interest.sd) / scale, (interest.best + interest.sd) / scale, color="0.9", lw=0)
    for (_, best, sd, note), place in zip(lines, _places(len(lines)), strict=True):
        if note or best is None:
            axes.text(0.5, place, note, transform=axes.get_yaxis_transform(), ha="center", va="center", fontsize=8)
            continue
        first = place == len(lines) - 1
        axes.errorbar(
            best / scale,
            place,
            xerr=None if sd is None else sd / scale,
            fmt="s" if first else "o",
            ms=5,
            color="k" if first else SAFE[0],
            capsize=2.5,
        )
    names = [name if place == 0 else f"without {name}" for place, (name, *_) in enumerate(lines)]
    axes.set_yticks(_places(len(lines)), names, fontsize=8)
    axes.set_ylim(-0.7, len(lines) - 0.3)
    axes.set_xlabel(Quantity(interest.symbol, unit).label)
    axes.margins(x=0.08)
    ticks_inside(axes)


def _places(count: int) -> list[int]:
    """Lines from top to bottom."""
    return list(range(count))[::-1]
