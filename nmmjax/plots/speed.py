"""How quick all of it is, question by question."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from nmmjax._speed import Speed, groups
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import color, ticks_inside

_WIDTH, _LINE, _AROUND = 9.6, 0.27, 0.85
"""Of the figure, of one thing in it, and around a panel [inches]."""
_MARKERS = "sD^vP"
_LETTERS, _NAME = 105, 60
"""In a line of the title, and in a name."""


def speeds(rows: Sequence[Speed]) -> Figure:
    """Time [s] of one point, call, effective sample, ..., logarithmic: a panel for each question and each of these.

    Bars are as wide as the middle 80 % of the repetitions. Other codes stand beside, with how many times as long they
    take.
    """
    timed = [row for row in rows if row.run]
    panels = groups(timed)
    heights = [len({row.what for row in panel}) * _LINE + _AROUND for panel in panels.values()]
    figure = Figure(figsize=(_WIDTH, sum(heights) + 1.0), layout="constrained")
    machines = dict.fromkeys(f"{row.device}; {row.versions}" for row in timed)
    figure.suptitle("\n".join("\n".join(textwrap.wrap(m, _LETTERS)) for m in machines), fontsize=8)
    several = figure.subplots(len(panels), squeeze=False, height_ratios=heights)[:, 0] if panels else ()
    peers = list(dict.fromkeys(row.peer for row in timed if row.peer_run))
    for axes, panel in zip(several, panels.values(), strict=True):
        _panel(axes, panel, peers)
    return figure


def _panel(axes: Axes, rows: Sequence[Speed], peers: Sequence[str]) -> None:
    places = {what: place for place, what in enumerate(dict.fromkeys(row.what for row in rows))}
    own = list({row.what: row for row in rows}.values())
    times = np.array([row.run for row in own], dtype=float)
    half = 0.5 * times * np.array([row.spread or 0.0 for row in own])
    axes.errorbar(times, list(places.values()), xerr=half, fmt="o", ms=5, color=color(0), capsize=2, label="nmmjax")
    for number, peer in enumerate(peers, 1):
        _beside(axes, [row for row in rows if row.peer == peer], places, number)
    axes.set_xscale("log")
    axes.margins(x=0.12)
    axes.set(ylim=(len(places) - 0.5, -0.5), xlabel=f"time of one {rows[0].each} [s]")
    labels = [textwrap.shorten(what, _NAME, placeholder=" ...") for what in places]
    axes.set_yticks(list(places.values()), labels, fontsize=8)
    axes.set_title(rows[0].question, loc="left", fontsize=9, fontweight="bold")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8, frameon=False)
    ticks_inside(axes)
    axes.grid(axis="x", color="0.9", lw=0.6)


def _beside(axes: Axes, rows: Sequence[Speed], places: Mapping[str, int], number: int) -> None:
    """Another code, with how many times as long it takes."""
    found = [(row.peer_run, places[row.what], row.times) for row in rows if row.peer_run is not None]
    if not found:
        return
    times, at, words = zip(*found, strict=True)
    axes.plot(times, at, _MARKERS[number % len(_MARKERS)], ms=5, mfc="white", color=color(number), label=rows[0].peer)
    for time, place, ratio in zip(times, at, words, strict=True):
        axes.annotate(
            ratio and f"x {ratio}", (time, place), (6, 0), textcoords="offset points", va="center", fontsize=7
        )
