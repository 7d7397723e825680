"""Neutrinos with electric charges."""

from dataclasses import KW_ONLY
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, parameter
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark


class Millicharges(Model):
    """Dirac neutrinos with charges q_a of the three flavors [e], far below one. Masses are those of `origin`,
    whatever its nature.

    Their cross section on a particle at rest goes like 1 / T^2, and interferes with the weak one.
    """

    reference: ClassVar[str] = "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), 1403.6344"

    q_e: Scalar = parameter(r"q_{\nu_e}", "e", low=-1e-6, high=1e-6, default=0.0)
    q_mu: Scalar = parameter(r"q_{\nu_\mu}", "e", low=-1e-6, high=1e-6, default=0.0)
    q_tau: Scalar = parameter(r"q_{\nu_\tau}", "e", low=-1e-6, high=1e-6, default=0.0)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """The charges on the diagonal of flavor."""
        diagonal = jnp.diag(jnp.stack([self.q_e, self.q_mu, self.q_tau]))
        return LowEnergy(Neutrinos(self.origin.mass_matrix(), nature=Dirac(), millicharge=diagonal))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of either sign, up to the reach of reactors."""
        return {name: dist.Uniform(-1e-11, 1e-11) for name in cls.parameters}

    @classmethod
    def benchmark(cls) -> Self:
        """What reactors bound."""
        return cls(1e-12)
