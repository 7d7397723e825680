"""Oscillation probabilities -> figures: through the Earth, of reactor antineutrinos, of solar neutrinos."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import ArrayLike, Float
from numpy.typing import ArrayLike as NumpyArrayLike

from nmmjax import _checks
from nmmjax.plots._matplotlib import Axes, Figure, FixedLocator, FuncFormatter, NullFormatter, QuadMesh, withStroke
from nmmjax.plots._style import DASHES, color, dash, ticks_inside

_MARKERS = "osD^v"
_APART = 0.055
"""Distance, in ln E, at which data at the same energy are drawn side by side."""
_SHOWN = 0.998
"""Share of the points of an oscillograd that the ends of its colors enclose."""
_HIGHEST = 1.45
"""Upper end of the survival of reactor antineutrinos: room for a legend above one."""
_SOLAR_RANGE = (0.12, 1.0)
"""Ends of the survival of solar neutrinos, without the room below that nothing needs."""
_LIMIT = "0.45"
"""Gray of the lines that only guide the eye."""


class Curve(NamedTuple):
    """Numbers to be drawn over an axis: a line with its band, or points with their errors."""

    label: str
    x: Float[np.ndarray, " points"]
    y: Float[np.ndarray, " points"]
    error: Float[np.ndarray, " points"] | None = None
    """One standard deviation."""
    names: tuple[str, ...] = ()
    """Of single points, written below them: none, or one for each point."""
    family: str = ""
    """Name of what the curve is one of, where curves of one kind share a color."""


# Through the Earth


def oscillogram(
    energy: ArrayLike,
    cos_zenith: ArrayLike,
    probabilities: Mapping[str, ArrayLike],
    *,
    boundaries: Mapping[str, float] | None = None,
    title: str = "",
) -> Figure:
    """Oscillation probabilities over energy and zenith angle, one panel and one scale from zero to a channel.

    **Arguments:** energies [MeV], (energies,), and cosines (zeniths,), both ascending; probabilities (zeniths,
    energies) by the title of their panel; `boundaries`: cosines at which a shell of the Earth is touched, by the name
    of what lies below.

    **Raises:** `ValueError` for shapes that do not fit, energies or cosines that do not ascend, numbers that are no
    probabilities.
    """
    x, y = _grid(energy, cos_zenith)
    panels = _panels("probabilities", probabilities, (len(y), len(x)), low=-1e-6, high=1.0 + 1e-6)
    figure = Figure(figsize=(3.7 * len(panels) + 0.5, 3.7), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False, sharex=True, sharey=True)[0]
    for panel, (channel, values) in zip(axes, panels.items(), strict=True):
        end = float(np.max(values)) or 1.0
        mesh = _map(panel, x, y, values, boundaries or {}, limits=(0.0, end), colors="viridis")
        panel.set_title(channel, fontsize=12)
        figure.colorbar(mesh, ax=panel, pad=0.02).ax.tick_params(labelsize=8)
    _zenith_axes(axes[None])
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def oscillograd(
    energy: ArrayLike,
    cos_zenith: ArrayLike,
    changes: Mapping[str, Mapping[str, ArrayLike]],
    *,
    boundaries: Mapping[str, float] | None = None,
    title: str = "change of the probability",
) -> Figure:
    """What small changes of parameters do to probabilities, over energy and zenith angle; white is nothing.

    One row to a channel, one column to a parameter. The colors of each panel end where all but two per mille of its
    points are inside.

    **Arguments:** as for `oscillogram`; changes (zeniths, energies) by channel, then by parameter.

    **Raises:** `ValueError` as `oscillogram`, and where channels do not have the same parameters.
    """
    x, y = _grid(energy, cos_zenith)
    rows = {channel: _panels("changes", of_channel, (len(y), len(x))) for channel, of_channel in changes.items()}
    parameters = list(next(iter(rows.values()), {}))
    if not parameters or any(list(row) != parameters for row in rows.values()):
        _checks.fail(
            "changes", "hold the same parameters for every channel", f"it holds {list(map(list, rows.values()))}"
        )
    figure = Figure(figsize=(3.7 * len(parameters) + 0.5, 3.2 * len(rows) + 0.5), layout="constrained")
    axes = figure.subplots(len(rows), len(parameters), squeeze=False, sharex=True, sharey=True)
    for line, (channel, row) in zip(axes, rows.items(), strict=True):
        for panel, (parameter, values) in zip(line, row.items(), strict=True):
            end = float(np.quantile(np.abs(values), _SHOWN)) or 1.0
            mesh = _map(panel, x, y, values, boundaries or {}, limits=(-end, end), colors="RdBu_r")
            panel.set_title(f"{channel},  {parameter}", fontsize=11)
            figure.colorbar(mesh, ax=panel, extend="both", pad=0.02).ax.tick_params(labelsize=8)
    _zenith_axes(axes)
    figure.suptitle(title, fontsize=12)
    return figure


def _grid(energy: ArrayLike, cos_zenith: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Energies [GeV], (energies,), and cosines, (zeniths,), both checked."""
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range("cos_zenith", cos_zenith, low=-1.0, high=1.0)
    grid = {"energy": np.asarray(energy, float), "cos_zenith": np.asarray(cos_zenith, float)}
    for name, values in grid.items():
        if values.ndim != 1 or values.size < 2 or np.any(np.diff(values) <= 0.0):
            _checks.fail(name, "be an ascending array of two or more numbers", f"it is {values}")
    return 1e-3 * grid["energy"], grid["cos_zenith"]


