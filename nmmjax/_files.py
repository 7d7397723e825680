"""Files that are either whole or not there, folders of one run at a time, and what JSON can write."""

import contextlib
import math
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from nmmjax import _checks

if sys.platform != "win32":
    import fcntl

_LOCK = ".lock"
_PIECE = 2**24


@contextlib.contextmanager
def atomic(path: Path, *, room: int = 0) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it when the block ends well and removed when it does not.

    The temporary name keeps the ending of `path`, from which many writers choose a format. `room`: bytes that the disk
    is proved to have first, for writers that a full disk crashes, as HDF5.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        for begun in range(0, room, _PIECE):
            with temporary.open("ab") as stream:
                stream.write(bytes(min(_PIECE, room - begun)))
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def writable(argument: str, folder: Path) -> Path:
    """Make a folder and prove that files can be made in it, before any work is done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        but = f"`{folder}` is a file" if folder.is_file() else str(error)
        _checks.fail(argument, "be a folder that can be written", but)
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder; a lock ends with its process, however that ends.

    A file system that knows no locks has none, and neither has Windows.

    **Raises:** `ValueError` that names the process and the host of the run which is under way there.
    """
    path = folder / _LOCK
    if sys.platform == "win32":
        yield
        return
    while True:
        with path.open("a+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.seek(0)
                holder = stream.read() or "another process"
                raise ValueError(
                    f"Folder `{folder}` must be written by one run at a time, but {holder} does."
                ) from None
            except OSError:  # the file system knows no locks
                pass
            if not _is(path, stream.fileno()):
                continue  # removed by the run before, between the two lines above
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {platform.node()}")
            stream.flush()
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is(path: Path, descriptor: int) -> bool:
    """Whether an open file still is the one of this path."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def jsonable(value: Any) -> Any:
    """Plain numbers, lists and dictionaries; None for what JSON cannot write."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, np.ndarray | jax.Array):
        return jsonable(np.asarray(value).tolist())
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
