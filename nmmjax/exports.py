"""The numbers of a result as tables that others read: columns with units in CSV, and submissions to HEPData.

Numbers are written with all their digits: what is read back is what was written.
"""

import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nmmjax import report
from nmmjax._files import atomic
from nmmjax.infer import Exclusion, Profile
from nmmjax.results import DrawnSpectrum, Result

Cell = float | str | tuple[float, float] | None
"""A number, a word, the two ends of a bin, or nothing."""
_LONGEST = 64
"""Letters that HEPData lets a table have for a name."""
_QUANTILES = (0.5, 0.16, 0.84)
"""Of expectations under the posterior: the median, and the ends of 68 %."""


class Errors(NamedTuple):
    """Errors of a column, upward and downward, neither negative."""

    label: str
    plus: Sequence[float]
    minus: Sequence[float]


class Column(NamedTuple):
    """One quantity along a table."""

    name: str
    unit: str
    cells: Sequence[Cell]
    errors: tuple[Errors, ...] = ()


class Table(NamedTuple):
    """A table: what its rows are, and what is known of each."""

    name: str
    """That of a file."""
    words: str
    """What it shows."""
    rows: tuple[Column, ...]
    found: tuple[Column, ...]


def tables(found: Result) -> tuple[Table, ...]:
    """Everything in a result that is a table: parameters, limits, profiles, contours, exclusions and spectra."""
    summary = (_parameters(found), *([_limits(found)] if found.limits else []))
    curves = (_profile(found, one) for one in found.profiles)
    exclusions = (_exclusion(found, one) for one in found.exclusions)
    return tuple(_distinct((*summary, *curves, *exclusions, *map(_spectrum, found.spectra))))


def _distinct(found: Iterable[Table]) -> Iterator[Table]:
    """With a number behind a name that another has already."""
    names: set[str] = set()
    for table in found:
        name, number = table.name, 2
        while name in names:
            end = f"_{number}"
            name, number = table.name[: _LONGEST - len(end)] + end, number + 1
        names.add(name)
        yield table._replace(name=name)


def _parameters(found: Result) -> Table:
    rows, level = found.parameters, report.percent(found.interval.level)
    names = ("best", "mean", "sd", "low", "high", "below")
    ends = (f"{level} interval from", f"{level} interval to", f"{level} upper limit")
    headings = ("maximum", "posterior mean", "posterior standard deviation", *ends)
    columns = (
        Column(heading, "", [getattr(row, name) if name == "best" or row.varies else None for row in rows])
        for name, heading in zip(names, headings, strict=True)
    )
    words = f"Parameters and derived quantities of {found.model.built_by} at the maximum and under the posterior"
    return Table("parameters", f"{words}; {found.interval.kind} intervals.", _named(rows), tuple(columns))


def _limits(found: Result) -> Table:
    level = report.percent(found.interval.level)
    rows = [found.row(limit.name) for limit in found.limits]
    columns = (
        Column(heading, "", [getattr(limit, name) for limit in found.limits])
        for name, heading in (("low", "interval from"), ("high", "interval to"), ("upper", "upper limit"))
    )
    words = f"Intervals and upper limits of the profile likelihood at {level}; nothing where it does not reach so far."
    return Table("limits", words, _named(rows), tuple(columns))


def _named(rows: Sequence[Any]) -> tuple[Column, ...]:
    return Column("quantity", "", [row.name for row in rows]), Column("unit", "", [row.unit for row in rows])


def _profile(found: Result, one: Profile) -> Table:
    """A row for each point of the grid, the last quantity quickest."""
    lattice = (np.ravel(axis) for axis in np.meshgrid(*one.grids, indexing="ij"))
    rows = tuple(
        Column(name, found.row(name).unit, points.tolist()) for name, points in zip(one.names, lattice, strict=True)
    )
    words = f"Delta chi^2 = -2 ln of the profile likelihood over its maximum, along {' and '.join(one.names)}."
    kind = "profile" if len(one.names) == 1 else "contour"
    return Table(_file(kind, *one.names), words, rows, (Column("Delta chi^2", "", np.ravel(one.delta_chi2).tolist()),))


def _exclusion(found: Result, one: Exclusion) -> Table:
    over, limited = one.names
    words = f"Upper limit of {limited} at {report.percent(one.level)} at each value of {over}."
    rows = (Column(over, found.row(over).unit, one.over.tolist()),)
    limit = Column(f"upper limit of {limited}", found.row(limited).unit, one.limit.tolist())
    return Table(_file("exclusion", over, limited), words, rows, (limit,))


def _spectrum(drawn: DrawnSpectrum) -> Table:
    """A row for each bin, one panel after the other."""
    bins = [(float(a), float(b)) for edges in drawn.edges for a, b in pairwise(edges)]
    panels = [panel for panel, edges in zip(drawn.panels, drawn.edges, strict=True) for _ in edges[1:]]
    middle, low, high = np.quantile(drawn.expected, _QUANTILES, axis=0)
    errors = Errors("statistical", drawn.errors.tolist(), drawn.errors.tolist())
    band = Errors("68 % of the posterior", (high - middle).tolist(), (middle - low).tolist())
    found = (
        Column(f"observed {drawn.quantity}", "", drawn.observed.tolist(), (errors,)),
        Column(f"expected {drawn.quantity}", "", middle.tolist(), (band,)),
    )
    rows = (Column("panel", "", panels), Column(drawn.axis, drawn.unit, bins))
    words = f"Data of {drawn.name} beside the medians of their expectations under the posterior."
    return Table(_file("spectrum", drawn.name), words, rows, found)


