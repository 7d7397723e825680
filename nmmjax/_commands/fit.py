"""The command `nmmjax fit`."""

import argparse
import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from nmmjax import _platform, gallery, infer, plots, report
from nmmjax._commands import _shared, elsewhere
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis, run
from nmmjax.infer import Sampler
from nmmjax.results import Result


def fit(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax fit`; whether all is good."""
    entry = gallery.find(options.fit)
    _shared.configure(options)
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
    with _shared.executor(options, screen) as executor:
        for result in elsewhere.answers(entry, built, options.out, executor, screen, **how):
            if result is not None:
                screen.console.print(report.result(result))
            yield result


def _override(analysis: Analysis, options: argparse.Namespace) -> Analysis:
    """The analysis with the settings of the command line."""
    given = {name: getattr(options, name) for name in ("chains", "samples", "warmup", "seed")}
    changed = {name: value for name, value in given.items() if value is not None}
    if options.sampler is not None:
        changed["sampler"] = Sampler(options.sampler)
    settings = dataclasses.replace(analysis.settings, **changed)
    level = analysis.level if options.level is None else options.level
    return dataclasses.replace(analysis, settings=settings, level=level)
