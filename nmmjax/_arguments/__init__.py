"""What the command line takes, one function for each command. Nothing that computes is imported for it."""

import argparse

from nmmjax._arguments import analyses, ensembles, others, results
from nmmjax._version import __version__


def parser(description: str | None) -> argparse.ArgumentParser:
    """Of `nmmjax COMMAND ...`; the commands in the order of its help."""
    found = argparse.ArgumentParser(
        prog="nmmjax", description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    found.add_argument("--version", action="version", version=f"nmmjax {__version__}")
    commands = found.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (*analyses.COMMANDS, *ensembles.COMMANDS, *results.COMMANDS, *others.COMMANDS):
        add(commands)
    return found
