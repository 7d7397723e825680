"""A result in memory: all names and numbers of its summary, and the arrays behind them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from nmmjax import _checks
from nmmjax.infer import Exclusion, Limits, Profile
from nmmjax.results.records import LimitRecord, Row, Summary, finite

if TYPE_CHECKING:
    import xarray


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

    posterior: "xarray.Dataset | None" = None
    """Sampled and derived quantities (chain, draw, ...), phases in (-pi, pi]; None where nothing was sampled."""
    statistics: "xarray.Dataset | None" = None
    """Of the sampler, under ArviZ's names: lp, energy, n_steps, acceptance_rate, diverging."""
    groups: "Mapping[str, xarray.Dataset]" = {}  # noqa: RUF012 (of a frozen record, copied)
    """Further groups of ArviZ by name: log_likelihood, log_prior, posterior_predictive, observed_data, prior and
    prior_predictive; empty where nothing was sampled."""
    spectra: tuple[DrawnSpectrum, ...] = ()
    profiles: tuple[Profile, ...] = ()
    """Profile likelihoods of one and of two parameters."""
    exclusions: tuple[Exclusion, ...] = ()
    """Limits of one parameter at each value of another."""

    @property
    def name(self) -> str:
        """ANALYSIS or ANALYSIS/HYPOTHESIS."""
        return self.run.name

    @property
    def data(self) -> frozenset[tuple[str, int]]:
        """What chi^2 is counted from, and for how many data: the same for hypotheses that may be compared."""
        return frozenset((line.counted_from, line.data) for line in self.experiments)

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

    def exclusion(self, names: tuple[str, str]) -> Exclusion | None:
        """The limit of the second of these numbers at each value of the first; None where it was not asked for."""
        return next((found for found in self.exclusions if found.names == names), None)

    def with_profiles(
        self, limits: Sequence[Limits], pairs: Sequence[Profile], exclusions: Sequence[Exclusion] = ()
    ) -> "Result":
        """The same result with limits of single parameters, profiles of pairs and exclusion curves."""
        records = tuple(map(_limit, limits))
        profiles = (*(one.profile for one in limits), *pairs)
        return msgspec.structs.replace(self, limits=records, profiles=profiles, exclusions=tuple(exclusions))

    def summary(self) -> Summary:
        """Names and numbers alone."""
        return Summary(**{name: getattr(self, name) for name in Summary.__struct_fields__})

    def __repr__(self) -> str:
        verdict = "good" if self.good else "; ".join(self.verdict.reasons)
        return f"Result({self.name!r}: {len(self.parameters)} quantities, {verdict})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        draws, arrays = ("posterior", "statistics"), ("spectra", "profiles", "exclusions")
        return (
            self.summary() == other.summary()
            and all(_identical(getattr(self, n), getattr(other, n)) for n in draws)
            and self.groups.keys() == other.groups.keys()
            and all(_identical(group, other.groups[n]) for n, group in self.groups.items())
            and all(_same(getattr(self, n), getattr(other, n)) for n in arrays)
        )

    __hash__ = None  # pyright: ignore[reportAssignmentType]  (holds arrays)


def _limit(one: Limits) -> LimitRecord:
    further = tuple((finite(low), finite(high)) for low, high in one.further)
    return LimitRecord(one.name, finite(one.low), finite(one.high), finite(one.upper), further)


def _identical(one: "xarray.Dataset | None", other: "xarray.Dataset | None") -> bool:
    return one is other or (one is not None and other is not None and one.identical(other))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(_same, one, other))
    return one == other
