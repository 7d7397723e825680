"""What `nmmjax toys` and `nmmjax calibrate` start from: analyses at their maxima."""

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import jax

from nmmjax import gallery, infer, results
from nmmjax._commands import _shared
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis
from nmmjax.executors import Executor
from nmmjax.fit import Fit


class Ensemble(NamedTuple):
    """What toys are made of: one hypothesis of an analysis at its maximum, and the folder that is its own meanwhile."""

    record: results.Run
    analysis: Analysis
    maximum: infer.Maximum
    folder: Path
    executor: Executor

    @property
    def key(self) -> jax.Array:
        """Of all toys."""
        return jax.random.PRNGKey(self.record.settings.seed)


def folder_of(entry: gallery.Entry, options: argparse.Namespace) -> Path:
    """Where a command writes what it finds of an analysis, unless it is told."""
    return Path("results") / entry.name / options.command


def solved(
    entry: gallery.Entry,
    hypothesis: str,
    analysis: Analysis,
    options: argparse.Namespace,
    screen: Screen,
    executor: Executor,
) -> Ensemble:
    """One hypothesis at its maximum."""
    name, folder = f"{entry.name}/{hypothesis}".rstrip("/"), writable("--out", options.out / hypothesis)
    seed = analysis.settings.seed if options.seed is None else options.seed
    settings = dataclasses.replace(analysis.settings, seed=seed)
    with screen.step(f"{name}: searching the maximum from {settings.starts} starts"):
        maximum = infer.maximize(analysis.fit, settings=settings)
    screen.say(f"{name}: {maximum.status.value}, ln p = {maximum.log_density:.3f}")
    return Ensemble(results.run_record(name, settings, file=entry.path), analysis, maximum, folder, executor)


def ensembles(
    options: argparse.Namespace, screen: Screen, check: Callable[[Fit], object] = lambda fit: None
) -> Iterator[Ensemble]:
    """Of each hypothesis of an analysis, or the one that is named, after a check of what is asked of its fit."""
    entry = gallery.find(options.fit)
    _shared.configure(options)
    options.out = options.out or folder_of(entry, options)
    writable("--out", options.out)
    with gallery.neighbors(entry), locked(options.out), _shared.executor(options, screen) as executor:
        built = gallery.build(entry)
        for hypothesis, analysis in (built if options.hypothesis is None else _only(built, options)).items():
            check(analysis.fit)
            yield solved(entry, hypothesis, analysis, options, screen, executor)


def _only(built: Mapping[str, Analysis], options: argparse.Namespace) -> dict[str, Analysis]:
    return dict([gallery.chosen(built, options.hypothesis)])
