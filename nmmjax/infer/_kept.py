"""Columns of a table on disk, one row for each toy, that is whole at any moment and belongs to one question."""

import io
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nmmjax._files import atomic
from nmmjax.infer._question import Pieces, differences

_PAUSE = 5.0
"""Seconds between two times that a table is written."""

Columns = dict[str, np.ndarray]
"""Name -> (toys, ...)."""


class Rows(Protocol):
    """Some rows of a table, a named tuple."""

    def _asdict(self) -> Mapping[str, Any]: ...


def grown(
    found: Columns,
    number: int,
    more: Callable[[int], Rows],
    *,
    kept: "Kept | None",
    progress: Callable[[int], None],
) -> Columns:
    """A table of `number` rows, from one that may have some: what is finished is kept also where it is interrupted.

    **Arguments:** the table; how many rows; what makes those that follow the first so many; the file; who is told how
    many there are.
    """
    try:
        while _length(found) < number:
            new = more(_length(found))._asdict()
            found = {name: np.concatenate([column, np.asarray(new[name])]) for name, column in found.items()}
            if kept is not None:
                kept.save(found)
            progress(min(_length(found), number))
    finally:
        if kept is not None:
            kept.save(found, at_once=True)
    return {name: column[:number] for name, column in found.items()}


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))


class Kept:
    """The file of one ensemble, which answers a question given by its pieces."""

    def __init__(self, path: Path, question: Pieces):
        self.path, self._question, self._written = path, question, time.monotonic()

    def save(self, columns: Columns, *, at_once: bool = False) -> None:
        """Write the table, at once or where it is long ago that it was."""
        if not at_once and time.monotonic() - self._written < _PAUSE:
            return
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
