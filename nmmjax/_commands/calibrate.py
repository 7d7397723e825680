"""The command `nmmjax calibrate`, for one analysis or several."""

import argparse
import copy
from collections.abc import Iterator
from pathlib import Path

import jax

from nmmjax import _checks, gallery, infer, plots, results, simulations
from nmmjax._commands.ensembles import ensembles
from nmmjax._files import locked, writable
from nmmjax._screen import Screen


def calibrate(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax calibrate`; whether all is good."""
    if len(options.fit) == 1:
        options.fit = options.fit[0]
        return all(record.good for record, _ in list(_calibrations(options, screen)))
    entries = [gallery.find(fit) for fit in options.fit]
    if len({entry.name for entry in entries}) < len(entries):
        _checks.fail("FIT", "be analyses of different names", f"they are {', '.join(entry.name for entry in entries)}")
    if options.hypothesis is not None:
        _checks.fail("--hypothesis", "go with one analysis", f"there are {len(entries)}")
    options.out = writable("--out", options.out or Path("results/calibrate"))
    found = []
    with locked(options.out):
        for entry, fit in zip(entries, options.fit, strict=True):
            own = copy.copy(options)
            own.fit, own.out = fit, options.out / entry.name
            found += _calibrations(own, screen)
            jax.clear_caches()  # a process may map only so many pieces of memory
        records = [record for record, _ in found]
        paths = [results.calibration_table(records, options.out / "calibrations.csv")]
        together = {record.run.name: calibration for record, calibration in found}
        paths.append(plots.write(plots.calibrations(together), options.out / "calibrations.png"))
    screen.console.print(simulations.calibrations(records))
    screen.show_paths(paths)
    return all(record.good for record in records)


def _calibrations(
    options: argparse.Namespace, screen: Screen
) -> Iterator[tuple[results.CalibrationRecord, infer.Calibration]]:
    """Of each hypothesis of an analysis, shown and written."""
    for asked in ensembles(options, screen):
        fit, folder = asked.analysis.fit, asked.folder
        with screen.counting(f"{asked.run.name}: posteriors", options.number) as progress:
            given = {"checkpoint": folder / "calibration.npz", "resume": options.resume, "progress": progress}
            given["executor"] = asked.executor
            found = infer.calibrate(fit, asked.maximum, options.number, key=asked.key, **given)
        record = results.calibration_record(asked.run, found)
        paths = [folder / "calibration.npz", results.keep(record, folder / "calibration.json")]
        paths.append(plots.write(plots.calibration(found), folder / "calibration.png"))
        screen.console.print(simulations.calibration(record))
        screen.show_paths(paths)
        yield record, found
