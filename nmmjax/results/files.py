"""The files that keep a result: `summary.json`, and `posterior.nc` with all that is sampled or profiled.

Every variable and the summary itself have a checksum in the summary, so that nothing damaged is read; what others add
to `posterior.nc` afterwards is left aside. It holds a copy of the summary, too: of a run that was killed between the
two files it is the new one, to which its arrays belong.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import xarray

from nmmjax._files import atomic
from nmmjax.results.groups import from_groups, to_groups
from nmmjax.results.records import SCHEMA, Summary
from nmmjax.results.result import Result

_SUMMARY, _ARRAYS = "summary.json", "posterior.nc"
_CHECKSUMS, _ITSELF = "checksums", "summary"

_MARGIN = 2**20
"""Bytes of a file beside its arrays."""

Groups = Mapping[str, xarray.Dataset]


def save(result: Result, folder: Path) -> list[Path]:
    """Write a result into a folder, each file whole or not at all, and return where they are.

    Killed at any moment, it leaves a folder that can be read: with the old result or with the new one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups, arrays, summary = to_groups(result), folder / _ARRAYS, folder / _SUMMARY
    text = _encode(result.summary(), _checksums(groups))
    if groups:
        with atomic(arrays, room=_MARGIN + sum(group.nbytes for group in groups.values())) as temporary:
            _tree(result, groups, text).to_netcdf(temporary, engine="h5netcdf")
    with atomic(summary) as temporary:
        temporary.write_text(text)
    if not groups:
        arrays.unlink(missing_ok=True)
    return [path for path in (summary, arrays) if path.exists()]


def load(folder: Path) -> Result:
    """Read a result folder back: a result equal to the one that was saved.

    **Raises:** `ValueError` that names the file and the key which is damaged, or the version that wrote it.
    """
    path, arrays = Path(folder) / _SUMMARY, Path(folder) / _ARRAYS
    if not path.exists():
        raise ValueError(f"Argument `RESULT` must be a folder that `nmmjax fit` wrote, but `{path}` does not exist.")
    summary, checksums = _decode(path, _text(path))
    if not arrays.exists():
        if checksums:
            raise _damaged(arrays, "it is not there")
        return from_groups(summary, {})
    groups, copy = _read(arrays)
    try:
        _check(arrays, checksums, groups)
    except ValueError:
        summary, checksums = _decode(arrays, copy)
        _check(arrays, checksums, groups)
    return from_groups(summary, {name: group for name, group in groups.items() if _belongs(name, checksums)})


def _read(path: Path) -> tuple[Groups, str]:
    """The groups of an array file, without the run that stands beside the posterior, and its copy of the summary."""
    try:
        with xarray.open_datatree(path, engine="h5netcdf") as tree:
            groups = {name: node.to_dataset().load().drop_attrs(deep=False) for name, node in tree.children.items()}
            return groups, str(tree.attrs[_ITSELF])
    except Exception as error:  # a damaged HDF5 file raises anything
        raise _damaged(path, f"{type(error).__name__}: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, str(error)) from None


def _encode(summary: Summary, checksums: Mapping[str, str]) -> str:
    """JSON, indented, with all checksums at its end."""
    whole = msgspec.to_builtins(summary) | {_CHECKSUMS: {**checksums, _ITSELF: _digest(summary)}}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1).decode() + "\n"


def _decode(path: Path, text: str) -> tuple[Summary, dict[str, str]]:
    """A summary and the checksums of the arrays that belong to it."""
    try:
        raw = json.loads(text)
        if isinstance(raw, dict) and raw and raw.get("schema") != SCHEMA:
            raise ValueError(_of_another_version(path, raw))
        checksums = raw.pop(_CHECKSUMS, {}) if isinstance(raw, dict) else {}
        summary = msgspec.convert(raw, Summary)
        own = checksums.pop(_ITSELF, None)
    except (msgspec.ValidationError, json.JSONDecodeError, AttributeError, RecursionError) as error:
        raise _damaged(path, str(error)) from None
    if own != _digest(summary):
        raise _damaged(path, "its checksum is not that of its content")
    return summary, checksums


def _of_another_version(path: Path, raw: dict[str, Any]) -> str:
    run = raw.get("run", raw)
    versions = run.get("versions", {}) if isinstance(run, dict) else {}
    wrote = versions.get("nmmjax", "unknown") if isinstance(versions, dict) else "unknown"
    return (
        f"Argument `RESULT` must have the schema {SCHEMA}, but `{path}` has {raw.get('schema', 'none')}: another "
        f"version of nmmjax ({wrote}) wrote it; fit again, or plot with that version."
    )


def _digest(summary: Summary) -> str:
    return hashlib.sha256(msgspec.json.encode(summary)).hexdigest()


def _checksums(groups: Groups) -> dict[str, str]:
    """Group/variable -> the checksum of its numbers, dimensions and attributes."""
    return {
        f"{group}/{name}": _checksum(variable)
        for group, dataset in groups.items()
        for name, variable in dataset.variables.items()
    }


def _checksum(variable: xarray.Variable) -> str:
    values = np.ascontiguousarray(variable.values)
    if values.dtype.kind in "OUT":  # of words, which come back in another type
        values = np.frombuffer(json.dumps(values.tolist()).encode(), np.uint8)
    about = [variable.dims, str(values.dtype), {k: np.asarray(v).tolist() for k, v in sorted(variable.attrs.items())}]
    return hashlib.sha256(json.dumps(about).encode() + values.tobytes()).hexdigest()


def _check(path: Path, checksums: Mapping[str, str], groups: Groups) -> None:
    """Raise unless all variables with a checksum are there and have it."""
    found = _checksums({name: group for name, group in groups.items() if _belongs(name, checksums)})
    wrong = [name for name, checksum in checksums.items() if found.get(name) != checksum]
    if wrong:
        raise _damaged(path, f"the checksum of {', '.join(wrong[:3])} is not that of the summary")


def _belongs(group: str, checksums: Mapping[str, str]) -> bool:
    return any(name.startswith(f"{group}/") for name in checksums)


def _damaged(path: Path, why: str) -> ValueError:
    return ValueError(f"Argument `RESULT` must be an intact result folder, but `{path}` is damaged: {why}.")


def _tree(result: Result, groups: Groups, text: str) -> xarray.DataTree:
    """With the run beside the posterior, for those who open the file elsewhere."""
    groups = dict(groups)
    if "posterior" in groups:
        run = {name: json.dumps(value) for name, value in msgspec.to_builtins(result.run).items()}
        groups["posterior"] = groups["posterior"].assign_attrs(run)
    tree = xarray.DataTree.from_dict(groups)
    tree.attrs[_ITSELF] = text
    return tree
