"""Chains of separate runs of one fit as one result, whole or every n-th draw of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import msgspec
import numpy as np
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax.fit import Fit
from nmmjax.infer import Draws, Maximum, Tempered, laplace
from nmmjax.infer._question import Pieces, differences, pieces
from nmmjax.prior_set import PriorSet
from nmmjax.results import verdicts
from nmmjax.results.conclusion import at_maximum, with_draws
from nmmjax.results.records import Verdict
from nmmjax.results.result import Result
from nmmjax.results.reweighting import values_of
from nmmjax.results.wanted import Wanted
from nmmjax.space import Space

_KEY = "random key"
_SAME_QUESTION = ("setting ", "version of ", _KEY, "number of devices", "platform")
_SAMPLER = "setting sampler"
"""What may differ between runs of one question: all pieces that begin so, but for the sampler."""
_RENAMED = {"n_steps": "num_steps", "acceptance_rate": "accept_prob"}
_OF_RUNS = ("log_evidence", "evidence_variance")
_BETWEEN = "; "


def check_joinable(found: Sequence[Result], called: Sequence[str]) -> None:
    """Whether results answer one question with chains of their own.

    **Arguments:** results, and what they are called.

    **Raises:** `ValueError` that says of which two results what differs, or that their chains are the same.
    """
    first, seen = found[0], {}
    for result, name in zip(found, called, strict=True):
        if result.posterior is None or result.statistics is None:
            _checks.fail("RESULT", "hold draws", f"{name} has none: only its maximum was searched")
        if not result.question:
            _checks.fail("RESULT", "say what question it answers", f"{name} was not run into a folder")
        changed = differences(_of_question(first.question), _of_question(result.question))
        if changed:
            but = f"{called[0]} and {name} differ in {'; '.join(changed)}"
            _checks.fail("RESULT", "answer one question", but)
        for key in result.question[_KEY].split(_BETWEEN):
            if key in seen:
                but = f"{seen[key]} and {name} have the same seed: their draws are the same"
                _checks.fail("RESULT", "be runs of different seeds", but)
            seen[key] = name


def check_fit(found: Result, fit: Fit) -> None:
    """Whether a fit is the one that a result answers.

    **Raises:** `ValueError` that says what has changed.
    """
    changed = differences(_of_question(found.question), _of_question(pieces(fit, {})))
    changed = tuple(words for words in changed if not words.startswith(_SAMPLER))
    if changed:
        must = f"be the fit that {found.name} was, on {found.run.date}"
        _checks.fail("--fit", must, f"these are not what they were: {'; '.join(changed)}")


def _of_question(given: Mapping[str, str]) -> Pieces:
    return {n: words for n, words in given.items() if n == _SAMPLER or not n.startswith(_SAME_QUESTION)}


def joined(
    found: Sequence[Result], fit: Fit, maximum: Maximum, wanted: Wanted | None = None, *, thin: int = 1
) -> Result:
    """One result with the chains of all: table, diagnostics, verdict and evidences anew, profiles as they were found.

    Runs of sequential Monte Carlo stand side by side as chains do. Where numbers of draws differ, chains are cut to
    the shortest.

    **Arguments:** results that are joinable, the fit that they answer, its maximum; what is to be shown; keep every
    `thin`-th draw.
    """
    _checks.check_integer("--thin", thin, low=1)
    draws = joined_draws(found, fit, thin=thin)
    result = with_draws(at_maximum(fit, maximum, laplace(fit, maximum), wanted), fit, draws, wanted)
    assert result.sampling is not None
    # Steps between draws that were thinned out are longer, which hides how the chains have walked.
    energies = tuple(e for one in found if one.sampling is not None for e in one.sampling.e_bfmi)
    result = msgspec.structs.replace(result, sampling=msgspec.structs.replace(result.sampling, e_bfmi=energies))
    poor = [e for e in energies if e is not None and not e > verdicts.BFMI_LIMIT]
    if poor and not any("E-BFMI" in words for words in result.verdict.reasons):
        words = f"E-BFMI is {min(poor):.2f}, not above {verdicts.BFMI_LIMIT}"
        result = msgspec.structs.replace(result, verdict=_doubted(result.verdict, words))
    lengths = {one.posterior.sizes["draw"] for one in found if one.posterior is not None}
    if len(lengths) > 1:
        note = f"chains of {' and '.join(map(str, sorted(lengths)))} draws were cut to the shortest"
        verdict = msgspec.structs.replace(result.verdict, notes=(*result.verdict.notes, note))
        result = msgspec.structs.replace(result, verdict=verdict)
    profiled = next((one for one in found if one.profiles or one.exclusions), found[0])
    parts = {name: getattr(profiled, name) for name in ("limits", "profiles", "exclusions")}
    return msgspec.structs.replace(result, **parts)


def _doubted(verdict: Verdict, reason: str) -> Verdict:
    return Verdict(False, (*verdict.reasons, reason), verdict.notes)


def joined_draws(found: Sequence[Result], fit: Fit, *, thin: int = 1) -> Draws:
    """The chains of all results side by side, in the unconstrained space of their fit."""
    length = min(one.posterior.sizes["draw"] for one in found if one.posterior is not None)
    z = np.concatenate([_points(one, fit)[:, :length] for one in found])[:, ::thin]
    first = {**found[0].question, _KEY: _BETWEEN.join(one.question[_KEY] for one in found)}
    records = [one.sampling for one in found if one.sampling is not None]
    tempered = None
    if all(one.statistics is not None and _OF_RUNS[0] in one.statistics for one in found):
        values, variances = (np.concatenate([_statistic(one, name) for one in found]) for name in _OF_RUNS)
        tempered = Tempered(max(record.warmup for record in records), values, variances)
    return Draws(
        z=z,
        statistics={_RENAMED.get(n, n): _kept(found, n, length, thin) for n in _names(found[0])},
        warmup=records[0].warmup,
        seconds=sum(record.seconds for record in records),
        complete=all(record.complete for record in records),
        max_tree_depth=max(one.run.settings.max_tree_depth for one in found),
        tempered=tempered,
        question=first,
    )


def _names(one: Result) -> list[str]:
    assert one.statistics is not None
    return [str(name) for name in one.statistics.data_vars if name not in ("lp", *_OF_RUNS)]


def _statistic(one: Result, name: str) -> np.ndarray:
    assert one.statistics is not None
    return one.statistics[name].values


def _kept(found: Sequence[Result], name: str, length: int, thin: int) -> np.ndarray:
    """A statistic of the sampler; a divergence among the draws that are left out counts for the one that is kept."""
    values = np.concatenate([_statistic(one, name)[:, :length] for one in found])
    if name != "diverging":
        return values[:, ::thin]
    return np.logical_or.reduceat(values, np.arange(0, length, thin), axis=1)


def _points(one: Result, fit: Fit) -> Float[np.ndarray, "chains draws d"]:
    """The draws of a result in the unconstrained space."""
    values = {name: values_of(one, name) for name in fit.priors}
    chains, count = next(iter(values.values())).shape[:2]
    flat: dict[str, Any] = {name: v.reshape(chains * count, *v.shape[2:]) for name, v in values.items()}
    z = np.asarray(_vectors(fit.priors, flat))
    if not np.all(np.isfinite(z)):
        share = f"{np.mean(~np.all(np.isfinite(z), axis=1)):.1%}"
        _checks.fail("RESULT", "hold draws inside its priors", f"{share} of those of {one.name} lie at their ends")
    return z.reshape(chains, count, -1)


@quick()
def _vectors(priors: PriorSet, values: dict[str, Array]) -> Float[Array, "draws d"]:
    space = Space(priors)
    return jax.vmap(space.vector)(values)
