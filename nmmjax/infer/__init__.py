"""Inference: functions of a fit."""

from nmmjax.infer.laplace import Laplace, laplace
from nmmjax.infer.limits import Limits, limits
from nmmjax.infer.maximize import Maximum, Status, maximize
from nmmjax.infer.profile import Profile, profile
from nmmjax.infer.sample import Draws, Report, sample

__all__ = [
    "Draws",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Status",
    "laplace",
    "limits",
    "maximize",
    "profile",
    "sample",
]
