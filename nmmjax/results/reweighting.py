"""A stored posterior with other priors, by importance weights: no new run, as long as enough draws are left.

The weights are new prior / old prior at the draws, their tail smoothed by Pareto's law. Their mean is the ratio of the
evidences. Where the new prior reaches beyond the old one there are no draws, and its posterior there is missing.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray
from jaxtyping import Float, Num
from numpyro.distributions import Distribution

from nmmjax import _checks, _prior_words
from nmmjax._files import atomic
from nmmjax.results.conclusion import written
from nmmjax.results.deciding import Numbers, ReweightedRow, ReweightRecord
from nmmjax.results.diagnostics import efficiency
from nmmjax.results.leave_one_out import smoothed
from nmmjax.results.records import Verdict, finite
from nmmjax.results.result import Result
from nmmjax.space import Space, wrapped

LARGEST_K, FEWEST = 0.7, 100.0
"""Shape of the tail of the weights, and effective draws, beyond which nothing is said."""
_SAMPLE = 20000
"""Draws from a new prior, that tell how much of it lies where the old one has none."""
_NOTHING = 1e-3
"""Share of the new prior beyond the old one that is not worth a word."""
_MARGIN = 2**20


class Reweighted(NamedTuple):
    """The record with the weights and the result they belong to."""

    record: ReweightRecord
    result: Result
    priors: Mapping[str, Distribution]
    """The new ones."""
    weights: Float[np.ndarray, "chains draws"]
    """They sum to one."""


def reweight(result: Result, priors: Mapping[str, Distribution]) -> Reweighted:
    """The posterior of a result with other priors for some of its sampled parameters.

    **Arguments:** a result with draws; a new prior by the name of its parameter, for all entries of an array.

    **Raises:** `ValueError` for a result without draws, a parameter that was not sampled, and a prior of complex
    numbers for real ones, or the other way around.
    """
    if result.posterior is None or "log_prior" not in result.groups:
        _checks.fail("RESULT", "hold draws", f"{result.name!r} has none: only its maximum was searched")
    if not priors:
        _checks.fail("--prior", "be given once or more", "it was not given")
    for name in priors:
        _checks.check_known("--prior", name, result.priors)
    log_ratio = sum(_log_ratio(result, name, prior) for name, prior in priors.items())
    assert isinstance(log_ratio, np.ndarray)
    worth = min(efficiency(result.posterior), 1.0)
    weights, k = _smoothed(log_ratio, worth)
    ess = worth / float(np.sum(weights**2)) if np.any(weights) else 0.0
    reasons, notes = (
        _doubts(result, ess, k),
        tuple(words for name, prior in priors.items() if (words := _beyond(result, name, prior))),
    )
    told = ess >= FEWEST and k <= LARGEST_K
    ratio, error = _evidence_ratio(log_ratio, worth) if told else (None, None)
    record = ReweightRecord(
        run=result.run,
        old={name: result.priors[name] for name in priors},
        new={name: written(prior) for name, prior in priors.items()},
        level=result.interval.level,
        draws=log_ratio.size,
        ess=ess,
        k=finite(k),
        log_evidence_ratio=ratio,
        error=error,
        rows=tuple(_rows(result, weights)) if told else (),
        verdict=Verdict(not reasons, reasons, notes),
    )
    return Reweighted(record, result, priors, weights)


def values_of(result: Result, name: str) -> Num[np.ndarray, "chains draws ..."]:
    """The draws of a parameter, complex ones as such."""
    assert result.posterior is not None
    if name in result.posterior:
        return result.posterior[name].values
    return result.posterior[f"{name}_re"].values + 1j * result.posterior[f"{name}_im"].values


def density(prior: Distribution, values: Num[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """ln of the density of a prior of one number; -inf outside of its support."""
    low, high = Space.support_bounds(prior)
    size = np.abs(values) if np.iscomplexobj(values) else values
    inside = (size >= low) & (size <= high)
    if not np.any(inside):
        return np.full(values.shape, -np.inf)
    safe = np.where(inside, values, values[inside].flat[0])
    found = np.asarray(prior.log_prob(jnp.asarray(safe)))
    return np.where(inside & ~np.isnan(found), found, -np.inf)


def _log_ratio(result: Result, name: str, prior: Distribution) -> Float[np.ndarray, "chains draws"]:
    """ln (new / old) of one parameter at each draw, all entries of an array together."""
    values = values_of(result, name)
    is_complex = jnp.iscomplexobj(jax.eval_shape(lambda: prior.sample(jax.random.PRNGKey(0))))
    if is_complex != np.iscomplexobj(values):
        wanted, given = ("real", "complex") if is_complex else ("complex", "real")
        _checks.fail("--prior", f"be one of {wanted} numbers for {name}", f"it is one of {given} ones")
    old = result.groups["log_prior"][name].values
    ratio = density(prior, values) - old
    return ratio.reshape(*ratio.shape[:2], -1).sum(axis=2)


def _smoothed(log_ratio: Float[np.ndarray, "chains draws"], worth: float) -> tuple[np.ndarray, float]:
    """Weights that sum to one, their tail smoothed, and its shape; draws that are impossible have none."""
    flat, weights = log_ratio.ravel(), np.zeros(log_ratio.size)
    possible = np.isfinite(flat)
    if not np.any(possible):
        return weights.reshape(log_ratio.shape), math.inf
    logarithms, k = smoothed(flat[possible], worth)
    weights[possible] = np.exp(logarithms)
    return weights.reshape(log_ratio.shape), k


def _evidence_ratio(log_ratio: np.ndarray, worth: float) -> tuple[float, float]:
    """ln of the mean weight, and its standard deviation for as many independent draws."""
    highest = float(np.max(log_ratio))
    weights = np.exp(log_ratio - highest)
    mean = float(np.mean(weights))
    return highest + math.log(mean), float(np.std(weights)) / mean / math.sqrt(worth * weights.size)


def _doubts(result: Result, ess: float, k: float) -> tuple[str, ...]:
    """Why the weights, or the draws, cannot be trusted."""
    advice = "fit with these priors instead"
    checks = (
        (not result.good, f"the result itself is not good: {'; '.join(result.verdict.reasons)}"),
        (ess == 0.0, f"no draw is possible with these priors: {advice}"),
        (ess > 0.0 and not k <= LARGEST_K, f"k of the weights is {k:.2f}, above {LARGEST_K}: {advice}"),
        (0.0 < ess < FEWEST, f"{ess:.0f} effective draws are left, fewer than {FEWEST:.0f}: {advice}"),
    )
    return tuple(words for holds, words in checks if holds)


def _beyond(result: Result, name: str, prior: Distribution) -> str:
    """A word on a new prior that reaches where the old one has no draws."""
    low, high = old_bounds(result.priors[name])
    drawn = np.asarray(prior.sample(jax.random.PRNGKey(0), (_SAMPLE,)))
    size = np.abs(drawn) if np.iscomplexobj(drawn) else drawn
    share = float(np.mean((size < low) | (size > high)))
    if not share > _NOTHING:
        return ""
    return (
        f"{100.0 * share:.2g} % of the new prior of {name} lies beyond the old one ({low:.4g} to {high:.4g}), where no "
        "draws can be: what is printed holds inside, and the evidence is a lower bound"
    )


def old_bounds(record: Mapping[str, Any]) -> tuple[float, float]:
    """Ends of a prior that a result has kept; of what cannot be made again, those of its numbers."""
    numbers = {n: v for n, v in record.items() if n not in ("distribution", "shape")}
    try:
        prior = _prior_words.made(str(record["distribution"]), (), {n: jnp.asarray(v) for n, v in numbers.items()})
        return Space.support_bounds(prior)
    except ValueError:
        low, high = numbers.get("low", -math.inf), numbers.get("high", math.inf)
        return float(np.min(low)), float(np.max(high))


# The table


def _rows(result: Result, weights: Float[np.ndarray, "chains draws"]) -> list[ReweightedRow]:
    equal, level, rows = np.full(weights.size, 1.0 / weights.size), result.interval.level, []
    for row in result.parameters:
        if row.varies:
            draws = result.draws(row.name).ravel()
            both = (_numbers(draws, w, level, circular=row.circular) for w in (equal, weights.ravel()))
            rows.append(ReweightedRow(row.name, row.unit, row.sampled, *both))
    return rows


def _numbers(draws: np.ndarray, weights: np.ndarray, level: float, *, circular: bool) -> Numbers:
    """Mean, standard deviation, equal-tailed interval and upper limit of weighted draws."""
    tails = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    if circular:
        resultant = np.sum(weights * np.exp(1j * draws))
        mean = float(np.angle(resultant))
        low, high = (mean + away for away in _quantiles(wrapped(draws - mean), weights, tails))
        return Numbers(mean, math.sqrt(-2.0 * math.log(min(max(abs(resultant), 1e-300), 1.0))), low, high, None)
    mean = float(np.sum(weights * draws))
    low, high, below = _quantiles(draws, weights, (*tails, level))
    return Numbers(mean, math.sqrt(float(np.sum(weights * (draws - mean) ** 2))), low, high, below)


def _quantiles(draws: np.ndarray, weights: np.ndarray, shares: tuple[float, ...]) -> list[float]:
    """Of weighted draws, between which the distribution rises linearly."""
    order = np.argsort(draws)
    heights = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(shares, heights, draws[order]).tolist()


# The file


def keep_draws(found: Reweighted, path: Path) -> Path:
    """Write draws of equal weight as ArviZ's group `posterior`, as many as are effective, and all weights."""
    posterior = found.result.posterior
    assert posterior is not None
    chosen = _resampled(found.weights.ravel(), max(int(found.record.ess), 1))
    flat = posterior.stack(sample=("chain", "draw")).isel(sample=chosen).drop_vars(["sample", "chain", "draw"])
    drawn = flat.rename({"sample": "draw"}).assign_coords(draw=np.arange(len(chosen))).expand_dims(chain=[0])
    drawn = drawn.transpose("chain", "draw", ...)
    weights = xarray.Dataset({"weight": (("chain", "draw"), found.weights)})
    with atomic(path, room=_MARGIN + drawn.nbytes + weights.nbytes) as temporary:
        xarray.DataTree.from_dict({"posterior": drawn, "weights": weights}).to_netcdf(temporary, engine="h5netcdf")
    return path


def _resampled(weights: Float[np.ndarray, " draws"], count: int) -> np.ndarray:
    """Indices of draws, as often as their weights say: one in each of `count` equal parts of the distribution."""
    places = (np.arange(count) + 0.5) / count
    return np.searchsorted(np.cumsum(weights), places * (1.0 - 1e-12))