def _panels(
    name: str, values: Mapping[str, ArrayLike], shape: tuple[int, int], *, low: float = -np.inf, high: float = np.inf
) -> dict[str, np.ndarray]:
    """Arrays by the title of their panel, checked: finite, of one shape, at least one."""
    panels = {title: np.asarray(array, float) for title, array in values.items()}
    if not panels:
        _checks.fail(name, "hold one array or more", "it is empty")
    for title, array in panels.items():
        if array.shape != shape:
            _checks.fail(
                f"{name}[{title!r}]", f"have shape {shape}, (zeniths, energies)", f"its shape is {array.shape}"
            )
        _checks.check_range(f"{name}[{title!r}]", array, low=low, high=high)
    return panels


def _map(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    values: np.ndarray,
    boundaries: Mapping[str, float],
    *,
    limits: tuple[float, float],
    colors: str,
) -> QuadMesh:
    """Draw colors between the points of a grid, and where the shells of the Earth begin."""
    low, high = limits
    mesh = axes.pcolormesh(x, y, values, shading="gouraud", rasterized=True, vmin=low, vmax=high, cmap=colors)
    ink, paper = ("black", "white") if low < 0.0 else ("white", "black")
    for name, cosine in boundaries.items():
        axes.axhline(cosine, color=ink, lw=0.9, ls="--", path_effects=[withStroke(linewidth=1.6, foreground=paper)])
        axes.annotate(name, (0.975, cosine), xycoords=("axes fraction", "data"), xytext=(0, -3), color=ink, ha="right",
                      textcoords="offset points", va="top", fontsize=9,
                      path_effects=[withStroke(linewidth=1.6, foreground=paper)])  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    return mesh


def _zenith_axes(axes: np.ndarray) -> None:
    """Label the left and the bottom of a grid of panels, energies written out."""
    for panel in axes.flat:
        _decimal_ticks(panel)
        ticks_inside(panel)
    for panel in axes[-1]:
        panel.set_xlabel("energy [GeV]")
    for panel in axes[:, 0]:
        panel.set_ylabel(r"$\cos\theta_{\rm zenith}$")


def _decimal_ticks(axes: Axes) -> None:
    """Mark 1, 2, 5, 10, ... along a logarithmic axis."""
    low, high = axes.get_xlim()
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


# Survival


