"""The inverse seesaw: light masses from a small Majorana mass of singlets S."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax._checks import check_symmetric
from nmmjax.constants import EV_PER_GEV
from nmmjax.models import _charged_currents, _pseudo_dirac
from nmmjax.models._pseudo_dirac import DiracCouplings, PseudoDirac, Rotated
from nmmjax.models._seesaw import SCALES
from nmmjax.numerics.special import modulus_squared
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, Sin2


class InverseSeesaw(PseudoDirac):
    """[[0, m_D^T, 0], [m_D, 0, M_R], [0, M_R^T, mu_S]] in the basis (nu, N^c, S), with M_R = diag(M_1, M_2, M_3).

        m_D = Y v / sqrt(2),    M = m_D^T (M_R^T)^-1 mu_S M_R^-1 m_D.

    Fields: `yukawa` Y (3, 3), rows N and columns flavors; `mu_s` [eV], symmetric (3, 3); m_1, m_2, m_3 [GeV]. Lepton
    number is conserved for mu_S = 0, so that Y may be of order one at M_R of a TeV: the loop of the W gives l -> l'
    gamma from Theta = m_D^dagger M_R^-1.
    """

    reference: ClassVar[str] = "R. N. Mohapatra, J. W. F. Valle, Phys. Rev. D 34, 1642 (1986)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "largest_mu_s": Quantity(r"\max |\mu_S|", "eV"),
        **SCALES,
        **_charged_currents.RADIATIVE_DECAY,
    }

    mu_s: Complex[Array, "3 3"] = parameter(r"\mu_S", "eV", check=check_symmetric)

    @classmethod
    @constructor()
    def from_oscillations(cls, light: Sin2, dirac: Rotated, *, m_1: Scalar, m_2: Scalar, m_3: Scalar) -> Self:
        """The mu_S that gives these masses, angles and phases: mu_S = M_R^T (m_D^T)^-1 M m_D^-1 M_R.

        Y = diag(y_1, y_2, y_3) V^dagger, V = R23 R13(omega_phase) R12 of the angles omega: without these flavor changes
        by mu_S only, and charged leptons do not see it. A rotation of N, which a general Y has besides, is left out.
        """
        inverse = dirac.inverse(jnp.stack([m_1, m_2, m_3]))
        mu_s = inverse @ light.mass_matrix() @ inverse.T
        return cls(dirac.yukawa(), 0.5 * (mu_s + mu_s.T), m_1=m_1, m_2=m_2, m_3=m_3)

    def violation(self) -> tuple[Complex[Array, "3 3"], Complex[Array, "3 3"]]:
        """m_L = 0 and mu_S [GeV]."""
        return jnp.zeros_like(self.mu_s), self.mu_s / EV_PER_GEV

    def derived(self) -> dict[str, Float[Array, ""]]:
        """How far lepton number and flavor are violated."""
        found = {"largest_mu_s": jnp.sqrt(jnp.max(modulus_squared(self.mu_s)))}
        return found | self.scales() | _charged_currents.radiative_decay(self.charged_leptons())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`."""
        return _pseudo_dirac.default_priors()

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; pairs of some TeV."""
        light, dirac = LightNeutrinos.with_small_mass(), DiracCouplings.benchmark()
        return cls.from_oscillations(light, dirac, m_1=4e3, m_2=5e3, m_3=6e3)
