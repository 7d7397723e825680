"""An analysis: a fit, how it is to be answered and what is to be shown; and the order in which that is done.

    analysis = Analysis(Fit(model, experiments, priors), limits=("moment",))
    result = run(analysis, Path("results/moment"))

searches the maximum, draws from the posterior, profiles, and writes files and figures after each step: the command line
does the same.
"""

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np

from nmmjax import _checks, _compilation, infer, plots, results
from nmmjax.fit import Fit
from nmmjax.infer import LEVEL, Settings, two_sided
from nmmjax.low_energy import LowEnergy
from nmmjax.quantities import Quantity
from nmmjax.results import Derived, Published, Result, Seconds, Verdict, Wanted
from nmmjax.space import wrapped

__all__ = ["Analysis", "Derived", "Progress", "Published", "Settings", "run"]

_CONTOUR_POINTS = 31
"""Along each axis of a profile of two parameters."""
_SPAN, _PADDING = 4.0, 0.05
"""Ranges worth profiling: standard deviations, or the range of the draws and a little more."""


@dataclasses.dataclass(frozen=True)
class Analysis:
    """A fit with all that is never traced: changing any of it but `fit` compiles no likelihood anew.

    **Arguments:**

    - `fit`: the statistical question.
    - `settings`: how it is searched and sampled.
    - `limits`: sampled parameters whose intervals and upper limits by the profile likelihood stand beside those of the
      posterior.
    - `contours`: pairs (x, y) of sampled parameters whose profile likelihood is drawn.
    - `corner`: quantities, sampled or derived, that the corner figure shows (default: all sampled ones).
    - `derived`: quantities of one's own by name, each a `Derived` (or a plain function of the low-energy theory).
    - `published`: values to compare with.
    - `level`: confidence level of intervals and limits, at least one half.
    """

    fit: Fit
    settings: Settings = dataclasses.field(default_factory=Settings)
    limits: tuple[str, ...] = ()
    contours: tuple[tuple[str, str], ...] = ()
    corner: tuple[str, ...] = ()
    derived: Mapping[str, Derived | Callable[[LowEnergy], Any]] = dataclasses.field(default_factory=dict)
    published: Published | None = None
    level: float = LEVEL

    def __post_init__(self):
        _checks.check_instance("fit", self.fit, Fit)
        _checks.check_instance("settings", self.settings, Settings)
        two_sided(self.level)  # refuses a level without sense
        known, sampled = self.quantities, [name for name in self.fit.space.names if name in self.fit.space.labels]
        for argument, allowed in (("limits", sampled), ("corner", known)):
            given = getattr(self, argument)
            if isinstance(given, str):
                _checks.fail(argument, "be a tuple of names", f"it is {given!r}")
            for name in given:
                _checks.check_known(argument, name, allowed)
        for pair in self.contours:
            if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
                _checks.fail("contours", "be a tuple of pairs of two different parameters", f"one of them is {pair!r}")
            for name in pair:
                _checks.check_known("contours", name, sampled)
        if self.published is not None:
            _checks.check_instance("published", self.published, Published)
            for name, *_ in self.published.values:
                _checks.check_known("published", name, known)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Symbol and unit of every sampled and derived number."""
        own = {name: derived.quantity for name, derived in self.wanted.derived.items()}
        for name in own:
            if name in self.fit.quantities:
                _checks.fail("derived", "have names of its own", f"{name!r} is a quantity of the fit")
        return dict(self.fit.quantities) | own

    @property
    def wanted(self) -> Wanted:
        """What a result of it is to show."""
        derived = {name: _derived(name, given) for name, given in self.derived.items()}
        return Wanted(self.level, derived, tuple(self.corner), self.published)


def _derived(name: str, given: Derived | Callable[[LowEnergy], Any]) -> Derived:
    if isinstance(given, Derived):
        return given
    if not callable(given):
        _checks.fail(f"derived[{name!r}]", "be a Derived or a function of the low-energy theory", f"it is {given!r}")
    return Derived(given, r"{\rm " + name.replace("_", r"\ ") + "}")


class Progress:
    """Follows a run; this one is silent. The command line shows what it is told."""

    def step(self, words: str) -> AbstractContextManager[Any]:
        """While something is under way."""
        del words
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def sampling(self, name: str, settings: Settings) -> Iterator[Callable[[infer.Report], None]]:
        """While chains run; what it gives is called after each block of iterations."""
        del name, settings
        yield lambda report: None

    def say(self, words: str) -> None:
        """Something has been found or has happened."""

    def wrote(self, paths: Sequence[Path]) -> None:
        """Files of the result that stand now."""


def run(
    analysis: Analysis | Fit,
    folder: Path | None = None,
    *,
    name: str = "",
    resume: bool = False,
    sampled: bool = True,
    file: Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Answer an analysis: maximum, normal approximation, draws, profiles, figures; files after each step.

    **Arguments:**

    - `analysis`: a `Fit` stands for the analysis of all defaults.
    - `folder`: where `summary.json`, `posterior.nc`, `checkpoint.npz`, `checkpoint.draws` and figures go; nothing is
      written without it.
    - `name`: of the result (default: that of the folder, else of the model).
    - `resume`: go on from the folder's checkpoint of the same run.
    - `sampled`: False stops at maximum and profiles.
    - `file`: the file that built the analysis, to be named with its hash.
    - `progress`: is told what is under way.

    **Raises:** `KeyboardInterrupt` where it is interrupted with no draw to keep; an interruption while chains run keeps
    their draws, and the result says so.
    """
    analysis = Analysis(analysis) if isinstance(analysis, Fit) else analysis
    _checks.check_instance("analysis", analysis, Analysis)
    if folder is not None and not sampled and (folder / "posterior.nc").exists():
        _checks.fail("folder", "hold no posterior where nothing is to be sampled", f"`{folder}` does")
    name = name or (analysis.fit.model.__name__ if folder is None else folder.name)
    progress = Progress() if progress is None else progress
    fit, settings, wanted = analysis.fit, analysis.settings, analysis.wanted
    clock = _Clock.started()

    def kept(result: Result) -> Result:
        made = results.run_record(name, settings, seconds=clock.seconds(), file=file)
        result = msgspec.structs.replace(result, run=made)
        if folder is not None:
            progress.wrote(results.save(result, folder))
        return result

    maximum, laplace = _search(name, fit, settings, clock, progress)
    result = results.at_maximum(fit, maximum, laplace, wanted)
    if sampled and settings.sampled:
        if folder is not None and not (folder / "posterior.nc").exists():
            kept(_unfinished(result))
        draws = _sample(name, fit, maximum, settings, folder, resume, progress)
        result = results.with_draws(result, fit, draws, wanted)
    result = kept(result)
    if (analysis.limits or analysis.contours) and (result.sampling is None or result.sampling.complete):
        result = kept(result.with_profiles(*_profiles(name, analysis, maximum, laplace, result, progress)))
    if folder is not None:
        with progress.step(f"{name}: drawing"):
            progress.wrote(plots.draw_all(result, folder))
    return result


