"""Recoils, cross sections, and limits on moments."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import SAFE, color, dash, ticks_inside
from nmmjax.plots.oscillation import Curve

_LEAST = 1e-24
"""Moment at which the axis of limits begins [mu_B]."""


class Band(NamedTuple):
    """What lies between two curves, or two numbers (one point), in the unit of the figure."""

    label: str
    low: Float[np.ndarray, " points"]
    high: Float[np.ndarray, " points"]


class Region(NamedTuple):
    """Moments [mu_B] between two curves over the mass of a heavy lepton [MeV]; not a number where there are none."""

    label: str
    mass: Float[np.ndarray, " points"]
    low: Float[np.ndarray, " points"]
    high: Float[np.ndarray, " points"]


class Recoils(NamedTuple):
    """Events in bins of energy, and what they are compared with; curves and bands have one number for each bin."""

    title: str
    edges: Float[np.ndarray, " bins+1"]
    """[keV]."""
    counts: Float[np.ndarray, " bins"]
    errors: Float[np.ndarray, " bins"]
    background: Float[np.ndarray, " bins"]
    signal: Band
    limit: tuple[str, Float[np.ndarray, " bins"]]
    """Its label, and the events."""


def recoil_spectra(panels: Sequence[Recoils]) -> Figure:
    """Events in bins of reconstructed energy [keV], one panel for each of any number of experiments."""
    figure = Figure(figsize=(5.4 * len(panels), 4.4), layout="constrained")
    for axes, panel in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels, strict=True):
        middle = 0.5 * (panel.edges[1:] + panel.edges[:-1])
        low, high = (np.append(values, values[-1]) for values in (panel.signal.low, panel.signal.high))
        axes.fill_between(panel.edges, low, high, step="post", color=SAFE[4], alpha=0.45, label=panel.signal.label)
        label, limit = panel.limit
        axes.stairs(limit, panel.edges, color=SAFE[0], ls="--", label=label)
        axes.stairs(panel.background, panel.edges, color="0.35", lw=1.4, label="background")
        axes.errorbar(middle, panel.counts, panel.errors, fmt="ko", ms=3.5, lw=0.9, label="data")
        axes.set(xlabel="reconstructed energy [keV]", ylabel="events per bin", title=panel.title)
        axes.set_xlim(panel.edges[0], panel.edges[-1])
        axes.set_ylim(bottom=0.0)
        axes.legend(frameon=False, fontsize=8.5)
        ticks_inside(axes)
    return figure


def cross_sections(curves: Sequence[Curve], title: str) -> Figure:
    """Differential cross sections [cm^2/keV] over recoil energies [keV], both (points,), any number of curves.

    Curves of one `family` share a color and differ by their dashes: the first family black, a curve without one alone.
    """
    figure = Figure(figsize=(6.8, 5.0), layout="constrained")
    axes = figure.subplots()
    families: dict[str, list[Curve]] = {}
    for curve in curves:
        families.setdefault(curve.family or curve.label, []).append(curve)
    for family, members in enumerate(families.values()):
        for k, curve in enumerate(members):
            shown = np.where(curve.y > 0.0, curve.y, np.nan)
            shade, turn = ("black", 0) if family == 0 else (color(family - 1), (family - 1) // len(SAFE))
            axes.plot(curve.x, shown, color=shade, ls=dash(k + turn), lw=1.6, label=curve.label)
    axes.set(xscale="log", yscale="log", xlabel="recoil energy $T$ [keV]", title=title)
    axes.set_ylabel(r"${\rm d}\sigma / {\rm d}T$ [cm$^2$/keV]")
    axes.set_xlim(min(curve.x[0] for curve in curves), max(curve.x[-1] for curve in curves))
    axes.set_ylim(1e-48, 1e-43)
    axes.legend(frameon=False, fontsize=8.5)
    ticks_inside(axes)
    return figure


def moment_limits(limits: Sequence[tuple[str, float, float]], mechanisms: Sequence[Band]) -> Figure:
    """Limits with their numbers (a bar where both ends are known) above, what mechanisms reach below [mu_B].

    **Arguments:** any number of limits as (name, low, high), one number twice where it is an upper limit, and of
    mechanisms, each a band of one point.
    """
    rows = (len(limits), len(mechanisms))
    figure = Figure(figsize=(8.2, 0.3 * sum(rows) + 2.0), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=rows)
    for row, (_, low, high) in enumerate(limits):
        number = f"{high:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        if low < high:
            upper.plot([low, high], [row, row], color=SAFE[4], lw=7, solid_capstyle="butt")
        else:
            upper.plot(high, row, "|", color="black", ms=11, mew=1.8)
            upper.annotate("", (high / 1.8, row), (high, row), arrowprops={"arrowstyle": "->", "color": "black"})
        upper.annotate(number, (1.25 * high, row), va="center", fontsize=8)
    for row, band in enumerate(mechanisms):
        low, high = max(float(band.low[0]), _LEAST), float(band.high[0])
        lower.plot([low, high], [row, row], color=SAFE[0], lw=7, alpha=0.8, solid_capstyle="butt")
    upper.set_yticks(range(rows[0]), [name for name, _, _ in limits], fontsize=8.5)
    lower.set_yticks(range(rows[1]), [band.label for band in mechanisms], fontsize=8.5)
    upper.set(xlim=(3e-13, 1e-9), xlabel=r"limits: effective moment of each experiment [$\mu_B$]")
    lower.set(xlim=(_LEAST, 1e-8), xlabel=r"mechanisms: largest moments, down to none where couplings vanish [$\mu_B$]")
    for axes in (upper, lower):
        axes.set_xscale("log")
        axes.invert_yaxis()
        axes.grid(axis="x", color="0.9", lw=0.6)
        axes.set_axisbelow(True)
    return figure


def moments_over_mass(regions: Sequence[Region], lines: Sequence[Curve], ends: tuple[float, float]) -> Figure:
    """Moments [mu_B] to a heavy lepton over its mass [MeV]: any number of regions, and of lines.

    **Arguments:** `ends` of the axis of moments.
    """
    figure = Figure(figsize=(7.6, 5.4), layout="constrained")
    axes = figure.subplots()
    for index, region in enumerate(regions):
        axes.fill_between(region.mass, region.low, region.high, color=color(index), alpha=0.35, lw=0.0)
        axes.fill_between(
            region.mass, region.low, region.high, fc="none", ec=color(index), lw=1.3, ls=dash(index), label=region.label
        )
    for index, line in enumerate(lines):
        axes.plot(line.x, line.y, color="black", ls=dash(index), lw=1.4, label=line.label)
    axes.set(xscale="log", yscale="log", xlabel="mass of $N$ [MeV]", ylabel=r"moment $\mu$ to one flavor [$\mu_B$]")
    axes.set_ylim(*ends)
    axes.legend(frameon=False, fontsize=8.5, loc="lower right")
    ticks_inside(axes)
    return figure
