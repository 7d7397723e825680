"""`nmmjax cite`."""

import argparse

from nmmjax import citations
from nmmjax._commands import _shared
from nmmjax._files import atomic, writable
from nmmjax._screen import Screen
from nmmjax._words import plain


def cite(options: argparse.Namespace, screen: Screen) -> bool:
    """BibTeX of what a name stands for, printed or written."""
    _shared.configure(options)
    entries = citations.find(options.name)
    if options.to is None:
        screen.console.print(plain(entries), soft_wrap=True)
        return True
    writable("--out", options.to.parent)
    with atomic(options.to) as temporary:
        temporary.write_text(entries, encoding="utf-8")
    screen.show_paths((options.to,))
    return True
