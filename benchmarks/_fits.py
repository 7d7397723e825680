"""Which fits a question is about."""

import argparse
from argparse import Namespace
from collections.abc import Iterator

from _question import options

from nmmjax import _checks, gallery
from nmmjax.analysis import Analysis


def options_of_fits(documentation: str | None) -> argparse.ArgumentParser:
    """Those of a question about fits."""
    parser = options(documentation)
    parser.add_argument("fits", nargs="*", metavar="FIT", help="name, or name/hypothesis; default: a few typical ones")
    parser.add_argument("--all", action="store_true", help="all shipped fits with all their hypotheses")
    return parser


def fits(options: Namespace, typical: tuple[str, ...]) -> Iterator[tuple[str, Analysis]]:
    """The analyses that were asked for by name, else typical ones."""
    if options.all and options.fits:
        _checks.fail("--all", "be given without names", f"there is {options.fits[0]}")
    wanted = options.fits or (sorted(gallery.analyses()) if options.all else typical)
    for name, entry in [(name, gallery.find(name.partition("/")[0])) for name in wanted]:
        built = {f"{entry.name}/{key}".rstrip("/"): analysis for key, analysis in gallery.build(entry).items()}
        if name != entry.name:
            _checks.check_known("FIT", name, built)
        yield from ((label, analysis) for label, analysis in built.items() if name in (entry.name, label))
