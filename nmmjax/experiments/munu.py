"""MUNU: antineutrinos of the Bugey reactor in a gas of CF4."""

from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from nmmjax.experiments import _electromagnetic, _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class Munu2005(MeasuredQuantities):
    """mu_eff < 9e-11 mu_B, taken as 90 %: a half-Gaussian above zero in mu_eff^2 = (lambda^+ lambda)_ee.

    Antinu_e, 18 m from the core, before they oscillate.
    """

    reference: ClassVar[str] = "Z. Daraktchieva et al. (MUNU), Phys. Lett. B 615, 153 (2005)"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        moment, moments = _limits.upper("moment_limits", "munu_2005", power=2)
        return cls(name="munu_2005", terms=(moment,), sources=(moments,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The moment squared."""
        return (("moment^2", "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """(lambda^dagger lambda)_ee."""
        return _electromagnetic.moment_squared(theory.neutrinos).reshape(1)
