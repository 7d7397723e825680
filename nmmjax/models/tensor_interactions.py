"""Tensor interactions of neutrinos with charged fermions: the moments that their loops leave."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import FermionCouplings, Interactions, LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, Model, transition_moments
from nmmjax.models._fermions import FERMIONS, Fermion
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.parameters import Scalar, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark

_IN_MATTER = {name: FERMIONS[symbol] for name, symbol in (("electron", "e"), ("up", "u"), ("down", "d"))}


class TensorInteractions(Model):
    """L = -(epsilon^f_ab / M^2) (antinu_a sigma P_L nu_b) (fbar sigma f) + h.c. with Majorana neutrinos, a < b.

    The loop of f leaves mu_ab = -epsilon_ab (N_c Q / pi^2) (m_e m_f / M^2) ln(M^2 / m_f^2) mu_B, leading logarithm. One
    fermion at a time: one of `FERMIONS`, or your own. Those with e, u and d scatter, too: T = epsilon / 2 sqrt2 G_F M^2
    of `low_energy.FermionCouplings`. Masses are those of `origin`.
    """

    reference: ClassVar[str] = "K. J. Healey, A. A. Petrov and D. Zhuridov, Phys. Rev. D 87, 117301 (2013), 1305.0584"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    _: KW_ONLY
    epsilon_emu: Scalar = parameter(r"\epsilon_{e\mu}", low=-1e3, high=1e3, default=0.0)
    epsilon_etau: Scalar = parameter(r"\epsilon_{e\tau}", low=-1e3, high=1e3, default=0.0)
    epsilon_mutau: Scalar = parameter(r"\epsilon_{\mu\tau}", low=-1e3, high=1e3, default=0.0)
    scale: Scalar = parameter("M", "GeV", low=200.0, high=1e8, default=1000.0)
    fermion: Fermion = FERMIONS["e"]
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """Transition moments beside those of W; interactions with e, u or d."""
        epsilon = antisymmetric(self.epsilon_emu, self.epsilon_etau, self.epsilon_mutau)
        f = self.fermion
        moment = moments.tensor(epsilon, self.scale, mass=f.mass, charge=f.charge, colors=f.colors)
        M = self.origin.mass_matrix()
        neutrinos = Neutrinos(M, moments.w_loop_majorana(M) + moment)
        if f not in _IN_MATTER.values():
            return LowEnergy(neutrinos)
        name = next(name for name, fermion in _IN_MATTER.items() if fermion == f)
        weak = 2.0 * math.sqrt(2.0) * PDG_2026.fermi_constant * jnp.asarray(self.scale) ** 2
        return LowEnergy(neutrinos, interactions=Interactions(**{name: FermionCouplings(tensor=epsilon / weak)}))

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
