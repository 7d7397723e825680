"""Seesaws of three pairs (N^c, S) of heavy fermions that all but conserve lepton number."""

import abc
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex

from nmmjax import _checks, mixing
from nmmjax.low_energy import ChargedLeptons
from nmmjax.models import _charged_currents
from nmmjax.models._base import Scalar
from nmmjax.models._seesaw import HEAVY_MASSES, HIGGS, Seesaw, heavy_priors
from nmmjax.priors import UniformPhase
from nmmjax.quantities import Quantity

_YUKAWAS = ("y_1", "y_2", "y_3")
_ROTATIONS = ("omega12", "omega13", "omega23", "omega_phase")
_SYMBOLS = (r"\omega_{12}", r"\omega_{13}", r"\omega_{23}", r"\omega_\delta")
PARAMETERS: Mapping[str, Quantity] = {
    "yukawa": Quantity("Y"),
    **HEAVY_MASSES,
    **{name: Quantity(name, low=0.0, high=10.0) for name in _YUKAWAS},
    **{name: Quantity(symbol, "rad", circular=True) for name, symbol in zip(_ROTATIONS, _SYMBOLS, strict=True)},
}
ROTATED: Mapping[str, Any] = {
    **{name: 0.05 * k for k, name in enumerate(_YUKAWAS, 1)},
    **{name: 0.1 * k for k, name in enumerate(_ROTATIONS, 1)},
}
"""Some Yukawa couplings for benchmark points."""


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


class Dirac(NamedTuple):
    """m_D = diag(y) V^dagger v / sqrt(2) and M_R = diag(M), as coordinates of models from observables."""

    yukawa: Complex[Array, "3 3"]
    inverse: Complex[Array, "3 3"]
    """M_R (m_D^T)^-1 = diag(M / m) V^T."""


def dirac(
    yukawas: tuple[Scalar, Scalar, Scalar], masses: tuple[Scalar, Scalar, Scalar], rotation: tuple[Scalar, ...]
) -> Dirac:
    """From y_k > 0, M_k [GeV] and V = R23 R13(phase) R12 of the angles (omega12, omega13, omega23, phase)."""
    for name, value in zip(_YUKAWAS, yukawas, strict=True):
        _checks.check_range(name, value, low=0.0, high=PARAMETERS[name].high, open_low=True)
    y, M = (jnp.stack([jnp.asarray(x) for x in values]) for values in (yukawas, masses))
    for name, value in zip(HEAVY_MASSES, masses, strict=True):
        _checks.check_range(name, value, low=HEAVY_MASSES[name].low, high=HEAVY_MASSES[name].high, unit="GeV")
    omega12, omega13, omega23, phase = rotation
    V = mixing.pmns(omega12, omega13, omega23, phase)
    return Dirac(y[:, None] * jnp.conj(V).T, (M / (HIGGS * y))[:, None] * V.T)


def default_priors() -> dict[str, dist.Distribution]:
    """Of the Dirac masses and of pairs from the weak scale to 100 TeV."""
    return {
        **{name: dist.LogUniform(1e-4, 3.0) for name in _YUKAWAS},
        **{name: UniformPhase() for name in _ROTATIONS},
        **heavy_priors(1e2, 1e5),
    }
