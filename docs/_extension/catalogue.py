"""A page for each model, experiment and analysis, made of its sheet, and one for each public part of the package.

Pages are written before the site is built, into `docs/catalogue` and `docs/reference`, which are kept nowhere.
"""

import functools
import importlib
import inspect
import multiprocessing
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import nmmjax
from nmmjax import _platform, gallery, ledger, sheets
from nmmjax.experiments import Experiment
from nmmjax.models import Model
from nmmjax.sheets import SYMBOL, Listing, Sheet

from .docstrings import cell, converted, listed, referring
from .pages import put

_FIGURES = "../../fits/figures"
_VERIFICATIONS = "../../fits/verifications"
_KINDS = {"models": "Models", "experiments": "Experiments", "analyses": "Analyses"}
_WORDS = {
    "models": "Couplings in, masses, mixing and moments out. `nmmjax show NAME` prints the same.",
    "experiments": "Data with a likelihood. Each says what it approximates, and how far from the paper it comes.",
    "analyses": "Questions with an answer: `nmmjax fit NAME` asks one again.",
}
_LEDGER = (
    "What five source papers print about masses and moments, and what comes out when it is computed again: "
    "`nmmjax ledger` does all of it anew."
)
_PRIVATE = re.compile(r"\._|\.__")


def write(docs: Path) -> dict[str, str]:
    """Write all pages below a folder. What names in backticks refer to, by the name as docstrings write it."""
    names = public_modules()
    links = _links(names)
    for kind, made in _sheets().items():
        folder = docs / "catalogue" / kind
        for sheet in made:
            _put(folder / f"{sheet.name}.rst", _page(sheet, docs, links))
        _put(folder / "index.rst", _index(kind, made))
    homes: dict[int, str] = {}
    for name in names:
        for _, value in _own(importlib.import_module(name)):
            homes.setdefault(id(value), name)
    for name in names:
        _put(docs / "reference" / f"{name}.rst", _module_page(name, links, homes))
    _put(docs / "reference" / "index.rst", _reference(names))
    _put(docs / "ledger.rst", _ledger())
    return links


def _ledger() -> list[str]:
    """What the source papers print, and what of it holds."""
    lines = [*_heading("Ledger"), cell(_LEDGER), ""]
    for name, document in ledger.DOCUMENTS.items():
        rows = tuple(_entry(row) for row in ledger.rows(name))
        lines += [*_heading(name, "-"), referring(document.paper), ""]
        lines += [*_table(Listing("", ("where", "statement", "printed", "unit", "verdict"), rows)), ""]
    return lines


def _entry(row: ledger.Row) -> tuple[str, ...]:
    found = f": {row.value}" if row.value else ""
    verdict = f"{row.verdict.label}{found}" + (f". {row.reason}" if row.reason else "")
    return row.where, f"{row.statement} ({row.how})", row.printed, row.unit, verdict


def public_modules() -> list[str]:
    """Modules that an outsider imports from: those below the package with public names of their own."""
    found = []
    for module in pkgutil.walk_packages(nmmjax.__path__, "nmmjax."):
        if not _PRIVATE.search(module.name) and not module.name.startswith(("nmmjax.ledger.", "nmmjax.data")):
            imported = importlib.import_module(module.name)
            if any(_own(imported)):
                found.append(module.name)
    return _without_parts(found)


def _links(modules: Sequence[str]) -> dict[str, str]:
    """What a name in backticks refers to, by the name as docstrings write it: "py:class:nmmjax.fit.Fit"."""
    found: dict[str, str] = {}
    for module in modules:
        for name, value in _own(importlib.import_module(module)):
            target = f"{'py:class' if inspect.isclass(value) else 'py:func'}:{module}.{name}"
            found.setdefault(name, target)
            found[f"{module.removeprefix('nmmjax.')}.{name}"] = target
    for kind, base in (("models", Model), ("experiments", Experiment)):
        found |= {name: f"doc:/catalogue/{kind}/{name}" for name in sheets.shipped(base)}
    return found | {name: f"doc:/catalogue/analyses/{name}" for name in gallery.analyses()}


def _sheets() -> dict[str, list[Sheet]]:
    """By kind. Experiments load their data and analyses are built: minutes, if not on all cores."""
    names = {
        "models": list(sheets.shipped(Model)),
        "experiments": list(sheets.shipped(Experiment)),
        "analyses": list(gallery.analyses()),
    }
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_platform.cores(), spawn, _load_once) as workers:
        asked = {kind: [workers.submit(_sheet, name) for name in own] for kind, own in names.items()}
        return {kind: [sheet.result() for sheet in made] for kind, made in asked.items()}


