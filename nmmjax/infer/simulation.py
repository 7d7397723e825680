"""Toys: experiments simulated at a true point of a fit and fitted again, for what no table of chi^2 can promise.

How often intervals cover the truth, which Delta chi^2 a confidence level takes, how probable a goodness of fit is: all
of it is counted. With the data fluctuate the auxiliary measurements behind the normal priors of nuisances: of such a
prior N(nu; m, s) a toy has the center m' ~ N(true nu, s) (the unconditional ensemble), or all keep theirs (the
conditional one) [R. D. Cousins, J. T. Linnemann and J. Tucker, Nucl. Instrum. Meth. A 595, 480 (2008)].
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from scipy.special import chdtri

from nmmjax import _checks
from nmmjax.fit import Fit, Parameters
from nmmjax.infer._chart import INSIDE, scale_beside
from nmmjax.infer._curvature import curvature
from nmmjax.infer._descent import descend, evaluate, in_z
from nmmjax.infer._ensemble import FAR, Refitted, Search, keys_of, refit
from nmmjax.infer._kept import Columns, Kept, grown
from nmmjax.infer._points import drawn, parameters
from nmmjax.infer._question import pieces
from nmmjax.infer.optimization import Maximum
from nmmjax.models import arguments

_LANES = {"cpu": 32}
_LANES_ELSEWHERE = 2048
"""Descents side by side: more fill a GPU, and take no longer there."""
_STARTS = 2
"""So many modes of the data are starts of every toy, beside its true point."""
_SETTLED = 1e-2
"""A toy that has more than this to gain in ln p is no maximum."""
_STEPS, _TOLERANCE = 300, 1e-4
_ALMOST, _HARDLY = 1e-5, 1e-9
"""Shares of the range of a prior: how far beyond an end a value may lie to count as the end, and how near that is."""


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


class Share(NamedTuple):
    """A share of toys."""

    value: float
    error: float
    """Its standard deviation."""

    @classmethod
    def of(cls, counted: int, number: int) -> "Share":
        """`counted` of a number of toys; the error is that of (counted + 1/2) of (number + 1), never zero."""
        likely = (counted + 0.5) / (number + 1.0)
        return cls(counted / number, float(np.sqrt(likely * (1.0 - likely) / number)))


class Toys(NamedTuple):
    """Toys of one ensemble. Components are those of `labels`."""

    labels: tuple[str, ...]
    """Of the numbers that are sampled."""
    experiments: tuple[str, ...]
    tests: tuple[Held, ...]
    auxiliary: tuple[str, ...]
    """The numbers whose auxiliary measurements fluctuate."""
    truth: Float[np.ndarray, "toys d"]
    best: Float[np.ndarray, "toys d"]
    chi2: Float[np.ndarray, "toys experiments"]
    """-2 ln L of each experiment at the maximum."""
    delta_chi2: Float[np.ndarray, "toys tests"]
    """-2 ln of the likelihood ratio of each test (of the density of y, with the priors of nuisances in it)."""
    to_gain: Float[np.ndarray, " toys"]
    """About what is left to gain in ln p at the maximum."""

    @property
    def number(self) -> int:
        """Of toys."""
        return len(self.to_gain)

    @property
    def lost(self) -> int:
        """Toys whose maximum has not been found: they count as they are."""
        return int(np.sum(~(self.to_gain < _SETTLED)))

    def coverage(self, test: int, level: float) -> Share:
        """How often Delta chi^2 of a test stays below the quantile of chi^2 for a confidence level."""
        bound = chi2_quantile(level, len(self.tests[test].labels))
        return Share.of(int(np.sum(self.delta_chi2[:, test] <= bound)), self.number)

    def critical(self, test: int, level: float) -> float:
        """Delta chi^2 below which a share `level` of the toys stays: what an interval of that coverage takes."""
        return float(np.quantile(self.delta_chi2[:, test], level, method="higher"))

    def p_value(self, chi2: float) -> Share:
        """Share of toys that are described no better than data of a chi^2, that of the sum of all experiments."""
        return Share.of(int(np.sum(self.chi2.sum(axis=1) >= chi2)), self.number)

    def select(self, label: str) -> tuple[Float[np.ndarray, " toys"], Float[np.ndarray, " toys"]]:
        """True and best values of one number."""
        place = self.labels.index(label)
        return self.truth[:, place], self.best[:, place]


def chi2_quantile(level: float, degrees: int = 1) -> float:
    """The value below which chi^2 of some degrees of freedom stays with probability `level`."""
    _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    return float(chdtri(degrees, 1.0 - level))


def toys(
    fit: Fit,
    maximum: Maximum,
    number: int,
    *,
    key: PRNGKeyArray,
    at: Parameters | None = None,
    tests: Sequence[Held] = (),
    auxiliary: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    checkpoint: Path | None = None,
    resume: bool = False,
) -> Toys:
    """Simulate and fit again, in batches with one compiled program.

    **Arguments:**

    - the fit, its maximum (of which charts and further starts are made), the number of toys, and the key of the
      ensemble: toy i has the key `fold_in(key, i)`, however many there are and in whatever batches.
    - `at`: the true parameters; a draw from the prior for each toy without them. `maximum.parameters`, or those that
      `conditional` gives.
    - `tests`: of which Delta chi^2 is wanted.
    - `auxiliary`: names of parameters with normal priors whose centers fluctuate; all such nuisances without it, none
      where it is empty.
    - `progress`: is told how many toys are finished.
    - `checkpoint`: a file that is rewritten now and then; with `resume` its toys are kept, and new ones join them.

    `KeyboardInterrupt` leaves the finished batches in the checkpoint.

    **Raises:** `ValueError` for names that are not sampled, values outside of priors, priors that are not normal, and a
    checkpoint of another question.
    """
    _checks.check_integer("number", number, low=1)
    plan = _plan(fit, maximum, at, tests, auxiliary)
    kept = Kept(checkpoint, _question(fit, plan, key)) if checkpoint is not None else None
    found = kept.load(_columns(fit, plan)) if kept is not None and resume else _columns(fit, plan)

    def more(begun: int) -> Refitted:
        return _batch(fit, plan, key, np.arange(begun, begun + plan.batch))

    columns = grown(found, number, more, kept=kept, progress=progress)
    return Toys(fit.space.labels, tuple(e.name for e in fit.experiments), plan.tests, plan.auxiliary, **columns)


def conditional(fit: Fit, maximum: Maximum, values: Mapping[str, float]) -> dict[str, Array]:
    """The parameters of the highest density where some sampled numbers have given values: the others fit the data.

    Toys at these are those of the profile construction.
    """
    if not values:
        return dict(maximum.parameters)
    point = _point(fit, "values", fit.space.replaced(maximum.parameters, _known(fit, "values", values)))
    labels = list(fit.space.labels)
    held = np.array([labels.index(name) for name in values])
    modes = fit.space.within_bounds(np.asarray(maximum.modes), INSIDE)
    modes[:, held] = point[held]
    density = fit.prepare()
    scale = scale_beside(held, np.asarray(curvature(density, maximum.z).hessian))
    ends = descend(density, modes, scale, np.zeros_like(modes), max_steps=_STEPS, tolerance=_TOLERANCE)
    best = int(np.argmin(ends.value))
    if not np.isfinite(ends.value[best]):
        _checks.fail("values", "leave some density", f"it vanishes at {dict(values)}")
    return parameters(fit.priors, jnp.asarray(modes[best] + scale @ ends.w[best]))


def delta_chi2(fit: Fit, maximum: Maximum, at: Parameters) -> float:
    """-2 ln of the density of y at some parameters over that at the maximum."""
    z = fit.space.within_bounds(np.asarray(fit.space.vector(at), float), FAR)
    found = evaluate(fit.prepare(), *in_z(fit.space.size), z[None])
    return 2.0 * (maximum.log_density + float(found.value[0]))


class _Plan(NamedTuple):
    """What is done in every batch."""

    search: Search
    tests: tuple[Held, ...]
    auxiliary: tuple[str, ...]
    truth: Float[np.ndarray, " d"] | None
    batch: int


def _plan(
    fit: Fit, maximum: Maximum, at: Parameters | None, tests: Sequence[Held], auxiliary: Sequence[str] | None
) -> _Plan:
    space, size = fit.space, fit.space.size
    truth = None if at is None else _point(fit, "at", at)
    moving = fluctuating(fit, auxiliary)
    hessian = np.asarray(curvature(fit.prepare(), maximum.z).hessian)
    held, values, scales = np.zeros((max(len(tests), 1), size), bool), np.full((max(len(tests), 1), size), np.nan), []
    for row, test in enumerate(tests):
        places = _places(fit, test)
        held[row, places] = True
        if test.values is not None:
            moved = space.replaced(maximum.parameters, dict(zip(test.labels, test.values, strict=True)))
            values[row, places] = _point(fit, "tests", moved)[places]
        scales.append(scale_beside(places, hessian))
    everything = scale_beside(np.array([], int), hessian)
    starts = np.asarray(maximum.modes[:_STARTS])
    if truth is not None:  # the true point is a start already
        starts = starts[np.max(np.abs(starts - truth), axis=1, initial=0.0) > 1e-3]
    arrays = held, values, np.array(scales or [everything]), everything, starts, space.bounded, moving
    search = Search(*map(jnp.asarray, arrays))
    lanes = len(held) * (1 + len(starts))
    batch = max(_LANES.get(jax.default_backend(), _LANES_ELSEWHERE) // lanes, 1)
    names = tuple(label for label, moves in zip(space.labels, moving, strict=True) if moves)
    return _Plan(search, tuple(tests), names, truth, batch)


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


def fluctuating(fit: Fit, auxiliary: Sequence[str] | None = None) -> np.ndarray:
    """The components whose auxiliary measurements fluctuate: those named, else all nuisances with normal priors."""
    space, normal, moves = fit.space, fit.space.normal, np.zeros(fit.space.size, bool)
    if isinstance(auxiliary, str):
        _checks.fail("auxiliary", "be a tuple of names", f"it is {auxiliary!r}")
    chosen = set(space.names) - set(arguments(fit.model)) if auxiliary is None else set(auxiliary)
    start = 0
    for name in chosen:
        _checks.check_known("auxiliary", name, space.names)
    for name in space.names:
        mine = slice(start, start + space.width(name))
        start = mine.stop
        if name in chosen and auxiliary is not None and not np.all(normal[mine]):
            _checks.fail("auxiliary", "name parameters with normal priors", f"that of {name!r} is not normal")
        if name in chosen:
            moves[mine] = normal[mine]
    return moves


def _known(fit: Fit, argument: str, values: Mapping[str, float]) -> dict[str, float]:
    for name, value in values.items():
        _checks.check_known(argument, name, fit.space.entries)
        _checks.check_finite(f"{argument}[{name!r}]", value)
    return {name: _inside(fit, name, float(value)) for name, value in values.items()}


def _inside(fit: Fit, name: str, value: float) -> float:
    """A value that lies beyond an end of its prior by less than 1e-5 of the range is that end: zero, of a square."""
    low, high = fit.space.bounds(name, fit.priors[fit.space.entries[name].parameter])
    width = high - low
    beyond = max(low - value, value - high)
    if not (np.isfinite(width) and 0.0 < beyond < _ALMOST * width):
        return value
    return low + _HARDLY * width if value < low else high - _HARDLY * width


def _point(fit: Fit, argument: str, at: Parameters) -> Float[np.ndarray, " d"]:
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


def _batch(fit: Fit, plan: _Plan, key: PRNGKeyArray, index: np.ndarray) -> Refitted:
    keys = keys_of(key, jnp.asarray(index))
    if plan.truth is None:
        truths = fit.space.within_bounds(np.asarray(drawn(fit.priors, keys[:, 0])), FAR)
    else:
        truths = np.broadcast_to(plan.truth, (len(index), fit.space.size))
    refitted = jax.device_get(refit(fit, plan.search, keys[:, 1], jnp.asarray(truths)))
    return refitted._replace(delta_chi2=refitted.delta_chi2[:, : len(plan.tests)])  # one that holds nothing stands in


def _columns(fit: Fit, plan: _Plan) -> Columns:
    """No toys yet."""
    size = fit.space.size
    return {
        "truth": np.zeros((0, size)),
        "best": np.zeros((0, size)),
        "chi2": np.zeros((0, len(fit.experiments))),
        "delta_chi2": np.zeros((0, len(plan.tests))),
        "to_gain": np.zeros(0),
    }


def _question(fit: Fit, plan: _Plan, key: PRNGKeyArray) -> dict[str, str]:
    truth = "drawn from the prior" if plan.truth is None else np.round(plan.truth, 6).tolist()
    words = {"tests": [str(test) for test in plan.tests], "auxiliary measurements": plan.auxiliary, "true point": truth}
    return pieces(fit, {**words, "random key": np.asarray(key).tolist()})
