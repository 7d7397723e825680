"""Effective samples per second: NUTS against emcee, on the same compiled likelihood.

    python benchmarks/samplers.py [FIT]

Default: grimus_lavoura_2000. Both start at the maximum and see the same log-posterior. emcee gets a batch at a time
(`vectorize=True`), the fastest way for it to call a compiled function, and as many steps as make its run as long
as that of NUTS. ESS is the smallest over parameters, of rank-normalized bulk and of tails. Compilation is left out.
Accuracy is asserted first: where both have mixed, their means must agree within five standard errors.
"""

import dataclasses
import sys
import time

import arviz
import emcee
import jax
import jax.numpy as jnp
import numpy as np
import xarray
from _timing import table

from nmmjax import gallery, infer

WALKERS = 32


def main(name="grimus_lavoura_2000"):
    jax.config.update("jax_num_cpu_devices", 4)
    analysis = next(iter(gallery.build(gallery.find(name)).values()))
    fit, settings = analysis.fit, analysis.settings
    maximum = infer.maximize(fit, settings=settings)
    nuts, nuts_seconds, nuts_gradients = run_nuts(fit, maximum, settings)
    walkers, emcee_seconds, emcee_calls = run_emcee(fit, maximum, nuts_seconds)
    nuts_ess, emcee_ess = smallest_ess(nuts), smallest_ess(walkers)
    check_agreement(nuts, walkers, nuts_ess, emcee_ess)
    rows = [
        row("NUTS", nuts, nuts_ess, nuts_seconds, nuts_gradients),
        row(f"emcee, {WALKERS} walkers", walkers, emcee_ess, emcee_seconds, emcee_calls),
        ("ratio", "", "", "", f"{(nuts_ess / nuts_seconds) / (emcee_ess / emcee_seconds):.1f}", ""),
    ]
    table((f"sampler on {name}", "draws", "seconds", "smallest ESS", "ESS per second", "evaluations"), rows)


def row(label, draws, ess, seconds, evaluations):
    return (
        label,
        f"{draws.shape[0]} x {draws.shape[1]}",
        f"{seconds:.2f}",
        f"{ess:.0f}",
        f"{ess / seconds:.0f}",
        str(evaluations),
    )


def run_nuts(fit, maximum, settings):
    """Draws after warm-up, the seconds of warm-up and sampling, and gradients evaluated after warm-up."""
    infer.sample(fit, maximum, settings=dataclasses.replace(settings, samples=1))
    begun = time.perf_counter()
    draws = infer.sample(fit, maximum, settings=settings)
    return draws.z, time.perf_counter() - begun, int(draws.statistics["num_steps"].sum())


def run_emcee(fit, maximum, budget):
    """(walkers, draws, d) without burn-in, the seconds of burn-in and sampling, and evaluations of the likelihood."""
    batch = jax.jit(jax.vmap(lambda fit, z: fit.log_density(z), (None, 0)))
    rng = np.random.default_rng(0)
    start = np.asarray(maximum.z) + 0.1 * rng.normal(size=(WALKERS, fit.space.size))
    sampler = emcee.EnsembleSampler(
        WALKERS, fit.space.size, lambda z: np.asarray(batch(fit, jnp.asarray(z))), vectorize=True
    )
    sampler.run_mcmc(start, 100)
    begun = time.perf_counter()
    sampler.run_mcmc(start, 200)
    steps = max(500, int(200 * budget / (time.perf_counter() - begun)))
    sampler.reset()
    begun = time.perf_counter()
    sampler.run_mcmc(start, steps)
    spent = time.perf_counter() - begun
    return np.swapaxes(sampler.get_chain(discard=steps // 5), 0, 1), spent, WALKERS * steps


def smallest_ess(draws):
    dataset = xarray.Dataset({str(i): (("chain", "draw"), draws[..., i]) for i in range(draws.shape[-1])})
    return min(float(v) for m in ("bulk", "tail") for v in arviz.ess(dataset, method=m).data_vars.values())


def check_agreement(one, other, ess_one, ess_other):
    for i in range(one.shape[-1]):
        a, b = one[..., i], other[..., i]
        assert abs(a.mean() - b.mean()) < 5 * np.sqrt(a.var() / ess_one + b.var() / ess_other)


if __name__ == "__main__":
    main(*sys.argv[1:])
