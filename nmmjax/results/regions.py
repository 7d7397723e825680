"""Questions with two answers that physics asks: which octant, which sign of sin delta, which ordering; and how sure.

Shares of the draws are probabilities of the posterior.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from nmmjax.results.diagnostics import error_of_share
from nmmjax.results.records import RegionRecord


class _Question(NamedTuple):
    """Two halves of the values of one number."""

    name: str
    """Of the number."""
    asks: Callable[[Any], Any]
    """Which values lie in the first half."""
    yes: str
    no: str
    always: bool
    """Whether it is asked also where all draws give one answer."""


_QUESTIONS = (
    _Question("sin2_theta23", lambda x: np.asarray(x) > 0.5, "upper octant", "lower octant", True),
    _Question("delta_cp", lambda x: np.sin(x) < 0.0, "sin delta < 0", "sin delta > 0", True),
    _Question("dm31", lambda x: np.asarray(x) > 0.0, "normal ordering", "inverted ordering", False),
)


def where(values: Mapping[str, Float[np.ndarray, " points"]]) -> list[tuple[str, ...]]:
    """The answers at each of some points, given their numbers: those to questions of numbers that differ from point to
    point, and to some only where the answers do.
    """
    count = max((len(value) for value in values.values()), default=0)
    found: list[tuple[str, ...]] = [()] * count
    for question in _QUESTIONS:
        value = values.get(question.name)
        if value is None or not np.all(np.isfinite(value)) or not np.ptp(value) > 0.0:
            continue
        first = question.asks(value)
        if question.always or 0.0 < np.mean(first) < 1.0:
            words = (question.yes if one else question.no for one in first)
            found = [(*before, word) for before, word in zip(found, words, strict=True)]
    return found


def regions(draws: Mapping[str, Float[np.ndarray, "chains draws"]]) -> tuple[RegionRecord, ...]:
    """The probability of the first answer to each question, given the draws of numbers that vary."""
    found = []
    for question in _QUESTIONS:
        if question.name not in draws:
            continue
        inside: Bool[np.ndarray, "chains draws"] = question.asks(draws[question.name])
        if question.always or 0.0 < np.mean(inside) < 1.0:
            found.append(RegionRecord(question.name, question.yes, float(np.mean(inside)), error_of_share(inside)))
    return tuple(found)
