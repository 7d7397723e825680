"""Working files to begin with: a model, an experiment or an analysis outside this package, each with its test.

What is written computes something true and keeps the contract of `nmmjax.testing`. The files lie in `_skeletons`, under
names that are replaced.
"""

import keyword
import re
from pathlib import Path
from typing import NamedTuple

from nmmjax import _checks, plugins
from nmmjax._files import atomic, writable

_SKELETONS = Path(__file__).parent / "_skeletons"
_CAMEL, _SNAKE = re.compile(r"[A-Z][A-Za-z0-9]*"), re.compile(r"[a-z][a-z0-9_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])")


class Kind(NamedTuple):
    """What can be begun."""

    is_class: bool
    """Whether it goes by a name such as TwoZeros, not by one such as two_zeros."""
    endings: tuple[str, ...]
    """Of the files beside its test."""
    group: str
    """Of the entry points that announce it."""


KINDS = {
    "model": Kind(True, (".py",), plugins.MODELS),
    "experiment": Kind(True, (".py", ".csv", ".toml"), plugins.EXPERIMENTS),
    "analysis": Kind(False, (".py",), plugins.FITS),
}
"""By name."""


def write(kind: str, name: str, folder: Path) -> tuple[Path, ...]:
    """Write the files of a model, an experiment or an analysis, its test last; none is overwritten.

    **Arguments:** "model", "experiment" or "analysis"; its name, TwoZeros for a class and two_zeros for an analysis; a
    folder, which need not be there.

    **Raises:** `ValueError` for a name that is none or a file that is there already.
    """
    _checks.check_known("KIND", kind, KINDS)
    _check_name(kind, name)
    stem = module_name(kind, name)
    sources = [f"new_{kind}{ending}" for ending in KINDS[kind].endings] + [f"test_new_{kind}.py"]
    texts = {folder / source.replace(f"new_{kind}", stem): (_SKELETONS / source).read_text() for source in sources}
    for path in texts:
        if path.exists():
            _checks.fail("NAME", "be one of which there is no file yet", f"`{path}` exists")
    writable("--out", folder)
    for path, text in texts.items():
        with atomic(path) as temporary:
            temporary.write_text(text.replace(f"new_{kind}", stem).replace(f"New{kind.title()}", name))
    return tuple(texts)


def module_name(kind: str, name: str) -> str:
    """The name of the file: two_zeros of TwoZeros, reno_2018 of Reno2018; an analysis has that of its file."""
    return _HUMP.sub("_", name).lower() if KINDS[kind].is_class else name


def entry_point(kind: str, name: str) -> str:
    """The lines of `pyproject.toml` by which a package announces it, the module being inside the package."""
    value = f"YOUR_PACKAGE.{module_name(kind, name)}" + (f":{name}" if KINDS[kind].is_class else "")
    return f'[project.entry-points."{KINDS[kind].group}"]\n{name} = "{value}"'


def _check_name(kind: str, name: str) -> None:
    is_class = KINDS[kind].is_class
    pattern, example = (_CAMEL, "TwoZeros or Reno2018") if is_class else (_SNAKE, "reno_theta13")
    if not pattern.fullmatch(name) or keyword.iskeyword(name):
        _checks.fail("NAME", f"be that of {_article(kind)}, such as {example}", f"it is {name!r}")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
