"""CHOOZ, reactor antineutrinos, 1999."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy


class Chooz1999(MeasuredQuantities):
    """Reactor antineutrinos in 1999: sin^2 2theta = 4 |U_e3|^2 (1 - |U_e3|^2) < 0.10 at 90 %, a half-Gaussian above 0.

    The limit holds at large splitting, above about 2e-3 eV^2; below 7e-4 eV^2 the experiment saw nothing.
    """

    reference: ClassVar[str] = "M. Apollonio et al. (CHOOZ), Phys. Lett. B 466, 415 (1999), hep-ex/9907037"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = PublishedValues.read("year_2000_limits")
        return cls(name="chooz_1999", terms=(limits.limit("sin2_2theta_chooz"),), sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the amplitude sin^2 2theta13."""
        return (("sin2_2theta_chooz", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Amplitude sin^2 2theta13 = 4 |U_e3|^2 (1 - |U_e3|^2) (1,)."""
        e3 = theory.neutrinos.states.sin2_theta13
        return (4.0 * e3 * (1.0 - e3)).reshape(1)
