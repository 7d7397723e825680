"""A result in memory: all names and numbers of its summary, and the arrays behind them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import xarray

from nmmjax import _checks
from nmmjax.infer import Limits, Profile
from nmmjax.results.records import LimitRecord, Row, Summary, finite


class DrawnSpectrum(NamedTuple):
    """The data of one binned experiment beside its expectations: one panel after the other."""

    name: str
    """Of the experiment."""
    panels: tuple[str, ...]
    """A name for each panel."""
    edges: tuple[np.ndarray, ...]
    """Edges of the bins of each panel, in `unit`."""
    axis: str
    """The quantity that is binned."""
    unit: str
    observed: np.ndarray
    """(data,), all panels in a row."""
    errors: np.ndarray
    """(data,), statistical standard deviations."""
    expected: np.ndarray
    """(draws, data): expectations at draws from the posterior."""
    quantity: str = "events"
    """What the data are: "events" are drawn by unit of the axis, anything else as it is."""

    def split(self, values: np.ndarray) -> list[np.ndarray]:
        """Values of all data, last axis, by panels."""
        return np.split(values, np.cumsum([len(edges) - 1 for edges in self.edges])[:-1], axis=-1)


class Result(Summary, frozen=True):
    """Everything an analysis has found: names, numbers and arrays, and no function.

    Equal to another one where all of them are. The records are those of `Summary`.
    """

    posterior: xarray.Dataset | None = None
    """Sampled and derived quantities (chain, draw, ...), phases in (-pi, pi]; None where nothing was sampled."""
    statistics: xarray.Dataset | None = None
    """Of the sampler, under ArviZ's names: lp, energy, n_steps, acceptance_rate, diverging."""
    spectra: tuple[DrawnSpectrum, ...] = ()
    profiles: tuple[Profile, ...] = ()
    """Profile likelihoods of one and of two parameters."""

    @property
    def name(self) -> str:
        """ANALYSIS or ANALYSIS/HYPOTHESIS."""
        return self.run.name

    @property
    def good(self) -> bool:
        """Whether the result can be trusted."""
        return self.verdict.good

    def row(self, name: str) -> Row:
        """The line of the table of one quantity, or of one entry of an array: `yukawa_re[0,1]`."""
        lines = {row.name: row for row in self.parameters}
        _checks.check_known("name", name, lines)
        return lines[name]

    def limit(self, name: str) -> LimitRecord | None:
        """The limits of one parameter; None where they were not asked for."""
        _checks.check_known("name", name, (row.name for row in self.parameters))
        return next((limit for limit in self.limits if limit.name == name), None)

    def draws(self, name: str) -> np.ndarray:
        """(chain, draw): the draws of one line of the table, which may be an entry such as `yukawa[0,1]`."""
        if self.posterior is None:
            raise ValueError(f"The result {self.name!r} has no draws: only its maximum was searched.")
        _checks.check_known("name", name, (row.name for row in self.parameters))
        variable, *indices = name.replace("]", "").replace(",", "[").split("[")
        return self.posterior[variable].values[(..., *map(int, indices))]

    def profile(self, *names: str) -> Profile | None:
        """The profile likelihood of these parameters, in any order; None where it was not asked for."""
        return next((found for found in self.profiles if set(found.names) == set(names)), None)

    def with_profiles(self, limits: Sequence[Limits], pairs: Sequence[Profile]) -> "Result":
        """The same result with limits of single parameters and profiles of pairs."""
        records = tuple(LimitRecord(one.name, finite(one.low), finite(one.high), finite(one.upper)) for one in limits)
        profiles = (*(one.profile for one in limits), *pairs)
        return msgspec.structs.replace(self, limits=records, profiles=profiles)

    def summary(self) -> Summary:
        """Names and numbers alone."""
        return Summary(**{name: getattr(self, name) for name in Summary.__struct_fields__})

    def __repr__(self) -> str:
        verdict = "good" if self.good else "; ".join(self.verdict.reasons)
        return f"Result({self.name!r}: {len(self.parameters)} quantities, {verdict})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        arrays = ("posterior", "statistics", "spectra", "profiles")
        return self.summary() == other.summary() and all(_same(getattr(self, n), getattr(other, n)) for n in arrays)

    __hash__ = None  # pyright: ignore[reportAssignmentType]  (holds arrays)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, xarray.Dataset):
        return isinstance(other, xarray.Dataset) and one.identical(other)
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(_same, one, other))
    return one == other


def to_groups(result: Result) -> dict[str, xarray.Dataset]:
    """The arrays of a result as ArviZ's groups."""
    groups = {}
    if result.posterior is not None and result.statistics is not None:
        groups |= {"posterior": result.posterior, "sample_stats": result.statistics}
    if result.spectra:
        groups |= _spectra_to_groups(result.spectra)
    if result.profiles:
        groups["profile"] = _profiles_to_group(result.profiles)
    return groups


def from_groups(summary: Summary, groups: Mapping[str, xarray.Dataset]) -> Result:
    """A result from its summary and the groups that `to_groups` made; others are left aside."""
    return Result(
        **{name: getattr(summary, name) for name in Summary.__struct_fields__},
        posterior=groups.get("posterior"),
        statistics=groups.get("sample_stats"),
        spectra=_spectra_from_groups(groups) if "observed_data" in groups else (),
        profiles=_profiles_from_group(groups["profile"]) if "profile" in groups else (),
    )


def _spectra_to_groups(spectra: Sequence[DrawnSpectrum]) -> dict[str, xarray.Dataset]:
    predicted, observed, constant = {}, {}, {}
    for spectrum in spectra:
        name, datum = spectrum.name, f"{spectrum.name}_datum"
        bins = [len(edges) - 1 for edges in spectrum.edges]
        attributes = {"panels": json.dumps(spectrum.panels), "bins": json.dumps(bins)}
        attributes |= {"axis": spectrum.axis, "unit": spectrum.unit, "quantity": spectrum.quantity}
        predicted[name] = (("chain", "draw", datum), spectrum.expected[None])
        observed[name] = xarray.Variable(datum, spectrum.observed, attributes)
        constant[f"{name}_edges"] = (f"{name}_edge", np.concatenate(spectrum.edges))
        constant[f"{name}_errors"] = (datum, spectrum.errors)
    groups = {"posterior_predictive": predicted, "observed_data": observed, "constant_data": constant}
    return {group: xarray.Dataset(variables) for group, variables in groups.items()}


def _spectra_from_groups(groups: Mapping[str, xarray.Dataset]) -> tuple[DrawnSpectrum, ...]:
    observed, predicted, constant = (
        groups[name] for name in ("observed_data", "posterior_predictive", "constant_data")
    )
    spectra = []
    for name in map(str, observed.data_vars):
        attributes, data = observed[name].attrs, observed[name].values
        ends = np.cumsum([bins + 1 for bins in json.loads(attributes["bins"])])[:-1]
        spectra.append(
            DrawnSpectrum(
                name=name,
                panels=tuple(json.loads(attributes["panels"])),
                edges=tuple(np.split(constant[f"{name}_edges"].values, ends)),
                axis=attributes["axis"],
                unit=attributes["unit"],
                observed=data,
                errors=constant[f"{name}_errors"].values,
                expected=predicted[name].values[0],
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
