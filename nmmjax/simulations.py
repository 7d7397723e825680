"""Tables of what simulated experiments have counted: toys, calibrations, hypotheses, forecasts."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType

from nmmjax._words import plain
from nmmjax.report import PlainTable, number, percent
from nmmjax.results import (
    POSTERIOR_LEVELS,
    CalibrationRecord,
    ForecastRecord,
    HypothesisRecord,
    ScanRecord,
    ToyRecord,
)


def toys(found: ToyRecord) -> RenderableType:
    """How often levels cover, the goodness of fit, bands and limits, and whether the toys can be trusted."""
    table = PlainTable(f"{found.run.name}: {found.number} toys at {found.at}")
    table.add_column("tested", overflow="fold")
    for heading in ("level", "chi2 says", "coverage", "+-", "toys say"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in found.coverage:
        cells = (row.bound, row.coverage, row.error, row.critical)
        table.add_row(row.tested, percent(row.level), *map(number, cells))
    moving = ", ".join(found.auxiliary) or "nothing"
    parts: list[RenderableType] = [table] if found.coverage else []
    parts.append(plain(f"auxiliary measurements that fluctuate: {moving}", "dim"))
    if (good := found.goodness) is not None:
        asked = f" (chi2 has none: {good.refused})" if good.refused else ""
        parts.append(plain(f"chi2 = {good.chi2:.1f}: p = {good.p_value:.3g} +- {good.error:.1g} by toys{asked}"))
    for band in found.bands:
        ends = ", ".join(f"{number(low)} to {number(high)}" for low, high in band.intervals) or "nowhere on the grid"
        parts.append(plain(f"{band.name}: {ends} at {percent(band.level)} (Feldman and Cousins)"))
    for plane in found.planes:
        words = f"{100.0 * plane.inside:.3g}% of the points lie inside at {percent(plane.level)} (Feldman and Cousins)"
        parts.append(plain(f"{' and '.join(plane.names)}: {words}"))
    for limit in found.cls_limits:
        upper = "no limit on the grid" if limit.upper is None else f"below {number(limit.upper)}"
        parts.append(plain(f"{limit.name}: {upper} at {percent(limit.level)} (CLs)"))
    if found.lost:
        parts.append(plain(f"{found.lost} toys have no maximum that can be trusted", "" if found.good else "bold red"))
    return Group(*parts, *_missing(found.all_missing))


def _missing(toys: Sequence[str]) -> Iterable[RenderableType]:
    """Which toys are not there."""
    for words in toys:
        yield plain(f"toys are missing, which resuming does again: {words}", "bold red")


def calibration(found: CalibrationRecord) -> RenderableType:
    """How uniform the ranks of true values are."""
    table = PlainTable(f"{found.run.name}: ranks of {found.number} draws from the prior in their posteriors")
    table.add_column("parameter", overflow="fold")
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("within the band")
    for level in POSTERIOR_LEVELS:
        table.add_column(f"in {percent(level)} intervals", justify="right", no_wrap=True)
    for row in found.ranks:
        shares = (f"{share:.3f} +- {error:.3f}" for share, error in zip(row.coverage, row.errors, strict=True))
        table.add_row(row.name, number(row.p_value), "yes" if row.within else "no", *shares)
    table.caption = plain("bands in which ranks of all parameters together lie with 95%, were they uniform")
    words = f"{found.poor} posteriors began with few points: weights of their modes are uncertain" if found.poor else ""
    parts = [plain(words, "" if found.good else "bold red")] if words else []
    return Group(table, *parts, *_missing(found.missing))


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
