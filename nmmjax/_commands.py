"""What each command does. Nothing of it is imported before the command line has been read."""

import argparse
import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from rich.console import Console

from nmmjax import (
    _calibrations,
    _checks,
    _deciding,
    _environment,
    _executor,
    _forecasts,
    _hypotheses,
    _platform,
    _program_cache,
    _questions,
    _speed,
    _toys,
    experiments,
    gallery,
    infer,
    ledger,
    listings,
    models,
    plots,
    report,
    results,
    surveys,
)
from nmmjax._files import locked, writable
from nmmjax._interruption import Interruption
from nmmjax._screen import Screen
from nmmjax._words import plain
from nmmjax.analysis import Analysis, Settings, run
from nmmjax.infer import Sampler
from nmmjax.results import Result

_TABLE, _FIGURE = "benchmark.csv", "benchmark.png"
_NARROWEST = 100
"""Columns that tables need; a narrower terminal wraps their lines rather than lose digits."""


def screen(interruption: Interruption) -> Screen:
    """The screen of this process."""
    console = Console(highlight=False)
    console.width = max(console.width, _NARROWEST)
    return Screen(console, interruption)


# nmmjax fit


def _fit(options: argparse.Namespace, screen: Screen) -> bool:
    entry = gallery.find(options.fit)
    _configure_jax(options)
    options.out = options.out or Path("results") / entry.name
    writable("--out", options.out)
    if not infer.leads():
        screen.console.quiet = True
    screen.say(f"{entry.name}: {entry.headline}")
    with gallery.neighbors(entry):
        built = {hypothesis: _override(analysis, options) for hypothesis, analysis in gallery.build(entry).items()}
        several = set(built) != {""}
        with locked(options.out) if several and infer.leads() else contextlib.nullcontext():
            answers = _answers if options.cluster is None else _answers_from_afar
            answered = list(answers(entry, built, options, screen))
    found = [result for result in answered if result is not None]
    if len(found) > 1 and infer.leads():
        screen.console.print(report.comparison(found))
        screen.show_paths(plots.draw_together(found, options.out))
    _platform.part()
    return all(result is not None and result.good for result in answered)


def _answers(
    entry: gallery.Entry, built: dict[str, Analysis], options: argparse.Namespace, screen: Screen
) -> Iterator[Result]:
    """The result of each hypothesis, shown; none after one that was interrupted."""
    sampled, resume = not options.map_only, options.resume
    for hypothesis, analysis in built.items():
        name, folder = f"{entry.name}/{hypothesis}".rstrip("/"), writable("--out", options.out / hypothesis)
        screen.written = []
        result = run(analysis, folder, name=name, resume=resume, sampled=sampled, file=entry.path, progress=screen)
        screen.console.print(report.result(result))
        screen.show_paths(screen.written)
        yield result
        if result.sampling and not result.sampling.complete:
            return


def _answers_from_afar(
    entry: gallery.Entry, built: dict[str, Analysis], options: argparse.Namespace, screen: Screen
) -> Iterator[Result | None]:
    """The result of each hypothesis, shown as it comes from the cluster; None of one that has failed."""
    how = {"sampled": not options.map_only, "resume": options.resume}
    with _executor.chosen(options, screen) as executor:
        for result in _hypotheses.answers(entry, built, options.out, executor, screen, **how):
            if result is not None:
                screen.console.print(report.result(result))
            yield result


def _configure_jax(options: argparse.Namespace) -> None:
    """Platform, number of host devices and processes of the job: all must be known before JAX is first used."""
    job = None
    if getattr(options, "distributed", False) or getattr(options, "coordinator", None):
        if options.cluster is not None:
            _checks.fail("--distributed", "be left out with --cluster, which gives whole runs away", "both are given")
        job = _platform.Job(options.coordinator, options.processes, options.process)
    _platform.configure(options.platform, options.chains, job)


def _override(analysis: Analysis, options: argparse.Namespace) -> Analysis:
    """The analysis with the settings of the command line."""
    given = {name: getattr(options, name) for name in ("chains", "samples", "warmup", "seed")}
    changed = {name: value for name, value in given.items() if value is not None}
    if options.sampler is not None:
        changed["sampler"] = Sampler(options.sampler)
    settings = dataclasses.replace(analysis.settings, **changed)
    level = analysis.level if options.level is None else options.level
    return dataclasses.replace(analysis, settings=settings, level=level)


# nmmjax profile


