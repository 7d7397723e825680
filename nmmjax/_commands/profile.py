"""The commands `nmmjax profile` and `nmmjax check`."""

import argparse

from nmmjax import infer, report, surveys
from nmmjax._commands import _analyses, _shared
from nmmjax._screen import Screen


def profile(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax profile`; whether all is good."""
    with _analyses.opened_one(options) as asked, _shared.executor(options, screen) as executor:
        found = surveys.run(
            asked.analysis,
            [name for name in (options.parameter, options.second) if name is not None],
            asked.folder,
            name=asked.name,
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
    good = True
    with _analyses.opened(options) as asked:
        for one in asked.values():
            words = f"{one.name}: trying {options.points} points of the prior, and searching the maximum"
            with screen.step(words):
                found = infer.inspect(one.analysis.fit, settings=one.analysis.settings, points=options.points)
            screen.console.print(report.inspection(one.name, found))
            good &= found.good
    return good
