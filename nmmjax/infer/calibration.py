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
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray
from scipy.special import bdtr, bdtrc, chdtrc

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax.executors import Executor, Here
from nmmjax.fit import Fit
from nmmjax.infer._chart import INSIDE, scale_beside
from nmmjax.infer._curvature import curvature
from nmmjax.infer._descent import Way, minimum
from nmmjax.infer._ensemble import FAR, Simulated, keys_of, simulate
from nmmjax.infer._kept import NUMBER, Batch, Kept, Work, grown
from nmmjax.infer._points import drawn
from nmmjax.infer._question import pieces
from nmmjax.infer.optimization import Maximum

DRAWS = 63
"""From each posterior: a rank is one of 64 numbers."""
_PROPOSED, _ROUNDS = 512, 4
"""Points in one round of importance sampling, and rounds: each but the last teaches the next where to look."""
_TOGETHER = 32
"""Points whose density is evaluated at once: what more of them need fits no cache."""
_DEGREES, _FROM_PRIOR = 5.0, 0.1
"""Of freedom of the t distribution that proposes, and the share of proposals from the prior instead."""
_WAY = Way(max_steps=300, restarts=1, tolerance=1e-3, jacobian=True)
_WIDEST = 2.0
"""Standard deviation of a direction in which the posterior is flat."""
_STARTS = 2
"""So many modes of the data are starts of every toy, beside its true point."""
_POOR = 2 * DRAWS
"""Effective draws below which ranks say little."""
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
    """Effective number of the weighted points that draws were taken from."""
    missing: tuple[str, ...] = ()
    """Numbers of toys that are not there, since their batches have failed, and why."""

    @property
    def number(self) -> int:
        """Of toys."""
        return len(self.ranks)

    @property
    def poor(self) -> int:
        """Toys whose posterior is hardly covered by the points that were proposed: their ranks count, and are noisy."""
        return int(np.sum(~(self.effective >= _POOR)))

    def p_value(self, place: int) -> float:
        """Probability of a chi^2 of 16 equal classes of ranks, of one component, at least as large as theirs."""
        counts = np.bincount(self.ranks[:, place] * _BINS // (DRAWS + 1), minlength=_BINS)
        expected = self.number / _BINS
        return float(chdtrc(_BINS - 1, np.sum((counts - expected) ** 2) / expected))

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

    Posteriors are sampled by importance: points of a t distribution around the highest density, with the covariance of
    its Hessian there at first and that of the weighted points of the rounds before after that, a tenth of them drawn
    from the prior; so it takes seconds where chains take minutes, and `Calibration.effective` says how well it did.
    Centers of priors stay where they are. Whatever a model's own `log_prior` favors is no part of the draws, and the
    posterior knows it: ranks of such a model are not uniform.

    **Arguments:** as of `toys`.
    """
    _checks.check_integer("number", number, low=1)
    hessian = np.asarray(curvature(fit.prepare(), maximum.z).hessian)
    starts = fit.space.within_bounds(np.asarray(maximum.modes[:_STARTS]), INSIDE)
    search = _Search(*map(jnp.asarray, (scale_beside(np.array([], int), hessian), starts, fit.space.is_on_circle)))
    none = {NUMBER: np.zeros(0, int), "ranks": np.zeros((0, fit.space.size), int), "effective": np.zeros(0)}
    executor = Here() if executor is None else executor
    question = pieces(fit, {"kind": "calibration", "random key": np.asarray(key).tolist()})
    kept = None if checkpoint is None else Kept(checkpoint, question | {"platform": executor.platform})
    found = kept.load(none) if kept is not None and resume else none
    size = _BATCH.get(executor.platform, _BATCH_ELSEWHERE)
    work = Work(ranked, (fit, search, np.asarray(key)), number, (size,))
    table, missing = grown(found, work, executor, kept=kept, progress=lambda counts: progress(int(counts[0])))
    (columns,) = work.split(table)
    return Calibration(fit.space.labels, **columns, missing=missing)


class _Search(NamedTuple):
    scale: Float[Array, "d d"]
    starts: Float[Array, "starts d"]
    circular: Bool[Array, " d"]


class _Ranked(NamedTuple):
    ranks: Int[Array, "toys d"]
    effective: Float[Array, " toys"]


def ranked(shared: tuple[Fit, _Search, np.ndarray], batch: Batch) -> _Ranked:
    """The ranks of the toys of a batch."""
    fit, search, key = shared
    keys = keys_of(jnp.asarray(key), jnp.asarray(batch.numbers))
    truths = fit.space.within_bounds(np.asarray(drawn(fit.priors, keys[:, 0])), FAR)
    return jax.device_get(_rank(fit, search, keys[:, 1], jnp.asarray(truths)))


@quick(often=True)
def _rank(fit: Fit, search: _Search, keys: PRNGKeyArray, truths: Float[Array, "toys d"]) -> _Ranked:
    def one(key: PRNGKeyArray, truth: Float[Array, " d"]) -> _Ranked:
        data, posterior = jax.random.split(key)
        toy = simulate(fit, data, truth, jnp.zeros(truth.shape, bool))
        points, effective = _posterior(toy, search, posterior, truth)
        flat = jax.vmap(lambda z: fit.space.flat(fit.space.parameters(z)))
        true, found = flat(truth[None]), flat(points)
        turns = jnp.where(search.circular, 2.0 * jnp.pi, jnp.inf)
        found = jnp.where(search.circular, found - turns * jnp.ceil(found / turns - 0.5), found)
        return _Ranked(jnp.sum(found < true, axis=0), effective)

    return jax.vmap(one)(keys, truths)


class _Proposal(NamedTuple):
    """A t distribution: center + root n sqrt(nu / chi^2)."""

    center: Float[Array, " d"]
    root: Float[Array, "d d"]

    def log_density(self, z: Float[Array, "n d"]) -> Float[Array, " n"]:
        """ln of its density at points."""
        d = self.center.size
        white = jnp.linalg.solve(self.root, (z - self.center).T)
        log_det = jnp.linalg.slogdet(self.root)[1]
        return (
            jax.scipy.special.gammaln(0.5 * (_DEGREES + d))
            - jax.scipy.special.gammaln(0.5 * _DEGREES)
            - 0.5 * d * jnp.log(_DEGREES * jnp.pi)
            - log_det
            - 0.5 * (_DEGREES + d) * jnp.log1p(jnp.sum(white**2, axis=0) / _DEGREES)
        )

    def draw(self, key: PRNGKeyArray, number: int) -> Float[Array, "n d"]:
        """Points."""
        normal, scale = jax.random.split(key)
        n = jax.random.normal(normal, (number, self.center.size))
        chi2 = 2.0 * jax.random.gamma(scale, 0.5 * _DEGREES, (number, 1))
        return self.center + n @ self.root.T * jnp.sqrt(_DEGREES / chi2)


def _posterior(
    toy: Simulated, search: _Search, key: PRNGKeyArray, truth: Float[Array, " d"]
) -> tuple[Float[Array, "draws d"], Float[Array, ""]]:
    """Draws from the posterior of a toy, and how many weighted points they stand for."""
    first = _around(toy, search, truth)
    keys, take = jax.random.split(key, _ROUNDS), jax.random.fold_in(key, _ROUNDS)

    def turn(proposal: _Proposal, key: PRNGKeyArray) -> tuple[_Proposal, tuple[Array, Array]]:
        points, log_weights = _weighted(toy, search, proposal, (key, first.center))
        weights = jax.nn.softmax(log_weights)
        return _learned(proposal, points, weights), (points, weights)

    _, (points, weights) = jax.lax.scan(turn, first, keys)
    chosen = jax.random.categorical(take, jnp.log(weights[-1]), shape=(DRAWS,))
    return points[-1][chosen], 1.0 / jnp.sum(weights[-1] ** 2)


def _around(toy: Simulated, search: _Search, truth: Float[Array, " d"]) -> _Proposal:
    """Around the highest density, as its Hessian says."""

    def descend(start: Float[Array, " d"]) -> tuple[Array, Array]:
        w, value, _ = minimum(lambda w: density(start + search.scale @ w), jnp.zeros_like(start), _WAY)
        return start + search.scale @ w, value

    def density(z: Float[Array, " d"]) -> Float[Array, ""]:
        return toy.minus_log_density(z, jacobian=True)

    ends, values = jax.vmap(descend)(jnp.concatenate([truth[None], search.starts]))
    center = ends[jnp.argmin(values)]
    _, along = jax.linearize(jax.grad(density), center)
    hessian = jax.lax.map(along, jnp.eye(center.size, dtype=center.dtype))
    hessian = jnp.where(jnp.all(jnp.isfinite(hessian)), hessian, jnp.eye(center.size))
    curvatures, axes = jnp.linalg.eigh(0.5 * (hessian + hessian.T))
    return _Proposal(center, axes / jnp.sqrt(jnp.maximum(curvatures, _WIDEST**-2)))


def _weighted(
    toy: Simulated, search: _Search, proposal: _Proposal, about: tuple[PRNGKeyArray, Float[Array, " d"]]
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """Points of proposal and prior, and ln of their weights; phases at most half a turn off the first center."""
    key, center = about
    choose, own, prior = jax.random.split(key, 3)
    space = toy.fit.space
    everywhere = jax.vmap(space.draw)(jax.random.split(prior, _PROPOSED))
    near = center + jnp.remainder(everywhere - center + jnp.pi, 2.0 * jnp.pi) - jnp.pi
    from_prior = jax.random.uniform(choose, (_PROPOSED, 1)) < _FROM_PRIOR
    points = jnp.where(from_prior, jnp.where(search.circular, near, everywhere), proposal.draw(own, _PROPOSED))
    located = jax.vmap(space.locate)(points)
    log_prior = located.log_prior + located.log_jacobian
    proposed = jnp.logaddexp(jnp.log(_FROM_PRIOR) + log_prior, jnp.log1p(-_FROM_PRIOR) + proposal.log_density(points))
    log_weights = (
        -jax.lax.map(lambda z: toy.minus_log_density(z, jacobian=True), points, batch_size=_TOGETHER) - proposed
    )
    inside = jnp.all(~search.circular | (jnp.abs(points - center) <= jnp.pi), axis=1)
    return points, jnp.where(inside & ~jnp.isnan(log_weights), log_weights, -jnp.inf)


def _learned(before: _Proposal, points: Float[Array, "n d"], weights: Float[Array, " n"]) -> _Proposal:
    """With mean and covariance of the weighted points, mixed with what was where few of them count."""
    effective = 1.0 / jnp.sum(weights**2)
    trust = effective / (effective + 5.0 * before.center.size)
    mean = weights @ points
    deviations = points - mean
    covariance = (weights[:, None] * deviations).T @ deviations
    mixed = trust * covariance + (1.0 - trust) * before.root @ before.root.T
    values, axes = jnp.linalg.eigh(mixed)
    root = axes * jnp.sqrt(jnp.maximum(values, 1e-16))
    return _Proposal(trust * mean + (1.0 - trust) * before.center, root)
