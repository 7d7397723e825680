"""Hypotheses of an analysis on other machines: what a folder holds goes there, and comes back as a result.

Each hypothesis is a unit of work, with the files of an earlier run of it if that is to go on. So machines need to share
no folder, and a result that has come back is whole.
"""

import contextlib
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from nmmjax import _words, gallery, results
from nmmjax._files import atomic, locked, writable
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis, run
from nmmjax.executors import Executor, Failed
from nmmjax.results import Result


class _Asked(NamedTuple):
    """What all hypotheses share."""

    analyses: Mapping[str, Analysis]
    name: str
    """Of the file that built them."""
    sampled: bool
    resume: bool


class _Hypothesis(NamedTuple):
    """A unit of work."""

    name: str
    files: bytes
    """Of its folder, packed."""


def answers(
    entry: gallery.Entry,
    analyses: Mapping[str, Analysis],
    folder: Path,
    executor: Executor,
    screen: Screen,
    *,
    sampled: bool,
    resume: bool,
) -> Iterator[Result | None]:
    """The result of each hypothesis as it comes, written to its own folder; None of one that has failed, which is told.

    **Arguments:** the analysis file and what it has built; the folder of all results; who does the work; whether
    posteriors are sampled, and whether runs that were cut go on.
    """
    folders = {name: writable("--out", folder / name) for name in analyses}
    units = [_Hypothesis(name, _packed(own) if resume else b"") for name, own in folders.items()]
    asked = _Asked(analyses, entry.name, sampled, resume)
    with contextlib.ExitStack() as stack:
        if set(analyses) == {""}:
            stack.enter_context(locked(folder))
        outcomes = stack.enter_context(contextlib.closing(executor.run(_answered, asked, units)))
        for outcome in screen.awaited(outcomes, f"{entry.name}: answering", len(units)):
            name = units[outcome.unit].name
            if isinstance(outcome, Failed):
                words = f"{_full(entry.name, name)} failed: {outcome.reason}"
                screen.console.print(_words.plain(words, "bold red"), soft_wrap=True)
                yield None
                continue
            _unpack(outcome.result, folders[name])
            yield _signed(entry, folders[name])


def _full(file: str, hypothesis: str) -> str:
    return f"{file}/{hypothesis}".rstrip("/")


def _answered(asked: _Asked, hypothesis: _Hypothesis) -> bytes:
    """The files of the result of a hypothesis, which is answered in a folder of this machine."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _unpack(hypothesis.files, folder)
        name = _full(asked.name, hypothesis.name)
        run(asked.analyses[hypothesis.name], folder, name=name, resume=asked.resume, sampled=asked.sampled)
        return _packed(folder)


def _signed(entry: gallery.Entry, folder: Path) -> Result:
    """The result in a folder, with the analysis file, which only this machine has, in its record."""
    found = results.load(folder)
    own = results.run_record(found.run.name, found.run.settings, file=entry.path)
    found = msgspec.structs.replace(found, run=msgspec.structs.replace(found.run, file=own.file))
    results.save(found, folder)
    return found


def _packed(folder: Path) -> bytes:
    """The files of a folder, but for hidden ones."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                archive.write(path, path.name)
    return stream.getvalue()


def _unpack(files: bytes, folder: Path) -> None:
    """Write packed files, each whole."""
    if not files:
        return
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        for name in archive.namelist():
            with atomic(folder / name) as temporary:
                temporary.write_bytes(archive.read(name))
