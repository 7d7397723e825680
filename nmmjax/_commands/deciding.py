"""The commands `nmmjax impacts`, `nmmjax reweight` and `nmmjax join`: what decides a result."""

import argparse
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from nmmjax import _checks, _prior_words, decisions, gallery, infer, plots, report, results
from nmmjax._commands import _analyses, _shared
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis
from nmmjax.executors import Executor


def impacts(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax impacts`; whether all is good."""
    good = True
    with _analyses.opened(options) as asked, locked(options.out), _shared.executor(options, screen) as executor:
        if len(set(options.parameter)) < len(options.parameter):
            _checks.fail("PARAMETER", "be different names", f"it is {' '.join(options.parameter)}")
        for one in asked.values():
            for number in options.parameter:
                _checks.check_known("PARAMETER", number, infer.profiled(one.analysis.fit, _functions(one.analysis)))
        for one in asked.values():
            writable("--out", one.folder)
            record, paths = _decided(one, options, screen, executor)
            screen.console.print(decisions.impacts(record))
            screen.show_paths(paths)
            good &= record.good
    return good


def _functions(analysis: Analysis) -> dict[str, Any]:
    return {name: own.function for name, own in analysis.wanted.derived.items()}


def _decided(
    asked: _analyses.Hypothesis, options: argparse.Namespace, screen: Screen, executor: Executor
) -> tuple[results.ImpactRecord, list[Path]]:
    """The record of one hypothesis, and where files are; what the nuisances do is written first."""
    (analysis, run, folder), maximum = asked, asked.maximum(screen)
    fit, interest, functions = analysis.fit, tuple(options.parameter) or None, _functions(analysis)
    file, table = folder / "impacts.json", folder / "impacts.csv"
    number = len(infer.nuisances_of(fit))
    held = f"fitting again with each of {number} nuisances held" if number else "no nuisances to hold"
    with screen.step(f"{asked.name}: {held}"):
        laplace = infer.laplace(fit, maximum)
        shifts = infer.impacts(fit, maximum, laplace, interest, functions=functions)

    def kept(estimates: Sequence[infer.Estimate]) -> results.ImpactRecord:
        record = results.impact_record(run, fit, maximum, laplace, shifts, estimates, analysis.quantities)
        results.impact_table(record, table)
        results.keep(record, file)
        return record

    given = {"functions": functions, "seed": run.settings.seed}
    whole = infer.estimate(fit, maximum, interest, **given)
    record = kept([whole])
    if len(fit.experiments) > 1:
        with screen.counting(f"{asked.name}: without one experiment", len(fit.experiments)) as progress:
            given |= {"checkpoint": folder / "impacts.npz", "resume": options.resume, "progress": progress}
            record = kept([whole, *infer.estimates_without(fit, maximum, interest, executor=executor, **given)])
    paths = [file, table]
    for earlier in folder.glob("impacts_*.png"):
        earlier.unlink()
    with screen.step(f"{asked.name}: drawing"):
        for one in record.interest:
            figure = plots.impacts(record, one.name)
            if figure is not None:
                stem = "_".join(re.findall(r"\w+", one.name))
                paths.append(plots.write(figure, folder / f"impacts_{stem}.png"))
    return record, paths


# nmmjax reweight


def reweight(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax reweight`; whether enough draws are left, and all is good."""
    priors: dict[str, Any] = {}
    for text in options.prior:
        name, prior = _prior_words.parsed(text)
        if name in priors:
            _checks.fail("--prior", "name different parameters", f"{name} is there twice")
        priors[name] = prior
    found = results.reweight(results.load(options.result), priors)
    options.out = writable("--out", options.out or options.result / "reweighted")
    with locked(options.out):
        paths = [results.keep(found.record, options.out / "reweighted.json")]
        drawn, figure = options.out / "posterior.nc", options.out / "reweighted.png"
        if found.record.rows:
            paths += [results.keep_draws(found, drawn), plots.write(plots.reweighted(found), figure)]
        else:  # of an earlier run
            drawn.unlink(missing_ok=True)
            figure.unlink(missing_ok=True)
    screen.console.print(decisions.reweighted(found.record))
    screen.show_paths(paths)
    return found.record.verdict.good


# nmmjax join


def join(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax join`; whether the joined result is good."""
    found = [results.load(folder) for folder in options.results]
    results.check_joinable(found, list(map(str, options.results)))
    if any(folder.resolve() == options.out.resolve() for folder in options.results):
        _checks.fail("--out", "be a folder of its own", f"`{options.out}` is one of those that are joined")
    if (options.out / "checkpoint.npz").exists():
        _checks.fail("--out", "hold no run of its own", f"`{options.out}` does")
    _shared.configure(options)
    first, entry = found[0], _analyses.file_of(found[0], options.fit)
    with locked(writable("--out", options.out)), gallery.neighbors(entry):
        analysis = _analyses.of_result(first, entry)
        fit, name = analysis.fit, first.name
        with screen.step(f"{name}: is the fit what it was"):
            results.check_fit(first, fit)
        with screen.step(f"{name}: searching the maximum from {first.run.settings.starts} starts"):
            maximum = infer.maximize(fit, settings=first.run.settings)
        with screen.step(f"{name}: summarizing the draws of {len(found)} runs"):
            result = results.joined(found, fit, maximum, analysis.wanted, thin=options.thin)
        assert result.sampling is not None
        size = {"chains": result.sampling.chains, "samples": result.sampling.draws}
        run = results.run_record(
            name, dataclasses.replace(first.run.settings, **size), file=entry.path, changes=first.run.changes
        )
        result = msgspec.structs.replace(result, run=run)
        paths = results.save(result, options.out)
        with screen.step(f"{name}: drawing"):
            paths += plots.draw_all(result, options.out)
    screen.console.print(report.result(result))
    screen.show_paths(paths)
    return result.good
