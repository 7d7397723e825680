"""Cosmological bounds on stable and unstable neutrinos, 1988."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import decays
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.shared import year_1988
from nmmjax.low_energy import LowEnergy

_ROUNDED = 1.0
"""[eV] sqrt(m^2 + 1) - 1 in the place of m."""


class UnstableNeutrinos1988(MeasuredQuantities):
    """Neutrinos must not overclose the Universe: sum m < 60 eV if they live, m^2 tau < 2e20 eV^2 s if they do not.

    Both are one half-Gaussian above zero in the energy that is left, as a mass,

        sum_j m_j / sqrt(1 + Gamma_j t) < 60 eV,    t = 2e20 eV^2 s / (60 eV)^2 = 5.6e16 s

    (rounded off below 1 eV, where no bound reaches, so that a mass may pass through zero): m_j for a stable state, m_j
    sqrt(tau_j / t) for one that decays early. Gamma_j are the widths of nu_j -> nu_i gamma at rest; what becomes of
    their photons is not asked. The daughter counts as a state of its own.
    """

    reference: ClassVar[str] = year_1988.REFERENCE
    time: Float[Array, ""]
    """t [s]: states that live much longer are stable."""

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = year_1988.read()
        stable, unstable = (limits.number(name, "limit") for name in ("sum_of_masses_stable", "m2_lifetime_unstable"))
        term = limits.limit("sum_of_masses_stable", confidence=year_1988.CONFIDENCE)
        time = jnp.asarray(np.asarray(unstable / stable**2))
        return cls(name="unstable_neutrinos_1988", terms=(term,), sources=(limits.source,), time=time)

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the mass that is left."""
        return (("effective_sum_of_masses", "eV"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Mass that is left, sum_j m_j / sqrt(1 + Gamma_j t) [eV] (1,)."""
        neutrinos = theory.neutrinos
        masses = neutrinos.states.masses
        widths = decays.neutrino_radiative_widths(neutrinos.transition_moments(), masses)
        left = masses**2 / (1.0 + widths * self.time)
        return jnp.sum(jnp.sqrt(left + _ROUNDED**2) - _ROUNDED).reshape(1)
