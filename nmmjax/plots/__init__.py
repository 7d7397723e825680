"""Figures. Functions take results, arrays and curves, and return matplotlib figures."""

from nmmjax.plots._style import write
from nmmjax.plots.comparison import contours, draw_together, profiles
from nmmjax.plots.mechanisms import Span, conundrum
from nmmjax.plots.moments import Band, Recoils, cross_sections, moment_limits, recoil_spectra
from nmmjax.plots.oscillation import Curve, oscillograd, oscillogram, reactor_survival, solar_survival
from nmmjax.plots.results import beside, contour, corner, derived, draw_all, profile, spectrum, trace

__all__ = [
    "Band",
    "Curve",
    "Recoils",
    "Span",
    "beside",
    "contour",
    "contours",
    "conundrum",
    "corner",
    "cross_sections",
    "derived",
    "draw_all",
    "draw_together",
    "moment_limits",
    "oscillograd",
    "oscillogram",
    "profile",
    "profiles",
    "reactor_survival",
    "recoil_spectra",
    "solar_survival",
    "spectrum",
    "trace",
    "write",
]
