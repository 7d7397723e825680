"""Experiments that enter one fit together: names differ, nuisances agree, no data count twice."""

from collections.abc import Iterable, Mapping
from itertools import combinations

import jax
import numpy as np
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax.experiments import Experiment
from nmmjax.experiments.base import Nuisance
from nmmjax.low_energy import LowEnergy


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
        for name, prior in _nuisances(experiment).items():
            if name in nuisances and not _equal(nuisances[name], prior):
                _checks.fail("experiments", f"agree on the prior of `{name}`", f"{experiment.name} differs")
            nuisances[name] = prior
    return nuisances


def _nuisances(experiment: Experiment) -> dict[str, Distribution]:
    """Those of one experiment, if that is what it returns."""
    found = experiment.nuisances()
    where = f"{experiment.name}.nuisances()"
    if not isinstance(found, Mapping):
        _checks.fail("experiments", "return their nuisances as a dictionary", f"{where} returns {found!r}")
    for name, prior in found.items():
        if not isinstance(prior, Distribution):
            _checks.fail("experiments", f"give `{name}` a numpyro distribution", f"{where} gives it {prior!r}")
    return dict(found)


def check_private(nuisances: Iterable[str], arguments: Iterable[str]) -> None:
    """No nuisance is called like an argument of the model."""
    if both := sorted(set(nuisances) & set(arguments)):
        but = f"{', '.join(both)} is also an argument of the model"
        _checks.fail("experiments", "give their nuisances names of their own", but)


def check_predictions(experiments: tuple[Experiment, ...], theory: LowEnergy, nuisance: Nuisance) -> None:
    """Abstract evaluation: each experiment predicts a real vector, as long as its data.

    A likelihood would broadcast any other shape to something wrong.
    """
    for experiment in experiments:
        _check_prediction(experiment, theory, nuisance)


def of_ones_own(experiments: tuple[Experiment, ...]) -> tuple[Experiment, ...]:
    """Those from outside the package, whose own are held to their contract by its tests."""
    return tuple(e for e in experiments if not type(e).__module__.startswith(f"{__package__}."))


def _check_prediction(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> None:
    where, length = f"{experiment.name}.predict()", len(experiment.labels)
    try:
        found = jax.eval_shape(experiment.predict, theory, nuisance)
    except KeyError as error:
        must = "predict from the nuisances that they name"
        _checks.fail("experiments", must, f"{where} asks for {error}, and there are {sorted(nuisance) or 'none'}")
    shape, dtype = getattr(found, "shape", None), getattr(found, "dtype", None)
    if shape != (length,) or not np.issubdtype(dtype, np.floating):
        what = f"{found!r}" if shape is None else f"shape {shape} of {dtype}"
        _checks.fail("experiments", f"predict their {length} data as one real array", f"{where} returns {what}")
    data = np.asarray(experiment.observed)
    if data.shape != (length,) or not np.all(np.isfinite(data)):
        must = f"observe as many finite numbers as they have labels, {length}"
        _checks.fail("experiments", must, f"{experiment.name}.observed is {data}")


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
