"""Analyses: short Python files that define `build()` and `PAPER`. Finds them, reads their headlines, builds them."""

import ast
import importlib.util
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from nmmjax import _checks
from nmmjax.fit import Fit

_PACKAGE = Path(__file__).parent


class Analysis(NamedTuple):
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


def analyses() -> dict[str, Analysis]:
    """The shipped analyses by name."""
    return {path.stem: read(path) for path in sorted(folder().glob("*.py"))}


def read(path: Path) -> Analysis:
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
    return Analysis(path.stem, path, headline, str(constants.get("PAPER", "")))


def find(name: str) -> Analysis:
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


def build(analysis: Analysis) -> dict[str, Fit]:
    """Run an analysis file: its fits by name. A file that returns one fit gives it the empty name."""
    try:
        module = _run(analysis)
        if not callable(getattr(module, "build", None)):
            _checks.fail("FIT", "define a function `build()`", f"`{analysis.path}` does not")
        built = module.build()
    except (Exception, SystemExit) as error:
        raise ValueError(f"`{analysis.path}`{_line(analysis, error)}: {type(error).__name__}: {error}") from error
    fits = dict(built) if isinstance(built, Mapping) else {"": built}
    if not fits:
        _checks.fail("FIT", "build a Fit, or several by name", f"`{analysis.path}` builds none")
    for name, fit in fits.items():
        if not isinstance(fit, Fit):
            _checks.fail("FIT", "build a Fit, or several by name", f"`{analysis.path}` builds {type(fit)}")
        if name != "" and not (isinstance(name, str) and name.isidentifier()):
            _checks.fail("FIT", "name its fits by identifiers", f"`{analysis.path}` has the name {name!r}")
    return fits


def _line(analysis: Analysis, error: BaseException) -> str:
    """The last line of the analysis file on the way to an error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(analysis.path)]
    return f", line {frames[-1].lineno}" if frames else ""


def _run(analysis: Analysis) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"nmmjax_analysis_{analysis.name}", analysis.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
