"""How many effective samples per second has NUTS, and emcee on the same likelihood?

    pip install -e ".[peers]"
    python benchmarks/samplers.py [FIT ...] [--all] [--limit SECONDS] --peers --out samplers.csv

Default: two typical fits. NUTS runs as the fit says. Both start at the maximum and see the same density; emcee gets a
batch at a time (`vectorize=True`), the fastest way for it to call a compiled function, until its chains are longer than
fifty autocorrelation times or the limit is reached, which is noted. Its first fifth is burn-in. Compilation is left
out; warm-up and burn-in are counted in one row and not in the other. The effective sample size is the smallest of all
sampled parameters, of rank-normalized bulk and of tails; of phases, of their sine and cosine. Asserted: R-hat of NUTS
is below 1.05, and where both have mixed, their means agree within six standard errors.
"""

import argparse
import contextlib
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import jax
import msgspec
import numpy as np
from _fits import fits, options_of_fits
from _question import answer, peer
from _timing import in_turns
from jaxtyping import Float

from nmmjax import infer
from nmmjax._speed import Speed
from nmmjax.analysis import Analysis
from nmmjax.fit import Fit, Prepared
from nmmjax.infer import Maximum, Settings
from nmmjax.results.diagnostics import mixing

TYPICAL = ("grimus_lavoura_2000", "xenonnt_moment/flat_in_square")
DEVICES = 4
WALKERS, FIRST, BURN_IN, ENOUGH = 32, 200, 0.2, 50.0
"""At least so many walkers and steps; the share of the steps that is dropped; autocorrelation times that suffice."""
EVEN = 2 * DEVICES
"""Halves of the walkers move together, over all devices."""
LIMIT = 20.0
"""Seconds for emcee."""
LARGEST, APART = 1.05, 6.0
"""R-hat, and standard errors between means, that are asserted."""


class Chains(NamedTuple):
    """What a sampler has drawn after warm-up, and its time."""

    draws: Float[np.ndarray, "chains draws d"]
    """With the sine and the cosine of every phase in place of it."""
    sampling: float
    warming_up: float
    """Seconds."""
    note: str
    mixed: bool = True

    def seconds(self, warm_up: bool) -> float:
        """With warm-up or without."""
        return self.sampling + warm_up * self.warming_up

    def diagnostics(self) -> tuple[float, float]:
        """R-hat and effective sample size, the worst of all."""
        found = mixing(tuple(np.moveaxis(self.draws, -1, 0)))
        return found.rhat or np.nan, found.ess or np.nan


class CompiledError(Exception):
    """Ends a run that was made to compile."""


def rows(options: Namespace) -> Iterator[Speed]:
    emcee = peer("emcee", options)
    for label, analysis in fits(options, TYPICAL):
        if not analysis.settings.sampled:
            continue
        try:
            yield from measure(label, analysis, emcee, options.limit)
        except Exception as error:  # of one fit, which is no reason to lose the others
            yield Speed(label, "effective sample", None, note=f"FAILED: {type(error).__name__}: {error}", good=False)
        jax.clear_caches()


def measure(label: str, analysis: Analysis, emcee: ModuleType | None, limit: float) -> Iterator[Speed]:
    """One row without and one with warm-up."""
    fit = analysis.fit
    maximum = infer.maximize(fit, settings=analysis.settings)
    nuts = run_nuts(fit, maximum, analysis.settings)
    rhat, ess = nuts.diagnostics()
    assert rhat < LARGEST, f"R-hat of NUTS is {rhat:.3f}"
    other = None if emcee is None else run_emcee(emcee, fit, maximum, limit)
    if other is not None and other.mixed:
        apart = standard_errors(nuts, other)
        assert apart < APART, f"the means of NUTS and emcee are {apart:.1f} standard errors apart"
    for what, counted in (("draws alone", False), ("warm-up counted", True)):
        run = nuts.seconds(counted) / ess
        row = Speed(f"{label}: {what}", "effective sample", run, error=rhat - 1.0, reference="R-hat of one")
        yield msgspec.structs.replace(row, note=f"NUTS: {nuts.note}, ESS {ess:.0f}", **beside(run, other, counted))


def beside(run: float, other: Chains | None, counted: bool) -> dict[str, Any]:
    """What a row says of emcee."""
    if other is None:
        return {}
    ess = other.diagnostics()[1]
    theirs = other.seconds(counted) / ess
    return {"peer": "emcee", "peer_run": theirs, "ratio": theirs / run, "peer_note": f"{other.note}, ESS {ess:.0f}"}


