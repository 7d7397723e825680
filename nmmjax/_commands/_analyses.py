"""How a command that asks something of an analysis begins: its hypotheses, the folder of each, its maximum; or of a
result: the analysis that it is of.
"""

import argparse
import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from nmmjax import _checks, changes, gallery, infer, results
from nmmjax._commands import _shared
from nmmjax._files import writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis

_SETTINGS = ("chains", "samples", "warmup", "seed")


class Hypothesis(NamedTuple):
    """One hypothesis of an analysis, with the settings of the command line, and the folder that is its own."""

    analysis: Analysis
    run: results.Run
    folder: Path

    @property
    def name(self) -> str:
        """As screens and records call it."""
        return self.run.name

    def maximum(self, screen: Screen) -> infer.Maximum:
        """Search it, and say how it went."""
        settings = self.analysis.settings
        with screen.step(f"{self.name}: searching the maximum from {settings.starts} starts"):
            found = infer.maximize(self.analysis.fit, settings=settings)
        screen.say(f"{self.name}: {found.status.value}, ln p = {found.log_density:.3f}")
        return found


@contextlib.contextmanager
def opened(
    options: argparse.Namespace, begun: Callable[[gallery.Entry], object] = lambda entry: None
) -> Iterator[dict[str, Hypothesis]]:
    """All hypotheses of an analysis, or the one that is named.

    Where the command writes, `options.out` is its folder afterwards: that of the command line, or results/NAME/COMMAND.
    `begun` is told of the file before that is run, which may take seconds.
    """
    entry = gallery.find(options.fit)
    _shared.configure(options)
    folder = getattr(options, "out", None) or Path("results") / entry.name / options.command
    if "out" in options:
        options.out = writable("--out", folder)
    begun(entry)
    with gallery.neighbors(entry):
        found = {}
        for hypothesis, made in gallery.chosen(gallery.build(entry), getattr(options, "hypothesis", None)).items():
            analysis, name = overridden(made, options), f"{entry.name}/{hypothesis}".rstrip("/")
            run = results.run_record(name, analysis.settings, file=entry.path, changes=analysis.changes)
            found[hypothesis] = Hypothesis(analysis, run, folder / hypothesis)
        yield found


@contextlib.contextmanager
def opened_one(options: argparse.Namespace) -> Iterator[Hypothesis]:
    """The hypothesis that is named, or the only one."""
    with opened(options) as found:
        yield found[gallery.only(found)]


def overridden(analysis: Analysis, options: argparse.Namespace) -> Analysis:
    """The analysis with what the command line says of its numbers, priors and data, its settings and its level."""
    said = [f"{kind} {what}" for kind in changes.KINDS for what in getattr(options, kind, None) or ()]
    analysis = changes.applied(analysis, said)
    changed = {name: value for name in _SETTINGS if (value := getattr(options, name, None)) is not None}
    if (sampler := getattr(options, "sampler", None)) is not None:
        changed["sampler"] = infer.Sampler(sampler)
    level = getattr(options, "level", None)
    settings = dataclasses.replace(analysis.settings, **changed)
    return dataclasses.replace(analysis, settings=settings, level=analysis.level if level is None else level)


def file_of(result: results.Result, given: str | None) -> gallery.Entry:
    """The analysis of a result: as given, by the file that it names, or by the name of a known one."""
    if given is not None:
        return gallery.find(given)
    file, name = result.run.file, result.name.partition("/")[0]
    there = file is not None and Path(file.path).is_file()
    if not there and name not in gallery.analyses() | gallery.announced():
        where = "it names no file" if file is None else f"the file `{file.path}` that it names is not there"
        _checks.fail("--fit", "name the analysis of RESULT", f"{where}, and it was not given")
    return gallery.find(file.path if file is not None and there else name)


def of_result(result: results.Result, entry: gallery.Entry) -> Analysis:
    """The hypothesis of a result, with its confidence level and its changes, from the file of its analysis."""
    built = gallery.build(entry)
    hypothesis = result.name.partition("/")[2] if len(built) > 1 else next(iter(built))
    _checks.check_known("--fit", hypothesis, built)
    return changes.applied(dataclasses.replace(built[hypothesis], level=result.interval.level), result.run.changes)
