"""Forecasts of an analysis by name: the search, what exposures bring, its table and its figures."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nmmjax import _checks, infer, plots, results
from nmmjax._files import locked, writable
from nmmjax.analysis import Analysis
from nmmjax.executors import Executor
from nmmjax.infer import Forecast, Maximum
from nmmjax.infer.forecasting import Exposures, median
from nmmjax.results import ForecastRecord, Run

STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Factors of exposure unless others are given."""
_GRID, _SPAN = 31, 3.6
"""Points along each axis of a plane, and standard deviations to both sides."""
_ONE = 0.682689


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is asked of a forecast.

    **Arguments:**

    - `exposures`: factor of the present exposure by name of an experiment, one after the other.
    - `names`: sampled numbers whose intervals are wanted; `pairs`: those whose planes are drawn.
    - `at`: true values of some numbers; all else lies where it fits the data best.
    - `null`: values that a discovery excludes.
    """

    exposures: tuple[Exposures, ...]
    names: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()
    at: Mapping[str, float] = dataclasses.field(default_factory=dict)
    null: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def words(self) -> str:
        """The true point."""
        return ", ".join(f"{name} = {value:g}" for name, value in self.at.items()) or "the maximum of the data"


class Answer(NamedTuple):
    """What a forecast of an analysis has found."""

    record: ForecastRecord
    found: Forecast
    written: tuple[Path, ...]


def growing(analysis: Analysis) -> tuple[str, ...]:
    """The experiments of an analysis whose exposure means something."""
    return tuple(e.name for e in analysis.fit.experiments if _grows(e.exposed))


def _grows(exposed: Callable[[float], object]) -> bool:
    try:
        exposed(1.0)
    except _checks.ArgumentError:
        return False
    return True


def check(analysis: Analysis, plan: Plan) -> None:
    """Names are those of numbers and experiments of the analysis, whose exposure means something."""
    entries, experiments = analysis.fit.space.entries, {e.name: e for e in analysis.fit.experiments}
    named = {"--parameter": [*plan.names, *(name for pair in plan.pairs for name in pair)]}
    for argument, names in (named | {"--at": [*plan.at], "--null": [*plan.null]}).items():
        for name in names:
            _checks.check_known(argument, name, entries)
    for name, factor in {name: f for factors in plan.exposures for name, f in factors.items()}.items():
        _checks.check_known("--exposure", name, experiments)
        experiments[name].exposed(factor)


def run(
    analysis: Analysis,
    maximum: Maximum,
    plan: Plan,
    folder: Path,
    record: Run,
    *,
    resume: bool = False,
    progress: Callable[[int], None] = lambda done: None,
    executor: Executor | None = None,
) -> Answer:
    """What exposures bring; writes `forecast.csv`, `forecast.json`, `forecast.npz` and figures.

    **Arguments:** the analysis and its maximum; what is asked; the folder; the record of the run, with its name;
    whether to go on from the checkpoint of the same forecast; who is told how many exposures are finished, and who does
    them.

    **Raises:** `ValueError` for names of no number or experiment; `KeyboardInterrupt`, when what is finished is kept.
    """
    check(analysis, plan)
    fit, name = analysis.fit, record.name
    kept = {"checkpoint": folder / "forecast.npz", "resume": resume, "progress": progress, "executor": executor}
    given = {"at": plan.at, "null": plan.null, "level": analysis.level}
    with locked(writable("folder", folder)):
        found = infer.forecast(fit, maximum, plan.exposures, plan.names, **given, **kept)
        made = results.forecast_record(record, found, plan.words, plan.null)
        written = [results.forecast_table(made, folder / "forecast.csv"), folder / "forecast.npz"]
        written.append(results.keep(made, folder / "forecast.json"))
        if len(plan.exposures) > 1:
            written.append(plots.write(plots.forecast(found, analysis.quantities, name), folder / "forecast.png"))
        written += [_plane(analysis, maximum, found, plan, pair, folder, name) for pair in plan.pairs]
    return Answer(made, found, tuple(written))


def _plane(
    analysis: Analysis,
    maximum: Maximum,
    found: Forecast,
    plan: Plan,
    pair: tuple[str, str],
    folder: Path,
    title: str,
) -> Path:
    """Of two numbers, at the first and at the last exposure."""
    fit, places = analysis.fit, [found.place(name) for name in pair]
    truth = infer.conditional(fit, maximum, plan.at)
    sd = found.standard_deviations[0, places]
    if not np.all(np.isfinite(sd)):
        _checks.fail("--parameter", "pair numbers with an error each", f"one of {', '.join(pair)} is at its bound")
    profiles = []
    for row in dict.fromkeys((0, len(plan.exposures) - 1)):
        here = median(fit, truth, plan.exposures[row])
        grids = {name: _axis(analysis, found, row, name) for name in pair}
        words = ", ".join(f"{factor:g} x {name}" for name, factor in plan.exposures[row].items()) or "present data"
        covariance = found.covariance[row][np.ix_(places, places)]
        profiles.append((words, infer.profile(here.fit, here.maximum, grids), covariance))
    first, second = (analysis.quantities[name.partition("[")[0]] for name in pair)
    best = (float(found.truth[places[0]]), float(found.truth[places[1]]))
    levels = sorted({_ONE, analysis.level})
    figure = plots.forecast_contours(profiles, best, (first, second), levels=levels, title=title)
    stem = "_".join("".join(c if c.isalnum() else "_" for c in name).strip("_") for name in pair)
    return plots.write(figure, folder / f"forecast_{stem}.png")


def _axis(analysis: Analysis, found: Forecast, row: int, name: str) -> np.ndarray:
    """Around the true value, inside the prior."""
    fit, place = analysis.fit, found.place(name)
    best, sd = found.truth[place], found.standard_deviations[row, place]
    low, high = fit.space.bounds(name, fit.priors[fit.space.entries[name].parameter])
    edge = 1e-3 * sd
    return np.linspace(max(best - _SPAN * sd, low + edge), min(best + _SPAN * sd, high - edge), _GRID)
