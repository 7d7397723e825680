"""Results as tables for a terminal. Builds them; the command line prints them."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nmmjax.results import Saved

_MANY_PULLS = 14


def result(saved: Saved) -> RenderableType:
    """Parameters, experiments with their pulls, and the verdict."""
    summary = saved.summary
    return Group(_parameters(summary), *_experiments(summary), verdict(summary))


def _parameters(summary: Mapping[str, Any]) -> Table:
    interval = f"{summary['interval']['level']:.0%} {summary['interval']['kind']} interval"
    table = Table(title=f"{summary['name']}: {summary['model']['built_by']}", title_justify="left")
    table.add_column("parameter")
    table.add_column("unit")
    for heading in ("maximum", "mean", "sd", interval, "R-hat", "ESS"):
        table.add_column(heading, justify="right")
    rows = summary["parameters"]
    for position, row in enumerate(rows):
        last_sampled = row["sampled"] and (position + 1 == len(rows) or not rows[position + 1]["sampled"])
        table.add_row(*_parameter(row), end_section=last_sampled, style=None if row["sampled"] else "dim")
    return table


def _parameter(row: Mapping[str, Any]) -> Iterable[str]:
    span = "" if row["low"] is None else f"{_number(row['low'])} ... {_number(row['high'])}"
    yield from (row["name"], row["unit"], _number(row["best"]), _number(row["mean"]), _number(row["sd"]), span)
    yield "" if row["rhat"] is None else f"{row['rhat']:.4f}"
    yield "" if row["ess"] is None else f"{row['ess']:.0f}"


def _experiments(summary: Mapping[str, Any]) -> Iterable[Table]:
    totals = Table(title="experiments at the maximum", title_justify="left")
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
        table = Table(title="pulls at the maximum, in standard deviations", title_justify="left")
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
    if summary["verdict"]["good"]:
        what = "converged" if summary["sampling"] else "maximum found (nothing was sampled)"
        return Text(f"{summary['name']}: {what}{note}", style="bold green")
    return Text(f"{summary['name']}: NOT CONVERGED: {'; '.join(summary['verdict']['reasons'])}{note}", style="bold red")


def comparison(summaries: Mapping[str, Mapping[str, Any]]) -> Table:
    """Hypotheses of one analysis side by side: chi^2 at the maximum of each."""
    table = Table(title="hypotheses", title_justify="left")
    for heading in ("hypothesis", "chi2 at the maximum", "relative to the best"):
        table.add_column(heading, justify="left" if heading == "hypothesis" else "right")
    chi2 = {name: sum(e["chi2"] for e in summary["experiments"]) for name, summary in summaries.items()}
    lowest = min(chi2.values())
    for name, value in chi2.items():
        table.add_row(name, f"{value:.2f}", f"{value - lowest:+.2f}")
    return table


def listing(title: str, entries: Iterable[tuple[str, str, str]]) -> Table:
    """Names with one line and a paper each."""
    table = Table(title=title, title_justify="left", show_lines=False)
    table.add_column("name", no_wrap=True)
    table.add_column("what it is")
    table.add_column("paper", style="dim")
    for name, line, paper in entries:
        table.add_row(name, line, paper)
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
