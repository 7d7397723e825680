"""Seesaws of three pairs (N^c, S) of heavy fermions that all but conserve lepton number."""

import abc
from typing import Annotated, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import mixing
from nmmjax.low_energy import ChargedLeptons
from nmmjax.models import _charged_currents
from nmmjax.models._seesaw import HIGGS, Seesaw, heavy_priors
from nmmjax.parameters import Parametrized, Scalar, component, parameter
from nmmjax.priors import UniformPhase
from nmmjax.three_flavor import LightNeutrinos


class PseudoDirac(Seesaw):
    """Abstract: m = (m_D, m_L) and M_H = [[0, M_R], [M_R^T, mu_S]] in the basis (N^c, S), with M_R diagonal."""

    @abc.abstractmethod
    def violation(self) -> tuple[Complex[Array, "3 3"], Complex[Array, "3 3"]]:
        """m_L and mu_S [GeV], which violate lepton number."""

    def portal(self) -> Complex[Array, "6 3"]:
        """(m_D, m_L) [GeV]."""
        m_L, _ = self.violation()
        return jnp.concatenate([self.dirac_masses, m_L])

    def heavy_matrix(self) -> Complex[Array, "6 6"]:
        """[[0, M_R], [M_R, mu_S]] [GeV]."""
        _, mu_S = self.violation()
        M_R = jnp.diag(self.heavy_masses)
        return jnp.block([[jnp.zeros((3, 3)), M_R], [M_R, mu_S]])

    def solve_heavy(self, rows: Complex[Array, "6 3"]) -> Complex[Array, "6 3"]:
        """First S from the rows of N^c, then N^c from those of S: mu_S, far below M_R, keeps its digits."""
        _, mu_S = self.violation()
        S = rows[:3] / self.heavy_masses[:, None]
        N = (rows[3:] - mu_S @ S) / self.heavy_masses[:, None]
        return jnp.concatenate([N, S])

    def charged_leptons(self) -> ChargedLeptons:
        """Heavy neutrinos in the loop of the W; the two of a pair have one mass, and half of |Theta|^2 each."""
        return _charged_currents.heavy_neutrinos(self.mixing, self.heavy_masses)


class DiracCouplings(Parametrized):
    """m_D = diag(y) V^dagger v / sqrt(2), V = R23 R13(phase) R12 of the angles omega, beside a diagonal M_R."""

    y_1: Scalar = parameter("y_1", low=0.0, high=10.0, open_low=True)
    y_2: Scalar = parameter("y_2", low=0.0, high=10.0, open_low=True)
    y_3: Scalar = parameter("y_3", low=0.0, high=10.0, open_low=True)
    omega12: Scalar = parameter(r"\omega_{12}", "rad", circular=True, default=0.0)
    omega13: Scalar = parameter(r"\omega_{13}", "rad", circular=True, default=0.0)
    omega23: Scalar = parameter(r"\omega_{23}", "rad", circular=True, default=0.0)
    omega_phase: Scalar = parameter(r"\omega_\delta", "rad", circular=True, default=0.0)

    @property
    def _sizes(self) -> Float[Array, "3"]:
        return jnp.stack([self.y_1, self.y_2, self.y_3])

    def rotation(self) -> Complex[Array, "3 3"]:
        """The unitary V."""
        return mixing.pmns(self.omega12, self.omega13, self.omega23, self.omega_phase)

    def yukawa(self) -> Complex[Array, "3 3"]:
        """Y = diag(y) V^dagger."""
        return self._sizes[:, None] * jnp.conj(self.rotation()).T

    def inverse(self, M: Float[Array, "3"]) -> Complex[Array, "3 3"]:
        """M_R (m_D^T)^-1 = diag(M / m) V^T of heavy masses [GeV]."""
        return (M / (HIGGS * self._sizes))[:, None] * self.rotation().T

    @staticmethod
    def default_priors() -> dict[str, dist.Distribution]:
        """Of the Dirac masses."""
        sizes = {name: dist.LogUniform(1e-4, 3.0) for name in ("y_1", "y_2", "y_3")}
        return sizes | {name: UniformPhase() for name in ("omega12", "omega13", "omega23", "omega_phase")}

    @classmethod
    def benchmark(cls) -> Self:
        """Some Yukawa couplings."""
        return cls(0.05, 0.1, 0.15, omega12=0.1, omega13=0.2, omega23=0.3, omega_phase=0.4)


Rotated = Annotated[DiracCouplings, component(DiracCouplings)]
"""An argument of models from oscillations, flat in sizes and angles."""


def default_priors() -> dict[str, dist.Distribution]:
    """Of oscillations, Dirac masses, and pairs from the weak scale to 100 TeV."""
    return {**LightNeutrinos.sin2_priors(), **DiracCouplings.default_priors(), **heavy_priors(1e2, 1e5)}
