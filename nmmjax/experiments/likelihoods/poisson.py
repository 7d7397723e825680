"""Counts that follow Poisson's law."""

import itertools
import math
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import xlogy
from jaxtyping import Array, Float, PRNGKeyArray
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class Counts(BinnedCounts):
    """Abstract: Poisson events in bins, -2 ln L = 2 sum_b [t_b - n_b + n_b ln(n_b / t_b)]."""

    def errors(self) -> Float[Array, " data"]:
        """Statistical standard deviations sqrt(n) of the events (data,), one where there is no event."""
        return jnp.sqrt(jnp.maximum(self.counts, 1.0))

    @property
    def factors(self) -> tuple[str, ...]:
        """Each bin by itself."""
        return self.labels

    def log_likelihoods(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """ln L = -[t_b - n_b + n_b ln(n_b / t_b)] of each bin (data,), n_b events where t_b are expected."""
        return -half_deviance(self.counts, self.predict(theory, nuisance))

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L = -sum_b [t_b - n_b + n_b ln(n_b / t_b)] of n_b events where t_b are expected."""
        return jnp.sum(self.log_likelihoods(theory, nuisance))

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure with events drawn from Poisson distributions around the prediction."""
        return self.with_counts(drawn(key, self.predict(theory, nuisance)))

    def exposed(self, factor: float) -> "Exposed":
        """The experiment with `factor` times its exposure: signal and background grow alike."""
        return Exposed.of(self, factor)


class CountedSpectrum(Counts):
    """Abstract: events in one row of bins of one quantity."""

    edges: eqx.AbstractVar[Float[Array, " data+1"]]
    panel: ClassVar[str]
    """Title of the panel in figures, and the beginning of labels in the table of pulls."""
    axis: ClassVar[tuple[str, str]] = ("reconstructed energy", "keV")
    """The quantity that is binned, and its unit."""
    ranges: ClassVar[tuple[tuple[float, float], ...]]
    """Ranges of the binned quantity, each a line of the table of pulls."""

    @property
    def bins(self) -> int:
        """Number of bins between the edges."""
        return len(self.edges) - 1

    @property
    def labels(self) -> tuple[str, ...]:
        """Lower and upper edge of each bin, with the unit."""
        return tuple(f"{low:.4g}-{high:.4g} {self.axis[1]}" for low, high in itertools.pairwise(self.edges.tolist()))

    def spectrum(self) -> Spectrum | None:
        """The spectrum as one panel over all bins."""
        return Spectrum((self.panel,), (self.edges,), *self.axis)

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: predicted and observed events in each of `ranges`."""
        predicted, observed = prediction(self, theory, nuisance), np.asarray(self.counts)
        middle = 0.5 * (np.asarray(self.edges)[1:] + np.asarray(self.edges)[:-1])
        lines = []
        for low, high in self.ranges:
            chosen = (middle > low) & (middle < high)
            label = f"{self.panel} events, {low:g}-{high:g} {self.axis[1]}"
            lines.append(total_pull(label, predicted[chosen], observed[chosen]))
        return tuple(lines)


class Exposed(Counts):
    """Poisson events of an experiment with more or less exposure: each expectation is that of the experiment, times it.

    Relative errors of nuisances stay as they are: what more exposure teaches of a background enters by its own bins.
    """

    experiment: Counts
    """As it was, its events unused."""
    factor: Float[Array, ""]
    """Exposure over that of the experiment."""
    counts: Float[Array, " data"]
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    reference: ClassVar[str] = "that of the experiment whose exposure it is"

    @classmethod
    def load(cls) -> Self:
        """Refused: there is one of every experiment of counts, `exposed`."""
        _checks.fail("exposed", "be asked of an experiment of counts", "there is none")

    @classmethod
    def of(cls, experiment: Counts, factor: float) -> Self:
        """An experiment with `factor` times its exposure, and its events times that.

        **Raises:** `ValueError` for a factor that is not positive and finite.
        """
        _checks.check_range("exposure", factor, low=0.0, open_low=True)
        times = jnp.asarray(factor, experiment.counts.dtype)
        same = {"name": experiment.name, "sources": experiment.sources}
        return cls(experiment=experiment, factor=times, counts=times * experiment.counts, **same)

    @property
    def holds(self) -> frozenset[str]:
        """What the experiment holds."""
        return self.experiment.holds

    @property
    def bins(self) -> int:
        """Number of bins of the experiment."""
        return self.experiment.bins

    @property
    def labels(self) -> tuple[str, ...]:
        """Those of the experiment."""
        return self.experiment.labels

    def nuisances(self) -> dict[str, Distribution]:
        """Those of the experiment."""
        return self.experiment.nuisances()

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Expected events (data,) of each bin."""
        return self.factor * self.experiment.predict(theory, nuisance)

    def spectrum(self) -> Spectrum | None:
        """That of the experiment."""
        return self.experiment.spectrum()

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """One line of the table of pulls: all events."""
        return (total_pull(f"{self.name}, all events", prediction(self, theory, nuisance), np.asarray(self.counts)),)


def total_pull(label: str, predicted: Float[np.ndarray, "..."], observed: Float[np.ndarray, "..."]) -> Pull:
    """The pull of the sum of some bins, by the Poisson deviance of the total."""
    t, n = float(predicted.sum()), float(observed.sum())
    return Pull(label, "", (t,), (n,), pull(n, t))


def drawn(key: PRNGKeyArray, expected: Float[Array, " data"]) -> Float[Array, " data"]:
    """Events from Poisson distributions around expectations: none around negative ones, NaN around NaN.

    They are no more than an integer holds.
    """
    most = 0.5 * jnp.iinfo(jnp.result_type(int)).max
    events = jax.random.poisson(key, jnp.clip(jnp.nan_to_num(expected), 0.0, most))
    return jnp.where(jnp.isnan(expected), jnp.nan, events)


def half_deviance(counts: Float[Array, " data"], predicted: Float[Array, " data"]) -> Float[Array, " data"]:
    """Half the Poisson deviance of n events where t are expected, t - n + n ln(n / t), by bin.

    Zero at t = n, in an empty bin t with slope one, at t = 0 too. What cannot be is infinite, with zero slope: events
    where none are expected, and a negative expectation.
    """
    possible = (predicted > 0.0) | ((predicted == 0.0) & (counts == 0.0))
    logarithm = jnp.log(jnp.where(predicted > 0.0, predicted, 1.0))
    return jnp.where(possible, predicted - counts - counts * logarithm + xlogy(counts, counts), jnp.inf)


def pull(count: float, predicted: float) -> float:
    """Root of the Poisson deviance of one number of events, with the sign of predicted - observed.

    -inf where that number cannot be: events where none or fewer are expected.
    """
    if predicted < 0.0 or (predicted == 0.0 and count > 0.0):
        return -math.inf
    logarithm = count * math.log(count / predicted) if count > 0.0 else 0.0
    return math.copysign(math.sqrt(max(2.0 * (predicted - count + logarithm), 0.0)), predicted - count)
