"""Inference: functions of a fit."""

from nmmjax.infer.approximation import Laplace, laplace
from nmmjax.infer.bands import Band, ClsLimit, cls_limit, feldman_cousins
from nmmjax.infer.calibration import Calibration, calibrate
from nmmjax.infer.intervals import LEVEL, Limits, limits, one_sided, two_sided
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.profiling import Profile, profile
from nmmjax.infer.sampling import Draws, Report, chains_ahead, check_resumable, sample
from nmmjax.infer.screening import Undefined, screen
from nmmjax.infer.settings import Settings
from nmmjax.infer.simulation import Held, Share, Toys, chi2_quantile, conditional, toys

__all__ = [
    "LEVEL",
    "Band",
    "Calibration",
    "ClsLimit",
    "Draws",
    "Held",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Settings",
    "Share",
    "Status",
    "Toys",
    "Undefined",
    "calibrate",
    "chains_ahead",
    "check_resumable",
    "chi2_quantile",
    "cls_limit",
    "conditional",
    "feldman_cousins",
    "laplace",
    "limits",
    "maximize",
    "one_sided",
    "profile",
    "sample",
    "screen",
    "toys",
    "two_sided",
]