def reactor_survival(data: Curve, curves: Sequence[Curve], *, baseline: float) -> Figure:
    """The survival of reactor antineutrinos over L_0 / E as measured, and as expected.

    **Arguments:** data with errors and curves over L_0 / E [km/MeV]; L_0 [km], for the energies on the upper axis.

    **Raises:** `ValueError` for shapes that do not fit, or data without errors.
    """
    _check_curves((data, *curves))
    _checks.check_range("baseline", baseline, low=0.0, open_low=True, unit="km")
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.axhline(1.0, color=_LIMIT, lw=0.8, ls=":")
    axes.annotate("no oscillation", (0.4, 1.0), xycoords=("axes fraction", "data"), xytext=(0, 3), ha="center",
                  textcoords="offset points", va="bottom", fontsize=9, color=_LIMIT)  # fmt: skip
    _lines(axes, curves)
    _points(axes, data, data.x)
    axes.set_xlabel(rf"$L_0 / E_{{\bar\nu_e}}$ [km/MeV],  $L_0 = {baseline:g}$ km")
    axes.set_ylabel(r"survival probability $\bar\nu_e \to \bar\nu_e$")
    axes.set_xlim(0.95 * np.min(data.x), 1.03 * np.max(data.x))
    axes.set_ylim(0.0, _HIGHEST)
    axes.tick_params(which="both", direction="in", right=True)
    inverse = partial(_inverse, scale=baseline)
    energies = axes.secondary_xaxis("top", functions=(inverse, inverse))
    low, high = baseline / np.array(axes.get_xlim()[::-1])
    energies.set_ticks([tick for tick in (1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10) if low <= tick <= high])
    energies.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    energies.tick_params(which="both", direction="in")
    energies.set_xlabel("antineutrino energy [MeV]")
    axes.legend(frameon=False, fontsize=9, loc="upper right")
    return figure


