"""The posterior density of a fit without some of its experiments: one program, whichever are left out."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from nmmjax._specialization import specialize
from nmmjax.experiments.base import Nuisance
from nmmjax.fit import Fit, Prepared, Terms
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.ruled import Ruled


def keeping(fit: Fit, kept: Bool[np.ndarray, " experiments"]) -> Prepared:
    """ln prior + sum_e w_e ln L_e with w_e = 1 for experiments that are kept, and 0 for the others.

    The weights are numbers, so that all choices of experiments are one program. Nuisances of those which are left out
    keep their priors.
    """
    z = jax.ShapeDtypeStruct((fit.space.size,), jnp.result_type(float))
    return Prepared(specialize(_terms, (fit, jnp.asarray(kept)), z))


def _terms(held: tuple[Fit, Bool[Array, " experiments"]], z: Float[Array, " d"]) -> Terms:
    fit, kept = held
    located = fit.space.locate(z)
    model, theory, nuisance = fit.point(located.parameters)
    terms = {}
    for experiment, counts in zip(fit.experiments, kept, strict=True):
        value = experiment.log_likelihood(*_gated(counts, theory, nuisance))
        terms[experiment.name] = jnp.where(counts, value, 0.0)
    return Terms(terms | {"model": model.log_prior()}, located.log_prior, located.log_jacobian)


def _gated(counts: Bool[Array, ""], theory: LowEnergy, nuisance: Nuisance) -> tuple[LowEnergy, Nuisance]:
    """Theory and nuisances as they are, through which no derivative of an experiment passes that is left out.

    Zero times a derivative that is NaN would be NaN.
    """
    leaves, structure = jax.tree.flatten((theory, dict(nuisance)))
    smooth = [i for i, leaf in enumerate(leaves) if eqx.is_inexact_array(leaf)]
    for i, leaf in zip(smooth, _gate(tuple(leaves[i] for i in smooth), counts), strict=True):
        leaves[i] = leaf
    return jax.tree.unflatten(structure, leaves)


@Ruled
def _gate(numbers: tuple[Array, ...], counts: Bool[Array, ""]) -> tuple[Array, ...]:
    """The numbers."""
    del counts
    return numbers


@_gate.defjvp
def _gate_rule(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    """Their tangents where they count, and zero elsewhere."""
    (numbers, counts), (along, _) = primals, tangents
    still = [jnp.zeros_like(number) for number in numbers]
    moved = (zero if t is None else jnp.where(counts, t, zero) for t, zero in zip(along, still, strict=True))
    return numbers, tuple(moved)
