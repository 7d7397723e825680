"""Tensor interactions of neutrinos with charged fermions: the moments that their loops leave."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import _checks, moments
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, Model, Scalar, transition_moments
from nmmjax.models._fermions import FERMIONS, Fermion
from nmmjax.models.three_flavor import ThreeFlavor, given_or_benchmark
from nmmjax.numerics.entries import antisymmetric
from nmmjax.quantities import Quantity


class TensorInteractions(Model):
    """L = -(epsilon^f_ab / M^2) (antinu_a sigma P_L nu_b) (fbar sigma f) + h.c. with Majorana neutrinos, a < b.

    The loop of f leaves mu_ab = -epsilon_ab (N_c Q / pi^2) (m_e m_f / M^2) ln(M^2 / m_f^2) mu_B, leading logarithm. One
    fermion at a time: one of `FERMIONS`, or your own. Masses are those of `origin`.
    """

    reference: ClassVar[str] = "K. J. Healey, A. A. Petrov and D. Zhuridov, Phys. Rev. D 87, 117301 (2013), 1305.0584"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "epsilon_emu": Quantity(r"\epsilon_{e\mu}", low=-1e3, high=1e3),
        "epsilon_etau": Quantity(r"\epsilon_{e\tau}", low=-1e3, high=1e3),
        "epsilon_mutau": Quantity(r"\epsilon_{\mu\tau}", low=-1e3, high=1e3),
        "scale": Quantity("M", "GeV", low=200.0, high=1e8),
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    epsilon_emu: Float[Array, ""]
    epsilon_etau: Float[Array, ""]
    epsilon_mutau: Float[Array, ""]
    scale: Float[Array, ""]
    fermion: Fermion
    origin: ThreeFlavor

    def __init__(
        self,
        *,
        epsilon_emu: Scalar = 0.0,
        epsilon_etau: Scalar = 0.0,
        epsilon_mutau: Scalar = 0.0,
        scale: Scalar = 1000.0,
        fermion: Fermion | None = None,
        origin: ThreeFlavor | None = None,
    ):
        self.epsilon_emu, self.epsilon_etau, self.epsilon_mutau, self.scale = map(
            jnp.asarray, (epsilon_emu, epsilon_etau, epsilon_mutau, scale)
        )
        self.fermion = FERMIONS["e"] if fermion is None else fermion
        _checks.check_instance("fermion", self.fermion, Fermion)
        self.origin = given_or_benchmark(origin)
        self.check_domain(epsilon_emu=epsilon_emu, epsilon_etau=epsilon_etau, epsilon_mutau=epsilon_mutau, scale=scale)

    def low_energy(self) -> LowEnergy:
        """Transition moments beside those of W."""
        epsilon = antisymmetric(self.epsilon_emu, self.epsilon_etau, self.epsilon_mutau)
        f = self.fermion
        moment = moments.tensor(epsilon, self.scale, mass=f.mass, charge=f.charge, colors=f.colors)
        M = self.origin.low_energy().neutrinos.mass_matrix
        return LowEnergy(Neutrinos(M, moments.w_loop_majorana(M) + moment))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The three moments."""
        return transition_moments(self.low_energy())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Flat in the couplings, at 1 TeV."""
        return {name: dist.Uniform(-10.0, 10.0) for name in ("epsilon_emu", "epsilon_etau", "epsilon_mutau")}

    @classmethod
    def benchmark(cls) -> Self:
        """The coupling to tau that stars allow at 1 TeV: 3e-12 mu_B."""
        return cls(epsilon_emu=2.575e-3, fermion=FERMIONS["tau"])
