"""What toys and a calibration have counted, as records that JSON keeps."""

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from nmmjax._files import atomic
from nmmjax.infer import Band, Calibration, ClsLimit, ClsPlane, Toys, chi2_quantile
from nmmjax.results.records import Run, finite

LEVELS = (0.6827, 0.9, 0.9545)
"""Confidence levels of which coverage is told."""
_LEVEL = 0.95
"""With which uniform ranks of all numbers of a fit lie within their bands."""
POSTERIOR_LEVELS = (0.6827, 0.9)
"""Of central intervals of posteriors, of which coverage is told."""


class Coverage(msgspec.Struct, frozen=True):
    """How often Delta chi^2 of the truth stays below a quantile of chi^2."""

    tested: str
    level: float
    bound: float
    """The quantile."""
    coverage: float
    error: float
    """Standard deviation of the coverage, of the finite number of toys."""
    critical: float
    """Delta chi^2 that covers as often as the level says."""


class ToyGoodness(msgspec.Struct, frozen=True):
    """The p-value of the data by toys."""

    chi2: float
    p_value: float
    error: float
    refused: str | None
    """Why no table of chi^2 has it; None where one has."""


class BandRecord(msgspec.Struct, frozen=True):
    """A band of Feldman and Cousins over one number."""

    name: str
    level: float
    intervals: tuple[tuple[float, float], ...]
    grid: tuple[float, ...]
    delta_chi2: tuple[float | None, ...]
    critical: tuple[float, ...]
    p_value: tuple[float, ...]
    missing: tuple[str, ...] = ()
    """Toys of batches that have failed, by number and point, and why."""


class ClsRecord(msgspec.Struct, frozen=True):
    """An upper limit by CLs."""

    name: str
    level: float
    upper: float | None
    """None beyond the grid."""
    grid: tuple[float, ...]
    cls: tuple[float, ...]
    missing: tuple[str, ...] = ()
    """As of a band."""


class PlaneRecord(msgspec.Struct, frozen=True):
    """A band of Feldman and Cousins over two numbers, and CLs where there is a null hypothesis; row after row."""

    names: tuple[str, str]
    level: float
    grids: tuple[tuple[float, ...], tuple[float, ...]]
    delta_chi2: tuple[tuple[float | None, ...], ...]
    critical: tuple[tuple[float, ...], ...]
    p_value: tuple[tuple[float, ...], ...]
    cls: tuple[tuple[float, ...], ...] = ()

    @property
    def inside(self) -> float:
        """Share of the points that belong to the band."""
        chi2, critical = np.array(self.delta_chi2, float), np.array(self.critical)
        return float(np.mean(chi2 <= critical))


class ToyRecord(msgspec.Struct, frozen=True):
    """An ensemble of toys."""

    run: Run
    number: int
    at: str
    """The true point, in words."""
    auxiliary: tuple[str, ...]
    """Numbers whose auxiliary measurements fluctuate: none in the conditional ensemble."""
    lost: int
    """Toys whose maximum has not been found."""
    coverage: tuple[Coverage, ...]
    goodness: ToyGoodness | None
    bands: tuple[BandRecord, ...] = ()
    cls_limits: tuple[ClsRecord, ...] = ()
    planes: tuple[PlaneRecord, ...] = ()
    missing: tuple[str, ...] = ()
    """Toys of batches that have failed, by number, and why."""

    @property
    def all_missing(self) -> tuple[str, ...]:
        """Also those of bands and limits."""
        others = ((one.name, words) for one in (*self.bands, *self.cls_limits) for words in one.missing)
        return (*self.missing, *(f"{words} of the band of {name}" for name, words in others))

    @property
    def good(self) -> bool:
        """Whether the maximum of every toy, but for one in a hundred, has been found, and none is missing."""
        return self.lost <= 0.01 * self.number and not self.all_missing


class Ranks(msgspec.Struct, frozen=True):
    """How uniform the ranks of one number are."""

    name: str
    p_value: float
    """Of chi^2 of 16 classes."""
    within: bool
    """Whether their distribution lies in the band in which those of all numbers, uniform, lie with 95 %."""
    coverage: tuple[float, ...]
    """Shares of true values in the central intervals of `POSTERIOR_LEVELS`."""
    errors: tuple[float, ...]
    """Standard deviations of these shares."""


