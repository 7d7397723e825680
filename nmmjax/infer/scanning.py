"""How often intervals and limits of one number cover it, at several true values: near a bound, and away from it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.fit import Fit
from nmmjax.infer.intervals import LEVEL, one_sided, two_sided
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.simulation import Held, Share, Toys, conditional, toys


class Scan(NamedTuple):
    """Shares of toys whose interval or limit holds the true value, one after the other."""

    name: str
    grid: Float[np.ndarray, " n"]
    """True values."""
    level: float
    number: int
    """Of toys at each of them."""
    interval: tuple[Share, ...]
    """Of the profile likelihood: Delta chi^2 below `two_sided(level)`."""
    limit: tuple[Share, ...]
    """Of the upper limit: where the best value lies below the true one, Delta chi^2 below `one_sided(level)`."""
    band: tuple[Share, ...]
    """Of the band of Feldman and Cousins, which other toys at the same value make."""
    critical: Float[np.ndarray, " n"]
    """Delta chi^2 that the band takes."""


def coverage(
    fit: Fit,
    maximum: Maximum,
    name: str,
    grid: Float[np.ndarray, " n"],
    number: int,
    *,
    key: PRNGKeyArray,
    level: float = LEVEL,
    auxiliary: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Scan:
    """Coverage at each of some true values of one number; all else lies where it fits the data best with that value.

    **Arguments:** the fit, its maximum, the number and its true values, and how many toys there are for each, twice;
    the key of all; the confidence level; the `auxiliary` measurements of `toys`; `progress` is told how many values are
    done.
    """
    _checks.check_known("name", name, fit.space.entries)
    _checks.check_finite("grid", grid)
    two_sided(level)
    judged, critical = [], np.empty(len(grid))
    for place, value in enumerate(np.asarray(grid, float).tolist()):
        at = conditional(fit, maximum, {name: value})
        given = {"at": at, "tests": (Held((name,)),), "auxiliary": auxiliary}
        own, other = jax.random.split(jax.random.fold_in(key, place))
        critical[place] = toys(fit, maximum, number, key=other, **given).critical(0, level)
        judged.append(_shares(toys(fit, maximum, number, key=own, **given), name, level, critical[place]))
        progress(place + 1)
    interval, limit, band = zip(*judged, strict=True)
    return Scan(name, np.asarray(grid, float), level, number, interval, limit, band, critical)


def _shares(found: Toys, name: str, level: float, critical: float) -> tuple[Share, Share, Share]:
    """Of interval, limit and band."""
    (true, best), chi2 = found.select(name), found.delta_chi2[:, 0]
    excluded = (best < true) & (chi2 > one_sided(level))
    covered = (chi2 <= two_sided(level), ~excluded, chi2 <= critical)
    of_interval, of_limit, of_band = (Share.of(int(np.sum(held)), found.number) for held in covered)
    return of_interval, of_limit, of_band
