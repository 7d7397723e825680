"""The unitarity triangle of leptons, whose area is what CP violation in oscillations is made of."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Complex

from nmmjax.constants import ELECTRON, MUON
from nmmjax.plots import _mixing
from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import color, dash, ticks_inside
from nmmjax.results import Result

_MARKERS = "os^Dv"


def triangle(results: Sequence[Result]) -> Figure:
    """The triangle of e and mu of each result: draws of its free corner, and the triangle at the maximum.

    U_e1 U_mu1^* + U_e2 U_mu2^* + U_e3 U_mu3^* = 0, over its first term: corners at 0, 1 and `corner_of(U)`. It is flat
    where CP is conserved.
    """
    figure = Figure(figsize=(7.0, 5.0), layout="constrained")
    axes = figure.subplots()
    for number, result in enumerate(results):
        shade, marker = color(number), _MARKERS[number % len(_MARKERS)]
        z = corner_of(_mixing.matrices(result, best=False))
        axes.plot(np.real(z), np.imag(z), marker, color=shade, ms=2.0, alpha=0.3, rasterized=True)
        (top,) = corner_of(_mixing.matrices(result, best=True))
        x, y = float(np.real(top)), float(np.imag(top))
        axes.plot([0.0, 1.0, x, 0.0], [0.0, 0.0, y, 0.0], color=shade, ls=dash(number), lw=1.4)
        axes.plot(x, y, marker, color=shade, mec="black", ms=9, ls="none", label=result.name)
    axes.axhline(0.0, color="0.6", lw=0.8, zorder=0)
    axes.set(xlabel=r"Re $z$", ylabel=r"Im $z$", aspect="equal")
    axes.set_title(r"$z = -U_{e3} U_{\mu3}^* / (U_{e1} U_{\mu1}^*)$: flat without CP violation", fontsize=11)
    axes.legend(fontsize=8, loc="best", framealpha=0.9)
    ticks_inside(axes)
    return figure


def corner_of(U: Complex[np.ndarray, "n 3 3"]) -> Complex[np.ndarray, " n"]:
    """z = -U_e3 U_mu3^* / (U_e1 U_mu1^*) (n,), with Im z = -J / |U_e1 U_mu1|^2 of the Jarlskog invariant J."""
    sides = U[:, ELECTRON] * U[:, MUON].conj()
    return -sides[:, 2] / sides[:, 0]
