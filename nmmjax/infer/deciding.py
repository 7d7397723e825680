"""What decides on the numbers of a fit: how far each nuisance moves them, and what each experiment adds.

All by the maximum of the posterior density and the normal approximation around it. A nuisance is held at some distance
from its best value and all else is fitted again; an experiment is left out and all is fitted again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float

from nmmjax import _checks
from nmmjax.executors import Executor, Here, UnfinishedError
from nmmjax.fit import Fit, Prepared
from nmmjax.infer._chart import INSIDE, scale_beside
from nmmjax.infer._curvature import curvature, principal, prior_curvature
from nmmjax.infer._descent import descend, evaluate, in_z
from nmmjax.infer._kept import NUMBER, Batch, Columns, Work, filled
from nmmjax.infer._left_out import keeping
from nmmjax.infer._numbers import Functions, numbers_at, profiled, slopes_at
from nmmjax.infer._points import deviations, displaced, drawn
from nmmjax.infer._question import pieces
from nmmjax.infer.approximation import Laplace, inverted
from nmmjax.infer.checking import spread_along
from nmmjax.infer.optimization import TOLERANCE, Maximum, Polished, climbed_out, polish, settled
from nmmjax.models import arguments
from nmmjax.space import wrapped

FREE = 0.7
"""Width of a posterior, relative to that of its prior, above which data leave a number free."""
_ROUGH, _SLOPE = 1e-4, 0.1
"""Slope at which a descent ends, and the largest one of a maximum, for one standard deviation."""
_SIDES = (-1.0, 1.0)
_STARTS, _MODES, _PRIOR_DRAWS = 16, 4, 256
"""Starts of a search without an experiment, the known modes among them, and draws that tell how wide a prior is."""


class Impacts(NamedTuple):
    """How far numbers of interest shift where a nuisance is held one standard deviation off its best value.

    Standard deviations of the posterior are those of the normal approximation, in the unconstrained space.
    """

    interest: tuple[str, ...]
    nuisances: tuple[str, ...]
    """By the labels of the fit's space."""
    pull: Float[np.ndarray, " nuisances"]
    """(best - center of the prior) / its standard deviation; NaN where the prior is not normal."""
    constraint: Float[np.ndarray, " nuisances"]
    """Width of the posterior / that of the prior; NaN where the prior is not normal."""
    after: Float[np.ndarray, "nuisances 2 interest"]
    """Shifts for minus and plus one standard deviation of the posterior; NaN where no maximum was found."""
    before: Float[np.ndarray, "nuisances 2 interest"]
    """The same for one of the prior; NaN also where the prior is not normal, or ends before."""
    lost: int
    """Of these maxima, how many have not been found."""


class Estimate(NamedTuple):
    """Numbers of interest by all experiments, or by all but one."""

    without: str | None
    """The experiment that is left out."""
    best: Float[np.ndarray, " interest"]
    sd: Float[np.ndarray, " interest"]
    """By the normal approximation; along axes in which data narrow without curvature, as at a quartic maximum, by the
    spread of the posterior along a line."""
    free: Bool[np.ndarray, " interest"]
    """Which of them the data narrow by less than a third of the prior's width: `best` and `sd` say nothing then."""
    at_bound: Bool[np.ndarray, " interest"]
    """Which of them are sampled, and at the bound of their prior."""
    good: bool
    """Whether there is a maximum."""


def interest_of(fit: Fit) -> tuple[str, ...]:
    """What the model takes and is sampled, but for numbers with a normal prior, which others have measured.

    All that the model takes where nothing else is left, and all that is sampled where it takes nothing.
    """
    own = [label for label, entry in fit.space.entries.items() if entry.parameter in arguments(fit.model)]
    unknown = [label for label in own if label not in _normal(fit)]
    return tuple(unknown or own or fit.space.entries)


