"""What is done in every batch of toys, and the batches of several ensembles as one table.

An ensemble has a true point, tests and a key; toy i of it has the key `fold_in(key, i)`, in whatever batch and wherever
it is simulated and fitted.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int, PRNGKeyArray

from nmmjax import _checks
from nmmjax.executors import Executor, Here
from nmmjax.fit import Fit, Parameters
from nmmjax.infer._chart import scale_beside
from nmmjax.infer._curvature import curvature
from nmmjax.infer._ensemble import FAR, Refitted, Search, keys_of, refit
from nmmjax.infer._kept import NUMBER, Batch, Columns, Work, filled
from nmmjax.infer._points import drawn
from nmmjax.infer._question import pieces
from nmmjax.infer.optimization import Maximum

_LANES = {"cpu": 32}
_LANES_ELSEWHERE = 2048
"""Descents side by side: more fill a GPU, and take no longer there."""
_STARTS = 2
"""So many modes of the data are starts of every toy, beside its true point."""


@dataclasses.dataclass(frozen=True)
class Held:
    """What is tested in every toy: the value of one number of a fit, or of several together.

    **Arguments:** `labels` of sampled numbers, as `Fit.space` has them; their `values`, or none for the true ones.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...] | None = None

    def __str__(self) -> str:
        at = "" if self.values is None else " = " + ", ".join(f"{value:g}" for value in self.values)
        return ", ".join(self.labels) + at


