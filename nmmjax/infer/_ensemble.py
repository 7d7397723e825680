"""One batch of simulated experiments, each fitted again: one program for all batches of a fit.

The answer for a toy depends on its key and its true point alone, not on those beside it.
"""

import zlib
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from nmmjax._compilation import quick
from nmmjax.fit import Fit, Prepared, Terms
from nmmjax.infer._chart import INSIDE
from nmmjax.infer._descent import Way, minimum

FAR = 25.0
"""|z| at which what lies at the bound of a prior is true or held: 1e-11 inside."""
_SAME = 1e-6
"""Values of ln p that do not differ."""
_STAGES = jax.tree.map(lambda *of: np.array(of), *(Way(n, int(n > 0), 1e-4, False) for n in (300, 300, 0)))
"""Descents with the tested components held, descents with all of them free, and a look at the slopes."""


class Simulated(NamedTuple):
    """The posterior density with simulated data, in place of a fit of them."""

    density: Prepared
    fit: Fit
    shift: Float[Array, " d"]
    """Of the centers of normal priors, in their standard deviations."""

    def minus_log_density(self, z: Float[Array, " d"], *, jacobian: Bool[Array, ""] | bool = False) -> Float[Array, ""]:
        """-ln p, as `Fit.log_density` has it: N(u; shift, 1) / N(u; 0, 1) = exp(u shift - shift^2 / 2)."""
        terms: Terms = self.density.terms(z)
        return (
            -terms.total(jacobian=jacobian) - self.fit.space.deviations(z) @ self.shift + 0.5 * self.shift @ self.shift
        )


def simulate(
    fit: Fit, key: PRNGKeyArray, truth: Float[Array, " d"], fluctuating: Bool[Array, " d"] | Float[Array, " d"]
) -> Simulated:
    """Data of all experiments at a true point, and auxiliary measurements of the components that have one."""
    data, _ = jax.random.split(key)
    _, theory, nuisance = fit.point(fit.space.parameters(truth))
    keys = jax.random.split(data, len(fit.experiments))
    drawn = tuple(e.simulate(k, theory, nuisance) for e, k in zip(fit.experiments, keys, strict=True))
    with_data = eqx.tree_at(lambda f: f.experiments, fit, drawn)
    return Simulated(with_data.prepare(), fit, auxiliary_shift(fit, key, truth, fluctuating))


def auxiliary_shift(
    fit: Fit, key: PRNGKeyArray, truth: Float[Array, " d"], fluctuating: Bool[Array, " d"] | Float[Array, " d"]
) -> Float[Array, " d"]:
    """Where auxiliary measurements of the components that have one put the centers of their priors, in their errors.

    What is random in one follows from the key and its label: fits of one toy draw alike what they share.
    """
    _, auxiliary = jax.random.split(key)
    labels = np.array([zlib.crc32(label.encode()) for label in fit.space.labels], np.uint32)
    drawn = jax.vmap(lambda label: jax.random.normal(jax.random.fold_in(auxiliary, label)))(labels)
    measured = fit.space.deviations(truth) + drawn
    return jnp.where(fluctuating, measured, 0.0)


class Search(NamedTuple):
    """What is tested in every toy, and from where its maxima are searched."""

    held: Bool[Array, "tests d"]
    """Components that a test holds."""
    values: Float[Array, "tests d"]
    """Where it holds them; NaN for their true values."""
    scales: Float[Array, "tests d d"]
    """Of charts in which these have no column."""
    scale: Float[Array, "d d"]
    """Of the chart in which all are free."""
    starts: Float[Array, "starts d"]
    """Beside the true point."""
    bounded: Bool[Array, " d"]
    fluctuating: Bool[Array, " d"]
    """Components whose auxiliary measurement is drawn anew."""


