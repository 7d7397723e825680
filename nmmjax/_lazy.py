"""Packages whose parts are imported when they are first asked for [PEP 562].

    if TYPE_CHECKING:
        from nmmjax.plots.posterior import corner
    else:
        __getattr__, __dir__ = parts(__name__, __file__)

The imports for static checkers are the list of what can be asked for; modules of the package can be asked for, too.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def parts(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package, from the imports under `TYPE_CHECKING` in its file."""
    homes = _homes(ast.parse(Path(file).read_text(encoding="utf-8")))
    names = vars(sys.modules[package])

    def get(name: str) -> Any:
        if homes.get(name, package) != package:
            names[name] = getattr(importlib.import_module(homes[name]), name)
        elif name.startswith("_") or importlib.util.find_spec(f"{package}.{name}") is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package])
        else:
            importlib.import_module(f"{package}.{name}")
        return names[name]

    return get, lambda: sorted({*names, *homes})


def _homes(tree: ast.Module) -> dict[str, str]:
    """Name -> the module from which it is imported."""
    blocks = [node.body for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}
