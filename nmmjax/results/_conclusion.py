"""From draws to the table and the verdict."""

import math
import warnings
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray

from nmmjax.fit import Fit
from nmmjax.infer import Draws, Laplace, Maximum
from nmmjax.space import wrapped

with warnings.catch_warnings():
    # ArviZ 0.23, the last for Python 3.11, announces its successor on import; this module works with both.
    warnings.simplefilter("ignore", FutureWarning)
    import arviz

INTERVAL_KIND, INTERVAL_LEVEL = "equal-tailed", 0.90
RHAT_LIMIT, ESS_LIMIT, BFMI_LIMIT = 1.01, 400.0, 0.3
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


def reach(result: Result) -> dict[str, tuple[float, float]]:
    """The range of each sampled scalar parameter worth drawing: that of the draws, else some standard deviations.

    Padded, and kept inside the support of its prior; at most one turn of a phase. All of a prior with ends in a fit
    that is not to be sampled, whose likelihood is far from normal.
    """
    fit, laplace, posterior = result.fit, result.laplace, result.posterior
    ranges = {}
    for label, sd in zip(laplace.labels, laplace.standard_deviations, strict=True):
        if label not in fit.priors:
            continue
        best = float(result.maximum.parameters[label])
        bottom, top = fit.space.support_bounds(fit.priors[label])
        low, high = (best - _SPAN * sd, best + _SPAN * sd) if posterior is None else _extent(posterior[label])
        if not fit.settings.sampled and math.isfinite(top - bottom):
            low, high = bottom, top
        low, high = low - _PADDING * (high - low), high + _PADDING * (high - low)
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
