"""What a row of the ledger is, and when a number counts as the one that was printed.

The rule of rounding is `rounds_to`, the other relations are in `RELATIONS`, the meaning of the verdicts is in `Verdict`
and what each of them has to show in `Outcome.holds`: the only places where they are defined.
"""

import dataclasses
import enum
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

_EXACT = 1e-6
"""Formula against formula, which leaves room for masses that one of them neglects."""
_HALF_A_DECADE = 0.5
_SLACK = 1e-12


class Verdict(enum.Enum):
    """What became of a printed statement.

    Every verdict but the last stands on a calculation that could have come out otherwise: a quotient of printed
    numbers, or a printed number as its own second reading, is none.
    """

    REPRODUCED = "reproduced", "what comes out is what is printed, to its digits: rounded, to 1e-6, or to half a decade"
    ANOTHER_READING = "reproduced with another reading", "it comes out if the paper is read as the reason says"
    CONVENTION = "convention differs", "the same physics in a normalization that the reason names"
    INPUT = "input not stated", "it hangs on a number that the paper does not give"
    MISPRINT = "misprint", "what must have been meant comes out"
    NOT_REPRODUCED = "not reproduced", "something else comes out, and we know no reading that gives what is printed"
    NOT_TESTABLE = "not testable", "no calculation could contradict it: too much of what it stands on is not given"

    def __init__(self, label: str, meaning: str):
        self.label, self.meaning = label, meaning

    @classmethod
    def named(cls, label: str) -> "Verdict":
        """The verdict of this label."""
        return next(verdict for verdict in cls if verdict.label == label)


_READ = (Verdict.ANOTHER_READING, Verdict.CONVENTION, Verdict.MISPRINT)
"""Verdicts that a second number has to prove."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One checkable statement of a paper."""

    id: str
    document: str
    where: str
    statement: str
    relation: str
    """How what comes out must stand to what is printed; a key of `RELATIONS`."""
    printed: str
    """As printed: its digits are its tolerance."""
    unit: str
    how: str
    """What computes it."""
    verdict: Verdict
    value: str
    """What comes out, where that is not what is printed."""
    reason: str

    def agrees(self, number: float) -> bool:
        """Whether a number is the one that is printed."""
        return RELATIONS[self.relation](self.printed, number)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A row computed again."""

    row: Row
    computed: float | None
    """None where nothing is computed: not testable."""
    reading: float | None
    """The number of another reading, another convention or of what was meant."""

    @property
    def holds(self) -> bool:
        """Whether verdict and value of the row follow from the numbers.

        - reproduced: the number agrees, and no second one is needed;
        - another reading, convention, misprint: it does not agree, it is the `value` of the row, and a second does;
        - input not stated, not reproduced: it does not agree and is the `value`, and there is no second;
        - not testable: there is no number at all.
        """
        if self.computed is None or self.row.verdict is Verdict.NOT_TESTABLE:
            nothing = self.computed is None and self.reading is None and not self.row.value
            return nothing and self.row.verdict is Verdict.NOT_TESTABLE
        agrees = self.row.agrees(self.computed)
        if self.row.verdict is Verdict.REPRODUCED:
            return agrees and self.reading is None
        known = not agrees and self.row.value != "" and rounds_to(self.row.value, self.computed)
        if self.row.verdict in _READ:
            return known and self.reading is not None and self.row.agrees(self.reading)
        return known and self.reading is None


@dataclasses.dataclass(frozen=True)
class Document:
    """A paper or a talk, and the functions that compute its statements again, by the `id` of their rows."""

    name: str
    paper: str
    computed: Mapping[str, Callable[[], float]]
    readings: Mapping[str, Callable[[], float]] = dataclasses.field(default_factory=dict)


def rounds_to(printed: str, number: float) -> bool:
    """Whether a number rounds to these digits, within half a unit of the last one; a fraction is exact.

    All digits count, zeros at the end too: 250 is 249.5 to 250.5, and 4e-5 is 3.5e-5 to 4.5e-5.
    """
    if "/" in printed:
        return _same(printed, number)
    exponent = Decimal(printed).as_tuple().exponent
    unit = 10.0**exponent if isinstance(exponent, int) else math.nan
    size, sign = abs(float(printed)), math.copysign(1.0, float(printed))
    return size - (0.5 + _SLACK) * unit <= sign * number <= size + (0.5 + _SLACK) * unit


def _same(printed: str, number: float) -> bool:
    value = float(Fraction(printed))
    return abs(number - value) <= _EXACT * max(abs(value), 1.0)


def _of_order(printed: str, number: float) -> bool:
    return number > 0.0 and abs(math.log10(number / float(printed))) <= _HALF_A_DECADE


def _between(printed: str, number: float) -> bool:
    low, high = map(float, printed.split(" to "))
    return low <= number <= high


RELATIONS: Mapping[str, Callable[[str, float], bool]] = {
    "=": rounds_to,
    "==": _same,
    "~": _of_order,
    "<": lambda printed, number: number < float(printed),
    ">": lambda printed, number: number > float(printed),
    "in": _between,
}
"""= to the printed digits, == to 1e-6, ~ within half a decade of a power of ten, < and > and in as they say."""
