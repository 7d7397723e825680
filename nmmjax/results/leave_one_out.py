"""How well each part of the data is predicted by all others: leave-one-out cross-validation without a new fit.

A posterior without part i is that of all data with the weights 1 / p(y_i | theta), the largest of which are replaced by
quantiles of the generalized Pareto distribution that fits them: its shape k tells whether a mean with these weights is
reliable [A. Vehtari, A. Gelman and J. Gabry, Stat. Comput. 27, 1413 (2017), arXiv:1507.04544; A. Vehtari et al.,
arXiv:1507.02646]. The choices are those of ArviZ's `loo`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax.results.records import LeaveOneOut

_LARGEST, _SHARE, _ROOTS = 0.7, 0.2, 3.0
"""k above which no number of draws helps; of the draws, and roots of their number, that belong to the tail."""
_FEWEST = 5
"""Weights of a tail that have a shape."""
_PRIOR_SHAPE, _PRIOR_WEIGHT, _PRIOR_SCALE = 0.5, 10.0, 3.0
"""Weakly informative priors on the Pareto distribution: of k, as from ten further weights, and on its scale."""
_EQUAL = 1e-9
"""Weights whose logarithms differ by less are equal."""
_FAR = 1e30
"""-ln L of what cannot be."""
_POINTS = 30
"""Of the grid, and as many more as the root of the size of the sample."""
_INFINITE = 99.0
"""In the place of a k that a tail of very few weights does not have."""


def reliable_k(draws: int) -> float:
    """The largest k for which so many draws give a reliable mean: 1 - 1 / log10(draws), and 0.7 at most."""
    return min(1.0 - 1.0 / math.log10(draws), _LARGEST) if draws > 10 else 0.0


def leave_one_out(
    parts: Sequence[tuple[str, Sequence[str], Float[np.ndarray, "draws parts"]]], efficiency: float
) -> tuple[LeaveOneOut, ...]:
    """What cross-validation finds, by experiment and for all together.

    Where an experiment is one part, leaving it out says nothing by itself; it counts for all together.

    **Arguments:** name, parts and ln L of each of these for each draw, of each experiment; independent draws per draw.
    """
    limit = reliable_k(len(parts[0][2]))
    found = [(name, labels, _pointwise(values, efficiency)) for name, labels, values in parts]
    lines = [_line(*one, limit) for one in found if len(one[1]) > 1]
    if len(parts) > 1:
        labels = [label if label == name else f"{name}: {label}" for name, own, _ in found for label in own]
        joined = _Pointwise(*map(np.concatenate, zip(*(own for _, _, own in found), strict=True)))
        lines.append(_line("joint", labels, joined, limit))
    return tuple(lines)


class _Pointwise(NamedTuple):
    """What is found for each part."""

    elpd: Float[np.ndarray, " parts"]
    """ln p(part | others)."""
    loss: Float[np.ndarray, " parts"]
    """What that loses against ln p(part | all)."""
    shape: Float[np.ndarray, " parts"]
    """k."""


def _pointwise(log_likelihoods: Float[np.ndarray, "draws parts"], efficiency: float) -> _Pointwise:
    values = np.maximum(np.nan_to_num(log_likelihoods, nan=-_FAR), -_FAR)
    columns = [smoothed(-column, efficiency) for column in values.T]
    elpd = _log_sum(np.stack([weights for weights, _ in columns], axis=1) + values)
    everything = _log_sum(values) - math.log(len(values))
    return _Pointwise(elpd, everything - elpd, np.array([k for _, k in columns]))


def _log_sum(x: Float[np.ndarray, "n ..."]) -> Float[np.ndarray, "..."]:
    """ln sum exp(x), along the first axis."""
    return np.logaddexp.reduce(x, axis=0)


def _line(name: str, labels: Sequence[str], found: _Pointwise, limit: float) -> LeaveOneOut:
    k = np.minimum(found.shape, _INFINITE)
    return LeaveOneOut(
        name=name,
        data=len(labels),
        elpd=float(found.elpd.sum()),
        error=math.sqrt(len(labels) * float(np.var(found.elpd))),
        parameters=float(found.loss.sum()),
        largest_k=float(k.max()),
        reliable_k=limit,
        poor=tuple((label, float(one)) for label, one in zip(labels, k, strict=True) if one > limit),
    )


def smoothed(log_weights: Float[np.ndarray, " draws"], efficiency: float) -> tuple[Float[np.ndarray, " draws"], float]:
    """Logarithms of weights that sum to one, their tail smoothed, and the shape k of that tail.

    Infinite k: the tail has too few weights to tell. Equal weights have k = 0.

    **Arguments:** logarithms of the raw weights (draws,), up to a common number; independent draws per draw.
    """
    x = log_weights - log_weights.max()
    draws = len(x)
    if np.ptp(x) < _EQUAL:
        return np.full(draws, -math.log(draws)), 0.0
    order = np.argsort(x, kind="stable")
    tail_size = math.ceil(min(_SHARE * draws, _ROOTS * math.sqrt(draws / efficiency)))
    cut = max(x[order[-tail_size - 1]] if tail_size < draws else x[order[0]], math.log(np.finfo(float).tiny))
    tail = order[x[order] > cut]
    k = math.inf
    if len(tail) >= _FEWEST:
        k, scale = pareto(np.exp(x[tail]) - math.exp(cut))
        share = (np.arange(len(tail)) + 0.5) / len(tail)
        quantile = np.expm1(-k * np.log1p(-share)) / k if k else -np.log1p(-share)
        x[tail] = np.minimum(np.log(scale * quantile + math.exp(cut)), 0.0)
    return x - _log_sum(x), k


def pareto(x: Float[np.ndarray, " n"]) -> tuple[float, float]:
    """Shape k and scale of the generalized Pareto distribution, (1 + k x / scale)^(-1 - 1/k) / scale, of a sample.

    The posterior mean of -k / scale on a grid in the profile likelihood [J. Zhang and M. A. Stephens, Technometrics 51,
    316 (2009)], k drawn towards 1/2 by the weight of ten further numbers.

    **Arguments:** the sample x > 0 (n,), ascending.
    """
    n, points = len(x), _POINTS + int(math.sqrt(len(x)))
    quartile = x[int(n / 4 + 0.5) - 1]
    b = 1.0 / x[-1] + (1.0 - np.sqrt(points / (np.arange(points) + 0.5))) / (_PRIOR_SCALE * quartile)
    k = np.log1p(-b[:, None] * x).mean(axis=1)
    profile = n * (np.log(-b / k) - k - 1.0)
    weight = np.exp(profile - _log_sum(profile))
    weight = np.where(weight >= 10.0 * np.finfo(float).eps, weight, 0.0)
    mean = float(np.sum(b * weight) / np.sum(weight))
    k = float(np.log1p(-mean * x).mean())
    return (n * k + _PRIOR_WEIGHT * _PRIOR_SHAPE) / (n + _PRIOR_WEIGHT), -k / mean
