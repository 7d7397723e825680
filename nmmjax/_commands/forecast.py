"""The command `nmmjax forecast`."""

import argparse
from collections.abc import Mapping, Sequence

from nmmjax import _checks, forecasts, simulations
from nmmjax._commands import _analyses, _shared
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis


def forecast(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax forecast`; whether all is good."""
    with _analyses.opened_one(options) as asked:
        plan = _plan(options, asked.analysis)
        forecasts.check(asked.analysis, plan)
        maximum = asked.maximum(screen)
        with (
            _shared.executor(options, screen) as executor,
            screen.counting(f"{asked.name}: exposures", len(plan.exposures)) as progress,
        ):
            given = {"resume": options.resume, "progress": progress, "executor": executor}
            answer = forecasts.run(asked.analysis, maximum, plan, asked.folder, asked.run, **given)
    screen.console.print(simulations.forecast(answer.record))
    screen.show_paths(answer.written)
    return maximum.good and answer.record.good


def _plan(options: argparse.Namespace, analysis: Analysis) -> forecasts.Plan:
    """What the command line asks for, and what the analysis shows where it says nothing."""
    asked = [tuple(names.split(",")) for names in options.parameter or ()]
    if any(len(names) > 2 or len(set(names)) < len(names) for names in asked):
        _checks.fail("--parameter", "be NAME, or NAME,NAME for the plane of two", f"it is {options.parameter}")
    pairs = tuple((names[0], names[1]) for names in asked if len(names) == 2) if asked else analysis.contours
    names = tuple(dict.fromkeys(name for names in asked for name in names)) or analysis.tested
    exposures = _exposures(options.exposure, analysis)
    return forecasts.Plan(exposures, names, pairs, dict(options.at), dict(options.null))


def _exposures(given: Sequence[tuple[str, Sequence[float]]], analysis: Analysis) -> tuple[Mapping[str, float], ...]:
    """One after the other; a factor alone goes with all of the others. All that can grow do, where none is named."""
    if not given:
        names = forecasts.growing(analysis)
        return tuple(dict.fromkeys(names, step) for step in forecasts.STEPS) if names else ({},)
    factors = dict(given)
    number = max(map(len, factors.values()))
    for name, own in factors.items():
        if len(own) not in (1, number):
            _checks.fail("--exposure", f"have one factor or {number} for each experiment", f"{name} has {len(own)}")
    return tuple({name: own[min(i, len(own) - 1)] for name, own in factors.items()} for i in range(number))
