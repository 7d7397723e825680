"""A likelihood of mixing that draws of a posterior tell: their density as a mixture, over the density of the prior."""

import math
from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax.experiments.likelihoods.chain_priors import ChainPrior
from nmmjax.experiments.likelihoods.measured import Term
from nmmjax.experiments.likelihoods.terms import TURN, continued_log, wrapped

_SPLITTING = 1e-3
"""Unit of splittings [eV^2]."""
_DRAWN = 256
"""Draws of the mixture among which one of the likelihood is chosen."""


class Mixture(Term):
    """ln L of (sin^2 theta23, sin^2 theta13, dm32 [eV^2], delta_cp [rad]) from the draws of a posterior.

    In y = (ln sin^2 / cos^2 of theta23 and theta13, dm32 / 1e-3 eV^2, delta_cp) the draws are a mixture of normal
    distributions, repeated around the circle of delta_cp, q(y), and ln L = ln q(y) - ln p(y) with the density p of the
    prior, less the greatest such value. Beyond the range of the draws p stays what it is at its ends, so that the
    likelihood falls as the mixture does. Both orderings are there if draws of both are.
    """

    best: Float[Array, "4"]
    log_weights: Float[Array, " k"]
    means: Float[Array, "k 4"]
    whitenings: Float[Array, "k 4 4"]
    """W with W C W^T = 1 for the covariance C of each component."""
    priors: tuple[ChainPrior, ...]
    """In the order of the values."""
    low: Float[Array, "4"]
    high: Float[Array, "4"]
    """Range of the draws in y, of dm32 in size."""
    highest: Float[Array, "4"]
    """y of the greatest likelihood."""
    level: Float[Array, ""]
    """ln q - ln p there."""
    shift: Float[Array, "4"]
    """Displacement in y, of dm32 in size: zero but in simulated data."""

    def log_mixture(self, y: Float[Array, "4"]) -> Float[Array, ""]:
        """ln q(y)."""
        images = y.at[3].set(wrapped(y[3])) + TURN * jnp.arange(-2.0, 3.0)[:, None] * jnp.array([0.0, 0.0, 0.0, 1.0])
        apart = jnp.einsum("kij,kmj->kmi", self.whitenings, images - self.means[:, None])
        log_norm = jnp.sum(jnp.log(jnp.diagonal(self.whitenings, axis1=1, axis2=2)), axis=1) - 2.0 * math.log(TURN)
        return jax.nn.logsumexp((self.log_weights + log_norm)[:, None] - 0.5 * jnp.sum(apart**2, axis=-1))

    def log_prior(self, y: Float[Array, "4"]) -> Float[Array, ""]:
        """ln p(y), up to a constant."""
        sign = jnp.where(y[2] < 0.0, -1.0, 1.0)
        inside = jnp.clip(jnp.stack([y[0], y[1], jnp.abs(y[2]), 0.0]), self.low, self.high)
        angles = jnp.arctan(jnp.exp(0.5 * inside[:2]))
        x = (angles[0], angles[1], _SPLITTING * sign * inside[2], y[3])
        densities = [prior.log_density(value) for prior, value in zip(self.priors, x, strict=True)]
        return jnp.sum(jnp.stack(densities)) + jnp.sum(jnp.log(jnp.sin(2.0 * angles)))

    def log_ratio(self, y: Float[Array, "4"]) -> Float[Array, ""]:
        """ln q(y) - ln p(y)."""
        return self.log_mixture(y) - self.log_prior(y)

    def deviation(self, value: Float[Array, "4"]) -> Float[Array, "4"]:
        """Signed distance (4,) of a value from the best one; of delta_cp the shorter way around."""
        apart = value - self.best
        return apart.at[3].set(wrapped(apart[3]))

    def log_likelihood(self, value: Float[Array, "4"]) -> Float[Array, ""]:
        """ln L of a value (4,), zero at the best one."""
        return self.log_ratio(_signed(positions(value) - self.shift, value[2])) - self.level

    def simulate(self, key: PRNGKeyArray, value: Float[Array, "4"]) -> Self:
        """The likelihood displaced, so that its best value is the true `value` less a deviation drawn from it.

        What it says of the ordering stays what it is.
        """
        keys = jax.random.split(key, 3)
        components = jax.random.categorical(keys[0], self.log_weights, shape=(_DRAWN,))
        normal = jax.random.normal(keys[1], (_DRAWN, 4))
        y = self.means[components] + jnp.linalg.solve(self.whitenings[components], normal[..., None])[..., 0]
        weights = -jax.vmap(self.log_prior)(y)
        drawn = y[jax.random.categorical(keys[2], weights)]
        return self._displaced(positions(value) - drawn.at[2].set(jnp.abs(drawn[2])))

    def centered(self, value: Float[Array, "4"]) -> Self:
        """The likelihood displaced, so that its best value is `value`, but for the ordering."""
        return self._displaced(positions(value) - self.highest.at[2].set(jnp.abs(self.highest[2])))

    def _displaced(self, shift: Float[Array, "4"]) -> Self:
        best = values(_signed(self.highest.at[2].set(jnp.abs(self.highest[2])) + shift, self.highest[2]))
        return eqx.tree_at(lambda term: (term.shift, term.best), self, (shift, best))


def positions(value: Float[Array, "4"]) -> Float[Array, "4"]:
    """y of a value, of dm32 in size; finite where an angle is 0 or 90 degrees."""
    logits = continued_log(value[:2]) - continued_log(1.0 - value[:2])
    return jnp.concatenate([logits, jnp.abs(value[2:3]) / _SPLITTING, value[3:]])


def values(y: Float[Array, "4"]) -> Float[Array, "4"]:
    """The value at y, delta_cp in (-pi, pi]."""
    return jnp.concatenate([jax.nn.sigmoid(y[:2]), _SPLITTING * y[2:3], wrapped(y[3:])])


def _signed(y: Float[Array, "4"], dm32: Float[Array, ""]) -> Float[Array, "4"]:
    """y with the sign of dm32."""
    return y.at[2].multiply(jnp.where(dm32 < 0.0, -1.0, 1.0))
