"""The only reader of packaged data: `data/NAME.csv` with its source record `data/NAME.toml`.

A record says what the table is, which paper and figure or table it comes from (`reference`), where the numbers were
read (`origin`: the release of a collaboration wherever there is one), under which terms they are published or used
(`terms`: never a guess), what was done to it, how many rows it has and what each column means; where it matters, by
which columns rows are `ordered`. A table that does not match its record is refused, and so is a file without the
checksum that `SHA256SUMS` in its folder gives, where there is one: a truncated download or an edited file must not
become a fit.
"""

import csv
import dataclasses
import hashlib
import itertools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent / "data"
CHECKSUMS = "SHA256SUMS"
"""As `sha256sum` writes it: `sha256sum *.csv *.toml > SHA256SUMS` in the folder of the tables."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where numbers come from: the name of a table, the hash of its file and its paper."""

    name: str
    sha256: str
    reference: str


@dataclasses.dataclass(frozen=True)
class Terms:
    """Whose numbers a table holds: its paper, where they were read, and the terms of their use."""

    name: str
    reference: str
    origin: str
    """Where the numbers were read, the release of a collaboration first."""
    terms: str
    """The license, or that none is known."""


@dataclasses.dataclass(frozen=True)
class Table:
    """Columns of one file: numbers as float arrays, words as string arrays, all of one length."""

    columns: Mapping[str, np.ndarray]
    source: Source

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def where(self, **values: str | float) -> "Table":
        """The rows in which every named column has the given value."""
        keep = np.ones(len(self), dtype=bool)
        for column, value in values.items():
            keep &= self.columns[column] == value
        return Table({name: column[keep] for name, column in self.columns.items()}, self.source)

    def expect(self, column: str, values: Sequence[str | float]) -> None:
        """Raise where a column is not the given one: rows are missing, doubled or out of order.

        **Raises:** `ValueError` that names the table and the first such row.
        """
        have = self.columns[column].tolist()
        for row, (found, wanted) in enumerate(itertools.zip_longest(have, values), start=1):
            if found != wanted:
                shown = "nothing" if found is None else repr(found)
                must = "end before" if wanted is None else f"have {wanted!r} in column `{column}` of"
                raise ValueError(f"Data table `{self.source.name}` must {must} row {row}, but it has {shown} there.")


def read_table(name: str, folder: Path = DATA) -> Table:
    """Read a table and check it against its record: checksum, columns, number of rows, finite numbers, order of rows.

    **Arguments:** the table's name without ending, and the folder that holds `NAME.csv` and `NAME.toml`.

    **Raises:** `ValueError` that names the file and what is wrong with it.
    """
    known, path = _known_checksums(folder / CHECKSUMS), folder / f"{name}.csv"
    record, raw = _record(path.with_suffix(".toml"), known), _intact(path, known)
    header, *body = _rows(path, raw)
    wanted = list(record["columns"])
    if missing := [column for column in wanted if column not in header]:
        raise ValueError(f"Data file `{path}` must have the columns {wanted}, but {missing} are missing.")
    if len(body) != record["rows"]:
        raise ValueError(f"Data file `{path}` must have {record['rows']} rows, but it has {len(body)}.")
    columns = {}
    for column in wanted:
        cells = _cells(path, body, header.index(column))
        columns[column] = np.array(cells) if record["columns"][column] == "word" else _numbers(path, column, cells)
    _check_order(path, [columns[name] for name in record.get("ordered", ())], record.get("ordered", ()))
    return Table(columns, Source(name, hashlib.sha256(raw).hexdigest(), record["reference"]))


def terms(folder: Path = DATA) -> tuple[Terms, ...]:
    """Paper, origin and terms of use of each table in a folder, by name.

    **Raises:** `ValueError` for a record that does not say them, by its file.
    """
    known, found = _known_checksums(folder / CHECKSUMS), []
    for path in sorted(folder.glob("*.toml")):
        record = _record(path, known, ("reference", "origin", "terms"))
        found.append(Terms(path.stem, record["reference"], record["origin"], record["terms"]))
    return tuple(found)


def _record(
    path: Path, known: Mapping[str, str] | None, wanted: tuple[str, ...] = ("rows", "columns", "reference")
) -> dict[str, Any]:
    try:
        record = tomllib.loads(_intact(path, known).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Data file `{path}` must be TOML, but it is not: {error}.") from None
    if missing := [key for key in wanted if key not in record]:
        raise ValueError(f"Data file `{path}` must say {', '.join(missing)}, but it does not.")
    return record


def _rows(path: Path, raw: bytes) -> list[list[str]]:
    """Header and rows, comments left out."""
    try:
        rows = list(csv.reader(line for line in raw.decode().splitlines() if line and not line.startswith("#")))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"Data file `{path}` must be a table with commas, but it is not: {error}.") from None
    if not rows:
        raise ValueError(f"Data file `{path}` must have a line with the names of its columns, but it is empty.")
    return rows


def _known_checksums(path: Path) -> dict[str, str] | None:
    """File name -> checksum; None where a folder has no list of them."""
    if not path.exists():
        return None
    lines = (line.split() for line in path.read_text(errors="replace").splitlines())
    return {words[1]: words[0] for words in lines if len(words) == 2}


def _intact(path: Path, known: Mapping[str, str] | None) -> bytes:
    """The content of a file, refused where its checksum is not the known one."""
    raw = path.read_bytes()
    if known is not None and known.get(path.name) != hashlib.sha256(raw).hexdigest():
        raise ValueError(
            f"Data file `{path}` must have the checksum that `{CHECKSUMS}` beside it gives, but it has another: it is "
            f"damaged or was edited."
        )
    return raw


def _cells(path: Path, body: list[list[str]], index: int) -> list[str]:
    for number, row in enumerate(body, start=1):
        if len(row) <= index:
            have = f"row {number} has {len(row)}"
            raise ValueError(f"Data file `{path}` must have {index + 1} or more cells in every row, but {have}.")
    return [row[index] for row in body]


def _numbers(path: Path, column: str, cells: list[str]) -> np.ndarray:
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError as error:
        raise ValueError(f"Data file `{path}` must hold numbers in column `{column}`, but {error}.") from None
    if not np.all(np.isfinite(values)):
        row = int(np.argmin(np.isfinite(values)))
        have = f"column `{column}` has {values[row]} in row {row + 1}"
        raise ValueError(f"Data file `{path}` must hold finite numbers, but {have}.")
    return values


def _check_order(path: Path, columns: Sequence[np.ndarray], names: Sequence[str]) -> None:
    """Rows ascend in the columns, the last running fastest; words in the order in which each comes first."""
    if not columns:
        return
    ranks = [_first_come(column) if column.dtype.kind == "U" else column for column in columns]
    rows = list(zip(*(rank.tolist() for rank in ranks), strict=True))
    for number, (one, other) in enumerate(itertools.pairwise(rows), start=2):
        if not one < other:
            have = f"row {number} repeats row {number - 1}" if one == other else f"row {number} comes too late"
            raise ValueError(f"Data file `{path}` must have rows that ascend by {', '.join(names)}, but {have}.")


def _first_come(words: np.ndarray) -> np.ndarray:
    """The rank of each word by where it comes first."""
    ranks = {word: rank for rank, word in enumerate(dict.fromkeys(words.tolist()))}
    return np.array([ranks[word] for word in words.tolist()])
