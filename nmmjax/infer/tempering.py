"""The posterior by sequential Monte Carlo: particles led from the prior to the posterior by way of its powers.

    p_beta(z) = L(z)^beta prior(z),  beta = 0 ... 1

[P. Del Moral, A. Doucet and A. Jasra, J. R. Statist. Soc. B 68, 411 (2006)]. Particles are drawn from the prior; each
stage raises beta as far as half of them still count (by their effective number), weighs them by L^(beta' - beta), draws
as many anew by these weights, and moves them by `_walkers`. The product of the mean weights is the evidence,

    Z = int L(z) prior(z) dz,

with an error that falls with the root of the number of particles; that stages and steps are made to measure by the
particles themselves biases it by less than that [A. Beskos, A. Jasra, N. Kantas and A. Thiery, Ann. Appl. Probab.
26, 1111 (2016)]. Modes that the search has found are where jumps lead to, from any stage on; they start no particle, so
that those which it has not found are not at a disadvantage.

Where particles do not follow the posterior as it narrows, as into the neck of a funnel, all runs lag behind alike, and
agree. What they did in the moves at beta = 1 tells: on average ln L stays where it was, or they had not arrived.

Several runs know nothing of each other: they stand where the chains of NUTS do, and R-hat compares them. Within a run
the particles are in the order of their ancestors, so that those who descend from one are neighbors, as the draws of a
chain that has not moved far: effective sample sizes by autocorrelation count them as they do these.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jaxtyping import Float, Int, PRNGKeyArray

from nmmjax import _checks
from nmmjax.fit import Fit, Prepared
from nmmjax.infer._checkpoint import Checkpoint, Progressed, check_density
from nmmjax.infer._modes import TemperedModes
from nmmjax.infer._placement import gathered, leads, placement
from nmmjax.infer._points import drawn
from nmmjax.infer._question import asked
from nmmjax.infer._walkers import Guide, Moved, Walker, move, stand
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.sampling import Draws, Report, Tempered
from nmmjax.infer.settings import Settings

_KEPT = 0.5
"""Share of the particles that still count after weighing."""
_ACCEPTED = 0.8
"""Mean acceptance to which steps adapt."""
_REMEMBERED = 0.1
"""Rank correlation of ln L, by which particles are weighed, with that before the moves of a stage: enough of them."""
_FEWEST, _MOST, _LAST = 2, 20, 10
"""Moves of a stage, and those at beta = 1 after the last."""
_FEWEST_PARTICLES = 16
_POSSIBLE = 1e-12
"""A power that tells only what is possible from what is not."""
_STEPS = (1e-3, 2.0)
"""Range of the steps, in standard deviations."""
_PERCENT = 100


class _Particles(NamedTuple):
    """All runs between two moves."""

    walkers: Walker
    """(runs, particles, ...)."""
    ancestors: Int[np.ndarray, "runs particles"]
    """The particle of the prior from which each descends."""
    beta: Float[np.ndarray, " runs"]
    first: Float[np.ndarray, " runs"]
    """The first beta, by which progress is measured."""
    log_evidence: Float[np.ndarray, " runs"]
    variance: Float[np.ndarray, " runs"]
    """Relative variance of the evidence, as if particles of different stages were independent."""
    steps: Float[np.ndarray, "runs kinds"]
    before: Float[np.ndarray, "runs particles"]
    """ln L before the moves of this stage."""
    stages: Int[np.ndarray, ""]
    moves: Int[np.ndarray, ""]
    """Of this stage."""
    acceptance: Float[np.ndarray, "runs particles"]
    """Mean over the moves of this stage."""
    leaps: Int[np.ndarray, "runs particles"]
    """Leapfrog steps of the last move."""


def temper(
    fit: Fit,
    maximum: Maximum,
    *,
    settings: Settings | None = None,
    key: PRNGKeyArray | None = None,
    devices: int | None = None,
    progress: Callable[[Report], None] = lambda report: None,
    checkpoint: Path | None = None,
    resume: bool = False,
) -> Draws:
    """Draw from the posterior, and integrate it, by independent runs from the prior: for posteriors of several modes.

    **Arguments:** as those of `sample`; of the settings count `chains`, the number of runs, and `samples`, the
    particles of each. The draws of a run are its particles.

    `KeyboardInterrupt` at beta = 1 ends the run with the particles as they are, marked incomplete; before, it is
    raised. With a checkpoint, which is written after each move, `resume` goes on.
    """
    settings = Settings() if settings is None else settings
    if settings.samples < _FEWEST_PARTICLES:
        must = f"be at least {_FEWEST_PARTICLES} for sequential Monte Carlo"
        _checks.fail("samples", must, f"it is {settings.samples}")
    key = jax.random.PRNGKey(settings.seed) if key is None else key
    density = fit.prepare()
    mesh = placement(density, settings.chains, devices)
    kept = None if checkpoint is None else Checkpoint(checkpoint, asked(fit, settings, key, mesh.size))
    modes = TemperedModes.of(fit, maximum)
    run = Progressed(0, _begun(fit, density, settings, key, mesh), (), 0.0)
    if resume and kept is not None and kept.path.exists():
        run = kept.load(run.state)
        found = gathered(stand(density, _flat(run.state.walkers).z, mesh))
        check_density(_energy(_flat(run.state.walkers)), _energy(found), kept.path)
    try:
        while not _finished(run.state):
            before = time.perf_counter()
            state = _advanced(fit, density, run.state, modes, jax.random.fold_in(key, run.done), mesh)
            run = Progressed(run.done + 1, state, (), run.seconds + time.perf_counter() - before)
            if kept is not None and leads():
                kept.save(run)
            progress(_report(state))
    except KeyboardInterrupt:
        if np.any(run.state.beta < 1.0):
            raise
    return _draws(run)._replace(question={} if kept is None else kept.question)


def _begun(fit: Fit, density: Prepared, settings: Settings, key: PRNGKeyArray, mesh: Mesh) -> _Particles:
    """Particles drawn from the prior."""
    runs, count, size = settings.chains, settings.samples, fit.space.size
    z = drawn(fit.priors, jax.random.split(key, runs * count))
    walkers = gathered(stand(density, z, mesh))
    return _Particles(
        walkers=jax.tree.map(lambda leaf: leaf.reshape(runs, count, *leaf.shape[1:]), walkers),
        ancestors=np.tile(np.arange(count), (runs, 1)),
        beta=np.zeros(runs),
        first=np.zeros(runs),
        log_evidence=np.zeros(runs),
        variance=np.zeros(runs),
        steps=np.full((runs, 2), size**-0.25),
        before=np.zeros((runs, count)),
        stages=np.zeros((), int),
        moves=np.zeros((), int),
        acceptance=np.zeros((runs, count)),
        leaps=np.zeros((runs, count), int),
    )


def _finished(now: _Particles) -> bool:
    return bool(np.all(now.beta == 1.0)) and int(now.moves) >= _LAST


def _advanced(
    fit: Fit, density: Prepared, now: _Particles, modes: TemperedModes, key: PRNGKeyArray, mesh: Mesh
) -> _Particles:
    """The next move, after a raise of beta where this stage has had enough."""
    lot, walk = jax.random.split(key)
    if np.any(now.beta < 1.0) and (int(now.stages) == 0 or _settled(now)):
        now = _raised(now, np.asarray(jax.random.uniform(lot, now.beta.shape)))
    runs, count = now.ancestors.shape
    guide = Guide(
        jnp.asarray(now.beta),
        jnp.asarray(now.steps),
        jnp.asarray(np.stack([_root(fit, _of_others(np.asarray(now.walkers.z), run)) for run in range(runs)])),
        jax.tree.map(lambda *leaves: jnp.stack(leaves), *(modes.at(beta) for beta in now.beta)),
    )
    keys, which = jax.random.split(walk, runs * count), jnp.repeat(jnp.arange(runs), count)
    walkers, moved = gathered(move(density, _flat(now.walkers), which, keys, guide, mesh))
    walkers = walkers._replace(z=fit.space.wrap(walkers.z))
    walkers, moved = (_by_runs(tree, runs) for tree in (walkers, moved))
    return _adapted(now._replace(walkers=walkers), moved)


def _settled(now: _Particles) -> bool:
    """Whether the moves of this stage are enough."""
    if not _FEWEST <= int(now.moves) < _MOST:
        return int(now.moves) >= _MOST
    both = zip(np.asarray(now.before), np.asarray(now.walkers.log_likelihood), strict=True)
    ranks = (np.argsort(np.argsort(pair, axis=1), axis=1) for pair in map(np.stack, both))
    return all(np.corrcoef(*pair)[0][1] < _REMEMBERED for pair in ranks)


def _adapted(now: _Particles, moved: Moved) -> _Particles:
    """Steps by how often moves with each kind of metric were accepted, and what the moves of this stage amount to."""
    means = [np.where(moved.kind == kind, moved.acceptance, np.nan) for kind in range(now.steps.shape[1])]
    surplus = np.nan_to_num(np.stack([np.nanmean(one, axis=1) for one in means], axis=1) - _ACCEPTED)
    before = int(now.moves)
    return now._replace(
        steps=np.clip(now.steps * np.exp(surplus), *_STEPS),
        moves=np.asarray(before + 1),
        acceptance=(before * now.acceptance + moved.acceptance) / (before + 1),
        leaps=moved.steps,
    )


def _raised(now: _Particles, lots: Float[np.ndarray, " runs"]) -> _Particles:
    """The next beta of every run, and particles drawn anew by their weights."""
    ancestors, walkers, beta, evidence, variance = [], [], [], [], []
    for run, lot in enumerate(lots):
        own: Walker = jax.tree.map(lambda leaf, run=run: leaf[run], now.walkers)
        up = _next(now.beta[run], np.asarray(own.log_likelihood))
        log_weights = np.zeros(len(own.z)) if up == now.beta[run] else (up - now.beta[run]) * own.log_likelihood
        chosen = _systematic(log_weights, lot)
        ancestors.append(now.ancestors[run][chosen])
        walkers.append(jax.tree.map(lambda leaf, chosen=chosen: leaf[chosen], own))
        beta.append(up)
        evidence.append(_log_mean(log_weights))
        variance.append(1.0 / _effective(log_weights) - 1.0 / len(log_weights))
    raised, anew = np.array(beta), jax.tree.map(lambda *leaves: np.stack(leaves), *walkers)
    return now._replace(
        walkers=anew,
        ancestors=np.stack(ancestors),
        beta=raised,
        first=raised if int(now.stages) == 0 else now.first,
        log_evidence=now.log_evidence + np.array(evidence),
        variance=now.variance + np.array(variance),
        stages=now.stages + 1,
        moves=np.zeros((), int),
        before=anew.log_likelihood,
    )


def _next(beta: float, log_likelihood: Float[np.ndarray, " n"]) -> float:
    """The largest beta' <= 1 at which so many still count; by bisection in its logarithm.

    Where the likelihood vanishes for most of the prior, the first one does no more than to take those out.

    **Raises:** `FloatingPointError` where ln L is -inf for all.
    """
    possible = np.sum(np.isfinite(log_likelihood))
    if not possible:
        raise FloatingPointError("The likelihood vanishes, or is undefined, at all points drawn from the prior.")
    if beta == 0.0 and possible < _KEPT * len(log_likelihood):
        return _POSSIBLE
    if beta == 1.0 or _effective((1.0 - beta) * log_likelihood) >= _KEPT * possible:
        return 1.0
    low, high = math.log(1e-300), math.log(1.0 - beta)
    for _ in range(64):
        middle = 0.5 * (low + high)
        enough = _effective(math.exp(middle) * log_likelihood) >= _KEPT * possible
        low, high = (middle, high) if enough else (low, middle)
    return beta + math.exp(low)


def _effective(log_weights: Float[np.ndarray, " n"]) -> float:
    """(sum w)^2 / sum w^2."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights @ weights))


