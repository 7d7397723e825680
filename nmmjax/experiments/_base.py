"""What every experiment is: data, a prediction from the low-energy theory, and a likelihood.

An experiment never sees couplings. Its fields are data (arrays, never closures, so new data do not recompile a fit);
its nuisances are named and carry priors. Log-likelihoods are normalised so that -2 ln L is a chi^2 that is zero for a
perfect description of the data.
"""

import abc
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray
from numpyro.distributions import Distribution

from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source

Nuisance = Mapping[str, Float[Array, "..."]]


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
    """A name for each."""
    edges: tuple[Float[Array, " _"], ...]
    """The edges of the bins of each panel."""
    axis: str
    """The quantity that is binned."""
    unit: str
    """Its unit."""


class Experiment(eqx.Module):
    """Abstract base. A concrete experiment is one file, is final, and has a classmethod `load()`.

    Its fields are arrays, but for `name`, `sources` and the like, which are declared static:

        class Counting(Experiment):
            "One number of events."
            reference: ClassVar[str] = "A. Author (2026)"
            name: str = equinox.field(static=True)
            sources: tuple[Source, ...] = equinox.field(static=True)
            events: Float[Array, "1"]
    """

    reference: ClassVar[str]
    """The paper the data come from."""
    name: eqx.AbstractVar[str]
    """Unique name; prefixes private nuisances. Names version and ordering where there are several."""
    sources: eqx.AbstractVar[tuple[Source, ...]]
    """The tables the data were read from, with their hashes."""

    @abc.abstractmethod
    def nuisances(self) -> dict[str, Distribution]:
        """Name -> prior. Private names start with the name of the experiment; an equal name is a shared nuisance."""

    @property
    @abc.abstractmethod
    def observed(self) -> Float[Array, " data"]:
        """The data as one vector."""

    @property
    @abc.abstractmethod
    def labels(self) -> tuple[str, ...]:
        """A name for each datum."""

    @abc.abstractmethod
    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """The expectation of `observed`."""

    @abc.abstractmethod
    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """-chi^2 / 2 or its like."""

    @abc.abstractmethod
    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """The same experiment with data drawn from the prediction."""

    @abc.abstractmethod
    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Where the tension sits; for reports, not for jit."""

    def overlaps(self) -> tuple[str, ...]:
        """Other experiments that hold some of the same data: a fit takes none of them beside this one.

        Names, or patterns of them as a shell has them.
        """
        return ()

    def fitted(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """The prediction with marginalised nuisances at their most probable values: what is drawn beside the data."""
        return self.predict(theory, nuisance)

    def errors(self) -> Float[Array, " data"] | None:
        """Statistical standard deviations of the data where they are drawn with bars, else None."""
        return None

    def spectrum(self) -> Spectrum | None:
        """How to draw the data, or None where there is no spectrum."""
        return None
