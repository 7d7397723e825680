"""Where a likelihood is not a number: points of the prior, and wider ones, at which it is undefined."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax.fit import Fit
from nmmjax.infer._descent import evaluate, in_z
from nmmjax.infer._points import drawn, parameters

PRIOR = "prior"
"""The term beside those of `Fit.log_likelihoods`."""
_POINTS = 256
_WIDE = 3.0
"""Times the width of the prior in z: where a sampler may come in its warm-up."""


class Undefined(NamedTuple):
    """A term of the posterior that is NaN somewhere. No impossible point, which is -inf, but a fault of its code."""

    term: str
    """Name of the experiment, "model" for `Model.log_prior`, or "prior"."""
    share: float
    """Of points drawn from the prior."""
    wide_share: float
    """Of points three times as far from the middle of the prior, in the unconstrained space."""
    example: dict[str, Float[Array, "..."]]
    """The parameters of one such point, of the prior where there is one."""


def screen(fit: Fit, *, seed: int = 0, points: int = _POINTS) -> tuple[Undefined, ...]:
    """The terms of ln p that are NaN at some of `points` points drawn from the prior and as many wider ones."""
    near = jax.device_get(drawn(fit.priors, jax.random.split(jax.random.PRNGKey(seed), points)))
    both = np.concatenate([near, _WIDE * near])
    if not np.any(evaluate(fit.prepare(), *in_z(fit.space.size), both, jacobian=True).undefined):
        return ()  # the terms by themselves need not be compiled
    found = []
    for term, values in jax.device_get(terms_at(fit, both)).items():
        if np.any(at := np.isnan(values)):
            example = parameters(fit.priors, both[int(np.argmax(at))])
            share, wide_share = np.mean(np.split(at, 2), axis=1).tolist()
            found.append(Undefined(term, share, wide_share, example))
    return tuple(found)


@quick()
def terms_at(fit: Fit, points: Float[Array, "points d"]) -> dict[str, Float[Array, " points"]]:
    """Each term of ln p at each point z, one after the other: a batch would take longer to compile."""

    def one(z: Float[Array, " d"]) -> dict[str, Float[Array, ""]]:
        located = fit.space.locate(z)
        return fit.log_likelihoods(located.parameters) | {PRIOR: located.log_prior}

    return jax.lax.map(one, points)
