"""SN1987A: right-handed neutrinos would have carried its heat away."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments import _limits
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class Sn1987A1999(MeasuredQuantities):
    """The core cooled in ten seconds: mu < 4e-12 mu_B of Dirac neutrinos, taken as 90 %.

    A half-Gaussian above zero in (lambda^+ lambda)_ee: degenerate nu_e, with a chemical potential of 200 MeV or so, are
    by far the most numerous and energetic neutrinos of the core, and it is their flips to any right-handed state that
    set it. Thermal nu_mu and nu_tau would add to the loss: leaving them out is on the safe side. Published is a range,
    (0.1 to 0.4)e-11 mu_B, by what is assumed of the core, without confidence; its weak end is taken. Majorana neutrinos
    flip to antineutrinos, which stay: no limit.
    """

    reference: ClassVar[str] = "A. Ayala, J. C. D'Olivo and M. Torres, Phys. Rev. D 59, 111901 (1999)"
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        term, source = _limits.upper("moment_limits", "sn1987a_1999", power=2)
        return cls(name="sn1987a_1999", terms=(term,), sources=(source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The moment of nu_e squared."""
        return (("sterile_moment_e^2", "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """(lambda^dagger lambda)_ee; zero for Majorana neutrinos."""
        neutrinos = theory.neutrinos
        return jnp.real(neutrinos.nature.sterile_moments_squared(neutrinos.moment_matrix)[0, :1])
