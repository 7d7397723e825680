"""Maxima at places of a lattice in one or two numbers of a fit, from modes and from what neighbors have found."""

import contextlib
import io
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nmmjax._files import atomic
from nmmjax.executors import Executor, Failed
from nmmjax.infer._conditional import Conditional, batched, maxima
from nmmjax.infer._question import Pieces, differences

_MODES = 3
"""So many of the best modes are started from."""
_SWEEPS = 4
"""So often what one point has found is tried at its neighbors."""
_BETTER = 1e-4
"""What is worth telling the neighbors, in ln p."""
_PAUSE = 5.0
"""Seconds between two checkpoints."""

Place = tuple[int, ...]
_Descent = tuple[Place, bytes]
"""Where it is to end, and from where it starts."""


class Surveyed(NamedTuple):
    """How far a survey is."""

    descents: int
    points: int
    failed: int
    """Points of which no descent has found a maximum so far."""


class Found(NamedTuple):
    """The end of a descent."""

    z: np.ndarray
    log_density: float
    good: bool


class Lattice:
    """Descents that were done, on disk and in memory, and the best of each point.

    Which descents come next follows from the best of each point so far: resumed, the same are asked for again, and the
    answers that are on disk serve.
    """

    def __init__(
        self,
        conditional: Conditional,
        lattice: tuple[np.ndarray, ...],
        executor: Executor,
        kept: tuple[Path | None, Pieces] = (None, {}),
        progress: Callable[[Surveyed], None] = lambda report: None,
    ):
        self.found: dict[Place, Found] = {}
        self.missing: list[str] = []
        self._conditional, self._lattice, self._executor, self._progress = conditional, lattice, executor, progress
        self._checkpoint, self._question = kept
        self._done: dict[_Descent, Found] = {}
        self._written = time.monotonic()

    @property
    def modes(self) -> np.ndarray:
        """The best ones that are known."""
        return np.asarray(self._conditional.maximum.modes)[:_MODES]

    def search(self, places: Sequence[Place], distance: int) -> None:
        """Descend at each place from all modes, and from what neighbors so far away have found."""
        self.solve([(place, mode) for place in places for mode in self.modes])
        self.sweep(places, distance, _SWEEPS)

    def solve(self, tasks: Sequence[tuple[Place, np.ndarray]]) -> set[Place]:
        """Descend to maxima at places of the lattice from starts, and return the places where that was worth it."""
        try:
            self._descend([task for task in tasks if _descent(*task) not in self._done])
        finally:
            self._save()
        improved: set[Place] = set()
        for place, start in tasks:
            end = self._done.get(_descent(place, start), Found(start, -np.inf, False))
            old = self.found.get(place)
            if old is None or (end.good, end.log_density) > (old.good, old.log_density):
                self.found[place] = end
                gain = np.inf if old is None or end.good > old.good else end.log_density - old.log_density
                improved |= {place} if gain > _BETTER else set()
        return improved

    def _descend(self, new: Sequence[tuple[Place, np.ndarray]]) -> None:
        """In batches, as they finish."""
        if not new:
            return
        targets = np.array([[axis[i] for axis, i in zip(self._lattice, place, strict=True)] for place, _ in new])
        units = batched(self._executor, targets, np.array([start for _, start in new]))
        first = np.cumsum([0, *(len(starts) for _, starts in units)])
        with contextlib.closing(self._executor.run(maxima, self._conditional, units)) as outcomes:
            for outcome in outcomes:
                own = new[first[outcome.unit] : first[outcome.unit + 1]]
                if isinstance(outcome, Failed):
                    self.missing.append(f"{len(own)} descents ({outcome.reason})")
                    continue
                for task, *end in zip(own, *outcome.result, strict=True):
                    z, log_density, good = end
                    self._done[_descent(*task)] = Found(z, float(log_density), bool(good))
                if time.monotonic() - self._written > _PAUSE:
                    self._save()
                self._progress(self._report())

    def _report(self) -> Surveyed:
        places = {place for place, _ in self._done}
        good = {place for (place, _), end in self._done.items() if end.good}
        return Surveyed(len(self._done), len(places), len(places - good))

    def sweep(self, places: Iterable[Place], distance: int, times: int) -> None:
        """Try at each place what its neighbors have found, as long as that helps."""
        places = list(places)
        changed = {place for place in places if self.found[place].good}
        for _ in range(times):
            tasks = [
                (place, self.found[beside].z)
                for place in places
                for beside in _neighbors(place, distance)
                if beside in changed and beside in self.found
            ]
            changed = self.solve(tasks)
            if not changed:
                return

    def _save(self) -> None:
        if self._checkpoint is None or not self._done:
            return
        places, starts = (np.array(part) for part in zip(*((p, np.frombuffer(s)) for p, s in self._done), strict=True))
        z, log_density, good = (np.array(part) for part in zip(*self._done.values(), strict=True))
        about = {"question": json.dumps(self._question), "places": places, "starts": starts}
        with atomic(self._checkpoint) as temporary, temporary.open("wb") as stream:
            np.savez(stream, z=z, log_density=log_density, good=good, **about)
        self._written = time.monotonic()

    def load(self) -> None:
        """Read what an earlier survey of the same question has done."""
        path = self._checkpoint
        assert path is not None
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                contents = dict(stored)
            changed = differences(json.loads(str(contents["question"])), self._question)
            asked = zip(map(tuple, contents["places"].tolist()), contents["starts"], strict=True)
            ends = zip(contents["z"], contents["log_density"], contents["good"], strict=True)
            done = {
                _descent(*task): Found(z, float(p), bool(good)) for task, (z, p, good) in zip(asked, ends, strict=True)
            }
        except Exception as error:  # a damaged archive raises anything
            raise ValueError(f"Checkpoint `{path}` must be intact, but it is damaged ({error}): start anew.") from None
        if changed:
            raise ValueError(
                f"Checkpoint `{path}` must come from the same question, but these are not what they were: "
                f"{'; '.join(changed)}. Start anew without resuming, or in another folder."
            )
        self._done = done

    def delta_chi2(self, place: Place, highest: float) -> float:
        """Infinite where nothing was found."""
        end = self.found[place]
        return 2.0 * (highest - end.log_density) if end.good else np.inf

    @property
    def highest(self) -> float:
        """ln p of the best of all."""
        return max(
            self._conditional.maximum.log_density, *(e.log_density for e in self.found.values() if e.good), -np.inf
        )


def _descent(place: Place, start: np.ndarray) -> _Descent:
    """What a descent is known by."""
    return place, np.asarray(start, float).tobytes()


def _neighbors(place: Place, distance: int) -> list[Place]:
    """Along each axis to both sides."""
    steps = ((i, sign * distance) for i in range(len(place)) for sign in (-1, 1))
    return [(*place[:i], place[i] + move, *place[i + 1 :]) for i, move in steps]
