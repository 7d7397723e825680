"""Seesaw with L_e - L_mu - L_tau and a two-loop mass splitting: three parameters, a, r and b."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import EV_PER_GEV, PDG_2026, Constants
from nmmjax.loops import two_loop
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity

_TWO_LOOPS = (16.0 * math.pi**2) ** 2
AtmosphericMass = Annotated[Scalar, parameter("m_0", "eV", low=0.0, high=10.0)]
SolarSplitting = Annotated[Scalar, parameter(r"\Delta m^2_\odot", "eV^2", low=0.0, high=1.0)]


class GrimusLavoura(Model):
    """Seesaw with a two-loop mass splitting: U_e3 = 0, inverted ordering with m_3 = 0, maximal solar mixing.

    M_nu = [[a, r b, b], [r b, 0, 0], [b, 0, 0]], equation (14) of the paper: r b and b come from the seesaw, a from
    Babu's two-loop diagram. The two scales behind a and b follow with two assumptions, which are fields: `coupling` =
    |lambda f_tau^2 h_tautau|, for scalars of one mass m_h = m_f = <eta>, and one Dirac mass m_D = delta_e = delta_tau.
    They are those of `GrimusLavouraCouplings`; the paper estimates them by orders of magnitude.
    """

    reference: ClassVar[str] = "W. Grimus, L. Lavoura, Phys. Rev. D 62, 093012 (2000), hep-ph/0007011"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "a": Quantity("a", "eV"),
        "b": Quantity("b", "eV"),
        "scalar_mass": Quantity("m_h", "GeV"),
        "seesaw_scale": Quantity("M", "GeV"),
    }

    a: Scalar = parameter("a", "eV", low=0.0, high=10.0)
    r: Scalar = parameter("r", low=0.0, high=1e3)
    b: Scalar = parameter("b", "eV", low=0.0, high=10.0)
    _: KW_ONLY
    coupling: Scalar = parameter(r"|\lambda f_\tau^2 h_{\tau\tau}|", low=0.0, high=100.0, default=1.0)
    dirac_mass: Scalar = parameter("m_D", "GeV", low=0.0, high=200.0, default=PDG_2026.tau_mass)

    @classmethod
    @constructor(instead_of=("a", "b"))
    def from_splittings(cls, m0: AtmosphericMass, r: Scalar, dm21: SolarSplitting, **others: Any) -> Self:
        """From m_0 = b sqrt(1 + r^2) and the solar splitting 2 a sqrt(m_0^2 + a^2 / 4).

        Data fix these two, and a and b only in combination with r: a sampler walks here, where the posterior is a
        product. For a << m_0 the change of variables (ln a, ln b, ln r) -> (ln dm21, ln m_0, ln r) has unit Jacobian.
        """
        a = dm21 / jnp.sqrt(2.0 * m0**2 + jnp.sqrt(4.0 * m0**4 + dm21**2))
        return cls(a, r, m0 / jnp.sqrt(1.0 + r**2), **others)

    def low_energy(self) -> LowEnergy:
        """The light-neutrino mass matrix, equation (14)."""
        a, rb, b, zero = self.a, self.r * self.b, self.b, 0.0
        return LowEnergy(Neutrinos(jnp.array([[a, rb, b], [rb, zero, zero], [b, zero, zero]])))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """a, b and the scales m_h (`scalar_mass`) and M = m_D^2 / b."""
        return {
            "a": self.a,
            "b": self.b,
            "scalar_mass": scalar_mass(self.a, self.coupling),
            "seesaw_scale": self.dirac_mass**2 / self.b * EV_PER_GEV,
        }

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Log-uniform over the orders of magnitude that the paper considers."""
        return {"a": dist.LogUniform(1e-12, 1e-6), "r": dist.LogUniform(0.2, 5.0), "b": dist.LogUniform(1e-3, 1.0)}

    @classmethod
    def benchmark(cls) -> Self:
        """The paper's estimates, equation (23), with a and b from its equations (19) and (22)."""
        dm2_atm, dm2_sun = 3.2e-3, 1e-10
        return cls(dm2_sun / (2.0 * math.sqrt(dm2_atm)), 1.0, math.sqrt(dm2_atm / 2.0))


@public
def scalar_mass(a: Scalar, coupling: Scalar, constants: Constants = PDG_2026) -> Float[Array, ""]:
    """m_h = m_f = <eta> [GeV] from a = 4 T |lambda f_tau^2 h_tautau| m_tau^2 / ((16 pi^2)^2 m_h), a in eV.

    T = `two_loop.massless(1)`, so 4 T = 7.5; the paper's (24) leaves it out. Corrections are of the order of
    m_tau^2 / m_h^2. Infinite for a = 0.
    """
    _checks.check_range("a", a, low=0.0, unit="eV")
    loop = 4.0 * two_loop.massless(1.0)
    return jnp.asarray(coupling) * loop * constants.tau_mass**2 / (_TWO_LOOPS * a) * EV_PER_GEV
