"""Charge radii of neutrinos beyond those of the Standard Model."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model, Scalar
from nmmjax.models.three_flavor import ThreeFlavor, given_or_benchmark
from nmmjax.quantities import Quantity


class ChargeRadii(Model):
    """<r^2>_a of the three flavors, anapoles included, added to what the loops of W and charged leptons make.

    Recoils see g_V + (2/3) M_W^2 sin^2 theta_W <r^2>. Masses and nature are those of `origin`.
    """

    reference: ClassVar[str] = "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), 1403.6344"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "r2_e": Quantity(r"\langle r^2_e\rangle", "cm^2", low=-1e-26, high=1e-26),
        "r2_mu": Quantity(r"\langle r^2_\mu\rangle", "cm^2", low=-1e-26, high=1e-26),
        "r2_tau": Quantity(r"\langle r^2_\tau\rangle", "cm^2", low=-1e-26, high=1e-26),
    }

    r2_e: Float[Array, ""]
    r2_mu: Float[Array, ""]
    r2_tau: Float[Array, ""]
    origin: ThreeFlavor

    def __init__(
        self, r2_e: Scalar = 0.0, r2_mu: Scalar = 0.0, r2_tau: Scalar = 0.0, *, origin: ThreeFlavor | None = None
    ):
        self.check_domain(r2_e=r2_e, r2_mu=r2_mu, r2_tau=r2_tau)
        self.r2_e, self.r2_mu, self.r2_tau = map(jnp.asarray, (r2_e, r2_mu, r2_tau))
        self.origin = given_or_benchmark(origin)

    def low_energy(self) -> LowEnergy:
        """The radii on the diagonal of flavor."""
        diagonal = jnp.diag(jnp.stack([self.r2_e, self.r2_mu, self.r2_tau]))
        light = self.origin.low_energy().neutrinos
        return LowEnergy(Neutrinos(light.mass_matrix, nature=light.nature, charge_radius=diagonal))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of either sign, up to the reach of elastic scattering."""
        return {name: dist.Uniform(-1e-31, 1e-31) for name in cls.parameters}

    @classmethod
    def benchmark(cls) -> Self:
        """The upper end for nu_e of elastic scattering on electrons."""
        return cls(6.6e-32)
