"""Charge radii of neutrinos beyond those of the Standard Model."""

from dataclasses import KW_ONLY
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, parameter
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark


class ChargeRadii(Model):
    """<r^2>_a of the three flavors, anapoles included, added to what the loops of W and charged leptons make.

    Recoils see g_V + (2/3) M_W^2 sin^2 theta_W <r^2>. Masses and nature are those of `origin`.
    """

    reference: ClassVar[str] = "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), 1403.6344"

    r2_e: Scalar = parameter(r"\langle r^2_e\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    r2_mu: Scalar = parameter(r"\langle r^2_\mu\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    r2_tau: Scalar = parameter(r"\langle r^2_\tau\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """The radii on the diagonal of flavor."""
        diagonal = jnp.diag(jnp.stack([self.r2_e, self.r2_mu, self.r2_tau]))
        return LowEnergy(Neutrinos(self.origin.mass_matrix(), nature=self.origin.nature, charge_radius=diagonal))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of either sign, up to the reach of elastic scattering."""
        return {name: dist.Uniform(-1e-31, 1e-31) for name in cls.parameters}

    @classmethod
    def benchmark(cls) -> Self:
        """The upper end for nu_e of elastic scattering on electrons."""
        return cls(6.6e-32)
