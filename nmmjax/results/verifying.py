"""What a paper states beside what comes out here, and the status that follows from the distance of both."""

import enum
import math
from collections.abc import Iterable

from nmmjax.results.records import Record


class Status(enum.Enum):
    """How near a published result comes out: computed from the distance, but for the last two, which have none."""

    AGREES = "agrees", "within 0.3 standard deviations, errors and limits within 10 %"
    PARTIAL = "partial", "within one standard deviation, errors and limits within 30 %"
    APPROXIMATE = "approximate", "within three standard deviations, errors and limits within a factor of two"
    DIFFERS = "differs", "farther than that"
    INPUT = "input", "the published number, or table, is the likelihood itself"
    FORECAST = "forecast", "a planned experiment, without data"

    def __init__(self, label: str, meaning: str):
        self.label, self.meaning = label, meaning

    @classmethod
    def of(cls, distance: float, width: float | None = None) -> "Status":
        """From a distance in published standard deviations and the ratio of an error or limit to the published one."""
        off = 1.0 if width is None else max(width, 1.0 / width) if width > 0.0 else math.inf
        for status, (farthest, widest) in _REACH.items():
            if abs(distance) <= farthest and off <= widest:
                return status
        return cls.DIFFERS

    @classmethod
    def worst(cls, found: "Iterable[Status]") -> "Status":
        """The least good of some."""
        order = list(cls)
        return max(found, key=order.index)


_REACH = {Status.AGREES: (0.3, 1.1), Status.PARTIAL: (1.0, 1.3), Status.APPROXIMATE: (3.0, 2.0)}
"""Largest distance, and largest factor between errors, best status first."""


class NumberRecord(Record, frozen=True):
    """A number with its errors, or a limit where there is none but the end."""

    best: float
    plus: float | None = None
    minus: float | None = None


class LineRecord(Record, frozen=True):
    """What is drawn of one side: a line, steps between edges, or points with bars."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    bars: tuple[float, ...] = ()


class PanelRecord(Record, frozen=True):
    """What is drawn of one claim, in the coordinates of the paper."""

    kind: str
    """`profile` (Delta chi^2 over a number), `plane` (over two, as contours) or `bins`."""
    axes: tuple[str, str]
    """Labels in TeX."""
    here: LineRecord
    published: LineRecord | None = None
    surfaces: tuple[tuple[tuple[float | None, ...], ...], ...] = ()
    """Of a plane: Delta chi^2 here and, where there is one, as published, at `here.x` (columns) and `here.y` (rows)."""
    level: float | None = None
    """Of a profile: Delta chi^2 at which the published number is drawn."""


class ClaimRecord(Record, frozen=True):
    """One published number, curve or spectrum beside that of this package."""

    what: str
    """In words."""
    unit: str
    published: NumberRecord | None
    """None of curves, planes and spectra."""
    here: NumberRecord | None
    source: str
    """Where it is published."""
    distance: float
    """Of the central values, in published standard deviations."""
    width: float | None = None
    """Ratio of the error that differs most, or of the limit; None where none is published."""
    panel: PanelRecord | None = None

    @property
    def status(self) -> Status:
        """What follows from distance and width."""
        return Status.of(self.distance, self.width)


class VerifiedRecord(Record, frozen=True):
    """All claims about one experiment."""

    experiment: str
    paper: str
    asked: str
    """Hash of declaration, data and version: what an earlier run must have had for its answer to be kept."""
    claims: tuple[ClaimRecord, ...]
    caveats: str
    chi2: float | None = None
    """At the maximum of the first fit."""
    data: int | None = None
    """How many numbers that describes."""
    seconds: float = 0.0

    @property
    def status(self) -> Status:
        """That of the claim which agrees least."""
        return Status.worst(claim.status for claim in self.claims)
