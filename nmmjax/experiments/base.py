"""What every experiment is: data, a prediction from the low-energy theory, and a likelihood.

An experiment never sees couplings. Its fields are data (arrays, never closures, so new data do not recompile a fit);
its nuisances are named and carry priors. Log-likelihoods are normalized so that -2 ln L is a chi^2 that is zero for a
perfect description of the data.
"""

import abc
import re
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax._public import check_fields
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source

Nuisance = Mapping[str, Float[Array, "..."]]
_YEAR = re.compile(r"_(19|20)\d\d$")


def without_nsi(theory: LowEnergy) -> Float[Array, ""]:
    """1 for experiments that follow spins, which vector interactions with matter do not: where there are some, an error
    or, inside jit, NaN.
    """
    if theory.nsi is None:
        return jnp.ones(())
    largest = jnp.max(jnp.abs(jnp.stack([matrix for matrix in theory.nsi if matrix is not None])))
    known = _checks.concrete(largest)
    if known is not None and known > 0.0:
        must = "have no vector interactions with matter where neutrinos flip in magnetic fields"
        _checks.fail("interactions", must, "there are some: set them to zero, or leave out this experiment")
    return jnp.where(largest > 0.0, jnp.nan, 1.0)


def without_coherence_loss(theory: LowEnergy) -> Float[Array, ""]:
    """1 for experiments that follow no loss of coherence: where there is some, an error or, inside jit, NaN."""
    if theory.coherence_loss is None:
        return jnp.ones(())
    return _unless(theory.coherence_loss.rate > 0.0, "vanish for atmospheric neutrinos")


def with_loss_over_length(theory: LowEnergy) -> Float[Array, ""]:
    """1 for experiments that know L/E alone: coherence that is lost at a rate other than 1/E is an error or, inside
    jit, NaN.
    """
    loss = theory.coherence_loss
    if loss is None:
        return jnp.ones(())
    return _unless((loss.rate > 0.0) & (loss.power != -1.0), "go as 1/E where an experiment is known in L/E alone")


def _unless(wrong: Bool[Array, ""], must: str) -> Float[Array, ""]:
    known = _checks.concrete(wrong)
    if known is not None and known:
        _checks.fail("coherence_loss", must, "it does not: leave out this experiment")
    return jnp.where(wrong, jnp.nan, 1.0)


class Pull(NamedTuple):
    """One line of the table that confronts a prediction with a measurement."""

    label: str
    unit: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    pull: float
    """Signed distance in standard deviations: sqrt(-2 ln L) with the sign of predicted - observed."""


class Spectrum(NamedTuple):
    """How the data of a binned experiment are drawn: one panel after the other."""

    panels: tuple[str, ...]
    """The name of each panel."""
    edges: tuple[Float[Array, " _"], ...]
    """The edges of the bins of each panel."""
    axis: str
    """The quantity that is binned, the same in all panels."""
    unit: str
    """The unit of that quantity."""
    quantity: str | None = None
    """What the data are. "events" are drawn by unit of the axis; anything else ("data / no oscillation") as it is.

    Unless given, "events" for `BinnedCounts`, "data" for others.
    """


