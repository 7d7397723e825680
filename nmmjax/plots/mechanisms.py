"""Moments over masses, mechanism by mechanism, and beside the anomalous moment of the muon."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE, color, dash, ticks_inside
from nmmjax.plots.oscillation import Curve

_SIZE = (8.6, 6.4)
_GRAY = "0.45"
_ANOMALIES = (3e-13, 1e-8)
"""Ends of the axis of Delta a_mu."""


class Span(NamedTuple):
    """What a mechanism reaches as its couplings grow: masses [eV] and moments [mu_B]."""

    label: str
    mass: Float[np.ndarray, " points"]
    moment: Float[np.ndarray, " points"]


def conundrum(
    lines: Sequence[Curve],
    spans: Sequence[Span],
    *,
    guides: Sequence[Curve] = (),
    limits: Sequence[tuple[str, float, float]],
    masses: Mapping[str, float],
) -> Figure:
    """Magnetic moment [mu_B] over neutrino mass [eV], both (points,), of any number of mechanisms.

    **Arguments:** lines of moment over mass, black; spans of single mechanisms, colored; `guides`: lines of what is
    expected without a mechanism, gray and dotted; limits as (name, low, high) [mu_B], lines where both ends are one,
    else bands; known masses [eV] by name: a band from the least to the greatest.
    """
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=(1e-3, 1e7), ylim=(1e-25, 1e-8))
    for k, line in enumerate(lines):
        axes.plot(line.x, line.y, ls=dash(k), color="black", lw=1.3)
        _along(axes, line)
    for line in guides:
        axes.plot(line.x, line.y, ls=":", color=_GRAY, lw=1.3)
        _along(axes, line)
    for k, span in enumerate(spans):
        axes.plot(span.mass, span.moment, ls=dash(k // len(SAFE)), color=color(k), lw=5, alpha=0.75,
                  solid_capstyle="butt", dash_capstyle="butt", label=span.label)  # fmt: skip
    for name, low, high in limits:
        axes.axhspan(low, high, color="0.85", zorder=0) if high > low else axes.axhline(low, color=_GRAY, lw=0.8)
        axes.annotate(name, (1.3e-3, np.sqrt(low * high)), va="center" if high > low else "bottom", fontsize=7.5)
    axes.axvspan(min(masses.values()), max(masses.values()), color=SAFE[5], alpha=0.15, zorder=0)
    known = "masses " + " to ".join(sorted(masses, key=lambda name: masses[name]))
    axes.annotate(known, (1.1 * max(masses.values()), 2e-25), fontsize=8, rotation=90, va="bottom")
    axes.set_xlabel(r"neutrino mass [eV]")
    axes.set_ylabel(r"magnetic moment [$\mu_B$]")
    axes.legend(loc="lower right", fontsize=8.5, frameon=False)
    ticks_inside(axes)
    return figure


def muon_correlation(
    curves: Sequence[Curve],
    *,
    anomalies: Mapping[str, tuple[float, float]],
    limits: Sequence[tuple[str, float, float]],
) -> Figure:
    """Delta a_mu over the magnetic moment of neutrinos [mu_B], both (points,), any number of curves, where positive.

    Curves of one `family` share a color. **Arguments:** `anomalies`: Delta a_mu as (value, error) by name, bands of one
    standard deviation; limits on the moment as (name, low, high) [mu_B], bands, or lines where both ends are one.
    """
    figure = Figure(figsize=(7.4, 5.4), layout="constrained")
    axes = figure.subplots()
    families = list(dict.fromkeys(curve.family for curve in curves))
    for curve in curves:
        k = families.index(curve.family)
        turn = [other for other in curves if other.family == curve.family].index(curve)
        axes.plot(curve.x, curve.y, color=color(k), ls=dash(turn), lw=1.6, label=curve.label)
    for k, (name, (value, error)) in enumerate(anomalies.items()):
        axes.axhspan(max(value - error, _ANOMALIES[0]), value + error, color=f"{0.85 + 0.08 * k}", zorder=0)
        axes.annotate(name, (1.2e-13, 0.97 * (value + error)), va="top", fontsize=8)
    for name, low, high in limits:
        axes.axvspan(low, high, color=SAFE[5], alpha=0.2, zorder=0) if high > low else axes.axvline(
            low, color=_GRAY, lw=0.9
        )
        axes.annotate(name, (1.04 * low, 1.3 * _ANOMALIES[0]), rotation=90, va="bottom", fontsize=8)
    axes.set(xscale="log", yscale="log", xlim=(1e-13, 1e-10), ylim=_ANOMALIES)
    axes.set_xlabel(r"magnetic moment $\mu_{e\mu}$ [$\mu_B$]")
    axes.set_ylabel(r"$\Delta a_\mu$")
    axes.legend(fontsize=8.5, framealpha=0.9, edgecolor="none", loc="upper left", bbox_to_anchor=(0.0, 0.72))
    ticks_inside(axes)
    return figure


def _along(axes: Axes, line: Curve) -> None:
    """Write the label of a line on it, turned as the line is drawn."""
    place = len(line.x) * 3 // 5
    along = slice(place - 1, place + 1)
    rise, run = (np.ptp(np.log10(values[along])) for values in (line.y, line.x))
    up, across = (np.ptp(np.log10(ends)) for ends in (axes.get_ylim(), axes.get_xlim()))
    angle = np.degrees(np.arctan2(rise / up * _SIZE[1], run / across * _SIZE[0]))
    at = (line.x[place], 1.3 * line.y[place])
    axes.annotate(line.label, at, rotation=angle, rotation_mode="anchor", fontsize=8, va="bottom", ha="center")
