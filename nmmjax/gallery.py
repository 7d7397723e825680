"""Files of analyses: short Python files that define `build()` and `PAPER`. Finds, reads and builds them."""

import ast
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from nmmjax import _checks
from nmmjax.analysis import Analysis
from nmmjax.fit import Fit

_PACKAGE = Path(__file__).parent
_WANTED = "an Analysis or a Fit, or several by name"


class Entry(NamedTuple):
    """An analysis file, read but not run."""

    name: str
    path: Path
    headline: str
    paper: str


def folder() -> Path:
    """Where the shipped analyses lie: beside the package in a checkout, inside it when installed."""
    beside = _PACKAGE.parent / "fits"
    is_checkout = (_PACKAGE.parent / "pyproject.toml").exists() and beside.is_dir()
    return beside if is_checkout else _PACKAGE / "_gallery"


def analyses() -> dict[str, Entry]:
    """The shipped analyses by name."""
    return {path.stem: read(path) for path in sorted(folder().glob("*.py"))}


def read(path: Path) -> Entry:
    """Headline and paper of an analysis file, without running it."""
    try:
        tree = ast.parse(path.read_text(), filename=str(path))
    except (SyntaxError, UnicodeDecodeError) as error:
        _checks.fail("FIT", "be a Python file", f"`{path}` does not parse: {error}")
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    headline = (ast.get_docstring(tree) or path.stem).splitlines()[0]
    return Entry(path.stem, path, headline, str(constants.get("PAPER", "")))


def find(name: str) -> Entry:
    """The analysis of a name, or in a file.

    **Raises:** `ValueError` that offers the nearest names.
    """
    path = Path(name)
    if path.suffix == ".py":
        if not path.is_file():
            _checks.fail("FIT", "be a file that exists or the name of a shipped analysis", f"`{path}` does not exist")
        return read(path)
    known = analyses()
    _checks.check_known("FIT", name, known)
    return known[name]


def build(entry: Entry) -> dict[str, Analysis]:
    """Run an analysis file: its analyses by name. A file that returns a single one gives it the empty name.

    `build()` returns an `Analysis`, or a `Fit` (with default settings and nothing to profile), or several by name.

    **Raises:** `ValueError` that names the file and the line of an error in it.
    """
    try:
        module = _run(entry)
        if not callable(getattr(module, "build", None)):
            _checks.fail("FIT", "define a function `build()`", f"`{entry.path}` does not")
        built = module.build()
    except (Exception, SystemExit) as error:
        raise ValueError(f"`{entry.path}`{_line(entry, error)}: {type(error).__name__}: {error}") from error
    found = dict(built) if isinstance(built, Mapping) else {"": built}
    if not found:
        _checks.fail("FIT", f"build {_WANTED}", f"`{entry.path}` builds none")
    for name, made in found.items():
        if not isinstance(made, Fit | Analysis):
            _checks.fail("FIT", f"build {_WANTED}", f"`{entry.path}` builds {type(made)}")
        if name != "" and not (isinstance(name, str) and name.isidentifier()):
            _checks.fail("FIT", "name what it builds by identifiers", f"`{entry.path}` has the name {name!r}")
    return {name: Analysis(made) if isinstance(made, Fit) else made for name, made in found.items()}


def _line(entry: Entry, error: BaseException) -> str:
    """The last line of the analysis file on the way to an error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(entry.path)]
    return f", line {frames[-1].lineno}" if frames else ""


def _run(entry: Entry) -> ModuleType:
    """Import an analysis file, which may import its neighbors as a script may."""
    spec = importlib.util.spec_from_file_location(f"nmmjax_analysis_{entry.name}", entry.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    folder = str(entry.path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    return module


def outside(entry: Entry, base: type) -> list[type]:
    """Subclasses of `base` that an analysis file defines or brings from outside this package, such as its models."""
    names = vars(_run(entry)).values()
    classes = [value for value in names if isinstance(value, type) and issubclass(value, base)]
    return [cls for cls in classes if not cls.__module__.startswith("nmmjax.")]
