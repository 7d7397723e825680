"""The questions of the benchmarks: finds their files, and asks each in a process of its own."""

import ast
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from nmmjax import _checks, _shipped, _speed
from nmmjax._speed import Speed

PEERS = ("jaxnu", "emcee", "scipy", "mpmath")
"""What the extra `peers` brings."""
_PACKAGE = Path(__file__).parent
GOOD, USAGE, INTERRUPTED, BELOW = 0, 2, 3, 4
"""Exit codes of a question; the last one: less was reached than is claimed."""
_PATIENCE = 3.0
"""Seconds in which a process may end by itself."""


class Question(NamedTuple):
    """A file that answers it."""

    name: str
    path: Path
    headline: str


class UnansweredError(Exception):
    """A question has failed; what it said."""


def folder() -> Path:
    """Where the questions lie."""
    return _shipped.folder("benchmarks")


def chosen(names: Sequence[str]) -> list[Question]:
    """The questions of these names, or all.

    **Raises:** `ValueError` that offers the nearest names.
    """
    paths = {path.stem: path for path in sorted(folder().glob("[!_]*.py"))}
    for name in names:
        _checks.check_known("QUESTION", name, paths)
    return [Question(name, paths[name], _headline(paths[name])) for name in dict.fromkeys(names or paths)]


def _headline(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_bytes())) or path.stem).splitlines()[0]


def missing_peers() -> list[str]:
    """Those that are not installed."""
    return [name for name in PEERS if importlib.util.find_spec(name) is None]


def ask(question: Question, *, platform: str | None, peers: bool) -> Generator[Speed, None, None]:
    """The rows of a question, as they come, from a process that needs its own platform, cores and cache.

    **Raises:** `ValueError` for what cannot be asked, `UnansweredError` where the process fails, as where an accuracy
    is not reached. `KeyboardInterrupt` ends the process.
    """
    words = [*(("--platform", platform) if platform else ()), *(("--peers",) if peers else ())]
    command = [sys.executable, str(question.path), "--json", *words]
    path = os.pathsep.join(filter(None, (str(_PACKAGE.parent), os.environ.get("PYTHONPATH"))))
    with tempfile.TemporaryFile() as said:
        environment = os.environ | {"PYTHONPATH": path}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=environment) as process:
            try:
                yield from map(_speed.decode, process.stdout or ())
                process.wait()
            finally:
                _end(process)
        _check(process.returncode, said)


def _end(process: subprocess.Popen[bytes]) -> None:
    """What has not ended is told to, so that it can end what it has started itself."""
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _check(code: int, said: IO[bytes]) -> None:
    said.seek(0)
    words = said.read().decode(errors="replace").strip()
    last = words.splitlines()[-1] if words else f"exit code {code}"
    if code == USAGE:
        raise ValueError(last)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (GOOD, BELOW):
        raise UnansweredError(last)
