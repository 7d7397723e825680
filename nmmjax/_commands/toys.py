"""The command `nmmjax toys`."""

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import msgspec
import numpy as np

from nmmjax import _checks, infer, plots, results, simulations
from nmmjax._commands import hypotheses
from nmmjax._commands.ensembles import Ensemble, ensembles
from nmmjax._screen import Screen
from nmmjax.fit import Fit

_ALONE = {"test": ("scan", "band", "parameter", "hypothesis"), "scan": ("band", "parameter")}
"""Options that say nothing beside another one."""


def toys(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax toys`; whether all is good."""
    for name, others in _ALONE.items():
        if getattr(options, name):
            _check_alone(options, name, others)
    if options.test:
        return hypotheses.test(options, screen)
    return hypotheses.scan(options, screen) if options.scan else _toys(options, screen)


def _check_alone(options: argparse.Namespace, name: str, others: tuple[str, ...]) -> None:
    for other in others:
        if getattr(options, other):
            _checks.fail(f"--{name}", f"stand without --{other}", "both are given")
    if options.at != ["best"]:
        _checks.fail(f"--{name}", "stand without --at", "both are given")
    if options.conditional and name == "test":
        _checks.fail("--test", "stand without --conditional", "both are given")


def _toys(options: argparse.Namespace, screen: Screen) -> bool:
    """Of each hypothesis: coverage, the p-value of the data, bands and limits."""
    good = True
    for asked in ensembles(options, screen, lambda fit: _check_asked(options, fit)):
        fit, folder, name = asked.analysis.fit, asked.folder, asked.run.name
        at, words = _true_point(fit, asked.maximum, options.at)
        tests = tuple(infer.Held(tuple(names.split(","))) for names in options.parameter or asked.analysis.tested)
        with screen.counting(f"{name}: toys", options.number) as progress:
            given = {"at": at, "tests": tests, "auxiliary": _auxiliary(options), "progress": progress}
            given |= {"checkpoint": folder / "toys.npz", "resume": options.resume, "executor": asked.executor}
            found = infer.toys(fit, asked.maximum, options.number, key=asked.key, **given)
        goodness = results.toy_goodness(found, fit, asked.maximum)
        record = results.toy_record(asked.run, found, words, goodness)
        paths = [folder / "toys.npz", results.keep(record, folder / "toys.json")]
        paths.append(plots.write(plots.toys(found), folder / "toys.png"))
        for band in options.band:
            record, path = (_band if len(band) == 1 else _plane)(asked, record, band, options, screen)
            results.keep(record, folder / "toys.json")
            paths.append(path)
        screen.console.print(simulations.toys(record))
        screen.show_paths(paths)
        good &= record.good
    return good


def _auxiliary(options: argparse.Namespace) -> tuple[str, ...] | None:
    return () if options.conditional else None


def _given(asked: Ensemble, options: argparse.Namespace) -> dict[str, Any]:
    """What bands and limits of one hypothesis are asked with."""
    given = {"level": asked.analysis.level, "auxiliary": _auxiliary(options), "resume": options.resume}
    return given | {"executor": asked.executor}


def _band(
    asked: Ensemble,
    record: results.ToyRecord,
    band: Mapping[str, np.ndarray],
    options: argparse.Namespace,
    screen: Screen,
) -> tuple[results.ToyRecord, Path]:
    """The record with one more band, and the limit by CLs where there is a null hypothesis; and its figure."""
    ((name, grid),) = band.items()
    fit, maximum, count = asked.analysis.fit, asked.maximum, len(record.bands)
    own = jax.random.fold_in(asked.key, 2**30 + count)
    given = _given(asked, options)
    file = _stem(name, grid)
    with screen.counting(f"{asked.run.name}: band of {name}", len(grid)) as progress:
        given |= {"progress": progress, "checkpoint": asked.folder / f"band_{file}.npz"}
        found = infer.feldman_cousins(fit, maximum, {name: grid}, options.number, key=own, **given)
    record = msgspec.structs.replace(record, bands=(*record.bands, results.band_record(found)))
    path = plots.write(plots.feldman_cousins(found), asked.folder / f"band_{count}.png")
    if options.null is not None:
        with screen.counting(f"{asked.run.name}: CLs of {name}", len(grid)) as progress:
            given |= {"null": options.null, "progress": progress, "checkpoint": asked.folder / f"cls_{file}.npz"}
            limit = infer.cls_limit(fit, maximum, {name: grid}, options.number, key=own, **given)
        record = msgspec.structs.replace(record, cls_limits=(*record.cls_limits, results.cls_record(limit)))
    return record, path


def _stem(name: str, grid: np.ndarray) -> str:
    """The name of a file for one grid."""
    return "".join(c if c.isalnum() else "_" for c in f"{name}_{grid[0]:g}_{grid[-1]:g}_{len(grid)}")


def _plane(
    asked: Ensemble,
    record: results.ToyRecord,
    band: Mapping[str, np.ndarray],
    options: argparse.Namespace,
    screen: Screen,
) -> tuple[results.ToyRecord, Path]:
    """The record with the band of two numbers, and what CLs excludes where there is a null hypothesis; its figure."""
    fit, maximum, count = asked.analysis.fit, asked.maximum, len(record.planes)
    own, words = jax.random.fold_in(asked.key, 2**29 + count), " and ".join(band)
    given = _given(asked, options)
    points, file = math.prod(map(len, band.values())), "_".join(_stem(name, grid) for name, grid in band.items())
    with screen.counting(f"{asked.run.name}: band of {words}", points) as progress:
        given |= {"progress": progress, "checkpoint": asked.folder / f"band_{file}.npz"}
        found = infer.feldman_cousins(fit, maximum, band, options.number, key=own, **given)
    excluded = None
    if options.null is not None:
        with screen.counting(f"{asked.run.name}: CLs of {words}", points) as progress:
            given |= {"null": {next(iter(band)): options.null}, "progress": progress}
            given["checkpoint"] = asked.folder / f"cls_{file}.npz"
            excluded = infer.cls_plane(fit, maximum, band, options.number, key=own, **given)
    record = msgspec.structs.replace(record, planes=(*record.planes, results.plane_record(found, excluded)))
    labels = [asked.analysis.quantities[name.partition("[")[0]].label for name in band]
    figure = plots.feldman_cousins_plane(found, excluded, labels, title=asked.run.name)
    return record, plots.write(figure, asked.folder / f"plane_{count}.png")


def _check_asked(options: argparse.Namespace, fit: Fit) -> None:
    """What is to be true, tested and banded are numbers of the fit: known before anything is compiled."""
    named = {"--at": list(_values(options.at)), "--band": [name for band in options.band for name in band]}
    named["--parameter"] = [name for names in options.parameter or () for name in names.split(",")]
    for argument, names in named.items():
        for name in names:
            _checks.check_known(argument, name, fit.space.entries)


def _values(given: Sequence[str]) -> dict[str, float]:
    """Of NAME=VALUE; none for a word alone."""
    values = {}
    for text in given if list(given) not in (["best"], ["prior"]) else ():
        name, _, number = text.partition("=")
        try:
            values[name] = float(number)
        except ValueError:
            _checks.fail("--at", "be best, prior, or NAME=VALUE once or several times", f"it is {text!r}")
        _checks.check_finite("--at", values[name])
    return values


def _true_point(fit: Fit, maximum: infer.Maximum, given: Sequence[str]) -> tuple[Mapping[str, Any] | None, str]:
    """The parameters that are true in toys, and words for them; none for draws from the prior."""
    if list(given) == ["prior"]:
        return None, "draws from the prior"
    values = _values(given)
    words = ", ".join(f"{name} = {value:g}" for name, value in values.items()) or "the maximum of the data"
    return infer.conditional(fit, maximum, values), words
