"""What a fit has found: the posterior with its diagnostics, a verdict, and the files that keep them.

The only module that knows ArviZ. Intervals are equal-tailed at 90 %; those of a phase lie around its circular mean.
"""

import dataclasses
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray
from jax.scipy.stats import chi2 as chi2_distribution
from numpyro.distributions import Distribution

from nmmjax._files import atomic, jsonable
from nmmjax.fit import Fit
from nmmjax.infer import Draws, Laplace, Maximum, Profile
from nmmjax.space import wrapped

with warnings.catch_warnings():
    # ArviZ 0.23, the last for Python 3.11, announces its successor on import; this module works with both.
    warnings.simplefilter("ignore", FutureWarning)
    import arviz

INTERVAL_KIND, INTERVAL_LEVEL = "equal-tailed", 0.90
RHAT_LIMIT, ESS_LIMIT, BFMI_LIMIT = 1.01, 400.0, 0.3
_PREDICTIVE_DRAWS = 200
_NEGLIGIBLE, _ZERO = 1e-6, 1e-12
"""A relative spread, and a pure number, that are rounding errors."""
_SPAN, _PADDING = 4.0, 0.05
"""Ranges worth drawing: standard deviations, or the range of the draws and a little more."""


class Row(NamedTuple):
    """One line of the table: a sampled parameter or a derived quantity."""

    name: str
    symbol: str
    unit: str
    sampled: bool
    circular: bool
    best: float
    """At the maximum."""
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    below: float | None
    """An upper limit: the same share of the draws is smaller."""
    rhat: float | None
    """None where nothing was sampled, or where the quantity is a constant."""
    ess: float | None
    """The smaller of bulk and tail."""


class Result(NamedTuple):
    """Everything a fit has found. `draws` and `posterior` are None where only the maximum was asked for."""

    fit: Fit
    maximum: Maximum
    laplace: Laplace
    draws: Draws | None
    posterior: xarray.Dataset | None
    rows: tuple[Row, ...]
    reasons: tuple[str, ...]
    """Why the result cannot be trusted; empty for a good one."""

    @property
    def good(self) -> bool:
        """Whether the result can be trusted."""
        return not self.reasons


class Saved(NamedTuple):
    """A result read back from its folder."""

    summary: dict[str, Any]
    groups: Mapping[str, xarray.Dataset]
    """Empty where nothing was sampled."""


def conclude(fit: Fit, maximum: Maximum, laplace: Laplace, draws: Draws | None) -> Result:
    """Posterior of parameters and derived quantities, the table, and the verdict."""
    posterior = None if draws is None else _posterior(fit, draws)
    rows = _rows(fit, maximum, posterior)
    return Result(fit, maximum, laplace, draws, posterior, rows, _reasons(maximum, draws, rows))


# The posterior


@jax.jit
def _evaluate(fit: Fit, z: Any) -> dict[str, Any]:
    def one(z: Any) -> dict[str, Any]:
        parameters = fit.space.parameters(z)
        return parameters | fit.derived(parameters)

    return jax.vmap(one)(z)


def _posterior(fit: Fit, draws: Draws) -> xarray.Dataset:
    """Sampled and derived quantities of every draw; phases wrapped into (-pi, pi]."""
    chains, count = draws.z.shape[:2]
    values = jax.device_get(_evaluate(fit, jnp.asarray(draws.z.reshape(chains * count, -1))))
    variables = {}
    for name, flat in values.items():
        array = np.asarray(flat).reshape(chains, count, *flat.shape[1:])
        quantity = fit.quantities[name]
        array = wrapped(array) if quantity.circular else array
        dimensions = ("chain", "draw", *(f"{name}_dim_{i}" for i in range(array.ndim - 2)))
        attributes = {"units": quantity.unit, "symbol": quantity.symbol, "circular": int(quantity.circular)}
        variables[name] = xarray.Variable(dimensions, array, attributes)
    coordinates = {"chain": np.arange(chains), "draw": np.arange(count)}
    return xarray.Dataset(variables, coordinates)


