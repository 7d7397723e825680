"""Whether the prior or the likelihood decides: both raised to powers, and the posterior followed by importance weights.

A posterior with prior^a in place of the prior is that of the draws with the weights prior^(a - 1), their tail smoothed
by Pareto's law; for the likelihood in the same way. How far a number moves is the distance between its two cumulative
distributions F and G,

    D^2 = int (F log2 (F / M) + G log2 (G / M)) dx / int (F + G) dx,  M = (F + G) / 2,

or the same of 1 - F and 1 - G where that is larger, and its sensitivity the mean of D over a = 1 / c and c, divided by
log2 c [N. Kallioinen, T. Paananen, P.-C. Buerkner and A. Vehtari, Stat. Comput. 34, 57 (2024), arXiv:2107.14054].
Priors count in the parameters they are given in: flat ones are the same to any power, and are seen only where other
priors are not flat. Priors of nuisances are auxiliary measurements, and belong to neither side.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from nmmjax.results.leave_one_out import reliable_k, smoothed
from nmmjax.results.records import PowerScaling, SensitivityRecord, finite

FACTOR = 1.25
"""The powers are this and its inverse."""
SENSITIVE = 0.05
"""From which a number is sensitive: about what moves a normal posterior by 0.3 of its width for a twofold power."""
CONFLICT, PRIOR_DECIDES = "prior and data conflict", "the prior decides"


def power_scaling(
    numbers: Sequence[tuple[str, Float[np.ndarray, "chains draws"]]],
    log_prior: Mapping[str, Float[np.ndarray, "chains draws ..."]],
    log_likelihood: Float[np.ndarray, "chains draws"],
    efficiency: float,
    known: Sequence[str] = (),
) -> PowerScaling:
    """How sensitive numbers are to powers of the prior and of the likelihood.

    **Arguments:** names and draws; ln of the density of each prior that is scaled, and of the likelihood, at each draw;
    independent draws per draw; the numbers of which nothing is said, as others have measured them.
    """
    draws = log_likelihood.size
    prior = sum((value.reshape(draws, -1).sum(axis=1) for value in log_prior.values()), np.zeros(draws))
    limit, parts = reliable_k(draws), []
    for component in (prior, log_likelihood.ravel()):
        weighed = [_weights(component, power, efficiency) for power in (1.0 / FACTOR, FACTOR)]
        k = max(k for _, k in weighed)
        parts.append((k, [weights for weights, _ in weighed] if k <= limit else None))
    lines = []
    for name, values in numbers:
        of_prior, of_likelihood = (None if w is None else _sensitivity(values.ravel(), w) for _, w in parts)
        says = "" if name in known else _says(of_prior, of_likelihood)
        lines.append(SensitivityRecord(name, of_prior, of_likelihood, says))
    ks = [finite(k) for k, _ in parts]
    return PowerScaling(tuple(log_prior), FACTOR, ks[0], ks[1], limit, tuple(lines))


def _weights(
    component: Float[np.ndarray, " draws"], power: float, efficiency: float
) -> tuple[Float[np.ndarray, " draws"], float]:
    """Smoothed weights of a power, which sum to one, and the shape of their tail."""
    exponents = (power - 1.0) * component
    if not np.all(np.isfinite(exponents)):
        return np.full(len(component), np.nan), math.inf
    weights, k = smoothed(exponents, efficiency)
    return np.exp(weights), k


def _sensitivity(values: Float[np.ndarray, " draws"], weights: Sequence[Float[np.ndarray, " draws"]]) -> float | None:
    """Mean distance by the two powers, for each factor of two."""
    order = np.argsort(values, kind="stable")
    distances = [distance(values[order], one[order]) for one in weights]
    return finite(sum(distances) / (2.0 * math.log2(FACTOR)))


def distance(values: Float[np.ndarray, " draws"], weights: Float[np.ndarray, " draws"]) -> float:
    """D between draws of equal weights and the same draws with others, by their empirical distributions.

    That of the negative numbers where it is larger.

    **Arguments:** draws, ascending, and weights that sum to one.
    """
    steps = np.diff(values)
    one = np.arange(1, len(values)) / len(values)
    other = np.minimum(np.cumsum(weights)[:-1], 1.0)
    return max(_distance(steps, one, other), _distance(steps, 1.0 - one, 1.0 - other))


def _distance(steps: Float[np.ndarray, " n"], one: Float[np.ndarray, " n"], other: Float[np.ndarray, " n"]) -> float:
    """D of two distributions that are constant over some steps."""
    mean = 0.5 * (one + other)
    terms = (np.where(f > 0.0, f * np.log2(np.where(f > 0.0, f, 1.0) / mean), 0.0) for f in (one, other))
    area = float(np.sum(steps * (one + other)))
    return math.sqrt(max(float(np.sum(steps * sum(terms))), 0.0) / area) if area > 0.0 else 0.0


def _says(prior: float | None, likelihood: float | None) -> str:
    """What both sensitivities say together."""
    if prior is None or likelihood is None or prior < SENSITIVE:
        return ""
    return CONFLICT if likelihood >= SENSITIVE else PRIOR_DECIDES
