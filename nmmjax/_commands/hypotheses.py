"""Toys of two hypotheses, and coverage at several true values: `nmmjax toys --test` and `--scan`."""

import argparse

import jax
import msgspec

from nmmjax import _checks, gallery, infer, plots, results, simulations
from nmmjax._commands import _analyses, _shared
from nmmjax._commands.ensembles import ensembles
from nmmjax._files import locked
from nmmjax._screen import Screen


def test(options: argparse.Namespace, screen: Screen) -> bool:
    """Of two hypotheses of one file: toys of both, each fitted under both."""
    with _analyses.opened(options) as found, locked(options.out), _shared.executor(options, screen) as executor:
        if len(found) < 2:
            _checks.fail("--test", "go with a file of several hypotheses", f"`{options.fit}` has one analysis")
        for name in options.test:
            _checks.check_known("--test", name, found)
        if len(set(options.test)) < 2:
            _checks.fail("--test", "name two different hypotheses", f"it names {options.test[0]} twice")
        asked = {name: found[name] for name in options.test}
        fits, title = {name: one.analysis.fit for name, one in asked.items()}, gallery.find(options.fit).name
        infer.check_rivals(fits)
        maxima = {name: one.maximum(screen) for name, one in asked.items()}
        run = msgspec.structs.replace(asked[options.test[0]].run, name=title)
        key = jax.random.PRNGKey(run.settings.seed)
        with screen.counting(f"{title}: fits of toys", 4 * options.number) as progress:
            given = {"settings": run.settings, "progress": progress, "resume": options.resume, "executor": executor}
            answer = infer.discriminate(fits, maxima, options.number, key=key, folder=options.out, **given)
        record = results.hypothesis_record(run, answer)
        paths = [results.keep(record, options.out / "hypotheses.json")]
        paths.append(plots.write(plots.discrimination(answer, title), options.out / "hypotheses.png"))
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
        given = {"level": asked.analysis.level, "auxiliary": () if options.conditional else None, "key": asked.key}
        given |= {"checkpoint": folder / "toys.npz", "resume": options.resume, "executor": asked.executor}
        with screen.counting(f"{asked.run.name}: true values of {name}", len(grid)) as progress:
            found = infer.coverage(fit, asked.maximum, name, grid, options.number, progress=progress, **given)
        record = results.scan_record(asked.run, found)
        paths = [results.keep(record, folder / "coverage.json")]
        quantity = asked.analysis.quantities[name.partition("[")[0]]
        paths.append(plots.write(plots.coverage(found, quantity, asked.run.name), folder / "coverage.png"))
        screen.console.print(simulations.coverage(record))
        screen.show_paths(paths)
    return True
