"""White dwarfs, and how fast they cool."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax import stars
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.shared.stars import equivalent_moment_squared
from nmmjax.low_energy import LowEnergy


class WhiteDwarfs2014(MeasuredQuantities):
    """mu_nu < 5e-12 mu_B from their luminosities, taken as 95 %: a half-Gaussian above zero in mu_nu^2.

    mu_nu^2 is summed over the pairs of neutrinos into which a plasmon decays. Charges of neutrinos count by the energy
    that they lose, masses and a light scalar by the channels that they close: in a star of `stars.white_dwarf`. Errors
    are those of models of stars.
    """

    reference: ClassVar[str] = "M. M. Miller Bertolami, Astron. Astrophys. 562, A123 (2014)"
    core: stars.Core

    @classmethod
    def load(cls) -> Self:
        """Read the published value from its packaged table."""
        limits = PublishedValues.read("moment_limits")
        term = limits.limit("white_dwarfs_2014", power=2)
        return cls(name="white_dwarfs_2014", terms=(term,), core=stars.white_dwarf(), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the squared moment."""
        return (("plasmon_moment^2", "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared moment [mu_B^2] (1,) that loses as much energy; see `equivalent_moment_squared`."""
        return equivalent_moment_squared(theory, self.core).reshape(1)
