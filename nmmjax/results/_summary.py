"""A result in plain numbers and words, as the summary file has them."""

import dataclasses
import math
from typing import Any

import numpy as np
from jax.scipy.stats import chi2 as chi2_distribution
from numpyro.distributions import Distribution

from nmmjax.fit import Fit
from nmmjax.infer import Maximum
from nmmjax.results._conclusion import INTERVAL_KIND, INTERVAL_LEVEL, Result, energy_information
from nmmjax.space import wrapped


def summary(result: Result) -> dict[str, Any]:
    fit, maximum, draws = result.fit, result.maximum, result.draws
    experiments = _experiments(fit, maximum)
    return {
        "model": {
            "class": fit.model_class.__name__,
            "built_by": fit.model.__qualname__,
            "paper": fit.model_class.reference,
        },
        "priors": {name: _written(prior) for name, prior in fit.priors.items()},
        "fixed": {name: _written(value) for name, value in fit.held.items()},
        "experiments": experiments,
        "goodness": _goodness(fit, experiments),
        "corner": fit.corner,
        "beside": _beside(result),
        "interval": {"kind": INTERVAL_KIND, "level": INTERVAL_LEVEL},
        "parameters": [row._asdict() for row in result.rows],
        "maximum": {
            "log_density": maximum.log_density,
            "gradient_norm": maximum.gradient_norm,
            "to_gain": maximum.to_gain,
            "status": maximum.status.value,
            "at_bound": maximum.at_bound,
            "distinct_modes": len(maximum.modes),
        },
        "laplace": {
            "labels": result.laplace.labels,
            "positive_definite": result.laplace.good,
            "standard_deviations": result.laplace.standard_deviations,
            "correlations": result.laplace.correlations,
        },
        "sampling": None
        if draws is None
        else {
            "chains": draws.z.shape[0],
            "draws": draws.z.shape[1],
            "warmup": draws.warmup,
            "complete": draws.complete,
            "divergences": int(draws.statistics["diverging"].sum()),
            "mean_acceptance": float(draws.statistics["accept_prob"].mean()),
            "mean_leapfrog_steps": float(draws.statistics["num_steps"].mean()),
            "e_bfmi": energy_information(draws),
            "seconds": draws.seconds,
        },
        "verdict": {"good": result.good, "reasons": result.reasons},
    }


def _beside(result: Result) -> dict[str, Any] | None:
    """Published values next to ours: the mean and standard deviation of the posterior, else maximum and Laplace's.

    `apart`: the difference in standard deviations, ours and theirs in quadrature.
    """
    if result.fit.beside is None:
        return None
    spreads = dict(zip(result.laplace.labels, result.laplace.standard_deviations.tolist(), strict=True))
    rows, lines = {row.name: row for row in result.rows}, []
    for name, best, plus, minus in result.fit.beside.values:
        row = rows[name]
        value, sd = (row.best, spreads.get(name)) if row.mean is None else (row.mean, row.sd)
        best = float(wrapped(np.array(best))) if row.circular else best
        difference = float(wrapped(np.array(value - best))) if row.circular else value - best
        apart = None if sd is None else difference / math.hypot(sd, plus if difference > 0.0 else minus)
        lines.append(
            {"name": name, "value": value, "sd": sd, "best": best, "plus": plus, "minus": minus, "apart": apart}
        )
    return {"label": result.fit.beside.label, "lines": lines}


def _experiments(fit: Fit, maximum: Maximum) -> list[dict[str, Any]]:
    """Each experiment at the maximum: chi^2, pulls and where its data come from."""
    _, theory, nuisance = fit.point(maximum.parameters)
    return [
        {
            "name": e.name,
            "paper": e.reference,
            "data": len(e.labels),
            "chi2": -2.0 * float(e.log_likelihood(theory, nuisance)),
            "pulls": [pull._asdict() for pull in e.pulls(theory, nuisance)],
            "sources": [dataclasses.asdict(source) for source in e.sources],
        }
        for e in fit.experiments
    ]


def _goodness(fit: Fit, experiments: list[dict[str, Any]]) -> dict[str, Any]:
    """Total chi^2 at the maximum with its probability, if the data outnumber the sampled parameters of the model.

    Nuisances have priors of their own and are not counted.
    """
    chi2, data = (sum(experiment[key] for experiment in experiments) for key in ("chi2", "data"))
    parameters = sum(name in fit.model_class.parameters for name in fit.priors)
    freedom = data - parameters
    p_value = float(chi2_distribution.sf(chi2, freedom)) if freedom > 0 else None
    return {"chi2": chi2, "data": data, "parameters": parameters, "p_value": p_value}


def _written(value: Any) -> Any:
    """A prior, a number or an object, so that a reader can write it again."""
    if isinstance(value, Distribution):
        arguments = {name: getattr(value, name) for name in value.arg_constraints if hasattr(value, name)}
        return {"distribution": type(value).__name__} | arguments
    return value if isinstance(value, float | int) or hasattr(value, "dtype") else type(value).__name__