class _Clock(NamedTuple):
    """Wall time and compilation since a run began."""

    begun: float
    compiled: float

    @classmethod
    def started(cls) -> Self:
        return cls(time.perf_counter(), _compilation.seconds())

    def seconds(self) -> Seconds:
        return Seconds(time.perf_counter() - self.begun, _compilation.seconds() - self.compiled)


def _search(
    name: str, fit: Fit, settings: Settings, clock: _Clock, progress: Progress
) -> tuple[infer.Maximum, infer.Laplace]:
    with progress.step(f"{name}: searching the maximum from {settings.starts} starts"):
        maximum = infer.maximize(fit, settings=settings)
        laplace = infer.laplace(fit, maximum)
    found = f"{maximum.status.value}, ln p = {maximum.log_density:.3f} ({clock.seconds().wall:.1f} s)"
    progress.say(f"{name}: {found}")
    return maximum, laplace


def _unfinished(result: Result) -> Result:
    """What is kept while chains run."""
    reasons = (*result.verdict.reasons, "not finished: nothing has been drawn yet")
    return msgspec.structs.replace(result, verdict=Verdict(False, reasons))


def _sample(
    name: str,
    fit: Fit,
    maximum: infer.Maximum,
    settings: Settings,
    folder: Path | None,
    resume: bool,
    progress: Progress,
) -> infer.Draws:
    checkpoint = None if folder is None else folder / "checkpoint.npz"
    with progress.sampling(name, settings) as show:
        draws = infer.sample(fit, maximum, settings=settings, progress=show, checkpoint=checkpoint, resume=resume)
    if not draws.complete:
        progress.say(f"{name}: interrupted; the draws so far are kept, and resuming goes on from here")
    return draws


def _profiles(
    name: str,
    analysis: Analysis,
    maximum: infer.Maximum,
    laplace: infer.Laplace,
    result: Result,
    progress: Progress,
) -> tuple[list[infer.Limits], list[infer.Profile]]:
    """The profiles that an analysis wants: of one parameter for its limits, of two for contours."""
    fit, ranges = analysis.fit, _ranges(analysis, maximum, laplace, result)
    limits, pairs = [], []
    for parameter in analysis.limits:
        with progress.step(f"{name}: profiling {parameter}"):
            limits.append(infer.limits(fit, maximum, parameter, ranges[parameter], analysis.level))
    for x, y in analysis.contours:
        grids = {label: np.linspace(*ranges[label], _CONTOUR_POINTS) for label in (y, x)}
        with progress.step(f"{name}: profiling {x} and {y} on {_CONTOUR_POINTS} x {_CONTOUR_POINTS} points"):
            pairs.append(infer.profile(fit, maximum, grids))
    return limits, pairs


def _ranges(
    analysis: Analysis, maximum: infer.Maximum, laplace: infer.Laplace, result: Result
) -> dict[str, tuple[float, float]]:
    """The range of each sampled scalar parameter worth profiling: that of the draws, else some standard deviations.

    Padded, and kept inside the support of its prior; at most one turn of a phase. All of a prior with ends in an
    analysis that is not to be sampled, whose likelihood is far from normal.
    """
    fit, ranges = analysis.fit, {}
    for label, sd in zip(laplace.labels, laplace.standard_deviations, strict=True):
        if label not in fit.priors:
            continue
        best = float(maximum.parameters[label])
        bottom, top = fit.space.support_bounds(fit.priors[label])
        low, high = (best - _SPAN * sd, best + _SPAN * sd) if result.posterior is None else _extent(result, label)
        if not analysis.settings.sampled and math.isfinite(top - bottom):
            low, high = bottom, top
        low, high = low - _PADDING * (high - low), high + _PADDING * (high - low)
        edge = 1e-3 * (high - low)
        ranges[label] = (max(low, bottom + edge), min(high, top - edge))
    return ranges


def _extent(result: Result, label: str) -> tuple[float, float]:
    """Smallest and largest draw; of a phase, around its circular mean."""
    draws = result.draws(label)
    if not result.row(label).circular:
        return float(draws.min()), float(draws.max())
    mean = np.angle(np.mean(np.exp(1j * draws)))
    deviations = wrapped(draws - mean)
    return float(mean + deviations.min()), float(mean + deviations.max())
