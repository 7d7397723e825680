"""Results as tables for a terminal. Builds them; the command line prints them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from nmmjax.ledger import DOCUMENTS, Outcome, Verdict
from nmmjax.results import Saved

_MANY_PULLS = 14
_NUMBER = 10
"""Width of -1.234e-12: numbers are never cut, names are folded."""
_POOR = 1e-3
"""A probability of chi^2 below this is worth a word."""


def result(saved: Saved) -> RenderableType:
    """Parameters, experiments with their pulls, and the verdict."""
    summary = saved.summary
    tables = (*_limits(summary), *_beside(summary), *_experiments(summary))
    return Group(_parameters(summary), _held(summary), *tables, verdict(summary))


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))


def _parameters(summary: Mapping[str, Any]) -> Table:
    level = f"{summary['interval']['level']:.0%} {summary['interval']['kind']}"
    table = _table(f"{summary['name']}: {summary['model']['built_by']} ({level} intervals)")
    table.add_column("parameter", overflow="fold")
    for heading in ("maximum", "mean", "sd", "from", "to", "R-hat", "ESS"):
        narrow = {"R-hat": 6, "ESS": 5}.get(heading, _NUMBER)
        table.add_column(heading, justify="right", no_wrap=True, min_width=narrow)
    rows = summary["parameters"]
    for position, row in enumerate(rows):
        last_sampled = row["sampled"] and (position + 1 == len(rows) or not rows[position + 1]["sampled"])
        table.add_row(*_parameter(row), end_section=last_sampled, style=None if row["sampled"] else "dim")
    return table


def _parameter(row: Mapping[str, Any]) -> Iterable[str]:
    yield escape(f"{row['name']} [{row['unit']}]" if row["unit"] else row["name"])
    yield _number(row["best"])
    varies = row["rhat"] is not None
    yield from (_number(row[column]) if varies else "" for column in ("mean", "sd", "low", "high"))
    yield f"{row['rhat']:.4f}" if varies else ""
    yield f"{row['ess']:.0f}" if varies else ""


def _held(summary: Mapping[str, Any]) -> Text:
    """What was not sampled: derived quantities hold for these values only."""
    held = (f"{n} = {v if isinstance(v, str) else _number(v)}" for n, v in summary["fixed"].items())
    return Text(
        f"not sampled: {', '.join(held) or 'nothing'}; derived quantities (below the line) hold for these values"
    )


def _limits(summary: Mapping[str, Any]) -> Iterable[Table]:
    """What 90 % means: of the posterior, which has a prior, and of the profile likelihood."""
    limits = summary.get("limits")
    if not limits:
        return
    rows = {row["name"]: row for row in summary["parameters"]}
    table = _table("limits at 90 %: by the posterior with its prior, and by the profile likelihood")
    table.add_column("parameter", no_wrap=True)
    table.add_column("prior")
    for heading in ("posterior below", "Delta chi2 = 2.71 from", "to", "1.64 below"):
        table.add_column(heading, justify="right")
    for limit in limits:
        row = rows[limit["name"]]
        numbers = (row["below"], limit["low"], limit["high"], limit["upper"])
        name = escape(f"{row['name']} [{row['unit']}]" if row["unit"] else row["name"])
        table.add_row(name, _prior(summary["priors"][limit["name"]]), *map(_number, numbers))
    yield table


def _prior(written: Mapping[str, Any]) -> str:
    """Its name and numbers."""
    numbers = ", ".join(f"{k} = {_number(v)}" for k, v in written.items() if k != "distribution")
    return f"{written['distribution']}({numbers})"


def _beside(summary: Mapping[str, Any]) -> Iterable[Table]:
    """Published values, where the fit has some."""
    beside = summary.get("beside")
    if beside is None:
        return
    units = {row["name"]: row["unit"] for row in summary["parameters"]}
    table = _table(f"beside {beside['label']}")
    table.add_column("parameter", no_wrap=True)
    for heading in ("here", "sd", beside["label"], "up", "down", "apart [sd]"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in beside["lines"]:
        name, unit = line["name"], units[line["name"]]
        numbers = (_number(line[column]) for column in ("value", "sd", "best", "plus", "minus"))
        table.add_row(
            escape(f"{name} [{unit}]" if unit else name),
            *numbers,
            "" if line["apart"] is None else f"{line['apart']:+.2f}",
        )
    yield table


def _experiments(summary: Mapping[str, Any]) -> Iterable[Table]:
    totals = _table("experiments at the maximum")
    totals.add_column("experiment")
    totals.add_column("data", justify="right")
    totals.add_column("chi2", justify="right")
    totals.add_column("paper")
    for experiment in summary["experiments"]:
        chi2 = f"{experiment['chi2']:.2f}"
        totals.add_row(experiment["name"], str(experiment["data"]), chi2, experiment["paper"])
    yield totals
    pulls = [pull for experiment in summary["experiments"] for pull in experiment["pulls"]]
    if 0 < len(pulls) <= _MANY_PULLS:
        table = _table("pulls at the maximum, in standard deviations")
        table.add_column("quantity")
        table.add_column("unit")
        for heading in ("predicted", "observed", "pull"):
            table.add_column(heading, justify="right")
        for pull in pulls:
            both = (" x ".join(_number(v) for v in pull[side]) for side in ("predicted", "observed"))
            table.add_row(pull["label"], pull["unit"], *both, f"{pull['pull']:+.2f}")
        yield table


def verdict(summary: Mapping[str, Any]) -> Text:
    """One line: converged, or why not."""
    at_bound = summary["maximum"]["at_bound"]
    note = f" (maximum at the bound of the prior: {', '.join(at_bound)})" if at_bound else ""
    note += _goodness(summary["goodness"])
    if summary["verdict"]["good"]:
        what = "converged" if summary["sampling"] else "maximum found (nothing was sampled)"
        return Text(f"{summary['name']}: {what}{note}", style="bold green")
    return Text(f"{summary['name']}: NOT CONVERGED: {'; '.join(summary['verdict']['reasons'])}{note}", style="bold red")


def _goodness(goodness: Mapping[str, Any]) -> str:
    if goodness["p_value"] is None:
        return ""
    total = f"; chi2 = {goodness['chi2']:.1f} for {goodness['data']} data and {goodness['parameters']} parameters"
    poor = goodness["p_value"] < _POOR
    return total + (
        f", p = {max(goodness['p_value'], 1e-300):.0e}: THE MODEL DOES NOT DESCRIBE THE DATA" if poor else ""
    )


def comparison(summaries: Mapping[str, Mapping[str, Any]]) -> Table:
    """Hypotheses of one analysis side by side: chi^2 at the maximum, to be compared where the data are the same."""
    table = _table("hypotheses")
    for heading in ("hypothesis", "data", "chi2 at the maximum", "relative to the best of the same data"):
        table.add_column(heading, justify="left" if heading == "hypothesis" else "right")
    chi2 = {name: summary["goodness"]["chi2"] for name, summary in summaries.items()}
    data = {n: {(line["name"], line["data"]) for line in s["experiments"]} for n, s in summaries.items()}
    for name, summary in summaries.items():
        rivals = [chi2[other] for other in summaries if data[other] == data[name]]
        apart = f"{chi2[name] - min(rivals):+.2f}" if len(rivals) > 1 else ""
        table.add_row(name, str(summary["goodness"]["data"]), f"{chi2[name]:.2f}", apart)
    return table


def listing(title: str, entries: Iterable[tuple[str, str, str]]) -> Table:
    """Names with one line and a paper each."""
    table = Table(title=title, title_justify="left", show_lines=False)
    table.add_column("name", no_wrap=True)
    table.add_column("what it is")
    table.add_column("paper", style="dim")
    for name, line, paper in entries:
        table.add_row(name, escape(line), escape(paper))
    return table


def ledger(outcomes: Sequence[Outcome]) -> RenderableType:
    """Printed statements beside what comes out, below it by another reading, and how many rows have which verdict."""
    by_document = {name: [o for o in outcomes if o.row.document == name] for name in DOCUMENTS}
    tables = (_statements(name, found) for name, found in by_document.items() if found)
    return Group(*tables, _verdicts(outcomes))


def _statements(document: str, outcomes: Iterable[Outcome]) -> Table:
    table = _table(f"{document}: {DOCUMENTS[document].paper}")
    table.add_column("where", ratio=2)
    table.add_column("statement, and how it is computed here", ratio=6)
    table.add_column("printed", justify="right", no_wrap=True)
    table.add_column("here", justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("verdict", ratio=5)
    for outcome in outcomes:
        row = outcome.row
        relation = "" if row.relation in ("=", "==", "in") else f"{row.relation} "
        reading = "" if outcome.reading is None else f"\n{_number(outcome.reading)}"
        verdict = f"{row.verdict.label}: {row.reason}" if row.reason else row.verdict.label
        table.add_row(
            escape(row.where),
            Text(row.statement + "\n").append(row.how, style="dim"),
            escape(relation + row.printed),
            Text(_number(outcome.computed)).append(reading, style="dim"),
            escape(row.unit),
            Text(verdict) if outcome.holds else Text(f"DOES NOT HOLD: {verdict}", style="bold red"),
        )
    return table


def _verdicts(outcomes: Iterable[Outcome]) -> Table:
    counts = Counter(outcome.row.verdict for outcome in outcomes)
    table = _table("verdicts")
    table.add_column("verdict", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("meaning", style="dim")
    for verdict in Verdict:
        table.add_row(verdict.label, str(counts[verdict]), verdict.meaning)
    table.add_section()
    table.add_row("all", str(counts.total()), "")
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
