"""Tables of what is no result: models, experiments and analyses, speeds, the ledger."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich import box
from rich.console import Group, RenderableType
from rich.text import Text

from nmmjax import _speed
from nmmjax._speed import Speed
from nmmjax._words import plain
from nmmjax.ledger import DOCUMENTS, Outcome, Verdict
from nmmjax.report import PlainTable, number
from nmmjax.sheets import SYMBOL, Sheet
from nmmjax.tables import Terms


class Listed(NamedTuple):
    """A line of `nmmjax list`."""

    name: str
    line: str
    """What it is, or why it cannot be used."""
    paper: str
    package: str = ""
    """Where it comes from, if not from this package or file."""
    usable: bool = True


def listing(title: str, entries: Sequence[Listed]) -> PlainTable:
    """Names with one line and a paper each, and the packages that they come from where any comes from another."""
    table, from_others = PlainTable(title, box=box.HEAVY_HEAD, padding=(0, 1)), any(e.package for e in entries)
    table.add_column("name", no_wrap=True)
    table.add_column("what it is")
    table.add_column("paper", style="dim")
    if from_others:
        table.add_column("from")
    for entry in entries:
        cells = (entry.name, entry.line, entry.paper, *([entry.package or "nmmjax"] if from_others else ()))
        table.add_row(*cells, style=None if entry.usable else "bold red")
    return table


def data(records: Iterable[Terms]) -> PlainTable:
    """Tables of the package: whose numbers they are, where they were read, and the terms of their use."""
    table = PlainTable("data", box=box.HEAVY_HEAD, padding=(0, 1))
    table.add_column("table", no_wrap=True)
    table.add_column("paper", style="dim")
    table.add_column("origin")
    table.add_column("terms of use")
    for record in records:
        table.add_row(record.name, record.reference, record.origin, record.terms)
    return table


def sheet(shown: Sheet) -> RenderableType:
    """What a model, an experiment or an analysis is: its text, its paper and its tables, but for symbols in TeX."""
    heading = plain(f"{shown.name}, {'an' if shown.kind[0] in 'aeiou' else 'a'} {shown.kind}", style="bold")
    tables = []
    for listing in shown.listings:
        table = PlainTable(listing.title, show_header=any(listing.columns))
        kept = [i for i, column in enumerate(listing.columns) if column != SYMBOL]
        for i in kept:
            table.add_column(listing.columns[i], overflow="fold")
        for row in listing.rows:
            table.add_row(*(row[i] for i in kept))
        tables.append(table)
    paper = [plain(f"Paper: {shown.paper}\n", style="dim")] if shown.paper else []
    if shown.package:
        paper.append(plain(f"From: {shown.package}\n", style="dim"))
    return Group(heading, plain(_unfilled(shown.text) + "\n"), *paper, *tables)


def _unfilled(text: str) -> str:
    """A docstring with each paragraph on one line, to be filled to the width of a screen; lists and equations stay."""
    return re.sub(r"(?<=\S)\n(?=[^\s\-|])", " ", re.sub(r"(?m)^(- .*(?:\n  \S.*)*)", _joined, text))


def _joined(item: re.Match[str]) -> str:
    return re.sub(r"\n\s+", " ", item[0])


def speeds(rows: Sequence[Speed]) -> RenderableType:
    """What benchmarks have measured, a table for each question and unit, below the machines."""
    machines = dict.fromkeys(f"{row.device}; {row.versions}" for row in rows)
    return Group(*map(plain, machines), *(_speeds(name, own) for name, own in _speed.groups(rows).items()))


def _speeds(name: str, rows: Sequence[Speed]) -> PlainTable:
    """Without the columns in which nothing stands."""
    table, cells = PlainTable(name), [_speed_cells(row) for row in rows]
    shown = [column for column in cells[0] if any(row[column] for row in cells)]
    for column in shown:
        words = column in ("what", "other code")
        table.add_column(column, justify="left" if words else "right", no_wrap=not words, overflow="fold")
    for row, own in zip(rows, cells, strict=True):
        table.add_row(*(own[column] for column in shown), style=None if row.good else "bold red")
    return table


def _speed_cells(row: Speed) -> dict[str, str]:
    """By column."""

    def cell(value: float | None, form: str) -> str:
        return "" if value is None else f"{value:{form}}"

    time, its = ("" if t is None else _speed.duration(t) for t in (row.run, row.peer_run))
    own = {"what": row.what, "compile [s]": cell(row.compile, ".2f"), "time": time}
    own |= {"per second": cell(row.per_second, ".3g"), "spread": cell(row.spread, ".0%")}
    return own | {"error": cell(row.error, ".0e"), "other code": row.peer, "its time": its, "ratio": row.times}


def ledger(outcomes: Sequence[Outcome]) -> RenderableType:
    """Printed statements beside what comes out, below it by another reading, and how many rows have which verdict."""
    by_document = {name: [o for o in outcomes if o.row.document == name] for name in DOCUMENTS}
    tables = (_statements(name, found) for name, found in by_document.items() if found)
    return Group(*tables, _verdicts(outcomes))


def _statements(document: str, outcomes: Iterable[Outcome]) -> PlainTable:
    table = PlainTable(f"{document}: {DOCUMENTS[document].paper}")
    table.add_column("where", ratio=2)
    table.add_column("statement, and how it is computed here", ratio=6)
    table.add_column("printed", justify="right", no_wrap=True)
    table.add_column("here", justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("verdict", ratio=5)
    for outcome in outcomes:
        row = outcome.row
        relation = "" if row.relation in ("=", "==", "in") else f"{row.relation} "
        reading = "" if outcome.reading is None else f"\n{number(outcome.reading)}"
        verdict = f"{row.verdict.label}: {row.reason}" if row.reason else row.verdict.label
        table.add_row(
            row.where,
            Text(row.statement + "\n").append(row.how, style="dim"),
            relation + row.printed,
            Text(number(outcome.computed)).append(reading, style="dim"),
            row.unit,
            Text(verdict) if outcome.holds else Text(f"DOES NOT HOLD: {verdict}", style="bold red"),
        )
    return table


def _verdicts(outcomes: Iterable[Outcome]) -> PlainTable:
    counts = Counter(outcome.row.verdict for outcome in outcomes)
    table = PlainTable("verdicts")
    table.add_column("verdict", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("meaning", style="dim")
    for verdict in Verdict:
        table.add_row(verdict.label, str(counts[verdict]), verdict.meaning)
    table.add_section()
    table.add_row("all", str(counts.total()), "")
    return table