def _profile(options: argparse.Namespace, screen: Screen) -> bool:
    entry = gallery.find(options.fit)
    _configure_jax(options)
    options.out = options.out or Path("results/profiles") / entry.name
    writable("--out", options.out)
    with contextlib.ExitStack() as stack:
        stack.enter_context(gallery.neighbors(entry))
        hypothesis, analysis = gallery.chosen(gallery.build(entry), options.hypothesis)
        if options.level is not None:
            analysis = dataclasses.replace(analysis, level=options.level)
        executor = stack.enter_context(_executor.chosen(options, screen))
        names = [name for name in (options.parameter, options.second) if name is not None]
        found = surveys.run(
            analysis,
            names,
            options.out / hypothesis,
            name=f"{entry.name}/{hypothesis}".rstrip("/"),
            ranges=[(low, high) for low, high in options.range or ()],
            points=options.points,
            resume=options.resume,
            progress=screen,
            executor=executor,
        )
    screen.console.print(report.survey(found.name, found.survey, found.best, found.levels))
    screen.show_paths(found.written)
    return found.good


# nmmjax check


def _check(options: argparse.Namespace, screen: Screen) -> bool:
    entry, good = gallery.find(options.fit), True
    _configure_jax(options)
    with gallery.neighbors(entry):
        built = gallery.build(entry)
        chosen = built if options.hypothesis is None else dict([gallery.chosen(built, options.hypothesis)])
        for hypothesis, analysis in chosen.items():
            name = f"{entry.name}/{hypothesis}".rstrip("/")
            with screen.step(f"{name}: trying {options.points} points of the prior, and searching the maximum"):
                found = infer.inspect(analysis.fit, settings=analysis.settings, points=options.points)
            screen.console.print(report.inspection(name, found))
            good &= found.good
    return good


# The other commands


def _list(options: argparse.Namespace, screen: Screen) -> bool:
    """Of the package, or of one analysis file."""
    if options.file is not None:
        _configure_jax(options)
    entry = None if options.file is None else gallery.find(options.file)
    for title, module, base in (("models", models, models.Model), ("experiments", experiments, experiments.Experiment)):
        exported = [getattr(module, name) for name in module.__all__]
        shipped = [cls for cls in exported if isinstance(cls, type) and issubclass(cls, base) and cls is not base]
        classes = shipped if entry is None else gallery.outside(entry, base)
        lines = [(cls.__name__, (cls.__doc__ or "").partition("\n")[0], cls.reference) for cls in classes]
        screen.console.print(listings.listing(title, lines))
    analyses = gallery.analyses().values() if entry is None else [entry]
    lines = [(a.name, a.headline, a.paper) for a in analyses]
    screen.console.print(listings.listing("analyses: nmmjax fit NAME", lines))
    return True


def _plot(options: argparse.Namespace, screen: Screen) -> bool:
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    loaded = {folder: results.load(folder) for folder in folders}
    for folder, result in loaded.items():
        with screen.step(f"{folder}: drawing"):
            drawn = plots.draw_all(result, writable("RESULT", folder))
        if not drawn:
            screen.say(f"{folder}: nothing was sampled, so there is nothing to draw")
        screen.show_paths(drawn)
    if len(loaded) > 1:
        screen.show_paths(plots.draw_together(list(loaded.values()), options.result))
    return True


def _compare(options: argparse.Namespace, screen: Screen) -> bool:
    """Of result folders, or of the hypotheses in one."""
    folders = [path.parent for folder in options.results for path in sorted(folder.rglob("summary.json"))]
    found = [results.load(folder) for folder in folders or options.results]
    screen.console.print(report.comparison(found))
    return all(result.good for result in found)


def _figures(options: argparse.Namespace, screen: Screen) -> bool:
    """Those that need no fit first."""
    from nmmjax import figures
    from nmmjax.plots._matplotlib import Figure

    _configure_jax(options)
    out = writable("--out", options.out)
    begun = time.perf_counter()

    def show(name: str, draw: Callable[[], Figure]) -> None:
        with screen.step(f"{name}: drawing"):
            path = plots.write(draw(), out / f"{name}.{options.format}")
        screen.say(f"  {path} ({time.perf_counter() - begun:.0f} s)")

    for name, unaided in figures.PLAIN.items():
        show(name, unaided)
    for name, of_earth in figures.MAPS.items():
        show(name, partial(of_earth, options.points))
    solutions = {}
    for name, analysis in gallery.build(gallery.find(figures.ANALYSIS)).items():
        with screen.step(f"{figures.ANALYSIS}/{name}: searching the maximum from {analysis.settings.starts} starts"):
            solutions[name] = figures.solve(analysis.fit)
    for name, of_fits in figures.FITTED.items():
        show(name, partial(of_fits, solutions))
    return True


