"""Figures. Functions take results, arrays and curves, and return matplotlib figures."""

from nmmjax.plots._style import write
from nmmjax.plots.comparison import contours, draw_together
from nmmjax.plots.mechanisms import Span, conundrum
from nmmjax.plots.oscillation import Curve, oscillograd, oscillogram, reactor_survival, solar_survival
from nmmjax.plots.results import beside, contour, corner, derived, draw_all, spectrum, trace

__all__ = [
    "Curve",
    "Span",
    "beside",
    "contour",
    "contours",
    "conundrum",
    "corner",
    "derived",
    "draw_all",
    "draw_together",
    "oscillograd",
    "oscillogram",
    "reactor_survival",
    "solar_survival",
    "spectrum",
    "trace",
    "write",
]
