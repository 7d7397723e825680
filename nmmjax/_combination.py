"""Experiments that enter one fit together: names differ, nuisances agree, no data count twice."""

from collections.abc import Iterable
from itertools import combinations

import jax
import numpy as np
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax.experiments import Experiment


def collect_nuisances(experiments: tuple[Experiment, ...]) -> dict[str, Distribution]:
    """Union of all nuisances, name -> prior.

    **Raises:** `ValueError` for what is no experiment, a name that is there twice, data that are not arrays, and a
    nuisance to which two experiments give different priors.
    """
    nuisances: dict[str, Distribution] = {}
    names: set[str] = set()
    for experiment in experiments:
        if not isinstance(experiment, Experiment):
            _checks.fail("experiments", "hold experiments", f"one of them is {experiment!r} (was `load()` forgotten?)")
        if experiment.name in names:
            _checks.fail("experiments", "have different names", f"{experiment.name!r} is there twice")
        names.add(experiment.name)
        _check_arrays(experiment)
        for name, prior in experiment.nuisances().items():
            if name in nuisances and not _equal(nuisances[name], prior):
                _checks.fail("experiments", f"agree on the prior of `{name}`", f"{experiment.name} differs")
            nuisances[name] = prior
    return nuisances


def check_overlaps(experiments: tuple[Experiment, ...]) -> None:
    """No two of them hold the same data.

    **Raises:** `ValueError` that names both and the data that they share.
    """
    for one, other in combinations(experiments, 2):
        if twice := shared(one.holds, other.holds):
            _checks.fail("experiments", "hold no data twice", f"{one.name} and {other.name} share {', '.join(twice)}")


def shared(tags: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """What both name, sorted: a tag contains those that begin with it and "/", and the part is what they share."""
    pairs = ((tag, other) for tag in tags for other in others)
    return tuple(sorted({max(pair, key=len) for pair in pairs if _nested(*pair)}))


def _nested(tag: str, other: str) -> bool:
    return f"{tag}/".startswith(f"{other}/") or f"{other}/".startswith(f"{tag}/")


def _check_arrays(experiment: Experiment) -> None:
    for leaf in jax.tree.leaves(experiment):
        if not isinstance(leaf, jax.Array | np.ndarray | np.generic):
            but = f"{experiment.name} holds {leaf!r}; declare names and the like with equinox.field(static=True)"
            _checks.fail("experiments", "hold their data as arrays", but)


def _equal(one: Distribution, other: Distribution) -> bool:
    if type(one) is not type(other):
        return False
    leaves = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.array_equal(a, b) for a, b in leaves)
