"""Compiled programs on disk, so that no run compiles what another has compiled: JAX's cache, made safe and small.

The programs lie in `nmmjax/programs` in the user's cache folder, in a folder of their own for each kind of processor:
homes are shared between unlike machines. JAX keys them by their text, its version, the flags of the compiler and the
devices.
`NMMJAX_CACHE=off` switches it off, `NMMJAX_CACHE=FOLDER` puts it elsewhere, and where JAX has a cache of the user's
choice, that is used as it is. Only those who may write the folder should be trusted: programs in it are run.
"""

import hashlib
import json
import os
import platform
import shutil
import time
import warnings
import zlib
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax

from nmmjax import _environment
from nmmjax._files import atomic

SWITCH = "NMMJAX_CACHE"
_OFF = ("off", "0", "no", "false")
_LARGEST, _AFTERWARDS = 512 * 2**20, 256 * 2**20
"""Size [bytes] above which programs that have not been read for long are removed, and what is left then."""
_ROOM = 256 * 2**20
"""Free space [bytes] without which nothing is stored."""
_YOUNG = 60.0
"""Age [s] below which a file that does not unpack is one that another process is writing."""
_JAX_FOLDER = "jax_compilation_cache_dir"
_PROGRAM, _INDEX = "-cache", "index.json"
_Index = dict[str, list[int]]
"""Name of a file -> its size, its time [ns] and its checksum."""


class State(NamedTuple):
    """Where programs are kept, how many and how large."""

    folder: Path | None
    """None where nothing is kept."""
    why: str
    """Where that is from, or why there is none."""
    programs: int = 0
    size: int = 0
    """[bytes]"""


def switch_on() -> None:
    """Keep the programs of this process, and use those that are kept."""
    _environment.find_folders()
    folder, _ = _chosen()
    if folder is None or jax.config.values[_JAX_FOLDER] is not None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        if shutil.disk_usage(folder).free < _ROOM or not os.access(folder, os.W_OK):
            raise OSError("there is no room, or it cannot be written")
    except OSError as error:
        warnings.warn(f"Compiled programs are not kept in `{folder}`: {error}", stacklevel=2)
        return
    jax.config.update(_JAX_FOLDER, str(folder))
    if "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS" not in os.environ:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)  # there are many small ones
    _environment.at_the_end(partial(_settle, folder))


def state() -> State:
    """What is kept now."""
    folder, why = _chosen()
    theirs = jax.config.values[_JAX_FOLDER]
    if theirs is not None and (folder is None or Path(theirs) != folder):
        folder, why = Path(theirs), "JAX's own setting"
    if folder is None or not folder.is_dir():
        return State(folder, why)
    sizes = [size for size in map(_size, _programs(folder)) if size is not None]
    return State(folder, why, len(sizes), sum(sizes))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _settle(folder: Path) -> None:
    """Note what this process has added, so that the next one can tell it from what is damaged."""
    try:
        known = _read(folder)
        found = {path.name: known.get(path.name) or _record(path) for path in _programs(folder)}
        index = {name: record for name, record in found.items() if record is not None}
        with atomic(folder / _INDEX) as temporary:
            temporary.write_text(json.dumps(index))
    except OSError:
        return  # the next process looks closer


def _chosen() -> tuple[Path | None, str]:
    """The folder for this kind of processor, and why it is that; None where there is to be none."""
    given = os.environ.get(SWITCH, "").strip()
    if given.lower() in _OFF:
        return None, f"switched off by {SWITCH}"
    if given:
        return Path(given).absolute() / _processor(), f"set by {SWITCH}"
    if _environment.cache_is_temporary():
        return None, "no cache folder can be written"
    return _environment.cache() / "nmmjax" / "programs" / _processor(), "the user's cache"


def _processor() -> str:
    """A word for the machine and the features of its processor, which programs are made for."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        features = " ".join(sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))}))
    except OSError:
        features = platform.processor()
    digest = hashlib.sha256(f"{platform.machine()} {features}".encode()).hexdigest()
    return f"{platform.system().lower()}-{platform.machine()}-{digest[:12]}"


def _programs(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.endswith(_PROGRAM)]


def _sweep(folder: Path) -> None:
    """Remove what is damaged, and what has not been read for the longest time where there is too much."""
    known, stats, damaged = _read(folder), {}, 0
    for path in _programs(folder):
        try:
            stat = path.stat()
            if _is_whole(path, known.get(path.name)) or time.time() - stat.st_mtime < _YOUNG:
                stats[path] = stat
                continue
        except FileNotFoundError:  # another process removed it
            continue
        path.unlink(missing_ok=True)
        damaged += 1
    total = sum(stat.st_size for stat in stats.values())
    for path in sorted(stats, key=lambda p: stats[p].st_atime) if total > _LARGEST else ():
        path.unlink(missing_ok=True)
        total -= stats[path].st_size
        if total <= _AFTERWARDS:
            break
    if damaged:
        warnings.warn(f"Removed {damaged} damaged programs of `{folder}`; they are compiled again.", stacklevel=3)


def _is_whole(path: Path, known: list[int] | None) -> bool:
    """Whether a file is what was written; one that is not known, or written anew, must at least unpack."""
    stat = path.stat()
    if known is not None and known[:2] == [stat.st_size, stat.st_mtime_ns]:
        return True
    data = path.read_bytes()
    if known is not None and known[2] == zlib.crc32(data):
        return True
    try:
        zlib.decompress(data)
    except zlib.error:
        return False
    return True


def _record(path: Path) -> list[int] | None:
    """What the index says of a file; None of one that another process is writing, or has removed."""
    try:
        if not _is_whole(path, None):
            return None
        stat = path.stat()
        return [stat.st_size, stat.st_mtime_ns, zlib.crc32(path.read_bytes())]
    except FileNotFoundError:
        return None


def _read(folder: Path) -> _Index:
    """The index; empty where there is none or it is damaged."""
    try:
        index = json.loads((folder / _INDEX).read_text())
        return {str(name): [int(n) for n in numbers] for name, numbers in index.items() if len(numbers) == 3}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
