"""`nmmjax export`."""

import argparse
from functools import partial

from nmmjax import exports, plots, results
from nmmjax._files import writable
from nmmjax._screen import Screen

_EXPORTERS = {
    "hepdata": exports.write_hepdata,
    "csv": exports.write_csv,
    "pdf": partial(plots.draw_all, ending="pdf"),
    "pgf": partial(plots.draw_all, ending="pgf"),
}
"""Functions of a result and a folder, which return what they have written."""


def write(options: argparse.Namespace, screen: Screen) -> bool:
    """Always good, as what is written is what was found."""
    out = options.out or options.result / options.to
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    for folder, result in {folder: results.load(folder) for folder in folders}.items():
        into = writable("--out" if options.out else "RESULT", out / folder.relative_to(options.result))
        with screen.step(f"{result.name}: writing"):
            written = _EXPORTERS[options.to](result, into)
        if not written:
            screen.say(f"{folder}: nothing was sampled, so there is nothing to draw")
        screen.show_paths(written)
    return True
