"""Files of published Markov chains: named columns of numbers, and the priors and the citation beside them."""

import csv
import importlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from nmmjax import _checks

PARAMETERS = ("Theta23", "Theta13", "Deltam2_32", "DeltaCP")
"""Angles [rad], splitting [eV^2] and phase [rad], as the columns of chains are called."""
_OTHER_NAMES = {"Theta23": "sin2_theta23", "Theta13": "sin2_theta13", "Deltam2_32": "dm32", "DeltaCP": "delta_cp"}
"""What may stand in their place, sin^2 of angles."""


class ChainFile(NamedTuple):
    """What a file holds, one draw after the other."""

    columns: dict[str, Float[np.ndarray, " draws"]]
    """By the names of `PARAMETERS`."""
    priors: dict[str, str]
    """Of the parameters, in words; empty where the file has none."""
    citation: str


def read(path: Path, tree: str | None) -> ChainFile:
    """The chain in a file: `.csv` with a line of names, `.npz` with named arrays, or `.root` with a tree.

    **Arguments:** `tree`: which tree of a ROOT file, where it has several.

    **Raises:** `ValueError` for what cannot be read, columns that are not there, and numbers that make no sense.
    """
    readers: dict[str, Callable[[Path, str | None], ChainFile]] = {".csv": _csv, ".npz": _npz, ".root": _root}
    if path.suffix not in readers:
        _checks.fail("path", f"end in {', '.join(readers)}", f"it is {str(path)!r}")
    if not path.is_file():
        _checks.fail("path", "be a file", f"there is none at {str(path)!r}")
    try:
        found = readers[path.suffix](path, tree)
    except (OSError, csv.Error, zipfile.BadZipFile, UnicodeDecodeError) as error:
        _checks.fail("path", "be a file that can be read", f"{path.name} is not: {error}")
    return found._replace(columns=_known(found.columns))


def _known(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The four parameters, in the units of `PARAMETERS`."""
    known = {}
    for parameter, other in _OTHER_NAMES.items():
        if parameter in columns:
            known[parameter] = np.asarray(columns[parameter], float)
        elif other in columns:
            known[parameter] = np.asarray(columns[other], float)
            if parameter.startswith("Theta"):
                _checks.check_range(other, known[parameter], low=0.0, high=1.0)
                known[parameter] = np.arcsin(np.sqrt(known[parameter]))
        else:
            but = f"it has {', '.join(sorted(columns))}"
            _checks.fail("path", f"have a column `{parameter}` or `{other}`", but)
        _checks.check_finite(parameter, known[parameter])
    if len({column.shape for column in known.values()}) > 1 or known["Theta23"].ndim != 1:
        _checks.fail("path", "have columns of one length", f"they have shapes {[c.shape for c in known.values()]}")
    for angle in ("Theta23", "Theta13"):
        _checks.check_range(angle, known[angle], low=0.0, high=0.5 * np.pi, open_low=True, open_high=True, unit="rad")
    _checks.check_range("Deltam2_32", np.abs(known["Deltam2_32"]), low=0.0, high=0.1, open_low=True, unit="eV^2")
    return known


def _csv(path: Path, tree: str | None) -> ChainFile:
    del tree
    with path.open(newline="") as lines:
        header, *rows = csv.reader(line for line in lines if not line.startswith("#") and line.strip())
    try:
        numbers = np.array(rows, float).reshape(len(rows), len(header))
    except ValueError as error:
        _checks.fail(
            "path", "hold as many numbers in each line as names in the first", f"{path.name} does not: {error}"
        )
    return ChainFile({name.strip(): numbers[:, i] for i, name in enumerate(header)}, {}, "")


def _npz(path: Path, tree: str | None) -> ChainFile:
    del tree
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return ChainFile({name: arrays[name] for name in arrays.files}, {}, "")
    except ValueError as error:
        _checks.fail("path", "hold arrays of numbers", f"{path.name} does not: {error}")


def _root(path: Path, tree: str | None) -> ChainFile:
    """The layout of NuMCMCTools: a tree of branches, a list `priors` and a text `citation`."""
    try:
        uproot = importlib.import_module("uproot")
    except ModuleNotFoundError:
        but = f"{path.name} is one of ROOT: `pip install uproot`, or write its columns to a csv or npz file"
        _checks.fail("path", "be a csv or npz file where uproot is not installed", but)
    with uproot.open(path) as file:
        kinds = {key.partition(";")[0]: kind for key, kind in file.classnames().items()}
        trees = [key for key, kind in kinds.items() if kind == "TTree"]
        if tree is None and len(trees) != 1:
            _checks.fail("tree", f"be given where a file has several: {', '.join(trees)}", "it is not")
        _checks.check_known("tree", trees[0] if tree is None else tree, trees)
        branches = file[trees[0] if tree is None else tree]
        names = [name for pair in _OTHER_NAMES.items() for name in pair if name in branches.keys()]  # noqa: SIM118
        columns = {name: branches[name].array(library="np") for name in names}
        priors = {}
        if "priors" in kinds:
            named = [(str(one.member("fName")), str(one.member("fTitle"))) for one in file["priors"]]
            priors = {name: words for name, words in named if name in PARAMETERS}
        return ChainFile(columns, priors, str(file["citation"]) if "citation" in kinds else "")
