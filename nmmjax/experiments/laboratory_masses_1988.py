"""Kinematic masses of the neutrinos, 1988."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.shared import year_1988
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics import hermitian
from nmmjax.numerics.spectral import Smooth

_FLAVORS = ("e", "mu", "tau")
_RELEASED = np.square([18.6e3, 33.9e6, 1.08e9])
"""Q_a^2 [eV^2]."""


class LaboratoryMasses1988(MeasuredQuantities):
    """m(nu_e) < 30 eV, m(nu_mu) < 270 keV, m(nu_tau) < 50 MeV: half-Gaussians above zero in m_a^2.

    m_a^2 = sum_i |U_ai|^2 m_i^2 / (1 + m_i^2 / Q_a^2): the mean square of the masses, those of states that the decay
    has hardly the energy to emit taken as Q_a, 18.6 keV in that of tritium, 33.9 MeV in pi -> mu nu, 1.1 GeV in
    tau -> 5 pi nu. So a heavy state of tiny mixing does not count as if it were seen. Smooth in the mass matrix, also
    at zero masses.
    """

    reference: ClassVar[str] = year_1988.REFERENCE

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = year_1988.read()
        terms = tuple(limits.limit(f"m_nu_{a}", power=2, confidence=year_1988.CONFIDENCE) for a in _FLAVORS)
        return cls(name="laboratory_masses_1988", terms=terms, sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the squared mass of each flavor."""
        return tuple((f"m_nu_{flavor}^2", "eV^2") for flavor in _FLAVORS)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared masses m_a^2 [eV^2] (3,) of nu_e, nu_mu and nu_tau."""
        emitted = hermitian.matrix_function(
            theory.neutrinos.mass_squared[:3, :3], Smooth(_emitted, _RELEASED, (_RELEASED,))
        )
        return jnp.diagonal(jnp.diagonal(emitted, axis1=-2, axis2=-1)).real


def _emitted(squared: Array, released: Array) -> Array:
    """m^2 / (1 + m^2 / Q^2)."""
    return squared / (1.0 + squared / released)
