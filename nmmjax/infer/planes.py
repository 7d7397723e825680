"""Limits by CLs in the plane of two numbers: at each point toys of it and of the null hypothesis."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.fit import Fit
from nmmjax.infer.intervals import LEVEL
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.profiling import profile
from nmmjax.infer.simulation import Held, conditional, delta_chi2, toys


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
) -> ClsPlane:
    """What CLs excludes in a plane [X. Qian et al., Nucl. Instrum. Meth. A 827, 63 (2016), arXiv:1407.5052].

    The statistic is T = chi^2(point) - chi^2(null), both with all else where it fits best: at each point two hypotheses
    without freedom, so that what the data cannot see is not excluded.

    **Arguments:** as of `feldman_cousins`, with two grids; `null`: the values of some numbers without a signal.
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
    shape = found.delta_chi2.shape
    with_signal, without = np.empty(shape), np.empty(shape)
    points = list(np.ndindex(*shape))
    for count, place in enumerate(points):
        values = tuple(float(grid[i]) for grid, i in zip(found.grids, place, strict=True))
        point, keys = Held(found.names, values), jax.random.split(jax.random.fold_in(key, count))
        observed = found.delta_chi2[place] - lowest
        at = conditional(fit, maximum, dict(zip(found.names, values, strict=True)))
        shares = []
        for own, truth in zip(keys, (at, empty), strict=True):
            given = {"at": truth, "tests": (point, nothing), "auxiliary": auxiliary}
            chi2 = toys(fit, maximum, number, key=own, **given).delta_chi2
            shares.append(np.mean(chi2[:, 0] - chi2[:, 1] >= observed))
        with_signal[place], without[place] = shares
        progress(count + 1, len(points))
    cls = np.minimum(with_signal / np.maximum(without, 0.5 / number), 1.0)
    return ClsPlane(found.names, found.grids, level, cls, with_signal, without)