class CalibrationRecord(msgspec.Struct, frozen=True):
    """A calibration by simulation."""

    run: Run
    number: int
    poor: int
    """Toys whose posterior few points stand for."""
    ranks: tuple[Ranks, ...]
    missing: tuple[str, ...] = ()
    """Toys of batches that have failed, by number, and why."""

    @property
    def good(self) -> bool:
        """Whether ranks are as uniform as chance allows, for the number of them that are looked at, and all there."""
        return self.uniform and self.poor <= 0.1 * self.number and not self.missing

    @property
    def uniform(self) -> bool:
        """Whether chi^2 and bands say so, each with 95 % for all numbers together."""
        return self.least >= 1.0 - band_level(len(self.ranks)) and all(r.within for r in self.ranks)

    @property
    def least(self) -> float:
        """The smallest of the p-values."""
        return min(r.p_value for r in self.ranks)


def toy_record(run: Run, found: Toys, at: str, goodness: ToyGoodness | None) -> ToyRecord:
    """What toys have counted; `at` says in words what is true in them."""
    rows = tuple(_coverage(found, test, level) for test in range(len(found.tests)) for level in LEVELS)
    return ToyRecord(run, found.number, at, found.auxiliary, found.lost, rows, goodness, missing=found.missing)


def band_record(found: Band) -> BandRecord:
    """Of a band over one number."""
    (name,), (grid,) = found.names, found.grids
    columns = (found.critical, found.p_value)
    delta_chi2 = tuple(map(finite, found.delta_chi2.tolist()))
    ends = found.intervals, tuple(grid.tolist())
    return BandRecord(name, found.level, *ends, delta_chi2, *map(_plain, columns), missing=found.missing)


def plane_record(found: Band, excluded: ClsPlane | None) -> PlaneRecord:
    """Of a band over two numbers, and of what CLs excludes."""
    (one, two), (x, y) = found.names, found.grids
    critical, p_value = (tuple(map(_plain, values)) for values in (found.critical, found.p_value))
    chi2 = tuple(tuple(map(finite, row)) for row in found.delta_chi2.tolist())
    cls = () if excluded is None else tuple(map(_plain, excluded.cls))
    return PlaneRecord((one, two), found.level, (_plain(x), _plain(y)), chi2, critical, p_value, cls)


def cls_record(found: ClsLimit) -> ClsRecord:
    """Of a limit."""
    columns = map(_plain, (found.grid, found.cls))
    return ClsRecord(found.name, found.level, finite(found.upper), *columns, missing=found.missing)


def calibration_record(run: Run, found: Calibration) -> CalibrationRecord:
    """How uniform ranks are."""
    rows = tuple(_ranks(found, place) for place in range(len(found.labels)))
    return CalibrationRecord(run, found.number, found.poor, rows, found.missing)


def calibration_table(records: Sequence[CalibrationRecord], path: Path) -> Path:
    """Write a row for each number of each calibration as CSV, whole or not at all."""
    shares = [f"{what}_{level:g}" for level in POSTERIOR_LEVELS for what in ("coverage", "error")]
    with atomic(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("analysis", "toys", "poor", "name", "p_value", "within", *shares))
        for record in records:
            for row in record.ranks:
                pairs = (x for pair in zip(row.coverage, row.errors, strict=True) for x in pair)
                cells = (f"{row.p_value:.6g}", row.within, *(f"{x:.6g}" for x in pairs))
                writer.writerow((record.run.name, record.number, record.poor, row.name, *cells))
    return path


def band_level(numbers: int) -> float:
    """Of the band of one of so many numbers: all together lie within theirs with 95 %, or more often."""
    return 1.0 - (1.0 - _LEVEL) / numbers


def _ranks(found: Calibration, place: int) -> Ranks:
    shares = [found.coverage(place, level) for level in POSTERIOR_LEVELS]
    within = found.uniform(place, band_level(len(found.labels)))
    values, errors = (tuple(numbers) for numbers in zip(*shares, strict=True))
    return Ranks(found.labels[place], found.p_value(place), within, values, errors)


def keep(record: msgspec.Struct, path: Path) -> Path:
    """Write a record as JSON, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
    return path


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.tolist())


def _coverage(found: Toys, test: int, level: float) -> Coverage:
    tested, share = found.tests[test], found.coverage(test, level)
    bound = chi2_quantile(level, len(tested.labels))
    return Coverage(str(tested), level, bound, share.value, share.error, found.critical(test, level))
