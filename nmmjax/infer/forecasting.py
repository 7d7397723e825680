"""Forecasts: what data without fluctuations, of a planned exposure, would say of a fit.

The data of Asimov are what is expected at a true point, auxiliary measurements behind the normal priors of nuisances
included; intervals and significances of such data are those of the median experiment, to the order in which likelihoods
are normal [G. Cowan, K. Cranmer, E. Gross and O. Vitells, Eur. Phys. J. C 71, 1554 (2011)]. At their maximum, which is
the true point, the Hessian of -ln L is Fisher's information.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpyro.distributions import Distribution, ExpandedDistribution, Independent, Normal

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax.executors import Executor, Here, UnfinishedError
from nmmjax.experiments import Experiment
from nmmjax.fit import Fit, Parameters
from nmmjax.infer._chart import INSIDE
from nmmjax.infer._kept import NUMBER, Batch, Columns, Work, filled
from nmmjax.infer._question import pieces
from nmmjax.infer.approximation import laplace
from nmmjax.infer.intervals import LEVEL, Limits, limits, two_sided
from nmmjax.infer.optimization import Maximum, maximize
from nmmjax.infer.settings import Settings
from nmmjax.infer.simulation import conditional, delta_chi2
from nmmjax.models import arguments
from nmmjax.prior_set import PriorSet

_SPAN = 4.5
"""Standard deviations to both sides of the true value in which an interval is looked for."""
_CLOSE, _PASSES = 0.3, 4
"""Where a limit lies nearer to the true value than this share of the range, the range shrinks, at most so often."""
_LONG, _ENDLESS, _STILL = 1e6, 1e8, 0.9
"""Exposures without end: where the error of the longer one is at least this share of the other, it is a floor."""
Exposures = Mapping[str, float]
"""Name of an experiment -> factor of its exposure."""


class Forecast(NamedTuple):
    """What is expected of exposures, one after the other; NaN for what there is not."""

    labels: tuple[str, ...]
    """Of all sampled numbers."""
    names: tuple[str, ...]
    """Of those whose intervals are wanted."""
    level: float
    truth: Float[np.ndarray, " d"]
    """True values, by label."""
    exposures: tuple[dict[str, float], ...]
    covariance: Float[np.ndarray, "exposures d d"]
    """Inverse of Fisher's information, that of auxiliary measurements and priors included."""
    one_sigma: Float[np.ndarray, "exposures names 2"]
    """Ends of the intervals with Delta chi^2 = 1 of the profile likelihood."""
    interval: Float[np.ndarray, "exposures names 2"]
    """Ends of those of the confidence level."""
    upper: Float[np.ndarray, "exposures names"]
    """One-sided upper limits: where truth is no signal, the median limit."""
    significance: Float[np.ndarray, " exposures"]
    """sqrt(Delta chi^2) of the null hypothesis: the median significance of a discovery."""
    floor: Float[np.ndarray, " d"]
    """Standard deviations that no exposure of these experiments improves on, by label; NaN where each does."""

    @property
    def standard_deviations(self) -> Float[np.ndarray, "exposures d"]:
        """Of all sampled numbers, by Fisher's information."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    @property
    def correlations(self) -> Float[np.ndarray, "exposures d d"]:
        """Of all sampled numbers."""
        sd = self.standard_deviations
        return self.covariance / (sd[:, :, None] * sd[:, None, :])

    def place(self, name: str) -> int:
        """Of a number among all that are sampled."""
        return self.labels.index(name)


class Median(NamedTuple):
    """The median experiment: a fit of the data of Asimov at an exposure, and its maximum."""

    fit: Fit
    maximum: Maximum


def exposed(fit: Fit, factors: Exposures) -> Fit:
    """The fit with more or less exposure of some of its experiments.

    **Arguments:** the fit; the factor of each experiment by name.

    **Raises:** `ValueError` for a name of no experiment, and for an experiment whose exposure means nothing.
    """
    names = [experiment.name for experiment in fit.experiments]
    for name in factors:
        _checks.check_known("exposure", name, names)

    def one(experiment: Experiment) -> Experiment:
        return experiment.exposed(factors[experiment.name]) if experiment.name in factors else experiment

    return eqx.tree_at(lambda f: f.experiments, fit, tuple(map(one, fit.experiments)))


def asimov(fit: Fit, at: Parameters) -> Fit:
    """The fit with what is expected at a point in place of its data, and of its auxiliary measurements.

    **Arguments:** the fit; all parameters of the true point.
    """
    if missing := sorted(set(fit.space.names) - set(at)):
        _checks.fail("at", "give all parameters", f"{', '.join(missing)} are missing")
    own = set(arguments(fit.model))
    moved = {name: prior if name in own else _centered(prior, at[name]) for name, prior in fit.priors.items()}
    with_data = eqx.tree_at(lambda f: f.experiments, fit, _expected(fit, dict(at)))
    return eqx.tree_at(lambda f: f.priors, with_data, PriorSet(moved), is_leaf=lambda x: isinstance(x, PriorSet))


def median(fit: Fit, at: Parameters, factors: Exposures, *, settings: Settings | None = None) -> Median:
    """The median experiment at a true point with some exposure; its maximum is searched from there too."""
    expected = asimov(exposed(fit, factors), at)
    truth = expected.space.within_bounds(np.asarray(expected.space.vector(at)), INSIDE)
    few = dataclasses.replace(settings or Settings(), starts=1)
    return Median(expected, maximize(expected, settings=few, starts=truth[None]))


def forecast(
    fit: Fit,
    maximum: Maximum,
    exposures: Sequence[Exposures],
    names: Sequence[str],
    *,
    at: Mapping[str, float] | None = None,
    null: Mapping[str, float] | None = None,
    level: float = LEVEL,
    progress: Callable[[int], None] = lambda done: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> Forecast:
    """Errors, correlations, intervals and the significance of a discovery that are expected of each exposure.

    **Arguments:** the fit and its maximum; the exposures, each by experiment; sampled numbers whose intervals by the
    profile likelihood are wanted; `at`: what is true of some numbers, all others then fit the data best (all of them do
    without it); `null`: values of some numbers that a discovery excludes; the confidence level; `progress`: is told how
    many exposures are finished; `checkpoint`: a file that keeps them, from which `resume` goes on; `executor`: who
    does them, as of `toys`.

    **Raises:** `ValueError` for names that are not sampled, and for experiments whose exposure means nothing.
    """
    for argument, given in (("names", names), ("at", at or {}), ("null", null or {})):
        for name in given:
            _checks.check_known(argument, name, fit.space.entries)
    two_sided(level)
    if not exposures:
        _checks.fail("exposures", "be one or several", "there is none")
    truth = conditional(fit, maximum, at or {})
    ask = _Ask(fit, truth, tuple(names), dict(null or {}), level)
    words = {"truth": dict(at or {}), "null": ask.null, "names": ask.names, "level": level}
    every = [dict(factors) for factors in exposures]
    kept = {"checkpoint": checkpoint, "question": lambda: pieces(fit, {**words, "exposures": every}), "resume": resume}
    work, who = Work(_expected_of, (ask, tuple(every)), len(every), [1]), Here() if executor is None else executor
    table, missing = filled(ask.nothing, work, who, progress=lambda counts: progress(int(counts[0])), **kept)
    if missing:
        raise UnfinishedError(f"Exposures {'; '.join(missing)} have failed; resuming does them again.")
    (rows,) = work.split(table)
    floor = _without_end(ask, every[-1])
    flat = np.asarray(fit.space.flat(truth))
    return Forecast(fit.space.labels, ask.names, level, flat, tuple(every), **rows, floor=floor)


class _Ask(NamedTuple):
    fit: Fit
    truth: Parameters
    names: tuple[str, ...]
    null: Mapping[str, float]
    level: float

    @property
    def nothing(self) -> Columns:
        """No exposures yet."""
        d, k = self.fit.space.size, len(self.names)
        shapes = {"covariance": (d, d), "one_sigma": (k, 2), "interval": (k, 2), "upper": (k,), "significance": ()}
        return {NUMBER: np.zeros(0, int), **{name: np.zeros((0, *shape)) for name, shape in shapes.items()}}


class _Row(NamedTuple):
    """Of one exposure, in the order of `Forecast`."""

    covariance: Float[np.ndarray, "1 d d"]
    one_sigma: Float[np.ndarray, "1 names 2"]
    interval: Float[np.ndarray, "1 names 2"]
    upper: Float[np.ndarray, "1 names"]
    significance: Float[np.ndarray, " 1"]


def _expected_of(shared: tuple[_Ask, tuple[dict[str, float], ...]], batch: Batch) -> _Row:
    """The exposure of a batch."""
    ask, every = shared
    return _expectation(ask, every[batch.first])


def _expectation(ask: _Ask, factors: Exposures) -> _Row:
    here = median(ask.fit, ask.truth, factors)
    covariance = _covariance(here)
    sd = np.sqrt(np.diag(covariance))
    found = [_limits(here, name, float(sd[ask.fit.space.labels.index(name)]), ask.level) for name in ask.names]
    ends = [(limit.profile.crossings(1.0), (limit.low, limit.high)) for limit in found]
    pairs = np.reshape(np.array(ends, float), (-1, 2, 2))
    upper = np.array([limit.upper for limit in found], float)
    significance = _significance(here, ask.null)
    return _Row(covariance[None], pairs[None, :, 0], pairs[None, :, 1], upper[None], np.array([significance]))


def _covariance(here: Median) -> Float[np.ndarray, "d d"]:
    """Inverse of Fisher's information of the parameters; NaN for those at a bound of their priors."""
    found = laplace(here.fit, here.maximum)
    covariance = np.array(found.covariance)
    lost = np.isin(found.labels, here.maximum.at_bound) if np.all(np.isfinite(found.hessian)) else slice(None)
    covariance[lost], covariance[:, lost] = np.nan, np.nan
    return covariance


