"""A horizontal SU(3) of the three families: moments are a vector, masses a sextet."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import moments
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, ComplexScalar, Model, Scalar, transition_moments
from nmmjax.models.three_flavor import ThreeFlavor, given_or_benchmark
from nmmjax.numerics.entries import antisymmetric
from nmmjax.quantities import Quantity


class SU3Horizontal(Model):
    """3 x 3 = 3*_A + 6_S: a moment lambda_ab = mu epsilon_abc n_c from what breaks the symmetry as a triplet.

    Masses need a sextet: without one the moments come with none, and `origin` gives those of oscillations. n is a
    complex vector whose length `scale` absorbs; the papers give no loop for `scale`.
    """

    reference: ClassVar[str] = "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, 2007.04291"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "scale": Quantity(r"\mu", "mu_B", low=0.0, high=1e-6),
        "n_e": Quantity("n_e"),
        "n_mu": Quantity(r"n_\mu"),
        "n_tau": Quantity(r"n_\tau"),
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    scale: Float[Array, ""]
    n_e: Complex[Array, ""]
    n_mu: Complex[Array, ""]
    n_tau: Complex[Array, ""]
    origin: ThreeFlavor

    def __init__(
        self,
        scale: Scalar,
        n_e: ComplexScalar,
        n_mu: ComplexScalar,
        n_tau: ComplexScalar,
        *,
        origin: ThreeFlavor | None = None,
    ):
        self.scale = jnp.asarray(scale)
        self.n_e, self.n_mu, self.n_tau = (jnp.asarray(n) + 0j for n in (n_e, n_mu, n_tau))
        self.origin = given_or_benchmark(origin)
        self.check_domain(scale=scale)

    def low_energy(self) -> LowEnergy:
        """lambda_emu = mu n_tau, lambda_mutau = mu n_e, lambda_taue = mu n_mu."""
        direction = antisymmetric(self.n_tau, -self.n_mu, self.n_e)
        M = self.origin.low_energy().neutrinos.mass_matrix
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
