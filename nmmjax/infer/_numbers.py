"""Sampled and derived numbers of a fit by their names."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax.fit import Fit
from nmmjax.infer.optimization import Maximum
from nmmjax.low_energy import LowEnergy

Functions = Mapping[str, Callable[[LowEnergy], Any]]
"""Derived numbers of one's own."""


def profiled(fit: Fit, functions: Functions | None = None) -> tuple[str, ...]:
    """Names of all numbers that can be profiled: sampled ones by label, derived ones of the model, and one's own."""
    derived = jax.eval_shape(
        lambda z: fit.derived(fit.space.parameters(z)), jax.ShapeDtypeStruct((fit.space.size,), float)
    )
    return tuple(
        dict.fromkeys((*fit.space.entries, *(n for n, value in derived.items() if not value.shape), *(functions or {})))
    )


def derived_values(
    fit: Fit, z: Float[Array, " d"], names: tuple[str, ...], functions: tuple[tuple[str, Any], ...]
) -> Float[Array, " names"]:
    """Derived numbers at a point z."""
    parameters = fit.space.parameters(z)
    found = dict(fit.derived(parameters))
    if functions:
        theory = fit.point(parameters).theory
        found |= {name: jnp.asarray(function(theory)) for name, function in functions}
    return jnp.stack([found[name] for name in names])


def numbers_at(
    fit: Fit, z: Float[np.ndarray, "points d"], names: tuple[str, ...], functions: Functions | None = None
) -> Float[np.ndarray, "points names"]:
    """Sampled and derived numbers at some points of the unconstrained space."""
    return np.asarray(_numbers(fit, jnp.asarray(z), names, tuple((functions or {}).items())))


@quick("names", "functions")
def _numbers(fit: Fit, z: Any, names: tuple[str, ...], functions: tuple[tuple[str, Any], ...]) -> Any:
    return jax.lax.map(lambda z: _at(fit, z, names, functions), z)


def _at(fit: Fit, z: Float[Array, " d"], names: tuple[str, ...], functions: tuple[tuple[str, Any], ...]) -> Any:
    labels = fit.space.labels
    derived = tuple(name for name in names if name not in labels)
    sampled = fit.space.flat(fit.space.parameters(z))
    values = dict(zip(derived, derived_values(fit, z, derived, functions), strict=True)) if derived else {}
    return jnp.stack([values[name] if name in values else sampled[labels.index(name)] for name in names])


def spread(
    fit: Fit, maximum: Maximum, covariance: Float[np.ndarray, "d d"], name: str, functions: Functions | None = None
) -> float:
    """Standard deviation of a number around the maximum, to first order.

    **Arguments:** `covariance` of z, as `Laplace.covariance_z`.
    """
    (slope,) = slopes_at(fit, np.asarray(maximum.z), (name,), functions)
    return float(np.sqrt(slope @ covariance @ slope))


def slopes_at(
    fit: Fit, z: Float[np.ndarray, " d"], names: tuple[str, ...], functions: Functions | None = None
) -> Float[np.ndarray, "names d"]:
    """Derivatives of some numbers with respect to z."""
    return np.asarray(_slopes(fit, jnp.asarray(z), names, tuple((functions or {}).items())))


@quick("names", "functions")
def _slopes(fit: Fit, z: Any, names: tuple[str, ...], functions: tuple[tuple[str, Any], ...]) -> Any:
    return jax.jacrev(lambda z: _at(fit, z, names, functions))(z)
