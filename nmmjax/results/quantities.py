"""Sampled and derived quantities at points of the unconstrained space, as a group of ArviZ's."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax.fit import Fit
from nmmjax.quantities import Quantity
from nmmjax.results.wanted import Wanted
from nmmjax.space import real_parts, wrapped

BLOCK = 512
"""Points that one program evaluates together: one size, so that it serves any number of them."""


def quantities_of(fit: Fit, wanted: Wanted) -> dict[str, Quantity]:
    """Symbol and unit of all that a result of a fit shows."""
    return dict(fit.quantities) | {name: own.quantity for name, own in wanted.derived.items()}


def evaluated(fit: Fit, z: Float[np.ndarray, "draws d"], wanted: Wanted) -> dict[str, np.ndarray]:
    """Parameters and derived quantities at every z (draws, d), by name, draws along the first axis."""
    functions = tuple((name, own.function) for name, own in wanted.derived.items())
    blocks = [jax.device_get(_evaluate(fit, block, functions)) for block in in_blocks(z)]
    return {name: np.concatenate([block[name] for block in blocks])[: len(z)] for name in blocks[0]}


def in_blocks(points: Float[np.ndarray, "points d"]) -> Float[np.ndarray, "blocks 512 d"]:
    """Points (points, d) in blocks of one size, the last of which is filled with its last point."""
    filled = np.concatenate([points, np.repeat(points[-1:], -len(points) % BLOCK, axis=0)])
    return filled.reshape(-1, BLOCK, points.shape[-1])


@quick("functions")
def _evaluate(fit: Fit, z: Float[Array, "draws d"], functions: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """Parameters and derived quantities at every z."""

    def one(z: Float[Array, " d"]) -> dict[str, Any]:
        parameters = fit.space.parameters(z)
        found = real_parts(parameters) | fit.derived(parameters)
        if functions:
            theory = fit.point(parameters).theory
            found |= {name: jnp.asarray(function(theory)) for name, function in functions}
        return found

    return jax.vmap(one)(z)


def dataset(fit: Fit, z: Float[np.ndarray, "chains draws d"], wanted: Wanted) -> xarray.Dataset:
    """Sampled and derived quantities of every draw; phases wrapped into (-pi, pi]."""
    chains, count = z.shape[:2]
    variables, quantities = {}, quantities_of(fit, wanted)
    for name, flat in evaluated(fit, z.reshape(chains * count, -1), wanted).items():
        array = flat.reshape(chains, count, *flat.shape[1:])
        quantity = quantities[name]
        array = wrapped(array) if quantity.circular else array
        attributes = {"units": quantity.unit, "symbol": quantity.symbol, "circular": int(quantity.circular)}
        variables[name] = xarray.Variable(dimensions(name, array), array, attributes)
    return xarray.Dataset(variables, numbered(chains, count))


def dimensions(name: str, array: np.ndarray) -> tuple[str, ...]:
    """Names of the axes of a quantity (chains, draws, ...)."""
    return ("chain", "draw", *(f"{name}_dim_{i}" for i in range(array.ndim - 2)))


def numbered(chains: int, draws: int, step: int = 1) -> dict[str, np.ndarray]:
    """Coordinates of chains, and of every `step`-th of their draws."""
    return {"chain": np.arange(chains), "draw": np.arange(0, draws, step)}
