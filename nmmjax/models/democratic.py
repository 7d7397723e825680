"""The democratic mass matrix: one parameter, m."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, parameter


class Democratic(Model):
    """Equal couplings between different flavors and none within one: M = m (J - 1), J the matrix of ones.

    Eigenvalues -m, -m and 2m: masses (m, m, 2m), normal ordering, a single splitting 3 m^2, and nu_3 = (1, 1, 1) /
    sqrt(3). Nothing tells the states of the pair apart, so theta12 has no meaning and in vacuum

        P_ab = (4/9) sin^2(3 m^2 L / 4E),   P_aa = 1 - (8/9) sin^2(3 m^2 L / 4E),

    with the mean 5/9 for P_aa, as the pair never loses its coherence: not sum_i |U_ei|^4, which depends on the basis of
    the pair (7/18 in that of theta12 = 45 degrees, which the author prints). m_beta = sqrt(2) m, m_beta_beta = 0.
    """

    reference: ClassVar[str] = "D. Zhuridov, arXiv:1304.4870 (2013)"

    m: Scalar = parameter("m", "eV", low=0.0, high=10.0)

    def low_energy(self) -> LowEnergy:
        """The light-neutrino mass matrix."""
        return LowEnergy(Neutrinos(self.m * (jnp.ones((3, 3)) - jnp.eye(3))))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Log-uniform over all that oscillations and beta decay leave open."""
        return {"m": dist.LogUniform(1e-3, 1.0)}

    @classmethod
    def benchmark(cls) -> Self:
        """The middle of the paper's range, 0.026 to 0.030 eV."""
        return cls(0.028)
