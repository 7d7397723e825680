"""The evidence Z = int L(z) prior(z) dz, by which hypotheses are weighed: out of particles, and out of draws.

Priors of parameters are normalized. What a model says of its own couplings (`Model.log_prior`) is not, and counts as a
part of L.
"""

import math
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from nmmjax._compilation import quick
from nmmjax.fit import Fit
from nmmjax.infer._descent import evaluate, in_z
from nmmjax.infer._mixture import Mixture
from nmmjax.infer.sampling import Draws, Tempered

_PROPOSED = 2000
"""Points of the proposal."""
_DEFENSIVE = 0.1
"""Share of the proposal that is one normal distribution for all draws, whatever modes they sit in."""
_ITERATIONS, _SAME = 200, 1e-10
_BATCHES = 16
"""Into which the draws of a chain are cut, to see how correlated they are."""
_FEWEST = 4
"""Draws by dimension that have a covariance."""


class Evidence(NamedTuple):
    """ln Z with its standard deviation, which is the relative one of Z."""

    method: str
    log_value: float
    error: float


def tempered_evidence(tempered: Tempered) -> Evidence:
    """Z as the mean over runs of sequential Monte Carlo; its error, the larger of their own and their spread."""
    highest = float(np.max(tempered.log_evidences))
    relative = np.exp(tempered.log_evidences - highest)
    runs, mean = len(relative), float(np.mean(relative))
    spread = float(np.std(relative, ddof=1)) / mean if runs > 1 else 0.0
    own = math.sqrt(float(np.mean(tempered.variances * relative**2))) / mean
    return Evidence("sequential Monte Carlo", highest + math.log(mean), max(spread, own) / math.sqrt(runs))


