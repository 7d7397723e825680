"""White dwarfs, and how fast they cool."""

from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from nmmjax.experiments import _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class WhiteDwarfs2014(MeasuredQuantities):
    """mu_nu < 5e-12 mu_B from their luminosities, taken as 95 %: a half-Gaussian above zero in mu_nu^2.

    mu_nu^2 is summed over the pairs of neutrinos into which a plasmon decays. Errors are those of models of stars.
    """

    reference: ClassVar[str] = "M. M. Miller Bertolami, Astron. Astrophys. 562, A123 (2014)"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        term, source = _limits.upper("moment_limits", "white_dwarfs_2014", power=2)
        return cls(name="white_dwarfs_2014", terms=(term,), sources=(source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The moment squared."""
        return (("plasmon_moment^2", "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """sum_ij |lambda_ij|^2 of Dirac, sum_{i<j} |lambda_ij|^2 of Majorana neutrinos."""
        neutrinos = theory.neutrinos
        return neutrinos.nature.plasmon_moment_squared(neutrinos.moment_matrix).reshape(1)
