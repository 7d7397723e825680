"""Kinds of published results, and how each comes out of a fit here."""

import abc
import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax import infer
from nmmjax.experiments import Experiment
from nmmjax.fit import Fit
from nmmjax.infer import Maximum
from nmmjax.numerics.special import two_sided_quantile
from nmmjax.results.verifying import ClaimRecord, LineRecord, NumberRecord, PanelRecord

ONE_SIGMA = 0.6826894921370859
"""Confidence of one standard deviation."""
_POINTS = 41
_STARTS = 8
_HIGHEST = 9.0
"""Published Delta chi^2 up to which curves are compared..."""
_REGION = 6.1801
"""...and surfaces: two standard deviations of two numbers."""

Question = Callable[[], Fit]
"""The model and the data in which a paper states its result, in its own coordinates."""


class Solution(NamedTuple):
    """A fit and its maximum."""

    fit: Fit
    maximum: Maximum

    def profile(self, name: str, reach: tuple[float, float], points: int = _POINTS) -> infer.Profile:
        """Delta chi^2 of one sampled number over a range, its best value included."""
        best = self.best(name)
        grid = np.linspace(*reach, points)
        grid = np.union1d(grid, best) if reach[0] < best < reach[1] else grid
        return infer.profile(self.fit, self.maximum, {name: grid})

    def best(self, name: str) -> float:
        """A sampled number at the maximum."""
        return self.fit.space.value(self.maximum.parameters, name)

    def chi2(self) -> float:
        """-2 ln L at the maximum."""
        return -2.0 * float(self.fit.log_likelihood(self.maximum.parameters))


def solved(question: Question) -> Solution:
    """The solution of a question.

    **Raises:** `FloatingPointError` where the search ends at no maximum.
    """
    fit = question()
    maximum = infer.maximize(fit, settings=infer.Settings(starts=_STARTS))
    if not maximum.good:
        raise FloatingPointError(f"No maximum of {question.__name__}: {maximum.status.value}.")
    return Solution(fit, maximum)


class Answers:
    """Solutions of questions, each searched once."""

    def __init__(self):
        self._known: dict[Question, Solution] = {}

    def __call__(self, question: Question) -> Solution:
        """The solution, found when it is first asked for.

        **Raises:** as `solved`.
        """
        if question not in self._known:
            self._known[question] = solved(question)
        return self._known[question]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim(abc.ABC):
    """Abstract: one published result, where it is published, and the question it answers."""

    what: str
    source: str
    question: Question
    unit: str = ""

    @abc.abstractmethod
    def compared(self, answers: Answers) -> ClaimRecord:
        """The published result beside that of the package."""

    def record(self, distance: float, **others: object) -> ClaimRecord:
        """With what all kinds share."""
        given = {"published": None, "here": None} | others
        return ClaimRecord(what=self.what, unit=self.unit, source=self.source, distance=distance, **given)  # pyright: ignore


