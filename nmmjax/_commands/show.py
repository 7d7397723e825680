"""`nmmjax show`."""

import argparse

from nmmjax import listings, sheets
from nmmjax._commands import _shared
from nmmjax._screen import Screen


def show(options: argparse.Namespace, screen: Screen) -> bool:
    """What a model, an experiment or an analysis is."""
    _shared.configure(options)
    for sheet in sheets.find(options.name):
        screen.console.print(listings.sheet(sheet))
    return True
