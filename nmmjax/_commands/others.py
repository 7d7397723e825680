"""Commands that need no analysis: `nmmjax list`, `figures`, `ledger`, `benchmark`, `completion` and `doctor`."""

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from nmmjax import (
    _checks,
    _environment,
    _platform,
    _program_cache,
    _questions,
    _speed,
    experiments,
    gallery,
    ledger,
    listings,
    models,
    plots,
    plugins,
    results,
    sheets,
    tables,
)
from nmmjax._commands import _shared
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax._words import plain
from nmmjax.analysis import Settings
from nmmjax.listings import Listed
from nmmjax.plugins import Plugin

_TABLE, _FIGURE = "benchmark.csv", "benchmark.png"


def listing(options: argparse.Namespace, screen: Screen) -> bool:
    """Of the package, or of one analysis file; or the data of the package."""
    if options.data:
        if options.file is not None:
            _checks.fail(
                "FILE", "be left out with --data, which shows what the package ships", f"it is {options.file!r}"
            )
        screen.console.print(listings.data(tables.terms()))
        return True
    if options.file is not None:
        _shared.configure(options)
    entry = None if options.file is None else gallery.find(options.file)
    for title, base in (("models", models.Model), ("experiments", experiments.Experiment)):
        listed = _classes(base) if entry is None else list(map(_listed, gallery.outside(entry, base)))
        screen.console.print(listings.listing(title, listed))
    listed = _analyses() if entry is None else [_analysis(entry)] if entry.builds else []
    screen.console.print(listings.listing("analyses: nmmjax fit NAME", listed))
    return True


def _classes(base: type) -> list[Listed]:
    """Of this package and of others."""
    others = sheets.announced(base)
    usable = (_listed(plugin.found)._replace(package=plugin.package) for plugin in others if not plugin.problem)
    return [*map(_listed, sheets.shipped(base).values()), *usable, *_unusable(others)]


def _listed(cls: Any) -> Listed:
    return Listed(cls.__name__, (cls.__doc__ or "").partition("\n")[0], cls.reference)


def _analyses() -> list[Listed]:
    known = (*gallery.analyses().values(), *gallery.announced().values())
    return [*map(_analysis, known), *_unusable(plugins.files(gallery.analyses()))]


def _analysis(entry: gallery.Entry) -> Listed:
    return Listed(entry.name, entry.headline, entry.paper, entry.package)


def _unusable(found: Iterable[Plugin]) -> Iterator[Listed]:
    for plugin in found:
        if plugin.problem:
            yield Listed(plugin.name, f"cannot be used: {plugin.problem}", "", plugin.package, usable=False)


def figures(options: argparse.Namespace, screen: Screen) -> bool:
    """Those that need no fit first."""
    from nmmjax import figures
    from nmmjax.plots._matplotlib import Figure

    _shared.configure(options)
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


def ledgers(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax ledger`; whether all rows hold."""
    rows = ledger.rows(options.document)
    _shared.configure(options)
    outcomes = [ledger.recompute(row) for row in screen.each(rows, lambda row: f"{row.document}: {row.where}")]
    screen.console.print(listings.ledger(outcomes))
    failed = [outcome.row.id for outcome in outcomes if not outcome.holds]
    if failed:
        words = plain(f"rows that do not hold: {', '.join(failed)}")
        screen.console.print(words, style="bold red", soft_wrap=True)
    return not failed


def benchmark(options: argparse.Namespace, screen: Screen) -> bool:
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


def completion(options: argparse.Namespace, screen: Screen) -> bool:
    """What a shell evaluates."""
    from argcomplete.shell_integration import shellcode

    screen.console.print(plain(shellcode(["nmmjax"], shell=options.shell)), soft_wrap=True)
    return True


def doctor(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax doctor`; always good."""
    _shared.configure(options)
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
