"""Tables of published values, read as likelihoods: a row becomes a term, and the table knows its source."""

import dataclasses
import math
from typing import Self

from nmmjax.experiments.likelihoods.terms import Limit, LogNormal, SplitGaussian
from nmmjax.numerics.special import two_sided_quantile
from nmmjax.tables import Source, Table, read_table


@dataclasses.dataclass(frozen=True)
class PublishedValues:
    """The rows of a packaged table, each under the word in its column `key`.

        limits = PublishedValues.read("moment_limits")
        term, sources = limits.limit("gemma_2013", power=2), (limits.source,)

    Every reader takes the name of a row and raises `ValueError` where there is not exactly one of it.
    """

    table: Table
    key: str = "quantity"

    @classmethod
    def read(cls, name: str, key: str = "quantity") -> Self:
        """Read the packaged table `data/NAME.csv`."""
        return cls(read_table(name), key)

    @property
    def source(self) -> Source:
        """Record of the table: its name, its hash and its paper."""
        return self.table.source

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the rows, in the order of the table."""
        return tuple(map(str, self.table[self.key]))

    def number(self, name: str, column: str) -> float:
        """The number in one cell, by row and column, in the unit of the table."""
        return self.table.where(**{self.key: name})[column].item()

    def word(self, name: str, column: str) -> str:
        """The word in one cell, by row and column, such as a unit."""
        return str(self.table.where(**{self.key: name})[column].item())

    def limit(self, name: str, *, power: int = 1, confidence: float | None = None) -> Limit:
        """The limit of a row as a half-Gaussian from its boundary on: columns limit, confidence, boundary if not zero.

        **Arguments:** `power` of the quantity to which a rate is proportional, and in which the term is; `confidence`
        where the table has none.
        """
        boundary = self.number(name, "boundary") if "boundary" in self.table.columns else 0.0
        held = self.number(name, "confidence") if confidence is None else confidence
        return Limit(self.number(name, "limit") ** power, boundary=boundary**power, confidence=held)

    def gaussian(self, name: str) -> SplitGaussian:
        """The measurement of a row as a Gaussian: columns value and error."""
        error = self.number(name, "error")
        return SplitGaussian(self.number(name, "value"), error, error)

    def split_gaussian(self, name: str) -> SplitGaussian:
        """The measurement of a row with different errors up and down: columns best, plus and minus."""
        return SplitGaussian(*(self.number(name, column) for column in ("best", "plus", "minus")))

    def difference(self, name: str, other: str) -> SplitGaussian:
        """The difference of two rows as a Gaussian, errors in quadrature: columns value and error."""
        error = math.hypot(self.number(name, "error"), self.number(other, "error"))
        return SplitGaussian(self.number(name, "value") - self.number(other, "value"), error, error)

    def log_normal(self, name: str) -> LogNormal:
        """The estimate of a row as a log-normal: columns best and width, the standard deviation of the logarithm."""
        return LogNormal(self.number(name, "best"), self.number(name, "width"))

    def interval(self, name: str) -> SplitGaussian:
        """The interval of a row as a Gaussian with both ends, times factor, at their Delta chi^2.

        Columns low, high, factor and confidence.
        """
        low, high = (self.number(name, "factor") * self.number(name, end) for end in ("low", "high"))
        error = 0.5 * (high - low) / two_sided_quantile(self.number(name, "confidence"))
        return SplitGaussian(0.5 * (low + high), error, error)
