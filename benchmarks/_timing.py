"""Warm-up, repeats, medians; compilation apart from running; a table with the machine above it."""

import os
import platform
import time
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from rich.console import Console
from rich.table import Table

import nmmjax


class Stopwatch(NamedTuple):
    """Seconds to compile and, in the median of some repeats, to run; spread is (90 % - 10 %) / median."""

    compile: float
    run: float
    spread: float

    @classmethod
    def of(cls, jitted, *arguments, repeats=15, least=0.02):
        begun = time.perf_counter()
        compiled = jitted.lower(*arguments).compile()
        compiling = time.perf_counter() - begun
        jax.block_until_ready(compiled(*arguments))
        once = seconds(lambda: jax.block_until_ready(compiled(*arguments)), 1)
        inner = max(1, int(least / max(once, 1e-7)))
        times = [seconds(lambda: jax.block_until_ready(compiled(*arguments)), inner) for _ in range(repeats)]
        low, middle, high = np.quantile(times, (0.1, 0.5, 0.9))
        return cls(compiling, float(middle), float((high - low) / middle))


def seconds(call, repeats):
    """Mean seconds of some calls in a row."""
    begun = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - begun) / repeats


def machine():
    """What this is running on, in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.processor())
    return (
        f"nmmjax {nmmjax.__version__}, jax {jax.__version__}, python {platform.python_version()}; "
        f"{cpu}, {os.cpu_count()} cores; devices: {', '.join(str(d) for d in jax.devices())}"
    )


def table(headings, rows):
    """Print rows under headings."""
    console = Console(width=140, highlight=False)
    console.print(machine())
    shown = Table()
    for i, heading in enumerate(headings):
        shown.add_column(heading, justify="left" if i < 2 else "right")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
