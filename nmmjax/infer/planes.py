"""Limits by CLs in the plane of two numbers: at each point toys of it and of the null hypothesis."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.executors import Executor, UnfinishedError
from nmmjax.fit import Fit
from nmmjax.infer._plans import Held, plan, simulated
from nmmjax.infer.intervals import LEVEL
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.profiling import profile
from nmmjax.infer.simulation import conditional, delta_chi2


class ClsPlane(NamedTuple):
    """CLs = CL(s+b) / CL(b) on a grid: points where it does not exceed 1 - level are excluded."""

    names: tuple[str, ...]
    grids: tuple[Float[np.ndarray, " n"], ...]
    level: float
    cls: Float[np.ndarray, "n m"]
    with_signal: Float[np.ndarray, "n m"]
    """Share of the toys at each point that look no more like it than the data do."""
    without: Float[np.ndarray, "n m"]
    """The same share of the toys of the null hypothesis."""


def cls_plane(
    fit: Fit,
    maximum: Maximum,
    grids: Mapping[str, Float[np.ndarray, " n"]],
    number: int,
    *,
    key: PRNGKeyArray,
    null: Mapping[str, float],
    level: float = LEVEL,
    auxiliary: Sequence[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> ClsPlane:
    """What CLs excludes in a plane [X. Qian et al., Nucl. Instrum. Meth. A 827, 63 (2016), arXiv:1407.5052].

    The statistic is T = chi^2(point) - chi^2(null), both with all else where it fits best: at each point two hypotheses
    without freedom, so that what the data cannot see is not excluded.

    **Arguments:** as of `feldman_cousins`, with two grids; `null`: the values of some numbers without a signal.

    **Raises:** `UnfinishedError` where batches have failed, which resuming does again.
    """
    if len(grids) != 2:
        _checks.fail("grids", "name two parameters", f"there are {len(grids)}")
    if not null:
        _checks.fail("null", "give a value of a number without a signal", "there is none")
    _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    for name, value in null.items():
        _checks.check_known("null", name, fit.space.entries)
        _checks.check_finite("null", value)
    found, nothing = profile(fit, maximum, grids), Held(tuple(null), tuple(null.values()))
    empty = conditional(fit, maximum, null)
    lowest = delta_chi2(fit, maximum, empty)
    shape, plans = found.delta_chi2.shape, []
    for count, place in enumerate(np.ndindex(*shape)):
        values = tuple(float(grid[i]) for grid, i in zip(found.grids, place, strict=True))
        at = conditional(fit, maximum, dict(zip(found.names, values, strict=True)))
        given = {"tests": (Held(found.names, values), nothing), "auxiliary": auxiliary}
        keys = jax.random.split(jax.random.fold_in(key, count))
        plans += [plan(fit, maximum, own, at=true, **given) for own, true in zip(keys, (at, empty), strict=True)]
    toys, missing = simulated(
        fit,
        plans,
        number,
        executor,
        progress=lambda counts: progress(int(np.sum(np.all(counts.reshape(-1, 2) == number, axis=1))), len(plans) // 2),
        checkpoint=checkpoint,
        resume=resume,
    )
    if missing:
        raise UnfinishedError(f"Toys {'; '.join(missing)} are missing; resuming does them again.")
    statistic = np.array([own["delta_chi2"][:, 0] - own["delta_chi2"][:, 1] for own in toys])
    above = statistic.reshape(*shape, 2, number) >= (found.delta_chi2 - lowest)[..., None, None]
    with_signal, without = np.moveaxis(np.mean(above, axis=-1), -1, 0)
    cls = np.minimum(with_signal / np.maximum(without, 0.5 / number), 1.0)
    return ClsPlane(found.names, found.grids, level, cls, with_signal, without)
