"""Results as tables for a terminal. Builds them; the command line prints them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nmmjax import _speed
from nmmjax._words import plain
from nmmjax.infer import Inspection, Survey, one_sided, region, two_sided
from nmmjax.results import (
    EvidenceRecord,
    Goodness,
    Result,
    Row,
    probabilities,
)
from nmmjax.space import names_of

_MANY_PULLS = 14
_MANY_POOR = 6
_RARE = 1e-3
"""Probabilities below this are written as powers of ten."""
_MANY_MODES, _SMALL = 8, 1e-3
"""So many modes are shown, and only those with such a share of the posterior."""
_NUMBER = 10
"""Width of -1.234e-12: numbers are never cut, names are folded."""
_HIGHER = 1e-3
"""What is worth a word, in ln p."""
_POOR = 1e-3
"""A probability of chi^2 below this is worth a word."""
_SHOWN = 0.05
"""Of chi^2, what shows in its first digit."""


def result(found: Result) -> RenderableType:
    """Parameters, limits, published values, experiments with their pulls, the verdict, and where the time went."""
    further = (_modes(found), _limits(found), _published(found), *_experiments(found), *_left_out(found))
    words = (_regions(found), _sensitivity(found), _evidences(found))
    parts = (*further, *words, verdict(found), _times(found))
    return Group(_parameters(found), _held(found), *(part for part in parts if part is not None))


class PlainTable(Table):
    """A table whose title, headings and cells are plain words."""

    def __init__(self, title: str, **options: Any):
        given = {"title_justify": "left", "box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0)} | options
        super().__init__(title=plain(title), **given)

    def add_column(self, header: str, *arguments: Any, **options: Any) -> None:
        """A column below a header that is no markup."""
        super().add_column(plain(header), *arguments, **options)

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """A row of cells that are no markup."""
        super().add_row(*map(_plain, cells), **options)


def _plain(cell: RenderableType | None) -> RenderableType | None:
    return plain(cell) if isinstance(cell, str) else cell


def _parameters(found: Result) -> PlainTable:
    level = f"{percent(found.interval.level)} {found.interval.kind}"
    changed = f"; {', '.join(found.run.changes)}" if found.run.changes else ""
    table = PlainTable(f"{found.name}: {found.model.built_by} ({level} intervals{changed})")
    table.add_column("parameter", overflow="fold")
    for heading in ("maximum", "mean", "sd", "from", "to", "R-hat", "ESS", "tail"):
        narrow = {"R-hat": 6, "ESS": 5, "tail": 5}.get(heading, _NUMBER)
        table.add_column(heading, justify="right", no_wrap=True, min_width=narrow)
    rows = found.parameters
    for row, following in zip(rows, (*rows[1:], None), strict=True):
        last_sampled = row.sampled and (following is None or not following.sampled)
        table.add_row(*_parameter(row), end_section=last_sampled, style=None if row.sampled else "dim")
    peaked = ", ".join(row.name for row in rows if row.intervals)
    table.caption = Text(f"several peaks, with the highest-density interval of each: {peaked}") if peaked else None
    return table


def _parameter(row: Row) -> Iterable[str]:
    yield row.title
    yield number(row.best)
    yield from map(number, (row.mean, row.sd) if row.varies else (None,) * 2)
    ends = row.intervals or (((row.low, row.high),) if row.varies else ())
    yield from ("\n".join(number(pair[side]) for pair in ends) for side in (0, 1))
    yield "" if row.rhat is None else f"{row.rhat:.4f}"
    yield from (f"{size:.0f}" if size else "" for size in (row.ess_bulk, row.ess_tail))


def percent(level: float) -> str:
    """A confidence level: 90%, 99.73%."""
    return f"{100.0 * level:.4g}%"


def _held(found: Result) -> Text:
    """What was not sampled: derived quantities hold for these values only."""
    held = (f"{n} = {number(v) if isinstance(v, float | int) else v}" for n, v in found.fixed.items())
    return plain(
        f"not sampled: {', '.join(held) or 'nothing'}; derived quantities (below the line) hold for these values"
    )


def _modes(found: Result) -> PlainTable | None:
    """Where there are several: which they are, how well each describes the data, and how likely it is."""
    modes = found.maximum.modes
    shown = [mode for mode in modes if mode.share > _SMALL or (mode.weight or 0.0) > 0.0][:_MANY_MODES]
    if len(shown) < 2:
        return None
    table = PlainTable("modes: maxima parted by valleys, and their shares of the posterior")
    table.add_column("mode", overflow="fold")
    for heading in ("Delta chi2", "share of draws", "+-", "by normal distributions"):
        table.add_column(heading, justify="right", no_wrap=True)
    for mode in shown:
        name = ", ".join((mode.apart, *mode.where))
        weight, error = ("" if x is None else f"{x:.3f}" for x in (mode.weight, mode.weight_error))
        table.add_row(name, f"{mode.delta_chi2:.2f}", weight, error, f"{mode.share:.3f}")
    if len(shown) < len(modes):
        table.caption = plain(f"and {len(modes) - len(shown)} more")
    return table


def _regions(found: Result) -> Text | None:
    """One line: probabilities of the answers that physics asks for."""
    words = (f"{one.region} {chance(one.probability, one.error)}" for one in found.regions)
    return plain(f"{found.name}: probabilities: {', '.join(words)}") if found.regions else None


def chance(probability: float, error: float | None) -> str:
    """A probability with its error, both with the digits that the error leaves."""
    if error is None:
        return f"{probability:.3g}"
    digits = max(1 - math.floor(math.log10(error)), 2) if error > 0.0 else 3
    if probability < _RARE:
        return f"{probability:.2e} +- {error:.0e}"
    return f"{probability:.{digits}f} +- {error:.{digits}f}"


def _sensitivity(found: Result) -> Text | None:
    """One line: numbers on which the prior decides, or of which prior and data say different things."""
    scaled = found.power_scaling
    if scaled is None:
        return None
    words = []
    for says in dict.fromkeys(line.says for line in scaled.lines if line.says):
        lines = [line for line in scaled.lines if line.says == says]
        named = ", ".join(f"{x.name} ({x.prior:.2f}, {x.likelihood:.2f})" for x in lines[:_MANY_POOR])
        words.append(f"{says}: {named}" + (f" and {len(lines) - _MANY_POOR} more" if len(lines) > _MANY_POOR else ""))
    if scaled.prior_k is None or scaled.prior_k > scaled.reliable_k:
        words.append("the draws do not tell how sensitive numbers are to the prior")
    return plain(f"{found.name}: sensitivity to prior and likelihood: {'; '.join(words)}") if words else None


def _limits(found: Result) -> PlainTable | None:
    """What a limit means: of the posterior, which has a prior, and of the profile likelihood."""
    if not found.limits:
        return None
    level = found.interval.level
    table = PlainTable(f"limits at {percent(level)}: by the posterior with its prior, and by the profile likelihood")
    table.add_column("parameter", no_wrap=True)
    table.add_column("prior")
    two, one = f"Delta chi2 = {two_sided(level):.2f} from", f"{one_sided(level):.2f} below"
    for heading in ("posterior below", two, "to", one):
        table.add_column(heading, justify="right")
    for limit in found.limits:
        row = found.row(limit.name)
        prior = next(found.priors[name] for name in names_of(limit.name) if name in found.priors)
        numbers = (row.below, limit.low, limit.high, limit.upper)
        table.add_row(row.title, prior_words(prior), *map(number, numbers))
        for low, high in limit.further:
            table.add_row(f"{row.title}, also", "", "", number(low), number(high), "")
    return table


def prior_words(written: Mapping[str, Any]) -> str:
    """Its name and numbers."""
    numbers = (f"{k} = {number(v) if isinstance(v, float | int) else v}" for k, v in written.items())
    return f"{written['distribution']}({', '.join(list(numbers)[1:])})"


def _published(found: Result) -> PlainTable | None:
    """Published values beside those found, where the analysis has some."""
    if found.published is None:
        return None
    label = found.published.label
    table = PlainTable(f"beside {label}")
    table.add_column("parameter", no_wrap=True)
    for heading in ("here", "sd", label, "up", "down", "apart [sd]"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in found.published.lines:
        numbers = map(number, (line.value, line.sd, line.best, line.plus, line.minus))
        apart = "" if line.apart is None else f"{line.apart:+.2f}"
        table.add_row(found.row(line.name).title, *numbers, apart)
    return table


def _experiments(found: Result) -> Iterable[PlainTable]:
    totals = PlainTable("experiments at the maximum")
    totals.add_column("experiment")
    totals.add_column("data", justify="right")
    totals.add_column("chi2", justify="right")
    totals.add_column("paper")
    for experiment in found.experiments:
        totals.add_row(experiment.name, str(experiment.data), f"{experiment.chi2:.2f}", experiment.paper)
    yield totals
    pulls = [pull for experiment in found.experiments for pull in experiment.pulls]
    if 0 < len(pulls) <= _MANY_PULLS:
        table = PlainTable("pulls at the maximum, in standard deviations")
        table.add_column("quantity")
        table.add_column("unit")
        for heading in ("predicted", "observed", "pull"):
            table.add_column(heading, justify="right")
        for pull in pulls:
            both = (" x ".join(map(number, side)) for side in (pull.predicted, pull.observed))
            table.add_row(pull.label, pull.unit, *both, "" if pull.pull is None else f"{pull.pull:+.2f}")
        yield table


def _evidences(found: Result) -> Text | None:
    """One line: ln Z by each method."""
    words = (f"{one.log_evidence:.2f}{_give_or_take(one)} ({one.method})" for one in found.evidences)
    return plain(f"{found.name}: ln Z = {', '.join(words)}") if found.evidences else None


def _give_or_take(one: EvidenceRecord) -> str:
    return "" if one.error is None else f" +- {one.error:.2f}"


def _left_out(found: Result) -> Iterable[RenderableType]:
    """How well data are predicted by all others, and those of which the draws do not tell."""
    if not found.leave_one_out:
        return
    table = PlainTable("data left out one at a time: ln of the probability that all others give them")
    table.add_column("experiment")
    for heading in ("data", "sum ln p", "sd", "parameters", "largest k"):
        table.add_column(heading, justify="right")
    for line in found.leave_one_out:
        numbers = (line.elpd, line.error, line.parameters)
        table.add_row(line.name, str(line.data), *(f"{number:.2f}" for number in numbers), f"{line.largest_k:.2f}")
    yield table
    last = found.leave_one_out[-1]
    poor = last.poor if len(found.leave_one_out) == 1 or last.name == "joint" else ()
    if poor:
        named = ", ".join(f"{name} ({k:.2f})" for name, k in sorted(poor, key=lambda one: -one[1])[:_MANY_POOR])
        more = f" and {len(poor) - _MANY_POOR} more" if len(poor) > _MANY_POOR else ""
        yield plain(f"not to be trusted there, as k is above {last.reliable_k:.2f}: {named}{more}")


def verdict(found: Result) -> Text:
    """One line: converged, or why not."""
    at_bound = found.maximum.at_bound
    note = f" (maximum at the bound of the prior: {', '.join(at_bound)})" if at_bound else ""
    note += _goodness(found.goodness) + "".join(f"; {words}" for words in found.verdict.notes)
    if found.good:
        what = "converged" if found.sampling else "maximum found (nothing was sampled)"
        return plain(f"{found.name}: {what}{note}", "bold green")
    return plain(f"{found.name}: NOT CONVERGED: {'; '.join(found.verdict.reasons)}{note}", "bold red")


def _times(found: Result) -> Text | None:
    """One line: how long it took, and what with."""
    seconds = found.run.seconds
    if not seconds.wall:
        return None
    names = ("tracing", "compilation", "sampling", "drawing")
    parts = ", ".join(f"{name} {getattr(seconds, name):.1f} s" for name in names)
    return plain(f"{found.name}: {seconds.wall:.1f} s ({parts})", "dim")


def _goodness(goodness: Goodness) -> str:
    pulls = f" + {goodness.auxiliary:.1f} of nuisances" if goodness.auxiliary >= _SHOWN else ""
    total = f"; chi2 = {goodness.chi2:.1f}{pulls} for {goodness.data} data and {goodness.parameters} parameters"
    if goodness.p_value is None:
        return f"{total}, no p-value ({goodness.withheld}): `nmmjax toys` gives one" if goodness.withheld else ""
    poor = goodness.p_value < _POOR
    return total + (f", p = {max(goodness.p_value, 1e-300):.0e}: THE MODEL DOES NOT DESCRIBE THE DATA" if poor else "")


def inspection(name: str, found: Inspection) -> RenderableType:
    """What is known of a fit before a run: widths, curvature, cost, what is worth knowing and what is wrong."""
    parts: list[RenderableType] = [
        plain(f"{name}: {found.points} draws from the prior, {found.finite:.1%} with a finite density"),
        *(_fault(one.term, "NaN", one.example) for one in found.undefined),
        *(_fault(one.name, "infinite", one.example, "dim") for one in found.infinite),
        *(
            _fault(one.label, f"slope {one.gradient:.6g}, not {one.difference:.6g}", one.at)
            for one in found.wrong_slopes
        ),
    ]
    if found.widths:
        parts.append(_widths(name, found))
    if found.maximum is not None:
        lines = f"maximum: {found.maximum.status.value}, ln p = {found.maximum.log_density:.3f}"
        if len(found.curvatures):
            low, high = found.curvatures[[0, -1]]
            lines += f"; curvatures from {low:.3g} to {high:.3g}, condition {found.condition:.3g}"
        parts.append(plain(f"{lines}; steepest slope at the draws {found.steepest:.3g}"))
    if found.cost is not None:
        one, both = found.cost.value, found.cost.gradient
        few, many = found.cost.run
        words = f"{_speed.duration(one)} for a value, {_speed.duration(both)} with its gradient; "
        words += f"the draws of a run: {_speed.duration(few)} to {_speed.duration(many)} (7 to 31 steps each)"
        parts.append(plain(f"{words}, and programs: some {_speed.duration(found.cost.compiling)} the first time"))
    parts += [plain(f"note: {words}", "yellow") for words in found.remarks]
    parts += [plain(f"WRONG: {words}", "bold red") for words in found.problems]
    if found.good:
        parts.append(plain(f"{name}: nothing wrong was found", "bold green"))
    return Group(*parts)


def _fault(term: str, what: str, at: Mapping[str, Any], style: str = "red") -> Text:
    """A term and a point at which something is wrong with it."""
    point = ", ".join(f"{name} = {np.array2string(np.asarray(value), precision=6)}" for name, value in at.items())
    return plain(f"{term}: {what}, for example at {point}", style)


def _widths(name: str, found: Inspection) -> PlainTable:
    """Posterior beside prior, by component."""
    table = PlainTable(f"{name}: widths in the unconstrained space, by the normal approximation")
    table.add_column("parameter", overflow="fold")
    for heading in ("posterior", "prior", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    for label, (posterior, prior) in found.widths.items():
        table.add_row(label, number(posterior), number(prior), f"{posterior / prior:.2g}")
    return table


def survey(name: str, found: Survey, best: Sequence[float], levels: Sequence[float]) -> RenderableType:
    """Intervals of one number at some levels; of two, where their regions end. How many points have failed."""
    axes = found.axes
    table = PlainTable(f"{name}: profile likelihood of {' and '.join(axis.name for axis in axes)}")
    for heading in ("level", "Delta chi2", *(f"{axis.name} {end}" for axis in axes for end in ("from", "to"))):
        table.add_column(heading, justify="right", no_wrap=True)
    for level in levels:
        height = region(level, len(axes))
        for ends in found.regions(height) if len(axes) == 1 else found.extent(height):
            numbers = ("" if math.isnan(end) else number(end) for end in ends)
            table.add_row(percent(level), f"{height:.2f}", *numbers)
    at = ", ".join(f"{axis.name} = {number(value)}" for axis, value in zip(axes, best, strict=True))
    lines = [plain(f"maximum at {at}; {len(found.places)} points; an empty end lies beyond the range", "dim")]
    if found.failed:
        words = f"{found.failed} points have no maximum with these values, and are left out"
        lines.append(plain(words, "bold red"))
    for words in found.missing:
        lines.append(plain(f"missing, which resuming does again: {words}", "bold red"))
    if found.gain > _HIGHER:
        words = f"the profile rises above the maximum by {found.gain:.3g} in ln p: more starts would find more"
        lines.append(plain(words, "bold red"))
    return Group(table, *lines)


def comparison(found: Sequence[Result]) -> PlainTable:
    """Hypotheses side by side: chi^2 at the maximum and evidence, to be compared where the data are the same.

    chi^2 has the pulls of nuisances in it, as what is maximized.

    ln B is the logarithm of the Bayes factor, the ratio of two evidences. That of a result which cannot be trusted is
    not shown, and no probabilities beside it.
    """
    table = PlainTable(
        "hypotheses: chi2 with nuisances at the maximum, evidence Z, both beside the best of the same data, and "
        "probabilities where all are equally likely before"
    )
    for heading in ("hypothesis", "data", "chi2", "above the best", "ln Z", "ln B", "probability"):
        table.add_column(heading, justify="left" if heading == "hypothesis" else "right", overflow="fold")
    data = [one.data for one in found]
    for one, own in zip(found, data, strict=True):
        chi2 = one.goodness.total
        rivals = [other.goodness.total for other, its in zip(found, data, strict=True) if its == own]
        apart = f"{chi2 - min(rivals):+.2f}" if len(rivals) > 1 else ""
        same = [other for other, its in zip(found, data, strict=True) if its == own]
        table.add_row(one.name, str(one.goodness.data), f"{chi2:.2f}", apart, *_bayes(one, same))
    return table


def _bayes(one: Result, rivals: Sequence[Result]) -> tuple[str, str, str]:
    """ln Z of a result, by how much it lies below that of the best of its rivals, and its probability among them."""
    own, known = _trusted(one), [found for rival in rivals if (found := _trusted(rival)) is not None]
    if own is None:
        return "", "", ""
    best, words = max(known, key=lambda evidence: evidence.log_evidence), f"{own.log_evidence:.2f}{_give_or_take(own)}"
    if len(known) < 2:
        return words, "", ""
    error = 0.0 if own is best else math.hypot(own.error or 0.0, best.error or 0.0)
    all_of_them = len(known) == len(rivals)
    chances = probabilities([z.log_evidence for z in known], [z.error or 0.0 for z in known])
    odds = chance(*chances[next(i for i, z in enumerate(known) if z is own)]) if all_of_them else ""
    return words, f"{own.log_evidence - best.log_evidence:+.2f} +- {error:.2f}", odds


def _trusted(found: Result) -> EvidenceRecord | None:
    """The evidence with the smallest error, of a result that can be trusted; None where none has one."""
    return next((one for one in found.evidences if one.error is not None), None) if found.good else None


def number(value: float | None) -> str:
    """Four digits; nothing for None."""
    return "" if value is None else f"{value:.4g}"
