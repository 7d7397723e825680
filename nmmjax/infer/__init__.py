"""Inference: functions of a fit."""

from nmmjax.infer.approximation import Laplace, laplace
from nmmjax.infer.evidence import Evidence, bridged_evidence, tempered_evidence
from nmmjax.infer.intervals import LEVEL, Limits, limits, one_sided, two_sided
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.profiling import Profile, profile
from nmmjax.infer.sampling import Draws, Report, Tempered, chains_ahead, check_resumable, sample
from nmmjax.infer.screening import Undefined, screen
from nmmjax.infer.settings import Sampler, Settings
from nmmjax.infer.tempering import temper

__all__ = [
    "LEVEL",
    "Draws",
    "Evidence",
    "Laplace",
    "Limits",
    "Maximum",
    "Profile",
    "Report",
    "Sampler",
    "Settings",
    "Status",
    "Tempered",
    "Undefined",
    "bridged_evidence",
    "chains_ahead",
    "check_resumable",
    "laplace",
    "limits",
    "maximize",
    "one_sided",
    "profile",
    "sample",
    "screen",
    "temper",
    "tempered_evidence",
    "two_sided",
]
