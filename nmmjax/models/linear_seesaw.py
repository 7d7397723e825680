"""The linear seesaw: light masses linear in the Dirac masses."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax.constants import EV_PER_GEV
from nmmjax.models import _charged_currents, _pseudo_dirac
from nmmjax.models._pseudo_dirac import DiracCouplings, PseudoDirac, Rotated
from nmmjax.models._seesaw import SCALES
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.numerics.special import modulus_squared
from nmmjax.parameters import ComplexScalar, Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, Sin2

_AEMu = Annotated[ComplexScalar, parameter(r"A_{e\mu}", "eV")]
_AETau = Annotated[ComplexScalar, parameter(r"A_{e\tau}", "eV")]
_AMuTau = Annotated[ComplexScalar, parameter(r"A_{\mu\tau}", "eV")]


class LinearSeesaw(PseudoDirac):
    """[[0, m_D^T, m_L^T], [m_D, 0, M_R], [m_L, M_R^T, 0]] in the basis (nu, N^c, S), with M_R = diag(M_1, M_2, M_3).

        m_D = Y v / sqrt(2),    M = -[m_D^T (M_R^T)^-1 m_L + transpose].

    Fields: `yukawa` Y (3, 3), rows N and columns flavors; `m_l` = m_L [eV] (3, 3), rows S and columns flavors; m_1,
    m_2, m_3 [GeV]. Lepton number is conserved for m_L = 0; charged leptons as in the inverse seesaw.
    """

    reference: ClassVar[str] = "M. Malinsky, J. C. Romao, J. W. F. Valle, Phys. Rev. Lett. 95, 161801 (2005)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "largest_m_l": Quantity(r"\max |m_L|", "eV"),
        **SCALES,
        **_charged_currents.RADIATIVE_DECAY,
    }

    m_l: Complex[Array, "3 3"] = parameter("m_L", "eV")

    @classmethod
    @constructor()
    def from_oscillations(
        cls,
        light: Sin2,
        dirac: Rotated,
        *,
        a_emu: _AEMu = 0.0,
        a_etau: _AETau = 0.0,
        a_mutau: _AMuTau = 0.0,
        m_1: Scalar,
        m_2: Scalar,
        m_3: Scalar,
    ) -> Self:
        """The m_L that give these masses, angles and phases: m_L = -(1/2) M_R^T (m_D^T)^-1 (M + A).

        A (`a_emu`, `a_etau`, `a_mutau` [eV]) is any antisymmetric matrix, which M does not fix. Y as in
        `InverseSeesaw.from_oscillations`.
        """
        A = antisymmetric(*(jnp.asarray(a) + 0j for a in (a_emu, a_etau, a_mutau)))
        m_l = -0.5 * dirac.inverse(jnp.stack([m_1, m_2, m_3])) @ (light.mass_matrix() + A)
        return cls(dirac.yukawa(), m_l, m_1=m_1, m_2=m_2, m_3=m_3)

    def violation(self) -> tuple[Complex[Array, "3 3"], Complex[Array, "3 3"]]:
        """m_L [GeV] and mu_S = 0."""
        return self.m_l / EV_PER_GEV, jnp.zeros_like(self.m_l)

    def derived(self) -> dict[str, Float[Array, ""]]:
        """How far lepton number and flavor are violated."""
        found = {"largest_m_l": jnp.sqrt(jnp.max(modulus_squared(self.m_l)))}
        return found | self.scales() | _charged_currents.radiative_decay(self.charged_leptons())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`, with A = 0."""
        return _pseudo_dirac.default_priors()

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; pairs of some TeV."""
        light, dirac = LightNeutrinos.with_small_mass(), DiracCouplings.benchmark()
        free = {"a_emu": 0.01, "a_etau": 0.02, "a_mutau": -0.01}
        return cls.from_oscillations(light, dirac, m_1=4e3, m_2=5e3, m_3=6e3, **free)
