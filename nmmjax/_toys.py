"""The options of `nmmjax toys` that ask of hypotheses, and of coverage at several true values."""

import argparse

from nmmjax import _checks, _ensembles, _platform, gallery, infer, listings, plots, results
from nmmjax._executor import chosen
from nmmjax._files import locked, writable
from nmmjax._screen import Screen

_ALONE = {"test": ("scan", "band", "parameter", "hypothesis"), "scan": ("band", "parameter")}
"""Options that say nothing beside another one."""


def toys(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax toys`; whether all is good."""
    for name, others in _ALONE.items():
        if getattr(options, name):
            _check_alone(options, name, others)
    if options.test:
        return _test(options, screen)
    return _scan(options, screen) if options.scan else _ensembles.toys(options, screen)


def _check_alone(options: argparse.Namespace, name: str, others: tuple[str, ...]) -> None:
    for other in others:
        if getattr(options, other):
            _checks.fail(f"--{name}", f"stand without --{other}", "both are given")
    if options.at != ["best"]:
        _checks.fail(f"--{name}", "stand without --at", "both are given")
    if options.conditional and name == "test":
        _checks.fail("--test", "stand without --conditional", "both are given")


def _test(options: argparse.Namespace, screen: Screen) -> bool:
    """Of two hypotheses of one file: toys of both, each fitted under both."""
    entry = gallery.find(options.fit)
    _platform.configure(options.platform, options.chains)
    options.out = options.out or _ensembles.folder_of(entry, options)
    writable("--out", options.out)
    with gallery.neighbors(entry), locked(options.out), chosen(options, screen) as executor:
        built = gallery.build(entry)
        for name in options.test:
            _checks.check_known("--test", name, built)
        if len(set(options.test)) < 2:
            _checks.fail("--test", "name two different hypotheses", f"it names {options.test[0]} twice")
        asked = [_ensembles.solved(entry, name, built[name], options, screen, executor) for name in options.test]
        fits = {name: one.analysis.fit for name, one in zip(options.test, asked, strict=True)}
        maxima = {name: one.maximum for name, one in zip(options.test, asked, strict=True)}
        with screen.counting(f"{entry.name}: fits of toys", 4 * options.number) as progress:
            given = {"settings": asked[0].record.settings, "progress": progress, "resume": options.resume}
            found = infer.discriminate(fits, maxima, options.number, key=asked[0].key, folder=options.out, **given)
        run = results.run_record(entry.name, asked[0].record.settings, file=entry.path)
        record = results.hypothesis_record(run, found)
        paths = [results.keep(record, options.out / "hypotheses.json")]
        paths.append(plots.write(plots.discrimination(found, entry.name), options.out / "hypotheses.png"))
    screen.console.print(listings.hypotheses(record))
    screen.show_paths(paths)
    return record.good and all(maximum.good for maximum in maxima.values())


def _scan(options: argparse.Namespace, screen: Screen) -> bool:
    """Coverage at several true values."""
    if len(options.scan) != 1:
        _checks.fail("--scan", "name one number", f"it names {', '.join(options.scan)}")
    ((name, grid),) = options.scan.items()
    for asked in _ensembles.ensembles(
        options, screen, lambda fit: _checks.check_known("--scan", name, fit.space.entries)
    ):
        fit, folder = asked.analysis.fit, asked.folder
        given = {"level": options.level, "auxiliary": () if options.conditional else None, "key": asked.key}
        with screen.counting(f"{asked.record.name}: true values of {name}", len(grid)) as progress:
            found = infer.coverage(fit, asked.maximum, name, grid, options.number, progress=progress, **given)
        record = results.scan_record(asked.record, found)
        paths = [results.keep(record, folder / "coverage.json")]
        quantity = asked.analysis.quantities[name.partition("[")[0]]
        paths.append(plots.write(plots.coverage(found, quantity, asked.record.name), folder / "coverage.png"))
        screen.console.print(listings.coverage(record))
        screen.show_paths(paths)
    return True
