"""KATRIN, the end of the beta spectrum of tritium."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax import stars
from nmmjax.constants import ELECTRON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics import hermitian


class Katrin2025(MeasuredQuantities):
    """m_beta < 0.45 eV at 90 % from 259 days: a half-Gaussian above zero in m_beta^2 = (M^dagger M)_ee.

    m_beta^2 is what the spectrum depends on, so sigma = 0.12 eV^2, about the published error. The best value of the
    collaboration lies below zero; its limit, like this one, is that of an experiment that finds zero. States are taken
    to be much lighter than the 18.6 keV of the decay and not resolved, heavier sterile ones included.

    M is that at the surface of the Earth: where a light scalar couples to matter, the Earth adds to neutrino masses.
    """

    reference: ClassVar[str] = "M. Aker et al. (KATRIN), Science 388, 180 (2025), arXiv:2406.13516"
    earth: stars.Sphere

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        limits = PublishedValues.read("neutrino_mass_limits")
        term, earth = limits.limit("m_beta", power=2), stars.Sphere.earth()
        return cls(name="katrin_2025", terms=(term,), earth=earth, sources=(limits.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the squared effective mass."""
        return (("m_beta^2", "eV^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared effective mass m_beta^2 = (M^dagger M)_ee [eV^2] (1,)."""
        at_surface = theory.mass_matrix_in(self.earth, 1.0)
        return hermitian.gram(at_surface)[ELECTRON, ELECTRON].real.reshape(1)
