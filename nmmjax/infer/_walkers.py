"""Moves that leave a tempered posterior p_beta(z) = L(z)^beta prior(z) as it is: Hamiltonian ones, and jumps.

A Hamiltonian move has one of two metrics, chosen by lot: the covariance of the particles of other runs, which is wide
where they sit in several modes, or that of a normal distribution around one of the modes, any of them. A jump proposes
a point of the normal distributions around all modes, and is accepted with probability

    min(1, p_beta(z') q(z) / (p_beta(z) q(z'))),

so that modes trade places by their weights, however far they lie apart. Neither choice looks at where a particle is: so
each move leaves p_beta invariant, whatever the modes are, and those that are unknown or wrong cost efficiency only.
"""

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from nmmjax._compilation import quick
from nmmjax.fit import Prepared
from nmmjax.infer._mixture import Mixture

_QUARTER_TURN = 0.5 * math.pi
"""Length of a trajectory, in standard deviations: what is normal forgets where it came from."""
_SHORTEST = 0.7
"""Of a step, relative to the longest one: they are drawn at random, so that no trajectory comes back to its start."""
_MOST_STEPS = 32
_AT_ONCE = 256
"""Particles that move together, where that is quicker."""


class Guide(NamedTuple):
    """How the particles of each run move at its temperature; a leading axis `runs` throughout."""

    beta: Float[Array, " runs"]
    """Inverse temperature."""
    steps: Float[Array, "runs kinds"]
    """Longest steps with the metric of the particles, and with those of modes, in their standard deviations."""
    roots: Float[Array, "runs d d"]
    """Cholesky factor of the covariance of the particles of the other runs."""
    modes: Mixture
    """Normal distributions around the modes."""


class Walker(NamedTuple):
    """A particle: its point, ln L there, ln of the prior density of z."""

    z: Float[Array, "*n d"]
    log_likelihood: Float[Array, "*n"]
    log_prior: Float[Array, "*n"]


class Moved(NamedTuple):
    """What a particle has done in one move."""

    kind: Int[Array, "*n"]
    """Of its metric: that of the particles, that of a mode."""
    acceptance: Float[Array, "*n"]
    """With which probability the Hamiltonian move was accepted."""
    accepted: Bool[Array, "*n"]
    jumped: Bool[Array, "*n"]
    steps: Int[Array, "*n"]


@quick("mesh", often=True)
def stand(density: Prepared, z: Float[Array, "n d"], mesh: Mesh) -> Walker:
    """Particles at the points z."""
    along = PartitionSpec("chains")
    share = _one_by_one(lambda z: Walker(z, *_parts(density, z)), mesh)
    return jax.shard_map(share, mesh=mesh, in_specs=along, out_specs=along, check_vma=False)(z)


@quick("mesh", often=True)
def move(
    density: Prepared, walkers: Walker, run: Int[Array, " n"], keys: PRNGKeyArray, guide: Guide, mesh: Mesh
) -> tuple[Walker, Moved]:
    """One Hamiltonian move and one jump of every particle, which belongs to one of the runs."""
    along = PartitionSpec("chains")

    def share(walkers: Walker, run: Array, keys: Array, guide: Guide) -> tuple[Walker, Moved]:
        def one(given: tuple[Walker, Array, Array]) -> tuple[Walker, Moved]:
            walker, run, key = given
            return _moved(density, walker, key, jax.tree.map(lambda leaf: leaf[run], guide))

        return _one_by_one(one, mesh)((walkers, run, keys))

    spread = jax.shard_map(
        share, mesh=mesh, in_specs=(along, along, along, PartitionSpec()), out_specs=along, check_vma=False
    )
    return spread(walkers, run, keys, guide)


def _one_by_one(function, mesh: Mesh):
    """A function of one particle as one of many: of a CPU one after the other, as `sampling` explains."""
    on_cpu = mesh.devices.flat[0].platform == "cpu"
    return partial(jax.lax.map, function) if on_cpu else partial(jax.lax.map, function, batch_size=_AT_ONCE)


