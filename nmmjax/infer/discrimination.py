"""Which of two hypotheses do data prefer? Toys of either, each fitted under both.

The statistic is T = chi^2(second) - chi^2(first), each at the maximum of its fit, auxiliary measurements included.
Where likelihoods are normal and hypotheses far apart, T ~ N(T_0, 2 sqrt(T_0)) under the first and N(-T_0, 2 sqrt(T_0))
under the second one, T_0 that of data without fluctuations [M. Blennow, P. Coloma, P. Huber and T. Schwetz, JHEP 03
(2014) 028, arXiv:1311.1822]. It tests orderings of masses, a signal against none, and any other pair of fits of the
same data. Where one hypothesis contains the other, |T| of toys of the latter is what chi^2 gains by the numbers that it
lacks: chi^2-distributed where likelihoods are normal and these numbers lie inside their priors.
"""

import dataclasses
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray
from numpyro.distributions import Distribution
from scipy.special import ndtri

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax.executors import Executor
from nmmjax.experiments import Experiment
from nmmjax.experiments.base import Nuisance, Pull
from nmmjax.fit import Fit, Parameters
from nmmjax.infer.forecasting import asimov
from nmmjax.infer.optimization import Maximum, maximize
from nmmjax.infer.settings import Settings
from nmmjax.infer.simulation import Share, toys
from nmmjax.low_energy import LowEnergy
from nmmjax.models import arguments
from nmmjax.prior_set import PriorSet
from nmmjax.tables import Source

_NONE = 1e-3
"""T without fluctuations that counts as none."""


class Discrimination(NamedTuple):
    """The statistic T of data and toys of two hypotheses."""

    names: tuple[str, str]
    observed: float
    """T of the data."""
    statistic: tuple[Float[np.ndarray, " toys"], Float[np.ndarray, " toys"]]
    """T of toys of the first and of the second one."""
    expected: tuple[float, float]
    """T of data without fluctuations of the first and of the second one."""
    lost: int
    """Toys of which a maximum has not been found; they count as they are."""

    @property
    def number(self) -> int:
        """Of toys of each hypothesis."""
        return len(self.statistic[0])

    @property
    def nested(self) -> bool:
        """Whether one hypothesis contains what is true in toys of the other, so that no T is normal."""
        return min(map(abs, self.expected)) <= _NONE

    def p_value(self, true: int, at: float) -> Share:
        """Share of the toys of one hypothesis (0 or 1) that look no more like it than data of a statistic T."""
        found = self.statistic[true]
        beyond = found <= at if true == 0 else found >= at
        return Share.of(int(np.sum(beyond)), self.number)

    def sensitivity(self, true: int) -> float:
        """One-sided standard deviations by which the median toy of one hypothesis excludes the other; by toys.

        At most those to which so many toys reach.
        """
        share = self.p_value(1 - true, float(np.median(self.statistic[true]))).value
        return float(-ndtri(max(share, 1.0 / self.number)))

    def normal_sensitivity(self, true: int) -> float:
        """The same by normal distributions around T of data without fluctuations; NaN where one contains the other."""
        there, rival = self.expected[true], self.expected[1 - true]
        return float("nan") if self.nested else float(abs(there - rival) / (2.0 * np.sqrt(abs(rival))))


def check_rivals(fits: Mapping[str, Fit]) -> None:
    """Two fits by name, of the same data and with the same auxiliary measurements, so that one toy is one of both.

    **Raises:** `ValueError` where they are not.
    """
    if not isinstance(fits, Mapping) or len(fits) != 2:
        _checks.fail("fits", "be two by name", f"it is {_checks.shown(fits)}")
    first, second = fits.values()
    if not eqx.tree_equal(first.experiments, second.experiments):
        names = dict.fromkeys(e.name for fit in (first, second) for e in fit.experiments)
        but = f"those of {', '.join(names)} are not: a table of Delta chi^2 for each of them simulates no common data"
        _checks.fail("hypotheses", "be confronted with the same data", but)
    one, other = ({n for n, has in zip(fit.space.labels, fit.auxiliary, strict=True) if has} for fit in (first, second))
    if one != other:
        _checks.fail("hypotheses", "have the same auxiliary measurements", f"one has {', '.join(sorted(one ^ other))}")


