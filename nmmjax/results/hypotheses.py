"""Tests of hypotheses and of coverage by toys, as records that JSON keeps."""

import msgspec
import numpy as np

from nmmjax.infer import Discrimination, Scan
from nmmjax.results.records import Run, finite

_MOST_LOST = 0.01
QUANTILES = (0.0228, 0.1587, 0.5, 0.8413, 0.9772)
"""Shares of toys below the values that are kept of their statistic."""


class Tested(msgspec.Struct, frozen=True):
    """What the data say of one hypothesis, and toys of it of the other one."""

    name: str
    p_value: float
    """Share of toys of it that look no more like it than the data."""
    error: float
    quantiles: tuple[float, ...]
    """Of the statistic T of its toys, at `QUANTILES`."""
    expected: float
    """T of its data without fluctuations."""
    sensitivity: float
    """One-sided standard deviations by which its median toy excludes the other hypothesis."""
    at_least: bool
    """Whether no toy of the other hypothesis reached the median: then this is what toys reach to."""
    normal_sensitivity: float | None
    """The same by normal distributions."""


class HypothesisRecord(msgspec.Struct, frozen=True):
    """A test of two hypotheses by T = chi^2(second) - chi^2(first)."""

    run: Run
    number: int
    """Of toys of each."""
    observed: float
    """T of the data."""
    lost: int
    tested: tuple[Tested, Tested]

    @property
    def good(self) -> bool:
        """Whether all maxima of toys, but for one in a hundred, have been found."""
        return self.lost <= _MOST_LOST * 4 * self.number


class ScanRecord(msgspec.Struct, frozen=True):
    """How often intervals and limits of one number cover its true value."""

    run: Run
    name: str
    level: float
    number: int
    grid: tuple[float, ...]
    interval: tuple[tuple[float, float], ...]
    """Share and its error, at each true value."""
    limit: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float], ...]
    critical: tuple[float, ...]


def hypothesis_record(run: Run, found: Discrimination) -> HypothesisRecord:
    """What toys say of two hypotheses."""
    return HypothesisRecord(run, found.number, found.observed, found.lost, (_tested(found, 0), _tested(found, 1)))


def scan_record(run: Run, found: Scan) -> ScanRecord:
    """Of coverage at some true values."""
    interval, limit, band = (
        tuple((one.value, one.error) for one in row) for row in (found.interval, found.limit, found.band)
    )
    grid, critical = tuple(found.grid.tolist()), tuple(found.critical.tolist())
    return ScanRecord(run, found.name, found.level, found.number, grid, interval, limit, band, critical)


def _tested(found: Discrimination, true: int) -> Tested:
    share = found.p_value(true, found.observed)
    beyond = found.p_value(1 - true, float(np.median(found.statistic[true])))
    return Tested(
        found.names[true],
        share.value,
        share.error,
        tuple(np.quantile(found.statistic[true], QUANTILES).tolist()),
        found.expected[true],
        found.sensitivity(true),
        beyond.value == 0.0,
        finite(found.normal_sensitivity(true)),
    )
