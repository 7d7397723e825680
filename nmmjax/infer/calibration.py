"""Simulation-based calibration: does the posterior of data simulated at draws from the prior cover these draws?

Where prior, simulation, likelihood and posterior belong together, the rank of the true value of each number among draws
from the posterior is uniform [S. Talts et al., arXiv:1804.06788].
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from scipy.special import bdtr, bdtrc, chdtrc

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax.executors import Executor, Here
from nmmjax.fit import Fit
from nmmjax.infer._chart import INSIDE, scale_beside
from nmmjax.infer._curvature import curvature
from nmmjax.infer._ensemble import FAR, keys_of, simulate
from nmmjax.infer._importance import Search, posterior
from nmmjax.infer._kept import NUMBER, Batch, Work, filled
from nmmjax.infer._points import drawn
from nmmjax.infer._question import Pieces, pieces
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.simulation import Share

DRAWS = 63
"""From each posterior: a rank is one of 64 numbers."""
_STARTS = 2
"""So many modes of the data are starts of every toy, beside its true point."""
_POOR = 16
"""Effective points below which nobody knows how much of a posterior lies in which of its modes."""
_BINS = 16
_BATCH = {"cpu": 4}
_BATCH_ELSEWHERE = 64
_SETS = 4000
"""Simulated sets of ranks from which the width of a band follows."""


class Calibration(NamedTuple):
    """Ranks of true values among draws from their posteriors. Components are those of `labels`."""

    labels: tuple[str, ...]
    ranks: Int[np.ndarray, "toys d"]
    """From 0 to `DRAWS`."""
    effective: Float[np.ndarray, " toys"]
    """Effective number of the weighted points that draws were taken from, before these moved."""
    missing: tuple[str, ...] = ()
    """Numbers of toys that are not there, since their batches have failed, and why."""

    @property
    def number(self) -> int:
        """Of toys."""
        return len(self.ranks)

    @property
    def poor(self) -> int:
        """Toys with so few points behind their draws that their modes may weigh wrong; they count all the same."""
        return int(np.sum(~(self.effective >= _POOR)))

    def p_value(self, place: int) -> float:
        """Probability of a chi^2 of 16 equal classes of ranks, of one component, at least as large as theirs."""
        counts = np.bincount(self.ranks[:, place] * _BINS // (DRAWS + 1), minlength=_BINS)
        expected = self.number / _BINS
        return float(chdtrc(_BINS - 1, np.sum((counts - expected) ** 2) / expected))

    def coverage(self, place: int, level: float) -> Share:
        """How often the central interval of a posterior holds the true value of one component.

        Each of 64 ranks stands for 1/64 of the posterior; one at the end of the interval counts by the part inside.
        """
        _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
        low, high = 0.5 * (1.0 - level), 0.5 * (1.0 + level)
        ends = np.arange(DRAWS + 2) / (DRAWS + 1)
        inside = np.clip(np.minimum(ends[1:], high) - np.maximum(ends[:-1], low), 0.0, None) * (DRAWS + 1)
        held = float(np.mean(inside[self.ranks[:, place]]))
        return Share(held, Share.of(round(held * self.number), self.number).error)

    def distribution(self, place: int) -> Float[np.ndarray, " ranks"]:
        """Share of the ranks of one component up to each of 0, 1, ..., DRAWS."""
        return np.cumsum(np.bincount(self.ranks[:, place], minlength=DRAWS + 1)) / self.number

    def uniform(self, place: int, level: float = 0.95) -> bool:
        """Whether this distribution lies within `band` everywhere."""
        low, high = band(self.number, level)
        found = self.distribution(place)
        return bool(np.all((found >= low) & (found <= high)))


def band(number: int, level: float = 0.95) -> tuple[Float[np.ndarray, " ranks"], Float[np.ndarray, " ranks"]]:
    """Within which the distribution of `number` uniform ranks lies everywhere with probability `level`.

    Ends are quantiles of the binomial distribution at one probability for all ranks, which is found by simulation
    [T. Säilynoja, P.-C. Bürkner and A. Vehtari, Stat. Comput. 32, 32 (2022)].
    """
    _checks.check_integer("number", number, low=1)
    _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    expected, counts = np.arange(1, DRAWS + 1) / (DRAWS + 1), np.arange(number + 1.0)[:, None]
    below, above = bdtr(counts, number, expected), np.ones((number + 1, DRAWS))
    above[1:] = bdtrc(counts[:-1], number, expected)
    sets = np.random.default_rng(0).multinomial(number, np.full(DRAWS + 1, 1.0 / (DRAWS + 1)), size=_SETS)
    tails = 2.0 * np.minimum(below, above)
    least = tails[np.cumsum(sets, axis=1)[:, :-1], np.arange(DRAWS)].min(axis=1)
    rare = 0.5 * float(np.quantile(least, 1.0 - level))
    low, high = (np.argmax(below >= share, axis=0) / number for share in (rare, 1.0 - rare))
    return np.append(low, 1.0), np.append(high, 1.0)


def calibrate(
    fit: Fit,
    maximum: Maximum,
    number: int,
    *,
    key: PRNGKeyArray,
    progress: Callable[[int], None] = lambda done: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> Calibration:
    """Draw from the prior, simulate, draw from the posterior, and rank the truth among these draws.

    Posteriors are sampled by importance, from a mixture around local maxima that learns from its weighted points, a
    tenth of them drawn from the prior, and the draws make Hamiltonian moves after that; so it takes seconds where
    chains take minutes, and `Calibration.effective` says how well weights of modes are known. Centers of priors stay
    where they are. Whatever a model's own `log_prior` favors is no part of the draws, and the posterior knows it: ranks
    of such a model are not uniform.

    **Arguments:** as of `toys`.
    """
    _checks.check_integer("number", number, low=1)
    hessian = np.asarray(curvature(fit.prepare(), maximum.z).hessian)
    starts = fit.space.within_bounds(np.asarray(maximum.modes[:_STARTS]), INSIDE)
    search = Search(*map(jnp.asarray, (scale_beside(np.array([], int), hessian), starts, fit.space.is_on_circle)))
    none = {NUMBER: np.zeros(0, int), "ranks": np.zeros((0, fit.space.size), int), "effective": np.zeros(0)}
    executor = Here() if executor is None else executor

    def question() -> Pieces:
        asked = pieces(fit, {"kind": "calibration", "random key": np.asarray(key).tolist()})
        return asked | {"platform": executor.platform}

    size = _BATCH.get(executor.platform, _BATCH_ELSEWHERE)
    work = Work(ranked, (fit, search, np.asarray(key)), number, (size,))
    kept = {"checkpoint": checkpoint, "question": question, "resume": resume}
    table, missing = filled(none, work, executor, progress=lambda counts: progress(int(counts[0])), **kept)
    (columns,) = work.split(table)
    return Calibration(fit.space.labels, **columns, missing=missing)


class _Ranked(NamedTuple):
    ranks: Int[Array, "toys d"]
    effective: Float[Array, " toys"]


def ranked(shared: tuple[Fit, Search, np.ndarray], batch: Batch) -> _Ranked:
    """The ranks of the toys of a batch."""
    fit, search, key = shared
    keys = keys_of(jnp.asarray(key), jnp.asarray(batch.numbers))
    truths = fit.space.within_bounds(np.asarray(drawn(fit.priors, keys[:, 0])), FAR)
    return jax.device_get(_rank(fit, search, keys[:, 1], jnp.asarray(truths)))


@quick(often=True)
def _rank(fit: Fit, search: Search, keys: PRNGKeyArray, truths: Float[Array, "toys d"]) -> _Ranked:
    def one(key: PRNGKeyArray, truth: Float[Array, " d"]) -> _Ranked:
        data, sampled = jax.random.split(key)
        toy = simulate(fit, data, truth, jnp.zeros(truth.shape, bool))
        points, effective = posterior(toy, search, sampled, truth, DRAWS)
        flat = jax.vmap(lambda z: fit.space.flat(fit.space.parameters(z)))
        true, found = flat(truth[None]), flat(points)
        turns = jnp.where(search.circular, 2.0 * jnp.pi, jnp.inf)
        found = jnp.where(search.circular, found - turns * jnp.ceil(found / turns - 0.5), found)
        return _Ranked(jnp.sum(found < true, axis=0), effective)

    return jax.vmap(one)(keys, truths)
