"""Seesaws of three heavy Majorana fermions, singlets or triplets: M = -m_D^T M_R^-1 m_D."""

from collections.abc import Mapping
from typing import Self

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax.models import _casas_ibarra, _oscillations
from nmmjax.models._base import Scalar
from nmmjax.models._seesaw import HEAVY_MASSES, HIGGS, Seesaw, coupling_matrix
from nmmjax.ordering import Ordering
from nmmjax.quantities import Quantity

PARAMETERS: Mapping[str, Quantity] = {
    "yukawa": Quantity("Y"),
    **HEAVY_MASSES,
    **_oscillations.PARAMETERS,
    **_casas_ibarra.PARAMETERS,
}


class HeavyMajorana(Seesaw):
    """Abstract: M_H = diag(M_1, M_2, M_3) and m = m_D. Final classes say what the fermions are and add no fields."""

    yukawa: Complex[Array, "3 3"]
    m_1: Float[Array, ""]
    m_2: Float[Array, ""]
    m_3: Float[Array, ""]

    def __init__(self, yukawa: Num[Array, "3 3"], *, m_1: Scalar, m_2: Scalar, m_3: Scalar):
        self.yukawa = coupling_matrix("yukawa", yukawa)
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
        m_1: Scalar,
        m_2: Scalar,
        m_3: Scalar,
        x12: Scalar = 0.0,
        x13: Scalar = 0.0,
        x23: Scalar = 0.0,
        y12: Scalar = 0.0,
        y13: Scalar = 0.0,
        y23: Scalar = 0.0,
        ordering: Ordering | None = None,
    ) -> Self:
        """The Yukawa couplings that give these masses, angles and phases, by a complex orthogonal matrix R.

        Y^T = i U^* diag(sqrt m) R diag(sqrt M) sqrt(2) / v, R = R23 R13 R12 of the angles x + i y [Casas and Ibarra].
        Observables come back to 1e-15 e^(2 (|y12| + |y13| + |y23|)).
        """
        angles, phases = (sin2_theta12, sin2_theta13, sin2_theta23), (delta_cp, alpha21, alpha31)
        light = _oscillations.light_neutrinos((dm21, dm3l), angles, phases, lightest_mass, ordering)
        cls.check_domain(m_1=m_1, m_2=m_2, m_3=m_3)
        R = _casas_ibarra.complex_rotation((x23, x13, x12), (y23, y13, y12))
        scale = -(HIGGS**2) / jnp.stack([jnp.asarray(m) for m in (m_1, m_2, m_3)])
        h = _casas_ibarra.casas_ibarra(light.pmns(), _oscillations.masses(light), scale, R)
        return cls(yukawa=h.T, m_1=m_1, m_2=m_2, m_3=m_3)

    def portal(self) -> Complex[Array, "3 3"]:
        """m_D [GeV]."""
        return self.dirac_masses

    def heavy_matrix(self) -> Complex[Array, "3 3"]:
        """M_R [GeV]."""
        return jnp.diag(self.heavy_masses) + 0j

    def solve_heavy(self, rows: Complex[Array, "3 3"]) -> Complex[Array, "3 3"]:
        """M_R^-1 times a matrix."""
        return rows / self.heavy_masses[:, None]
