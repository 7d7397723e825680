"""Stars that burn helium, and how long they do."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax import stars
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.shared.stars import energy_loss
from nmmjax.low_energy import LowEnergy


class HorizontalBranch1996(MeasuredQuantities):
    """Less than 10 erg/g/s beyond the standard loss, taken as 95 %: a half-Gaussian above zero in the energy loss.

    More would shorten the burning of helium by some 10 %, against what counts of stars on the horizontal branch of
    globular clusters say (Raffelt's criterion, an order of magnitude, quoted from memory). Here it is the loss by
    moments and charges of neutrinos in a core of `stars.horizontal_branch`, whose thin plasma favors charges: limits of
    1.3e-11 mu_B and, for nu_mu, 1.4e-14 e. Masses and a light scalar close channels.
    """

    reference: ClassVar[str] = "G. G. Raffelt, Stars as Laboratories for Fundamental Physics, Chicago (1996)"
    core: stars.Core

    @classmethod
    def load(cls) -> Self:
        """Read the published value from its packaged table."""
        limits = PublishedValues.read("energy_loss_limits")
        term, core = limits.limit("horizontal_branch_1996"), stars.horizontal_branch()
        return cls(name="horizontal_branch_1996", terms=(term,), core=core, sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the energy loss."""
        return (("energy_loss", "erg/g/s"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Energy loss [erg/g/s] (1,) beyond the standard one; see `shared.stars.energy_loss`."""
        return energy_loss(theory, self.core).reshape(1)
