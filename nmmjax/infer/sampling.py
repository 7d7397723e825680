"""The posterior by NUTS: numpyro's kernel, advanced in blocks so that a run shows progress and can be resumed.

Coordinates. The chains walk in w, z = center + scale w, with the best mode in the center and, to second order around
it, unit width in all directions: correlations cost no steps. The mass matrix adapts to what is left.

Placement. The chains lie along one mesh axis over the devices that JAX shows. On a CPU with as many (forced) host
devices as chains they run in parallel; with fewer devices, each takes its share one after the other; on a GPU all are
vectorized on it. Processes of one job, joined by `jax.distributed`, take equal shares of the chains; all of them have
all draws, and the first one writes checkpoints. `devices=` overrides the number. Draws depend on the placement in their
last bits, since the compiler does.

Decompositions of a batch of matrices by LAPACK wait for threads of the pool in which all devices of a CPU compute, and
several devices may so wait for each other for ever. So chains of a CPU are not vectorized, and a density that
decomposes a batch by itself keeps to one device.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, PRNGKeyArray
from numpyro.infer import NUTS
from numpyro.infer.util import ParamInfo

from nmmjax._compilation import quick
from nmmjax.fit import Fit, Prepared
from nmmjax.infer._chart import Chart
from nmmjax.infer._checkpoint import Checkpoint, Progressed, check_density
from nmmjax.infer._curvature import curvature
from nmmjax.infer._descent import evaluate
from nmmjax.infer._placement import gathered, leads, placement, spread
from nmmjax.infer._question import asked
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.settings import Settings

BLOCK = 50
"""Iterations between two reports, two checkpoints and two chances to interrupt."""
_STATISTICS = ("potential_energy", "energy", "num_steps", "accept_prob", "diverging")
_JITTER = 0.5
"""Chains start this many standard deviations (of the Laplace approximation) around their mode."""


class Report(NamedTuple):
    """How far a run is."""

    done: int
    total: int
    warming_up: bool
    divergences: int
    """After warm-up."""
    steps: float
    """Mean leapfrog steps per iteration in the last block."""
    words: str = ""
    """Of sequential Monte Carlo: how far it is."""


class Tempered(NamedTuple):
    """What runs of sequential Monte Carlo say of themselves."""

    stages: int
    """Between prior and posterior, of the run with most of them."""
    log_evidences: Float[np.ndarray, " runs"]
    """ln Z."""
    variances: Float[np.ndarray, " runs"]
    """Relative variance of each Z, by the ancestors of its particles."""


class Draws(NamedTuple):
    """What NUTS drew after warm-up, or the particles of sequential Monte Carlo. Leading axes: chains, draws."""

    z: Float[np.ndarray, "chains draws d"]
    statistics: dict[str, np.ndarray]
    warmup: int
    seconds: float
    """Time spent sampling, warm-up and compilation included, over all the parts of an interrupted run."""
    complete: bool
    """False where the run was interrupted."""
    max_tree_depth: int = 10
    """Trajectories had at most 2 to this power, less one, steps."""
    tempered: Tempered | None = None
    """None for draws of NUTS."""
    question: Mapping[str, str] = MappingProxyType({})
    """What they follow from, piece by piece; empty for a run without a checkpoint."""


class _State(NamedTuple):
    """Where the chains are, in which coordinates."""

    chart: Chart
    chains: Any


def sample(
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
    """Draw from the posterior by NUTS, starting from the best modes.

    **Arguments:**

    - `settings`: chains, warm-up, samples, target acceptance, mass matrix, seed (default: `Settings()`).
    - `devices`: over how many devices the chains are spread.
    - `progress`: is called after each block.
    - `checkpoint`: a file that is rewritten after each block; with `resume` the run goes on from it, and gives the
      same draws as a run that was never cut.

    `KeyboardInterrupt` ends the run with the draws of the finished blocks, marked incomplete; during warm-up, and
    with no draw to keep, it is raised.
    """
    settings = Settings() if settings is None else settings
    key = jax.random.PRNGKey(settings.seed) if key is None else key
    density = fit.prepare()
    mesh = placement(density, settings.chains, devices)
    kept = None if checkpoint is None else Checkpoint(checkpoint, asked(fit, settings, key, mesh.size))
    starts_key, chains_key = jax.random.split(key)
    hessian = np.asarray(curvature(density, maximum.z).hessian)
    chart = Chart.around(maximum.comparable_modes[0], hessian)
    starts = _starts(density, maximum, chart, settings.chains, starts_key)
    keys = jax.random.split(chains_key, settings.chains)
    chains = _initialize(keys, starts, settings.target_accept, _Tuning.of(settings))
    state = _State(chart, jax.tree.map(partial(spread, mesh), chains))
    run = Progressed(0, state, (), 0.0)
    if resume and kept is not None and kept.path.exists():
        run = kept.load(state)
        there = _standing(density, run.state.chart, np.asarray(run.state.chains.z))
        check_density(run.state.chains.potential_energy, there.potential_energy, kept.path)
        run = run._replace(state=_State(run.state.chart, jax.tree.map(partial(spread, mesh), run.state.chains)))
    try:
        while run.done < settings.warmup + settings.samples:
            run = _block(density, run, settings, mesh)
            if kept is not None and leads():
                kept.save(run)
            progress(_report(run, settings))
    except KeyboardInterrupt:
        if not run.blocks:
            raise
    return _draws(run, settings)._replace(question={} if kept is None else kept.question)


def chains_ahead(fit: Fit, settings: Settings, devices: int | None = None) -> Callable[[], Any]:
    """What compiles the program of the chains, which needs no maximum: in another thread, while that is searched."""
    density, tuning, size = fit.prepare(), _Tuning.of(settings), fit.space.size
    mesh = placement(density, settings.chains, devices)

    def shape(*lengths: int) -> Any:
        return jax.ShapeDtypeStruct(lengths, jnp.result_type(float))

    start = ParamInfo(shape(settings.chains, size), shape(settings.chains), shape(settings.chains, size))
    keys = jax.eval_shape(lambda: jax.random.split(jax.random.PRNGKey(0), settings.chains))
    chains = jax.eval_shape(lambda k, s: _initialize.function(k, s, settings.target_accept, tuning), keys, start)
    along = NamedSharding(mesh, PartitionSpec("chains"))
    shares = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=along), chains)
    state = _State(Chart(shape(size), shape(size, size)), shares)
    return _advance.ahead(density, state, BLOCK, settings.target_accept, tuning, mesh)


def check_resumable(fit: Fit, checkpoint: Path, *, settings: Settings, devices: int | None = None) -> None:
    """Whether `sample` could go on from a checkpoint, if there is one: known before anything is compiled.

    **Raises:** `ValueError` that names what has changed since, or the file that is damaged.
    """
    if checkpoint.exists():
        key, mesh = jax.random.PRNGKey(settings.seed), placement(fit.prepare(), settings.chains, devices)
        Checkpoint(checkpoint, asked(fit, settings, key, mesh.size)).check()


def _block(density: Prepared, run: Progressed, settings: Settings, mesh: Mesh) -> Progressed:
    """Advance a run by one block, which never spans the end of the warm-up."""
    begun = time.perf_counter()
    warm = run.done >= settings.warmup
    end = settings.warmup + settings.samples if warm else settings.warmup
    count = min(BLOCK, end - run.done)
    state = run.state
    if jax.process_count() > 1:
        state = _State(state.chart, jax.tree.map(partial(spread, mesh), state.chains))
    advanced = _advance(density, state, count, settings.target_accept, _Tuning.of(settings), mesh)
    chains, block = jax.block_until_ready(advanced)
    if jax.process_count() > 1:  # whose memory holds but a part of each
        chains, block = gathered(chains), gathered(block)
    new = ({name: np.asarray(values)[:, :count] for name, values in block.items()},) if warm else ()
    seconds = run.seconds + time.perf_counter() - begun
    return Progressed(run.done + count, _State(run.state.chart, chains), run.blocks + new, seconds)


def _report(run: Progressed, settings: Settings) -> Report:
    return Report(
        run.done,
        settings.warmup + settings.samples,
        run.done <= settings.warmup,
        sum(int(np.sum(block["diverging"])) for block in run.blocks),
        float(np.mean(np.asarray(run.state.chains.num_steps))),
    )


def _draws(run: Progressed, settings: Settings) -> Draws:
    drawn = run.drawn
    statistics = {name: drawn[name] for name in _STATISTICS}
    complete = run.done == settings.warmup + settings.samples
    return Draws(drawn["z"], statistics, settings.warmup, run.seconds, complete, settings.max_tree_depth)


def _starts(density: Prepared, maximum: Maximum, chart: Chart, chains: int, key: PRNGKeyArray) -> ParamInfo:
    """Chains are dealt to the comparable modes in turn, and scattered around them."""
    modes = maximum.comparable_modes
    noise = np.asarray(jax.random.normal(key, (chains, maximum.z.size)))
    starts = chart.w(modes[np.arange(chains) % len(modes)]) + _JITTER * noise
    there = _standing(density, chart, starts)
    good = np.isfinite(there.potential_energy)
    return there if np.all(good) else _standing(density, chart, np.where(good[:, None], starts, 0.0))


def _standing(density: Prepared, chart: Chart, points: Float[np.ndarray, "chains d"]) -> ParamInfo:
    """Points w of a chart, with -ln p and its gradient: what numpyro starts from."""
    center, scale = np.asarray(chart.center)[None], np.asarray(chart.scale)
    there = evaluate(density, center, scale, np.asarray(points), jacobian=True)
    return ParamInfo(*map(jnp.asarray, (there.w, there.value, there.gradient)))


class _Tuning(NamedTuple):
    """The settings that are compiled in."""

    warmup: int
    dense_mass: bool
    max_tree_depth: int

    @classmethod
    def of(cls, settings: Settings) -> "_Tuning":
        return cls(**{name: getattr(settings, name) for name in cls._fields})

    def kernel(self, potential: Callable[[Float[Array, " d"]], Any], target_accept: Float[Array, ""] | float) -> NUTS:
        return NUTS(
            potential_fn=potential,
            target_accept_prob=target_accept,  # pyright: ignore[reportArgumentType]  (traced: no part of the program)
            dense_mass=self.dense_mass,
            max_tree_depth=self.max_tree_depth,
        )


@quick("tuning")
def _initialize(keys: PRNGKeyArray, starts: ParamInfo, target_accept: Float[Array, ""] | float, tuning: _Tuning) -> Any:
    """The state of every chain before its first iteration."""

    def chain(key, start):
        return tuning.kernel(jnp.sum, target_accept).init(key, tuning.warmup, start, (), {})  # evaluates no density

    return jax.vmap(chain)(keys, starts)


@quick("tuning", "mesh", often=True)
def _advance(
    density: Prepared, state: _State, count: int, target_accept: Float[Array, ""] | float, tuning: _Tuning, mesh: Mesh
) -> tuple[Any, dict[str, Array]]:
    """`count` <= BLOCK iterations of every chain; the number is traced, so that one compilation serves all blocks."""
    chart = state.chart

    def chain(state):
        kernel = tuning.kernel(lambda w: -density.log_density(chart.z(w)), target_accept)
        here = ParamInfo(state.z, state.potential_energy, state.z_grad)
        kernel.init(state.rng_key, tuning.warmup, here, (), {})  # sets up its adaptation schedule; result unused
        seen = {"z": state.z} | {name: getattr(state, name) for name in _STATISTICS}
        blank = jax.tree.map(lambda leaf: jnp.zeros((BLOCK, *leaf.shape), leaf.dtype), seen)

        def iterate(i, carry):
            state, block = carry
            state = kernel.sample(state, (), {})
            now = {"z": chart.z(state.z)} | {name: getattr(state, name) for name in _STATISTICS}
            return state, {name: values.at[i].set(now[name]) for name, values in block.items()}

        return jax.lax.fori_loop(0, count, iterate, (state, blank))

    along = PartitionSpec("chains")
    share = partial(jax.lax.map, chain) if mesh.devices.flat[0].platform == "cpu" else jax.vmap(chain)
    return jax.shard_map(share, mesh=mesh, in_specs=along, out_specs=along, check_vma=False)(state.chains)