def _limits(here: Median, name: str, sd: float, level: float) -> Limits:
    """Interval and upper limit, on a lattice that is fine beside them."""
    fit, best = here.fit, here.fit.space.value(here.maximum.parameters, name)
    bottom, top = fit.space.bounds(name, fit.priors[fit.space.entries[name].parameter])
    reach = _SPAN * sd if np.isfinite(sd) else np.inf
    low, high = max(best - reach, bottom), min(best + reach, top)
    if not np.isfinite(high - low):
        _checks.fail("names", f"have a prior with ends, or an error, but {name} has neither", "it may be anything")
    edge = 1e-6 * (high - low)
    found = limits(fit, here.maximum, name, (low + edge, high - edge), level)
    for _ in range(_PASSES):
        farthest = np.nanmax([found.high, found.upper, best])
        if not best < farthest < best + _CLOSE * (high - best):
            break
        high = best + 1.5 * (farthest - best)
        edge = 1e-6 * (high - low)
        found = limits(fit, here.maximum, name, (low + edge, high), level)
    return found


def _significance(here: Median, null: Mapping[str, float]) -> float:
    """Root of Delta chi^2 where some numbers have the values without a signal."""
    if not null:
        return float("nan")
    held = conditional(here.fit, here.maximum, null)
    return float(np.sqrt(max(delta_chi2(here.fit, here.maximum, held), 0.0)))


def _without_end(ask: _Ask, factors: Exposures) -> Float[np.ndarray, " d"]:
    """Standard deviations that do not shrink any more where the exposures that grow have no end; else NaN."""
    if not factors:
        return np.full(ask.fit.space.size, np.nan)
    far, farther = (
        np.sqrt(np.diag(_covariance(median(ask.fit, ask.truth, dict.fromkeys(factors, factor)))))
        for factor in (_LONG, _ENDLESS)
    )
    return np.where(farther > _STILL * far, farther, np.nan)


@quick()
def _expected(fit: Fit, at: Parameters) -> tuple[Experiment, ...]:
    _, theory, nuisance = fit.point(at)
    return tuple(experiment.asimov(theory, nuisance) for experiment in fit.experiments)


def _centered(prior: Distribution, value: Float[jax.Array, "..."]) -> Distribution:
    """A normal prior with its center at a value, others as they are."""
    bare = prior
    while isinstance(bare, ExpandedDistribution | Independent):
        bare = bare.base_dist
    if not isinstance(bare, Normal):
        return prior
    return Normal(jnp.asarray(value, float), jnp.broadcast_to(jnp.asarray(bare.scale), jnp.shape(value)))
