"""Records of what decides a result, and probabilities of hypotheses: what tables need, without statistics and files."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from nmmjax.results.records import Run, Verdict


class InterestRecord(msgspec.Struct, frozen=True):
    """A number of interest by all experiments."""

    name: str
    symbol: str
    unit: str
    best: float
    sd: float | None
    note: str = ""
    """Why the two say nothing, where they do not."""

    @property
    def title(self) -> str:
        """Name and unit, for tables."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


class ShiftRecord(msgspec.Struct, frozen=True):
    """How far one number of interest moves with one nuisance; None where no maximum was found, or none is asked for."""

    nuisance: str
    parameter: str
    pull: float | None
    """(best - center of the prior) / its standard deviation; None where the prior is not normal."""
    constraint: float | None
    """Width of the posterior / that of the prior."""
    after: tuple[float | None, float | None]
    """Shifts where the nuisance is held one standard deviation of the posterior below and above its best value."""
    before: tuple[float | None, float | None]
    """The same for one of the prior."""

    @property
    def size(self) -> float:
        """The larger of both shifts after the fit, by which nuisances are ordered."""
        return max((abs(shift) for shift in self.after if shift is not None), default=0.0)


class WithoutRecord(msgspec.Struct, frozen=True):
    """One number of interest without one experiment."""

    experiment: str
    parameter: str
    best: float | None
    sd: float | None
    shift: float | None
    """How far the best value moves, in standard deviations by all experiments."""
    widening: float | None
    """Standard deviation without the experiment / that by all."""
    note: str = ""
    """Why there are no numbers."""


class ImpactRecord(msgspec.Struct, frozen=True):
    """Impacts of nuisances, and shares of experiments."""

    run: Run
    interest: tuple[InterestRecord, ...]
    shifts: tuple[ShiftRecord, ...]
    """For each number of interest, the largest one first."""
    without: tuple[WithoutRecord, ...]
    verdict: Verdict
    complete: bool = True
    """False while experiments are left out, and where that was interrupted."""

    @property
    def good(self) -> bool:
        """Whether the numbers can be trusted."""
        return self.verdict.good and self.complete

    def of(self, parameter: str) -> tuple[tuple[ShiftRecord, ...], tuple[WithoutRecord, ...]]:
        """What concerns one number of interest."""
        shifts = tuple(one for one in self.shifts if one.parameter == parameter)
        return shifts, tuple(one for one in self.without if one.parameter == parameter)


class Numbers(msgspec.Struct, frozen=True):
    """What a posterior says of one number."""

    mean: float
    sd: float
    low: float
    high: float
    below: float | None
    """Upper limit; None of a phase."""


class ReweightedRow(msgspec.Struct, frozen=True):
    """One number with the old priors and with the new ones."""

    name: str
    unit: str
    sampled: bool
    old: Numbers
    new: Numbers


class ReweightRecord(msgspec.Struct, frozen=True):
    """What other priors make of a result."""

    run: Run
    """Of the result, as it was made."""
    old: Mapping[str, Mapping[str, Any]]
    """The priors that were changed, by name and numbers."""
    new: Mapping[str, Mapping[str, Any]]
    level: float
    draws: int
    ess: float
    """Effective number of independent draws that is left."""
    k: float | None
    """Shape of the tail of the weights; None where the tail is too short to have one."""
    log_evidence_ratio: float | None
    """ln of the new evidence / the old one; None where the weights are not to be trusted."""
    error: float | None
    rows: tuple[ReweightedRow, ...]
    """None of them where the weights are not to be trusted."""
    verdict: Verdict


def probabilities(log_evidences: Sequence[float], errors: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The posterior probability of each of some hypotheses of equal prior probability, with its standard deviation.

    P_i = Z_i / sum_j Z_j, dP_i = P_i sqrt((1 - P_i)^2 s_i^2 + sum_(j != i) P_j^2 s_j^2) with s_i the error of ln Z_i.
    """
    relative = np.exp(np.array(log_evidences) - max(log_evidences))
    share, sd = relative / relative.sum(), np.array(errors)
    return tuple(
        (float(p), float(p) * math.sqrt((1.0 - p) ** 2 * sd[i] ** 2 + np.sum(np.delete(share * sd, i) ** 2)))
        for i, p in enumerate(share)
    )