def bridged_evidence(fit: Fit, draws: Draws, modes: Sequence[Float[np.ndarray, " d"]]) -> Evidence | None:
    """Z by bridge sampling between draws and normal distributions q around them; None where these are too few.

    Z = <p / (s_1 p / Z + s_2 q)>_q / <q / (s_1 p / Z + s_2 q)>_p, solved by iteration [X.-L. Meng and W. H. Wong,
    Statist. Sinica 6, 831 (1996)], the error as in [S. Fruehwirth-Schnatter, Econometrics J. 7, 143 (2004)]. One
    half of each chain makes q, the other is averaged over. Which points of q are tried follows from the draws, so that
    errors of runs with different seeds are independent.

    **Arguments:** the fit; its draws; where modes are, each of which has a normal distribution of its own.
    """
    count, size = draws.z.shape[1], fit.space.size
    z = fit.space.wrap(draws.z)
    first, second = z[:, : count // 2].reshape(-1, size), z[:, count // 2 :]
    if len(first) < _FEWEST * size or second.shape[1] < _BATCHES:
        return None
    q = _around(fit, first, np.asarray(modes))
    key = jax.random.PRNGKey(zlib.crc32(draws.z.tobytes()))
    proposed = np.asarray(_drawn(q, jax.random.split(key, _PROPOSED)))
    there = -evaluate(fit.prepare(), *in_z(size), proposed, jacobian=True).value - np.asarray(_log_density(q, proposed))
    log_p = -draws.statistics["potential_energy"][:, count // 2 :]
    here = log_p - np.asarray(_log_density(q, second.reshape(-1, size))).reshape(log_p.shape)
    return _bridge(here, there)


def _bridge(here: Float[np.ndarray, "chains draws"], there: Float[np.ndarray, " points"]) -> Evidence | None:
    """From ln (p / q) at draws from p and at points from q; None where these have nothing in common."""
    shift, worth, log_z, error = float(np.median(here)), float(here.size), 0.0, 0.0
    for _ in range(2):  # the second time with the number of independent draws
        share = worth / (worth + there.size)
        log_z = _solved(here - shift, there - shift, log_z, share)
        if not math.isfinite(log_z):
            return None
        f, g = _summands(here - shift, there - shift, log_z, share)
        of_f, of_g = float(np.var(f)) / f.size / float(np.mean(f)) ** 2, _variance_of_mean(g) / float(np.mean(g)) ** 2
        error = math.sqrt(of_f + of_g)
        independent = float(np.var(g)) / float(np.mean(g)) ** 2 / here.size
        worth = here.size * min(independent / max(of_g, 1e-300), 1.0) or worth
    return Evidence("bridge sampling", log_z + shift, error)


def _solved(
    here: Float[np.ndarray, "chains draws"], there: Float[np.ndarray, " points"], log_z: float, share: float
) -> float:
    """ln Z at which the means agree; not finite where there is none."""
    for _ in range(_ITERATIONS):
        f, g = _summands(here, there, log_z, share)
        if not np.any(f > 0.0):
            return math.nan
        change = math.log(np.mean(f)) - math.log(np.mean(g))
        log_z += change
        if not abs(change) > _SAME:
            break
    return log_z


def _summands(
    here: Float[np.ndarray, "chains draws"], there: Float[np.ndarray, " points"], log_z: float, share: float
) -> tuple[Float[np.ndarray, " points"], Float[np.ndarray, "chains draws"]]:
    """(p / Z) / (s_1 p / Z + s_2 q) at points from q, and q / (s_1 p / Z + s_2 q) at draws from p."""
    one, two = math.log(share), math.log1p(-share)
    f = np.exp(-np.logaddexp(one, two - (there - log_z)))
    return f, np.exp(-np.logaddexp(one + here - log_z, two))


def _variance_of_mean(series: Float[np.ndarray, "chains draws"]) -> float:
    """Of the mean over correlated draws: by the means of batches, of all chains."""
    length = series.shape[1] // _BATCHES
    batches = series[:, : length * _BATCHES].reshape(-1, length).mean(axis=1)
    return max(float(np.var(batches, ddof=1)) / len(batches), float(np.var(series)) / series.size)


def _around(fit: Fit, z: Float[np.ndarray, "n d"], modes: Float[np.ndarray, "modes d"]) -> Mixture:
    """A normal distribution for the draws nearest to each mode, and one for all of them."""
    nearest = _nearest(fit, z, modes)
    groups = [z[nearest == mode] for mode in np.unique(nearest)]
    parts = [
        (z, _DEFENSIVE),
        *((g, (1.0 - _DEFENSIVE) * len(g) / len(z)) for g in groups if len(g) > _FEWEST * z.shape[1]),
    ]
    centers, covariances, weights = [], [], []
    for group, weight in parts:
        away = fit.space.wrap(group - group[0])
        covariance = np.atleast_2d(np.cov(away, rowvar=False))
        centers.append(group[0] + away.mean(axis=0))
        covariances.append(covariance + 1e-9 * np.diag(np.diag(covariance) + 1e-12))
        weights.append(weight)
    shares = np.array(weights) / sum(weights)
    return Mixture.around(np.array(centers), np.array(covariances), fit.space.phases, shares)


def _nearest(fit: Fit, z: Float[np.ndarray, "n d"], modes: Float[np.ndarray, "modes d"]) -> Int[np.ndarray, " n"]:
    """The mode that is nearest to each draw, in standard deviations of those that are nearest to the same."""
    width = np.ones(z.shape[1])
    nearest = np.zeros(len(z), int)
    for _ in range(3):
        away = fit.space.wrap(z[:, None] - modes)
        nearest = np.argmin(np.sum((away / width) ** 2, axis=-1), axis=1)
        width = np.maximum(np.sqrt(np.mean(away[np.arange(len(z)), nearest] ** 2, axis=0)), 1e-9)
    return nearest


@quick()
def _drawn(q: Mixture, keys: PRNGKeyArray) -> Float[Array, "keys d"]:
    return jax.vmap(q.draw)(keys)


@quick()
def _log_density(q: Mixture, z: Float[Array, "n d"]) -> Float[Array, " n"]:
    return jax.vmap(q.log_density)(z)
