"""What other packages announce: their models, experiments and analyses, by entry points.

A package that is installed beside this one is seen without being touched, where its `pyproject.toml` says

    [project.entry-points."nmmjax.models"]
    TwoZeros = "texture_zeros.models:TwoZeros"

    [project.entry-points."nmmjax.experiments"]
    Reno2018 = "texture_zeros.reno:Reno2018"

    [project.entry-points."nmmjax.fits"]
    reno_theta13 = "texture_zeros.reno_theta13"

A class goes by its own name, an analysis by that of the module whose file defines `build()`. What cannot be used (it
does not import, it is no model, its name is taken) is not lost: it is shown with the reason, and stops nothing else.
"""

import ast
import functools
import importlib.metadata
import importlib.util
import inspect
from collections.abc import Collection
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NamedTuple

MODELS, EXPERIMENTS, FITS = "nmmjax.models", "nmmjax.experiments", "nmmjax.fits"
"""Groups of entry points."""


class Plugin(NamedTuple):
    """Something that another package announces."""

    name: str
    package: str
    """Name and version of the package that it comes from."""
    found: Any
    """The class, or the file of an analysis; None where it cannot be used."""
    problem: str = ""
    """Why it cannot be used."""


def classes(group: str, base: type, taken: Collection[str]) -> tuple[Plugin, ...]:
    """Subclasses of `base` that are announced in a group, by name; those of a `taken` name cannot be used."""
    return _all(group, base, frozenset(taken))


def files(taken: Collection[str]) -> tuple[Plugin, ...]:
    """Files of analyses that are announced, by name; none of them is run."""
    return _all(FITS, Path, frozenset(taken))


def names(group: str) -> list[str]:
    """What is announced in a group, whether it can be used or not; nothing is imported for it."""
    return [entry.name for entry in importlib.metadata.entry_points(group=group)]


def packages() -> dict[str, str]:
    """Versions of the packages that announce something, by name."""
    entries = [entry for group in (MODELS, EXPERIMENTS, FITS) for entry in importlib.metadata.entry_points(group=group)]
    return {entry.dist.name: entry.dist.version for entry in entries if entry.dist is not None}


@functools.cache
def _all(group: str, base: type, taken: frozenset[str]) -> tuple[Plugin, ...]:
    found: list[Plugin] = []
    for entry in sorted(importlib.metadata.entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
        others = {plugin.name: plugin.package for plugin in found if not plugin.problem}
        found.append(_loaded(entry, base, dict.fromkeys(taken, "nmmjax") | others))
    return tuple(found)


def _loaded(entry: EntryPoint, base: type, taken: dict[str, str]) -> Plugin:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else "unknown"
    if entry.name in taken:
        return Plugin(entry.name, package, None, f"{taken[entry.name]} has one of this name")
    try:
        found = _file(entry) if base is Path else _class(entry, base)
    except (Exception, SystemExit) as error:  # whatever a stranger's module raises
        return Plugin(entry.name, package, None, f"`{entry.value}`: {type(error).__name__}: {error}")
    return Plugin(entry.name, package, found)


def _class(entry: EntryPoint, base: type) -> type:
    found = entry.load()
    if not (isinstance(found, type) and issubclass(found, base) and not inspect.isabstract(found)):
        raise TypeError(f"must be a concrete subclass of {base.__name__}, but it is {found!r}")
    if found.__name__ != entry.name:
        raise TypeError(f"must be announced by its own name, {found.__name__}")
    return found


def _file(entry: EntryPoint) -> Path:
    spec = importlib.util.find_spec(entry.module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise ImportError("must be a module that is a Python file, but there is none")
    path = Path(spec.origin)
    if path.stem != entry.name:
        raise ImportError(f"must be announced by the name of its file, {path.stem}")
    ast.parse(path.read_bytes(), filename=str(path))
    return path
