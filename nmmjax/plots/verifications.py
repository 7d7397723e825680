"""What a paper states and what comes out here, in the coordinates of the paper."""

import math
from collections.abc import Sequence

import numpy as np

from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE, ticks_inside
from nmmjax.results.verifying import ClaimRecord, PanelRecord, VerifiedRecord

_HERE, _PUBLISHED = SAFE[0], SAFE[1]
_HIGHEST = 10.0
"""Delta chi^2 up to which profiles are drawn."""
_REGIONS = (2.2957, 6.1801, 11.8292)
"""Delta chi^2 of one, two and three standard deviations of two numbers."""
_COLUMNS = 3
_WIDE, _HIGH = 4.2, 3.5


def verification(record: VerifiedRecord) -> Figure:
    """A panel for each claim that has a curve, a surface or a spectrum, and one for all claims that are numbers."""
    drawn = [claim for claim in record.claims if claim.panel is not None]
    numbers = [claim for claim in record.claims if claim.panel is None]
    count = len(drawn) + bool(numbers)
    columns = min(count, _COLUMNS if count != 4 else 2)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(_WIDE * columns, _HIGH * rows + 0.3), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, claim in zip(panels, drawn, strict=False):
        assert claim.panel is not None
        {"profile": _profile, "plane": _plane, "bins": _bins}[claim.panel.kind](axes, claim.panel)
        axes.set_title(f"{claim.what}: {claim.status.label}", fontsize=9)
        ticks_inside(axes)
    if numbers:
        _numbers(panels[len(drawn)], numbers)
    for axes in panels[count:]:
        axes.set_axis_off()
    figure.suptitle(record.experiment, fontsize=11)
    return figure


def _numbers(axes: Axes, claims: Sequence[ClaimRecord]) -> None:
    """Distances in published standard deviations, with errors where both sides have one."""
    axes.axvspan(-1.0, 1.0, color=_PUBLISHED, alpha=0.2, lw=0, label="published")
    axes.axvline(0.0, color=_PUBLISHED, lw=1.4, ls="--")
    for row, claim in enumerate(claims):
        axes.errorbar(claim.distance, row, xerr=claim.width, fmt="o", color=_HERE, label="" if row else "here")
        words = f"{claim.what}: {claim.status.label}"
        axes.annotate(
            words, (0.5, row - 0.35), xycoords=("axes fraction", "data"), ha="center", va="center", fontsize=7
        )
    widest = max(2.0, *(abs(claim.distance) + (claim.width or 0.0) + 0.5 for claim in claims))
    axes.set(xlim=(-widest, widest), ylim=(len(claims) - 0.5, -0.35 - 0.25 * len(claims) - 0.3), yticks=[])
    axes.set_xlabel("distance [published standard deviations]")
    axes.legend(frameon=False, fontsize=8, loc="upper right", ncols=2)


def _profile(axes: Axes, panel: PanelRecord) -> None:
    """Delta chi^2 over a number; the published one as its parabola, as a curve or as the end of an interval."""
    assert panel.published is not None
    axes.plot(panel.here.x, panel.here.y, color=_HERE, lw=1.8, label="here")
    is_parabola = panel.level is not None and len(panel.published.x) > 2
    label = "published, errors as a parabola" if is_parabola else "published"
    axes.plot(panel.published.x, panel.published.y, color=_PUBLISHED, lw=1.8, ls="--", label=label)
    if panel.level is not None:
        axes.axhline(panel.level, color="0.6", lw=0.8, ls=":")
    x, y = np.asarray(panel.here.x), np.asarray(panel.here.y)
    near = x[y < _HIGHEST]
    if len(near) > 1:
        axes.set_xlim(near.min(), near.max())
    axes.set(xlabel=panel.axes[0], ylabel=panel.axes[1], ylim=(0.0, _HIGHEST))
    axes.legend(frameon=False, fontsize=8)


def _plane(axes: Axes, panel: PanelRecord) -> None:
    """Contours of one, two and three standard deviations."""
    here, published = (np.array(surface, dtype=float) for surface in panel.surfaces)
    x, y = panel.here.x, panel.here.y
    for values, color, style, label in ((here, _HERE, "-", "here"), (published, _PUBLISHED, "--", "published")):
        axes.contour(x, y, values, levels=_REGIONS, colors=[color], linestyles=[style], linewidths=1.4)
        row, column = np.unravel_index(int(np.nanargmin(values)), values.shape)
        axes.plot(x[column], y[row], "+", ms=9, mew=1.6, color=color)
        axes.plot([], [], color=color, ls=style, label=label)
    axes.set(xlabel=panel.axes[0], ylabel=panel.axes[1])
    axes.legend(frameon=False, fontsize=8)


def _bins(axes: Axes, panel: PanelRecord) -> None:
    """Steps, with the errors by which they are compared as a band around the published ones."""
    assert panel.published is not None
    edges, values = np.asarray(panel.published.x), np.asarray(panel.published.y)
    bars = np.asarray(panel.published.bars)
    axes.stairs(values + bars, edges, baseline=values - bars, fill=True, color=_PUBLISHED, alpha=0.25, lw=0)
    axes.stairs(values, edges, baseline=None, color=_PUBLISHED, lw=1.4, ls="--", label="published")
    axes.stairs(panel.here.y, edges, baseline=None, color=_HERE, lw=1.4, label="here")
    if np.all(values > 0.0) and values.max() > 100.0 * values.min():
        axes.set_yscale("log")
    axes.set(xlabel=panel.axes[0], ylabel=panel.axes[1])
    axes.legend(frameon=False, fontsize=8)
