"""What all questions share: their options, where they run, and rows that are shown or handed on as they come.

A question is a file with a docstring, a generator of rows that asserts accuracy before it measures, and a `main`:

    def rows(options: Namespace) -> Iterator[Speed]: ...

    if __name__ == "__main__":
        sys.exit(answer(rows, options(__doc__).parse_args()))

Everything in it may import what nmmjax needs; another code is asked for by `peer`.
"""

import argparse
import importlib
import importlib.metadata
import os
import platform
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
from rich.console import Console

from nmmjax import __version__, _checks, _platform, _questions, _speed
from nmmjax._files import writable
from nmmjax._interruption import Interruption
from nmmjax._speed import Speed
from nmmjax._words import plain

FEWEST = 100
"""Points among which some can be checked."""


def options(documentation: str | None) -> argparse.ArgumentParser:
    """The options of every question; one may add its own."""
    parser = argparse.ArgumentParser(description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    parser.add_argument("--peers", action="store_true", help="compare with other codes, where they are installed")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the table to a .csv file, row by row")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each row, and nothing else")
    return parser


def number_of_points(text: str) -> int:
    """From the command line."""
    number = int(text)
    if number < FEWEST:
        raise argparse.ArgumentTypeError(f"must be at least {FEWEST}, but it is {number}")
    return number


def peer(name: str, options: Namespace) -> ModuleType | None:
    """Another code; None where it is not installed or nobody has asked for peers."""
    try:
        return importlib.import_module(name) if options.peers else None
    except ImportError:
        return None


def on_gpu() -> bool:
    """Whether nmmjax runs on an accelerator; what else is measured does not."""
    return jax.default_backend() != "cpu"


def disagreement(one: Any, other: Any) -> float:
    """Largest difference of the leaves, relative to the largest number in each."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return max(float(jnp.max(jnp.abs(a - b)) / jnp.max(jnp.abs(b))) for a, b in pairs)


def answer(
    rows: Callable[[Namespace], Iterable[Speed]], options: Namespace, *, one_core: bool = False, devices: int = 1
) -> int:
    """Measure in this process, and say so: an exit code of `nmmjax._questions`, where Python's own is 1.

    **Arguments:** whether a CPU shall be one core, to compare with codes that use one; as how many devices a CPU
    shall show itself at most.
    """
    with Interruption():
        try:
            _prepare(options, one_core, devices)
            return _answer(rows(options), options)
        except _checks.ArgumentError as error:
            Console(stderr=True, highlight=False).print(plain(str(error)), soft_wrap=True)
            return _questions.USAGE
        except KeyboardInterrupt:
            return _questions.INTERRUPTED


def _prepare(options: Namespace, one_core: bool, devices: int) -> None:
    """Before JAX counts the cores, and before any work is done."""
    if options.out is not None:
        writable("--out", options.out.parent)
    if one_core and not _takes_gpu(options) and sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    jax.config.update("jax_enable_compilation_cache", False)
    try:
        _platform.configure(options.platform, devices)
    except ValueError as error:
        raise _checks.ArgumentError(str(error)) from None


def _takes_gpu(options: Namespace) -> bool:
    """Whether JAX may be about to find one: it must not be used to find out."""
    return options.platform == "gpu" or (options.platform is None and any(Path("/dev").glob("nvidia[0-9]*")))


def _answer(rows: Iterable[Speed], options: Namespace) -> int:
    found, console = [], Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    about = {"question": Path(sys.argv[0]).stem, "device": device(), "versions": versions(options)}
    for row in rows:
        found.append(msgspec.structs.replace(row, **about))
        if options.out is not None:
            _speed.write(found, options.out)
        if options.json:
            sys.stdout.buffer.write(_speed.encode(found[-1]) + b"\n")
            sys.stdout.buffer.flush()
        else:
            console.print(plain(found[-1].line), soft_wrap=True)
    if not options.json:
        from nmmjax import listings

        console.print(listings.speeds(found))
    return _questions.GOOD if all(row.good for row in found) else _questions.BELOW


def device() -> str:
    """What this is running on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    host = f"{cpu or platform.machine()}, {_platform.cores()} of {os.cpu_count()} cores"
    return host if not on_gpu() else f"{jax.devices()[0].device_kind}, host {host}"


def versions(options: Namespace) -> str:
    """Of this package, Python and JAX, and of the codes that it is compared with."""
    known = {"nmmjax": __version__, "python": platform.python_version()}
    for name in ("jax", "jaxlib", *(_questions.PEERS if options.peers else ())):
        try:
            known[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(f"{name} {version}" for name, version in known.items())
