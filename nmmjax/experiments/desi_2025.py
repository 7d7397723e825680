"""DESI with the cosmic microwave background: the sum of the masses."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy


class Desi2025(MeasuredQuantities):
    """Sum of the light masses < 0.0642 eV at 95 %: a half-Gaussian above zero in the sum.

    It holds in Lambda-CDM with three light neutrinos that live and stay as they are; with an equation of state of dark
    energy that evolves the limit is more than twice as weak. The smallest sums that oscillations allow, 0.059 eV for
    normal and 0.099 eV for inverted ordering, lie at Delta chi^2 = 3.2 and 9.1: it disfavors inverted
    ordering by itself.
    """

    reference: ClassVar[str] = "W. Elbers et al. (DESI), arXiv:2503.14744 (2025)"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = PublishedValues.read("neutrino_mass_limits")
        return cls(name="desi_2025", terms=(limits.limit("sum_of_masses"),), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the sum of the light masses."""
        return (("sum_of_masses", "eV"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Sum of the masses m_1 + m_2 + m_3 [eV] (1,)."""
        return theory.neutrinos.states.sum_of_masses.reshape(1)
