"""Tables whose rows are done in batches, here or elsewhere and in any order; on disk they are whole at any moment."""

import contextlib
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Int

from nmmjax._files import atomic
from nmmjax.executors import Executor, Failed
from nmmjax.infer._question import Pieces, differences

_PAUSE = 5.0
"""Seconds between two times that a table is written."""
_APART = 2**32
"""Between the numbers of the first rows of two ensembles."""
NUMBER = "number"
"""The column of the numbers of rows."""

Columns = dict[str, np.ndarray]
"""Name -> (rows, ...)."""


class Rows(Protocol):
    """Some rows of a table, a named tuple."""

    def _asdict(self) -> Mapping[str, Any]: ...


class Batch(NamedTuple):
    """A unit of work: rows that follow each other, of one of several ensembles."""

    ensemble: int
    first: int
    rows: int

    @property
    def numbers(self) -> Int[np.ndarray, " rows"]:
        """Of the rows in their ensemble."""
        return np.arange(self.first, self.first + self.rows)


class Work(NamedTuple):
    """What fills a table: rows that follow from their numbers alone."""

    function: Callable[[Any, Batch], Rows]
    """Of a module; of what all batches share, and a batch."""
    shared: Any
    number: int
    """Of the rows that are wanted of each ensemble."""
    sizes: Sequence[int]
    """Of the batches of each ensemble. They begin at multiples of it: which rows lie together never depends on what
    has been done before."""

    def missing(self, table: Columns) -> list[Batch]:
        """The batches that have rows which are wanted and not there."""
        there, batches = set(table[NUMBER].tolist()), []
        for ensemble, size in enumerate(self.sizes):
            for first in range(0, self.number, size):
                wanted = range(first, min(first + size, self.number))
                if not all(ensemble * _APART + row in there for row in wanted):
                    batches.append(Batch(ensemble, first, size))
        return batches

    def counts(self, table: Columns) -> Int[np.ndarray, " ensembles"]:
        """How many of the rows that are wanted are there, of each ensemble."""
        ensembles, rows = np.divmod(table[NUMBER], _APART)
        return np.bincount(ensembles[rows < self.number], minlength=len(self.sizes))

    def split(self, table: Columns) -> list[Columns]:
        """The rows that are wanted, in the order of their numbers, of each ensemble."""
        ensembles, rows = np.divmod(table[NUMBER], _APART)
        chosen = [(ensembles == e) & (rows < self.number) for e in range(len(self.sizes))]
        return [{name: column[own] for name, column in table.items() if name != NUMBER} for own in chosen]


def filled(
    none: Columns,
    work: Work,
    executor: Executor,
    *,
    checkpoint: Path | None,
    question: Callable[[], Pieces],
    resume: bool,
    progress: Callable[[Int[np.ndarray, " ensembles"]], None],
) -> tuple[Columns, tuple[str, ...]]:
    """A table of all rows that are wanted, and what is missing, in words: from nothing, or from an earlier run's file.

    **Arguments:** a table without rows; the work and who does it; the file, if any, and what question it answers;
    whether to go on from it; who is told how many rows of each ensemble there are.
    """
    kept = None if checkpoint is None else Kept(checkpoint, question())
    found = kept.load(none) if kept is not None and resume else none
    return _grown(found, work, executor, kept=kept, progress=progress)


def _grown(
    table: Columns,
    work: Work,
    executor: Executor,
    *,
    kept: "Kept | None",
    progress: Callable[[Int[np.ndarray, " ensembles"]], None],
) -> tuple[Columns, tuple[str, ...]]:
    """A table with the rows that are wanted, in the order of their numbers; and what is missing, in words.

    What is finished is kept also where it is interrupted. Rows that are there stay as they are.

    **Arguments:** the table, which may have some; the work and who does it; the file; who is told how many rows of each
    ensemble there are.
    """
    batches, failed = work.missing(table), []
    parts, there, counts = [table], table[NUMBER], work.counts(table)
    try:
        with contextlib.closing(executor.run(work.function, work.shared, batches)) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, Failed):
                    failed.append(outcome)
                    continue
                parts.append(_part(batches[outcome.unit], outcome.result, there))
                counts += work.counts(parts[-1])
                if kept is not None and kept.is_due:
                    parts = [_joined(parts)]
                    kept.save(parts[0])
                progress(counts)
    finally:
        table = _joined(parts)
        if kept is not None:
            kept.save(table)
    return table, tuple(_words(batches[one.unit], one, work) for one in sorted(failed, key=lambda one: one.unit))


def _part(batch: Batch, rows: Rows, there: Int[np.ndarray, " rows"]) -> Columns:
    """The rows of a batch that were not there."""
    numbers = batch.ensemble * _APART + batch.numbers
    columns = {NUMBER: numbers, **{name: np.asarray(column) for name, column in rows._asdict().items()}}
    fresh = ~np.isin(numbers, there)
    return {name: column[fresh] for name, column in columns.items()}


def _joined(parts: Sequence[Columns]) -> Columns:
    """One table, in the order of its numbers."""
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(whole[NUMBER], kind="stable")
    return {name: column[order] for name, column in whole.items()}


def _words(batch: Batch, failed: Failed, work: Work) -> str:
    """Which rows are missing, and why."""
    last = min(batch.first + batch.rows, work.number) - 1
    where = f" of ensemble {batch.ensemble}" if len(work.sizes) > 1 else ""
    return f"{batch.first} to {last}{where} ({failed.reason})"


class Kept:
    """The file of a table, which answers a question given by its pieces."""

    def __init__(self, path: Path, question: Pieces):
        self.path, self._question, self._written = path, question, time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is long ago that the table was written."""
        return time.monotonic() - self._written > _PAUSE

    def save(self, columns: Columns) -> None:
        """Write the table."""
        with atomic(self.path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, question=json.dumps(self._question), **columns)  # pyright: ignore[reportArgumentType]
        self._written = time.monotonic()

    def load(self, none: Columns) -> Columns:
        """The table as it was left; `none` where there is none.

        **Raises:** `ValueError` where it is damaged, or belongs to another question.
        """
        if not self.path.exists():
            return none
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as stored:
                contents = dict(stored)
            changed = differences(json.loads(str(contents.pop("question"))), self._question)
            found = {name: contents[name] for name in none} if not changed else none
            lengths = {len(column) for column in found.values()}
            shapes = all(found[name].shape[1:] == none[name].shape[1:] for name in none)
            if len(lengths) != 1 or not shapes:
                raise ValueError("its columns do not fit together")
        except Exception as error:  # a damaged archive raises anything
            raise ValueError(
                f"Toys `{self.path}` must be intact, but the file is damaged ({error}): start anew."
            ) from None
        if changed:
            raise ValueError(
                f"Toys `{self.path}` must come from the same question, but these are not what they were: "
                f"{'; '.join(changed)}. Start anew without resuming, or in another folder."
            )
        return found