class Refitted(NamedTuple):
    """What is kept of each toy."""

    truth: Float[Array, "toys d"]
    """In the real numbers that the parameters consist of, as the next."""
    best: Float[Array, "toys d"]
    chi2: Float[Array, "toys experiments"]
    """-2 ln L of each experiment at the maximum."""
    pulls: Float[Array, " toys"]
    """Squares of the pulls of nuisances with normal priors there, together."""
    delta_chi2: Float[Array, "toys tests"]
    """Twice what ln p is lower where a test holds its components."""
    to_gain: Float[Array, " toys"]
    """About what is left to gain in ln p: |slope|^2 / 2 in the chart, and what the descents of a test found higher."""


@quick()
def keys_of(key: PRNGKeyArray, index: Int[Array, " toys"]) -> PRNGKeyArray:
    """Two keys of each toy, of its true point and of its data, from its index alone."""
    return jax.vmap(lambda i: jax.random.split(jax.random.fold_in(key, i)))(index)


@quick(often=True)
def refit(fit: Fit, search: Search, keys: PRNGKeyArray, truths: Float[Array, "toys d"]) -> Refitted:
    """Simulate a toy for each key at the true point z beside it, and search its maxima."""
    return jax.vmap(lambda key, truth: _one(fit, search, key, truth))(keys, truths)


def _one(fit: Fit, search: Search, key: PRNGKeyArray, truth: Float[Array, " d"]) -> Refitted:
    toy = simulate(fit, key, truth, search.fluctuating)
    centers, held = _lanes(search, truth)
    free = jnp.broadcast_to(search.scale, held.shape)

    def stage(centers: Float[Array, "lanes d"], how: tuple[Array, Way, Array]) -> tuple[Array, tuple[Array, ...]]:
        scales, way, stay = how
        z, value, slope = jax.vmap(lambda center, scale: _descent(toy, way, center, scale))(centers, scales)
        return jnp.where(stay, z, _inside(search.bounded, z)), (z, value, slope)

    stages = jnp.stack([held, free, free]), jax.tree.map(jnp.asarray, _STAGES), jnp.array([False, True, True])
    _, (z, value, slope) = jax.lax.scan(stage, centers, stages)
    tested = jnp.min(value[0].reshape(len(search.held), -1), axis=1)
    lane, lowest = jnp.argmin(value[1]), jnp.min(value[:2])
    best = jnp.where(value[1, lane] <= lowest + _SAME, z[1, lane], z[0, jnp.argmin(value[0])])
    everywhere, space = toy.density.terms(best).log_likelihoods, fit.space
    return Refitted(
        truth=space.flat(space.parameters(truth)),
        best=space.flat(space.parameters(best)),
        chi2=jnp.stack([-2.0 * everywhere[e.name] for e in fit.experiments]),
        pulls=jnp.sum(jnp.where(fit.auxiliary, space.deviations(best) - toy.shift, 0.0) ** 2),
        delta_chi2=2.0 * (tested - lowest),
        to_gain=value[1, lane] - lowest + 0.5 * slope[2, lane] @ slope[2, lane],
    )


def _descent(
    toy: Simulated, way: Way, center: Float[Array, " d"], scale: Float[Array, "d d"]
) -> tuple[Float[Array, " d"], Float[Array, ""], Float[Array, " d"]]:
    """Where a descent from the center of a chart ends, -ln p there, and its slope in the chart."""
    w, value, slope = minimum(lambda w: toy.minus_log_density(center + scale @ w), jnp.zeros_like(center), way)
    return center + scale @ w, value, slope


def _lanes(search: Search, truth: Float[Array, " d"]) -> tuple[Float[Array, "lanes d"], Float[Array, "lanes d d"]]:
    """Centers and scales of descents side by side: for each test from the true point and from each start."""
    starts = _inside(search.bounded, jnp.concatenate([truth[None], search.starts]))
    at = jnp.where(jnp.isnan(search.values), truth, search.values)
    centers = jnp.where(search.held[:, None], at[:, None], starts)
    scales = jnp.broadcast_to(search.scales[:, None], (*centers.shape, truth.size))
    return centers.reshape(-1, truth.size), scales.reshape(-1, truth.size, truth.size)


def _inside(bounded: Bool[Array, " d"], z: Float[Array, "... d"]) -> Float[Array, "... d"]:
    return jnp.where(bounded, jnp.clip(z, -INSIDE, INSIDE), z)
