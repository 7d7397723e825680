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
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from nmmjax import _checks, _compilation, infer, plots, results
from nmmjax._files import locked, writable
from nmmjax._interruption import Interruption
from nmmjax._wiring import check_number
from nmmjax.fit import Fit, Parameters, abstract
from nmmjax.infer import LEVEL, Settings, two_sided
from nmmjax.low_energy import LowEnergy
from nmmjax.models import arguments
from nmmjax.quantities import Quantity
from nmmjax.results import Derived, Published, Result, Run, Seconds, Verdict, Wanted
from nmmjax.space import wrapped

__all__ = ["Analysis", "Derived", "Progress", "Published", "Settings", "run"]

_CHECKPOINT = "checkpoint.npz"
_CONTOUR_POINTS = 31
"""Along each axis of a profile of two parameters."""
_END = 1e-6
"""Share of a prior at each end that is left out, where its coordinate is infinite."""
_MOST_TESTED = 6
"""Numbers that are tested unless some are named."""
_SPAN, _PADDING = 4.0, 0.05
"""Ranges worth profiling: standard deviations, or the range of the draws and a little more."""


@dataclasses.dataclass(frozen=True)
class Analysis:
    """A fit with all that is never traced: changing any of it but `fit` compiles no likelihood anew.

    **Arguments:**

    - `fit`: the statistical question.
    - `settings`: how it is searched and sampled.
    - `limits`: sampled parameters, or entries of arrays such as `x[0]`, whose intervals and upper limits by the profile
      likelihood stand beside those of the posterior.
    - `contours`: pairs (x, y) of such parameters whose profile likelihood is drawn.
    - `exclusions`: pairs (x, y) of such parameters, whose priors have ends: the upper limit of y at each x is drawn.
    - `corner`: quantities, sampled or derived, that the corner figure shows (default: all sampled ones).
    - `derived`: quantities of one's own by name, each a `Derived` (or a plain function of the low-energy theory).
    - `published`: values to compare with.
    - `level`: confidence level of intervals and limits, at least one half.
    - `changes`: what has been changed of it, as `nmmjax.changes.applied` records.
    """

    fit: Fit
    settings: Settings = dataclasses.field(default_factory=Settings)
    limits: tuple[str, ...] = ()
    contours: tuple[tuple[str, str], ...] = ()
    exclusions: tuple[tuple[str, str], ...] = ()
    corner: tuple[str, ...] = ()
    derived: Mapping[str, Derived | Callable[[LowEnergy], Any]] = dataclasses.field(default_factory=dict)
    published: Published | None = None
    level: float = LEVEL
    changes: tuple[str, ...] = ()

    def __post_init__(self):
        _checks.check_instance("fit", self.fit, Fit)
        _checks.check_instance("settings", self.settings, Settings)
        two_sided(self.level)  # refuses a level without sense
        known, sampled = self.quantities, self.fit.space.entries
        for argument, allowed in (("limits", sampled), ("corner", (*known, *self.fit.space.labels))):
            given = getattr(self, argument)
            if isinstance(given, str):
                _checks.fail(argument, "be a tuple of names", f"it is {given!r}")
            for name in given:
                _checks.check_known(argument, name, allowed)
        for argument in ("contours", "exclusions"):
            for pair in getattr(self, argument):
                if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
                    _checks.fail(
                        argument, "be a tuple of pairs of two different parameters", f"one of them is {pair!r}"
                    )
                for name in pair:
                    _checks.check_known(argument, name, sampled)
        for name in (name for pair in self.exclusions for name in pair):
            if not all(map(math.isfinite, _support(self.fit, name))):
                _checks.fail("exclusions", "name parameters whose priors have two ends", f"that of {name} has not")
        if self.published is not None:
            _checks.check_instance("published", self.published, Published)
            for name, *_ in self.published.values:
                _checks.check_known("published", name, known)
        self._check_derived()

    def _check_derived(self) -> None:
        """What is derived is one real number each, before anything is compiled."""
        name = self.fit.model_class.__name__

        def values(parameters: Parameters) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
            model, theory, _ = self.fit.point(parameters)
            return model.derived(), {name: own.function(theory) for name, own in self.wanted.derived.items()}

        of_model, own = abstract(self.fit, values)
        if not isinstance(of_model, Mapping):
            _checks.fail("model", "return a dictionary from `derived`", f"that of `{name}` returns {of_model}")
        for quantity, value in of_model.items():
            _checks.check_known(f"{name}.derived_quantities", quantity, self.fit.quantities)
            check_number("model", "derive real numbers", f"`{name}.derived` as {quantity!r}", value)
        for quantity, value in own.items():
            check_number(f"derived[{quantity!r}]", "return one real number", "it", value)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Symbol and unit of every sampled and derived number."""
        own = {name: derived.quantity for name, derived in self.wanted.derived.items()}
        for name in own:
            if name in self.fit.quantities:
                _checks.fail("derived", "have names of its own", f"{name!r} is a quantity of the fit")
        return dict(self.fit.quantities) | own

    @property
    def tested(self) -> tuple[str, ...]:
        """The numbers of which limits or contours are wanted, else the first of the model's own that are sampled."""
        wanted = (*self.limits, *(name for pair in self.contours for name in pair))
        own, entries = arguments(self.fit.model), self.fit.space.entries
        return tuple(dict.fromkeys(wanted or [n for n, e in entries.items() if e.parameter in own][:_MOST_TESTED]))

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

    @contextlib.contextmanager
    def surveying(self, words: str) -> Iterator[Callable[[infer.Surveyed], None]]:
        """While a profile is followed; what it gives is called after each few descents."""
        del words
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

    Processes of one job, joined by `jax.distributed`, each call it with the same arguments: they share the chains, and
    the first one alone writes; with `resume` all of them read the folder.

    Ctrl-C and SIGTERM end it early. While chains run, their draws are kept, and the result says that it is not
    finished; while draws are summarized, that is finished first.

    **Raises:** `KeyboardInterrupt` where it is interrupted before there are draws, or after all are kept; `ValueError`
    where another run writes the folder.
    """
    analysis = Analysis(analysis) if isinstance(analysis, Fit) else analysis
    _checks.check_instance("analysis", analysis, Analysis)
    folder = None if folder is None else Path(folder)
    if folder is not None and not sampled and (folder / "posterior.nc").exists():
        _checks.fail("folder", "hold no posterior where nothing is to be sampled", f"`{folder}` does")
    name = name or (analysis.fit.model.__name__ if folder is None else folder.name)
    progress = Progress() if progress is None else progress
    checkpoint = None if folder is None else folder / _CHECKPOINT
    folder = folder if infer.leads() else None
    alone = contextlib.nullcontext() if folder is None else locked(writable("folder", folder))
    with alone, Interruption() as interruption:
        record = results.run_record(name, analysis.settings, file=file, changes=analysis.changes)
        under_way = _Run(name, analysis, folder, checkpoint, record, progress, _Clock(), interruption)
        return under_way.answer(sampled and analysis.settings.sampled, resume)


class _Clock:
    """Where the time has gone since a run began."""

    def __init__(self):
        self._begun, self._spent = time.perf_counter(), _compilation.spent()
        self._own = {"sampling": 0.0, "drawing": 0.0}

    @contextlib.contextmanager
    def counts(self, what: str) -> Iterator[None]:
        """Add the time within, but for tracing and compilation, to sampling or drawing."""
        before = self.seconds()
        try:
            yield
        finally:
            now = self.seconds()
            programs = (now.tracing - before.tracing) + (now.compilation - before.compilation)
            self._own[what] += max(now.wall - before.wall - programs, 0.0)

    def seconds(self) -> Seconds:
        """What a record keeps."""
        spent = _compilation.spent().since(self._spent)
        return Seconds(time.perf_counter() - self._begun, spent.tracing, spent.compiling, **self._own)


class _Run(NamedTuple):
    """A run that is under way."""

    name: str
    analysis: Analysis
    folder: Path | None
    """Where it is written; None in processes other than the first of a job."""
    checkpoint: Path | None
    record: Run
    """As it began, with the analysis file as it was then."""
    progress: Progress
    clock: _Clock
    interruption: Interruption

    def answer(self, sampled: bool, resume: bool) -> Result:
        """All steps."""
        analysis, folder = self.analysis, self.folder
        if sampled and resume and self.checkpoint is not None:
            infer.check_resumable(analysis.fit, self.checkpoint, settings=analysis.settings)
        chains = sampled and analysis.settings.sampler is infer.Sampler.NUTS
        with self._compiling_chains() if chains else contextlib.nullcontext():
            maximum, laplace = self._search()
            result = results.at_maximum(analysis.fit, maximum, laplace, analysis.wanted)
        if sampled:
            if folder is not None and not (folder / "posterior.nc").exists():
                self._kept(_unfinished(result))
            draws = self._sample(maximum, resume)
            result = self._summarized(result, draws)
        else:
            result = self._kept(result)
        if (analysis.limits or analysis.contours or analysis.exclusions) and (
            result.sampling is None or result.sampling.complete
        ):
            result = self._kept(result.with_profiles(*self._profiles(maximum, laplace, result)))
        if folder is not None:
            with self.clock.counts("drawing"), self._step("drawing"):
                self.progress.wrote(plots.draw_all(result, folder))
            result = self._kept(result)
        return result

    @contextlib.contextmanager
    def _step(self, words: str) -> Iterator[None]:
        """Something that takes time, after which an interruption is heeded even where it was swallowed."""
        with self.progress.step(f"{self.name}: {words}"):
            yield
        self.interruption.check()

    def _kept(self, result: Result) -> Result:
        """The result with the record of this run, written."""
        record = msgspec.structs.replace(self.record, seconds=self.clock.seconds())
        result = msgspec.structs.replace(result, run=record)
        if self.folder is not None:
            self.progress.wrote(results.save(result, self.folder))
        return result

    @contextlib.contextmanager
    def _compiling_chains(self) -> Iterator[None]:
        """In another thread; its end is awaited at the end, unless that is an error."""
        with self._step("tracing the chains"):
            compile_them = infer.chains_ahead(self.analysis.fit, self.analysis.settings)
        pool = ThreadPoolExecutor(1)
        under_way = pool.submit(compile_them)
        try:
            yield
            under_way.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _search(self) -> tuple[infer.Maximum, infer.Laplace]:
        fit, settings = self.analysis.fit, self.analysis.settings
        with self._step(f"searching the maximum from {settings.starts} starts"):
            maximum = infer.maximize(fit, settings=settings)
            laplace = infer.laplace(fit, maximum)
        found = f"{maximum.status.value}, ln p = {maximum.log_density:.3f} ({self.clock.seconds().wall:.1f} s)"
        self.progress.say(f"{self.name}: {found}")
        return maximum, laplace

    def _sample(self, maximum: infer.Maximum, resume: bool) -> infer.Draws:
        fit, settings = self.analysis.fit, self.analysis.settings
        checkpoint = self.checkpoint
        with self.clock.counts("sampling"), self.progress.sampling(self.name, settings) as show:

            def tell(report: infer.Report) -> None:
                show(report)
                self.interruption.check()

            sampler = {infer.Sampler.NUTS: infer.sample, infer.Sampler.SMC: infer.temper}[settings.sampler]
            draws = sampler(fit, maximum, settings=settings, progress=tell, checkpoint=checkpoint, resume=resume)
        if not draws.complete:
            self.interruption.taken()
            self.progress.say(f"{self.name}: interrupted; the draws so far are kept, and resuming goes on from here")
        return draws

    def _summarized(self, result: Result, draws: infer.Draws) -> Result:
        """The result with its draws, written: an interruption waits for it."""
        with self.interruption.deferred(), self.progress.step(f"{self.name}: summarizing the draws"):
            result = self._kept(results.with_draws(result, self.analysis.fit, draws, self.analysis.wanted))
        self.interruption.check()
        return result

    def _profiles(
        self, maximum: infer.Maximum, laplace: infer.Laplace, result: Result
    ) -> tuple[list[infer.Limits], list[infer.Profile], list[infer.Exclusion]]:
        """The profiles that an analysis wants: of one parameter for its limits, of two for contours and exclusions."""
        analysis, ranges = self.analysis, _ranges(self.analysis, maximum, laplace, result)
        limits, pairs, exclusions = [], [], []
        for parameter in analysis.limits:
            with self._step(f"profiling {parameter}"):
                limits.append(infer.limits(analysis.fit, maximum, parameter, ranges[parameter], analysis.level))
        for x, y in analysis.contours:
            grids = {label: np.linspace(*ranges[label], _CONTOUR_POINTS) for label in (y, x)}
            with self._step(f"profiling {x} and {y} on {_CONTOUR_POINTS} x {_CONTOUR_POINTS} points"):
                pairs.append(infer.profile(analysis.fit, maximum, grids))
        for x, y in analysis.exclusions:
            axes = (_whole(analysis.fit, x), _whole(analysis.fit, y))
            with self._step(f"limits of {y} at each {x}"):
                exclusions.append(infer.exclusion(analysis.fit, maximum, *axes, level=analysis.level))
        return limits, pairs, exclusions


def _unfinished(result: Result) -> Result:
    """What is kept while chains run."""
    reasons = (*result.verdict.reasons, "not finished: nothing has been drawn yet")
    return msgspec.structs.replace(result, verdict=Verdict(False, reasons, result.verdict.notes))


def _ranges(
    analysis: Analysis, maximum: infer.Maximum, laplace: infer.Laplace, result: Result
) -> dict[str, tuple[float, float]]:
    """The range of each sampled number worth profiling: that of the draws, else some standard deviations.

    Padded, and kept inside the support of its prior; at most one turn of a phase. All of a prior with ends in an
    analysis that is not to be sampled, whose likelihood is far from normal.
    """
    fit, ranges = analysis.fit, {}
    entries = fit.space.entries
    for label, sd in zip(laplace.labels, laplace.standard_deviations, strict=True):
        if label not in entries:
            continue
        best = fit.space.value(maximum.parameters, label)
        bottom, top = _support(fit, label)
        low, high = (best - _SPAN * sd, best + _SPAN * sd) if result.posterior is None else _extent(result, label)
        if not analysis.settings.sampled and math.isfinite(top - bottom):
            low, high = bottom, top
        low, high = low - _PADDING * (high - low), high + _PADDING * (high - low)
        edge = 1e-3 * (high - low)
        ranges[label] = (max(low, bottom + edge), min(high, top - edge))
    return ranges


def _support(fit: Fit, label: str) -> tuple[float, float]:
    """Ends of the prior of a sampled number."""
    return fit.space.bounds(label, fit.priors[fit.space.entries[label].parameter])


def _whole(fit: Fit, label: str) -> infer.Axis:
    """All of the prior of a sampled number, but for a millionth of it at both ends."""
    low, high = _support(fit, label)
    axis = infer.Axis(label, low, high)
    return infer.Axis(label, *map(float, axis.at(np.array([_END, 1.0 - _END]))))


def _extent(result: Result, label: str) -> tuple[float, float]:
    """Smallest and largest draw; of a phase, around its circular mean."""
    draws = result.draws(label)
    if not result.row(label).circular:
        return float(draws.min()), float(draws.max())
    mean = np.angle(np.mean(np.exp(1j * draws)))
    deviations = wrapped(draws - mean)
    return float(mean + deviations.min()), float(mean + deviations.max())