# The table


def _rows(fit: Fit, maximum: Maximum, posterior: xarray.Dataset | None) -> tuple[Row, ...]:
    best = jax.device_get(jax.tree.map(lambda leaf: leaf[0], _evaluate(fit, maximum.z[None])))
    order = [*fit.space.names, *(name for name in best if name not in fit.space.names)]
    rows = []
    for name in order:
        for index in np.ndindex(np.shape(best[name])):
            draws = None if posterior is None else posterior[name].values[(..., *index)]
            rows.append(_row(fit, name, index, float(best[name][index]), draws))
    return tuple(rows)


def _row(fit: Fit, name: str, index: tuple[int, ...], best: float, draws: np.ndarray | None) -> Row:
    quantity = fit.quantities[name]
    label = name + "".join(f"[{i}]" for i in index)
    best = float(wrapped(np.array(best))) if quantity.circular else best
    head = Row(label, quantity.symbol, quantity.unit, name in fit.space.names, quantity.circular, best, *[None] * 7)
    if draws is None:
        return head
    mean, sd, low, high = _circular_summary(draws) if quantity.circular else _linear_summary(draws)
    if not head.sampled and _is_constant(mean, sd, quantity.unit):
        value = best if quantity.unit or abs(best) > _ZERO else 0.0
        return head._replace(best=value, mean=value, sd=0.0, low=value, high=value, below=value)
    rhat, ess = _diagnose((np.sin(draws), np.cos(draws)) if quantity.circular else (draws,))
    below = None if quantity.circular else float(np.quantile(draws, INTERVAL_LEVEL))
    return head._replace(mean=mean, sd=sd, low=low, high=high, below=below, rhat=rhat, ess=ess)


def _is_constant(mean: float, sd: float, unit: str) -> bool:
    """Whether a derived quantity varies by rounding errors only."""
    return sd <= _NEGLIGIBLE * abs(mean) or (not unit and sd < _ZERO)


_TAILS = ((1.0 - INTERVAL_LEVEL) / 2.0, (1.0 + INTERVAL_LEVEL) / 2.0)


def _linear_summary(draws: np.ndarray) -> tuple[float, float, float, float]:
    low, high = np.quantile(draws, _TAILS)
    return float(draws.mean()), float(draws.std()), float(low), float(high)


def _circular_summary(draws: np.ndarray) -> tuple[float, float, float, float]:
    """Circular mean and standard deviation, sqrt(-2 ln R); the interval is that of the deviations from the mean."""
    resultant = np.mean(np.exp(1j * draws))
    mean = float(np.angle(resultant))
    low, high = mean + np.quantile(wrapped(draws - mean), _TAILS)
    spread = math.sqrt(abs(2.0 * math.log(min(max(abs(resultant), 1e-300), 1.0))))
    return mean, spread, float(low), float(high)


def _diagnose(series: tuple[np.ndarray, ...]) -> tuple[float | None, float | None]:
    """Largest rank-normalised split R-hat and smallest (bulk or tail) effective sample size.

    A single chain is cut in two, which are compared. Fewer than eight draws tell nothing: infinity and zero.
    """
    if series[0].shape[1] < 8:
        return math.inf, 0.0
    if series[0].shape[0] == 1:
        half = series[0].shape[1] // 2
        series = tuple(np.concatenate([s[:, :half], s[:, -half:]]) for s in series)
    moving = {str(i): (("chain", "draw"), s) for i, s in enumerate(series) if np.ptp(s) > 0}
    if not moving:
        return None, None
    dataset = xarray.Dataset(moving)
    rhat: Any = arviz.rhat(dataset)
    ess: list[Any] = [arviz.ess(dataset, method=method) for method in ("bulk", "tail")]
    return max(float(rhat[name]) for name in moving), min(float(found[name]) for found in ess for name in moving)


# The verdict


