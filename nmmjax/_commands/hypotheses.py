"""Toys of two hypotheses, and coverage at several true values: `nmmjax toys --test` and `--scan`."""

import argparse

from nmmjax import _checks, gallery, infer, plots, results, simulations
from nmmjax._commands import _shared
from nmmjax._commands.ensembles import ensembles, folder_of, solved
from nmmjax._files import locked, writable
from nmmjax._screen import Screen


def test(options: argparse.Namespace, screen: Screen) -> bool:
    """Of two hypotheses of one file: toys of both, each fitted under both."""
    entry = gallery.find(options.fit)
    _shared.configure(options)
    options.out = options.out or folder_of(entry, options)
    writable("--out", options.out)
    with gallery.neighbors(entry), locked(options.out), _shared.executor(options, screen) as executor:
        built = gallery.build(entry)
        for name in options.test:
            _checks.check_known("--test", name, built)
        if len(set(options.test)) < 2:
            _checks.fail("--test", "name two different hypotheses", f"it names {options.test[0]} twice")
        asked = [solved(entry, name, built[name], options, screen, executor) for name in options.test]
        fits = {name: one.analysis.fit for name, one in zip(options.test, asked, strict=True)}
        maxima = {name: one.maximum for name, one in zip(options.test, asked, strict=True)}
        with screen.counting(f"{entry.name}: fits of toys", 4 * options.number) as progress:
            given = {"settings": asked[0].record.settings, "progress": progress, "resume": options.resume}
            found = infer.discriminate(fits, maxima, options.number, key=asked[0].key, folder=options.out, **given)
        run = results.run_record(entry.name, asked[0].record.settings, file=entry.path)
        record = results.hypothesis_record(run, found)
        paths = [results.keep(record, options.out / "hypotheses.json")]
        paths.append(plots.write(plots.discrimination(found, entry.name), options.out / "hypotheses.png"))
    screen.console.print(simulations.hypotheses(record))
    screen.show_paths(paths)
    return record.good and all(maximum.good for maximum in maxima.values())


def scan(options: argparse.Namespace, screen: Screen) -> bool:
    """Coverage at several true values."""
    if len(options.scan) != 1:
        _checks.fail("--scan", "name one number", f"it names {', '.join(options.scan)}")
    ((name, grid),) = options.scan.items()
    for asked in ensembles(options, screen, lambda fit: _checks.check_known("--scan", name, fit.space.entries)):
        fit, folder = asked.analysis.fit, asked.folder
        given = {"level": options.level, "auxiliary": () if options.conditional else None, "key": asked.key}
        given |= {"checkpoint": folder / "toys.npz", "resume": options.resume, "executor": asked.executor}
        with screen.counting(f"{asked.record.name}: true values of {name}", len(grid)) as progress:
            found = infer.coverage(fit, asked.maximum, name, grid, options.number, progress=progress, **given)
        record = results.scan_record(asked.record, found)
        paths = [results.keep(record, folder / "coverage.json")]
        quantity = asked.analysis.quantities[name.partition("[")[0]]
        paths.append(plots.write(plots.coverage(found, quantity, asked.record.name), folder / "coverage.png"))
        screen.console.print(simulations.coverage(record))
        screen.show_paths(paths)
    return True
