"""Draws from the posterior of simulated data by importance, from a mixture that learns where its mass lies.

Proposals are t distributions around several local maxima of the density, with the covariance of its Hessian there at
first, and a tenth from the prior. After each round weights, means and covariances of the mixture become those of the
weighted points [O. Cappe et al., Stat. Comput. 18, 447 (2008)]. Several maxima matter: what data see of a number is
often blind to a reflection of it. Draws then make Hamiltonian moves, which leave the posterior as it is: so weights
need tell no more than how much lies where, and tails that no proposal has are filled.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from nmmjax.infer._descent import Way, minimum
from nmmjax.infer._ensemble import Simulated

_PROPOSED, _ROUNDS, _KEPT = 640, 6, 3
"""Points in one round; rounds, each of which teaches the next where to look; the last ones, which are drawn from."""
_TOGETHER = 32
"""Points whose density is evaluated at once: what more of them need fits no cache."""
_FROM_ANYWHERE = 3
"""So many starts of every toy are drawn from the prior, beside its true point and the modes of the data."""
_DEGREES, _FROM_PRIOR = 5.0, 0.1
"""Of freedom of the t distributions, and the share of proposals from the prior instead."""
_WAY = Way(max_steps=300, restarts=1, tolerance=1e-3, jacobian=True)
_WIDEST = 2.0
"""Standard deviation of a direction in which the posterior is flat."""
_LEAST = 1e-3
"""Weight that a part of the mixture keeps."""
_MOVES, _LEAPS, _LONGEST = 12, 8, 2.4
"""Hamiltonian moves of each draw, leapfrog steps of each, and their longest length together, in standard deviations."""


class Search(NamedTuple):
    """From where local maxima are searched."""

    scale: Float[Array, "d d"]
    starts: Float[Array, "starts d"]
    circular: Bool[Array, " d"]


class _Mixture(NamedTuple):
    """t distributions: center + root n sqrt(nu / chi^2), each with a weight."""

    weight: Float[Array, " k"]
    center: Float[Array, "k d"]
    root: Float[Array, "k d d"]

    def log_densities(self, z: Float[Array, "n d"]) -> Float[Array, "n k"]:
        """ln of weight times density of each part at points."""
        d = self.center.shape[-1]

        def one(center: Float[Array, " d"], root: Float[Array, "d d"]) -> Float[Array, " n"]:
            white = jnp.linalg.solve(root, (z - center).T)
            return (
                jax.scipy.special.gammaln(0.5 * (_DEGREES + d))
                - jax.scipy.special.gammaln(0.5 * _DEGREES)
                - 0.5 * d * jnp.log(_DEGREES * jnp.pi)
                - jnp.linalg.slogdet(root)[1]
                - 0.5 * (_DEGREES + d) * jnp.log1p(jnp.sum(white**2, axis=0) / _DEGREES)
            )

        return jax.vmap(one, out_axes=1)(self.center, self.root) + jnp.log(self.weight)

    def draw(self, key: PRNGKeyArray, number: int) -> Float[Array, "n d"]:
        """Points."""
        part, normal, scale = jax.random.split(key, 3)
        k = jax.random.categorical(part, jnp.log(self.weight), shape=(number,))
        n = jax.random.normal(normal, (number, self.center.shape[-1]))
        chi2 = 2.0 * jax.random.gamma(scale, 0.5 * _DEGREES, (number, 1))
        return self.center[k] + jnp.einsum("nij,nj->ni", self.root[k], n) * jnp.sqrt(_DEGREES / chi2)


def posterior(
    toy: Simulated, search: Search, key: PRNGKeyArray, truth: Float[Array, " d"], draws: int
) -> tuple[Float[Array, "draws d"], Float[Array, ""]]:
    """Draws from the posterior of a toy, and how many weighted points they stand for."""
    keys = jax.random.split(key, _ROUNDS)
    take, anywhere, onward = (jax.random.fold_in(key, _ROUNDS + i) for i in range(3))
    first, about = _around(toy, search, anywhere, truth)

    def turn(mixture: _Mixture, key: PRNGKeyArray) -> tuple[_Mixture, tuple[Array, Array]]:
        points, log_weights = _weighted(toy, search, mixture, (key, about))
        weights = jax.nn.softmax(log_weights)
        return _learned(mixture, points, weights), (points, log_weights)

    _, (points, log_weights) = jax.lax.scan(turn, first, keys)
    points, log_weights = points[-_KEPT:].reshape(-1, truth.size), log_weights[-_KEPT:].ravel()
    weights = jax.nn.softmax(log_weights)
    chosen = jax.random.categorical(take, log_weights, shape=(draws,))
    return _moved(toy, points[chosen], _root(points, weights), onward), 1.0 / jnp.sum(weights**2)


def _root(points: Float[Array, "n d"], weights: Float[Array, " n"]) -> Float[Array, "d d"]:
    """A root of the covariance of weighted points."""
    deviations = points - weights @ points
    values, axes = jnp.linalg.eigh((weights[:, None] * deviations).T @ deviations)
    return axes * jnp.sqrt(jnp.maximum(values, 1e-16))


def _moved(
    toy: Simulated, points: Float[Array, "n d"], root: Float[Array, "d d"], key: PRNGKeyArray
) -> Float[Array, "n d"]:
    """Points after Hamiltonian moves, whose lengths are drawn, in coordinates in which the covariance is one."""

    def energy(x: Float[Array, " d"]) -> Float[Array, ""]:
        value = toy.minus_log_density(root @ x, jacobian=True)
        return jnp.where(jnp.isnan(value), jnp.inf, value)

    slopes = jax.vmap(jax.value_and_grad(energy))

    def move(x: Float[Array, "n d"], key: PRNGKeyArray) -> tuple[Float[Array, "n d"], None]:
        kick, length, lot = jax.random.split(key, 3)
        p = jax.random.normal(kick, x.shape)
        step = _LONGEST / _LEAPS * jax.random.uniform(length, (len(x), 1))
        before, slope = slopes(x)

        def leap(_: Any, now: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
            x, p, slope, _ = now
            p = p - 0.5 * step * slope
            value, slope = slopes(x + step * p)
            return x + step * p, p - 0.5 * step * slope, slope, value

        there, q, _, after = jax.lax.fori_loop(0, _LEAPS, leap, (x, p, slope, before))
        gain = before - after + 0.5 * jnp.sum(p**2 - q**2, axis=1)
        accepted = jnp.log(jax.random.uniform(lot, gain.shape)) < gain
        return jnp.where(accepted[:, None], there, x), None

    x = jnp.linalg.solve(root, points.T).T
    return jax.lax.scan(move, x, jax.random.split(key, _MOVES))[0] @ root.T


def _around(
    toy: Simulated, search: Search, key: PRNGKeyArray, truth: Float[Array, " d"]
) -> tuple[_Mixture, Float[Array, " d"]]:
    """Around local maxima, as the Hessian at each says; and the highest of them."""

    def density(z: Float[Array, " d"]) -> Float[Array, ""]:
        return toy.minus_log_density(z, jacobian=True)

    def one(start: Float[Array, " d"]) -> tuple[Array, Array, Array]:
        w, value, _ = minimum(lambda w: density(start + search.scale @ w), jnp.zeros_like(start), _WAY)
        end = start + search.scale @ w
        _, along = jax.linearize(jax.grad(density), end)
        hessian = jax.lax.map(along, jnp.eye(end.size, dtype=end.dtype))
        hessian = jnp.where(jnp.all(jnp.isfinite(hessian)), hessian, jnp.eye(end.size))
        curvatures, axes = jnp.linalg.eigh(0.5 * (hessian + hessian.T))
        return end, value, axes / jnp.sqrt(jnp.maximum(curvatures, _WIDEST**-2))

    drawn = jax.vmap(toy.fit.space.draw)(jax.random.split(key, _FROM_ANYWHERE))
    ends, values, roots = jax.vmap(one)(jnp.concatenate([truth[None], search.starts, drawn]))
    highest = ends[jnp.argmin(values)]
    ends = jnp.where(search.circular, _near(ends, highest), ends)
    weight = jax.nn.softmax(-jnp.where(jnp.isfinite(values), values, jnp.inf)) + _LEAST
    return _Mixture(weight / jnp.sum(weight), ends, roots), highest


def _near(points: Float[Array, "n d"], center: Float[Array, " d"]) -> Float[Array, "n d"]:
    """Phases at most half a turn off a center."""
    return center + jnp.remainder(points - center + jnp.pi, 2.0 * jnp.pi) - jnp.pi


def _weighted(
    toy: Simulated, search: Search, mixture: _Mixture, about: tuple[PRNGKeyArray, Float[Array, " d"]]
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """Points of mixture and prior, and ln of their weights; phases at most half a turn off the highest maximum."""
    key, center = about
    choose, own, prior = jax.random.split(key, 3)
    space = toy.fit.space
    everywhere = jax.vmap(space.draw)(jax.random.split(prior, _PROPOSED))
    from_prior = jax.random.uniform(choose, (_PROPOSED, 1)) < _FROM_PRIOR
    everywhere = jnp.where(search.circular, _near(everywhere, center), everywhere)
    points = jnp.where(from_prior, everywhere, mixture.draw(own, _PROPOSED))
    located = jax.vmap(space.locate)(points)
    log_prior = located.log_prior + located.log_jacobian
    own_density = jax.nn.logsumexp(mixture.log_densities(points), axis=1)
    proposed = jnp.logaddexp(jnp.log(_FROM_PRIOR) + log_prior, jnp.log1p(-_FROM_PRIOR) + own_density)
    log_weights = (
        -jax.lax.map(lambda z: toy.minus_log_density(z, jacobian=True), points, batch_size=_TOGETHER) - proposed
    )
    inside = jnp.all(~search.circular | (jnp.abs(points - center) <= jnp.pi), axis=1)
    return points, jnp.where(inside & ~jnp.isnan(log_weights), log_weights, -jnp.inf)


def _learned(before: _Mixture, points: Float[Array, "n d"], weights: Float[Array, " n"]) -> _Mixture:
    """Each part with mean and covariance of the weighted points that are its own, or as before where these are few."""
    shares = weights[:, None] * jax.nn.softmax(before.log_densities(points), axis=1)
    d = points.shape[1]

    def one(share: Float[Array, " n"], center: Float[Array, " d"], root: Float[Array, "d d"]) -> tuple[Array, Array]:
        total = jnp.sum(share) + jnp.finfo(share.dtype).tiny
        effective = total**2 / (jnp.sum(share**2) + jnp.finfo(share.dtype).tiny)
        trust = effective / (effective + 5.0 * d)
        mean = share @ points / total
        deviations = points - mean
        covariance = (share[:, None] * deviations).T @ deviations / total
        values, axes = jnp.linalg.eigh(trust * covariance + (1.0 - trust) * root @ root.T)
        return trust * mean + (1.0 - trust) * center, axes * jnp.sqrt(jnp.maximum(values, 1e-16))

    centers, roots = jax.vmap(one, in_axes=(1, 0, 0))(shares, before.center, before.root)
    weight = jnp.sum(shares, axis=0) + _LEAST
    return _Mixture(weight / jnp.sum(weight), centers, roots)
