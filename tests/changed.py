"""Print the files of tests that touch what has changed since a commit: `python tests/changed.py [COMMIT]`.

A test touches a module that it imports, or from which something that it imports comes; and so with modules that import
a changed one, or read a changed table. What is used by longer ways is not seen: the whole suite is for that.
"""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
OF_EVERYTHING = ["test_layering.py", "test_public.py"]
"""Of every module."""
OF_PLACES = {
    "fits": ["test_fits.py", "test_gallery.py"],
    "docs": ["test_docs.py"],
    "benchmarks": ["test_benchmark.py"],
    "README.md": ["test_readme.py"],
    "CONTRIBUTING.md": ["test_readme.py"],
    "pyproject.toml": ["test_gallery.py"],
}


def changed(commit: str) -> set[Path]:
    """Files that differ from a commit, and those that git does not know yet."""
    commands = (["diff", "--name-only", commit], ["ls-files", "--others", "--exclude-standard"])
    lines = (subprocess.run(["git", *c], cwd=ROOT, capture_output=True, text=True, check=True).stdout for c in commands)
    return {Path(line) for text in lines for line in text.splitlines()}


def dotted(path: Path) -> str:
    """The name of a module."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def defined(path: Path) -> set[str]:
    """What a module defines at its top; nothing where it is gone."""
    if not (ROOT / path).exists():
        return set()
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {getattr(node, "name", None)} | {getattr(target, "id", None) for target in targets}
    return found - {None}


@cache
def imported(path: Path) -> list[tuple[str, str]]:
    """Module and name of all that a file imports from here; the name is empty where a module is imported whole."""
    found = []
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return [(module, name) for module, name in found if module.startswith("nmmjax")]


def touches(path: Path, modules: dict[str, set[str]]) -> bool:
    """Whether a file imports one of these modules, a package with one in it whole, or what one defines."""
    for origin, name in imported(path):
        whole = f"{origin}.{name}".rstrip(".")
        if whole == "nmmjax":
            continue  # only to find its folder
        for module, names in modules.items():
            inside = module == origin or module.startswith(f"{origin}.")
            if module == whole or module.startswith(f"{whole}.") or (inside and name in names):
                return True
    return False


def with_users(files: set[Path]) -> set[Path]:
    """Modules among files, those that import one, and those that read a table among them."""
    modules = {path for path in files if path.suffix == ".py" and path.parts[0] == "nmmjax"}
    known = {dotted(path): defined(path) for path in modules}
    tables = "|".join(re.escape(path.stem) for path in files if "data" in path.parts) or "$^"
    for path in (ROOT / "nmmjax").rglob("*.py"):
        own = path.relative_to(ROOT)
        if path.name != "__init__.py" and (touches(own, known) or re.search(f'"({tables})"', path.read_text())):
            modules.add(own)
    return modules


def chosen(files: set[Path]) -> list[str]:
    """Names of the files of tests."""
    found = {path.name for path in files if path.parts[0] == "tests" and path.name.startswith("test_")}
    found.update(*(OF_PLACES.get(path.parts[0], []) for path in files))
    if modules := {dotted(path): defined(path) for path in with_users(files)}:
        tests = (path.relative_to(ROOT) for path in (ROOT / "tests").glob("test_*.py"))
        found.update(OF_EVERYTHING, (path.name for path in tests if touches(path, modules)))
    return sorted(name for name in found if (ROOT / "tests" / name).exists())


if __name__ == "__main__":
    for name in chosen(changed(*(sys.argv[1:] or ["HEAD"]))):
        print(f"tests/{name}")
