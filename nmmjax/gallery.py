"""Files of analyses: short Python files that define `build()` and `PAPER`. Finds, reads and builds them."""

import ast
import contextlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from nmmjax import _checks, _shipped, plugins
from nmmjax.analysis import Analysis
from nmmjax.fit import Fit

_PACKAGE = Path(__file__).parent
_PREFIX = "nmmjax_analysis_"
_WANTED = "an Analysis or a Fit, or several by name"


class Entry(NamedTuple):
    """An analysis file, read but not run."""

    name: str
    path: Path
    text: str
    """Its docstring, which tells question, data, priors and expected answer."""
    paper: str
    builds: bool
    """Whether it defines `build`; else it may hold models or experiments alone."""
    package: str = ""
    """The package that announces it, with its version; empty for shipped ones and files by themselves."""

    @property
    def headline(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0] or self.path.stem


def folder() -> Path:
    """Where the shipped analyses lie."""
    return _shipped.folder("fits")


def analyses() -> dict[str, Entry]:
    """The shipped analyses by name."""
    return {path.stem: read(path) for path in sorted(folder().glob("*.py"))}


def announced() -> dict[str, Entry]:
    """The analyses of other packages by name: those that can be used and read."""
    usable = (plugin for plugin in plugins.files(analyses()) if not plugin.problem)
    return {plugin.name: read(plugin.found)._replace(package=plugin.package) for plugin in usable}


def read(path: Path) -> Entry:
    """Headline and paper of an analysis file, without running it."""
    if not path.stem.strip(". "):
        _checks.fail("FIT", "be a file whose name can be that of a result", f"it is `{path}`")
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        _checks.fail("FIT", "be a Python file", f"`{path}`{_line_of_syntax(error)} does not parse: {error}")
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else (node.target,))
        if isinstance(target, ast.Name)
    }
    builds = any(getattr(node, "name", None) == "build" for node in tree.body)
    return Entry(path.stem, path, ast.get_docstring(tree) or "", str(constants.get("PAPER", "")), builds)


def find(name: str) -> Entry:
    """The analysis of a name, shipped or of another package, or in a file.

    **Raises:** `ValueError` that offers the nearest names.
    """
    path = Path(name)
    if path.suffix == ".py":
        if not path.is_file():
            _checks.fail("FIT", "be a file that exists or the name of a shipped analysis", f"`{path}` does not exist")
        return read(path)
    known = analyses()
    if name not in known:
        known |= announced()
    _checks.check_known("FIT", name, known)
    return known[name]


def build(entry: Entry) -> dict[str, Analysis]:
    """Run an analysis file: its analyses by name. A file that returns a single one gives it the empty name.

    `build()` returns an `Analysis`, or a `Fit` (with default settings and nothing to profile), or several by name.

    **Raises:** `ValueError` that names the file and the line of an error in it.
    """
    with neighbors(entry):
        module = _run(entry)
        function = getattr(module, "build", None)
        if not callable(function):
            _checks.fail("FIT", "define a function `build()`", f"`{entry.path}` does not")
        if needed := _needed(function):
            _checks.fail("FIT", "define `build()` without arguments", f"that of `{entry.path}` wants {needed}")
        with _named(entry):
            built = function()
    if not isinstance(built, Mapping):
        return {"": _analysis(entry, built)}
    if not built:
        _checks.fail("FIT", f"build {_WANTED}", f"`{entry.path}` builds none")
    for name in built:
        if not (isinstance(name, str) and name.isidentifier()):
            _checks.fail("FIT", "name what it builds by identifiers", f"`{entry.path}` has the name {name!r}")
    return {name: _analysis(entry, made) for name, made in built.items()}


def chosen(built: Mapping[str, Analysis], name: str | None) -> dict[str, Analysis]:
    """All hypotheses of a file, or the one of a name."""
    if name is None:
        return dict(built)
    if set(built) == {""}:
        _checks.fail(
            "--hypothesis", "be one of the names in the file, which has one analysis without any", f"it is {name!r}"
        )
    _checks.check_known("--hypothesis", name, built)
    return {name: built[name]}