def _reasons(maximum: Maximum, draws: Draws | None, rows: tuple[Row, ...]) -> tuple[str, ...]:
    reasons = [] if maximum.good else [f"maximum: {maximum.status.value} (ln p may rise by {maximum.to_gain:.1e})"]
    if draws is None:
        return tuple(reasons)
    sampled = [row for row in rows if row.sampled and row.rhat is not None and row.ess is not None]
    stuck = [row.name for row in rows if row.sampled and row.rhat is None]
    unmixed = [f"{row.name} {row.rhat:.3f}" for row in sampled if not (row.rhat or math.inf) < RHAT_LIMIT]
    few = [f"{row.name} {row.ess:.0f}" for row in sampled if not (row.ess or 0.0) > ESS_LIMIT]
    divergences, bfmi = int(draws.statistics["diverging"].sum()), float(energy_information(draws).min())
    checks = (
        (not draws.complete, f"interrupted after {draws.z.shape[1]} draws per chain"),
        (bool(stuck), f"never moved: {', '.join(stuck)}"),
        (bool(unmixed), f"R-hat is not below {RHAT_LIMIT}: {', '.join(unmixed)}"),
        (bool(few), f"effective sample size is not above {ESS_LIMIT:.0f}: {', '.join(few)}"),
        (divergences > 0, f"{divergences} divergences after warm-up"),
        (not bfmi > BFMI_LIMIT, f"E-BFMI is {bfmi:.2f}, not above {BFMI_LIMIT}"),
    )
    return tuple(reasons + [reason for failed, reason in checks if failed])


def energy_information(draws: Draws) -> np.ndarray:
    """E-BFMI of each chain: mean squared energy step over the variance of the energy (Betancourt, 1604.00695)."""
    energy = draws.statistics["energy"]
    return np.mean(np.diff(energy, axis=1) ** 2, axis=1) / np.maximum(np.var(energy, axis=1), 1e-300)


# Files