def solar_survival(
    data: Sequence[Curve],
    curves: Sequence[Curve],
    *,
    limits: Mapping[str, float],
    born_elsewhere: Sequence[Curve] = (),
    bands: Sequence[Curve] = (),
) -> Figure:
    """The survival of solar neutrinos by day over their energy, as measured and as expected.

    **Arguments:** data of each experiment and curves over the energy [MeV]; data at one energy are drawn side by side.
    `limits`: probabilities that neutrinos tend to, by name. `born_elsewhere`: what the first curve is for other places
    of birth, drawn thin. `bands`: measured curves, drawn as bands.

    **Raises:** `ValueError` for shapes that do not fit, or data without errors.
    """
    _check_curves((*data, *curves, *born_elsewhere, *bands))
    for name, given in (("data", data), ("curves", curves)):
        if not given:
            _checks.fail(name, "hold one curve or more", "it is empty")
    figure = Figure(figsize=(7.6, 5.0), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    for name, limit in limits.items():
        axes.axhline(limit, color=_LIMIT, lw=0.8, ls=":")
        axes.annotate(name, (0.015, limit), xycoords=("axes fraction", "data"), xytext=(0, 3), va="bottom",
                      textcoords="offset points", fontsize=9, color=_LIMIT)  # fmt: skip
    for k, band in enumerate(bands, 4):
        axes.fill_between(band.x, band.y - _error(band), band.y + _error(band), color=color(k), alpha=0.35, lw=0.0,
                          label=band.label)  # fmt: skip
    _lines(axes, curves)
    for k, curve in enumerate(born_elsewhere):
        turn, broken = divmod(k, len(DASHES) - 1)
        axes.plot(curve.x, curve.y, ls=dash(1 + broken), color=color(turn), lw=0.9, label=curve.label)
    apart = _side_by_side(np.concatenate([points.x for points in data]))
    starts = np.cumsum([len(points.x) for points in data])[:-1]
    for k, (points, x) in enumerate(zip(data, np.split(apart, starts), strict=True)):
        _points(axes, points, x, index=k)
    axes.set_ylim(*_SOLAR_RANGE)
    axes.set_xlim(min(np.min(c.x) for c in curves), max(np.max(c.x) for c in curves))
    _decimal_ticks(axes)
    ticks_inside(axes)
    axes.set_xlabel("neutrino energy [MeV]")
    axes.set_ylabel(r"survival probability $\nu_e \to \nu_e$ by day")
    axes.legend(frameon=False, fontsize=9, ncols=2, loc="upper right")
    return figure


def _check_curves(curves: Sequence[Curve]) -> None:
    for curve in curves:
        for name, values in (("x", curve.x), ("y", curve.y), ("error", curve.error)):
            if values is not None:
                _checks.check_range(f"{name} of {curve.label!r}", values, low=-np.inf if name == "y" else 0.0)
                if np.ndim(values) != 1 or np.shape(values) != np.shape(curve.x):
                    shapes = f"the shapes are {np.shape(values)} and {np.shape(curve.x)}"
                    _checks.fail(f"{name} of {curve.label!r}", "have the shape (points,) of x", shapes)
        if len(curve.names) not in (0, len(curve.x)):
            numbers = f"there are {len(curve.names)} for {len(curve.x)} points"
            _checks.fail(f"names of {curve.label!r}", "be none or one for each point", numbers)


def _error(curve: Curve) -> Float[np.ndarray, " points"]:
    """One standard deviation of data."""
    if curve.error is None:
        _checks.fail(f"error of {curve.label!r}", "be given with data", "it is None")
    return curve.error


def _lines(axes: Axes, curves: Sequence[Curve]) -> None:
    """Draw curves, with bands of one standard deviation where they have errors."""
    for k, curve in enumerate(curves):
        if curve.error is not None:
            axes.fill_between(curve.x, curve.y - curve.error, curve.y + curve.error, color=color(k), alpha=0.25, lw=0.0)
        axes.plot(curve.x, curve.y, ls=dash(k), color=color(k), lw=1.6, label=curve.label)


def _points(axes: Axes, points: Curve, x: Float[np.ndarray, " points"], *, index: int = 0) -> None:
    """Draw black symbols at x, a shape to each index, filled and open in turn."""
    error = _error(points)
    axes.errorbar(x, points.y, error, fmt=_MARKERS[index % len(_MARKERS)], color="black", ms=5, lw=1.0, zorder=3,
                  mfc="white" if index % 2 else "black", label=points.label)  # fmt: skip
    lower = points.y - error
    for name, place, low in zip(points.names, x[: len(points.names)], lower[: len(points.names)], strict=True):
        axes.annotate(name, (place, low), xytext=(0, -3), textcoords="offset points", ha="center", va="top",
                      fontsize=9, path_effects=[withStroke(linewidth=2.0, foreground="white")])  # fmt: skip


def _side_by_side(x: Float[np.ndarray, " points"]) -> Float[np.ndarray, " points"]:
    """Move numbers at least e^_APART apart in the same order, each cluster where it was in the mean."""
    order = np.argsort(x, kind="stable")
    clusters = [[value] for value in np.log(x[order])]

    def centers(cluster: list[float]) -> np.ndarray:
        return np.mean(cluster) + _APART * (np.arange(len(cluster)) - 0.5 * (len(cluster) - 1))

    k = 0
    while k < len(clusters) - 1:
        if centers(clusters[k + 1])[0] - centers(clusters[k])[-1] < _APART * (1.0 - 1e-9):
            clusters[k : k + 2] = [clusters[k] + clusters[k + 1]]
            k = max(k - 1, 0)
        else:
            k += 1
    apart = np.empty_like(x, dtype=float)
    apart[order] = np.exp(np.concatenate([centers(cluster) for cluster in clusters]))
    return apart


def _inverse(x: NumpyArrayLike, scale: float) -> np.ndarray:
    """scale / x, finite where matplotlib asks for x = 0."""
    array = np.asarray(x, float)
    return scale / np.where(array == 0.0, np.finfo(float).eps, array)