@dataclasses.dataclass(frozen=True, kw_only=True)
class Interval(Claim):
    """A best value with errors, or the ends of an interval, of a number that the fit samples.

    **Fields:** `name` of the number in the fit; `published`: best value, error up and down (positive); `reach` of the
    profile and its `points`; `confidence` of the errors; `into`, an ascending function from the sampled number to the
    published one, where they are not the same. With `ends` all of the region below the level is compared, between its
    outer ends, and the middle takes the place of the best value on both sides.
    """

    name: str
    symbol: str
    published: tuple[float, float, float]
    reach: tuple[float, float]
    points: int = _POINTS
    confidence: float = ONE_SIGMA
    into: Callable[[Solution, np.ndarray], np.ndarray] = lambda solution, x: x
    ends: bool = False

    def compared(self, answers: Answers) -> ClaimRecord:
        """Errors by where the profile crosses the height of the confidence level."""
        solution, level = answers(self.question), infer.two_sided(self.confidence)
        found = solution.profile(self.name, self.reach, self.points)
        found = found._replace(grids=(self.into(solution, found.grids[0]),))
        regions = found.regions(level)
        low, high = (regions[0][0], regions[-1][1]) if self.ends else found.crossings(level)
        best = self.into(solution, np.array([solution.best(self.name)])).item()
        best = 0.5 * (low + high) if self.ends else best
        middle, plus, minus = self.published
        shift, sigmas = best - middle, two_sided_quantile(self.confidence)
        return self.record(
            shift / ((plus if shift > 0.0 else minus) / sigmas),
            width=_farthest((high - best) / plus, (best - low) / minus),
            published=NumberRecord(*self.published),
            here=NumberRecord(best, _known(high - best), _known(best - low)),
            panel=_profile_panel(found, self.symbol, _parabola(found.grids[0], self.published, level), level),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limit(Claim):
    """An upper limit on a number that the fit samples.

    **Fields:** as of `Interval`; `height`: the Delta chi^2 that the paper takes, two-sided unless it is given.
    """

    name: str
    symbol: str
    published: float
    reach: tuple[float, float]
    confidence: float = infer.LEVEL
    height: float | None = None

    def compared(self, answers: Answers) -> ClaimRecord:
        """Where the profile crosses the height of the confidence level from below."""
        level = infer.two_sided(self.confidence) if self.height is None else self.height
        found = answers(self.question).profile(self.name, self.reach)
        _, high = found.crossings(level)
        ratio = high / self.published
        return self.record(
            two_sided_quantile(self.confidence) * (ratio - 1.0),
            width=ratio,
            published=NumberRecord(self.published),
            here=NumberRecord(high),
            panel=_profile_panel(found, self.symbol, ((self.published,) * 2, (0.0, level)), level),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Number(Claim):
    """Any published number: events, a difference of chi^2, a significance.

    **Fields:** `value`, a function of the solution that gives the number, or the number and its error; `published`: the
    number and its errors, if any; `scale`: what counts as one standard deviation where no error is published.
    """

    value: Callable[[Solution], float | tuple[float, float]]
    published: tuple[float, float | None, float | None]
    scale: float | None = None

    def compared(self, answers: Answers) -> ClaimRecord:
        """The distance in the published error, or in `scale`."""
        found, (best, plus, minus) = self.value(answers(self.question)), self.published
        number, error = found if isinstance(found, tuple) else (found, None)
        sigma = self.scale if self.scale is not None else plus if number > best else minus
        assert sigma is not None
        return self.record(
            (number - best) / sigma,
            width=None if error is None or plus is None or minus is None else _farthest(error / plus, error / minus),
            published=NumberRecord(*self.published),
            here=NumberRecord(number, error, error),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curve(Claim):
    """A published curve of Delta chi^2 over a number that the fit samples.

    **Fields:** `published`, a function that gives x and Delta chi^2; both sides count from their own minimum.
    """

    name: str
    symbol: str
    published: Callable[[], tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]]

    def compared(self, answers: Answers) -> ClaimRecord:
        """The largest distance of both curves in standard deviations, the roots of Delta chi^2."""
        x, y = self.published()
        solution = answers(self.question)
        found = infer.profile(solution.fit, solution.maximum, {self.name: x})
        lowest = float(np.min(found.delta_chi2))
        found = found._replace(delta_chi2=found.delta_chi2 - lowest)
        near = y < _HIGHEST
        distance = float(np.max(np.abs(_root(found.delta_chi2[near]) - _root(y[near]))))
        return self.record(distance, panel=_profile_panel(found, self.symbol, (x, y), None))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plane(Claim):
    """A published surface of Delta chi^2 over two numbers that the fit samples.

    **Fields:** `grids` of the numbers by name, that of the horizontal axis first; `published`, a function of both grids
    as a mesh that gives Delta chi^2.
    """

    symbols: tuple[str, str]
    grids: Mapping[str, Float[np.ndarray, " n"]]
    published: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def compared(self, answers: Answers) -> ClaimRecord:
        """The largest distance of both surfaces in standard deviations inside the region of two of them."""
        solution, (x, y) = answers(self.question), self.grids.values()
        found = infer.profile(solution.fit, solution.maximum, dict(self.grids)).delta_chi2.T
        known = np.asarray(self.published(*np.meshgrid(x, y)))
        known = known - np.min(known)
        inside = known < _REGION
        distance = float(np.max(np.abs(_root(found[inside]) - _root(known[inside]))))
        surfaces = tuple(tuple(tuple(map(_known, row.tolist())) for row in values) for values in (found, known))
        here = LineRecord(tuple(x.tolist()), tuple(y.tolist()))
        return self.record(distance, panel=PanelRecord("plane", self.symbols, here, surfaces=surfaces))


class Binned(NamedTuple):
    """Spectra on both sides, and what counts as one standard deviation of each bin."""

    edges: Float[np.ndarray, " n+1"]
    here: Float[np.ndarray, " n"]
    published: Float[np.ndarray, " n"]
    errors: Float[np.ndarray, " n"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bins(Claim):
    """A published spectrum, or a row of numbers, beside the one that is computed.

    **Fields:** `spectra`, a function of the solution; `axes`, labels of both axes.
    """

    spectra: Callable[[Solution], Binned]
    axes: tuple[str, str]

    def compared(self, answers: Answers) -> ClaimRecord:
        """The root mean square of the distances of the bins."""
        found = self.spectra(answers(self.question))
        distance = float(np.sqrt(np.mean(((found.here - found.published) / found.errors) ** 2)))
        edges = tuple(np.asarray(found.edges, float).tolist())
        here = LineRecord(edges, tuple(np.asarray(found.here, float).tolist()))
        published = LineRecord(edges, tuple(found.published.tolist()), tuple(np.asarray(found.errors, float).tolist()))
        return self.record(distance, panel=PanelRecord("bins", self.axes, here, published))


@dataclasses.dataclass(frozen=True)
class Verification:
    """What is verified of one experiment: its claims, and what a reader must know of them."""

    experiment: type[Experiment]
    claims: tuple[Claim, ...]
    caveats: str


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _root(values: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(values, 0.0))


def _farthest(*ratios: float) -> float | None:
    """The ratio that is farthest from one; those that are not known are left out."""
    known = [ratio for ratio in ratios if math.isfinite(ratio) and ratio > 0.0]
    return max(known, key=lambda ratio: abs(math.log(ratio)), default=None)


def _parabola(grid: np.ndarray, published: tuple[float, float, float], level: float) -> tuple[np.ndarray, np.ndarray]:
    """Delta chi^2 of a number with unequal errors, where no curve is published."""
    best, plus, minus = published
    return grid, level * ((grid - best) / np.where(grid > best, plus, minus)) ** 2


def _profile_panel(
    found: infer.Profile, symbol: str, published: tuple[object, object], level: float | None
) -> PanelRecord:
    (grid,) = found.grids
    here, known = (
        LineRecord(*(tuple(np.nan_to_num(np.asarray(v, float), posinf=1e9).tolist()) for v in line))
        for line in ((grid, found.delta_chi2), published)
    )
    return PanelRecord("profile", (symbol, r"$\Delta\chi^2$"), here, known, level=level)
