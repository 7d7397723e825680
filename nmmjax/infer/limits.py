"""Limits by the profile likelihood."""

from typing import NamedTuple

import numpy as np

from nmmjax.fit import Fit
from nmmjax.infer.maximize import Maximum
from nmmjax.infer.profile import Profile, profile

TWO_SIDED, ONE_SIDED = 2.705543454, 1.642374415
"""Delta chi^2 that hold 90 % of one Gaussian number: within, and below."""
_POINTS = 64


class Limits(NamedTuple):
    """A parameter at 90 %. NaN where the profile does not come so high within the range that was looked at."""

    name: str
    low: float
    """Lower end of the interval, Delta chi^2 = 2.71; NaN where there is none above the bound of the prior."""
    high: float
    upper: float
    """Delta chi^2 = 1.64 above the best value: the limit where there is only one side."""
    profile: Profile


def limits(fit: Fit, maximum: Maximum, name: str, reach: tuple[float, float]) -> Limits:
    """Of one sampled scalar parameter, looked for in a range."""
    best, (least, greatest) = float(maximum.parameters[name]), reach
    grid = np.union1d(np.linspace(least, greatest, _POINTS), min(max(best, least), greatest))
    found = profile(fit, maximum, {name: grid})
    low, high = found.crossings(TWO_SIDED)
    _, upper = found.crossings(ONE_SIDED)
    return Limits(name, low, high, upper, found)
