"""Inference: functions of a fit."""

from nmmjax.infer.approximation import Laplace, laplace
from nmmjax.infer.bands import Band, ClsLimit, cls_limit, feldman_cousins
from nmmjax.infer.calibration import Calibration, calibrate
from nmmjax.infer.evidence import Evidence, bridged_evidence, tempered_evidence
from nmmjax.infer.intervals import LEVEL, Limits, limits, one_sided, two_sided
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.profiling import Profile, profile
from nmmjax.infer.sampling import Draws, Report, Tempered, chains_ahead, check_resumable, sample
from nmmjax.infer.screening import Undefined, screen
from nmmjax.infer.settings import Sampler, Settings
from nmmjax.infer.simulation import Held, Share, Toys, chi2_quantile, conditional, toys
from nmmjax.infer.tempering import temper

__all__ = [
    "LEVEL",
    "Band",
    "Calibration",
    "ClsLimit",
    "Draws",
    "Evidence",
    "Held",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Sampler",
    "Settings",
    "Share",
    "Status",
    "Tempered",
    "Toys",
    "Undefined",
    "bridged_evidence",
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
    "temper",
    "tempered_evidence",
    "toys",
    "two_sided",
]
