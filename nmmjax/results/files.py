"""The files that keep a result: `summary.json`, and `posterior.nc` with all that is sampled or profiled."""

import json
from pathlib import Path

import msgspec
import xarray

from nmmjax._files import atomic
from nmmjax.results.records import SCHEMA, Summary
from nmmjax.results.result import Result, encode, from_groups, to_groups

_SUMMARY, _ARRAYS = "summary.json", "posterior.nc"


def save(result: Result, folder: Path) -> list[Path]:
    """Write a result into a folder, each file whole or not at all, and return where they are.

    The arrays come first, so that a summary never stands beside arrays of an older run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups, arrays, summary = to_groups(result), folder / _ARRAYS, folder / _SUMMARY
    if groups:
        with atomic(arrays) as temporary:
            _tree(result, groups).to_netcdf(temporary, engine="h5netcdf")
    else:
        arrays.unlink(missing_ok=True)
    with atomic(summary) as temporary:
        temporary.write_bytes(encode(result.summary()))
    return [path for path in (summary, arrays) if path.exists()]


def load(folder: Path) -> Result:
    """Read a result folder back: a result equal to the one that was saved.

    **Raises:** `ValueError` that names the file and the key which is damaged, or the version that wrote it.
    """
    path, arrays = Path(folder) / _SUMMARY, Path(folder) / _ARRAYS
    if not path.exists():
        raise ValueError(f"Argument `RESULT` must be a folder that `nmmjax fit` wrote, but `{path}` does not exist.")
    summary = _read_summary(path)
    if not arrays.exists():
        return from_groups(summary, {})
    try:
        with xarray.open_datatree(arrays, engine="h5netcdf") as tree:
            return from_groups(summary, {name: _read_group(node) for name, node in tree.children.items()})
    except (ValueError, OSError, KeyError) as error:
        raise _damaged(arrays, error) from None


def _read_group(node: xarray.DataTree) -> xarray.Dataset:
    """Without the run that stands beside the posterior."""
    return node.to_dataset().load().drop_attrs(deep=False)


def _read_summary(path: Path) -> Summary:
    try:
        raw = json.loads(path.read_text())
        schema = raw.get("schema") if isinstance(raw, dict) else None
        if isinstance(raw, dict) and schema != SCHEMA and raw:
            have = "none" if schema is None else schema
            raise ValueError(
                f"Argument `RESULT` must have the schema {SCHEMA}, but `{path}` has {have}: another version of nmmjax "
                f"({raw.get('versions', {}).get('nmmjax', 'unknown')}) wrote it; fit again, or plot with that version."
            )
        return msgspec.convert(raw, Summary)
    except (msgspec.ValidationError, json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(f"Argument `RESULT` must be an intact result folder, but `{path}` is damaged: {error}.")


def _tree(result: Result, groups: dict[str, xarray.Dataset]) -> xarray.DataTree:
    """With the run beside the posterior, for those who open the file elsewhere."""
    if "posterior" in groups:
        run = {name: json.dumps(value) for name, value in msgspec.to_builtins(result.run).items()}
        groups = groups | {"posterior": groups["posterior"].assign_attrs(run)}
    return xarray.DataTree.from_dict(groups)
