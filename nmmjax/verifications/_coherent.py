"""How many scatterings a detector of COHERENT has seen: the flux of neutrinos free, what else changes them held."""

import math

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Float

from nmmjax import infer
from nmmjax.experiments import Experiment
from nmmjax.experiments.base import prediction
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor
from nmmjax.verifications._claims import Claim, Interval, Number, Question, Solution

_FLUX = "sns_flux"
_HELD = ("efficiency", "quenching", "slope", "shape", "radius")
"""Ends of the names of nuisances that change scatterings as the flux does, or their spectrum."""
_LEAST, _NONE = -60.0, -300.0
"""Of the flux, whose logarithm it is in units of its error of 10 %: next to no neutrinos, and none."""


def free_signal(experiment: Experiment) -> Fit:
    """Three flavors and an experiment whose number of scatterings is free."""
    held = [name for name in experiment.nuisances() if name.endswith(_HELD)]
    fixed = _LIGHT | dict.fromkeys(held, 0.0)
    return Fit(ThreeFlavor.from_sin2, (experiment,), {_FLUX: dist.Uniform(_LEAST, 12.0)}, fixed)


_LIGHT = {"dm21": 7.5e-5, "dm3l": 2.5e-3, "sin2_theta12": 0.31, "sin2_theta13": 0.022, "sin2_theta23": 0.5}
"""Which does not matter over 20 m."""


def scatterings(solution: Solution, flux: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Events by logarithms of the flux."""
    (experiment,) = solution.fit.experiments
    _, theory, nuisance = solution.fit.point(solution.maximum.parameters)

    def events(z: float) -> float:
        return float(np.sum(prediction(experiment, theory, {**nuisance, _FLUX: jnp.asarray(z)})))

    at, without = events(0.0), events(_NONE)
    per_flux = math.log((events(1.0) - without) / (at - without))
    return (at - without) * np.exp(per_flux * np.asarray(flux))


def significance(solution: Solution) -> float:
    """Standard deviations by which no scattering at all is excluded."""
    found = infer.profile(solution.fit, solution.maximum, {_FLUX: np.array([0.99 * _LEAST])})
    return math.sqrt(float(found.delta_chi2[0]))


def claims(
    question: Question,
    paper: str,
    target: str,
    *,
    published: tuple[float, float, float],
    reach: tuple[float, float],
    sigmas: float,
) -> tuple[Claim, ...]:
    """The number of scatterings on a target, and how significant they are."""
    return (
        Interval(
            what=f"scatterings on {target}",
            source=paper,
            question=question,
            name=_FLUX,
            symbol=f"scatterings on {target}",
            published=published,
            reach=reach,
            into=scatterings,
        ),
        Number(
            what="significance",
            source=paper,
            question=question,
            unit="sigma",
            value=significance,
            published=(sigmas, None, None),
            scale=1.0,
        ),
    )
