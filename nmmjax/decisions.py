"""Tables of what decides a result: nuisances, experiments, priors."""

from collections.abc import Iterable

from rich.console import Group, RenderableType

from nmmjax._words import plain
from nmmjax.report import PlainTable, number, prior_words
from nmmjax.results import ImpactRecord, ReweightRecord, ShiftRecord, Verdict

_MOST = 30
"""Nuisances in a table; all of them are in the file."""


def impacts(found: ImpactRecord) -> RenderableType:
    """Impacts for each number of interest, what it is without each experiment, and whether both can be trusted."""
    parts: list[RenderableType] = []
    for one in found.interest:
        shifts, without = found.of(one.name)
        value = f"{number(one.best)} +- {number(one.sd)}" if not one.note else f"{number(one.best)}, {one.note}"
        title = f"{found.run.name}: {one.title} = {value}"
        if shifts:
            parts.append(_shifts(title, shifts))
        if without:
            table = PlainTable(f"{title}: without one experiment")
            table.add_column("without", overflow="fold")
            for heading in ("maximum", "sd", "shift [sd]", "sd / sd of all"):
                table.add_column(heading, justify="right", no_wrap=True)
            table.add_column("")
            for line in without:
                apart = "" if line.shift is None else f"{line.shift:+.2f}"
                wider = "" if line.widening is None else f"{line.widening:.3f}"
                table.add_row(line.experiment, number(line.best), number(line.sd), apart, wider, line.note)
            parts.append(table)
        if not shifts and not without:
            parts.append(plain(f"{title}: no nuisance and no second experiment"))
    parts.append(_verdict(found.run.name, found.verdict, "" if found.complete else "not finished"))
    return Group(*parts)


def _shifts(title: str, shifts: Iterable[ShiftRecord]) -> PlainTable:
    """By size, the largest first."""
    lines = tuple(shifts)
    table = PlainTable(f"{title}: shifts by one standard deviation of each nuisance, all else fitted again")
    table.add_column("nuisance", overflow="fold")
    for heading in ("pull", "post/prior", "down", "up", "prior's down", "prior's up"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines[:_MOST]:
        pull = "" if line.pull is None else f"{line.pull:+.2f}"
        constraint = "" if line.constraint is None else f"{line.constraint:.2f}"
        table.add_row(line.nuisance, pull, constraint, *map(number, (*line.after, *line.before)))
    if len(lines) > _MOST:
        table.caption = plain(f"and {len(lines) - _MOST} smaller ones")
    return table


def reweighted(found: ReweightRecord) -> RenderableType:
    """Old beside new numbers, the ratio of the evidences, and what is left of the draws."""
    name, level = found.run.name, f"{100.0 * found.level:.4g}%"
    parts: list[RenderableType] = [
        plain(f"{name}: {parameter} from {prior_words(found.old[parameter])} to {prior_words(new)}")
        for parameter, new in found.new.items()
    ]
    if found.rows:
        table = PlainTable(f"{name}: with the old priors, and below with the new ones ({level} intervals and limits)")
        table.add_column("parameter", overflow="fold")
        for heading in ("mean", "sd", "from", "to", "below"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row, following in zip(found.rows, (*found.rows[1:], None), strict=True):
            cells = [list(map(number, (one.mean, one.sd, one.low, one.high, one.below))) for one in (row.old, row.new)]
            title = f"{row.name} [{row.unit}]" if row.unit else row.name
            last = row.sampled and (following is None or not following.sampled)
            style = None if row.sampled else "dim"
            table.add_row(title, *map("\n".join, zip(*cells, strict=True)), end_section=last, style=style)
        parts.append(table)
    k = "none" if found.k is None else f"{found.k:.2f}"
    left = f"{name}: {found.ess:.0f} effective draws of {found.draws} are left, k = {k}"
    if found.log_evidence_ratio is not None:
        left += f"; ln (new Z / old Z) = {found.log_evidence_ratio:.3f} +- {found.error or 0.0:.3f}"
    parts += [plain(left), _verdict(name, found.verdict)]
    return Group(*parts)


def _verdict(name: str, verdict: Verdict, more: str = "") -> RenderableType:
    words = "; ".join((*verdict.reasons, *((more,) if more else ()), *verdict.notes))
    if verdict.good and not more:
        return plain(f"{name}: good{words and f' ({words})'}", "bold green")
    return plain(f"{name}: NOT GOOD: {words}", "bold red")
