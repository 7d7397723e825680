"""The command `nmmjax impacts`."""

import argparse
import re
from pathlib import Path
from typing import Any

from nmmjax import _checks, _platform, decisions, gallery, infer, plots, results
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis


def impacts(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax impacts`; whether all is good."""
    entry, good = gallery.find(options.fit), True
    _platform.configure(options.platform, options.chains)
    options.out = options.out or Path("results") / entry.name / options.command
    writable("--out", options.out)
    with gallery.neighbors(entry), locked(options.out):
        built = gallery.build(entry)
        if options.hypothesis is not None:
            _checks.check_known("--hypothesis", options.hypothesis, built)
            built = {options.hypothesis: built[options.hypothesis]}
        for analysis in built.values():
            for number in options.parameter:
                _checks.check_known("PARAMETER", number, infer.profiled(analysis.fit, _functions(analysis)))
        for hypothesis, analysis in built.items():
            name, folder = f"{entry.name}/{hypothesis}".rstrip("/"), writable("--out", options.out / hypothesis)
            run = results.run_record(name, analysis.settings, file=entry.path)
            record, paths = _decided(run, analysis, tuple(options.parameter) or None, folder, screen)
            screen.console.print(decisions.impacts(record))
            screen.show_paths(paths)
            good &= record.good
    return good


def _functions(analysis: Analysis) -> dict[str, Any]:
    return {name: own.function for name, own in analysis.wanted.derived.items()}


def _decided(
    run: results.Run, analysis: Analysis, interest: tuple[str, ...] | None, folder: Path, screen: Screen
) -> tuple[results.ImpactRecord, list[Path]]:
    """The record of one hypothesis, kept after each experiment, and where files are."""
    fit, settings, functions = analysis.fit, analysis.settings, _functions(analysis)
    with screen.step(f"{run.name}: searching the maximum from {settings.starts} starts"):
        maximum = infer.maximize(fit, settings=settings)
        laplace = infer.laplace(fit, maximum)
    screen.say(f"{run.name}: {maximum.status.value}, ln p = {maximum.log_density:.3f}")
    with screen.step(f"{run.name}: fitting again with each of {len(infer.nuisances_of(fit))} nuisances held"):
        shifts = infer.impacts(fit, maximum, laplace, interest, functions=functions)
    estimates, paths = [], []
    found_by = infer.estimates(fit, maximum, interest, functions=functions, seed=settings.seed)
    names = ("all experiments", *(f"all but {e.name}" for e in fit.experiments))
    for words in screen.each(names if len(fit.experiments) > 1 else names[:1], lambda name: f"{run.name}: {name}"):
        del words
        estimates.append(next(found_by))
        record = results.impact_record(run, fit, maximum, laplace, shifts, estimates, analysis.quantities)
        paths = [results.keep(record, folder / "impacts.json"), results.impact_table(record, folder / "impacts.csv")]
    with screen.step(f"{run.name}: drawing"):
        for one in record.interest:
            figure = plots.impacts(record, one.name)
            if figure is not None:
                stem = "_".join(re.findall(r"\w+", one.name))
                paths.append(plots.write(figure, folder / f"impacts_{stem}.png"))
    return record, paths