def nuisances_of(fit: Fit) -> tuple[str, ...]:
    """Sampled numbers that are no argument of the model, and all with a normal prior."""
    entries = fit.space.entries
    own = {label for label, entry in entries.items() if entry.parameter in arguments(fit.model)}
    return tuple(label for label in entries if label not in own or label in _normal(fit))


def _normal(fit: Fit) -> set[str]:
    return {label for label, normal in zip(fit.space.labels, fit.space.normal, strict=True) if normal}


def impacts(
    fit: Fit,
    maximum: Maximum,
    laplace: Laplace,
    interest: Sequence[str] | None = None,
    *,
    functions: Functions | None = None,
) -> Impacts:
    """Shifts of numbers of interest with each nuisance, by maxima that are all searched in one compiled program.

    **Arguments:** the fit, its maximum and the normal approximation there; sampled or derived numbers (default:
    `interest_of`), and functions for derived ones of one's own.

    **Raises:** `ValueError` for an unknown number, with the nearest names.
    """
    interest = _interest(fit, interest, functions)
    nuisances, labels, z = nuisances_of(fit), fit.space.labels, np.asarray(maximum.z)
    held = np.array([labels.index(name) for name in nuisances], int)
    sd, normal = np.sqrt(np.diag(laplace.covariance_z)), fit.space.normal[held]
    here, after, before = deviations(fit.priors, z), [], []
    for side in _SIDES:
        after.append(z[held] + side * sd[held])
        before.append(np.where(normal, displaced(fit.priors, z, side)[held], np.nan))
    width = (deviations(fit.priors, z + sd) - deviations(fit.priors, z - sd))[held] / 2.0
    targets = np.stack([*after, *before], axis=1)
    asked = np.isfinite(targets)
    found = _conditional(fit, maximum, laplace, np.repeat(held, 4), targets.ravel())
    values = numbers_at(fit, np.concatenate([z[None], found]), interest, functions)
    shifts = _wrapped(fit, interest, values[1:] - values[0]).reshape(len(held), 4, len(interest))
    return Impacts(
        interest,
        nuisances,
        pull=np.where(normal, here[held], np.nan),
        constraint=np.where(normal, width, np.nan),
        after=shifts[:, :2],
        before=shifts[:, 2:],
        lost=int(np.sum(asked & ~np.all(np.isfinite(shifts), axis=2))),
    )


def _conditional(
    fit: Fit,
    maximum: Maximum,
    laplace: Laplace,
    held: np.ndarray,
    targets: Float[np.ndarray, " points"],
) -> Float[np.ndarray, "points d"]:
    """Maxima with one component each held somewhere; NaN where there is none.

    Descents start from where they would end if the posterior were normal.
    """
    z, covariance, points = np.asarray(maximum.z), laplace.covariance_z, np.flatnonzero(np.isfinite(targets))
    if not points.size or not np.all(np.isfinite(laplace.hessian)):
        return np.full((len(targets), z.size), np.nan)
    component, target = held[points], targets[points]
    along = covariance[component] / covariance[component, component][:, None]
    center = fit.space.within_bounds(z + (target - z[component])[:, None] * along, INSIDE)
    center[np.arange(len(points)), component] = target
    scales = {int(i): scale_beside(np.array([i]), laplace.hessian) for i in np.unique(component)}
    scale, density = np.stack([scales[int(i)] for i in component]), fit.prepare()
    ends = descend(density, center, scale, np.zeros_like(center), max_steps=300, tolerance=_ROUGH)
    slopes = np.max(np.abs(evaluate(density, center, scale, ends.w).gradient), axis=1)
    good = np.isfinite(ends.value) & (slopes < _SLOPE)
    found = np.full((len(targets), z.size), np.nan)
    found[points[good]] = (center + np.einsum("pij,pj->pi", scale, ends.w))[good]
    return found


