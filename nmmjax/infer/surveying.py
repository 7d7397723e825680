"""Profile likelihoods of sampled and derived numbers, on a lattice that is refined where their contours run."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from nmmjax import _checks
from nmmjax.executors import Executor, Here
from nmmjax.fit import Fit
from nmmjax.infer._conditional import Axis, Conditional
from nmmjax.infer._lattice import Lattice, Place, Surveyed
from nmmjax.infer._numbers import Functions, numbers_at
from nmmjax.infer._question import Pieces, pieces
from nmmjax.infer.optimization import Maximum
from nmmjax.infer.profiling import Profile

_PASSES = 4
"""So often a level of the lattice is looked through for contours that leave what is refined."""


class Survey(NamedTuple):
    """-2 ln of the profiled density relative to its maximum, at points of a lattice."""

    axes: tuple[Axis, ...]
    step: int
    """Between the points of the coarsest lattice, in those of the finest."""
    lattice: tuple[Float[np.ndarray, " n"], ...]
    """All values along each axis, at the finest."""
    places: Int[np.ndarray, "points axes"]
    """Of the points that were computed, in the lattice, ascending."""
    delta_chi2: Float[np.ndarray, " points"]
    """NaN where no descent has found a maximum that has these values."""
    z: Float[np.ndarray, "points d"]
    """Where the others are there."""
    log_density: float
    """ln p of the highest point: that of the maximum, unless a profile has found a higher one."""
    gain: float
    """How much higher in ln p than the maximum that is."""
    missing: tuple[str, ...] = ()
    """Descents that were not done, since their batches have failed, and why."""

    @property
    def values(self) -> Float[np.ndarray, "points axes"]:
        """The profiled numbers at the points that were computed."""
        return np.stack([axis[self.places[:, i]] for i, axis in enumerate(self.lattice)], axis=1)

    @property
    def failed(self) -> int:
        """How many points have no maximum."""
        return int(np.sum(np.isnan(self.delta_chi2)))

    @property
    def profile(self) -> Profile:
        """As a product of grids: in one dimension of the points themselves; in two of the finest lattice.

        Where that was not computed, far from the contours, it is interpolated; NaN beside points that have failed.
        """
        names = tuple(axis.name for axis in self.axes)
        if len(self.axes) == 1:
            return Profile(names, (self.values[:, 0],), self.delta_chi2)
        known = np.full(tuple(map(len, self.lattice)), np.nan)
        computed = np.zeros(known.shape, bool)
        index = tuple(self.places.T)
        known[index], computed[index] = self.delta_chi2, True
        step, filled = self.step, known
        while step > 1:
            for axis in range(filled.ndim):
                filled = _between(filled, axis, step)
            filled, step = np.where(computed, known, filled), step // 2
        return Profile(names, self.lattice, filled)

    def extent(self, level: float) -> tuple[tuple[float, ...], ...]:
        """Ends of the region below a level along each axis, one after the other; NaN where it reaches the range's."""
        inside = self.places[self.delta_chi2 < level]
        if not len(inside):
            return ()
        ends = []
        for values, places in zip(self.lattice, inside.T, strict=True):
            first, last = int(places.min()), int(places.max())
            ends += [
                float(values[first]) if first else np.nan,
                float(values[last]) if last < len(values) - 1 else np.nan,
            ]
        return (tuple(ends),)

    def regions(self, level: float) -> tuple[tuple[float, float], ...]:
        """All intervals in which a one-dimensional profile is below a level; NaN for an end beyond its range."""
        found = self.profile
        return found._replace(delta_chi2=np.nan_to_num(found.delta_chi2, nan=np.inf)).regions(level)


