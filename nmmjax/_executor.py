"""Who does the work of a command: this process, or the cluster that `--cluster` names."""

import argparse
import contextlib
from collections.abc import Iterator

from nmmjax._screen import Screen
from nmmjax.executors import Executor, Here, connected


@contextlib.contextmanager
def chosen(options: argparse.Namespace, screen: Screen) -> Iterator[Executor]:
    """The executor of a command; on a cluster, one that has a worker."""
    if options.cluster is None:
        yield Here()
        return
    with contextlib.ExitStack() as stack:
        with screen.step(f"{options.cluster}: waiting for workers"):
            executor = stack.enter_context(connected(options.cluster, platform=options.platform))
            platform = executor.platform
        screen.say(f"{options.cluster}: {executor.workers} workers so far, on {platform}")
        yield executor
