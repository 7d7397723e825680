"""The one way to measure time: compilation apart from running, warm, in turns, medians."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from nmmjax._speed import Speed

TURNS, FEWEST = 9, 3
"""How often a time is taken, and at least where that takes long."""
LEAST, MOST = 0.03, 8.0
"""How long [s] calls are repeated for one time, and all turns together, unless there are the fewest."""


class Program(NamedTuple):
    """A compiled function with its arguments."""

    call: Callable[[], Any]
    """Waits for its result."""
    compiling: float
    """Seconds from Python to machine code."""

    @classmethod
    def of(cls, function: Callable[..., Any], *arguments: Any) -> "Program":
        begun = time.perf_counter()
        compiled = jax.jit(function).lower(*arguments).compile()
        compiling = time.perf_counter() - begun
        return cls(lambda: jax.block_until_ready(compiled(*arguments)), compiling)

    @classmethod
    def quickest(cls, functions: tuple[Callable[..., Any], ...], *arguments: Any) -> "Program":
        """Of several that do the same."""
        programs = [cls.of(function, *arguments) for function in functions]
        if len(programs) == 1:
            return programs[0]
        return programs[int(np.argmin(np.median(in_turns(*(p.call for p in programs), turns=3), axis=1)))]

    def speed(self, what: str, each: str, count: int, **further: Any) -> Speed:
        """The row of this program alone, which does something so many times."""
        times = in_turns(self.call)[0] / count
        return Speed(what, each, float(np.median(times)), self.compiling, spread(times), **further)

    def beside(self, name: str, other: "Program", what: str, each: str, count: int, **further: Any) -> Speed:
        """The row of this program and that of another code, turn by turn."""
        times = in_turns(self.call, other.call) / count
        here, there = (float(t) for t in np.median(times, axis=1))
        further |= {"peer": name, "peer_run": there, "peer_compile": other.compiling}
        ratio = float(np.median(times[1] / times[0]))
        return Speed(what, each, here, self.compiling, spread(times[0]), ratio=ratio, **further)


def in_turns(*calls: Callable[[], Any], turns: int = TURNS) -> Float[np.ndarray, "calls turns"]:
    """Seconds of each call, one after the other in every turn, so that what slows the machine slows all."""
    once = np.array([min(seconds(call), seconds(call)) for call in calls])
    counts = np.maximum(1, LEAST / np.maximum(once, 1e-7)).astype(int)
    turns = min(turns, max(FEWEST, int(MOST / np.sum(counts * once))))
    return np.array([[seconds(c, n) for c, n in zip(calls, counts.tolist(), strict=True)] for _ in range(turns)]).T


def seconds(call: Callable[[], Any], repeats: int = 1) -> float:
    """Mean of some calls in a row."""
    begun = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - begun) / repeats


def spread(times: Float[np.ndarray, " turns"]) -> float:
    """(90 % - 10 % quantile) / median."""
    low, middle, high = np.quantile(times, (0.1, 0.5, 0.9))
    return float((high - low) / middle)