def _load_once() -> None:
    """Let experiments that analyses share be loaded once in this process."""
    for experiment in sheets.shipped(Experiment).values():
        experiment.load = staticmethod(_remembering(experiment.load))


def _remembering(load: Callable[..., Experiment]) -> Callable[..., Experiment]:
    """`load` that gives again what it has given to the same arguments."""
    known: dict[str, Experiment] = {}

    @functools.wraps(load)
    def remembered(*choices: Any, **others: Any) -> Experiment:
        asked = repr((choices, others))
        if asked not in known:
            known[asked] = load(*choices, **others)
        return known[asked]

    return remembered


def _sheet(name: str) -> Sheet:
    (found,) = sheets.find(name)
    return found


def _page(sheet: Sheet, docs: Path, links: dict[str, str]) -> list[str]:
    own = {name: target for name, target in links.items() if name != sheet.name}
    lines = [*_heading(sheet.name), *converted(sheet.text, own)]
    if sheet.paper:
        lines += [f"**Paper:** {referring(sheet.paper)}", ""]
    if sheet.kind == "analysis":
        lines += [".. code-block:: sh", "", f"   nmmjax fit {sheet.name}", ""]
    lines += _figure(sheet, docs)
    for listing in sheet.listings:
        lines += [f".. rubric:: {listing.title.capitalize() if listing.title.islower() else listing.title}", ""]
        lines += [*_table(listing), ""]
    return lines


def _figure(sheet: Sheet, docs: Path) -> list[str]:
    """The figure of an analysis, or of the verification of an experiment, where there is one."""
    if sheet.kind == "analysis":
        found = [f"{_FIGURES}/{sheet.name}.png"]
    else:
        kind = sheets.shipped(Experiment).get(sheet.name)
        found = [] if kind is None else [f"{_VERIFICATIONS}/{kind.__module__.rpartition('.')[2]}.png"]
    there = [path for path in found if (docs / "catalogue" / path).resolve().is_file()]
    return [line for path in there for line in (f".. image:: ../{path}", f"   :alt: {sheet.name}", "")]


def _table(listing: Listing) -> list[str]:
    rows = [
        [
            f":math:`{text}`" if column == SYMBOL and text else cell(text)
            for column, text in zip(listing.columns, row, strict=True)
        ]
        for row in listing.rows
    ]
    return listed(rows, [cell(column) for column in listing.columns] if any(listing.columns) else ())


def _index(kind: str, made: Sequence[Sheet]) -> list[str]:
    lines = [*_heading(_KINDS[kind]), _WORDS[kind].replace("`", "``"), "", ".. toctree::", "   :hidden:", ""]
    lines += [*(f"   {sheet.name}" for sheet in made), ""]
    return [*lines, *listed([(f":doc:`{sheet.name}`", _first_line(sheet.text)) for sheet in made])]


def _own(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Public functions and classes that a module exports, or defines."""
    exported = getattr(module, "__all__", None)
    for name in exported if exported is not None else vars(module):
        value = getattr(module, name)
        defined = exported is not None or getattr(value, "__module__", None) == module.__name__
        if defined and not name.startswith("_") and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name, value


def _without_parts(names: list[str]) -> list[str]:
    """Without modules all of whose names a package above exports."""
    kept = []
    for name in names:
        above = [importlib.import_module(other) for other in names if name.startswith(f"{other}.")]
        exported = {id(value) for package in above for _, value in _own(package)}
        if not all(id(value) in exported for _, value in _own(importlib.import_module(name))):
            kept.append(name)
    return kept


def _module_page(name: str, links: dict[str, str], homes: dict[int, str]) -> list[str]:
    module = importlib.import_module(name)
    lines = [*_heading(name), *converted(module.__doc__ or "", links)]
    for own, value in _own(module):
        if homes[id(value)] != name or links.get(own, "").startswith("doc:"):
            continue
        lines += [f".. auto{'class' if inspect.isclass(value) else 'function'}:: {name}.{own}", ""]
    return lines


def _reference(names: Sequence[str]) -> list[str]:
    lines = [*_heading("Reference"), "What a module offers to others, from its docstrings.", ""]
    lines += listed([(f":doc:`{name}`", _first_line(importlib.import_module(name).__doc__ or "")) for name in names])
    return [*lines, "", ".. toctree::", "   :hidden:", "", *(f"   {name}" for name in names)]


def _first_line(text: str) -> str:
    return cell(text.partition("\n")[0])


def _heading(title: str, line: str = "=") -> list[str]:
    return [title, line * len(title), ""]


def _put(path: Path, lines: Sequence[str]) -> None:
    put(path, "\n".join(lines) + "\n")
