"""What this process finds around it: which precision is asked for, a cache that can be written, what draws figures.

Nothing here uses JAX. `prepare` runs before anything else of the package is imported.
"""

import atexit
import importlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

_WORDS = {"": False, "0": False, "false": False, "no": False, "off": False}
_WORDS |= {"1": True, "true": True, "yes": True, "on": True}
_CACHE, _FIGURES = "XDG_CACHE_HOME", "MPLCONFIGDIR"
_TEMPORARY = "nmmjax-cache-"


def single_precision() -> bool:
    """Whether the environment variable `NMMJAX_FLOAT32` asks for single precision.

    **Raises:** `ValueError` where it says neither yes nor no.
    """
    word = os.environ.get("NMMJAX_FLOAT32", "").strip().lower()
    if word not in _WORDS:
        must = f"Environment variable `NMMJAX_FLOAT32` must be one of {', '.join(filter(None, _WORDS))}"
        raise ValueError(f"{must}, but it is {word!r}.")
    return _WORDS[word]


def prepare() -> bool:
    """Import matplotlib and ArviZ so that neither can end a process that wants no more of them than files.

    Returns whether single precision is asked for.

    Both write in the folders of the user when they are imported: where these cannot be written, a temporary one takes
    their place for this process.
    """
    single = single_precision()
    if not _writable(cache()):
        os.environ[_CACHE] = tempfile.mkdtemp(prefix=_TEMPORARY)
        atexit.register(tidy)
    if not _writable(Path(os.environ.get(_FIGURES) or _home("XDG_CONFIG_HOME", ".config") / "matplotlib")):
        os.environ[_FIGURES] = str(cache() / "matplotlib")
    _import_matplotlib()
    _import_arviz()
    return single


def cache() -> Path:
    """The folder of this user's caches, be there one or not."""
    return _home(_CACHE, ".cache")


def cache_is_temporary() -> bool:
    """Whether the user's cache cannot be written, and one of this process stands in for it."""
    return cache().name.startswith(_TEMPORARY)


def tidy() -> None:
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


def _import_matplotlib() -> None:
    """A backend that is not there, such as that of a notebook for what the notebook starts, is left aside."""
    if "matplotlib" in sys.modules:
        return
    backend = os.environ.pop("MPLBACKEND", "")
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.get_cachedir()  # which is remembered: what follows does not move it
    if not backend:
        return
    try:
        matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"] = backend
    except ValueError:
        os.environ["MPLBACKEND"] = "agg"


def _import_arviz() -> None:
    """ArviZ notes in the cache that it has announced its successor today, to those who program with it.

    It finds a note of today in a cache of its own, so that it neither needs the user's, nor tells those who do not.
    """
    kept = os.environ.get(_CACHE)
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "arviz" / "daily_warning"
        note.parent.mkdir()
        note.write_text(time.strftime("%Y-%m-%d"))
        os.environ[_CACHE] = folder
        try:
            importlib.import_module("arviz")
        finally:
            os.environ.pop(_CACHE)
            if kept is not None:
                os.environ[_CACHE] = kept
