"""Objects on their way to other processes, with the source of all modules of the user that they come from.

Classes of models and experiments are found by the names of their modules. An analysis file is a module that no other
process could import by its name, and neither could it import what lies beside a script. So the sources of these modules
travel with the objects, and are imported there as they were here.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import io
import pickle
import sys
import sysconfig
import types
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

import equinox as eqx

from nmmjax import _checks
from nmmjax.models._function import FunctionModel, from_function

_PACKAGE = __name__.partition(".")[0]
_OF_ANALYSES = f"{_PACKAGE}_analysis_"
"""How names of modules begin that are made of analysis files."""
_INSTALLED = ("stdlib", "platstdlib", "purelib", "platlib")
_KEPT = 2
"""So many parcels stay unpacked."""


class Source(NamedTuple):
    """A module as text."""

    text: bytes
    file: str
    is_package: bool


class Parcel(NamedTuple):
    """An object, and what is needed to make it again."""

    sources: dict[str, Source]
    pickled: bytes


def pack(thing: Any) -> bytes:
    """An object as bytes.

    **Raises:** `ValueError` that names a class which lives in `__main__`, where other processes do not find it.
    """
    return pickle.dumps(Parcel(_sources(), _pickled(thing)))


@lru_cache(maxsize=_KEPT)
def unpack(parcel: bytes) -> Any:
    """The object again; the same one for the same bytes, so that what is compiled for it is found again."""
    sources, pickled = pickle.loads(parcel)
    _receive(sources)
    return pickle.loads(pickled)


def _pickled(thing: Any) -> bytes:
    from cloudpickle import Pickler

    class Packer(Pickler):
        """Of functions and classes by name, and of functions without one by value."""

        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, types.MethodType):
                return getattr, (obj.__self__, obj.__func__.__name__)
            if isinstance(obj, type) and issubclass(obj, FunctionModel) and "function" in vars(obj):
                return from_function, (obj.function, obj.nature)
            if isinstance(obj, type) and issubclass(obj, eqx.Module) and _is_nowhere(obj):
                must = "be defined in a file that can be imported, to be used in other processes"
                _checks.fail(obj.__name__, must, f"its module is `{obj.__module__}`: put it into a file beside")
            return super().reducer_override(obj)

    stream = io.BytesIO()
    Packer(stream).dump(thing)
    return stream.getvalue()


def _is_nowhere(kind: type) -> bool:
    """Whether a class is found by its name in no module that can be imported."""
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return kind.__module__ == "__main__" or found is not kind


def _sources() -> dict[str, Source]:
    """Of modules that were imported from files which are not installed: analysis files, and what lies beside."""
    found = ((name, _source(name, module)) for name, module in list(sys.modules.items()))
    return {name: source for name, source in found if source is not None}


def _source(name: str, module: ModuleType | None) -> Source | None:
    file = getattr(module, "__file__", None)
    if name in ("__main__", "__mp_main__") or name.partition(".")[0] == _PACKAGE or not isinstance(file, str):
        return None
    path = Path(file)
    if path.suffix != ".py" or (_is_installed(path) and not name.startswith(_OF_ANALYSES)):
        return None
    try:
        return Source(path.read_bytes(), file, path.name == "__init__.py")
    except OSError:
        return None


def _is_installed(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _installed())


@lru_cache(maxsize=1)
def _installed() -> Sequence[Path]:
    """Folders of what every process of this environment can import."""
    folders = {Path(sysconfig.get_path(name)) for name in _INSTALLED}
    return tuple(folders | {folder.resolve() for folder in folders})


# Where it arrives

_received: dict[str, Source] = {}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports what has been received."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module, if it has been received."""
        del path, target
        if fullname not in _received:
            return None
        source = _received[fullname]
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=source.file, is_package=source.is_package)
        spec.has_location = True
        return spec

    def get_source(self, fullname: str) -> str:
        """Its text."""
        return importlib.util.decode_source(_received[fullname].text)

    def get_code(self, fullname: str) -> CodeType:
        """Compiled, with the name of its file in tracebacks."""
        source = _received[fullname]
        return compile(source.text, source.file, "exec", dont_inherit=True)

    def is_package(self, fullname: str) -> bool:
        """Whether it has modules of its own."""
        return _received[fullname].is_package


_FINDER = _Finder()


def _receive(sources: dict[str, Source]) -> None:
    """Let modules be imported from these sources; those that were imported from others are forgotten."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    for name, source in sources.items():
        if source not in (_received.get(name), _source(name, sys.modules.get(name))):
            _received[name] = source
            sys.modules.pop(name, None)
