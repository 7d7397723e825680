"""Intervals and limits by the profile likelihood."""

import math
from typing import NamedTuple

import numpy as np

from nmmjax import _checks
from nmmjax.fit import Fit
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.profiling import Profile, profile
from nmmjax.numerics.special import two_sided_quantile
from nmmjax.space import is_circular

LEVEL = 0.90
"""Confidence level unless a caller says otherwise."""
_POINTS = 64
_WIDENINGS = 4
"""How often a range is made twice as wide to a side on which the profile ends below its level."""
_INSIDE = 1e-3
"""Of a range, by which it ends before the prior does."""


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
    """Interval and upper limit of one parameter. NaN where the profile does not come so high within the prior."""

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
    """Interval and upper limit of one sampled number, of which `profile` tells.

    They are looked for in the range `reach`, which is made wider, inside the prior, where the profile ends below its
    level. With flat priors they are those of the likelihood ratio, -2 ln lambda = `two_sided(level)` and
    `one_sided(level)`.
    """
    _checks.check_known("name", name, fit.space.entries)
    best = fit.space.value(maximum.parameters, name)
    support = _support(fit, name, best)
    found = _profiled(fit, maximum, name, best, reach)
    for _ in range(_WIDENINGS):
        wider = _wider(best, reach, found.crossings(two_sided(level)), support)
        if wider == reach:
            break
        reach, found = wider, _profiled(fit, maximum, name, best, wider)
    low, high = found.crossings(two_sided(level))
    further = tuple(ends for ends in found.regions(two_sided(level)) if not np.array_equal(ends, (low, high), True))
    *_, (_, upper) = ((np.nan, np.nan), *found.regions(one_sided(level)))
    return Limits(name, level, low, high, upper, found, further)


def _profiled(fit: Fit, maximum: Maximum, name: str, best: float, reach: tuple[float, float]) -> Profile:
    """On a grid over a range that has the best value in it."""
    least, greatest = reach
    grid = np.union1d(np.linspace(least, greatest, _POINTS), min(max(best, least), greatest))
    return profile(fit, maximum, {name: grid})


def _support(fit: Fit, name: str, best: float) -> tuple[float, float]:
    """Where the prior of a sampled number ends, or a phase has made half a turn to both sides."""
    prior = fit.priors[fit.space.entries[name].parameter]
    return (best - math.pi, best + math.pi) if is_circular(prior) else fit.space.bounds(name, prior)


def _wider(
    best: float, reach: tuple[float, float], crossings: tuple[float, float], support: tuple[float, float]
) -> tuple[float, float]:
    """The range, twice as far from the best value on each side that is still open, but inside the prior."""
    (least, greatest), (bottom, top) = reach, support
    edge = _INSIDE * (greatest - least)
    if math.isnan(crossings[0]):
        least = min(least, max(best - 2.0 * (best - least), bottom + edge))
    if math.isnan(crossings[1]):
        greatest = max(greatest, min(best + 2.0 * (greatest - best), top - edge))
    return least, greatest


def _check_level(level: float) -> None:
    _checks.check_range("level", level, low=0.5, high=1.0, open_high=True)
