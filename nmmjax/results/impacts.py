"""What decides on the numbers of a fit: its record, and a table."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nmmjax._files import atomic
from nmmjax.fit import Fit
from nmmjax.infer import Estimate, Impacts, Laplace, Maximum
from nmmjax.infer.deciding import circular
from nmmjax.quantities import Quantity
from nmmjax.results.deciding import ImpactRecord, InterestRecord, ShiftRecord, WithoutRecord
from nmmjax.results.records import Run, Verdict, finite
from nmmjax.results.verdicts import no_maximum
from nmmjax.space import wrapped

_COLUMNS = ("what", "name", "parameter", "unit", "pull", "constraint", "post_down", "post_up", "pre_down", "pre_up")
_MORE = ("best", "sd", "shift_sigma", "widening", "note")


def impact_record(
    run: Run,
    fit: Fit,
    maximum: Maximum,
    laplace: Laplace,
    impacts: Impacts,
    estimates: Sequence[Estimate],
    quantities: dict[str, Quantity],
) -> ImpactRecord:
    """From what has been found; not complete where experiments are missing among the estimates.

    **Arguments:** the run, the fit, its maximum and normal approximation; the impacts; the estimate by all experiments
    and those without one; symbols and units by name.
    """
    whole, *others = estimates
    interest = []
    for place, name in enumerate(impacts.interest):
        array, *_ = name.partition("[")
        quantity, words = quantities[array], _words(whole, place, "")
        symbol, best = quantity.symbol + name.removeprefix(array), float(whole.best[place])
        sd = None if words else finite(whole.sd[place])
        interest.append(InterestRecord(name, symbol, quantity.unit, best, sd, words))
    phases = circular(fit, impacts.interest)
    without = [line for one in others for line in _without(one, whole, impacts.interest, phases)]
    reasons = [*no_maximum(maximum)]
    if maximum.good and not laplace.good:
        reasons.append("the Hessian at the maximum is not positive definite: there is no normal approximation")
    if impacts.lost:
        reasons.append(f"{impacts.lost} maxima with a nuisance held were not found, and are left out")
    reasons += [f"no maximum was found without {one.without}" for one in others if not one.good]
    expected = len(fit.experiments) if len(fit.experiments) > 1 else 0
    verdict = Verdict(not reasons, tuple(reasons))
    return ImpactRecord(run, tuple(interest), tuple(_shifts(impacts)), tuple(without), verdict, len(others) == expected)


def _shifts(found: Impacts) -> Iterator[ShiftRecord]:
    for place, parameter in enumerate(found.interest):
        lines = [
            ShiftRecord(
                nuisance,
                parameter,
                finite(found.pull[i]),
                finite(found.constraint[i]),
                _pair(found.after[i, :, place]),
                _pair(found.before[i, :, place]),
            )
            for i, nuisance in enumerate(found.nuisances)
            if nuisance != parameter
        ]
        yield from sorted(lines, key=lambda line: -line.size)


def _pair(values: np.ndarray) -> tuple[float | None, float | None]:
    return finite(values[0]), finite(values[1])


def _without(one: Estimate, whole: Estimate, interest: Sequence[str], phases: np.ndarray) -> Iterator[WithoutRecord]:
    for place, parameter in enumerate(interest):
        experiment, words = str(one.without), _words(one, place, "without it ")
        if words:
            yield WithoutRecord(experiment, parameter, None, None, None, None, words)
            continue
        best, sd, shift = one.best[place], one.sd[place], one.best[place] - whole.best[place]
        shift = float(wrapped(np.array(shift))) if phases[place] else float(shift)
        known = not _words(whole, place, "") and whole.sd[place] > 0.0
        apart, wider = (shift / whole.sd[place], sd / whole.sd[place]) if known else (np.nan, np.nan)
        yield WithoutRecord(experiment, parameter, float(best), finite(sd), finite(apart), finite(wider))


def _words(one: Estimate, place: int, when: str) -> str:
    """Why an estimate says nothing of one number; empty where it does."""
    if not one.good:
        return f"{when}no maximum was found"
    if one.at_bound[place]:
        return f"{when}at the bound of its prior"
    return f"{when}free: the prior decides" if one.free[place] else ""


def impact_table(record: ImpactRecord, path: Path) -> Path:
    """Write a record as CSV: a row for each nuisance, or experiment that is left out, and number of interest."""
    titles = {one.name: one.unit for one in record.interest}
    with atomic(path) as temporary, temporary.open("w", newline="") as stream:
        stream.write(
            f"# {record.run.name}: shifts in the unit of the parameter; shift_sigma in its standard deviations\n"
        )
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((*_COLUMNS, *_MORE))
        for all_of_it in record.interest:
            cells = ("", "", "", "", "", "", all_of_it.best, all_of_it.sd, "", "", all_of_it.note)
            writer.writerow(("all", "", all_of_it.name, all_of_it.unit, *map(_cell, cells)))
        for shift in record.shifts:
            cells = (shift.pull, shift.constraint, *shift.after, *shift.before, *[""] * 5)
            writer.writerow(("nuisance", shift.nuisance, shift.parameter, titles[shift.parameter], *map(_cell, cells)))
        for left in record.without:
            cells = (*[""] * 6, left.best, left.sd, left.shift, left.widening, left.note)
            writer.writerow(("without", left.experiment, left.parameter, titles[left.parameter], *map(_cell, cells)))
    return path


def _cell(value: float | str | None) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:.8g}"
