"""From a maximum and draws to a result: the posterior of every quantity, the table and the verdict."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import msgspec
import numpy as np
import xarray
from jaxtyping import Array, Float
from numpyro.distributions import Distribution, ExpandedDistribution, Independent
from scipy.special import chdtrc

from nmmjax._compilation import quick
from nmmjax._files import jsonable
from nmmjax.experiments.base import Experiment, Nuisance, Pull, Spectrum
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.fit import Fit, Parameters
from nmmjax.infer import Draws, Evidence, Laplace, Maximum, Settings, Toys, bridged_evidence, screen, tempered_evidence
from nmmjax.low_energy import LowEnergy
from nmmjax.models import arguments
from nmmjax.results import verdicts
from nmmjax.results.confrontation import Confronted, confront, flat_parts, groups
from nmmjax.results.diagnostics import efficiency, energy_information, mixing, within_chains
from nmmjax.results.ensembles import ToyGoodness
from nmmjax.results.leave_one_out import leave_one_out
from nmmjax.results.modes import mode_records, weighed
from nmmjax.results.peaks import intervals, unrolled
from nmmjax.results.provenance import run_record
from nmmjax.results.quantities import dataset, evaluated, quantities_of
from nmmjax.results.records import (
    Comparison,
    ComparisonLine,
    EvidenceRecord,
    ExperimentRecord,
    Goodness,
    Interval,
    LaplaceRecord,
    MaximumRecord,
    ModelRecord,
    ModeRecord,
    PowerScaling,
    PullRecord,
    Row,
    SamplingRecord,
    Verdict,
    finite,
)
from nmmjax.results.regions import regions
from nmmjax.results.result import DrawnSpectrum, Result
from nmmjax.results.sensitivity import power_scaling
from nmmjax.results.wanted import Published, Wanted
from nmmjax.space import entry_label, names_of, real_parts, wrapped

_NEGLIGIBLE, _ZERO = 1e-6, 1e-12
"""A relative spread, and a pure number, that are rounding errors."""
_PREDICTIVE_DRAWS = 200
"""For which spectra are kept."""


def conclude(
    fit: Fit, maximum: Maximum, laplace: Laplace, draws: Draws | None = None, wanted: Wanted | None = None
) -> Result:
    """Everything that a maximum and draws say of a fit; `Result.with_profiles` adds profiles.

    **Arguments:** the fit, its maximum and the normal approximation there; draws, or None where nothing was sampled;
    what is to be shown.
    """
    result = at_maximum(fit, maximum, laplace, wanted)
    return result if draws is None else with_draws(result, fit, draws, wanted)


def at_maximum(fit: Fit, maximum: Maximum, laplace: Laplace, wanted: Wanted | None = None) -> Result:
    """The part of a result that the maximum and the normal approximation there give."""
    wanted = Wanted() if wanted is None else wanted
    best = {name: values[0] for name, values in evaluated(fit, np.asarray(maximum.z)[None], wanted).items()}
    theory, nuisance, log_likelihoods = _confronted(fit, maximum.parameters)
    experiments = _experiments(fit, theory, nuisance, log_likelihoods)
    rows, approximation, found = _rows(fit, best, wanted), _laplace(laplace), _maximum(fit, maximum, wanted)
    reasons = verdicts.no_maximum(maximum)
    return Result(
        run=run_record(fit.model.__name__, Settings()),
        model=ModelRecord(fit.model_class.__name__, _built_by(fit), fit.model_class.reference),
        priors={name: written(prior) for name, prior in fit.priors.items()},
        fixed=_fixed(fit),
        experiments=experiments,
        goodness=_goodness(fit, maximum, experiments, _not_chi2(fit, theory, nuisance)),
        interval=Interval(wanted.level),
        parameters=rows,
        maximum=found,
        laplace=approximation,
        sampling=None,
        limits=(),
        published=_comparison(wanted.published, rows, approximation),
        corner=wanted.corner,
        verdict=Verdict(not reasons, reasons, verdicts.remarks(maximum, screen(fit))),
        evidences=(_of_normals(found.modes),) if laplace.good else (),
    )


def with_draws(result: Result, fit: Fit, draws: Draws, wanted: Wanted | None = None) -> Result:
    """A result at the maximum, with the draws from the posterior of the same fit: table, diagnostics, verdict."""
    wanted = Wanted() if wanted is None else wanted
    posterior, confronted = dataset(fit, draws.z, wanted), confront(fit, draws.z)
    found = msgspec.structs.replace(result, posterior=posterior)
    rows = tuple(_with_posterior(row, found.draws(row.name), wanted.level) for row in result.parameters)
    reasons = (
        *result.verdict.reasons,
        *verdicts.doubts(draws, rows),
        *verdicts.places(fit.space, result.maximum.modes, draws, rows),
    )
    evidences = _evidences(fit, draws, [np.array(mode.z) for mode in result.maximum.modes]) if not reasons else ()
    reasons = (*reasons, *verdicts.contradiction(evidences))
    sampling = _sampling(draws)
    notes = (*verdicts.saturation(sampling, draws), *map(verdicts.not_parts, confronted.apart))
    worth, modes = efficiency(posterior), weighed(fit.space, result.maximum.modes, draws)
    varying = {row.name: found.draws(row.name) for row in rows if row.varies}
    return msgspec.structs.replace(
        found,
        parameters=rows,
        maximum=msgspec.structs.replace(result.maximum, modes=modes),
        power_scaling=_power_scaling(fit, confronted, rows, varying, worth),
        regions=regions(varying),
        question=dict(draws.question),
        sampling=sampling,
        published=_comparison(wanted.published, rows, result.laplace),
        verdict=Verdict(not reasons, reasons, (*result.verdict.notes, *notes)),
        leave_one_out=leave_one_out(list(flat_parts(fit, confronted)), worth),
        statistics=_statistics(draws),
        groups=groups(fit, confronted, wanted),
        spectra=_spectra(fit, confronted),
        evidences=(*map(_evidence, evidences), *result.evidences),
    )


def _power_scaling(
    fit: Fit, confronted: Confronted, rows: Sequence[Row], draws: Mapping[str, np.ndarray], worth: float
) -> PowerScaling:
    """Of the priors of what the model takes, of all where it takes nothing; those of nuisances are measurements."""
    own = {name: value for name, value in confronted.log_prior.items() if name in (*arguments(fit.model), "model")}
    numbers = [(row.name, unrolled(draws[row.name]) if row.circular else draws[row.name]) for row in rows if row.varies]
    log_likelihood = np.asarray(sum(parts.sum(axis=-1) for parts in confronted.log_likelihoods))
    others = [row.name for row in rows if row.sampled and own and names_of(row.name)[2] not in own]
    return power_scaling(numbers, own or confronted.log_prior, log_likelihood, worth, others)


def _evidences(fit: Fit, draws: Draws, modes: Sequence[np.ndarray]) -> tuple[Evidence, ...]:
    """The integral of the posterior by what the draws allow."""
    own = None if draws.tempered is None else tempered_evidence(draws.tempered)
    found = own, bridged_evidence(fit, draws, modes)
    return tuple(sorted((evidence for evidence in found if evidence is not None), key=lambda one: one.error))


def _evidence(found: Evidence) -> EvidenceRecord:
    return EvidenceRecord(found.method, found.log_value, finite(found.error))


def _of_normals(modes: Sequence[ModeRecord]) -> EvidenceRecord:
    """Of normal distributions around all modes together."""
    return EvidenceRecord("Laplace", float(np.logaddexp.reduce([mode.log_mass for mode in modes])), None)


def _built_by(fit: Fit) -> str:
    """The class, or a constructor of it by the name of the class that was fitted."""
    owner = fit.model_class.__name__
    return owner if fit.model is fit.model_class else f"{owner}.{fit.model.__name__}"


# The arrays


def _statistics(draws: Draws) -> xarray.Dataset:
    renamed = {"num_steps": "n_steps", "accept_prob": "acceptance_rate"}
    statistics = {renamed.get(n, n): (("chain", "draw"), v) for n, v in draws.statistics.items()}
    if draws.tempered is not None:
        statistics |= {"log_evidence": ("chain", draws.tempered.log_evidences)}
        statistics |= {"evidence_variance": ("chain", draws.tempered.variances)}
    statistics["lp"] = (("chain", "draw"), -draws.statistics["potential_energy"])
    chains, count = draws.z.shape[:2]
    return xarray.Dataset(statistics, {"chain": np.arange(chains), "draw": np.arange(count)})


def _spectra(fit: Fit, confronted: Confronted) -> tuple[DrawnSpectrum, ...]:
    """Of every experiment that draws a spectrum: data, and expectations of thinned draws."""
    spectra = []
    for experiment, expected in zip(fit.experiments, confronted.expected, strict=True):
        if (spectrum := experiment.spectrum()) is None:
            continue
        edges = tuple(np.asarray(edges) for edges in spectrum.edges)
        flat = expected.reshape(-1, expected.shape[-1])
        thinned = flat[np.linspace(0, len(flat) - 1, min(_PREDICTIVE_DRAWS, len(flat))).astype(int)]
        data = np.asarray(experiment.observed), np.asarray(experiment.errors()), thinned
        words = spectrum.axis, spectrum.unit
        spectra.append(
            DrawnSpectrum(experiment.name, spectrum.panels, edges, *words, *data, _drawn_as(experiment, spectrum))
        )
    return tuple(spectra)


def _drawn_as(experiment: Experiment, spectrum: Spectrum) -> str:
    """What is drawn: "events" by unit of the axis, anything else as it is."""
    return spectrum.quantity or ("events" if isinstance(experiment, BinnedCounts) else "data")


# The table


def _rows(fit: Fit, best: Mapping[str, np.ndarray], wanted: Wanted) -> tuple[Row, ...]:
    """A line for each number at the maximum: sampled parameters first."""
    sampled, quantities, rows = fit.space.real_names, quantities_of(fit, wanted), []
    for name in [*sampled, *(name for name in best if name not in sampled)]:
        quantity = quantities[name]
        for index in np.ndindex(np.shape(best[name])):
            value = float(wrapped(np.array(best[name][index]))) if quantity.circular else float(best[name][index])
            label, symbol = entry_label(name, index), entry_label(quantity.symbol, index)
            rows.append(Row(label, symbol, quantity.unit, name in sampled, quantity.circular, value))
    return tuple(rows)


def _with_posterior(row: Row, draws: np.ndarray, level: float) -> Row:
    """A line with mean, spread and intervals of its draws (chains, draws)."""
    summarize = _circular_summary if row.circular else _linear_summary
    mean, sd, low, high = summarize(draws, level)
    if not row.sampled and _is_constant(mean, sd, row.unit):
        value = row.best if row.unit or abs(row.best) > _ZERO else 0.0
        return msgspec.structs.replace(row, best=value, mean=value, sd=0.0, low=value, high=value, below=value)
    series = (np.sin(draws), np.cos(draws)) if row.circular else (draws,)
    found = mixing(series)
    below = None if row.circular else float(np.quantile(draws, level))
    peaks = intervals(np.ravel(unrolled(draws) if row.circular else draws), level, within_chains(series))
    numbers = {"mean": mean, "sd": sd, "low": low, "high": high, "below": below, "rhat": found.rhat}
    numbers |= {"ess_bulk": found.bulk, "ess_tail": found.tail}
    return msgspec.structs.replace(row, **numbers, intervals=peaks)


def _is_constant(mean: float, sd: float, unit: str) -> bool:
    """Whether a derived quantity varies by rounding errors only."""
    return sd <= _NEGLIGIBLE * abs(mean) or (not unit and sd < _ZERO)


def _tails(level: float) -> tuple[float, float]:
    return (1.0 - level) / 2.0, (1.0 + level) / 2.0


def _linear_summary(draws: np.ndarray, level: float) -> tuple[float, float, float, float]:
    """Mean, standard deviation and equal-tailed interval."""
    low, high = np.quantile(draws, _tails(level))
    return float(draws.mean()), float(draws.std()), float(low), float(high)


def _circular_summary(draws: np.ndarray, level: float) -> tuple[float, float, float, float]:
    """Circular mean and standard deviation, sqrt(-2 ln R), and the interval of the deviations from the mean."""
    resultant = np.mean(np.exp(1j * draws))
    mean = float(np.angle(resultant))
    low, high = mean + np.quantile(wrapped(draws - mean), _tails(level))
    spread = math.sqrt(abs(2.0 * math.log(min(max(abs(resultant), 1e-300), 1.0))))
    return mean, spread, float(low), float(high)


# The records


@quick()
def _confronted(
    fit: Fit, parameters: Parameters
) -> tuple[LowEnergy, dict[str, Float[Array, "..."]], dict[str, Float[Array, ""]]]:
    """What parameters imply, and ln L of each experiment."""
    _, theory, nuisance = fit.point(parameters)
    return theory, nuisance, {e.name: e.log_likelihood(theory, nuisance) for e in fit.experiments}


def _experiments(
    fit: Fit, theory: LowEnergy, nuisance: Nuisance, log_likelihoods: Mapping[str, Any]
) -> tuple[ExperimentRecord, ...]:
    return tuple(
        ExperimentRecord(
            name=e.name,
            paper=e.reference,
            data=len(e.labels),
            counted_from=e.counted_from,
            chi2=-2.0 * float(log_likelihoods[e.name]),
            pulls=tuple(map(_pull, e.pulls(theory, nuisance))),
            sources=tuple(e.sources),
        )
        for e in fit.experiments
    )


def _pull(pull: Pull) -> PullRecord:
    predicted, observed = tuple(map(finite, pull.predicted)), tuple(map(float, pull.observed))
    return PullRecord(pull.label, pull.unit, predicted, observed, finite(pull.pull))


def _goodness(fit: Fit, maximum: Maximum, experiments: tuple[ExperimentRecord, ...], withheld: str | None) -> Goodness:
    """chi^2 and its p-value, unless that is withheld for a reason."""
    chi2, data = sum(e.chi2 for e in experiments), sum(e.data for e in experiments)
    auxiliary = _auxiliary(fit, maximum)
    parameters = sum(fit.space.width(name) for name in fit.priors if name in arguments(fit.model))
    freedom = data - parameters
    if freedom <= 0:
        return Goodness(chi2, auxiliary, data, parameters, None)
    p_value = None if withheld else float(chdtrc(freedom, chi2 + auxiliary))
    return Goodness(chi2, auxiliary, data, parameters, p_value, withheld)


def _auxiliary(fit: Fit, maximum: Maximum) -> float:
    """Squares of the pulls of nuisances with normal priors."""
    return float(np.sum(np.asarray(fit.space.deviations(maximum.z))[fit.auxiliary] ** 2))


def _not_chi2(fit: Fit, theory: LowEnergy, nuisance: Nuisance) -> str | None:
    """Why chi^2 of the fit has no known probability, by the experiments at fault."""
    words = [f"{e.name}: {why}" for e in fit.experiments if (why := e.not_chi2(theory, nuisance)) is not None]
    return "; ".join(words) or None


def toy_goodness(found: Toys, fit: Fit, maximum: Maximum) -> ToyGoodness:
    """The p-value of the data of a fit, and why a table of chi^2 is not to be asked."""
    theory, nuisance, log_likelihoods = _confronted(fit, maximum.parameters)
    chi2 = -2.0 * sum(map(float, log_likelihoods.values())) + _auxiliary(fit, maximum)
    share = found.p_value(chi2)
    return ToyGoodness(chi2, share.value, share.error, _not_chi2(fit, theory, nuisance))


def _maximum(fit: Fit, maximum: Maximum, wanted: Wanted) -> MaximumRecord:
    modes = mode_records(fit, maximum, wanted)
    return MaximumRecord(
        log_density=maximum.log_density,
        gradient_norm=finite(maximum.gradient_norm),
        to_gain=finite(maximum.to_gain),
        status=maximum.status.value,
        at_bound=maximum.at_bound,
        distinct_modes=len(modes),
        along=maximum.along,
        modes=modes,
        lost_starts=maximum.lost_starts,
    )


def _laplace(laplace: Laplace) -> LaplaceRecord:
    return LaplaceRecord(
        labels=laplace.labels,
        positive_definite=laplace.good,
        standard_deviations=tuple(laplace.standard_deviations.tolist()),
        correlations=tuple(map(tuple, laplace.correlations.tolist())),
    )


def _sampling(draws: Draws) -> SamplingRecord:
    return SamplingRecord(
        chains=draws.z.shape[0],
        draws=draws.z.shape[1],
        warmup=draws.warmup,
        complete=draws.complete,
        divergences=int(draws.statistics["diverging"].sum()),
        mean_acceptance=float(draws.statistics["accept_prob"].mean()),
        mean_leapfrog_steps=float(draws.statistics["num_steps"].mean()),
        e_bfmi=tuple(map(finite, energy_information(draws))),
        seconds=draws.seconds,
        sampler="NUTS" if draws.tempered is None else "sequential Monte Carlo",
        saturated=float(np.mean(draws.statistics["num_steps"] >= 2**draws.max_tree_depth - 1)),
    )


def _comparison(published: Published | None, rows: tuple[Row, ...], laplace: LaplaceRecord) -> Comparison | None:
    """Published values beside the mean and standard deviation of the posterior, else the maximum and Laplace's."""
    if published is None:
        return None
    by_name, lines = {row.name: row for row in rows}, []
    for name, best, plus, minus in published.values:
        row = by_name[name]
        value, sd = (row.best, laplace.spread(name)) if row.mean is None else (row.mean, row.sd)
        best = float(wrapped(np.array(best))) if row.circular else best
        difference = float(wrapped(np.array(value - best))) if row.circular else value - best
        apart = None if sd is None else difference / math.hypot(sd, plus if difference > 0.0 else minus)
        lines.append(ComparisonLine(name, value, sd, best, plus, minus, apart))
    return Comparison(published.label, tuple(lines))


def _fixed(fit: Fit) -> dict[str, Any]:
    """Complex numbers by their parts."""
    parts = (real_parts({n: v}) if isinstance(v, jax.Array | complex) else {n: v} for n, v in fit.held.items())
    return {name: written(value) for part in parts for name, value in part.items()}


def written(value: Any) -> Any:
    """A prior, a number or an object, so that a reader can write it again."""
    if isinstance(value, ExpandedDistribution | Independent):
        return written(value.base_dist) | {"shape": list(value.batch_shape + value.event_shape)}
    if isinstance(value, Distribution):
        known = {name: value.__dict__.get(name) for name in value.arg_constraints}
        numbers = {name: number for name, number in known.items() if number is not None}
        return {"distribution": type(value).__name__} | jsonable(numbers)
    return jsonable(value) if isinstance(value, float | int) or hasattr(value, "dtype") else type(value).__name__
