"""Inference: functions of a fit."""

from nmmjax.infer.laplace import Laplace, laplace
from nmmjax.infer.maximize import Maximum, Status, maximize
from nmmjax.infer.profile import Profile, profile
from nmmjax.infer.sample import Draws, Report, sample

__all__ = ["Draws", "Laplace", "Maximum", "Profile", "Report", "Status", "laplace", "maximize", "profile", "sample"]
