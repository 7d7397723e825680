"""A horizontal SU(3) of the three families: moments are a vector, masses a sextet."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import ClassVar, Self

import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, Model, transition_moments
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.parameters import ComplexScalar, Scalar, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark


class SU3Horizontal(Model):
    """3 x 3 = 3*_A + 6_S: a moment lambda_ab = mu epsilon_abc n_c from what breaks the symmetry as a triplet.

    Masses need a sextet: without one the moments come with none, and `origin` gives those of oscillations. n is a
    complex vector whose length `scale` absorbs; the papers give no loop for `scale`.
    """

    reference: ClassVar[str] = "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, 2007.04291"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    scale: Scalar = parameter(r"\mu", "mu_B", low=0.0, high=1e-6)
    n_e: ComplexScalar = parameter("n_e")
    n_mu: ComplexScalar = parameter(r"n_\mu")
    n_tau: ComplexScalar = parameter(r"n_\tau")
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """lambda_emu = mu n_tau, lambda_mutau = mu n_e, lambda_taue = mu n_mu."""
        direction = antisymmetric(self.n_tau, -self.n_mu, self.n_e)
        M = self.origin.mass_matrix()
        return LowEnergy(Neutrinos(M, moments.w_loop_majorana(M) + self.scale * direction))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The three moments."""
        return transition_moments(self.low_energy())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Real n, normal in each direction; the scale up to the reach of reactors."""
        direction = {name: dist.Normal(0.0, 1.0) for name in ("n_e", "n_mu", "n_tau")}
        return {"scale": dist.LogUniform(1e-14, 1e-10)} | direction

    @classmethod
    def benchmark(cls) -> Self:
        """Along tau: the moment of SU(2) of e and mu."""
        return cls(1e-11, 0.0, 0.0, 1.0)
