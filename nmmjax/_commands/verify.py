"""The command `nmmjax verify`."""

import argparse

from nmmjax import verifications
from nmmjax._commands import _shared
from nmmjax._screen import Screen
from nmmjax.results.verifying import Status


def verify(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax verify`; whether nothing differs from what is published."""
    _shared.configure(options)
    found = verifications.run(options.experiments, options.out, resume=options.resume, progress=screen)
    screen.console.print(verifications.table(found))
    screen.show_paths((options.out / verifications.PAGE, *screen.written))
    return all(record.status is not Status.DIFFERS for record in found)
