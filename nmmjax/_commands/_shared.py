"""What commands share: the screen, where JAX computes, and who does the work."""

import argparse
import contextlib
from collections.abc import Iterator

from rich.console import Console

from nmmjax import _checks, _platform
from nmmjax._interruption import Interruption
from nmmjax._screen import Screen
from nmmjax.executors import Executor, Here, check_cluster, connected

_NARROWEST = 100
"""Columns that tables need; a narrower terminal wraps their lines rather than lose digits."""


def screen(interruption: Interruption) -> Screen:
    """The screen of this process."""
    console = Console(highlight=False)
    console.width = max(console.width, _NARROWEST)
    return Screen(console, interruption)


def configure(options: argparse.Namespace) -> None:
    """Platform, number of host devices and processes of the job: all must be known before JAX is first used."""
    job = None
    if getattr(options, "distributed", False) or getattr(options, "coordinator", None):
        if options.cluster is not None:
            _checks.fail("--distributed", "be left out with --cluster, which gives whole runs away", "both are given")
        job = _platform.Job(options.coordinator, options.processes, options.process)
    _platform.configure(options.platform, options.chains, job)


@contextlib.contextmanager
def executor(options: argparse.Namespace, screen: Screen) -> Iterator[Executor]:
    """The executor of a command; on a cluster, one that has a worker."""
    if options.cluster is None:
        yield Here()
        return
    check_cluster(options.cluster)
    with contextlib.ExitStack() as stack:
        with screen.step(f"{options.cluster}: waiting for workers"):
            executor = stack.enter_context(connected(options.cluster, platform=options.platform))
            platform = executor.platform
        screen.say(f"{options.cluster}: {executor.workers} workers so far, on {platform}")
        yield executor
