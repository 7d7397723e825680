"""How the numbers of a result are drawn along an axis."""

import math
from typing import NamedTuple

import numpy as np

from nmmjax.quantities import Quantity
from nmmjax.results import Result, Row, unrolled

_MANY_SCALES = 8.0
"""A positive quantity whose draws span more than this factor is drawn as a logarithm..."""
_UPWARD = 2.5
"""...if they reach up by more than this factor from their median: others stand on zero."""


class Axis(NamedTuple):
    """A quantity as it is drawn: as it is, as its decadic logarithm, or as a phase cut where none is."""

    label: str
    values: np.ndarray
    """(chain, draw), or a grid."""
    best: float
    """At the maximum, drawn in the same way."""


def axis_of_draws(result: Result, row: Row, best: float | None = None) -> Axis:
    """The draws of one line of the table; `best` stands for the value at the maximum."""
    values = result.draws(row.name)
    best = row.best if best is None else best
    if row.circular:
        values = unrolled(values)
    elif values.min() > 0 and best > 0 and _over_scales(values):
        unit = Quantity("", row.unit).tex_unit
        label = rf"$\log_{{10}}({row.symbol}$" + (f" / {unit})" if unit else ")")
        return Axis(label, np.log10(values), math.log10(best))
    return scaled(row, values, best)


def _over_scales(values: np.ndarray) -> bool:
    """Whether they spread over orders of magnitude, and not only from zero up to one size."""
    least, median, large, greatest = np.quantile(values, (0.01, 0.5, 0.95, 0.99))
    return bool(greatest > _MANY_SCALES * least and large > _UPWARD * median)


def scaled(row: Row, values: np.ndarray, best: float | None = None) -> Axis:
    """In units of a power of ten where numbers are very small or large; the best value of a phase near the others."""
    center, best = 0.5 * float(np.min(values) + np.max(values)), row.best if best is None else best
    best = center + math.remainder(best - center, 2 * math.pi) if row.circular else best
    scale, unit = readable(float(np.max(np.abs(values))), row.unit)
    label = Quantity(row.symbol, row.unit).label if scale == 1.0 else Quantity(row.symbol, unit).label
    return Axis(label, values / scale, best / scale)


def readable(largest: float, unit: str) -> tuple[float, str]:
    """A power of ten for numbers that are very small or large, 1 for others, and the unit with it in TeX."""
    power, unit = math.floor(math.log10(largest)) if largest > 0.0 else 0, Quantity("", unit).tex_unit
    return (1.0, unit) if -2 <= power <= 3 else (10.0**power, rf"$10^{{{power}}}$ {unit}".strip())
