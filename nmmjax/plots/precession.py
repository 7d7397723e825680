"""Spins that turn in a star: levels along the way, what becomes of neutrinos on them, and what detectors see."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import color, dash, ticks_inside
from nmmjax.plots.oscillation import Curve

_LEVELS, _BURST, _SUN = (10.5, 4.6), (10.5, 4.4), (11.5, 4.2)


def level_crossings(
    panels: Mapping[str, Sequence[Curve]],
    resonances: Mapping[str, Sequence[tuple[float, str]]],
    probabilities: Sequence[Curve],
    *,
    title: str = "",
) -> Figure:
    """Energies of levels [km^-1] over r [km], a panel for each scheme, and probabilities along the way of the last.

    **Arguments:** curves of levels by the title of their panel; places [km] and names of resonances, likewise;
    `probabilities` over r. Levels are drawn relative to their mean, on an axis that is linear about zero.
    """
    figure = Figure(figsize=(_LEVELS[0] * (len(panels) + 1) / 3, _LEVELS[1]), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(panels) + 1))
    for panel, (name, curves) in zip(axes, panels.items(), strict=False):
        for k, curve in enumerate(curves):
            panel.plot(curve.x, curve.y, color=color(k // 3), ls=dash(k % 3), lw=1.3, label=curve.label)
        panel.set(xscale="log", title=name, xlabel="r [km]", ylabel=r"energy of the level [km$^{-1}$]")
        panel.set_yscale("symlog", linthresh=1e-2, linscale=0.5)
        for place, label in resonances.get(name, ()):
            panel.axvline(place, color="0.6", lw=0.8, zorder=0)
            panel.annotate(label, (place, 0.02), xycoords=("data", "axes fraction"), rotation=90, fontsize=7,
                           ha="right", va="bottom")  # fmt: skip
        panel.legend(fontsize=7, frameon=False, loc="upper right")
        ticks_inside(panel)
    last = axes[-1]
    for k, curve in enumerate(probabilities):
        last.plot(curve.x, curve.y, color=color(k), lw=1.3, label=curve.label)
    last.set(
        xscale="log", ylim=(-0.02, 1.02), xlabel="r [km]", ylabel="probability", title=f"on the way, {list(panels)[-1]}"
    )
    last.legend(fontsize=8, frameon=False)
    ticks_inside(last)
    figure.suptitle(title, fontsize=11)
    return figure


class Plane(NamedTuple):
    """A probability over two quantities, and vertical spans or lines with their names."""

    x: Float[np.ndarray, " n"]
    y: Float[np.ndarray, " m"]
    values: Float[np.ndarray, "m n"]
    spans: Mapping[str, tuple[float, float]]


class Years(NamedTuple):
    """Numbers of sunspots, and predicted rates beside a measured mean and its error."""

    year: Float[np.ndarray, " n"]
    sunspots: Float[np.ndarray, " n"]
    rates: Sequence[Curve]
    measured: tuple[float, float]


def solar_flips(plane: Plane, along: Sequence[Curve], years: Years, *, title: str = "") -> Figure:
    """Survival over moment [mu_B] and field [gauss], on the way out over r [solar radii], and rates [SNU] by year."""
    figure = Figure(figsize=_SUN, layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    drawn = left.contourf(plane.x, plane.y, plane.values, levels=np.linspace(0.0, 1.0, 11), cmap="cividis")
    figure.colorbar(drawn, ax=left, label=r"P($\nu_e \to \nu_e$)")
    for name, (low, high) in plane.spans.items():
        for place in sorted({low, high}):
            left.axvline(place, color="w", lw=1.0, ls="--")
        left.annotate(name, (high, 0.02), xycoords=("data", "axes fraction"), rotation=90, fontsize=7,
                      ha="right", va="bottom", bbox={"fc": "w", "ec": "none", "alpha": 0.7, "pad": 0.5})  # fmt: skip
    left.set(xscale="log", yscale="log", xlabel=r"moment [$\mu_B$]", ylabel="field [gauss]", title="massless")
    for k, curve in enumerate(along):
        middle.plot(curve.x, curve.y, color=color(k), ls=dash(k), lw=1.4, label=curve.label)
    middle.set(ylim=(0.0, 1.02), xlabel=r"r [$R_\odot$]", ylabel=r"P($\nu_e \to \nu_e$)", title="on the way out")
    middle.legend(fontsize=8, frameon=False)
    ticks_inside(middle)
    spots = right.twinx()
    spots.bar(years.year, years.sunspots, color="0.85", width=0.9)
    spots.set(ylabel="number of sunspots", ylim=(0.0, 2.0 * np.max(years.sunspots)))
    right.set_zorder(spots.get_zorder() + 1)
    right.patch.set_visible(False)
    mean, error = years.measured
    right.axhspan(mean - error, mean + error, color=color(3), alpha=0.3, lw=0, label="Homestake, mean")
    for k, curve in enumerate(years.rates):
        right.plot(curve.x, curve.y, color=color(k), ls=dash(k), lw=1.4, marker="o", ms=3, label=curve.label)
    right.set(xlabel="year", ylabel="captures on chlorine [SNU]", title="field as sunspots")
    right.set_ylim(0.0, 1.35 * max(np.max(curve.y) for curve in years.rates))
    right.legend(fontsize=8, frameon=False, loc="upper center", ncols=2)
    figure.suptitle(title, fontsize=11)
    return figure


def supernova_burst(
    spectra: Mapping[str, tuple[Float[np.ndarray, " bins+1"], Mapping[str, Float[np.ndarray, " bins"]]]],
    reach: Sequence[Curve],
    *,
    title: str = "",
) -> Figure:
    """Events by energy in each detector, and the reach in the moment over the twist of the field.

    **Arguments:** edges [MeV] and events by theory, for each detector; curves of the moment [mu_B] over
    phi' [rad/km], of one color and dash in each family.
    """
    figure = Figure(figsize=(_BURST[0] * (len(spectra) + 1) / 3, _BURST[1]), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(spectra) + 1))
    for panel, (name, (edges, theories)) in zip(axes, spectra.items(), strict=False):
        for k, (label, events) in enumerate(theories.items()):
            panel.stairs(events / np.diff(edges), edges, color=color(k), ls=dash(k), lw=1.4, label=label)
        panel.set(title=name, xlabel="reconstructed energy [MeV]", ylabel="events per MeV", ylim=(0.0, None))
        panel.legend(fontsize=8, frameon=False)
        ticks_inside(panel)
    last = axes[-1]
    names = list(dict.fromkeys(curve.family for curve in reach))
    for curve in reach:
        k = names.index(curve.family)
        last.plot(curve.x, curve.y, color=color(k), ls=dash(k), lw=1.4, label=curve.label)
    last.set(yscale="log", xlabel=r"twist $\phi'$ [rad/km]", ylabel=r"moment [$\mu_B$]", title="reach")
    last.legend(fontsize=8, frameon=False)
    ticks_inside(last)
    figure.suptitle(title, fontsize=11)
    return figure
