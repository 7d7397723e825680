"""Left-right symmetry: a moment of Dirac neutrinos from the mixing of W_L and W_R."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models import _scalar_loops
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark


class LeftRight(Model):
    """lambda = (e G_F / 2 sqrt(2) pi^2) [(1 - r^2) sin(2 xi) diag(m_e, m_mu, m_tau) + (3/4) (1 + r^2) M].

    xi mixes W_L and W_R, r = M_W1 / M_W2, and rows of right-handed neutrinos are the partners of e_R, mu_R and tau_R.
    Left- and right-handed leptons mix alike (manifest symmetry): M = U diag(m) U^dagger, with masses and U of `origin`.
    """

    reference: ClassVar[str] = (
        "R. E. Shrock, Nucl. Phys. B 206, 359 (1982); M. Czakon, J. Gluza and M. Zralek, Phys. Rev. D 59, 013010 (1999)"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "mu_e": Quantity(r"\mu(\nu_e)", "mu_B"),
        "mu_mu": Quantity(r"\mu(\nu_\mu)", "mu_B"),
        "mu_tau": Quantity(r"\mu(\nu_\tau)", "mu_B"),
    }

    xi: Scalar = parameter(r"\xi", "rad", low=-math.pi / 4, high=math.pi / 4)
    m_w2: Scalar = parameter("M_{W_2}", "GeV", low=PDG_2026.w_mass, high=1e8)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """Dirac neutrinos; transition moments of the W loop beside the large diagonal ones."""
        U = self.origin.pmns()
        M = (U * self.origin.masses()) @ U.conj().T
        r = PDG_2026.w_mass / self.m_w2
        mixed = moments.left_right(jnp.sin(2.0 * self.xi), _scalar_loops.lepton_masses(), mass_ratio=r)
        return LowEnergy(Neutrinos(M, jnp.diag(mixed) + (1.0 + r**2) * moments.w_loop_dirac(M), Dirac()))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Diagonal moments of the flavors."""
        diagonal = jnp.abs(jnp.diag(self.low_energy().neutrinos.moment_matrix))
        return {"mu_e": diagonal[0], "mu_mu": diagonal[1], "mu_tau": diagonal[2]}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Mixing and mass that colliders and muon decay leave, and far below."""
        return {"xi": dist.LogUniform(1e-8, 1e-1), "m_w2": dist.LogUniform(500.0, 1e6)}

    @classmethod
    def benchmark(cls) -> Self:
        """xi = 1e-3, about what muon decay allows."""
        return cls(1e-3, 4000.0)
