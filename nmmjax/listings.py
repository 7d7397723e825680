"""Tables of what is no result: models and analyses, speeds, the ledger, forecasts, tests of hypotheses."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.text import Text

from nmmjax import _speed
from nmmjax._speed import Speed
from nmmjax._words import plain
from nmmjax.ledger import DOCUMENTS, Outcome, Verdict
from nmmjax.report import PlainTable, number
from nmmjax.results import CalibrationRecord, ForecastRecord, HypothesisRecord, ScanRecord


def listing(title: str, entries: Iterable[tuple[str, str, str]]) -> PlainTable:
    """Names with one line and a paper each."""
    table = PlainTable(title, box=box.HEAVY_HEAD, padding=(0, 1))
    table.add_column("name", no_wrap=True)
    table.add_column("what it is")
    table.add_column("paper", style="dim")
    for name, line, paper in entries:
        table.add_row(name, line, paper)
    return table


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


def forecast(found: ForecastRecord) -> RenderableType:
    """Errors, intervals and limits of each number at each exposure, and the significance of a discovery."""
    percent = f"{100.0 * found.level:.4g}%"
    table = PlainTable(f"{found.run.name}: expected at {found.at}")
    table.add_column("exposure")
    table.add_column("number", overflow="fold")
    for heading in ("sd (Fisher)", "from", "to", f"{percent} from", "to", f"below, {percent}"):
        table.add_column(heading, justify="right", no_wrap=True)
    each = len(found.lines) // len(found.exposures)
    for place, line in enumerate(found.lines):
        words = "\n".join(f"{factor:g} x {name}" for name, factor in line.exposure.items()) or "present"
        cells = (line.sd, line.low, line.high, line.interval_low, line.interval_high, line.upper)
        last = place % each == each - 1
        table.add_row(words if place % each == 0 else "", line.name, *map(number, cells), end_section=last)
    words = [f"{name}: no exposure brings the error below {number(sd)}" for name, sd in found.floor.items() if sd]
    if found.null:
        null = ", ".join(f"{name} = {value:g}" for name, value in found.null.items())
        words.append(f"{null} excluded by {', '.join(map(number, found.significance))} standard deviations")
    return Group(table, *(plain(line) for line in words))


def hypotheses(found: HypothesisRecord) -> RenderableType:
    """What data and toys say of two hypotheses."""
    first, second = found.tested
    table = PlainTable(f"{found.run.name}: T = chi2({second.name}) - chi2({first.name}), {found.number} toys of each")
    headings = ("if true", "p of the data", "+-", "T: 16%", "median", "84%", "T_0", "excludes by", "normal")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "if true" else "right", no_wrap=True)
    for one in found.tested:
        low, middle, high = one.quantiles[1:4]
        sigma = f"{'>' if one.at_least else ''}{number(one.sensitivity)}"
        cells = map(number, (one.p_value, one.error, low, middle, high, one.expected))
        table.add_row(one.name, *cells, sigma, number(one.normal_sensitivity))
    table.caption = plain(
        "p: toys no more like their hypothesis than the data; T_0: without noise; standard deviations by which the "
        "median toy excludes the other hypothesis, by toys and by normal distributions"
    )
    words = [plain(f"T of the data: {number(found.observed)}")]
    if found.lost:
        lost = f"{found.lost} fits of toys have no maximum that can be trusted"
        words.append(plain(lost, "" if found.good else "bold red"))
    return Group(table, *words)


def coverage(found: ScanRecord) -> PlainTable:
    """How often intervals and limits cover, at each true value."""
    percent = f"{100.0 * found.level:.4g}%"
    table = PlainTable(f"{found.run.name}: coverage at {percent}, {found.number} toys at each value of {found.name}")
    for heading in ("true", "interval", "+-", "upper limit", "+-", "Feldman-Cousins", "+-", "its Delta chi2"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in zip(found.grid, found.interval, found.limit, found.band, found.critical, strict=True):
        value, *shares, critical = row
        table.add_row(number(value), *(number(x) for share in shares for x in share), number(critical))
    return table


def calibrations(found: Sequence[CalibrationRecord]) -> PlainTable:
    """A line for each of several calibrations: the worst of its numbers."""
    table = PlainTable("ranks of draws from the prior in posteriors of data simulated there")
    table.add_column("analysis", overflow="fold")
    for heading in ("toys", "numbers", "least p", "within the bands", "poor posteriors", "uniform"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in found:
        inside = f"{sum(row.within for row in one.ranks)} of {len(one.ranks)}"
        cells = (str(one.number), str(len(one.ranks)), number(one.least), inside, str(one.poor))
        table.add_row(one.run.name, *cells, "yes" if one.uniform else "no")
    return table
