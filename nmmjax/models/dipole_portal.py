"""A heavy neutral lepton to which neutrinos have a transition moment: the dipole portal."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import _checks
from nmmjax.low_energy import HeavyLepton, LowEnergy
from nmmjax.models._base import ComplexScalar, Model, Scalar
from nmmjax.models.three_flavor import ThreeFlavor, given_or_benchmark
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.quantities import Quantity


class DipolePortal(Model):
    """L = (1/2) sum_a mu_a antinu_aL sigma^{mn} N_R F_mn + h.c. with N of mass m_N.

    Masses and mixing of the light neutrinos are those of `origin`; N does not mix with them. Recoils in XENON, Borexino
    and COHERENT see N; limits that are published for moments of light neutrinos (reactors, stars, cosmology) do not.
    """

    reference: ClassVar[str] = (
        "G. Magill, R. Plestid, M. Pospelov and Y.-D. Tsai, Phys. Rev. D 98, 115015 (2018), 1803.03262; "
        "S. Jana and Y. Porto, 2404.17555"
    )
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "mass": Quantity("m_N", "MeV", low=0.0, high=1e7),
        "mu_e": Quantity(r"\mu_e", "mu_B"),
        "mu_mu": Quantity(r"\mu_\mu", "mu_B"),
        "mu_tau": Quantity(r"\mu_\tau", "mu_B"),
        "moment": Quantity(r"\mu", "mu_B", low=0.0, high=1.0),
        "log10_mass": Quantity(r"\log_{10} (m_N / {\rm MeV})", low=-6.0, high=7.0),
        "log10_moment": Quantity(r"\log_{10} (\mu / \mu_B)", low=-20.0, high=0.0),
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "mass": Quantity("m_N", "MeV"),
        "moment": Quantity(r"|\mu|", "mu_B"),
    }

    mass: Float[Array, ""]
    mu_e: Complex[Array, ""]
    mu_mu: Complex[Array, ""]
    mu_tau: Complex[Array, ""]
    origin: ThreeFlavor

    def __init__(
        self,
        mass: Scalar,
        mu_e: ComplexScalar = 0.0,
        mu_mu: ComplexScalar = 0.0,
        mu_tau: ComplexScalar = 0.0,
        *,
        origin: ThreeFlavor | None = None,
    ):
        self.check_domain(mass=mass)
        for name, value in (("mu_e", mu_e), ("mu_mu", mu_mu), ("mu_tau", mu_tau)):
            _checks.check_finite(name, value)
        self.mass = jnp.asarray(mass)
        self.mu_e, self.mu_mu, self.mu_tau = (jnp.asarray(mu) + 0j for mu in (mu_e, mu_mu, mu_tau))
        self.origin = given_or_benchmark(origin)

    @classmethod
    def universal(cls, mass: Scalar, moment: Scalar, *, origin: ThreeFlavor | None = None) -> Self:
        """One moment for all flavors."""
        cls.check_domain(moment=moment)
        return cls(mass, moment, moment, moment, origin=origin)

    @classmethod
    def from_logarithms(cls, log10_mass: Scalar, log10_moment: Scalar, *, origin: ThreeFlavor | None = None) -> Self:
        """The same in other coordinates."""
        cls.check_domain(log10_mass=log10_mass, log10_moment=log10_moment)
        return cls.universal(10.0 ** jnp.asarray(log10_mass), 10.0 ** jnp.asarray(log10_moment), origin=origin)

    def low_energy(self) -> LowEnergy:
        """Light neutrinos of `origin`, and N."""
        heavy = HeavyLepton(self.mass, jnp.stack([self.mu_e, self.mu_mu, self.mu_tau]))
        return LowEnergy(self.origin.low_energy().neutrinos, heavy_lepton=heavy)

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Mass, and the root of the mean of |mu_a|^2."""
        squares = modulus_squared(jnp.stack([self.mu_e, self.mu_mu, self.mu_tau]))
        return {"mass": self.mass, "moment": safe_sqrt(jnp.mean(squares))}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_logarithms`: orders of magnitude that recoils can see."""
        return {"log10_mass": dist.Uniform(-3.0, 2.0), "log10_moment": dist.Uniform(-12.0, -6.0)}

    @classmethod
    def benchmark(cls) -> Self:
        """1 MeV and 1e-9 mu_B for all flavors."""
        return cls.from_logarithms(0.0, -9.0)
