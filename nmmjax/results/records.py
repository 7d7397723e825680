"""What a result says in names and numbers: the lines of its tables, as a summary file has them."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from nmmjax.infer import Settings
from nmmjax.tables import Source

SCHEMA = 6
"""Of the files of a result; a folder with another number is refused."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all records: immutable, compared by value, and read back from JSON with every type checked."""


def finite(value: float) -> float | None:
    """A number that JSON can write; None for what is not finite."""
    return float(value) if math.isfinite(value) else None


class Row(Record, frozen=True):
    """One line of the table: a sampled parameter or a derived quantity; None where there is no posterior."""

    name: str
    symbol: str
    unit: str
    sampled: bool
    circular: bool
    best: float
    """At the maximum."""
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    """Ends of the equal-tailed interval; of a phase, around its circular mean."""
    intervals: tuple[tuple[float, float], ...] = ()
    """The highest-density intervals, one for each peak, where draws have several with valleys between; else empty."""
    below: float | None = None
    """Upper limit: the share of the draws given by the level is smaller."""
    rhat: float | None = None
    """Rank-normalized split R-hat; None for a constant, and where one chain or too few draws cannot tell."""
    ess_bulk: float | None = None
    """Effective sample size of the rank-normalized draws, for means; None for a constant, 0 where it cannot be told."""
    ess_tail: float | None = None
    """Effective sample size for the 5 % and 95 % quantiles, the smaller of both; None for a constant."""

    @property
    def ess(self) -> float | None:
        """The smaller of both effective sample sizes, by which draws are judged; None for a constant."""
        return None if self.ess_bulk is None or self.ess_tail is None else min(self.ess_bulk, self.ess_tail)

    @property
    def varies(self) -> bool:
        """Whether there are draws of it that differ."""
        return self.ess is not None

    @property
    def title(self) -> str:
        """Name and unit, for tables."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


class ModelRecord(Record, frozen=True, rename={"class_name": "class"}):
    """Which model was fitted."""

    class_name: str
    built_by: str
    """The class or the constructor that the fit called."""
    paper: str


class PullRecord(Record, frozen=True):
    """One datum or published quantity at the maximum, and how far off it is in standard deviations."""

    label: str
    unit: str
    predicted: tuple[float | None, ...]
    observed: tuple[float, ...]
    pull: float | None


class ExperimentRecord(Record, frozen=True):
    """One experiment at the maximum: chi^2, pulls and where its data come from."""

    name: str
    paper: str
    data: int
    """How many numbers were measured."""
    counted_from: str
    """What chi^2 is counted from, by a name that results share which can be compared."""
    chi2: float
    pulls: tuple[PullRecord, ...]
    sources: tuple[Source, ...]


class Goodness(Record, frozen=True):
    """Total chi^2 at the maximum; its probability where data outnumber the sampled parameters of the model."""

    chi2: float
    """-2 ln L of all experiments."""
    auxiliary: float
    """Squares of the pulls of nuisances with normal priors, which were measured elsewhere."""
    data: int
    parameters: int
    """Nuisances have priors of their own and are not counted."""
    p_value: float | None
    """Of `total`."""
    withheld: str | None = None
    """Why there is no probability although data outnumber parameters: -2 ln L of true models does not follow chi^2."""

    @property
    def total(self) -> float:
        """What the maximum makes small, by which hypotheses are compared."""
        return self.chi2 + self.auxiliary


class ModeRecord(Record, frozen=True):
    """One of the maxima of the posterior density, parted from the others by a valley."""

    log_density: float
    share: float
    """Of the posterior, by a normal distribution around each mode: a guess."""
    log_mass: float
    """ln of the integral of the posterior over it, by the same distribution."""
    z: tuple[float, ...]
    """Its point of the unconstrained space."""
    parameters: Mapping[str, float]
    """The sampled numbers there."""
    delta_chi2: float = 0.0
    """By how much -2 ln p lies above that of the best."""
    apart: str = ""
    """The sampled number that tells the modes from each other best, and its value here."""
    where: tuple[str, ...] = ()
    """The octant of theta23 and the sign of sin delta, where these vary."""
    weight: float | None = None
    """Share of the draws that are nearest to it; None without draws."""
    weight_error: float | None = None
    """Standard deviation of the share, of the finite number of independent draws; None where that cannot be told."""


class RegionRecord(Record, frozen=True):
    """The probability that a number lies in a region that physics asks for."""

    name: str
    """Of the number."""
    region: str
    probability: float
    error: float | None
    """Of the finite number of independent draws; None where all draws agree."""


class SensitivityRecord(Record, frozen=True):
    """How far one number moves with powers of the prior and of the likelihood; None where the weights do not tell."""

    name: str
    prior: float | None
    likelihood: float | None
    says: str
    """What is worth knowing of both, in words; empty where nothing is."""


class PowerScaling(Record, frozen=True):
    """Sensitivity of numbers to the prior and to the likelihood: see `nmmjax.results.sensitivity`."""

    priors: tuple[str, ...]
    """Those that are scaled."""
    factor: float
    """The powers are this and its inverse."""
    prior_k: float | None
    """Largest shape of the tail of the weights; None where it has none."""
    likelihood_k: float | None
    reliable_k: float
    """Shapes up to this leave reliable weights."""
    lines: tuple[SensitivityRecord, ...]


class MaximumRecord(Record, frozen=True):
    """The maximum of the posterior density and whether it is one."""

    log_density: float
    gradient_norm: float | None
    to_gain: float | None
    """What Newton's method expects still to gain in ln p."""
    status: str
    at_bound: tuple[str, ...]
    distinct_modes: int
    along: tuple[str, ...] = ()
    """The components in which a status that is not that of a smooth maximum was found."""
    modes: tuple[ModeRecord, ...] = ()
    """Best first."""
    lost_starts: int = 0
    """Starts of the search from which no finite density was found."""