def only(built: Mapping[str, Any]) -> str:
    """The name of the hypothesis, where there is one."""
    if len(built) > 1:
        _checks.fail("--hypothesis", f"choose one of {', '.join(built)}", "it was not given")
    return next(iter(built))


def _analysis(entry: Entry, made: Any) -> Analysis:
    if not isinstance(made, Fit | Analysis):
        what = "nothing" if made is None else f"{made!r}" if isinstance(made, type) else f"{type(made)}"
        _checks.fail("FIT", f"build {_WANTED}", f"`{entry.path}` builds {what}")
    with _named(entry):
        return Analysis(made) if isinstance(made, Fit) else made


def _needed(function: Callable[..., Any]) -> str:
    """The arguments that must be given."""
    try:
        taken = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of some callables nothing is known
        return ""
    given = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return ", ".join(f"`{p.name}`" for p in taken if p.default is p.empty and p.kind not in given)


@contextlib.contextmanager
def neighbors(entry: Entry) -> Iterator[None]:
    """While this lasts, what lies beside an analysis file can be imported by name, as beside a script.

    Modules of the same names that were imported beside another analysis are forgotten first.
    """
    folder = entry.path.resolve().parent
    elsewhere = _folders_of_analyses() - {folder}
    strangers = {name for name in _near(folder) if _folder_of(sys.modules.get(name)) in elsewhere}
    for name in [name for name in sys.modules if name.partition(".")[0] in strangers]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _near(folder: Path) -> set[str]:
    """Names of what can be imported there."""
    return {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}


def _folders_of_analyses() -> set[Path | None]:
    return {_folder_of(module) for name, module in sys.modules.items() if name.startswith(_PREFIX)} - {None}


def _folder_of(module: ModuleType | None) -> Path | None:
    """Where the file of a top-level module, or the folder of a package, lies."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return None
    path = Path(file)
    return path.parent.parent if path.name == "__init__.py" else path.parent


@contextlib.contextmanager
def _named(entry: Entry) -> Iterator[None]:
    """Whatever an analysis file raises, as an error with file and line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise ValueError(f"`{entry.path}`{_line(entry, error)}: {type(error).__name__}: {error}") from error


def _line(entry: Entry, error: BaseException) -> str:
    """The last line of the analysis file on the way to an error, and that of a neighbor where it goes on there."""
    path = entry.path.resolve()
    frames = [(Path(f.filename).resolve(), f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((Path(error.filename).resolve(), error.lineno))
    own = [line for file, line in frames if file == path]
    near = [(file, line) for file, line in frames if file.is_relative_to(path.parent) and _PACKAGE not in file.parents]
    words = f", line {own[-1]}" if own else ""
    if near and near[-1][0] != path:
        words += f" (`{near[-1][0]}`, line {near[-1][1]})"
    return words


def _line_of_syntax(error: BaseException) -> str:
    return f", line {error.lineno}," if isinstance(error, SyntaxError) and error.lineno else ""


def _run(entry: Entry) -> ModuleType:
    """Import an analysis file; it stands among the modules, where dataclasses and annotations look for its names."""
    name = _PREFIX + re.sub(r"\W", "_", entry.name)
    spec = importlib.util.spec_from_file_location(name, entry.path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with neighbors(entry), _named(entry):
        spec.loader.exec_module(module)
    return module


def outside(entry: Entry, base: type) -> list[type]:
    """Subclasses of `base` that an analysis file defines or brings from outside this package, such as its models."""
    names = vars(_run(entry)).values()
    classes = [value for value in names if isinstance(value, type) and issubclass(value, base)]
    return [cls for cls in classes if not cls.__module__.startswith("nmmjax.")]
