"""What every analysis keeps, whatever it asks."""

from collections.abc import Mapping
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import gallery
from nmmjax.analysis import Analysis
from nmmjax.fit import Fit, Prepared
from nmmjax.testing._claims import require
from nmmjax.testing.experiments import check_names

_DRAWS = 16


def check_analysis(built: Analysis | Fit | Mapping[str, Analysis | Fit] | Path) -> None:
    """Hold an analysis to the contract: where its priors have their mass, ln L has finite values and slopes.

    So it is in at least half of 16 draws of the priors; every parameter moves ln L somewhere; experiments are named as
    they should be.

    **Arguments:** what `build()` returns, or the file that defines it.

    **Raises:** `AssertionError` that says what does not hold; `ValueError` for a file that cannot be built.
    """
    if isinstance(built, Path):
        built = gallery.build(gallery.read(built))
    for name, made in (built if isinstance(built, Mapping) else {"": built}).items():
        _check(made if isinstance(made, Fit) else made.fit, f"hypothesis {name}" if name else "the analysis")


def _check(fit: Fit, name: str) -> None:
    for experiment in fit.experiments:
        check_names(experiment)
    draws = jax.vmap(fit.space.draw)(jax.random.split(jax.random.key(0), _DRAWS))
    values, slopes = _values_and_slopes(fit.prepare(), draws)
    good = jnp.isfinite(values) & jnp.all(jnp.isfinite(slopes), -1)
    words = f"ln L of {name} and its slopes must be finite in half of {_DRAWS} draws of the priors"
    require(int(jnp.sum(good)) * 2 >= _DRAWS, f"{words}, but they are in {int(jnp.sum(good))}")
    moved, end = jnp.any(jnp.where(good[:, None], slopes, 0.0) != 0.0, 0), 0
    for parameter in fit.space.names:
        begin, end = end, end + fit.space.width(parameter)
        require(jnp.any(moved[begin:end]), f"{parameter} must move ln L of {name}: nothing depends on it")


@eqx.filter_jit
def _values_and_slopes(
    prepared: Prepared, draws: Float[Array, "n d"]
) -> tuple[Float[Array, " n"], Float[Array, "n d"]]:
    def log_likelihood(z: Float[Array, " d"]) -> Float[Array, ""]:
        return sum(prepared.terms(z).log_likelihoods.values(), jnp.zeros(()))

    return jax.lax.map(jax.value_and_grad(log_likelihood), draws)