class LaplaceRecord(Record, frozen=True):
    """The posterior as a normal distribution around its maximum; components are those of `labels`."""

    labels: tuple[str, ...]
    positive_definite: bool
    standard_deviations: tuple[float, ...]
    correlations: tuple[tuple[float, ...], ...]

    def spread(self, label: str) -> float | None:
        """Standard deviation of one sampled parameter; None for anything else."""
        return dict(zip(self.labels, self.standard_deviations, strict=True)).get(label)


class EvidenceRecord(Record, frozen=True):
    """ln of the integral of likelihood times prior, by one method."""

    method: str
    log_evidence: float
    error: float | None
    """Its standard deviation; None of a normal approximation, which does not know how wrong it is."""


class SamplingRecord(Record, frozen=True):
    """How the draws were made."""

    chains: int
    """Or independent runs of sequential Monte Carlo."""
    draws: int
    """Of each chain, after warm-up."""
    warmup: int
    """Or stages between prior and posterior."""
    complete: bool
    divergences: int
    mean_acceptance: float
    mean_leapfrog_steps: float
    e_bfmi: tuple[float | None, ...]
    """Of each chain; none of particles."""
    seconds: float
    saturated: float = 0.0
    """Share of the trajectories that were cut at the largest tree that the settings allow."""
    sampler: str = "NUTS"


class LeaveOneOut(Record, frozen=True):
    """How well data are predicted by all the others, by importance sampling that is smoothed by Pareto's law."""

    name: str
    """Of the experiment, or "joint": all of them."""
    data: int
    """Parts that are left out one at a time: see `Experiment.log_likelihoods`."""
    elpd: float
    """Sum of ln p(part | all others), each part's density relative to that of a perfect description."""
    error: float
    """Standard error of the sum, from the scatter of the parts."""
    parameters: float
    """Effective number of parameters: what ln p of the parts loses when they are left out."""
    largest_k: float
    """Largest shape of the tail of the weights."""
    reliable_k: float
    """Shapes up to this leave a reliable mean."""
    poor: tuple[tuple[str, float], ...]
    """Parts whose shape is larger: the draws do not tell how well they are predicted."""


