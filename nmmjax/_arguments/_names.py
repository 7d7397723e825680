"""Names that a shell may complete, read without importing what they name."""

import argparse
import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nmmjax import _shipped, plugins

_PACKAGE = Path(__file__).parent.parent


def fits() -> Iterator[str]:
    """Analyses, shipped or announced by other packages."""
    yield from (path.stem for path in _shipped.folder("fits").glob("*.py"))
    yield from plugins.names(plugins.FITS)


def experiments() -> Iterator[str]:
    """Classes of experiments."""
    yield from _exported("experiments")
    yield from plugins.names(plugins.EXPERIMENTS)


def things() -> Iterator[str]:
    """All that `nmmjax show` knows."""
    yield from fits()
    yield from experiments()
    yield from _exported("models")
    yield from plugins.names(plugins.MODELS)


def complete(argument: argparse.Action, names: Callable[[], Iterator[str]], *, files: bool = False) -> None:
    """Let a shell complete an argument by names, and by .py files and folders where it may be one."""

    def completer(prefix: str, **of_argcomplete: Any) -> list[str]:
        from argcomplete.completers import FilesCompleter

        found = [name for name in names() if name.startswith(prefix)]
        return found + list(FilesCompleter(("py",))(prefix, **of_argcomplete)) if files else found

    argument.completer = completer  # pyright: ignore[reportAttributeAccessIssue]


def _exported(room: str) -> Iterator[str]:
    """Models or experiments that are exported: those of modules that are neither base nor private."""
    for node in ast.parse((_PACKAGE / room / "__init__.py").read_text(encoding="utf-8")).body:
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        file = module.removeprefix(f"nmmjax.{room}.")
        if isinstance(node, ast.ImportFrom) and file not in (module, "base") and not file.startswith("_"):
            yield from (alias.name for alias in node.names)
