"""Effective masses of beta decays and the sum of masses: what oscillations allow, limits, and posteriors."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax import _checks
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE, ticks_inside
from nmmjax.results import Result

_LABELS = {
    "lightest": "lightest mass [eV]",
    "sum_of_masses": r"$\sum m_i$ [eV]",
    "m_beta": r"$m_\beta$ [eV]",
    "m_beta_beta": r"$|m_{\beta\beta}|$ [eV]",
}
_RANGES = {"lightest": (1e-4, 1.0), "sum_of_masses": (0.05, 3.0), "m_beta": (5e-3, 1.0), "m_beta_beta": (1e-4, 1.0)}
_LOOKS = {"normal": (SAFE[0], ""), "inverted": (SAFE[1], "////")}
_MOST = 2000
"""Draws of a result that are shown."""
_STEPS = 60
"""Halvings of an interval."""


class Allowed(NamedTuple):
    """What values of oscillation parameters leave at each lightest mass, for free Majorana phases; all in eV."""

    ordering: str
    sigmas: float
    """How far from the best values; 0 for these alone."""
    lightest: Float[np.ndarray, " n"]
    sum_of_masses: Float[np.ndarray, "points n"]
    m_beta: Float[np.ndarray, "points n"]
    least: Float[np.ndarray, "points n"]
    """The least |m_beta_beta|."""
    greatest: Float[np.ndarray, "points n"]


class MassLimit(NamedTuple):
    """An upper limit [eV], or the range of those that matrix elements leave."""

    label: str
    low: float
    high: float


def lobster(bands: Sequence[Allowed], limits: Mapping[str, MassLimit], results: Sequence[Result]) -> Figure:
    """|m_beta_beta| over the lightest mass; draws that lie outside stand on the edge.

    **Arguments:** bands, the wider ones first; limits by the name of their quantity; any number of results.
    """
    figure = Figure(figsize=(6.8, 5.2), layout="constrained")
    _plane(figure.subplots(), "lightest", "m_beta_beta", bands, limits, results)
    return figure


def mass_planes(bands: Sequence[Allowed], limits: Mapping[str, MassLimit], results: Sequence[Result]) -> Figure:
    """|m_beta_beta| over m_beta and over the sum of masses, and m_beta over the sum. Arguments as of `lobster`."""
    figure = Figure(figsize=(14.4, 4.8), layout="constrained")
    pairs = (("m_beta", "m_beta_beta"), ("sum_of_masses", "m_beta_beta"), ("sum_of_masses", "m_beta"))
    for axes, (x, y) in zip(figure.subplots(1, 3), pairs, strict=True):
        _plane(axes, x, y, bands, limits, results)
    return figure


def _plane(
    axes: Axes,
    x: str,
    y: str,
    bands: Sequence[Allowed],
    limits: Mapping[str, MassLimit],
    results: Sequence[Result],
) -> None:
    for band in bands:
        color, hatch = _LOOKS[band.ordering]
        grid = np.geomspace(*_RANGES[x], 800)
        low, high = _envelope(band, x, y, grid)
        wide = band.sigmas > 0.0
        label = f"{band.ordering}, {band.sigmas:g}" + r" $\sigma$" if wide else f"{band.ordering}, best values"
        line = 1.2 if y == "m_beta" else 0.0  # a band without phases is but a line
        look = {
            "fc": color,
            "hatch": hatch,
            "ec": color if wide else "0.15",
            "lw": line,
            "alpha": 0.3 if wide else 0.75,
        }
        axes.fill_between(grid, np.maximum(low, 1e-9), high, label=label, **look)
    if (limit := limits.get(y)) is not None:
        axes.axhspan(limit.low, limit.high, fc="0.5", alpha=0.35, ec="0.2", lw=0.8, label=limit.label)
    if (limit := limits.get(x)) is not None:
        axes.axvspan(limit.low, limit.high, fc="0.5", alpha=0.35, ec="black", ls="--", lw=1.2, label=limit.label)
    for number, result in enumerate(results):
        look = {"marker": "os^Dv"[number % 5], "color": "black", "lw": 0.0}
        points = (np.clip(_values(result, name), *_RANGES[name]) for name in (x, y))
        axes.plot(*points, **look, alpha=0.35, ms=2.0, rasterized=True, clip_on=False)
        axes.plot([], [], **look, ms=4.0, label=result.name)
    axes.set(xscale="log", yscale="log", xlabel=_LABELS[x], ylabel=_LABELS[y], xlim=_RANGES[x], ylim=_RANGES[y])
    axes.legend(fontsize=8, loc="best", framealpha=0.9)
    ticks_inside(axes)


def _envelope(band: Allowed, x: str, y: str, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest y of all points of a band at each x of a grid; not a number where there is none."""
    across = np.broadcast_to(getattr(band, x), band.least.shape)
    ends = (band.least, band.greatest) if y == "m_beta_beta" else (getattr(band, y),) * 2
    lows, highs = ([_over(grid, *pair) for pair in zip(across, end, strict=True)] for end in ends)
    none = np.isnan(lows).all(0)
    low, high = np.nanmin(np.where(none, 0.0, lows), 0), np.nanmax(np.where(none, 0.0, highs), 0)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _over(grid: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.interp(grid, x, y, left=np.nan, right=np.nan)


def _values(result: Result, name: str) -> np.ndarray:
    """Draws of a quantity, or its value at the maximum where nothing was sampled or it does not vary."""
    if name == "lightest":
        return lightest_mass(*(_values(result, other) for other in ("sum_of_masses", "dm21", "dm31")))
    row = result.row(name)
    values = result.draws(name).ravel() if row.varies and result.posterior is not None else np.full(1, row.best)
    if name == "m_beta_beta" and not np.any(values > 0.0):
        _checks.fail("results", "be of Majorana neutrinos", f"|m_beta_beta| of {result.name} vanishes")
    count = max((len(result.draws(r.name).ravel()) for r in result.parameters if r.varies), default=1)
    values = np.broadcast_to(values, count) if len(values) == 1 else values
    return values[:: max(1, count // _MOST)]


def lightest_mass(
    sum_of_masses: Float[np.ndarray, " n"], dm21: Float[np.ndarray, " n"], dm31: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """The lightest of three masses [eV] from their sum [eV] and splittings [eV^2], dm31 < 0 for inverted ordering.

    By halving the interval in which the sum, which rises with it, is passed; 0 where the sum is less than it can be.
    """
    low, high = np.zeros_like(sum_of_masses), np.asarray(sum_of_masses) / 3.0
    offsets = np.stack([np.maximum(-dm31, 0.0), np.maximum(-dm31, 0.0) + dm21, np.maximum(dm31, 0.0)])
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        above = np.sqrt(middle**2 + offsets).sum(0) > sum_of_masses
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return 0.5 * (low + high)
