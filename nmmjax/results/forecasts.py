"""What is expected of exposures, as a record that JSON keeps and a table of numbers."""

import csv
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from nmmjax._files import atomic
from nmmjax.infer import Forecast
from nmmjax.results.records import Run, finite

Matrix = tuple[tuple[float | None, ...], ...]
_COLUMNS = ("sd", "low", "high", "interval_low", "interval_high", "upper")


class ForecastLine(msgspec.Struct, frozen=True):
    """One number at one exposure; None for what there is not."""

    exposure: Mapping[str, float]
    """Name of an experiment -> factor of its exposure."""
    name: str
    truth: float
    sd: float | None
    """By Fisher's information."""
    low: float | None
    """By the profile likelihood, Delta chi^2 = 1."""
    high: float | None
    interval_low: float | None
    """By the profile likelihood, with the confidence level."""
    interval_high: float | None
    upper: float | None
    """The one-sided limit."""


class ForecastRecord(msgspec.Struct, frozen=True):
    """A forecast by data without fluctuations."""

    run: Run
    at: str
    """The true point, in words."""
    level: float
    lines: tuple[ForecastLine, ...]
    """Exposure after exposure."""
    floor: Mapping[str, float | None]
    """Standard deviations that no exposure improves on; None where each does."""
    null: Mapping[str, float]
    """Values without a signal."""
    significance: tuple[float | None, ...]
    """Of a discovery, exposure after exposure, in standard deviations."""
    labels: tuple[str, ...]
    fisher: tuple[Matrix, ...]
    """Fisher's information of all sampled numbers, by label, exposure after exposure."""
    correlations: tuple[Matrix, ...]

    @property
    def exposures(self) -> tuple[Mapping[str, float], ...]:
        """One after the other."""
        each = len(self.lines) // len(self.fisher)
        return tuple(line.exposure for line in self.lines[::each])

    @property
    def good(self) -> bool:
        """Whether every number has an error, an end of an interval or a limit at every exposure."""
        return all(any(end is not None for end in (line.sd, line.high, line.upper)) for line in self.lines)


def forecast_record(run: Run, found: Forecast, at: str, null: Mapping[str, float]) -> ForecastRecord:
    """What a forecast has found; `at` says in words what is true in it."""
    lines = tuple(_line(found, row, k) for row in range(len(found.exposures)) for k in range(len(found.names)))
    return ForecastRecord(
        run,
        at,
        found.level,
        lines,
        {name: finite(float(found.floor[found.place(name)])) for name in found.names},
        dict(null),
        tuple(map(finite, found.significance.tolist())),
        found.labels,
        tuple(_matrix(_information(one)) for one in found.covariance),
        tuple(map(_matrix, found.correlations)),
    )


def forecast_table(record: ForecastRecord, path: Path) -> Path:
    """Write a row for each number and exposure as CSV, whole or not at all."""
    experiments = tuple(record.exposures[0])
    with atomic(path) as temporary, temporary.open("w", newline="") as stream:
        stream.write(f"# {record.run.name}: expected at {record.at}; exposure is a factor of the present one\n")
        stream.write(f"# interval_low and interval_high at {record.level:g}; upper: one-sided at the same\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((*(f"exposure_{name}" for name in experiments), "name", "truth", *_COLUMNS, "significance"))
        each = len(record.lines) // len(record.exposures)
        for number, line in enumerate(record.lines):
            cells = (line.truth, *(getattr(line, column) for column in _COLUMNS), record.significance[number // each])
            factors = (f"{line.exposure[name]:g}" for name in experiments)
            writer.writerow((*factors, line.name, *("" if cell is None else f"{cell:.8g}" for cell in cells)))
    return path


def _line(found: Forecast, row: int, k: int) -> ForecastLine:
    name = found.names[k]
    place = found.place(name)
    numbers = (found.standard_deviations[row, place], *found.one_sigma[row, k], *found.interval[row, k])
    cells = (finite(float(number)) for number in (*numbers, found.upper[row, k]))
    return ForecastLine(found.exposures[row], name, float(found.truth[place]), *cells)


def _information(covariance: np.ndarray) -> np.ndarray:
    """Inverse of the part that is known."""
    known = np.isfinite(np.diag(covariance))
    information = np.full_like(covariance, np.nan)
    information[np.ix_(known, known)] = np.linalg.inv(covariance[np.ix_(known, known)])
    return information


def _matrix(values: np.ndarray) -> Matrix:
    return tuple(tuple(map(finite, row)) for row in values.tolist())
