"""Profile likelihoods of an analysis by name: the search, the survey, its table and its figure."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

from nmmjax import _checks, infer, plots
from nmmjax._files import atomic, locked, writable
from nmmjax.analysis import Analysis, Progress
from nmmjax.executors import Executor
from nmmjax.infer import Axis, Laplace, Maximum, Survey

_SPAN = 4.0
"""Standard deviations to both sides of the maximum, where no range is given."""
_EDGE = 1e-4
"""Share of the support of a prior that is left out at an end."""
_DRAWS, _FARTHEST = 64, 14.0
"""Draws that tell whether a number is positive, and the largest logarithm of a factor to both sides."""
_COARSE = {1: 25, 2: 13}
"""Points along each axis before refinement, by how many numbers are profiled."""
_REFINEMENTS = {1: 3, 2: 3}
_ONE, _THREE = 0.682689, 0.997300
"""Shares of a normal distribution within one and three standard deviations."""


class Answer(NamedTuple):
    """What a survey of an analysis has found."""

    name: str
    maximum: Maximum
    survey: Survey
    best: tuple[float, ...]
    """The profiled numbers at the maximum."""
    levels: tuple[float, ...]
    """Confidence levels, ascending."""
    written: tuple[Path, ...]

    @property
    def good(self) -> bool:
        """Whether there are a maximum and a curve of which nothing is missing."""
        return self.maximum.good and self.survey.failed < len(self.survey.places) and not self.survey.missing


def run(
    analysis: Analysis,
    names: Sequence[str],
    folder: Path,
    *,
    name: str = "",
    ranges: Sequence[tuple[float, float]] = (),
    points: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Answer:
    """Profile one or two numbers of an analysis, sampled or derived, and write table, checkpoint and figure.

    **Arguments:**

    - `names`: labels of sampled numbers (`x`, `y_re[0,1]`), derived numbers of the model, or those of the analysis.
    - `folder`: where `NAMES.csv`, `NAMES.png` and `NAMES.checkpoint.npz` go.
    - `ranges`: for each of the names (default: four standard deviations around the maximum, inside the prior; all of
      the prior in an analysis that is not to be sampled).
    - `points`: along each axis before refinement (default 25 for one number, 13 for two).
    - `resume`: go on from the checkpoint of the same survey.
    - `executor`: who does the descents of the survey (default: this process).

    **Raises:** `ValueError` for an unknown number, with the nearest names; `KeyboardInterrupt` where it is interrupted,
    when all that was finished is in the checkpoint.
    """
    check_names(analysis, names)
    if len(ranges) > len(names):
        _checks.fail("ranges", "be one for each number that is profiled", f"there are {len(ranges)} for {len(names)}")
    progress, name = progress or Progress(), name or folder.name
    with locked(writable("folder", folder)):
        with progress.step(f"{name}: searching the maximum from {analysis.settings.starts} starts"):
            maximum = infer.maximize(analysis.fit, settings=analysis.settings)
            laplace = infer.laplace(analysis.fit, maximum)
        progress.say(f"{name}: {maximum.status.value}, ln p = {maximum.log_density:.3f}")
        functions = {own: derived.function for own, derived in analysis.wanted.derived.items()}
        best = infer.numbers_at(analysis.fit, np.asarray(maximum.z)[None], tuple(names), functions)[0]
        given = (*ranges, *(None for _ in names[len(ranges) :]))
        axes = tuple(
            Axis(number, *(_default(analysis, maximum, laplace, number, float(at)) if ends is None else ends))
            for number, at, ends in zip(names, best, given, strict=True)
        )
        levels = tuple(sorted({_ONE, analysis.level, _THREE}))
        heights = {infer.region(level, len(names)) for level in levels}
        heights |= {infer.one_sided(analysis.level)} if len(names) == 1 else set()
        stem = "_".join("".join(c if c.isalnum() else "_" for c in number).strip("_") for number in names)
        with progress.surveying(f"{name}: profiling {' and '.join(names)}") as show:
            found = infer.survey(
                analysis.fit,
                maximum,
                axes,
                levels=sorted(heights),
                points=points or _COARSE[len(names)],
                refinements=_REFINEMENTS[len(names)],
                functions=functions,
                checkpoint=folder / f"{stem}.checkpoint.npz",
                resume=resume,
                progress=show,
                executor=executor,
            )
        answer = Answer(name, maximum, found, tuple(best.tolist()), levels, ())
        table = _write(analysis, answer, folder / f"{stem}.csv")
        with progress.step(f"{name}: drawing"):
            quantities = tuple(analysis.quantities[number.partition("[")[0]] for number in names)
            figure = plots.surveyed(found, quantities, best=answer.best, levels=levels, title=name)
            drawn = plots.write(figure, folder / f"{stem}.png")
    return answer._replace(written=(table, drawn))


def check_names(analysis: Analysis, names: Sequence[str]) -> None:
    """One or two different numbers that the analysis has."""
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        _checks.fail("PARAMETER", "be one number or two different ones", f"it is {' '.join(names)}")
    known = infer.profiled(analysis.fit, {own: d.function for own, d in analysis.wanted.derived.items()})
    for number in names:
        _checks.check_known("PARAMETER", number, known)


def _default(analysis: Analysis, maximum: Maximum, laplace: Laplace, name: str, best: float) -> tuple[float, float]:
    """The range of a number that is worth profiling."""
    fit = analysis.fit
    functions = {own: derived.function for own, derived in analysis.wanted.derived.items()}
    sd = infer.spread(fit, maximum, laplace.covariance_z, name, functions)
    low, high = best - _SPAN * sd, best + _SPAN * sd
    entry = fit.space.entries.get(name)
    if entry is None:
        quantity = analysis.quantities[name]
        bottom, top = quantity.low, quantity.high
    else:
        bottom, top = fit.space.bounds(name, fit.priors[entry.parameter])
        if not analysis.settings.sampled and math.isfinite(top - bottom):
            low, high = bottom, top
    if low <= 0.0 < best and (bottom > 0.0 or (entry is None and _is_positive(analysis, name))):
        factor = math.exp(min(_SPAN * sd / best, _FARTHEST))
        low, high = best / factor, best * factor
    low, high = _inside(low, high, bottom, top)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        _checks.fail("--range", f"be given for {name}", "nothing says how far it may vary around the maximum")
    return low, high


def _is_positive(analysis: Analysis, name: str) -> bool:
    """Whether a derived number is positive in all of the prior, as far as draws tell."""
    fit, keys = analysis.fit, jax.random.split(jax.random.PRNGKey(analysis.settings.seed), _DRAWS)
    functions = {own: derived.function for own, derived in analysis.wanted.derived.items()}
    values = infer.numbers_at(fit, np.asarray(jax.vmap(fit.space.draw)(keys)), (name,), functions)
    return bool(np.all(values[np.isfinite(values)] > 0.0))


def _inside(low: float, high: float, bottom: float, top: float) -> tuple[float, float]:
    """A range cut to a little less than the support of a prior, which lies on the scale of the smaller of the two."""
    if bottom > 0.0:
        edge = (top / bottom) ** _EDGE if math.isfinite(top) else 1.0 + _EDGE
        return max(low, bottom * edge), min(high, top / edge)
    width = min(high, top) - max(low, bottom)
    return max(low, bottom + _EDGE * width), min(high, top - _EDGE * width)


def _write(analysis: Analysis, answer: Answer, path: Path) -> Path:
    """A row for each point: the profiled numbers, Delta chi^2 (empty where there is none), all sampled numbers."""
    found, fit = answer.survey, analysis.fit
    names = tuple(axis.name for axis in found.axes)
    others = tuple(label for label in fit.space.labels if label not in names)
    sampled = fit.space.wrap(infer.numbers_at(fit, found.z, fit.space.labels))
    columns = [fit.space.labels.index(label) for label in others]
    units = _units(analysis, (*names, *others))
    with atomic(path) as temporary, temporary.open("w", newline="") as stream:
        stream.write(f"# {answer.name}: profile likelihood of {' and '.join(names)}\n")
        stream.write(f"# highest ln p: {found.log_density!r}; points without a maximum: {found.failed}\n")
        heights = (f"{100.0 * level:.4g} %: {infer.region(level, len(names)):.4f}" for level in answer.levels)
        stream.write(f"# Delta chi2 of regions: {', '.join(heights)}\n")
        stream.write(f"# units: {', '.join(f'{name}: {unit}' for name, unit in units.items()) or 'none'}\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((*names, "delta_chi2", *others))
        for values, chi2, row in zip(found.values, found.delta_chi2, sampled, strict=True):
            rest = (
                [""] * (1 + len(columns)) if np.isnan(chi2) else [f"{chi2:.6g}", *(f"{x:.10g}" for x in row[columns])]
            )
            writer.writerow((*(f"{value:.10g}" for value in values), *rest))
    return path


def _units(analysis: Analysis, names: Sequence[str]) -> Mapping[str, str]:
    found = {name: analysis.quantities.get(name.partition("[")[0]) for name in names}
    return {name: quantity.unit for name, quantity in found.items() if quantity is not None and quantity.unit}