def run_nuts(fit: Fit, maximum: Maximum, settings: Settings) -> Chains:
    """As the fit says, when all is compiled: a first run is cut after its first block."""

    def cut(report: infer.Report) -> None:
        raise CompiledError

    with contextlib.suppress(CompiledError):
        infer.sample(fit, maximum, settings=settings, progress=cut)
    begun, ends = time.perf_counter(), {}

    def note(report: infer.Report) -> None:
        ends[report.warming_up] = time.perf_counter()

    draws = infer.sample(fit, maximum, settings=settings, progress=note)
    if not draws.complete:
        raise KeyboardInterrupt
    steps = np.mean(draws.statistics["num_steps"])
    words = f"{draws.z.shape[0]} x {draws.z.shape[1]} draws of {steps:.0f} steps"
    return Chains(unrolled(fit, draws.z), ends[False] - ends[True], ends[True] - begun, words)


def run_emcee(emcee: ModuleType, fit: Fit, maximum: Maximum, limit: float) -> Chains:
    """Twice as many steps again and again, until they are enough or the time is over."""
    size, state = fit.space.size, starts(maximum)
    walkers = len(state)
    sampler = emcee.EnsembleSampler(walkers, size, batched(fit.prepare(), state[: walkers // 2]), vectorize=True)
    sampler.run_mcmc(state, 1)  # the whole ensemble is compiled, too
    sampler.reset()
    count, spent, steps = 0, 0.0, FIRST
    while True:
        begun = time.perf_counter()
        state = sampler.run_mcmc(state, steps)
        count, spent = count + steps, spent + time.perf_counter() - begun
        chain = unrolled(fit, np.swapaxes(sampler.get_chain(), 0, 1))
        lengths = count / float(np.max(emcee.autocorr.integrated_time(np.swapaxes(chain, 0, 1), tol=0)))
        steps = min(count, int(count * (limit / spent - 1.0)))
        if lengths > ENOUGH or steps <= 0:
            break
    words = f"{walkers} x {count} steps"
    words += "" if lengths > ENOUGH else f", NOT MIXED: {lengths:.0f} autocorrelation times"
    kept = chain[:, int(BURN_IN * count) :]
    return Chains(kept, (1.0 - BURN_IN) * spent, BURN_IN * spent, words, lengths > ENOUGH)


def starts(maximum: Maximum) -> Float[np.ndarray, "walkers d"]:
    """Around the comparable modes in turn, as those of NUTS."""
    size, rng = maximum.z.size, np.random.default_rng(0)
    walkers = -(-max(WALKERS, 4 * size) // EVEN) * EVEN
    modes = maximum.comparable_modes
    return modes[np.arange(walkers) % len(modes)] + 0.1 * rng.normal(size=(walkers, size))


def batched(density: Prepared, points: Float[np.ndarray, "walkers d"]) -> Callable[[np.ndarray], np.ndarray]:
    """The density of many points at once: on one device, or spread over all, whichever is quicker."""
    compiled = jax.jit(jax.vmap(lambda density, z: density.log_density(z), (None, 0)))
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("walkers",))
    spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("walkers"))
    ways = [lambda z, where=where: np.asarray(compiled(density, jax.device_put(z, where))) for where in (None, spread)]
    times = in_turns(*(partial(way, points) for way in ways), turns=3)
    return ways[int(np.argmin(np.median(times, axis=1)))]


def unrolled(fit: Fit, z: Float[np.ndarray, "chains draws d"]) -> Float[np.ndarray, "chains draws more"]:
    """With the sine and the cosine of every phase in place of it: what `wrap` changes is a phase."""
    phases = fit.space.wrap(np.full(fit.space.size, 4.0)) != 4.0
    return np.concatenate([z[..., ~phases], np.sin(z[..., phases]), np.cos(z[..., phases])], axis=-1)


def standard_errors(one: Chains, other: Chains) -> float:
    """Between the means of two samplers, in the worst component."""

    def moments(chains: Chains) -> tuple[np.ndarray, np.ndarray]:
        flat = chains.draws.reshape(-1, chains.draws.shape[-1])
        return flat.mean(axis=0), flat.var(axis=0) / chains.diagnostics()[1]

    (mean, variance), (their_mean, their_variance) = moments(one), moments(other)
    return float(np.max(np.abs(mean - their_mean) / np.sqrt(variance + their_variance)))


def positive(text: str) -> float:
    """From the command line."""
    number = float(text)
    if not 0.0 < number < np.inf:
        raise argparse.ArgumentTypeError(f"must be a positive number, but it is {text}")
    return number


def main() -> int:
    parser = options_of_fits(__doc__)
    parser.add_argument("--limit", type=positive, default=LIMIT, help=f"seconds for emcee; default: {LIMIT:g}")
    return answer(rows, parser.parse_args(), devices=DEVICES)


if __name__ == "__main__":
    sys.exit(main())
