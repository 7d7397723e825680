"""The commands `nmmjax profile` and `nmmjax check`."""

import argparse
import contextlib
import dataclasses
from pathlib import Path

from nmmjax import gallery, infer, report, surveys
from nmmjax._commands import _shared
from nmmjax._files import writable
from nmmjax._screen import Screen


def profile(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax profile`; whether all is good."""
    entry = gallery.find(options.fit)
    _shared.configure(options)
    options.out = options.out or Path("results/profiles") / entry.name
    writable("--out", options.out)
    with contextlib.ExitStack() as stack:
        stack.enter_context(gallery.neighbors(entry))
        hypothesis, analysis = gallery.chosen(gallery.build(entry), options.hypothesis)
        if options.level is not None:
            analysis = dataclasses.replace(analysis, level=options.level)
        executor = stack.enter_context(_shared.executor(options, screen))
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


def check(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax check`; whether all is good."""
    entry, good = gallery.find(options.fit), True
    _shared.configure(options)
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
