"""Inference: functions of a fit."""

from nmmjax.infer.approximation import Laplace, laplace
from nmmjax.infer.intervals import LEVEL, Limits, limits, one_sided, two_sided
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.profiling import Profile, profile
from nmmjax.infer.sampling import Draws, Report, chains_ahead, check_resumable, sample
from nmmjax.infer.screening import Undefined, screen
from nmmjax.infer.settings import Settings

__all__ = [
    "LEVEL",
    "Draws",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Settings",
    "Status",
    "Undefined",
    "chains_ahead",
    "check_resumable",
    "laplace",
    "limits",
    "maximize",
    "one_sided",
    "profile",
    "sample",
    "screen",
    "two_sided",
]
