"""Seesaws of three heavy Majorana fermions, singlets or triplets: M = -m_D^T M_R^-1 m_D."""

from typing import Self

import jax.numpy as jnp
from jaxtyping import Array, Complex

from nmmjax.constants import EV_PER_GEV
from nmmjax.models._casas_ibarra import Rotation, casas_ibarra
from nmmjax.models._seesaw import HIGGS, Seesaw
from nmmjax.parameters import Scalar, constructor
from nmmjax.three_flavor import Sin2


class HeavyMajorana(Seesaw):
    """Abstract: M_H = diag(M_1, M_2, M_3) and m = m_D. Final classes say what the fermions are and add no fields."""

    @classmethod
    @constructor()
    def from_oscillations(cls, light: Sin2, rotation: Rotation, *, m_1: Scalar, m_2: Scalar, m_3: Scalar) -> Self:
        """The Yukawa couplings that give these masses, angles and phases, by a complex orthogonal matrix R.

        Y^T = i U^* diag(sqrt m) R diag(sqrt M) sqrt(2) / v, R = R23 R13 R12 of the angles x + i y [Casas and Ibarra].
        Observables come back to 1e-15 e^(2 (|y12| + |y13| + |y23|)).
        """
        scale = -(HIGGS**2) / jnp.stack([m_1, m_2, m_3])
        h = casas_ibarra(light.pmns(), light.masses() / EV_PER_GEV, scale, rotation.matrix())
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
