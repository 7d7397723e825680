"""Kinematic masses of the neutrinos, 1988."""

from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from nmmjax.experiments import _year_1988
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import modulus_squared
from nmmjax.tables import Source

_FLAVORS = ("e", "mu", "tau")


class LaboratoryMasses1988(MeasuredQuantities):
    """m(nu_e) < 30 eV, m(nu_mu) < 270 keV, m(nu_tau) < 50 MeV: half-Gaussians above zero in m_a^2.

    m_a = sum_i |U_ai|^2 m_i: a decay that resolves the states shows each by its share, so the mean of the masses says
    what flavors that hardly mix weigh. The mean of their squares, (M^dagger M)_aa, would count a heavy state with a
    share of 1e-11, which no spectrum shows, as if it were seen.
    """

    reference: ClassVar[str] = _year_1988.REFERENCE
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        limits = [_year_1988.upper(f"m_nu_{flavor}", power=2) for flavor in _FLAVORS]
        terms, sources = zip(*limits, strict=True)
        return cls(name="laboratory_masses_1988", terms=terms, sources=sources[:1])

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Masses squared."""
        return tuple((f"m_nu_{flavor}^2", "eV^2") for flavor in _FLAVORS)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """(sum_i |U_ai|^2 m_i)^2."""
        states = theory.neutrinos.states
        return (modulus_squared(states.mixing) @ states.masses)[:3] ** 2
