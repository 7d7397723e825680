"""Imports go strictly downward, siblings of one row never import each other, and only the command line prints."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from long import KEPT, listed

import nmmjax

PACKAGE = Path(nmmjax.__file__).parent
ROWS = [
    {"__main__", "_skeletons"},
    {"_arguments"},
    {"_commands"},
    {"_screen", "pages", "exports"},
    {"listings", "citations", "testing"},
    {"changes", "sheets"},
    {
        "figures",
        "gallery",
        "surveys",
        "forecasts",
        "_questions",
        "decisions",
        "simulations",
        "verifications",
        "new",
    },
    {"analysis"},
    {"plots", "report"},
    {"_speed"},
    {"results"},
    {"infer"},
    {"executors"},
    {"fit", "ledger"},
    {"_wiring", "_combination", "slha"},
    {"models", "experiments"},
    {"three_flavor", "precession", "running"},
    {"low_energy"},
    {"moments"},
    {"loops", "decays", "oscillation", "scattering", "fluxes", "stars"},
    {"matter"},
    {"mixing"},
    {"media"},
    {"tables", "space"},
    {"ordering", "parameters", "_prior_words"},
    {"numerics"},
    {"constants", "references", "quantities", "priors", "prior_set"},
    {"_public", "_specialization"},
    {"_compilation"},
    {"_program_cache"},
    {"_files"},
    {"_checks", "_device", "_platform", "plugins"},
    {"_interruption", "_lazy", "_shipped", "_version", "_words"},
    {"_environment"},
]
COPIES = {"_gallery", "_benchmarks"}
"""Folders of an installed package that lie beside it in a checkout."""
HEIGHT = {name: len(ROWS) - level for level, row in enumerate(ROWS) for name in row}


def _imports(path: Path) -> set[str]:
    """The rooms of the house that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "nmmjax":
            parts = node.module.split(".")
            names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("nmmjax.")}
    return names


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _files() -> list[Path]:
    return [p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py" and not COPIES & set(p.parts)]


def test_every_room_has_a_row():
    assert {_room(path) for path in _files()} <= set(HEIGHT)


def test_imports_go_downward():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in _files()
        for name in _imports(path)
        if name != _room(path) and not HEIGHT[name] < HEIGHT[_room(path)]
    ]
    assert not wrong


def test_matplotlib_and_arviz_are_imported_where_neither_can_end_a_process():
    """Of a user without a home, or with a backend that is not there."""
    protected = {"matplotlib": "importing_matplotlib", "arviz": "importing_arviz", "corner": "importing_arviz"}
    unprotected = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in _files()
        for names, contexts in _imports_of_others(ast.parse(path.read_text()), ())
        for name in names & set(protected)
        if not any(protected[name] in context for context in contexts)
    ]
    assert not unprotected


def _imports_of_others(node: ast.AST, contexts: tuple[str, ...]) -> Iterator[tuple[set[str], tuple[str, ...]]]:
    """Packages that each import names, and the contexts in which it stands."""
    if isinstance(node, ast.Import):
        yield {alias.name.partition(".")[0] for alias in node.names}, contexts
    elif isinstance(node, ast.ImportFrom):
        yield {str(node.module).partition(".")[0]}, contexts
    inside = (*contexts, *(ast.unparse(item) for item in node.items)) if isinstance(node, ast.With) else contexts
    for child in ast.iter_child_nodes(node):
        yield from _imports_of_others(child, inside)


def test_only_the_command_line_prints():
    prints = [
        str(path.relative_to(PACKAGE))
        for path in _files()
        if path.name != "__main__.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not prints


def test_no_file_has_outgrown_its_idea():
    assert not [str(p.relative_to(PACKAGE)) for p in _files() if len(p.read_text().splitlines()) > 450]


def test_importing_everything_leaves_jax_unused():
    """Otherwise the command line could no longer choose the platform or the number of host devices."""
    code = (
        "import nmmjax._commands.fit, jax; from jax._src import xla_bridge; assert not xla_bridge._backends; "
        "jax.config.update('jax_num_cpu_devices', 3); assert len(jax.devices()) == 3"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PATH": "", "JAX_PLATFORMS": "cpu"})


def test_long_tests_are_there():
    """Every name in the list of long tests, and of those that are never long, is that of a test of its file."""
    for line in (*listed(), *KEPT):
        file, name = line.split("::", 1)
        assert f"def {name.split('[')[0]}(" in (Path(__file__).parent.parent / file).read_text(), line
