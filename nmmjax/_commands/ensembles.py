"""What `nmmjax toys` and `nmmjax calibrate` start from: analyses at their maxima."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax

from nmmjax import infer, results
from nmmjax._commands import _analyses, _shared
from nmmjax._files import locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis
from nmmjax.executors import Executor
from nmmjax.fit import Fit


class Ensemble(NamedTuple):
    """What toys are made of: one hypothesis of an analysis at its maximum, and the folder that is its own meanwhile."""

    analysis: Analysis
    run: results.Run
    folder: Path
    maximum: infer.Maximum
    executor: Executor

    @property
    def key(self) -> jax.Array:
        """Of all toys."""
        return jax.random.PRNGKey(self.run.settings.seed)


def ensembles(
    options: argparse.Namespace, screen: Screen, check: Callable[[Fit], object] = lambda fit: None
) -> Iterator[Ensemble]:
    """Of each hypothesis of an analysis, or the one that is named, after a check of what is asked of their fits."""
    with _analyses.opened(options) as found, locked(options.out), _shared.executor(options, screen) as executor:
        for one in found.values():
            check(one.analysis.fit)
        for one in found.values():
            writable("--out", one.folder)
            yield Ensemble(*one, one.maximum(screen), executor)
