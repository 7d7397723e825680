"""From declarations to records, a page and its figures."""

import hashlib
import importlib
import inspect
import pkgutil
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import jax
import msgspec

from nmmjax import _checks, experiments, plots
from nmmjax._files import atomic, locked, writable
from nmmjax._version import __version__
from nmmjax.analysis import Progress
from nmmjax.results.verifying import VerifiedRecord
from nmmjax.tables import CHECKSUMS, DATA
from nmmjax.verifications._claims import Answers, Verification
from nmmjax.verifications._exempt import EXEMPT
from nmmjax.verifications._page import markdown

PAGE = "VERIFICATIONS.md"
_HERE = Path(__file__).parent
_NO_PART = ("_exempt", "_page", "_running")
"""Modules here that change no answer."""


def declared() -> tuple[str, ...]:
    """Experiments of the package that have a verification, by the names of their classes."""
    files = {module.name for module in pkgutil.iter_modules([str(_HERE)])}
    kinds = (getattr(experiments, name) for name in experiments.__all__)
    return tuple(kind.__name__ for kind in kinds if kind.__module__.rpartition(".")[2] in files)


def verification(experiment: str) -> Verification:
    """The verification of an experiment, by the name of its class.

    **Raises:** `ValueError` for an experiment that there is not, or that has none, with the reason.
    """
    return _module(experiment).VERIFICATION


def _module(experiment: str) -> ModuleType:
    _checks.check_known("EXPERIMENT", experiment, [name for name in experiments.__all__ if name != "Experiment"])
    if experiment not in declared():
        exempt = EXEMPT[experiment]
        _checks.fail(
            "EXPERIMENT", "have something to verify", f"{experiment} is {exempt.status.label}: {exempt.reason}"
        )
    kind = getattr(experiments, experiment)
    return importlib.import_module(f"{__package__}.{kind.__module__.rpartition('.')[2]}")


def verify(experiment: str, *, progress: Progress | None = None) -> VerifiedRecord:
    """Compute all that is claimed of one experiment, and compare.

    **Raises:** `ValueError` as `verification`; `FloatingPointError` where a fit has no maximum.
    """
    progress, begun = Progress() if progress is None else progress, time.perf_counter()
    asked, answers, claims = verification(experiment), Answers(), []
    for claim in asked.claims:
        with progress.step(f"{experiment}: {claim.what}"):
            claims.append(claim.compared(answers))
    first = answers(asked.claims[0].question)
    return VerifiedRecord(
        experiment=experiment,
        paper=asked.experiment.reference,
        asked=_asked(experiment),
        claims=tuple(claims),
        caveats=asked.caveats,
        chi2=first.chi2(),
        data=sum(len(one.labels) for one in first.fit.experiments),
        seconds=round(time.perf_counter() - begun, 1),
    )


def run(
    names: Sequence[str], folder: Path, *, resume: bool = False, progress: Progress | None = None
) -> tuple[VerifiedRecord, ...]:
    """Verify experiments one after the other: a record and a figure of each, and a page of all that the folder holds.

    What is finished when a run is cut stays, and the page with it.

    **Arguments:** names of classes, all that are `declared` where there are none; `folder`; `resume`: keep records of
    an earlier run that were asked for in the same way, with the same version.

    **Raises:** `ValueError` for an unknown experiment, before anything is computed.
    """
    progress = Progress() if progress is None else progress
    chosen = tuple(dict.fromkeys(names)) or declared()
    for name in chosen:
        verification(name)
    found = []
    with locked(writable("--out", folder)):
        for name in chosen:
            kept = _unchanged(folder, name) if resume else None
            figure = folder / f"{_file(name)}.png"
            if kept is None or not figure.is_file():
                figure.unlink(missing_ok=True)
                kept = _computed(folder, name, progress) if kept is None else kept
                plots.write(plots.verification(kept), figure)
                _page(folder)
            found.append(kept)
            progress.wrote([figure])
    return tuple(found)


def _computed(folder: Path, experiment: str, progress: Progress) -> VerifiedRecord:
    """A new record, written as soon as it is there."""
    jax.clear_caches()  # the programs of others: a process may map only so many pieces of memory
    found = verify(experiment, progress=progress)
    _write(folder, found)
    return found


def _asked(experiment: str) -> str:
    """Hash of the version, the data, the declaration and what declarations are made of."""
    shared = (path.read_bytes() for path in sorted(_HERE.glob("_[!_]*.py")) if path.stem not in _NO_PART)
    parts = (
        __version__.encode(),
        (DATA / CHECKSUMS).read_bytes(),
        *shared,
        inspect.getsource(_module(experiment)).encode(),
    )
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


def _file(experiment: str) -> str:
    return getattr(experiments, experiment).__module__.rpartition(".")[2]


def _write(folder: Path, record: VerifiedRecord) -> None:
    with atomic(folder / f"{_file(record.experiment)}.json") as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def kept(folder: Path, experiment: str) -> VerifiedRecord | None:
    """The record that an earlier run has left in a folder, None where there is none that can be read."""
    path = folder / f"{_file(experiment)}.json"
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=VerifiedRecord)
    except msgspec.MsgspecError:
        return None


def _unchanged(folder: Path, experiment: str) -> VerifiedRecord | None:
    found = kept(folder, experiment)
    return found if found is not None and found.asked == _asked(experiment) else None


def _page(folder: Path) -> None:
    """The page of all records in a folder."""
    records = [record for name in declared() if (record := kept(folder, name)) is not None]
    with atomic(folder / PAGE) as temporary:
        figures = {record.experiment: f"{_file(record.experiment)}.png" for record in records}
        temporary.write_text(markdown(records, figures), encoding="utf-8")
