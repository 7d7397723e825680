"""The inverse seesaw: light masses from a small Majorana mass of singlets S."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks
from nmmjax.models import _charged_currents, _oscillations, _pseudo_dirac
from nmmjax.models._base import Scalar
from nmmjax.models._oscillations import EV_PER_GEV
from nmmjax.models._pseudo_dirac import PseudoDirac
from nmmjax.models._seesaw import SCALES, coupling_matrix
from nmmjax.numerics.special import modulus_squared
from nmmjax.ordering import Ordering
from nmmjax.quantities import Quantity


class InverseSeesaw(PseudoDirac):
    """[[0, m_D^T, 0], [m_D, 0, M_R], [0, M_R^T, mu_S]] in the basis (nu, N^c, S), with M_R = diag(M_1, M_2, M_3).

        m_D = Y v / sqrt(2),    M = m_D^T (M_R^T)^-1 mu_S M_R^-1 m_D.

    Fields: `yukawa` Y (3, 3), rows N and columns flavors; `mu_s` [eV], symmetric (3, 3); m_1, m_2, m_3 [GeV]. Lepton
    number is conserved for mu_S = 0, so that Y may be of order one at M_R of a TeV: the loop of the W gives l -> l'
    gamma from Theta = m_D^dagger M_R^-1.
    """

    reference: ClassVar[str] = "R. N. Mohapatra, J. W. F. Valle, Phys. Rev. D 34, 1642 (1986)"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "mu_s": Quantity(r"\mu_S", "eV"),
        **_pseudo_dirac.PARAMETERS,
        **_oscillations.PARAMETERS,
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "largest_mu_s": Quantity(r"\max |\mu_S|", "eV"),
        **SCALES,
        **_charged_currents.RADIATIVE_DECAY,
    }

    yukawa: Complex[Array, "3 3"]
    mu_s: Complex[Array, "3 3"]
    m_1: Float[Array, ""]
    m_2: Float[Array, ""]
    m_3: Float[Array, ""]

    def __init__(self, yukawa: Num[Array, "3 3"], mu_s: Num[Array, "3 3"], *, m_1: Scalar, m_2: Scalar, m_3: Scalar):
        self.yukawa, self.mu_s = coupling_matrix("yukawa", yukawa), coupling_matrix("mu_s", mu_s)
        _checks.check_symmetric("mu_s", mu_s)
        self.m_1, self.m_2, self.m_3 = map(jnp.asarray, (m_1, m_2, m_3))
        self.check_domain(m_1=m_1, m_2=m_2, m_3=m_3)

    @classmethod
    def from_oscillations(
        cls,
        dm21: Scalar,
        dm3l: Scalar,
        *,
        sin2_theta12: Scalar,
        sin2_theta13: Scalar,
        sin2_theta23: Scalar,
        delta_cp: Scalar,
        alpha21: Scalar = 0.0,
        alpha31: Scalar = 0.0,
        lightest_mass: Scalar = 0.0,
        y_1: Scalar,
        y_2: Scalar,
        y_3: Scalar,
        omega12: Scalar = 0.0,
        omega13: Scalar = 0.0,
        omega23: Scalar = 0.0,
        omega_phase: Scalar = 0.0,
        m_1: Scalar,
        m_2: Scalar,
        m_3: Scalar,
        ordering: Ordering | None = None,
    ) -> Self:
        """The mu_S that gives these masses, angles and phases: mu_S = M_R^T (m_D^T)^-1 M m_D^-1 M_R.

        Y = diag(y_1, y_2, y_3) V^dagger, V = R23 R13(omega_phase) R12 of the angles omega: without these flavor changes
        by mu_S only, and charged leptons do not see it. A rotation of N, which a general Y has besides, is left out.
        """
        angles, phases = (sin2_theta12, sin2_theta13, sin2_theta23), (delta_cp, alpha21, alpha31)
        light = _oscillations.light_neutrinos((dm21, dm3l), angles, phases, lightest_mass, ordering)
        rotation = (omega12, omega13, omega23, omega_phase)
        dirac = _pseudo_dirac.dirac((y_1, y_2, y_3), (m_1, m_2, m_3), rotation)
        mu_s = EV_PER_GEV * dirac.inverse @ _oscillations.mass_matrix(light) @ dirac.inverse.T
        return cls(dirac.yukawa, 0.5 * (mu_s + mu_s.T), m_1=m_1, m_2=m_2, m_3=m_3)

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
        return {**_oscillations.default_priors(), **_pseudo_dirac.default_priors()}

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; pairs of some TeV."""
        heavy: dict[str, Any] = {"m_1": 4e3, "m_2": 5e3, "m_3": 6e3}
        return cls.from_oscillations(**_oscillations.BENCHMARK, **_pseudo_dirac.ROTATED, **heavy)
