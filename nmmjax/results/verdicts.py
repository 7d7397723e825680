"""Why a result cannot be trusted, and what else one should know of it, in words that say what to do."""

import math
from collections.abc import Sequence

import numpy as np

from nmmjax.infer import Draws, Evidence, Maximum, Status, Undefined
from nmmjax.results.diagnostics import drift, energy_information
from nmmjax.results.modes import separation, unvisited
from nmmjax.results.records import ModeRecord, Row, SamplingRecord
from nmmjax.space import Space

RHAT_LIMIT, ESS_LIMIT, BFMI_LIMIT = 1.01, 400.0, 0.3
"""R-hat below, effective sample size and E-BFMI above: what a good result has."""
_SATURATED = 0.01
"""Share of trajectories that were cut short which is worth a word."""
_SIGMAS = 4.0
"""Standard errors by which two evidences of one posterior, or means of ln L before and after moves, contradict."""
_FOR_ALL_MODES = "sample with --sampler smc, run more chains than there are modes, or narrow the prior"
_ALONE = "one chain has neither R-hat nor effective sample size, and cannot show that it has seen all: run several"


def no_maximum(maximum: Maximum) -> tuple[str, ...]:
    """Why the point that was found is no maximum; empty where it is one."""
    if maximum.good:
        return ()
    parts = [f"ln p may rise by {maximum.to_gain:.1e}"] if maximum.status is Status.GRADIENT else []
    parts += [f"along {', '.join(maximum.along)}"] if maximum.along else []
    return (f"maximum: {maximum.status.value}" + (f" ({', '.join(parts)})" if parts else ""),)


def remarks(maximum: Maximum, undefined: tuple[Undefined, ...]) -> tuple[str, ...]:
    """What else one should know of the maximum and of the likelihood."""
    checks = (
        (maximum.status is Status.KINK, f"the maximum is {Status.KINK.value.removeprefix('converged at ')}"),
        (maximum.lost_starts > 0, f"{maximum.lost_starts} starts of the search found no finite density"),
        *((True, _faulty(one)) for one in undefined),
    )
    return tuple(words for holds, words in checks if holds)


def _faulty(undefined: Undefined) -> str:
    """A term that is NaN somewhere, which is taken for impossible."""
    at = {name: np.asarray(value).tolist() for name, value in undefined.example.items()}
    where = f"{100.0 * undefined.share:.2g} % of the prior" if undefined.share else "some points far out"
    return f"{undefined.term} is NaN, which counts as impossible, at {where}, for example at {at}"


def saturation(sampling: SamplingRecord, draws: Draws) -> tuple[str, ...]:
    """A word on trajectories that the settings have cut short."""
    if not sampling.saturated > _SATURATED:
        return ()
    depth = draws.max_tree_depth
    cut = f"{100.0 * sampling.saturated:.0f} % of the trajectories were cut at {2**depth - 1} steps"
    return (f"{cut} (max_tree_depth = {depth}): allow more, or choose parameters that are less correlated",)


def not_parts(experiment: str) -> str:
    """A word on an experiment whose likelihoods of single data have no meaning."""
    return f"{experiment}: log_likelihoods do not add up to log_likelihood, which counts as one datum"


def places(space: Space, modes: Sequence[ModeRecord], draws: Draws, rows: Sequence[Row]) -> tuple[str, ...]:
    """Modes between which chains do not pass, and those that none has seen."""
    if draws.tempered is not None:  # whose particles jump to all of them
        return ()
    stuck = any(row.sampled and not (row.rhat or math.inf) < RHAT_LIMIT for row in rows)
    parted = separation(space, modes, draws) if stuck and len(draws.z) > 1 else ""
    unseen = unvisited(space, modes, draws)
    missed = f"no chain has visited the mode at {' nor that at '.join(unseen)}: {_FOR_ALL_MODES}"
    return tuple(words for holds, words in ((bool(parted), parted), (bool(unseen), missed)) if holds)


def doubts(draws: Draws, rows: Sequence[Row]) -> tuple[str, ...]:
    """Why draws cannot be trusted; empty for good ones."""
    sampled = [row for row in rows if row.sampled]
    stuck, alone = [row.name for row in sampled if row.ess is None], len(draws.z) == 1
    told = [(row, row.ess) for row in sampled if row.ess is not None and not alone]
    unmixed = [_unmixed(row) for row, _ in told if not (row.rhat or math.inf) < RHAT_LIMIT]
    few = [f"{row.name} {ess:.0f}" for row, ess in told if not ess > ESS_LIMIT]
    divergences = int(draws.statistics["diverging"].sum())
    bfmi = float(energy_information(draws).min(initial=math.inf))
    poor = "run more particles (--samples)" if draws.tempered else "run longer chains, or sample with --sampler smc"
    drifts = drift(draws)
    late = (
        f"particles lag behind: ln L still changed by {drifts:+.0f} standard errors in the moves at the end, as in a "
        "funnel: choose parameters whose spread does not depend on others"
    )
    checks = (
        (alone, _ALONE),
        (not draws.complete, f"interrupted after {draws.z.shape[1]} draws per chain"),
        (bool(stuck), f"never moved: {', '.join(stuck)}"),
        (bool(unmixed), f"R-hat is not below {RHAT_LIMIT}: {', '.join(unmixed)}: {poor}"),
        (bool(few), f"effective sample size is not above {ESS_LIMIT:.0f}: {', '.join(few)}"),
        (divergences > 0, f"{divergences} divergences after warm-up"),
        (abs(drifts) > _SIGMAS, late),
        (not bfmi > BFMI_LIMIT, f"E-BFMI is {bfmi:.2f}, not above {BFMI_LIMIT}"),
    )
    return tuple(reason for failed, reason in checks if failed)


def contradiction(evidences: Sequence[Evidence]) -> tuple[str, ...]:
    """Methods that should find the same evidence and do not."""
    words = [f"{one.log_value:.2f} +- {one.error:.2f} by {one.method}" for one in evidences]
    apart = any(
        abs(one.log_value - other.log_value) > _SIGMAS * math.hypot(one.error, other.error)
        for one in evidences
        for other in evidences
    )
    return (f"ln Z is {', but '.join(words)}: run more particles (--samples)",) if apart else ()


def _unmixed(row: Row) -> str:
    return f"{row.name} (too few draws)" if row.rhat is None else f"{row.name} {row.rhat:.3f}"
