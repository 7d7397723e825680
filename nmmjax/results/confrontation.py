"""What draws say of the data: ln L part by part, data that they would give, and the same for draws from the prior.

In the groups of ArviZ, whose `loo`, `compare`, `loo_pit`, `psens` and `plot_ppc` work with them.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax._compilation import quick
from nmmjax._specialization import Specialized, specialize
from nmmjax.experiments.base import Experiment
from nmmjax.fit import Fit
from nmmjax.models import Model
from nmmjax.results.quantities import BLOCK, dataset, dimensions, in_blocks, numbered
from nmmjax.results.wanted import Wanted

JOINT, _PART = "joint", "part"
"""The name of what is said of all experiments together, and of its axis."""
PRIOR_DRAWS = BLOCK
_TRIES = 8
"""Points from the priors for each that the model may refuse."""
LARGEST = 2**21
"""Numbers of replicated data that a file holds, and a quarter of those of ln L: of more, every n-th draw is kept."""
_SEED = 1988
_ROUNDING = 1e-6


class Confronted(NamedTuple):
    """Draws against the data. Tuples have an entry for each experiment; leading axes: chains, draws."""

    log_likelihoods: tuple[Float[np.ndarray, "chains draws factors"], ...]
    replicated: tuple[Float[np.ndarray, "chains draws data"], ...]
    """Data drawn by each draw; NaN where it predicts none."""
    expected: tuple[Float[np.ndarray, "chains draws data"], ...]
    """What each draw expects."""
    log_prior: dict[str, Float[np.ndarray, "chains draws ..."]]
    """ln of the density of each prior in its parameter, and of the model's own under "model"."""
    apart: tuple[str, ...]
    """Experiments whose parts do not add up to ln L, which is taken as one number."""


