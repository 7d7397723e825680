"""The files that keep a result."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray
from jaxtyping import Array, Float

from nmmjax._files import atomic, jsonable
from nmmjax.fit import Fit
from nmmjax.infer import Draws, Profile
from nmmjax.results._conclusion import Result
from nmmjax.results._summary import summary

_PREDICTIVE_DRAWS = 200
"""For which spectra are kept."""


class Saved(NamedTuple):
    """A result read back from its folder."""

    summary: dict[str, Any]
    groups: Mapping[str, xarray.Dataset]
    """Empty where nothing was sampled."""


def save(result: Result, folder: Path, run: Mapping[str, Any], profiles: xarray.Dataset | None = None) -> None:
    """Write `summary.json`, and `posterior.nc` with all that is sampled or profiled; `run` joins the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    written = summary(result) | dict(run)
    groups = _groups(result, run) | ({} if profiles is None else {"profile": profiles})
    (folder / "posterior.nc").unlink(missing_ok=True)
    if groups:
        with atomic(folder / "posterior.nc") as temporary:
            xarray.DataTree.from_dict(groups).to_netcdf(temporary, engine="h5netcdf")
    with atomic(folder / "summary.json") as temporary:
        temporary.write_text(json.dumps(jsonable(written), indent=1, allow_nan=False) + "\n")


def load(folder: Path) -> Saved:
    """Read a result folder back."""
    path = folder / "summary.json"
    if not path.exists():
        raise ValueError(f"Argument `RESULT` must be a folder that `nmmjax fit` wrote, but `{path}` does not exist.")
    stored = folder / "posterior.nc"
    try:
        summary = json.loads(path.read_text())
        if not stored.exists():
            return Saved(summary, {})
        with xarray.open_datatree(stored, engine="h5netcdf") as tree:
            return Saved(summary, {name: node.to_dataset().load() for name, node in tree.children.items()})
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(
            f"Argument `RESULT` must be an intact result folder, but `{folder}` is damaged: {error}"
        ) from None


def profiles(found: Sequence[Profile]) -> xarray.Dataset:
    """Profiles of one and of two parameters as one dataset; each has its own grids."""
    variables = {}
    for names, grids, delta_chi2 in found:
        pair = "_".join(reversed(names))
        dimensions = tuple(f"{pair}_{name}" for name in names)
        variables[pair] = (dimensions, delta_chi2, {"names": ",".join(names)})
        variables |= {d: (d, grid) for d, grid in zip(dimensions, grids, strict=True)}
    coordinates = {name: value for name, value in variables.items() if value[0] == name}
    return xarray.Dataset({n: v for n, v in variables.items() if n not in coordinates}, coordinates)


def _groups(result: Result, run: Mapping[str, Any]) -> dict[str, xarray.Dataset]:
    draws = result.draws
    if draws is None or result.posterior is None:
        return {}
    renamed = {"num_steps": "n_steps", "accept_prob": "acceptance_rate"}
    statistics = {renamed.get(n, n): (("chain", "draw"), v) for n, v in draws.statistics.items()}
    statistics["lp"] = (("chain", "draw"), -draws.statistics["potential_energy"])
    attributes = {name: json.dumps(jsonable(value)) for name, value in run.items()}
    groups = {
        "posterior": result.posterior.assign_attrs(attributes),
        "sample_stats": xarray.Dataset(statistics),
    }
    predicted, observed, constant = _spectra(result.fit, draws)
    if observed:
        groups |= {
            "posterior_predictive": xarray.Dataset(predicted),
            "observed_data": xarray.Dataset(observed),
            "constant_data": xarray.Dataset(constant),
        }
    return groups


def _spectra(fit: Fit, draws: Draws) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Of every experiment that draws a spectrum: expectations of thinned draws, data, bin edges and errors."""
    predicted, observed, constant = {}, {}, {}
    flat = draws.z.reshape(-1, draws.z.shape[-1])
    thinned = flat[np.linspace(0, len(flat) - 1, min(_PREDICTIVE_DRAWS, len(flat))).astype(int)]
    spectra = {index: s for index, e in enumerate(fit.experiments) if (s := e.spectrum()) is not None}
    for index, values in jax.device_get(_predictions(fit, jnp.asarray(thinned), tuple(spectra))).items():
        experiment, spectrum = fit.experiments[index], spectra[index]
        name = experiment.name
        predicted[name] = (("chain", "draw", f"{name}_datum"), values[None])
        bins = [len(edges) - 1 for edges in spectrum.edges]
        attributes = {"panels": json.dumps(spectrum.panels), "bins": json.dumps(bins)}
        attributes |= {"axis": spectrum.axis, "unit": spectrum.unit}
        observed[name] = xarray.Variable(f"{name}_datum", np.asarray(experiment.observed), attributes)
        constant[f"{name}_edges"] = (f"{name}_edge", np.concatenate(spectrum.edges))
        constant[f"{name}_errors"] = (f"{name}_datum", np.asarray(experiment.errors()))
    return predicted, observed, constant


@partial(jax.jit, static_argnames="drawn")
def _predictions(fit: Fit, z: Float[Array, "draws d"], drawn: tuple[int, ...]) -> dict[int, Float[Array, "draws data"]]:
    """Expectation of the data of the experiments that are drawn, at every z."""

    def one(z: Float[Array, " d"]) -> dict[int, Float[Array, " data"]]:
        _, theory, nuisance = fit.point(fit.space.parameters(z))
        return {index: fit.experiments[index].fitted(theory, nuisance) for index in drawn}

    return jax.lax.map(one, z)
