"""Neutrinos with electric charges."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models._base import Model, Scalar
from nmmjax.models.three_flavor import ThreeFlavor, given_or_benchmark
from nmmjax.quantities import Quantity


class Millicharges(Model):
    """Dirac neutrinos with charges q_a of the three flavors [e], far below one. Masses are those of `origin`,
    whatever its nature.

    Their cross section on a particle at rest goes like 1 / T^2, and interferes with the weak one.
    """

    reference: ClassVar[str] = "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), 1403.6344"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "q_e": Quantity(r"q_{\nu_e}", "e", low=-1e-6, high=1e-6),
        "q_mu": Quantity(r"q_{\nu_\mu}", "e", low=-1e-6, high=1e-6),
        "q_tau": Quantity(r"q_{\nu_\tau}", "e", low=-1e-6, high=1e-6),
    }

    q_e: Float[Array, ""]
    q_mu: Float[Array, ""]
    q_tau: Float[Array, ""]
    origin: ThreeFlavor

    def __init__(
        self, q_e: Scalar = 0.0, q_mu: Scalar = 0.0, q_tau: Scalar = 0.0, *, origin: ThreeFlavor | None = None
    ):
        self.check_domain(q_e=q_e, q_mu=q_mu, q_tau=q_tau)
        self.q_e, self.q_mu, self.q_tau = map(jnp.asarray, (q_e, q_mu, q_tau))
        self.origin = given_or_benchmark(origin)

    def low_energy(self) -> LowEnergy:
        """The charges on the diagonal of flavor."""
        diagonal = jnp.diag(jnp.stack([self.q_e, self.q_mu, self.q_tau]))
        M = self.origin.low_energy().neutrinos.mass_matrix
        return LowEnergy(Neutrinos(M, nature=Dirac(), millicharge=diagonal))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of either sign, up to the reach of reactors."""
        return {name: dist.Uniform(-1e-11, 1e-11) for name in cls.parameters}

    @classmethod
    def benchmark(cls) -> Self:
        """What reactors bound."""
        return cls(1e-12)
