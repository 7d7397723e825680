"""`nmmjax new`."""

import argparse

from nmmjax import _checks, new, sheets
from nmmjax._commands import _shared
from nmmjax._screen import Screen
from nmmjax._words import plain


def begin(options: argparse.Namespace, screen: Screen) -> bool:
    """Write files to begin with, and say what to do with them."""
    _shared.configure(options)
    if options.name in sheets.known():
        _checks.fail("NAME", "not be taken", f"`nmmjax show {options.name}` knows one")
    paths = new.write(options.kind, options.name, options.out)
    screen.show_paths(paths)
    file, test = paths[0], paths[-1]
    run = f"  nmmjax fit {file}\n" if options.kind == "analysis" else ""
    words = f"\nIt works as it stands. Try it, then make it yours:\n  pytest {test}\n  nmmjax show {file}\n{run}"
    words += "\nA package of yours announces it by its pyproject.toml:\n"
    screen.console.print(plain(words + new.entry_point(options.kind, options.name)), soft_wrap=True)
    return True