def _between(values: np.ndarray, axis: int, step: int) -> np.ndarray:
    """The means of neighbors at a distance, in the middle between them."""
    filled, values = np.swapaxes(values.copy(), 0, axis), np.swapaxes(values, 0, axis)
    filled[step // 2 :: step] = 0.5 * (values[:-1:step] + values[step::step])
    return np.swapaxes(filled, 0, axis)


def survey(
    fit: Fit,
    maximum: Maximum,
    axes: Sequence[Axis],
    *,
    levels: Sequence[float],
    points: int = 25,
    refinements: int = 3,
    functions: Functions | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Callable[[Surveyed], None] = lambda report: None,
    executor: Executor | None = None,
) -> Survey:
    """Maximize over everything but one or two numbers, sampled or derived, along their ranges.

    A sampled number is held; a derived one, g(z) = t, by an augmented Lagrangian, to `TOLERANCE` of an eighth of its
    range. Each point of a coarse lattice starts from the best modes and from the optima of its neighbors; then the
    cells in which a level of Delta chi^2 is crossed, and that of the maximum, are halved again and again.

    **Arguments:**

    - the fit, its maximum, and one or two axes.
    - `levels`: of Delta chi^2, whose contours are sought.
    - `points`: along each axis, at first; `refinements`: so often cells are halved.
    - `functions`: derived numbers of one's own by name, functions of the low-energy theory.
    - `progress`: is called after each few descents.
    - `checkpoint`: a file that is rewritten now and then; with `resume` the survey goes on from it, to the same result.
    - `executor`: who does the descents (default: this process, `executors.Here()`). A batch that fails twice finds no
      maximum, and is named in `Survey.missing`; resuming does it again.

    **Raises:** `ValueError` for an unknown number, a range beyond the support of a prior, or a checkpoint of another
    question.
    """
    if not 1 <= len(axes) <= 2 or len({axis.name for axis in axes}) < len(axes):
        _checks.fail("axes", "name one or two different numbers", f"they are {[axis.name for axis in axes]}")
    _checks.check_integer("points", points, low=3)
    for axis in axes:
        _check_range(fit, axis)
    conditional = Conditional(fit, maximum, axes, functions)
    step = 2**refinements
    lattice = tuple(axis.values((points - 1) * step + 1) for axis in axes)
    question = _question(fit, axes, points, refinements, levels, functions) if checkpoint else {}
    work = Lattice(conditional, lattice, executor or Here(), (checkpoint, question), progress)
    if resume and checkpoint is not None and checkpoint.exists():
        work.load()
    work.search(list(itertools.product(*(range(0, len(axis), step) for axis in lattice))), step)
    best = _place_of_maximum(fit, maximum, axes, functions, lattice)
    while step > 1:
        for _ in range(_PASSES):
            new = _new_places(work, step, levels, best)
            if not new:
                break
            work.solve([(place, start) for place, starts in new.items() for start in (*starts, work.modes[0])])
            work.sweep(list(new), step // 2, 1)
        step //= 2
    return _surveyed(work, conditional, lattice, 2**refinements)


def _check_range(fit: Fit, axis: Axis) -> None:
    """Finite, ascending, and inside the prior."""
    _checks.check_finite(f"range of {axis.name}", [axis.low, axis.high])
    if not axis.low < axis.high:
        _checks.fail(f"range of {axis.name}", "ascend", f"it is {axis.low:g} to {axis.high:g}")
    entry = fit.space.entries.get(axis.name)
    if entry is not None:
        low, high = fit.space.bounds(axis.name, fit.priors[entry.parameter])
        if axis.low <= low or axis.high >= high:
            must = f"lie within its prior, between {low:g} and {high:g}"
            _checks.fail(f"range of {axis.name}", must, f"it is {axis.low:g} to {axis.high:g}")


def _question(
    fit: Fit, axes: Sequence[Axis], points: int, refinements: int, levels: Sequence[float], functions: Functions | None
) -> Pieces:
    run = {"axes": tuple(axes), "points": points, "refinements": refinements, "levels": tuple(levels)}
    return pieces(fit, run | {"numbers of one's own": tuple(functions or {})})


def _surveyed(work: Lattice, conditional: Conditional, lattice: tuple[np.ndarray, ...], step: int) -> Survey:
    """What has been found, in the order of the places."""
    places = sorted(work.found)
    ends = [work.found[place] for place in places]
    values = np.array([end.log_density if end.good else np.nan for end in ends])
    highest = work.highest
    gain = highest - conditional.maximum.log_density
    z, drop = np.array([end.z for end in ends]), 2.0 * (highest - values)
    about = conditional.axes, step, lattice, np.array(places)
    return Survey(*about, drop, z, highest, gain, tuple(work.missing))


def _new_places(
    work: Lattice, step: int, levels: Sequence[float], best: tuple[float, ...]
) -> dict[Place, list[np.ndarray]]:
    """The middles of the cells through which a contour runs, each with the optima at the corners around it."""
    new: dict[Place, list[np.ndarray]] = {}
    highest = work.highest
    for corner in work.found:
        if any(i % step for i in corner):
            continue
        corners = [tuple(i + step * o for i, o in zip(corner, offsets, strict=True)) for offsets in _offsets(corner, 2)]
        if not all(place in work.found for place in corners):
            continue
        closure = [
            tuple(i + step // 2 * o for i, o in zip(corner, offsets, strict=True)) for offsets in _offsets(corner, 3)
        ]
        values = [work.delta_chi2(place, highest) for place in closure if place in work.found]
        if all(i <= b <= i + step for i, b in zip(corner, best, strict=True)):
            values.append(0.0)
        if any(min(values) < level <= max(values) for level in levels):
            starts = [work.found[place].z for place in corners if work.found[place].good]
            for place in closure:
                if place not in work.found:
                    new.setdefault(place, []).extend(starts)
    return {place: _distinct(starts) for place, starts in new.items()}


def _offsets(corner: Place, count: int) -> Iterable[Place]:
    return itertools.product(range(count), repeat=len(corner))


def _distinct(starts: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [np.array(start) for start in dict.fromkeys(tuple(np.round(start, 6).tolist()) for start in starts)]


def _place_of_maximum(
    fit: Fit,
    maximum: Maximum,
    axes: Sequence[Axis],
    functions: Functions | None,
    lattice: tuple[np.ndarray, ...],
) -> tuple[float, ...]:
    """Where the maximum lies in the lattice."""
    numbers = numbers_at(fit, np.asarray(maximum.z)[None], tuple(axis.name for axis in axes), functions)[0]
    shares = (axis.share(float(number)) for axis, number in zip(axes, numbers, strict=True))
    return tuple(share * (len(values) - 1) for share, values in zip(shares, lattice, strict=True))
