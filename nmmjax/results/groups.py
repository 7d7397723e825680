"""The arrays of a result as ArviZ's groups, and back."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray

from nmmjax.infer import Exclusion, Profile
from nmmjax.results.records import Summary
from nmmjax.results.result import DrawnSpectrum, Result

_EXPECTED, _DRAWN, _PROFILE = "posterior_expectation", "constant_data", "profile"
_OWN = {"posterior", "sample_stats", _EXPECTED, _DRAWN, _PROFILE, "exclusion"}
"""Groups that are arrays of a result with names of their own."""


def to_groups(result: Result) -> dict[str, xarray.Dataset]:
    """The arrays of a result as ArviZ's groups."""
    groups = dict(result.groups)
    if result.posterior is not None and result.statistics is not None:
        groups |= {"posterior": result.posterior, "sample_stats": result.statistics}
    if result.spectra:
        groups |= _spectra_to_groups(result.spectra)
    if result.profiles:
        groups[_PROFILE] = _profiles_to_group(result.profiles)
    if result.exclusions:
        groups["exclusion"] = _exclusions_to_group(result.exclusions)
    return groups


def from_groups(summary: Summary, groups: Mapping[str, xarray.Dataset]) -> Result:
    """A result from its summary and the groups that `to_groups` made; others are left aside."""
    return Result(
        **{name: getattr(summary, name) for name in Summary.__struct_fields__},
        posterior=groups.get("posterior"),
        statistics=groups.get("sample_stats"),
        groups={name: group for name, group in groups.items() if name not in _OWN},
        spectra=_spectra_from_groups(groups) if _EXPECTED in groups else (),
        profiles=_profiles_from_group(groups[_PROFILE]) if _PROFILE in groups else (),
        exclusions=_exclusions_from_group(groups["exclusion"]) if "exclusion" in groups else (),
    )


def _spectra_to_groups(spectra: Sequence[DrawnSpectrum]) -> dict[str, xarray.Dataset]:
    """Expectations, without noise, and what is drawn beside them."""
    expected, drawn = {}, {}
    for spectrum in spectra:
        name, datum = spectrum.name, f"{spectrum.name}_datum"
        bins = [len(edges) - 1 for edges in spectrum.edges]
        attributes = {"panels": json.dumps(spectrum.panels), "bins": json.dumps(bins)}
        attributes |= {"axis": spectrum.axis, "unit": spectrum.unit, "quantity": spectrum.quantity}
        expected[name] = (("chain", "draw", datum), spectrum.expected[None])
        drawn[name] = xarray.Variable(datum, spectrum.observed, attributes)
        drawn[f"{name}_edges"] = (f"{name}_edge", np.concatenate(spectrum.edges))
        drawn[f"{name}_errors"] = (datum, spectrum.errors)
    return {_EXPECTED: xarray.Dataset(expected), _DRAWN: xarray.Dataset(drawn)}


def _spectra_from_groups(groups: Mapping[str, xarray.Dataset]) -> tuple[DrawnSpectrum, ...]:
    expected, drawn = groups[_EXPECTED], groups[_DRAWN]
    spectra = []
    for name in map(str, expected.data_vars):
        attributes, data = drawn[name].attrs, drawn[name].values
        ends = np.cumsum([bins + 1 for bins in json.loads(attributes["bins"])])[:-1]
        spectra.append(
            DrawnSpectrum(
                name=name,
                panels=tuple(json.loads(attributes["panels"])),
                edges=tuple(np.split(drawn[f"{name}_edges"].values, ends)),
                axis=attributes["axis"],
                unit=attributes["unit"],
                observed=data,
                errors=drawn[f"{name}_errors"].values,
                expected=expected[name].values[0],
                quantity=attributes["quantity"],
            )
        )
    return tuple(spectra)


def _profiles_to_group(profiles: Sequence[Profile]) -> xarray.Dataset:
    """Each profile with its own grids, named after its parameters."""
    variables, coordinates = {}, {}
    for names, grids, delta_chi2 in profiles:
        label = "_".join(reversed(names))
        dimensions = tuple(f"{label}_{name}" for name in names)
        variables[label] = (dimensions, delta_chi2, {"names": json.dumps(names)})
        coordinates |= {dimension: (dimension, grid) for dimension, grid in zip(dimensions, grids, strict=True)}
    return xarray.Dataset(variables, coordinates)


def _profiles_from_group(group: xarray.Dataset) -> tuple[Profile, ...]:
    profiles = []
    for values in group.data_vars.values():
        names = tuple(json.loads(values.attrs["names"]))
        grids = tuple(group[dimension].values for dimension in values.dims)
        profiles.append(Profile(names, grids, values.values))
    return tuple(profiles)


def _exclusions_to_group(exclusions: Sequence[Exclusion]) -> xarray.Dataset:
    """Each curve over its own points, named after its parameters."""
    variables, coordinates = {}, {}
    for found in exclusions:
        label = "_".join(found.names)
        about = {"names": list(found.names), "top": found.top, "logarithmic": list(found.logarithmic)}
        about |= {"level": found.level, "failed": found.failed}
        variables[label] = (f"{label}_over", found.limit, {"about": json.dumps(about)})
        coordinates[f"{label}_over"] = (f"{label}_over", found.over)
    return xarray.Dataset(variables, coordinates)


def _exclusions_from_group(group: xarray.Dataset) -> tuple[Exclusion, ...]:
    exclusions = []
    for values in group.data_vars.values():
        about = json.loads(values.attrs["about"])
        names, logarithmic = tuple(about["names"]), tuple(about["logarithmic"])
        over = group[str(values.dims[0])].values
        exclusions.append(
            Exclusion(names, over, values.values, about["top"], logarithmic, about["level"], about["failed"])
        )
    return tuple(exclusions)
