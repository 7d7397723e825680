"""`nmmjax report`."""

import argparse

from nmmjax import pages, results
from nmmjax._files import atomic, writable
from nmmjax._screen import Screen


def write(options: argparse.Namespace, screen: Screen) -> bool:
    """One page of a result, or of all hypotheses in a folder; whether all are good."""
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    found = [results.load(folder) for folder in folders]
    out = options.result / "report.html" if options.to is None else options.to
    writable("--out", out.parent)
    with screen.step(f"{options.result}: drawing"):
        text = pages.page(found)
    with atomic(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    screen.show_paths((out,))
    return all(result.good for result in found)
