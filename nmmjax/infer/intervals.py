"""Intervals and limits by the profile likelihood."""

import math
from typing import NamedTuple

import numpy as np

from nmmjax import _checks
from nmmjax.fit import Fit
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.profiling import Profile, profile
from nmmjax.numerics.special import two_sided_quantile

LEVEL = 0.90
"""Confidence level unless a caller says otherwise."""
_POINTS = 64


def two_sided(level: float = LEVEL) -> float:
    """Delta chi^2 within which one Gaussian number lies with probability `level`: 2.71 for 90 %."""
    _check_level(level)
    return two_sided_quantile(level) ** 2


def one_sided(level: float = LEVEL) -> float:
    """Delta chi^2 of an upper limit below which one Gaussian number lies with probability `level`: 1.64 for 90 %."""
    _check_level(level)
    return two_sided_quantile(2.0 * level - 1.0) ** 2


def region(level: float, parameters: int = 1) -> float:
    """Delta chi^2 within which so many Gaussian numbers lie together with probability `level`.

    The quantile of chi^2 with as many degrees of freedom: 2.71 for one and 4.61 for two at 90 %.
    """
    _check_level(level)
    if parameters not in (1, 2):
        _checks.fail("parameters", "be one or two", f"it is {parameters}")
    return two_sided(level) if parameters == 1 else -2.0 * math.log1p(-level)


class Limits(NamedTuple):
    """Interval and upper limit of one parameter. NaN where the profile does not come so high within its range."""

    name: str
    level: float
    """Confidence level."""
    low: float
    """Lower end of the two-sided interval; NaN where there is none above the bound of the prior."""
    high: float
    """Upper end of the two-sided interval."""
    upper: float
    """One-sided upper limit: the limit where a parameter has a bound below and no signal."""
    profile: Profile
    """The profile that they are read from."""
    further: tuple[tuple[float, float], ...] = ()
    """Intervals apart from that around the maximum, where other modes are as good at this level."""


def limits(fit: Fit, maximum: Maximum, name: str, reach: tuple[float, float], level: float = LEVEL) -> Limits:
    """Interval and upper limit of one sampled number, of which `profile` tells, looked for in the range `reach`.

    With flat priors they are those of the likelihood ratio, -2 ln lambda = `two_sided(level)` and `one_sided(level)`.
    """
    _checks.check_known("name", name, fit.space.entries)
    best, (least, greatest) = fit.space.value(maximum.parameters, name), reach
    grid = np.union1d(np.linspace(least, greatest, _POINTS), min(max(best, least), greatest))
    found = profile(fit, maximum, {name: grid})
    low, high = found.crossings(two_sided(level))
    further = tuple(ends for ends in found.regions(two_sided(level)) if not np.array_equal(ends, (low, high), True))
    *_, (_, upper) = ((np.nan, np.nan), *found.regions(one_sided(level)))
    return Limits(name, level, low, high, upper, found, further)


def _check_level(level: float) -> None:
    _checks.check_range("level", level, low=0.5, high=1.0, open_high=True)
