"""Figures. Functions take results, arrays and curves, and return matplotlib figures."""

from typing import TYPE_CHECKING

from nmmjax._lazy import parts

if TYPE_CHECKING:
    from nmmjax.plots._style import write
    from nmmjax.plots.channels import probabilities
    from nmmjax.plots.ensembles import calibration, calibrations, feldman_cousins, feldman_cousins_plane, toys
    from nmmjax.plots.exclusion import exclusions
    from nmmjax.plots.forecasts import forecast, forecast_contours
    from nmmjax.plots.hypotheses import coverage, discrimination
    from nmmjax.plots.masses import Allowed, MassLimit, lobster, mass_planes
    from nmmjax.plots.mechanisms import Span, conundrum, muon_correlation
    from nmmjax.plots.moments import (
        Band,
        Recoils,
        Region,
        cross_sections,
        moment_limits,
        moments_over_mass,
        recoil_spectra,
    )
    from nmmjax.plots.nuisances import impacts
    from nmmjax.plots.oscillation import Curve, oscillograd, oscillogram, reactor_survival, solar_survival
    from nmmjax.plots.posterior import corner, correlations, derived, published, trace
    from nmmjax.plots.precession import Plane, Years, level_crossings, solar_flips, supernova_burst
    from nmmjax.plots.profile_likelihood import contour, contours, profile, profiles
    from nmmjax.plots.results import draw_all, draw_together
    from nmmjax.plots.reweighting import reweighted
    from nmmjax.plots.spectra import spectrum
    from nmmjax.plots.speed import speeds
    from nmmjax.plots.surveys import surveyed
    from nmmjax.plots.telescope import flavors
    from nmmjax.plots.triangles import triangle
    from nmmjax.plots.verifications import verification
else:
    __getattr__, __dir__ = parts(__name__, __file__)

__all__ = [
    "Allowed",
    "Band",
    "Curve",
    "MassLimit",
    "Plane",
    "Recoils",
    "Region",
    "Span",
    "Years",
    "calibration",
    "calibrations",
    "contour",
    "contours",
    "conundrum",
    "corner",
    "correlations",
    "coverage",
    "cross_sections",
    "derived",
    "discrimination",
    "draw_all",
    "draw_together",
    "exclusions",
    "feldman_cousins",
    "feldman_cousins_plane",
    "flavors",
    "forecast",
    "forecast_contours",
    "impacts",
    "level_crossings",
    "lobster",
    "mass_planes",
    "moment_limits",
    "moments_over_mass",
    "muon_correlation",
    "oscillograd",
    "oscillogram",
    "probabilities",
    "profile",
    "profiles",
    "published",
    "reactor_survival",
    "recoil_spectra",
    "reweighted",
    "solar_flips",
    "solar_survival",
    "spectrum",
    "speeds",
    "supernova_burst",
    "surveyed",
    "toys",
    "trace",
    "triangle",
    "verification",
    "write",
]