class Plan(NamedTuple):
    """One ensemble of toys."""

    search: Search
    tests: tuple[Held, ...]
    auxiliary: tuple[str, ...]
    truth: Float[np.ndarray, " d"] | None
    """None: a draw from the prior for each toy."""
    key: np.ndarray

    def batch(self, platform: str) -> int:
        """Toys that are done together on a device."""
        lanes = self.search.held.shape[0] * (1 + self.search.starts.shape[0])
        return max(_LANES.get(platform, _LANES_ELSEWHERE) // lanes, 1)


def plan(
    fit: Fit,
    maximum: Maximum,
    key: PRNGKeyArray,
    *,
    at: Parameters | None,
    tests: Sequence[Held],
    auxiliary: Sequence[str] | None,
) -> Plan:
    """An ensemble at a true point, or at draws from the prior.

    **Raises:** `ValueError` for names that are not sampled, values outside of priors, priors that are not normal.
    """
    space, size = fit.space, fit.space.size
    truth = None if at is None else point_of(fit, "at", at)
    moving = _fluctuating(fit, auxiliary)
    hessian = np.asarray(curvature(fit.prepare(), maximum.z).hessian)
    held, values, scales = np.zeros((max(len(tests), 1), size), bool), np.full((max(len(tests), 1), size), np.nan), []
    for row, test in enumerate(tests):
        places = _places(fit, test)
        held[row, places] = True
        if test.values is not None:
            moved = space.replaced(maximum.parameters, dict(zip(test.labels, test.values, strict=True)))
            values[row, places] = point_of(fit, "tests", moved)[places]
        scales.append(scale_beside(places, hessian))
    everything = scale_beside(np.array([], int), hessian)
    starts = np.asarray(maximum.modes[:_STARTS])
    if truth is not None:  # the true point is a start already
        starts = starts[np.max(np.abs(starts - truth), axis=1, initial=0.0) > 1e-3]
    arrays = held, values, np.array(scales or [everything]), everything, starts, space.bounded, moving
    search = Search(*map(jnp.asarray, arrays))
    names = tuple(label for label, moves in zip(space.labels, moving, strict=True) if moves)
    return Plan(search, tuple(tests), names, truth, np.asarray(key))


def _places(fit: Fit, test: Held) -> Int[np.ndarray, " k"]:
    """Components that a test holds."""
    _checks.check_instance("tests", test, Held)
    if not test.labels or len(set(test.labels)) < len(test.labels):
        _checks.fail("tests", "each name one number or several different ones", f"one names {test.labels}")
    if test.values is not None and len(test.values) != len(test.labels):
        _checks.fail("tests", "give a value for each number", f"one has {len(test.values)} for {len(test.labels)}")
    for label in test.labels:
        _checks.check_known("tests", label, fit.space.entries)
    return np.array([fit.space.labels.index(label) for label in test.labels])


def _fluctuating(fit: Fit, auxiliary: Sequence[str] | None) -> np.ndarray:
    """The components whose auxiliary measurements fluctuate: those named, else all nuisances with normal priors."""
    space, normal, moves = fit.space, fit.space.normal, np.zeros(fit.space.size, bool)
    if isinstance(auxiliary, str):
        _checks.fail("auxiliary", "be a tuple of names", f"it is {auxiliary!r}")
    if auxiliary is None:
        return fit.auxiliary
    start = 0
    for name in auxiliary:
        _checks.check_known("auxiliary", name, space.names)
    for name in space.names:
        mine = slice(start, start + space.width(name))
        start = mine.stop
        if name in auxiliary:
            if not np.all(normal[mine]):
                _checks.fail("auxiliary", "name parameters with normal priors", f"that of {name!r} is not normal")
            moves[mine] = True
    return moves


def point_of(fit: Fit, argument: str, at: Parameters) -> Float[np.ndarray, " d"]:
    """The vector of parameters; at most so far out that slopes are felt.

    **Raises:** `ValueError` that names a parameter outside of its prior.
    """
    space = fit.space
    if missing := sorted(set(space.names) - set(at)):
        _checks.fail(argument, "give all parameters", f"{', '.join(missing)} are missing")
    z = np.asarray(space.vector(at), float)
    if not np.all(np.isfinite(z) | (np.isinf(z) & space.bounded)):
        out = [label for label, value in zip(space.labels, z, strict=True) if np.isnan(value)]
        _checks.fail(argument, "lie within the priors", f"{', '.join(out) or 'it'} does not")
    return space.within_bounds(z, FAR)


def simulated(
    fit: Fit,
    plans: Sequence[Plan],
    number: int,
    executor: Executor | None,
    *,
    progress: Callable[[Int[np.ndarray, " ensembles"]], None],
    checkpoint: Path | None,
    resume: bool,
) -> tuple[list[Columns], tuple[str, ...]]:
    """Toys of each ensemble, as columns, and what is missing where batches have failed, in words.

    **Arguments:** the fit, the ensembles, how many toys of each, and who does the work (this process
    without); who is told how many toys of
    each there are; the file of their table, and whether what it has is kept.
    """
    executor = Here() if executor is None else executor
    work = Work(refitted, (fit, tuple(plans)), number, [plan.batch(executor.platform) for plan in plans])
    most, none = max(len(plan.tests) for plan in plans), _no_toys(fit)
    none["delta_chi2"] = np.zeros((0, most))
    kept = {"checkpoint": checkpoint, "question": lambda: _question(fit, plans, executor.platform), "resume": resume}
    table, missing = filled(none, work, executor, progress=progress, **kept)
    columns = work.split(table)
    for own, one in zip(columns, plans, strict=True):
        own["delta_chi2"] = own["delta_chi2"][:, : len(one.tests)]
    return columns, missing


def refitted(shared: tuple[Fit, tuple[Plan, ...]], batch: Batch) -> Refitted:
    """The toys of a batch, simulated and fitted."""
    fit, plans = shared
    own = plans[batch.ensemble]
    keys = keys_of(jnp.asarray(own.key), jnp.asarray(batch.numbers))
    if own.truth is None:
        truths = fit.space.within_bounds(np.asarray(drawn(fit.priors, keys[:, 0])), FAR)
    else:
        truths = np.broadcast_to(own.truth, (batch.rows, fit.space.size))
    found = jax.device_get(refit(fit, own.search, keys[:, 1], jnp.asarray(truths)))
    tested = np.full((batch.rows, max(len(plan.tests) for plan in plans)), np.nan)
    tested[:, : len(own.tests)] = found.delta_chi2[:, : len(own.tests)]  # one that holds nothing stands in
    return found._replace(delta_chi2=tested)


def _no_toys(fit: Fit) -> Columns:
    size = fit.space.size
    return {
        NUMBER: np.zeros(0, int),
        "truth": np.zeros((0, size)),
        "best": np.zeros((0, size)),
        "chi2": np.zeros((0, len(fit.experiments))),
        "pulls": np.zeros(0),
        "to_gain": np.zeros(0),
    }


def _question(fit: Fit, plans: Sequence[Plan], platform: str) -> dict[str, str]:
    """What toys follow from; of several ensembles, of all of them."""

    def words(of: Callable[[Plan], Any]) -> Any:
        return of(plans[0]) if len(plans) == 1 else list(map(of, plans))

    run = {
        "tests": words(lambda plan: [str(test) for test in plan.tests]),
        "auxiliary measurements": plans[0].auxiliary,
        "true point": words(
            lambda plan: "drawn from the prior" if plan.truth is None else np.round(plan.truth, 6).tolist()
        ),
        "random key": words(lambda plan: plan.key.tolist()),
    }
    return pieces(fit, run) | {"platform": platform}