def estimate(
    fit: Fit,
    maximum: Maximum,
    interest: Sequence[str] | None = None,
    *,
    functions: Functions | None = None,
    seed: int = 0,
) -> Estimate:
    """Numbers of interest by all experiments.

    **Arguments:** as of `impacts`; the seed of the draws that tell how wide priors are.
    """
    here = jax.device_get(curvature(fit.prepare(), np.asarray(maximum.z)))
    end = Polished(np.asarray(maximum.z), here, maximum.to_gain), maximum.good
    return _estimate(_ask(fit, maximum, interest, functions, seed), fit.prepare(), None, end)


def estimates_without(
    fit: Fit,
    maximum: Maximum,
    interest: Sequence[str] | None = None,
    *,
    functions: Functions | None = None,
    seed: int = 0,
    progress: Callable[[int], None] = lambda done: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> tuple[Estimate, ...]:
    """Numbers of interest without each of the experiments; nothing where there is but one.

    The program is compiled once: which experiment is left out is a number in it. The maximum is searched from the modes
    that are known and from draws from the prior.

    **Arguments:** as of `impacts`; the seed of the draws; `progress`: is told how many experiments have been left out;
    `checkpoint`: a file that keeps what they gave, from which `resume` goes on; `executor`: who does them, as of
    `toys`.
    """
    if len(fit.experiments) < 2:
        return ()
    ask = _ask(fit, maximum, interest, functions, seed)
    words = {"interest": ask.interest, "numbers of one's own": tuple(functions or {}), "seed": seed}
    kept = {"checkpoint": checkpoint, "question": lambda: pieces(fit, words), "resume": resume}
    work, who = Work(_without, ask, len(fit.experiments), [1]), Here() if executor is None else executor
    table, missing = filled(ask.nothing, work, who, progress=lambda counts: progress(int(counts[0])), **kept)
    if missing:
        raise UnfinishedError(f"Experiments {'; '.join(missing)} have failed; resuming leaves them out again.")
    ((best, sd, free, at_bound, good),) = (rows.values() for rows in work.split(table))
    return tuple(
        Estimate(one.name, best[i], sd[i], free[i], at_bound[i], bool(good[i])) for i, one in enumerate(fit.experiments)
    )


class _Ask(NamedTuple):
    """What all experiments share that are left out; `widths` are those of the prior in z."""

    fit: Fit
    interest: tuple[str, ...]
    functions: Functions | None
    widths: Float[np.ndarray, " d"]
    starts: Float[np.ndarray, "points d"]

    @property
    def nothing(self) -> Columns:
        """No experiment yet."""
        none = np.zeros((0, len(self.interest)))
        flags = none.astype(bool)
        columns = {"best": none, "sd": none, "free": flags, "at_bound": flags, "good": np.zeros(0, bool)}
        return {NUMBER: np.zeros(0, int), **columns}


def _ask(fit: Fit, maximum: Maximum, interest: Sequence[str] | None, functions: Functions | None, seed: int) -> _Ask:
    keys = jax.random.split(jax.random.PRNGKey(seed), _PRIOR_DRAWS)
    points = np.asarray(jax.device_get(drawn(fit.priors, keys)))
    modes = fit.space.within_bounds(np.asarray(maximum.modes[:_MODES]), INSIDE)
    starts = np.concatenate([modes, points[: _STARTS - len(modes)]])
    return _Ask(fit, _interest(fit, interest, functions), functions, np.std(points, axis=0), starts)


class _Left(NamedTuple):
    """Without one experiment, in the order of `Estimate`."""

    best: Float[np.ndarray, "1 interest"]
    sd: Float[np.ndarray, "1 interest"]
    free: Bool[np.ndarray, "1 interest"]
    at_bound: Bool[np.ndarray, "1 interest"]
    good: Bool[np.ndarray, " 1"]


def _without(ask: _Ask, batch: Batch) -> _Left:
    """The experiment of a batch left out."""
    density = keeping(ask.fit, np.arange(len(ask.fit.experiments)) != batch.first)
    found = _estimate(ask, density, None, _highest(density, ask.starts))
    return _Left(*(np.asarray(part)[None] for part in found[1:]))


def _highest(density: Prepared, starts: Float[np.ndarray, "points d"]) -> tuple[Polished, bool]:
    """The best maximum that descents from some starts lead to, of equal ones that from the first; whether it is one."""
    ends = descend(density, *in_z(starts.shape[1]), starts, max_steps=300, tolerance=1e-3)
    value = np.where(np.isfinite(ends.value), ends.value, np.inf)
    near = np.flatnonzero(value <= np.min(value) + _SLOPE)[:_MODES]
    candidates = dict.fromkeys((*near.tolist(), int(np.argmin(value))))
    polished = (polish(density, ends.w[i]) for i in candidates)
    best = climbed_out(density, min(polished, key=lambda end: round(-end.log_density, 6)))
    if best.to_gain < TOLERANCE or not np.all(np.isfinite(best.here.hessian)):
        return best, best.to_gain < TOLERANCE
    best, status = settled(density, best)
    return best, status.good


def _estimate(ask: _Ask, density: Prepared, without: str | None, end: tuple[Polished, bool]) -> Estimate:
    """What a maximum, if it is one, says of the numbers of interest."""
    fit, interest, functions, widths, _ = ask
    point, is_maximum = end
    z, hessian = np.asarray(point.z), np.asarray(point.here.hessian)
    (best,) = numbers_at(fit, z[None], interest, functions)
    slopes = slopes_at(fit, z, interest, functions)
    likelihood = hessian - np.asarray(jax.device_get(prior_curvature(fit.priors, z))[1])
    relative, axes = principal(likelihood * np.outer(widths, widths))
    seen = np.maximum(relative, 0.0)
    for i in np.flatnonzero(relative < 1.0):  # a second derivative there may be that of a flat or a quartic maximum
        seen[i] = max(spread_along(density, z, widths * axes[:, i]) ** -2.0 - 1.0, 0.0)
    posterior = np.outer(widths, widths) * ((axes / (seen + 1.0)) @ axes.T)
    quartic = np.where((relative < 1.0) & (seen > 1.0), seen - relative, 0.0)
    narrowed = hessian + ((axes * quartic) @ axes.T) / np.outer(widths, widths)
    sd = np.sqrt(_variance(slopes, inverted(narrowed)[0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(_variance(slopes, posterior) / _variance(slopes, np.diag(widths**2)))
    bounded = fit.space.at_bound(z)
    at_bound = np.array([name in bounded for name in interest], bool)
    good = bool(is_maximum and np.all(np.isfinite(hessian)))
    return Estimate(without, best, sd, ~(ratio <= FREE) & ~at_bound, at_bound, good)


def _variance(slopes: Float[np.ndarray, "n d"], covariance: Float[np.ndarray, "d d"]) -> Float[np.ndarray, " n"]:
    return np.einsum("ni,ij,nj->n", slopes, covariance, slopes)


def _interest(fit: Fit, given: Sequence[str] | None, functions: Functions | None) -> tuple[str, ...]:
    if given is None:
        return interest_of(fit)
    known = profiled(fit, functions)
    if isinstance(given, str) or not given or len(set(given)) < len(given):
        _checks.fail("interest", "be a sequence of different names", f"it is {given!r}")
    for name in given:
        _checks.check_known("interest", name, known)
    return tuple(given)


def _wrapped(
    fit: Fit, interest: tuple[str, ...], shifts: Float[np.ndarray, "points interest"]
) -> Float[np.ndarray, "points interest"]:
    """Those of phases the shorter way around."""
    return np.where(circular(fit, interest), wrapped(shifts), shifts)


def circular(fit: Fit, names: Sequence[str]) -> Bool[np.ndarray, " names"]:
    """Which numbers, sampled or derived, are phases."""
    phases, quantities = dict(zip(fit.space.labels, fit.space.phases, strict=True)), fit.quantities
    return np.array([bool(phases.get(n, n in quantities and quantities[n].circular)) for n in names], bool)
