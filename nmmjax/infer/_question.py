"""What a run of draws is about, piece by piece: resumed, it must answer the same question, or say what has changed."""

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax._version import __version__
from nmmjax.experiments import Experiment
from nmmjax.fit import Fit, Parameters, Point
from nmmjax.infer.settings import Settings
from nmmjax.prior_set import PriorSet
from nmmjax.space import Located

_DIGEST = 64
"""Length of a digest."""

Pieces = dict[str, str]
"""Name of a piece -> a short text, or the digest of a long one."""


def pieces(fit: Fit, run: Mapping[str, Any]) -> Pieces:
    """All that the draws of a fit follow from: whatever changes them changes one of the pieces.

    Code counts as it is traced, with the constants in it: the priors', the model's and each likelihood's own. What is
    traced to the same program is the same question, however it is written. Rules of one's own for derivatives are not
    looked at: they decide how well the chains walk, not where.

    **Arguments:** the fit; settings and the like by name.
    """
    z = jax.ShapeDtypeStruct((fit.space.size,), jnp.result_type(float))
    located, point = jax.eval_shape(_located, fit, z), jax.eval_shape(_point, fit, z)
    return {
        **surroundings(),
        **{name: repr(value) for name, value in run.items()},
        "kinds of priors": _program(_located, fit, z),
        **{f"prior of {name}": _numbers(PriorSet({name: prior})) for name, prior in fit.priors.items()},
        **{f"fixed {name}": _numbers(value) for name, value in fit.fixed.items()},
        "model, or a constant in it": _program(_implied, fit, located.parameters),
        **{f"data of {e.name}": _numbers(e) for e in fit.experiments},
        **{f"likelihood of {e.name}": _program(_log_likelihood, e, point) for e in fit.experiments},
    }


def asked(fit: Fit, settings: Settings, key: PRNGKeyArray, devices: int) -> Pieces:
    """The pieces of a run with settings and a random key on so many devices."""
    chosen = {f"setting {name}": value for name, value in dataclasses.asdict(settings).items()}
    return pieces(fit, {**chosen, "random key": np.asarray(key).tolist(), "number of devices": devices})


def surroundings() -> Pieces:
    """Software and precision of this process."""
    software = {"nmmjax": __version__, "jax": jax.__version__, "numpyro": numpyro.__version__}
    versions = {f"version of {name}": version for name, version in software.items()}
    return versions | {"platform": jax.default_backend(), "precision": str(jnp.result_type(float))}


def differences(earlier: Pieces, now: Pieces) -> tuple[str, ...]:
    """The pieces that are not the same, each in words."""
    names = (name for name in earlier | now if earlier.get(name) != now.get(name))
    return tuple(_difference(name, earlier.get(name, "none"), now.get(name, "none")) for name in names)


def _difference(name: str, earlier: str, now: str) -> str:
    return name if _DIGEST in (len(earlier), len(now)) else f"{name} ({earlier}, now {now})"


def _located(fit: Fit, z: Float[Array, " d"]) -> Located:
    return fit.space.locate(z)


def _point(fit: Fit, z: Float[Array, " d"]) -> Point:
    return fit.point(fit.space.parameters(z))


def _implied(fit: Fit, parameters: Parameters) -> tuple[Point, Float[Array, ""]]:
    point = fit.point(parameters)
    return point, point.model.log_prior()


def _log_likelihood(experiment: Experiment, point: Point) -> Float[Array, ""]:
    return experiment.log_likelihood(point.theory, point.nuisance)


def _program(function: Any, *arguments: Any) -> str:
    """The digest of the text to which a function is lowered, constants included."""
    return hashlib.sha256(jax.jit(partial(function)).lower(*arguments).as_text().encode()).hexdigest()


def _numbers(tree: Any) -> str:
    """The digest of all arrays, in the order of the tree."""
    digest = hashlib.sha256()
    for leaf in map(np.asarray, jax.tree.leaves(tree)):
        digest.update(f"{leaf.dtype}{leaf.shape}".encode() + leaf.tobytes())
    return digest.hexdigest()