class Experiment(eqx.Module):
    """Abstract base of experiments: data, a prediction from the low-energy theory, and a likelihood.

    A concrete experiment is one file and final. Its fields are arrays, so that new data compile nothing anew, but for
    `name`, `sources` and the like, which are declared static:

        class Counting2026(Experiment):
            "One number of events."
            reference: ClassVar[str] = "A. Author (2026)"
            name: str = equinox.field(static=True)
            sources: tuple[Source, ...] = equinox.field(static=True)
            events: Float[Array, "1"]

    Forms of likelihoods to start from are in `nmmjax.experiments.likelihoods`: `measured.MeasuredQuantities` for
    published values, `poisson.CountedSpectrum` for bins of events.
    """

    reference: ClassVar[str]
    """The paper the data come from."""
    name: eqx.AbstractVar[str]
    """Unique, lower case; prefixes private nuisances. Tells the choices that `load` was given, where there are any."""
    sources: eqx.AbstractVar[tuple[Source, ...]]
    """The tables the data were read from, with their hashes."""

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @abc.abstractmethod
    def load(cls, *args: Any, **choices: Any) -> Self:
        """Read the experiment with its own data.

        **Arguments:** choices that an experiment offers (an ordering, a solar model, an analysis), each with a default.

        **Raises:** `ValueError` for a choice that is not offered.
        """

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data, from the whole to its parts with "/" between: "super_kamiokande/atmospheric/1".

        A fit refuses two experiments that hold the same data, which they do where a tag of one is, or contains, a tag
        of the other. Unless overridden, `name` without a year at its end: what is called "reno_2018" holds "reno".
        """
        return frozenset({_YEAR.sub("", self.name)})

    @property
    def counted_from(self) -> str:
        """A name for what chi^2 is counted from: values of experiments that share it can be compared.

        Its own `name` unless overridden: -2 ln L is relative to a perfect description of these data.
        """
        return self.name

    @abc.abstractmethod
    def nuisances(self) -> dict[str, Distribution]:
        """Prior of each nuisance by name. Private names start with that of the experiment; equal names are shared."""

    @property
    @abc.abstractmethod
    def observed(self) -> Float[Array, " data"]:
        """The data as one vector (data,), in the order of `labels`."""

    @property
    @abc.abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The name of each datum, in the order of `observed`."""

    @abc.abstractmethod
    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """The expectation of `observed` for a theory and nuisances (data,)."""

    @abc.abstractmethod
    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L of theory and nuisances, normalized: -2 ln L is a chi^2, zero for a perfect description of the data."""

    @property
    def factors(self) -> tuple[str, ...]:
        """A name for each of the `log_likelihoods`: the labels of the data where these are independent."""
        return (self.name,)

    def log_likelihoods(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " factors"]:
        """ln L (factors,) of each part of the data that is independent of the others, given theory and nuisances.

        Their sum is `log_likelihood`. One number unless overridden, as for data that are correlated.
        """
        return jnp.reshape(self.log_likelihood(theory, nuisance), (1,))

    @abc.abstractmethod
    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of the same structure, with data drawn from the prediction."""

    def asimov(self, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of the same structure whose data are what is expected, without any fluctuation.

        **Raises:** `ValueError` unless it is overridden, as by all experiments of the package.
        """
        del theory, nuisance
        _checks.fail("experiments", "say what their expected data are (`asimov`)", f"{self.name} does not")

    def exposed(self, factor: float) -> "Experiment":
        """The experiment with `factor` times its exposure, as its data would be if they grew with it.

        Statistical errors shrink relative to the data; systematic errors, and what auxiliary measurements know, stay.

        **Raises:** `ValueError` unless it is overridden: where statistical errors are not told apart from others,
        exposure means nothing.
        """
        del factor
        but = f"those of {self.name} are not told apart from systematic ones"
        _checks.fail("exposure", "be of experiments whose statistical errors are known by themselves", but)

    @abc.abstractmethod
    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of a table that shows where theory and data disagree; not to be called inside jit."""

    def not_chi2(self, theory: LowEnergy, nuisance: Nuisance) -> str | None:
        """Why -2 ln L does not follow chi^2 where a theory is true; None where it does, as for Gaussian errors.

        The p-value of a fit is withheld where one of its experiments has a reason. Not to be called inside jit.
        """
        del theory, nuisance

    def fitted(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """The prediction with marginalized nuisances at their most probable values, which is drawn beside the data."""
        return self.predict(theory, nuisance)

    def errors(self) -> Float[Array, " data"] | None:
        """Statistical standard deviations of the data where they are drawn with bars, else None."""
        return None

    def spectrum(self) -> Spectrum | None:
        """Bins and names with which the data are drawn, or None where there is no spectrum."""
        return None


def prediction(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> Float[np.ndarray, " data"]:
    """What `experiment.predict` gives, computed as one program: where tables and figures are made, outside of jit."""
    return np.asarray(_predict(experiment, theory, nuisance))


@quick()
def _predict(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
    return experiment.predict(theory, nuisance)
