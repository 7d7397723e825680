"""What exposure is expected to bring."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from nmmjax.infer import Forecast, Profile, region
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import color, ticks_inside
from nmmjax.quantities import Quantity

_WIDTH, _HEIGHT, _COLUMNS = 4.2, 3.2, 3


def forecast(found: Forecast, quantities: Mapping[str, Quantity], title: str) -> Figure:
    """For each number its expected error over exposure, beside 1 / sqrt(exposure) and the floor; significances last.

    Where truth is at the end of a prior, the expected upper limit.
    """
    factors = np.array([next(iter(e.values())) for e in found.exposures])
    panels = len(found.names) + bool(np.any(np.isfinite(found.significance)))
    columns = min(panels, _COLUMNS)
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(columns * _WIDTH, rows * _HEIGHT), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for k, (own, name) in enumerate(zip(axes, found.names, strict=False)):
        _number(own, found, k, factors, quantities[name.partition("[")[0]])
    if panels > len(found.names):
        _significances(axes[len(found.names)], found, factors)
    for own in axes[:panels]:
        own.set(xscale="log", xlabel="exposure / present exposure")
        ticks_inside(own)
    for own in axes[panels:]:
        own.set_axis_off()
    figure.suptitle(title, fontsize=10)
    return figure


def _number(axes: Axes, found: Forecast, k: int, factors: np.ndarray, quantity: Quantity) -> None:
    place = found.place(found.names[k])
    sd = found.standard_deviations[:, place]
    if not np.any(np.isfinite(sd)):
        axes.plot(factors, found.upper[:, k], "o-", ms=4, color=color(0), label=f"below, {100 * found.level:.4g} %")
        axes.plot(factors, found.interval[:, k, 1], "s--", ms=3, color=color(1), label="two-sided end")
        axes.set(yscale="log", ylabel=f"limit on {quantity.label}")
    else:
        half = 0.5 * np.diff(found.one_sigma[:, k], axis=1)[:, 0]
        axes.plot(factors, sd, color=color(0), label="Fisher")
        axes.plot(factors, half, "o", ms=4, color=color(1), label=r"profile, $\Delta\chi^2 = 1$")
        axes.plot(factors, sd[0] * np.sqrt(factors[0] / factors), ":", color="0.5", label=r"$1/\sqrt{\rm exposure}$")
        if np.isfinite(floor := found.floor[place]):
            axes.axhline(floor, ls="--", lw=0.8, color="0.3", label="without end")
        axes.set(yscale="log", ylabel=f"error of {quantity.label}")
    axes.legend(frameon=False, fontsize=8)


def _significances(axes: Axes, found: Forecast, factors: np.ndarray) -> None:
    values = found.significance
    axes.plot(factors, values, "o-", ms=4, color=color(0), label=r"$\sqrt{\Delta\chi^2}$ of the null hypothesis")
    axes.plot(factors, values[0] * np.sqrt(factors / factors[0]), ":", color="0.5", label=r"$\sqrt{\rm exposure}$")
    for sigma in (3.0, 5.0):
        axes.axhline(sigma, color="0.7", lw=0.8)
    axes.set(ylabel="median significance [standard deviations]", ylim=(0.0, None))
    axes.legend(frameon=False, fontsize=8)


def forecast_contours(
    profiles: Sequence[tuple[str, Profile, Float[np.ndarray, "2 2"]]],
    truth: tuple[float, float],
    quantities: tuple[Quantity, Quantity],
    *,
    levels: Sequence[float],
    title: str,
) -> Figure:
    """Regions of two numbers by the profile likelihood (filled) beside Fisher's ellipses (lines), for some exposures.

    **Arguments:** for each exposure its words, the profile and the covariance of both numbers; the true point; symbol
    and unit of both; confidence levels, ascending.
    """
    figure = Figure(figsize=(1.4 * _WIDTH, 1.4 * _HEIGHT), layout="constrained")
    axes = figure.subplots()
    turn = np.linspace(0.0, 2.0 * np.pi, 200)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    for shade, (words, found, covariance) in enumerate(profiles):
        x, y = found.grids
        heights = [region(level, 2) for level in levels]
        values = np.maximum(found.delta_chi2.T, 0.0)
        axes.contourf(x, y, values, levels=[0.0, *heights], colors=[color(shade)], alpha=0.25)
        axes.contour(x, y, values, levels=heights, colors=[color(shade)], linewidths=1.0)
        axes.plot([], [], color=color(shade), label=f"profile, {words}")
        if not np.all(np.isfinite(covariance)):
            continue
        root = np.linalg.cholesky(covariance)
        for height in heights:
            ellipse = np.asarray(truth)[:, None] + math.sqrt(height) * root @ circle
            axes.plot(*ellipse, ls="--", lw=1.0, color="k")
    axes.plot([], [], "k--", lw=1.0, label="Fisher")
    axes.plot(*truth, "k+", ms=9, label="truth")
    axes.set(xlabel=quantities[0].label, ylabel=quantities[1].label)
    percent = " and ".join(f"{100.0 * level:.4g} %" for level in levels)
    axes.set_title(f"{title}: {percent}", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    ticks_inside(axes)
    return figure