def _moved(density: Prepared, walker: Walker, key: PRNGKeyArray, guide: Guide) -> tuple[Walker, Moved]:
    hamiltonian, jump = jax.random.split(key)
    walker, moved = _hamiltonian(density, walker, hamiltonian, guide)
    walker, jumped = _jump(density, walker, jump, guide)
    return walker, moved._replace(jumped=jumped)


def _hamiltonian(density: Prepared, walker: Walker, key: PRNGKeyArray, guide: Guide) -> tuple[Walker, Moved]:
    """Leapfrog steps in the coordinates v of a metric, z = z_0 + root v; one evaluation each, and one at the start."""
    keys = jax.random.split(key, 5)
    kind = jax.random.bernoulli(keys[0]).astype(int)
    mode = jax.random.randint(keys[1], (), 0, len(guide.modes.centers))
    root = jnp.where(kind == 0, guide.roots, guide.modes.roots[mode])
    longest = guide.steps[kind]
    count = jnp.clip(jnp.ceil(_QUARTER_TURN / longest), 1, _MOST_STEPS).astype(int)
    step = longest * jax.random.uniform(keys[2], minval=_SHORTEST)
    momentum = jax.random.normal(keys[3], walker.z.shape)

    def value(z: Float[Array, " d"]) -> tuple[Float[Array, ""], tuple[Array, Array]]:
        parts = _parts(density, z)
        return _tempered(guide.beta, *parts), parts

    def leap(i: Int[Array, ""], now: tuple[Walker, Array]) -> tuple[Walker, Array]:
        here, momentum = now
        z = here.z + jnp.where(i > 0, step, 0.0) * (root @ momentum)
        (_, parts), slope = jax.value_and_grad(value, has_aux=True)(z)
        half = jnp.where((i == 0) | (i == count), 0.5, 1.0)
        kick = half * step * (root.T @ jnp.where(jnp.isfinite(slope), slope, 0.0))
        return Walker(z, *parts), momentum + kick

    end, last = jax.lax.fori_loop(0, count + 1, leap, (walker, momentum))
    energy = 0.5 * (momentum @ momentum - last @ last)
    gain = _tempered(guide.beta, *end[1:]) - _tempered(guide.beta, *walker[1:]) + energy
    probability = jnp.where(jnp.isnan(gain), 0.0, jnp.exp(jnp.minimum(gain, 0.0)))
    accepted = jax.random.uniform(keys[4]) < probability
    now = jax.tree.map(lambda x, y: jnp.where(accepted, x, y), end, walker)
    return now, Moved(kind, probability, accepted, jnp.zeros_like(accepted), count)


def _jump(density: Prepared, walker: Walker, key: PRNGKeyArray, guide: Guide) -> tuple[Walker, Bool[Array, ""]]:
    """To a point around any of the modes."""
    where, lot = jax.random.split(key)
    z = guide.modes.draw(where)
    there = Walker(z, *_parts(density, z))
    gain = _tempered(guide.beta, *there[1:]) - _tempered(guide.beta, *walker[1:])
    gain += guide.modes.log_density(walker.z) - guide.modes.log_density(z)
    jumped = jnp.log(jax.random.uniform(lot)) < gain
    return jax.tree.map(lambda x, y: jnp.where(jumped, x, y), there, walker), jumped


def _parts(density: Prepared, z: Float[Array, " d"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """ln L, and ln of the prior density of z; -inf where they are undefined."""
    terms = density.terms(z)
    both = sum(terms.log_likelihoods.values(), jnp.zeros(())), terms.log_prior + terms.log_jacobian
    log_likelihood, log_prior = (jnp.where(jnp.isnan(part), -jnp.inf, part) for part in both)
    return log_likelihood, log_prior


def _tempered(
    beta: Float[Array, ""], log_likelihood: Float[Array, ""], log_prior: Float[Array, ""]
) -> Float[Array, ""]:
    """ln p_beta but for a constant."""
    return beta * log_likelihood + log_prior
