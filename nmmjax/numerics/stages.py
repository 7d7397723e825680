"""Stages of a long elementwise computation, each compiled apart from the others.

Within one loop XLA computes again, for every output, all that the output depends on: what nine entries of a matrix
share is computed nine times, what these share 81 times, and so on from step to step, in derivatives above all. A stage
is a function whose results are written down, so that what follows reads them.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import jax
from jax.experimental.xla_metadata import set_xla_metadata

_Arguments = ParamSpec("_Arguments")
_Found = TypeVar("_Found")


def stage(f: Callable[_Arguments, _Found]) -> Callable[_Arguments, _Found]:
    """f, not compiled into what surrounds it on a CPU. On other devices, whose loops keep shared results, it is f."""
    compiled = jax.jit(f)

    @wraps(f)
    def called(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Found:
        if jax.default_backend() != "cpu":
            return f(*arguments, **named)
        with set_xla_metadata(inlineable="false"):
            return compiled(*arguments, **named)

    return called
