"""The linear seesaw: light masses linear in the Dirac masses."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float, Num

from nmmjax.models import _charged_currents, _oscillations, _pseudo_dirac
from nmmjax.models._base import ComplexScalar, Scalar
from nmmjax.models._oscillations import EV_PER_GEV
from nmmjax.models._pseudo_dirac import PseudoDirac
from nmmjax.models._seesaw import SCALES, coupling_matrix
from nmmjax.numerics.entries import antisymmetric
from nmmjax.numerics.special import modulus_squared
from nmmjax.ordering import Ordering
from nmmjax.quantities import Quantity


class LinearSeesaw(PseudoDirac):
    """[[0, m_D^T, m_L^T], [m_D, 0, M_R], [m_L, M_R^T, 0]] in the basis (nu, N^c, S), with M_R = diag(M_1, M_2, M_3).

        m_D = Y v / sqrt(2),    M = -[m_D^T (M_R^T)^-1 m_L + transpose].

    Fields: `yukawa` Y (3, 3), rows N and columns flavors; `m_l` = m_L [eV] (3, 3), rows S and columns flavors; m_1,
    m_2, m_3 [GeV]. Lepton number is conserved for m_L = 0; charged leptons as in the inverse seesaw.
    """

    reference: ClassVar[str] = "M. Malinsky, J. C. Romao, J. W. F. Valle, Phys. Rev. Lett. 95, 161801 (2005)"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "m_l": Quantity("m_L", "eV"),
        "a_emu": Quantity(r"A_{e\mu}", "eV"),
        "a_etau": Quantity(r"A_{e\tau}", "eV"),
        "a_mutau": Quantity(r"A_{\mu\tau}", "eV"),
        **_pseudo_dirac.PARAMETERS,
        **_oscillations.PARAMETERS,
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "largest_m_l": Quantity(r"\max |m_L|", "eV"),
        **SCALES,
        **_charged_currents.RADIATIVE_DECAY,
    }

    yukawa: Complex[Array, "3 3"]
    m_l: Complex[Array, "3 3"]
    m_1: Float[Array, ""]
    m_2: Float[Array, ""]
    m_3: Float[Array, ""]

    def __init__(self, yukawa: Num[Array, "3 3"], m_l: Num[Array, "3 3"], *, m_1: Scalar, m_2: Scalar, m_3: Scalar):
        self.yukawa, self.m_l = coupling_matrix("yukawa", yukawa), coupling_matrix("m_l", m_l)
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
        a_emu: ComplexScalar = 0.0,
        a_etau: ComplexScalar = 0.0,
        a_mutau: ComplexScalar = 0.0,
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
        """The m_L that give these masses, angles and phases: m_L = -(1/2) M_R^T (m_D^T)^-1 (M + A).

        A (`a_emu`, `a_etau`, `a_mutau` [eV]) is any antisymmetric matrix, which M does not fix. Y as in
        `InverseSeesaw.from_oscillations`.
        """
        angles, phases = (sin2_theta12, sin2_theta13, sin2_theta23), (delta_cp, alpha21, alpha31)
        light = _oscillations.light_neutrinos((dm21, dm3l), angles, phases, lightest_mass, ordering)
        rotation = (omega12, omega13, omega23, omega_phase)
        dirac = _pseudo_dirac.dirac((y_1, y_2, y_3), (m_1, m_2, m_3), rotation)
        a, b, c = (jnp.asarray(value) + 0j for value in (a_emu, a_etau, a_mutau))
        A = antisymmetric(a, b, c)
        m_l = -0.5 * dirac.inverse @ (EV_PER_GEV * _oscillations.mass_matrix(light) + A)
        return cls(dirac.yukawa, m_l, m_1=m_1, m_2=m_2, m_3=m_3)

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
        return {**_oscillations.default_priors(), **_pseudo_dirac.default_priors()}

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; pairs of some TeV."""
        heavy: dict[str, Any] = {"m_1": 4e3, "m_2": 5e3, "m_3": 6e3, "a_emu": 0.01, "a_etau": 0.02, "a_mutau": -0.01}
        return cls.from_oscillations(**_oscillations.BENCHMARK, **_pseudo_dirac.ROTATED, **heavy)
