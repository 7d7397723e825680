"""Flavors of astrophysical neutrinos at a telescope, as shares in a triangle."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from nmmjax.plots import _mixing
from nmmjax.plots._matplotlib import Axes, Figure
from nmmjax.plots._style import SAFE
from nmmjax.results import Result

SOURCES: Mapping[str, tuple[float, float, float]] = {
    "pion decay (1 : 2 : 0)": (1 / 3, 2 / 3, 0.0),
    "damped muons (0 : 1 : 0)": (0.0, 1.0, 0.0),
    "neutron decay (1 : 0 : 0)": (1.0, 0.0, 0.0),
}
"""Shares of e, mu and tau at the source, neutrinos and antineutrinos together."""
_HEIGHT = np.sqrt(3.0) / 2.0
_MARKERS = "os^Dv"
_WITHOUT = np.full(3, 1.0 / 3.0)


def flavors(results: Sequence[Result], sources: Mapping[str, tuple[float, float, float]] = SOURCES) -> Figure:
    """Shares of e, mu and tau at the Earth of each source and result: draws, and the maximum as a larger mark.

    **Arguments:** results of three flavors; shares of e, mu and tau at the sources, by label.
    """
    figure = Figure(figsize=(7.2, 6.4), layout="constrained")
    axes = figure.subplots()
    _triangle(axes)
    axes.plot(*corner_of(_WITHOUT), "+", color="0.4", ms=12, label="equal shares")
    for number, result in enumerate(results):
        draws, best = (np.abs(_mixing.matrices(result, best=best)) ** 2 for best in (False, True))
        for k, (label, shares) in enumerate(sources.items()):
            look = {"marker": _MARKERS[k % 5], "color": SAFE[(k + number) % len(SAFE)], "lw": 0.0}
            axes.plot(*corner_of(at_earth(shares, draws)), **look, ms=2.0, alpha=0.3, rasterized=True)
            words = label if len(results) == 1 else f"{result.name}: {label}"
            axes.plot(*corner_of(at_earth(shares, best)), **look, ms=9, mec="black", label=words)
    axes.legend(fontsize=8, loc="upper right", framealpha=0.9)
    axes.set_title(", ".join(result.name for result in results), fontsize=11, pad=18)
    return figure


def at_earth(shares: Sequence[float], mixing_squared: Float[np.ndarray, "n 3 3"]) -> Float[np.ndarray, "n 3"]:
    """Shares of e, mu and tau after many oscillations: sum_i |U_bi|^2 sum_a |U_ai|^2 f_a (n, 3), coherence lost.

    **Arguments:** shares f at the source; |U_ai|^2 (n, 3, 3).
    """
    return np.einsum("nbi,nai,a->nb", mixing_squared, mixing_squared, np.asarray(shares))


def corner_of(shares: Float[np.ndarray, "... 3"]) -> tuple[np.ndarray, np.ndarray]:
    """Where shares of e, mu and tau lie: all e to the lower right, all mu above, all tau to the lower left."""
    shares = np.asarray(shares)
    return shares[..., 0] + 0.5 * shares[..., 1], _HEIGHT * shares[..., 1]


def _triangle(axes: Axes) -> None:
    """Sides, lines of equal shares with their numbers along the side on which each is read, and names."""
    corners = np.array([corner_of(row) for row in np.eye(3)])
    axes.fill(*corners.T, fc="none", ec="black", lw=1.2)
    for share in np.arange(0.2, 0.9, 0.2):
        for flavor in range(3):
            ends = np.zeros((2, 3))
            ends[:, flavor] = share
            ends[0, (flavor + 1) % 3] = ends[1, (flavor + 2) % 3] = 1.0 - share
            axes.plot(*corner_of(ends), color="0.85", lw=0.7, zorder=0)
            x, y = corner_of(ends[1])
            offset = ((0, -10), (10, 2), (-12, 2))[flavor]
            axes.annotate(
                f"{share:.1f}", (x, y), offset, textcoords="offset points", ha="center", va="center", fontsize=8
            )
    names = (r"share of $\nu_e$", r"share of $\nu_\mu$", r"share of $\nu_\tau$")
    places, turns = ((0.5, -0.09), (0.86, 0.46), (0.14, 0.46)), (0.0, -60.0, 60.0)
    for name, place, turn in zip(names, places, turns, strict=True):
        axes.annotate(name, place, ha="center", va="center", rotation=turn, rotation_mode="anchor")
    axes.set(xlim=(-0.08, 1.08), ylim=(-0.12, _HEIGHT + 0.06), aspect="equal")
    axes.set_axis_off()
