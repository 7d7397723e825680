"""White dwarfs, and how fast they cool."""

from typing import ClassVar

from jaxtyping import Array, Float

from nmmjax.experiments.shared.electromagnetic import MOMENT, Limited, UpperLimits
from nmmjax.low_energy import LowEnergy
from nmmjax.scattering import effective_moment


class WhiteDwarfs2014(UpperLimits):
    """mu_nu < 5e-12 mu_B from their luminosities, taken as 95 %: a half-Gaussian above zero in mu_nu^2.

    mu_nu^2 is summed over the pairs of neutrinos into which a plasmon decays. Errors are those of models of stars.
    """

    reference: ClassVar[str] = "M. M. Miller Bertolami, Astron. Astrophys. 562, A123 (2014)"
    table_name: ClassVar[str] = "white_dwarfs_2014"
    limited: ClassVar[tuple[Limited, ...]] = (MOMENT._replace(quantity="plasmon_moment^2"),)

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Squared moment: sum_ij |lambda_ij|^2 of Dirac, sum_{i<j} |lambda_ij|^2 of Majorana neutrinos [mu_B^2]."""
        neutrinos = theory.neutrinos
        majorana = neutrinos.nature.self_conjugate
        return (effective_moment.plasmon_squared(neutrinos.moment_matrix, majorana=majorana),)
