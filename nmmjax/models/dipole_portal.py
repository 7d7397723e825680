"""A heavy neutral lepton to which neutrinos have a transition moment: the dipole portal."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import HeavyLepton, LowEnergy
from nmmjax.models._base import Model
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.parameters import ComplexScalar, Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark

_Moment = Annotated[Scalar, parameter(r"\mu", "mu_B", low=0.0, high=1.0)]
_Log10Mass = Annotated[Scalar, parameter(r"\log_{10} (m_N / {\rm MeV})", low=-6.0, high=7.0)]
_Log10Moment = Annotated[Scalar, parameter(r"\log_{10} (\mu / \mu_B)", low=-20.0, high=0.0)]


class DipolePortal(Model):
    """L = (1/2) sum_a mu_a antinu_aL sigma^{mn} N_R F_mn + h.c. with N of mass m_N.

    Masses and mixing of the light neutrinos are those of `origin`; N does not mix with them. Recoils in XENON, Borexino
    and COHERENT see N, and MiniBooNE sees its decays; limits that are published for moments of light neutrinos
    (reactors, stars, cosmology) do not.
    """

    reference: ClassVar[str] = (
        "G. Magill, R. Plestid, M. Pospelov and Y.-D. Tsai, Phys. Rev. D 98, 115015 (2018), 1803.03262; "
        "S. Jana and Y. Porto, 2404.17555"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "mass": Quantity("m_N", "MeV"),
        "moment": Quantity(r"|\mu|", "mu_B"),
    }

    mass: Scalar = parameter("m_N", "MeV", low=0.0, high=1e7)
    mu_e: ComplexScalar = parameter(r"\mu_e", "mu_B", default=0.0)
    mu_mu: ComplexScalar = parameter(r"\mu_\mu", "mu_B", default=0.0)
    mu_tau: ComplexScalar = parameter(r"\mu_\tau", "mu_B", default=0.0)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=("mu_e", "mu_mu", "mu_tau"))
    def universal(cls, mass: Scalar, moment: _Moment, **others: Any) -> Self:
        """One moment for all flavors."""
        return cls(mass, moment, moment, moment, **others)

    @classmethod
    @constructor(instead_of=("mass", "mu_e", "mu_mu", "mu_tau"))
    def from_logarithms(cls, log10_mass: _Log10Mass, log10_moment: _Log10Moment, **others: Any) -> Self:
        """From decimal logarithms of the mass [MeV] and of one moment [mu_B] for all flavors."""
        return cls.universal(10.0**log10_mass, 10.0**log10_moment, **others)

    def low_energy(self) -> LowEnergy:
        """Light neutrinos of `origin`, and N."""
        heavy = HeavyLepton(self.mass, jnp.stack([self.mu_e, self.mu_mu, self.mu_tau]))
        return LowEnergy(self.origin.neutrinos(), heavy_lepton=heavy)

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Mass, and the root of the mean of |mu_a|^2."""
        squares = modulus_squared(jnp.stack([self.mu_e, self.mu_mu, self.mu_tau]))
        return {"mass": jnp.asarray(self.mass), "moment": safe_sqrt(jnp.mean(squares))}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_logarithms`: orders of magnitude that recoils can see."""
        return {"log10_mass": dist.Uniform(-3.0, 2.0), "log10_moment": dist.Uniform(-12.0, -6.0)}

    @classmethod
    def benchmark(cls) -> Self:
        """1 MeV and 1e-9 mu_B for all flavors."""
        return cls.from_logarithms(0.0, -9.0)
