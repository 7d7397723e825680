"""One moment for all neutrinos, whatever makes it: what experiments quote as mu_nu."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark


class UniversalMoment(Model):
    """Dirac neutrinos with lambda = mu 1 beside the loop of W: every state scatters with mu_eff = mu.

    Masses are those of `origin`.
    """

    reference: ClassVar[str] = "P. Vogel and J. Engel, Phys. Rev. D 39, 3378 (1989)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {"moment_squared": Quantity(r"\mu_\nu^2", "mu_B^2")}

    moment: Scalar = parameter(r"\mu_\nu", "mu_B", low=0.0, high=1e-6)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """The moment in the basis of the right-handed states in which M has its rows."""
        M = self.origin.mass_matrix()
        return LowEnergy(Neutrinos(M, moments.w_loop_dirac(M) + self.moment * jnp.eye(3), Dirac()))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The square of the moment, in which rates are linear."""
        return {"moment_squared": jnp.asarray(self.moment) ** 2}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Up to the reach of reactors."""
        return {"moment": dist.Uniform(0.0, 1e-10)}

    @classmethod
    def benchmark(cls) -> Self:
        """The middle of what XENON1T read out of its excess."""
        return cls(2.2e-11)
