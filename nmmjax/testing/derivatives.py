"""Derivatives forward, in reverse, and by differences."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np

from nmmjax.testing._claims import require_close

_ROUNDING = 1e-9


def check_derivatives(
    f: Callable[..., Any],
    x: Any,
    *others: Any,
    rtol: float,
    atol: float,
    step: float = 1e-6,
    scale: float = 0.0,
) -> None:
    """The derivatives of f(x, *others) in x (n,): forward = reverse = central differences.

    **Arguments:** a function of a vector, and whatever follows it; tolerances of the differences; their step; the size
    against which rounding is judged where that is larger than the largest derivative. A function that is given again
    is not compiled again.

    **Raises:** `AssertionError` that shows both.
    """
    (along, reverse), x = _compiled(f), np.asarray(x)
    directions = np.eye(len(x))
    backward = np.asarray(reverse(x, *others))
    forward = np.stack([along(x, e, *others)[1] for e in directions], -1)
    largest = max(np.abs(backward).max(), scale)
    require_close(forward, backward, "forward and reverse differ", rtol=_ROUNDING, atol=_ROUNDING * largest)
    ends = [[np.asarray(along(x + shift * e, e, *others)[0]) for shift in (step, -step)] for e in directions]
    differences = np.stack([(after - before) / (2.0 * step) for after, before in ends], -1)
    require_close(backward, differences, "derivatives and differences differ", rtol=rtol, atol=atol)


@cache
def _compiled(f: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Value with the derivative in a direction, and the Jacobian in reverse: two programs for all other arguments."""
    along = jax.jit(lambda x, e, *others: jax.jvp(lambda y: f(y, *others), (x,), (e,)))
    return along, jax.jit(jax.jacrev(f))
