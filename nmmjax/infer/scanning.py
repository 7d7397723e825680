"""How often intervals and limits of one number cover it, at several true values: near a bound, and away from it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.executors import Executor, UnfinishedError
from nmmjax.fit import Fit
from nmmjax.infer._kept import Columns
from nmmjax.infer._plans import Held, plan, simulated
from nmmjax.infer.intervals import LEVEL, one_sided, two_sided
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.simulation import Share, conditional


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
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> Scan:
    """Coverage at each of some true values of one number; all else lies where it fits the data best with that value.

    **Arguments:** the fit, its maximum, the number and its true values, and how many toys there are for each, twice;
    the key of all; the confidence level; the `auxiliary` measurements, `checkpoint`, `resume` and `executor` of `toys`;
    `progress` is told how many values are done.

    **Raises:** `UnfinishedError` where batches have failed, which resuming does again.
    """
    _checks.check_known("name", name, fit.space.entries)
    _checks.check_finite("grid", grid)
    two_sided(level)
    values, plans = np.asarray(grid, float), []
    for count, value in enumerate(values.tolist()):
        at = conditional(fit, maximum, {name: value})
        for own in jax.random.split(jax.random.fold_in(key, count)):
            plans.append(plan(fit, maximum, own, at=at, tests=(Held((name,)),), auxiliary=auxiliary))
    found, missing = simulated(
        fit,
        plans,
        number,
        executor,
        progress=lambda counts: progress(int(np.sum(np.all(counts.reshape(-1, 2) == number, axis=1)))),
        checkpoint=checkpoint,
        resume=resume,
    )
    if missing:
        raise UnfinishedError(f"Toys {'; '.join(missing)} are missing; resuming does them again.")
    place, judged, critical = fit.space.labels.index(name), [], []
    for own, other in zip(found[::2], found[1::2], strict=True):
        critical.append(float(np.quantile(other["delta_chi2"][:, 0], level, method="higher")))
        judged.append(_shares(own, place, level, critical[-1]))
    interval, limit, band = zip(*judged, strict=True)
    return Scan(name, values, level, number, interval, limit, band, np.array(critical))


def _shares(found: Columns, place: int, level: float, critical: float) -> tuple[Share, Share, Share]:
    """Of interval, limit and band."""
    true, best, chi2 = found["truth"][:, place], found["best"][:, place], found["delta_chi2"][:, 0]
    excluded = (best < true) & (chi2 > one_sided(level))
    covered = (chi2 <= two_sided(level), ~excluded, chi2 <= critical)
    of_interval, of_limit, of_band = (Share.of(int(np.sum(held)), len(chi2)) for held in covered)
    return of_interval, of_limit, of_band
