"""Moments over masses, mechanism by mechanism."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nmmjax.plots._style import SAFE, ticks_inside
from nmmjax.plots.oscillation import Curve

_SIZE = (8.6, 6.4)
_GRAY = "0.45"
_STYLES = ("-", "--", ":", ":", ":")


class Span(NamedTuple):
    """What a mechanism reaches as its couplings grow: masses [eV] and moments [mu_B]."""

    label: str
    mass: Float[np.ndarray, " points"]
    moment: Float[np.ndarray, " points"]


def conundrum(
    lines: Sequence[Curve],
    spans: Sequence[Span],
    *,
    limits: Sequence[tuple[str, float, float]],
    masses: Mapping[str, float],
) -> Figure:
    """Magnetic moment over neutrino mass.

    **Arguments:** lines of moment [mu_B] over mass [eV]; spans of single mechanisms; limits as (name, low, high)
    [mu_B], lines where both ends are one, else bands; known masses [eV] by name: a band from the least to the greatest.
    """
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlim=(1e-3, 1e7), ylim=(1e-25, 1e-8))
    for line, style in zip(lines, _STYLES, strict=True):
        axes.plot(line.x, line.y, style, color="black" if style != ":" else _GRAY, lw=1.3)
        _along(axes, line)
    for span, color in zip(spans, SAFE, strict=False):
        axes.plot(span.mass, span.moment, color=color, lw=5, alpha=0.75, solid_capstyle="butt", label=span.label)
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


def _along(axes: Axes, line: Curve) -> None:
    """The label on the line, turned as the line is drawn."""
    place = len(line.x) * 3 // 5
    along = slice(place - 1, place + 1)
    rise, run = (np.ptp(np.log10(values[along])) for values in (line.y, line.x))
    up, across = (np.ptp(np.log10(ends)) for ends in (axes.get_ylim(), axes.get_xlim()))
    angle = np.degrees(np.arctan2(rise / up * _SIZE[1], run / across * _SIZE[0]))
    at = (line.x[place], 1.3 * line.y[place])
    axes.annotate(line.label, at, rotation=angle, rotation_mode="anchor", fontsize=8, va="bottom", ha="center")
