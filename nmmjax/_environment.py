"""What this process finds around it: which precision is asked for, a cache that can be written, what draws figures.

Nothing here imports JAX.
"""

import atexit
import contextlib
import importlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_WORDS = {"": False, "0": False, "false": False, "no": False, "off": False}
_WORDS |= {"1": True, "true": True, "yes": True, "on": True}
_CACHE, _FIGURES = "XDG_CACHE_HOME", "MPLCONFIGDIR"
_TEMPORARY = "nmmjax-cache-"
_at_the_end: list[Callable[[], None]] = []


def single_precision() -> bool:
    """Whether the environment variable `NMMJAX_FLOAT32` asks for single precision.

    **Raises:** `ValueError` where it says neither yes nor no.
    """
    word = os.environ.get("NMMJAX_FLOAT32", "").strip().lower()
    if word not in _WORDS:
        must = f"Environment variable `NMMJAX_FLOAT32` must be one of {', '.join(filter(None, _WORDS))}"
        raise ValueError(f"{must}, but it is {word!r}.")
    return _WORDS[word]


def choose_precision() -> None:
    """Let JAX compute in float64, be it imported already or not, unless single precision is asked for.

    Processes that this one starts compute alike. Nothing is raised here, where a command could not say it in its own
    way: the first import of what computes does.
    """
    with contextlib.suppress(ValueError):
        if single_precision():
            return
        if "jax" in sys.modules:
            sys.modules["jax"].config.update("jax_enable_x64", True)
        else:
            os.environ["JAX_ENABLE_X64"] = "1"


@contextlib.contextmanager
def importing_matplotlib() -> Iterator[None]:
    """Import matplotlib within this context, so that it cannot end a process which wants no more of it than files.

    A backend that is not there, such as that of a notebook for what the notebook starts, is left aside.
    """
    if "matplotlib" in sys.modules:
        yield
        return
    find_folders()
    backend = os.environ.pop("MPLBACKEND", "")
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.get_cachedir()  # which is remembered: what follows does not move it
    if backend:
        try:
            matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"] = backend
        except ValueError:
            os.environ["MPLBACKEND"] = "agg"
    yield


@contextlib.contextmanager
def importing_arviz() -> Iterator[None]:
    """Import ArviZ, or what imports it, within this context.

    ArviZ notes in the cache that it has announced its successor today, to those who program with it. It finds a note of
    today in a cache of its own, so that it neither needs the user's, nor tells those who do not.
    """
    if "arviz" in sys.modules:
        yield
        return
    with importing_matplotlib(), tempfile.TemporaryDirectory() as folder:
        find_folders()
        kept = os.environ.get(_CACHE)
        note = Path(folder) / "arviz" / "daily_warning"
        note.parent.mkdir()
        note.write_text(time.strftime("%Y-%m-%d"))
        os.environ[_CACHE] = folder
        try:
            yield
        finally:
            os.environ.pop(_CACHE)
            if kept is not None:
                os.environ[_CACHE] = kept


def find_folders() -> None:
    """Folders of cache and settings in which matplotlib and ArviZ can write when they are imported.

    Where those of the user cannot be written, a temporary one takes their place for this process.
    """
    if not _writable(cache()):
        os.environ[_CACHE] = tempfile.mkdtemp(prefix=_TEMPORARY)
        at_the_end(_tidy)
    if not _writable(Path(os.environ.get(_FIGURES) or _home("XDG_CONFIG_HOME", ".config") / "matplotlib")):
        os.environ[_FIGURES] = str(cache() / "matplotlib")


def cache() -> Path:
    """The folder of this user's caches, be there one or not."""
    return _home(_CACHE, ".cache")


def cache_is_temporary() -> bool:
    """Whether the user's cache cannot be written, and one of this process stands in for it."""
    return cache().name.startswith(_TEMPORARY)


def at_the_end(function: Callable[[], None]) -> None:
    """Call a function when the process ends, also where it ends at once by `finish`."""
    _at_the_end.append(function)
    atexit.register(function)


def finish() -> None:
    """What is to be done at the end."""
    while _at_the_end:
        _at_the_end.pop()()


def _tidy() -> None:
    """Remove the temporary folder that stands in for the user's cache, if there is one."""
    if cache_is_temporary():
        shutil.rmtree(cache(), ignore_errors=True)


def _home(variable: str, name: str) -> Path:
    """A folder that a variable names, else one in the home of the user, if there is a home."""
    home = os.path.expanduser("~")
    return Path(os.environ.get(variable) or Path(home if home != "~" else os.devnull, name))


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
