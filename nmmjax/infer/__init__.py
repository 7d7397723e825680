"""Inference: functions of a fit."""

from nmmjax.infer._conditional import Axis
from nmmjax.infer._numbers import numbers_at, profiled, spread
from nmmjax.infer._placement import leads
from nmmjax.infer.approximation import Laplace, laplace
from nmmjax.infer.bands import Band, ClsLimit, cls_limit, feldman_cousins
from nmmjax.infer.calibration import Calibration, calibrate
from nmmjax.infer.checking import Inspection, inspect
from nmmjax.infer.deciding import Estimate, Impacts, estimate, estimates_without, impacts, interest_of, nuisances_of
from nmmjax.infer.discrimination import Discrimination, check_rivals, discriminate
from nmmjax.infer.evidence import Evidence, bridged_evidence, tempered_evidence
from nmmjax.infer.exclusion import Exclusion, exclusion
from nmmjax.infer.forecasting import Forecast, asimov, exposed, forecast
from nmmjax.infer.intervals import LEVEL, Limits, limits, one_sided, region, two_sided
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.planes import ClsPlane, cls_plane
from nmmjax.infer.profiling import Profile, profile
from nmmjax.infer.sampling import Draws, Report, Tempered, chains_ahead, check_resumable, sample
from nmmjax.infer.scanning import Scan, coverage
from nmmjax.infer.screening import Undefined, screen
from nmmjax.infer.settings import Sampler, Settings
from nmmjax.infer.simulation import Held, Share, Toys, chi2_quantile, conditional, toys
from nmmjax.infer.surveying import Survey, Surveyed, survey
from nmmjax.infer.tempering import temper

__all__ = [
    "LEVEL",
    "Axis",
    "Band",
    "Calibration",
    "ClsLimit",
    "ClsPlane",
    "Discrimination",
    "Draws",
    "Estimate",
    "Evidence",
    "Exclusion",
    "Forecast",
    "Held",
    "Impacts",
    "Inspection",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Sampler",
    "Scan",
    "Settings",
    "Share",
    "Status",
    "Survey",
    "Surveyed",
    "Tempered",
    "Toys",
    "Undefined",
    "asimov",
    "bridged_evidence",
    "calibrate",
    "chains_ahead",
    "check_resumable",
    "check_rivals",
    "chi2_quantile",
    "cls_limit",
    "cls_plane",
    "conditional",
    "coverage",
    "discriminate",
    "estimate",
    "estimates_without",
    "exclusion",
    "exposed",
    "feldman_cousins",
    "forecast",
    "impacts",
    "inspect",
    "interest_of",
    "laplace",
    "leads",
    "limits",
    "maximize",
    "nuisances_of",
    "numbers_at",
    "one_sided",
    "profile",
    "profiled",
    "region",
    "sample",
    "screen",
    "spread",
    "survey",
    "temper",
    "tempered_evidence",
    "toys",
    "two_sided",
]