def _log_mean(log_weights: Float[np.ndarray, " n"]) -> float:
    """ln of the mean weight."""
    return float(log_weights.max() + np.log(np.mean(np.exp(log_weights - log_weights.max()))))


def _systematic(log_weights: Float[np.ndarray, " n"], lot: float) -> Int[np.ndarray, " n"]:
    """As many indices, ascending, each as often as its weight says, give or take one."""
    shares = np.cumsum(np.exp(log_weights - log_weights.max()))
    return np.searchsorted(shares / shares[-1], (np.arange(len(shares)) + lot) / len(shares))


def _of_others(z: Float[np.ndarray, "runs n d"], run: int) -> Float[np.ndarray, "_ d"]:
    """The particles of all runs but one, whose metric may not depend on its own: of few it would lower the evidence."""
    return np.delete(z, run, axis=0).reshape(-1, z.shape[-1]) if len(z) > 1 else z[0]


def _root(fit: Fit, z: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "d d"]:
    """Cholesky factor of the covariance of particles, as wide in no direction as if there were none."""
    around = fit.space.wrap(z - z[0])
    covariance = np.atleast_2d(np.cov(around, rowvar=False))
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-24))
    correlation = covariance / np.outer(scale, scale)
    return scale[:, None] * np.linalg.cholesky(correlation + 1e-6 * np.eye(len(scale)))


