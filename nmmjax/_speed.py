"""How quick something is: the lines of a benchmark's table, and the file that keeps them."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from nmmjax._files import atomic

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


class Speed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long one thing takes, beside another code that does the same. None where it is unknown or does not apply."""

    what: str
    each: str
    """What `run` is the time of: a point, a call, an effective sample."""
    run: float | None
    """Seconds, in the median."""
    compile: float | None = None
    """Seconds from Python to machine code, apart from `run`."""
    spread: float | None = None
    """(90 % - 10 % quantile of `run`) / median."""
    error: float | None = None
    """Accuracy that was asserted before anything was timed."""
    reference: str = ""
    """What `error` is the distance from."""
    peer: str = ""
    """The other code."""
    peer_run: float | None = None
    peer_compile: float | None = None
    ratio: float | None = None
    """How many times as long the other code takes, in the median of turns."""
    peer_note: str = ""
    note: str = ""
    good: bool = True
    """False where less was reached than is claimed, as the note says."""
    question: str = ""
    device: str = ""
    """Processor or accelerator, and how many cores."""
    versions: str = ""

    @property
    def per_second(self) -> float | None:
        """How many in a second."""
        return 1.0 / self.run if self.run else None

    @property
    def line(self) -> str:
        """The row in a few words."""
        time = "no time" if self.run is None else f"{duration(self.run)} each {self.each}"
        peer = "" if self.ratio is None else f", {self.peer} {self.times} times as long"
        return f"{self.question}: {self.what}: {time}{peer}{self.notes and f' ({self.notes})'}"

    @property
    def times(self) -> str:
        """The ratio with three digits."""
        return "" if self.ratio is None else f"{self.ratio:.0f}" if self.ratio >= 100.0 else f"{self.ratio:.3g}"

    @property
    def notes(self) -> str:
        """On both codes."""
        return "; ".join(filter(None, (self.note, self.peer_note and f"{self.peer}: {self.peer_note}")))


_COLUMNS = {
    "question": "question",
    "what": "what",
    "each": "time is of one",
    "compile": "compile [s]",
    "run": "time [s]",
    "per_second": "per second",
    "spread": "spread of the time",
    "error": "error",
    "reference": "error is relative to",
    "peer": "other code",
    "peer_compile": "its compile [s]",
    "peer_run": "its time [s]",
    "ratio": "its time / time",
    "peer_note": "note on the other code",
    "note": "note",
    "good": "as claimed",
    "device": "device",
    "versions": "versions",
}
"""Field -> heading of the file."""


def groups(rows: Sequence[Speed]) -> dict[str, list[Speed]]:
    """Rows by what they answer: a title for each question and unit."""
    found: dict[str, list[Speed]] = {}
    for row in rows:
        found.setdefault(f"{row.question}: time of one {row.each}", []).append(row)
    return found


def write(rows: Sequence[Speed], path: Path) -> Path:
    """A table of comma-separated values, whole or not at all; tables of several machines may follow each other."""
    with atomic(path) as temporary, temporary.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(_COLUMNS.values())
        table.writerows([_cell(getattr(row, field)) for field in _COLUMNS] for row in rows)
    return path


def _cell(value: str | float | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or "" if value is None or isinstance(value, str) else f"{value:.4g}"


def encode(row: Speed) -> bytes:
    """One line, for another process."""
    return msgspec.json.encode(row)


def decode(line: bytes) -> Speed:
    """What `encode` has written.

    **Raises:** `ValueError` for any other line.
    """
    return msgspec.json.decode(line, type=Speed)


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    size = abs(seconds)
    scale, unit = next(known for known in _UNITS if size >= known[0] or known is _UNITS[-1])
    digits = max(0, 2 - math.floor(math.log10(size / scale))) if size > 0 else 0
    return f"{seconds / scale:.{digits}f} {unit}"