def _file(*words: str) -> str:
    """A name of letters, digits and underscores, as long as HEPData lets it be."""
    return "_".join("_".join(re.findall(r"\w+", word, re.ASCII)) for word in words)[:_LONGEST]


# CSV


def write_csv(found: Result, folder: Path) -> list[Path]:
    """One file for each table, with a line of names and units; bins have two columns, errors one or two more."""
    return [_written(folder / f"{table.name}.csv", _rows(table)) for table in tables(found)]


def _written(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    with atomic(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return path


def _rows(table: Table) -> Iterator[Sequence[str]]:
    flat = [pair for column in (*table.rows, *table.found) for pair in _flat(column)]
    yield [heading for heading, _ in flat]
    yield from ([_text(cell) for cell in cells] for cells in zip(*(cells for _, cells in flat), strict=True))


def _flat(column: Column) -> Iterator[tuple[str, Sequence[Cell]]]:
    """Headings and cells of a column, of both ends of its bins, and of its errors."""
    unit = f" [{column.unit}]" if column.unit else ""
    if any(isinstance(cell, tuple) for cell in column.cells):
        for end, word in enumerate(("from", "to")):
            yield f"{column.name} {word}{unit}", [cell[end] for cell in column.cells if isinstance(cell, tuple)]
        return
    yield f"{column.name}{unit}", column.cells
    for one in column.errors:
        yield f"{column.name} + {one.label}{unit}", one.plus
        yield f"{column.name} - {one.label}{unit}", one.minus


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return cell if isinstance(cell, str) else repr(cell)


# HEPData


def write_hepdata(found: Result, folder: Path) -> list[Path]:
    """A submission to HEPData: `submission.yaml`, and a file of YAML for each table.

    Of the kind that hepdata-submission.readthedocs.io describes. What is missing is "-", infinity a word.
    """
    written = tables(found)
    paths = [_dumped(folder / f"{table.name}.yaml", [_data(table)]) for table in written]
    comment = f"{found.name}: {found.model.built_by} [{found.model.paper}], by nmmjax {found.run.versions['nmmjax']}."
    heads = ({"comment": comment}, *(_head(found, table) for table in written))
    return [_dumped(folder / "submission.yaml", heads), *paths]


def _head(found: Result, table: Table) -> dict[str, Any]:
    observables = [column.name for column in table.found]
    keywords = [
        {"name": "observables", "values": observables},
        {"name": "phrases", "values": ["neutrino", found.model.class_name]},
    ]
    return {
        "name": table.name,
        "description": table.words,
        "keywords": keywords,
        "data_file": f"{table.name}.yaml",
    }


def _data(table: Table) -> dict[str, Any]:
    rows = [{"header": _header(column), "values": list(map(_independent, column.cells))} for column in table.rows]
    found = [{"header": _header(column), "values": list(_dependent(column))} for column in table.found]
    return {"independent_variables": rows, "dependent_variables": found}


def _header(column: Column) -> dict[str, str]:
    return {"name": column.name} | ({"units": column.unit} if column.unit else {})


def _independent(cell: Cell) -> dict[str, Any]:
    return {"low": cell[0], "high": cell[1]} if isinstance(cell, tuple) else {"value": _value(cell)}


def _dependent(column: Column) -> Iterator[dict[str, Any]]:
    for row, cell in enumerate(column.cells):
        errors = [_error(one.label, one.plus[row], one.minus[row]) for one in column.errors]
        yield {"value": _value(cell)} | ({"errors": errors} if errors else {})


def _error(label: str, plus: float, minus: float) -> dict[str, Any]:
    if plus == minus:
        return {"symerror": _value(plus), "label": label}
    return {"asymerror": {"plus": _value(plus), "minus": _value(-minus)}, "label": label}


def _value(cell: Cell) -> Any:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "-"
    return str(cell) if isinstance(cell, float) and math.isinf(cell) else cell


def _dumped(path: Path, documents: Iterable[Mapping[str, Any]]) -> Path:
    """Documents of YAML, a line for each word or number."""
    text = "".join("---\n" + "".join(f"{line}\n" for line in _lines(document)) for document in documents)
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def _lines(value: Any) -> Iterator[str]:
    """Block style for what has parts, and words as JSON quotes them, which YAML reads."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _under(f"{key}:", item)
    else:
        for item in value:
            first, *others = _lines(item) if isinstance(item, Mapping) else (_scalar(item),)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)


def _under(key: str, item: Any) -> Iterator[str]:
    if not isinstance(item, Mapping | list):
        yield f"{key} {_scalar(item)}"
    elif not item:
        yield f"{key} []"
    else:
        yield key
        yield from (f"  {line}" for line in _lines(item))


def _scalar(value: str | float) -> str:
    """A word in quotes; a number with a point, without which YAML 1.1 takes 1e-10 for a word."""
    if isinstance(value, str):
        return json.dumps(report.plain(value).plain, ensure_ascii=False)
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa or not e else '.0'}{e}{exponent}"