def _flat(walkers: Walker) -> Walker:
    """All runs in a row."""
    return jax.tree.map(lambda leaf: np.asarray(leaf).reshape(-1, *np.shape(leaf)[2:]), walkers)


def _by_runs(tree, runs: int):
    return jax.tree.map(lambda leaf: np.asarray(leaf).reshape(runs, -1, *np.shape(leaf)[1:]), tree)


def _energy(walkers: Walker) -> np.ndarray:
    """-ln p."""
    return -np.asarray(walkers.log_likelihood + walkers.log_prior)


def _report(now: _Particles) -> Report:
    """How far the slowest run is, in percent of the logarithm of beta; and how hot it is."""
    slowest = int(np.argmin(now.beta))
    beta, first = float(now.beta[slowest]), float(now.first[slowest])
    share = 1.0 if first == 1.0 else 1.0 - math.log(beta) / math.log(first)
    done = math.floor((_PERCENT - _LAST) * share) + (min(int(now.moves), _LAST) if beta == 1.0 else 0)
    words = f"stage {int(now.stages)}, temperature {1.0 / beta:.3g}, acceptance {np.mean(now.acceptance):.2f}"
    return Report(done, _PERCENT, beta < 1.0, 0, float(np.mean(now.leaps)), words)


def _draws(run: Progressed) -> Draws:
    now: _Particles = run.state
    statistics = {
        "potential_energy": _energy(now.walkers),
        "num_steps": now.leaps,
        "accept_prob": now.acceptance,
        "diverging": np.zeros(now.ancestors.shape, bool),
        "log_likelihood_drift": np.asarray(now.walkers.log_likelihood) - now.before,
    }
    tempered = Tempered(
        int(now.stages),
        now.log_evidence,
        np.maximum(_genealogical_variances(now.ancestors, int(now.stages)), now.variance),
    )
    return Draws(np.asarray(now.walkers.z), statistics, int(now.stages), run.seconds, _finished(now), tempered=tempered)


def _genealogical_variances(ancestors: Int[np.ndarray, "runs n"], stages: int) -> Float[np.ndarray, " runs"]:
    """Relative variance of the evidence of each run, from how many particles descend from each of the first.

    1 - (n / (n - 1))^(stages + 1) (1 - sum_a (n_a / n)^2) for particles that are drawn anew independently
    [A. Lee and N. Whiteley, Biometrika 105, 609 (2018)].
    """
    count = ancestors.shape[1]
    same = np.array([np.sum((np.bincount(own) / count) ** 2) for own in ancestors])
    return 1.0 - (count / (count - 1)) ** (stages + 1) * (1.0 - same)