def _ledger(options: argparse.Namespace, screen: Screen) -> bool:
    rows = ledger.rows(options.document)
    _configure_jax(options)
    outcomes = [ledger.recompute(row) for row in screen.each(rows, lambda row: f"{row.document}: {row.where}")]
    screen.console.print(listings.ledger(outcomes))
    failed = [outcome.row.id for outcome in outcomes if not outcome.holds]
    if failed:
        words = plain(f"rows that do not hold: {', '.join(failed)}")
        screen.console.print(words, style="bold red", soft_wrap=True)
    return not failed


def _benchmark(options: argparse.Namespace, screen: Screen) -> bool:
    """Nothing computes in this process: each question has a platform, cores and a cache of its own."""
    if _environment.single_precision():
        raise ValueError("Environment variable `NMMJAX_FLOAT32` must say no, but it says yes: accuracy comes first.")
    questions, missing = _questions.chosen(options.questions), _questions.missing_peers() if options.peers else []
    if missing:
        screen.say(f'not installed, and left out: {", ".join(missing)} (pip install "nmmjax[peers]")')
    rows, failed = [], []
    with locked(writable("--out", options.out)):
        table, figure = options.out / _TABLE, options.out / _FIGURE
        table.unlink(missing_ok=True)
        figure.unlink(missing_ok=True)
        for number, question in enumerate(questions, 1):
            with screen.step(f"{question.name}, {number} of {len(questions)}: {question.headline}"):
                failed += _answered(question, rows, options, screen)
        if rows:
            screen.console.print(listings.speeds(rows))
            plots.write(plots.speeds(rows), figure)
            screen.show_paths((table, figure))
    for words in failed:
        screen.console.print(plain(words, "bold red"), soft_wrap=True)
    return not failed and all(row.good for row in rows)


def _answered(
    question: _questions.Question, rows: list[_speed.Speed], options: argparse.Namespace, screen: Screen
) -> list[str]:
    """Add the rows of a question to those before, and write all as they come; say what it says where it fails."""
    asked = _questions.ask(question, platform=options.platform, peers=options.peers)
    try:
        with contextlib.closing(asked):
            for row in asked:
                rows.append(row)
                _speed.write(rows, options.out / _TABLE)
                screen.say(f"  {row.line}")
                screen.interruption.check()
    except _questions.UnansweredError as error:
        return [f"{question.name} failed: {error} (`python {question.path}` says more)"]
    return []


def _doctor(options: argparse.Namespace, screen: Screen) -> bool:
    _configure_jax(options)
    _environment.find_folders()
    found = results.run_record("doctor", Settings())
    screen.say(f"backend: {found.platform.backend}; devices: {', '.join(found.platform.devices)}")
    screen.say(f"float64: {'yes' if found.platform.float64 else 'NO (the variable NMMJAX_FLOAT32 asks for float32)'}")
    screen.say(f"python {found.python} on {found.platform.machine}, {_platform.cores()} of {os.cpu_count()} cores")
    for package, version in found.versions.items():
        screen.say(f"{package} {version}")
    screen.say(f"cache: {_environment.cache()}{' (for this process)' if _environment.cache_is_temporary() else ''}")
    kept = _program_cache.state()
    where = f"{kept.folder}, {kept.programs} of {kept.size / 2**20:.1f} MiB together" if kept.folder else "not kept"
    screen.say(f"compiled programs: {where} ({kept.why})")
    screen.say(f"analyses: {gallery.folder()}")
    return True


COMMANDS = {
    "fit": _fit,
    "toys": _toys.toys,
    "calibrate": _calibrations.calibrate,
    "forecast": _forecasts.forecast,
    "profile": _profile,
    "check": _check,
    "impacts": _deciding.impacts,
    "reweight": _deciding.reweight,
    "join": _deciding.join,
    "list": _list,
    "plot": _plot,
    "compare": _compare,
    "figures": _figures,
    "ledger": _ledger,
    "benchmark": _benchmark,
    "doctor": _doctor,
}
"""By name: functions of the options and the screen that say whether all is well."""
