"""The maximum of the posterior: L-BFGS from many starts at once, then Newton steps on the best."""

import enum
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax.fit import Fit
from nmmjax.infer._density import log_posterior_mode

GRADIENT_TOLERANCE = 1e-5
"""A point is a maximum where every |d ln p / dz| is below this; z is of order one, ln p in units of half a chi^2."""
_POLISHED = 8
_NEWTON_STEPS = 40
_SAME_MODE = 1e-3


class Status(enum.Enum):
    """Whether a maximum can be trusted."""

    CONVERGED = "converged"
    BOUND = "converged at the bound of a prior"
    GRADIENT = "the gradient does not vanish"


class Maximum(NamedTuple):
    """A maximum of the posterior density (in the coordinates in which each prior is flat or normal)."""

    parameters: dict[str, Float[Array, "..."]]
    z: Float[Array, " d"]
    log_density: float
    gradient_norm: float
    status: Status
    at_bound: tuple[str, ...]
    """The components that hit a bound."""
    modes: Float[Array, "modes d"]
    """Distinct maxima that were found, best first, this one included."""
    mode_log_densities: Float[Array, " modes"]

    @property
    def good(self) -> bool:
        """Whether it is a maximum, be it at a bound."""
        return self.status is not Status.GRADIENT


def maximize(
    fit: Fit, *, starts: int | None = None, key: PRNGKeyArray | None = None, max_steps: int = 500
) -> Maximum:
    """Find the best of many local maxima.

    **Arguments:** the fit; how many starts (default: its settings), drawn from the prior with `key`; the most L-BFGS
    steps for each. All starts run as one batch, and the best few are polished with Newton steps.

    **Raises:** `FloatingPointError` naming the experiments at fault where no start has a finite posterior.
    """
    starts = fit.settings.starts if starts is None else starts
    key = jax.random.PRNGKey(fit.settings.seed) if key is None else key
    drawn = jax.vmap(fit.space.draw)(jax.random.split(key, starts))
    points, values = _climb(fit, drawn, max_steps)
    if not np.any(np.isfinite(values)):
        raise FloatingPointError(_blame(fit, drawn[0]))
    order = jnp.argsort(jnp.where(jnp.isfinite(values), -values, jnp.inf))[: min(_POLISHED, starts)]
    points, values, norms = _polish(fit, points[order])
    modes = np.array(_distinct(np.asarray(points), np.asarray(values)))
    best = modes[0]
    at_bound = fit.space.at_bound(np.asarray(points[best]))
    flat = norms[best] < GRADIENT_TOLERANCE
    status = Status.GRADIENT if not flat else Status.BOUND if at_bound else Status.CONVERGED
    return Maximum(
        fit.space.parameters(points[best]),
        points[best],
        float(values[best]),
        float(norms[best]),
        status,
        at_bound,
        points[modes],
        values[modes],
    )


@jax.jit
def _climb(
    fit: Fit, starts: Float[Array, "starts d"], max_steps: int
) -> tuple[Float[Array, "starts d"], Float[Array, " starts"]]:
    """L-BFGS with a zoom line search from every start."""
    points = jax.vmap(lambda z: lbfgs(lambda x: -log_posterior_mode(fit, x), z, max_steps))(starts)
    return points, jax.vmap(lambda z: log_posterior_mode(fit, z))(points)


def lbfgs(objective, start: Float[Array, " d"], max_steps: int) -> Float[Array, " d"]:  # noqa: ANN001
    """The local minimum of an objective, by optax."""
    optimizer = optax.lbfgs()
    value_and_gradient = optax.value_and_grad_from_state(objective)

    def unfinished(carry):
        step, _, _, norm = carry
        return (step < max_steps) & (norm > 0.1 * GRADIENT_TOLERANCE)

    def advance(carry):
        step, z, state, _ = carry
        value, gradient = value_and_gradient(z, state=state)
        update, state = optimizer.update(gradient, state, z, value=value, grad=gradient, value_fn=objective)
        moved = z + update
        moved = jnp.where(jnp.all(jnp.isfinite(moved)), moved, z)
        return step + 1, moved, state, jnp.max(jnp.abs(gradient))

    return jax.lax.while_loop(unfinished, advance, (0, start, optimizer.init(start), jnp.inf))[1]


@jax.jit
def _polish(
    fit: Fit, points: Float[Array, "k d"]
) -> tuple[Float[Array, "k d"], Float[Array, " k"], Float[Array, " k"]]:
    """Newton steps on -ln p with |eigenvalues| of the Hessian, halved until they descend."""

    def objective(z):
        return -log_posterior_mode(fit, z)

    def step(carry):
        count, z, value, _ = carry
        gradient = jax.grad(objective)(z)
        curvature, axes = jnp.linalg.eigh(jax.hessian(objective)(z))
        full = -axes @ ((axes.T @ gradient) / jnp.maximum(jnp.abs(curvature), 1e-6))
        full = full / jnp.maximum(jnp.linalg.norm(full), 1.0)
        trials = z + full * 0.5 ** jnp.arange(12.0)[:, None]
        values = jax.vmap(objective)(trials)
        best = jnp.argmin(jnp.where(jnp.isnan(values), jnp.inf, values))
        better = values[best] < value
        return count + 1, jnp.where(better, trials[best], z), jnp.where(better, values[best], value), better

    def unfinished(carry):
        return carry[3] & (carry[0] < _NEWTON_STEPS)

    def polish(z):
        _, z, value, _ = jax.lax.while_loop(unfinished, step, (0, z, objective(z), jnp.asarray(True)))
        return z, -value, jnp.max(jnp.abs(jax.grad(objective)(z)))

    return jax.lax.map(polish, points)


def _distinct(points: np.ndarray, values: np.ndarray) -> list[int]:
    """Indices of points that are not the same maximum, best first."""
    kept: list[int] = []
    for index in np.argsort(-values):
        if np.isfinite(values[index]) and all(np.max(np.abs(points[index] - points[k])) > _SAME_MODE for k in kept):
            kept.append(int(index))
    return kept


def _blame(fit: Fit, z: Float[Array, " d"]) -> str:
    """Which terms are not finite, at a point drawn from the prior."""
    parameters = fit.space.parameters(z)
    terms = fit.log_likelihoods(parameters)
    bad = [name for name, value in terms.items() if not np.isfinite(value)]
    at = {name: np.asarray(value).tolist() for name, value in parameters.items()}
    return f"The posterior is not finite at any start: {', '.join(bad) or 'the prior'} fails, for example at {at}."