def save(result: Result, folder: Path, run: Mapping[str, Any], profiles: xarray.Dataset | None = None) -> None:
    """Write `summary.json`, and `posterior.nc` with all that is sampled or profiled; `run` joins the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = _summary(result) | dict(run)
    groups = _groups(result, run) | ({} if profiles is None else {"profile": profiles})
    (folder / "posterior.nc").unlink(missing_ok=True)
    if groups:
        with atomic(folder / "posterior.nc") as temporary:
            xarray.DataTree.from_dict(groups).to_netcdf(temporary, engine="h5netcdf")
    with atomic(folder / "summary.json") as temporary:
        temporary.write_text(json.dumps(jsonable(summary), indent=1, allow_nan=False) + "\n")


def load(folder: Path) -> Saved:
    """Read a result folder back."""
    path = folder / "summary.json"
    if not path.exists():
        raise ValueError(f"Argument `RESULT` must be a folder that `nmmjax fit` wrote, but `{path}` does not exist.")
    stored = folder / "posterior.nc"
    try:
        summary = json.loads(path.read_text())
        if not stored.exists():
            return Saved(summary, {})
        with xarray.open_datatree(stored, engine="h5netcdf") as tree:
            return Saved(summary, {name: node.to_dataset().load() for name, node in tree.children.items()})
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(
            f"Argument `RESULT` must be an intact result folder, but `{folder}` is damaged: {error}"
        ) from None


def reach(fit: Fit, maximum: Maximum, laplace: Laplace, draws: Draws | None) -> dict[str, tuple[float, float]]:
    """The range of each sampled scalar parameter worth drawing: that of the draws, else some standard deviations.

    Padded, and kept inside the support of its prior; at most one turn of a phase.
    """
    posterior = None if draws is None else _posterior(fit, draws)
    ranges = {}
    for label, sd in zip(laplace.labels, laplace.standard_deviations, strict=True):
        if label not in fit.priors:
            continue
        best = float(maximum.parameters[label])
        low, high = (best - _SPAN * sd, best + _SPAN * sd) if posterior is None else _extent(posterior[label])
        low, high = low - _PADDING * (high - low), high + _PADDING * (high - low)
        bottom, top = fit.space.support_bounds(fit.priors[label])
        edge = 1e-3 * (high - low)
        ranges[label] = (max(low, bottom + edge), min(high, top - edge))
    return ranges


def _extent(draws: xarray.DataArray) -> tuple[float, float]:
    """Smallest and largest draw; of a phase, around its circular mean."""
    if not draws.attrs["circular"]:
        return float(draws.min()), float(draws.max())
    mean = np.angle(np.mean(np.exp(1j * draws.values)))
    deviations = wrapped(draws.values - mean)
    return float(mean + deviations.min()), float(mean + deviations.max())


def profiles(found: Sequence[Profile]) -> xarray.Dataset:
    """Profiles of one and of two parameters as one dataset; each has its own grids."""
    variables = {}
    for names, grids, delta_chi2 in found:
        pair = "_".join(reversed(names))
        dimensions = tuple(f"{pair}_{name}" for name in names)
        variables[pair] = (dimensions, delta_chi2, {"names": ",".join(names)})
        variables |= {d: (d, grid) for d, grid in zip(dimensions, grids, strict=True)}
    coordinates = {name: value for name, value in variables.items() if value[0] == name}
    return xarray.Dataset({n: v for n, v in variables.items() if n not in coordinates}, coordinates)


def _groups(result: Result, run: Mapping[str, Any]) -> dict[str, xarray.Dataset]:
    draws = result.draws
    if draws is None or result.posterior is None:
        return {}
    renamed = {"num_steps": "n_steps", "accept_prob": "acceptance_rate"}
    statistics = {renamed.get(n, n): (("chain", "draw"), v) for n, v in draws.statistics.items()}
    statistics["lp"] = (("chain", "draw"), -draws.statistics["potential_energy"])
    attributes = {name: json.dumps(jsonable(value)) for name, value in run.items()}
    groups = {
        "posterior": result.posterior.assign_attrs(attributes),
        "sample_stats": xarray.Dataset(statistics),
    }
    predicted, observed, constant = _spectra(result.fit, draws)
    if observed:
        groups |= {
            "posterior_predictive": xarray.Dataset(predicted),
            "observed_data": xarray.Dataset(observed),
            "constant_data": xarray.Dataset(constant),
        }
    return groups


def _spectra(fit: Fit, draws: Draws) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Of every experiment that draws a spectrum: expectations of thinned draws, data, bin edges and errors."""
    predicted, observed, constant = {}, {}, {}
    flat = draws.z.reshape(-1, draws.z.shape[-1])
    thinned = flat[np.linspace(0, len(flat) - 1, min(_PREDICTIVE_DRAWS, len(flat))).astype(int)]
    for index, experiment in enumerate(fit.experiments):
        spectrum = experiment.spectrum()
        if spectrum is None:
            continue
        name = experiment.name
        values = jax.device_get(_predictions(fit, jnp.asarray(thinned))[index])
        predicted[name] = (("chain", "draw", f"{name}_datum"), values[None])
        bins = [len(edges) - 1 for edges in spectrum.edges]
        attributes = {"panels": json.dumps(spectrum.panels), "bins": json.dumps(bins)}
        attributes |= {"axis": spectrum.axis, "unit": spectrum.unit}
        observed[name] = xarray.Variable(f"{name}_datum", np.asarray(experiment.observed), attributes)
        constant[f"{name}_edges"] = (f"{name}_edge", np.concatenate(spectrum.edges))
        constant[f"{name}_errors"] = (f"{name}_datum", np.asarray(experiment.errors()))
    return predicted, observed, constant


@jax.jit
def _predictions(fit: Fit, z: Any) -> tuple[Any, ...]:
    """Expectation of the data of each experiment that draws a spectrum, at every z; None for the others."""

    def one(z: Any) -> tuple[Any, ...]:
        _, theory, nuisance = fit.point(fit.space.parameters(z))
        return tuple(None if e.spectrum() is None else e.fitted(theory, nuisance) for e in fit.experiments)

    return jax.lax.map(one, z)


def _summary(result: Result) -> dict[str, Any]:
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
