"""Arguments that several commands take."""

import argparse
import re
from typing import Any

from nmmjax._arguments._kinds import folder
from nmmjax._arguments._names import complete, fits

Commands = Any
"""What `ArgumentParser.add_subparsers` returns."""
_NEGATIVE = re.compile(r"^-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
"""Negative numbers: those that argparse takes for one have no exponent."""


def command(commands: Commands, name: str, help: str, description: str = "") -> argparse.ArgumentParser:
    """A command with one line for the list, and more for its own help, examples included."""
    parser = commands.add_parser(
        name,
        help=help,
        description=description or help,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(platform=None, chains=None)
    parser._negative_number_matcher = _NEGATIVE
    return parser


def add_fit(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """FIT, or several of them."""
    words = "a name that `nmmjax list` shows, or a path to a .py file"
    complete(parser.add_argument("fit", metavar="FIT", nargs="+" if several else None, help=words), fits, files=True)


def add_changes(parser: argparse.ArgumentParser) -> None:
    """What is changed of an analysis without editing its file; each may be given several times."""
    group = parser.add_argument_group("changes of the analysis, recorded in its results; each may be repeated")
    group.add_argument("--set", metavar="NAME=VALUE", action="append", help="another value of what is not sampled")
    group.add_argument("--fix", metavar="NAME=VALUE", action="append", help="a value in place of a prior")
    words = 'another prior, as "dm21=Normal(7.5e-5, 1e-6)"; what was fixed is sampled with it'
    group.add_argument("--prior", metavar="NAME=PRIOR", action="append", help=words)
    group.add_argument("--without", metavar="EXPERIMENT", action="append", help="leave out an experiment, by its name")


def add_hypothesis(parser: argparse.ArgumentParser, *, default: str = "") -> None:
    """One of those that a file builds."""
    words = "of a file that builds several analyses" + (f"; default: {default}" if default else "")
    parser.add_argument("--hypothesis", metavar="NAME", help=words)


def add_out(parser: argparse.ArgumentParser, default: str) -> None:
    """Where files go."""
    parser.add_argument("--out", type=folder, help=f"folder; default: {default}")


def add_resume(parser: argparse.ArgumentParser) -> None:
    """To go on."""
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run has finished, and go on")


def add_platform(parser: argparse.ArgumentParser) -> None:
    """Where JAX computes."""
    parser.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Who does the work."""
    parser.add_argument(
        "--cluster",
        metavar="WHERE",
        help="processes of this machine (local:4), jobs of a batch system (slurm:8, pbs:8, sge:8, lsf:8 ...), or a "
        "dask scheduler that runs (HOST:PORT); default: this process",
    )
