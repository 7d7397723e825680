"""Inference: functions of a fit."""

from nmmjax.infer._conditional import Axis
from nmmjax.infer._numbers import numbers_at, profiled, spread
from nmmjax.infer.approximation import Laplace, laplace
from nmmjax.infer.checking import Inspection, inspect
from nmmjax.infer.exclusion import Exclusion, exclusion
from nmmjax.infer.intervals import LEVEL, Limits, limits, one_sided, region, two_sided
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.profiling import Profile, profile
from nmmjax.infer.sampling import Draws, Report, chains_ahead, check_resumable, sample
from nmmjax.infer.screening import Undefined, screen
from nmmjax.infer.settings import Settings
from nmmjax.infer.surveying import Survey, Surveyed, survey

__all__ = [
    "LEVEL",
    "Axis",
    "Draws",
    "Exclusion",
    "Inspection",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Settings",
    "Status",
    "Survey",
    "Surveyed",
    "Undefined",
    "chains_ahead",
    "check_resumable",
    "exclusion",
    "inspect",
    "laplace",
    "limits",
    "maximize",
    "numbers_at",
    "one_sided",
    "profile",
    "profiled",
    "region",
    "sample",
    "screen",
    "spread",
    "survey",
    "two_sided",
]