def confront(fit: Fit, z: Float[np.ndarray, "chains draws d"]) -> Confronted:
    """Confront draws (chains, draws, d) with the data of all experiments, in one program."""
    chains, draws = z.shape[:2]
    numbers = np.arange(chains * draws, dtype=z.dtype)[:, None]
    points = np.concatenate([z.reshape(chains * draws, -1), numbers], axis=1)
    at = specialize(_at, fit, jax.ShapeDtypeStruct(points.shape[1:], jnp.result_type(float)))
    blocks = [jax.device_get(_everywhere(at, block)) for block in in_blocks(points)]
    seen: _Seen = jax.tree.map(
        lambda *parts: np.concatenate(parts)[: chains * draws].reshape(chains, draws, *parts[0].shape[1:]), *blocks
    )
    log_likelihoods, apart = [], []
    for experiment, parts, whole in zip(fit.experiments, seen.parts, seen.whole, strict=True):
        agree = np.allclose(parts.sum(-1), whole, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
        log_likelihoods.append(parts if agree else whole[..., None])
        apart += [] if agree else [experiment.name]
    return Confronted(tuple(log_likelihoods), seen.replicated, seen.expected, seen.log_prior, tuple(apart))


class _Seen(NamedTuple):
    parts: tuple[Any, ...]
    whole: tuple[Any, ...]
    replicated: tuple[Any, ...]
    expected: tuple[Any, ...]
    log_prior: dict[str, Any]


def _at(fit: Fit, point: Float[Array, " d+1"]) -> _Seen:
    """At z (d,), which is followed by the number of the draw."""
    located = fit.space.locate(point[:-1])
    model, theory, nuisance = fit.point(located.parameters)
    key = jax.random.fold_in(jax.random.PRNGKey(_SEED), point[-1].astype(int))
    keys = jax.random.split(key, len(fit.experiments))
    log_prior = {name: jnp.asarray(p.log_prob(located.parameters[name])) for name, p in fit.priors.items()}
    expected = tuple(e.fitted(theory, nuisance) for e in fit.experiments)
    drawn = (e.simulate(k, theory, nuisance).observed for e, k in zip(fit.experiments, keys, strict=True))
    return _Seen(
        parts=tuple(e.log_likelihoods(theory, nuisance) for e in fit.experiments),
        whole=tuple(e.log_likelihood(theory, nuisance) for e in fit.experiments),
        replicated=tuple(jnp.where(jnp.isfinite(x), y, jnp.nan) for x, y in zip(expected, drawn, strict=True)),
        expected=expected,
        log_prior=log_prior | ({"model": model.log_prior()} if _has_own_prior(fit) else {}),
    )


@quick()
def _everywhere(at: Specialized, points: Float[Array, "points d+1"]) -> _Seen:
    """At all points: on a CPU one after the other, as a batch would take longer to compile."""
    return jax.lax.map(at, points) if jax.default_backend() == "cpu" else jax.vmap(at)(points)


def _has_own_prior(fit: Fit) -> bool:
    return fit.model_class.log_prior is not Model.log_prior


def of_prior(fit: Fit) -> Float[np.ndarray, "1 draws d"]:
    """Draws from the prior, the model's own included: by rejection, where that leaves some."""
    keys = jax.random.split(jax.random.PRNGKey(_SEED), PRIOR_DRAWS * (_TRIES if _has_own_prior(fit) else 1))
    z, log_prior, threshold = map(np.asarray, _tried(fit, keys))
    log_prior = np.where(np.isfinite(log_prior), log_prior, -np.inf)
    allowed = log_prior - log_prior.max() > threshold if np.any(log_prior > -np.inf) else np.ones(len(z), bool)
    return z[allowed][None, :PRIOR_DRAWS]


@quick()
def _tried(fit: Fit, keys: PRNGKeyArray) -> tuple[Float[Array, "keys d"], Float[Array, " keys"], Float[Array, " keys"]]:
    """Points from the priors, ln of the model's own prior there, and ln of random numbers to compare it with."""

    def one(key: PRNGKeyArray) -> tuple[Float[Array, " d"], Float[Array, ""], Float[Array, ""]]:
        place, chance = jax.random.split(key)
        z = fit.space.draw(place)
        model = fit.point(fit.space.parameters(z)).model
        return z, jnp.asarray(model.log_prior()), -jax.random.exponential(chance)

    return jax.vmap(one)(keys)


# The groups


def groups(fit: Fit, posterior: Confronted, wanted: Wanted) -> dict[str, xarray.Dataset]:
    """The groups of ArviZ, beside the posterior and the sampler's statistics, of draws that were confronted."""
    z = of_prior(fit)
    prior = confront(fit, z)
    together = _together(fit, posterior)
    return {
        "log_likelihood": _log_likelihood(fit, posterior),
        "log_prior": _log_prior(posterior),
        "posterior_predictive": _replicated(fit, posterior, together),
        "observed_data": _observed(fit, together),
        "prior": dataset(fit, z, wanted),
        "prior_predictive": _replicated(fit, prior, together),
    }


def flat_parts(
    fit: Fit, confronted: Confronted
) -> Iterator[tuple[str, tuple[str, ...], Float[np.ndarray, "draws factors"]]]:
    """Name, names of the independent parts of the data, and their ln L for the draws of all chains, by experiment."""
    for name, names, values in _parts(fit, confronted):
        yield name, names, values.reshape(-1, values.shape[-1])


def _parts(
    fit: Fit, confronted: Confronted
) -> Iterator[tuple[str, tuple[str, ...], Float[np.ndarray, "chains draws factors"]]]:
    for experiment, values in zip(fit.experiments, confronted.log_likelihoods, strict=True):
        yield experiment.name, _names(experiment, values.shape[-1]), values


def _names(experiment: Experiment, size: int) -> tuple[str, ...]:
    if size == len(experiment.labels):
        return experiment.labels
    return experiment.factors if size == len(experiment.factors) else (experiment.name,)


def _together(fit: Fit, confronted: Confronted) -> bool:
    """Whether there are several experiments all of whose data are independent, so that they are one row of data."""
    pairs = zip(fit.experiments, confronted.log_likelihoods, strict=True)
    return len(fit.experiments) > 1 and all(values.shape[-1] == len(e.labels) for e, values in pairs)


def _log_likelihood(fit: Fit, confronted: Confronted) -> xarray.Dataset:
    """One variable, as `loo` wants it: of the only experiment, else of all, "joint"."""
    found = list(_parts(fit, confronted))
    if len(found) == 1:
        ((name, names, values),) = found
        axis = f"{name}_datum" if names == fit.experiments[0].labels else f"{name}_{_PART}"
        return _drawn({name: (axis, values)}, {axis: np.array(names)}, 4 * LARGEST)
    values = np.concatenate([values for _, _, values in found], axis=-1)
    coordinates = _joint_coordinates((name, names) for name, names, _ in found)
    return _drawn({JOINT: (_PART, values)}, coordinates, 4 * LARGEST)


def _joint_coordinates(named: Any) -> dict[str, Any]:
    """The name of each part, and of the experiment to which it belongs."""
    pairs = [(name, part) for name, parts in named for part in parts]
    labels = [part if part == name else f"{name}: {part}" for name, part in pairs]
    return {_PART: np.array(labels), "experiment": (_PART, np.array([name for name, _ in pairs]))}


def _drawn(variables: dict[str, tuple[str, np.ndarray]], coordinates: dict[str, Any], most: int) -> xarray.Dataset:
    """Variables (chains, draws, data), each with the name of its last axis: at most so many numbers."""
    step = math.ceil(sum(array.size for _, array in variables.values()) / most)
    chains, draws = next(iter(variables.values()))[1].shape[:2]
    kept = {name: (("chain", "draw", axis), array[:, ::step]) for name, (axis, array) in variables.items()}
    return xarray.Dataset(kept, numbered(chains, draws, step) | coordinates)


def _log_prior(confronted: Confronted) -> xarray.Dataset:
    (chains, draws) = confronted.log_likelihoods[0].shape[:2]
    variables = {name: (dimensions(name, array), array) for name, array in confronted.log_prior.items()}
    return xarray.Dataset(variables, numbered(chains, draws))


def _replicated(fit: Fit, confronted: Confronted, together: bool) -> xarray.Dataset:
    named = zip(fit.experiments, confronted.replicated, strict=True)
    variables = {e.name: (f"{e.name}_datum", array) for e, array in named}
    if together:
        variables[JOINT] = (_PART, np.concatenate(confronted.replicated, axis=-1))
    return _drawn(variables, _data_coordinates(fit.experiments, together), LARGEST)


def _observed(fit: Fit, together: bool) -> xarray.Dataset:
    variables = {e.name: (f"{e.name}_datum", np.asarray(e.observed)) for e in fit.experiments}
    if together:
        variables[JOINT] = (_PART, np.concatenate([array for _, array in variables.values()]))
    return xarray.Dataset(variables, _data_coordinates(fit.experiments, together))


def _data_coordinates(experiments: Sequence[Experiment], together: bool) -> dict[str, Any]:
    """The label of each datum."""
    own = {f"{e.name}_datum": np.array(e.labels) for e in experiments}
    return own | (_joint_coordinates((e.name, e.labels) for e in experiments) if together else {})