class LimitRecord(Record, frozen=True):
    """Interval and upper limit of one parameter by the profile likelihood; None where the profile does not reach."""

    name: str
    low: float | None
    high: float | None
    upper: float | None
    further: tuple[tuple[float | None, float | None], ...] = ()
    """Intervals apart from that of the maximum."""


class ComparisonLine(Record, frozen=True):
    """One quantity (posterior mean and standard deviation, else maximum and Laplace's) beside its published value."""

    name: str
    value: float
    sd: float | None
    best: float
    plus: float
    minus: float
    apart: float | None
    """Difference in standard deviations, ours and theirs in quadrature."""


class Comparison(Record, frozen=True):
    """What others have published, line by line beside what was found."""

    label: str
    lines: tuple[ComparisonLine, ...]


class Interval(Record, frozen=True):
    """What the intervals of the table mean."""

    level: float
    kind: str = "equal-tailed"


class Verdict(Record, frozen=True, omit_defaults=True):
    """Whether a result can be trusted, why not, and what else one should know of it."""

    good: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()


class AnalysisFile(Record, frozen=True):
    """The file that built the fit."""

    path: str
    sha256: str
    commit: str | None = None
    """Of the repository that holds it; ends in "-dirty" where the repository has changed since."""


class Platform(Record, frozen=True):
    """Where a run was made."""

    backend: str
    devices: tuple[str, ...]
    machine: str
    float64: bool


class Seconds(Record, frozen=True):
    """Where the time of a run has gone."""

    wall: float = 0.0
    """All of it, from the first line of the analysis to the record."""
    tracing: float = 0.0
    """From Python to programs."""
    compilation: float = 0.0
    """From programs to machine code, or to find them on disk."""
    sampling: float = 0.0
    """While chains ran, without tracing and compilation."""
    drawing: float = 0.0
    """Figures, without tracing and compilation."""


class Run(Record, frozen=True):
    """What would be needed to repeat a run, and how long it took."""

    name: str
    date: str
    settings: Settings
    versions: dict[str, str]
    python: str
    platform: Platform
    seconds: Seconds
    file: AnalysisFile | None = None
    commit: str | None = None
    """Of nmmjax, where it runs from its repository."""
    changes: tuple[str, ...] = ()
    """What was changed of the analysis in the file, as `nmmjax.changes` has it."""


class Summary(Record, frozen=True):
    """All names and numbers of a result: what `summary.json` holds."""

    run: Run
    model: ModelRecord
    priors: Mapping[str, Mapping[str, Any]]
    """Name -> name and numbers of its distribution."""
    fixed: Mapping[str, Any]
    """What was not sampled: numbers, and names of objects."""
    experiments: tuple[ExperimentRecord, ...]
    goodness: Goodness
    interval: Interval
    parameters: tuple[Row, ...]
    """Sampled parameters, then derived quantities."""
    maximum: MaximumRecord
    laplace: LaplaceRecord
    sampling: SamplingRecord | None
    limits: tuple[LimitRecord, ...]
    published: Comparison | None
    corner: tuple[str, ...]
    """Quantities that the corner figure shows; all sampled ones where it is empty."""
    verdict: Verdict
    evidences: tuple[EvidenceRecord, ...] = ()
    """The one with the smallest error first, Laplace's last."""
    leave_one_out: tuple[LeaveOneOut, ...] = ()
    """A line for each experiment of several parts, and one for all where there are several; none without draws."""
    power_scaling: PowerScaling | None = None
    """None without draws."""
    regions: tuple[RegionRecord, ...] = ()
    question: Mapping[str, str] = {}
    """What the draws follow from, piece by piece, in short words or digests; empty where they were not kept in a
    folder. Draws of the same question but for seed and numbers may be joined."""
    schema: int = SCHEMA
