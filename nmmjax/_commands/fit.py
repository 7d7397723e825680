"""The command `nmmjax fit`."""

import argparse
import contextlib
from collections.abc import Iterator, Mapping

from nmmjax import _platform, gallery, infer, plots, report
from nmmjax._commands import _analyses, _shared, elsewhere
from nmmjax._commands._analyses import Hypothesis
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import run
from nmmjax.results import Result


def fit(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax fit`; whether all is good."""

    def begun(entry: gallery.Entry) -> None:
        if not infer.leads():
            screen.console.quiet = True
        screen.say(f"{entry.name}: {entry.headline}")

    entry = gallery.find(options.fit)
    with _analyses.opened(options, begun) as asked:
        several = set(asked) != {""}
        with locked(options.out) if several and infer.leads() else contextlib.nullcontext():
            if options.cluster is None:
                answered: list[Result | None] = list(_answers(entry, asked, options, screen))
            else:
                answered = list(_answers_from_afar(entry, asked, options, screen))
    found = [result for result in answered if result is not None]
    if len(found) > 1 and infer.leads():
        screen.console.print(report.comparison(found))
        screen.show_paths(plots.draw_together(found, options.out))
    _platform.part()
    return all(result is not None and result.good for result in answered)


def _answers(
    entry: gallery.Entry, asked: Mapping[str, Hypothesis], options: argparse.Namespace, screen: Screen
) -> Iterator[Result]:
    """The result of each hypothesis, shown; none after one that was interrupted."""
    given = {"sampled": not options.map_only, "resume": options.resume, "file": entry.path, "progress": screen}
    for one in asked.values():
        screen.written = []
        result = run(one.analysis, writable("--out", one.folder), name=one.name, **given)
        screen.console.print(report.result(result))
        screen.show_paths(screen.written)
        yield result
        if result.sampling and not result.sampling.complete:
            return


def _answers_from_afar(
    entry: gallery.Entry, asked: Mapping[str, Hypothesis], options: argparse.Namespace, screen: Screen
) -> Iterator[Result | None]:
    """The result of each hypothesis, shown as it comes from the cluster; None of one that has failed."""
    how = {"sampled": not options.map_only, "resume": options.resume}
    analyses = {name: one.analysis for name, one in asked.items()}
    with _shared.executor(options, screen) as executor:
        for result in elsewhere.answers(entry, analyses, options.out, executor, screen, **how):
            if result is not None:
                screen.console.print(report.result(result))
            yield result