def discriminate(
    fits: Mapping[str, Fit],
    maxima: Mapping[str, Maximum],
    number: int,
    *,
    key: PRNGKeyArray,
    settings: Settings | None = None,
    progress: Callable[[int], None] = lambda done: None,
    folder: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> Discrimination:
    """Simulate under each of two hypotheses at its maximum, and fit each toy under both.

    **Arguments:** two fits of the same data by name, the first and the second one, and their maxima; the number of toys
    of each; the key of all, from which that of each hypothesis follows by its name; `settings` of searches; `progress`:
    is told how many of the 4 x number fits are finished; `folder`: keeps the toys, which `resume` adds to; `executor`:
    who does them, as of `toys`.

    **Raises:** `ValueError` for fits of other data, or of the same data with other auxiliary measurements.
    """
    check_rivals(fits)
    first, second = fits
    statistic, lost, done = [], 0, 0
    for true in fits:
        chi2, own = {}, jax.random.fold_in(key, zlib.crc32(true.encode()))
        for name, fit in fits.items():
            at = _nuisances_of(fits[true], maxima[true], maxima[name].parameters)
            judged = fit if name == true else _with_data_of(fits[true], maxima[true], fit)
            kept = None if folder is None else folder / f"toys_of_{true}_as_{name}.npz"
            begun = done
            told = {"progress": lambda n, begun=begun: progress(begun + n), "checkpoint": kept, "resume": resume}
            found = toys(judged, maxima[name], number, key=own, at=at, executor=executor, **told)
            chi2[name], lost, done = found.total, lost + found.lost, done + number
        statistic.append(chi2[second] - chi2[first])
    observed = _chi2_of_data(fits[second], maxima[second]) - _chi2_of_data(fits[first], maxima[first])
    expected = tuple(_expected(fits, maxima, true, settings) for true in fits)
    return Discrimination((first, second), observed, (statistic[0], statistic[1]), (expected[0], expected[1]), lost)


class _Elsewhere(Experiment):
    """An experiment as one hypothesis sees it, whose simulated data are those of another hypothesis."""

    experiment: Experiment
    theory: LowEnergy
    nuisance: dict[str, Any]
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Refused: there is one of every experiment."""
        _checks.fail("experiment", "be simulated under a hypothesis", "there is none")

    @property
    def holds(self) -> frozenset[str]:
        return self.experiment.holds

    def nuisances(self) -> dict[str, Distribution]:
        return self.experiment.nuisances()

    @property
    def observed(self) -> Float[Array, " data"]:
        return self.experiment.observed

    @property
    def labels(self) -> tuple[str, ...]:
        return self.experiment.labels

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        return self.experiment.predict(theory, nuisance)

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        return self.experiment.log_likelihood(theory, nuisance)

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """Data of the other hypothesis."""
        del theory, nuisance
        return dataclasses.replace(self, experiment=self.experiment.simulate(key, self.theory, self.nuisance))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        return self.experiment.pulls(theory, nuisance)


def _with_data_of(true: Fit, maximum: Maximum, fit: Fit) -> Fit:
    """A fit whose toys are those of another one at its maximum."""
    _, theory, nuisance = true.point(maximum.parameters)
    held = {"theory": theory, "nuisance": dict(nuisance)}
    judged = tuple(_Elsewhere(experiment=e, name=e.name, sources=e.sources, **held) for e in fit.experiments)
    return eqx.tree_at(lambda f: f.experiments, fit, judged)


def _nuisances_of(true: Fit, maximum: Maximum, parameters: Parameters) -> dict[str, Array]:
    """Parameters of a hypothesis with the nuisances of the true one, of which auxiliary measurements tell."""
    own = set(arguments(true.model))
    return dict(parameters) | {n: v for n, v in maximum.parameters.items() if n in parameters and n not in own}


def _chi2_of_data(fit: Fit, maximum: Maximum) -> float:
    """-2 ln L at the maximum, with the auxiliary measurements."""
    return float(_chi2(fit, maximum.parameters, jnp.asarray(fit.auxiliary)))


@quick()
def _chi2(fit: Fit, parameters: Parameters, moving: Bool[Array, " d"]) -> Float[Array, ""]:
    _, theory, nuisance = fit.point(parameters)
    chi2 = -2.0 * sum((e.log_likelihood(theory, nuisance) for e in fit.experiments), jnp.zeros(()))
    apart = fit.space.deviations(fit.space.vector(parameters))
    return chi2 + jnp.sum(jnp.where(moving, apart, 0.0) ** 2)


def _expected(fits: Mapping[str, Fit], maxima: Mapping[str, Maximum], true: str, settings: Settings | None) -> float:
    """T of data without fluctuations of one hypothesis."""
    data = asimov(fits[true], maxima[true].parameters)
    chi2 = []
    for name, fit in fits.items():
        nuisances = set(data.priors) - set(arguments(fit.model))
        shared = {n: data.priors[n] if n in nuisances else prior for n, prior in fit.priors.items()}
        judged = eqx.tree_at(lambda f: f.experiments, fit, data.experiments)
        judged = eqx.tree_at(lambda f: f.priors, judged, PriorSet(shared), is_leaf=lambda x: isinstance(x, PriorSet))
        at = _nuisances_of(fits[true], maxima[true], maxima[name].parameters)
        starts = np.concatenate([np.asarray(judged.space.vector(at))[None], maxima[name].modes])
        starts = judged.space.within_bounds(starts)
        few = dataclasses.replace(settings or Settings(), starts=1)
        chi2.append(_chi2_of_data(judged, maximize(judged, settings=few, starts=starts)))
    return chi2[1] - chi2[0]
