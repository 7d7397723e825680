"""Supersymmetry without R parity: the size of its transition moments."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark

_SIGNED = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])

_Moment = Annotated[Scalar, parameter(r"\mu_{e\mu}", "mu_B", low=0.0, high=1e-6)]


class RParityViolation(Model):
    """An estimate, lambda_emu ~ e lambda'^2 m_tau^2 A / (16 pi^2 M^4), with the masses of `origin`.

    Only the order of magnitude is known without the whole spectrum: for comparison with other mechanisms, not for fits
    of couplings. The mass that comes with it is larger by M^2 / 2 m_e in these units (`moments.expected_mass`).
    """

    reference: ClassVar[str] = "K. S. Babu and R. N. Mohapatra, Phys. Rev. Lett. 64, 1705 (1990)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "lambda_prime": Quantity(r"\lambda'"),
        "mu_emu": Quantity(r"|\mu_{e\mu}|", "mu_B"),
        "expected_mass": Quantity(r"m_\nu", "eV"),
    }

    coupling: Scalar = parameter(r"\lambda'", low=0.0, high=10.0)
    m_slepton: Scalar = parameter(r"M_{\tilde\ell}", "GeV", low=10.0, high=1e6)
    trilinear: Scalar = parameter("A", "GeV", low=0.0, high=1e6)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=("coupling",))
    def from_moment(cls, moment: _Moment, m_slepton: Scalar, trilinear: Scalar, **others: Any) -> Self:
        """The lambda' that gives a moment lambda_emu [mu_B]: a sampler meets no wall."""
        of_one = cls(1.0, m_slepton, trilinear, **others).moment()
        return cls(jnp.sqrt(moment / of_one), m_slepton, trilinear, **others)

    def moment(self) -> Float[Array, ""]:
        """[mu_B], of tau in the loop."""
        return moments.r_parity_violation(
            self.coupling, self.m_slepton, lepton_mass=PDG_2026.tau_mass, trilinear=self.trilinear
        )

    def low_energy(self) -> LowEnergy:
        """One transition moment."""
        M = self.origin.mass_matrix()
        return LowEnergy(Neutrinos(M, moments.w_loop_majorana(M) + self.moment() * _SIGNED))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The coupling, the moment, and the mass to expect with it."""
        mass = moments.expected_mass(self.moment(), self.m_slepton)
        return {"lambda_prime": self.coupling, "mu_emu": self.moment(), "expected_mass": mass}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_moment`: sleptons from LEP's reach to 350 GeV, beyond which lambda' would not be perturbative."""
        return {
            "moment": dist.LogUniform(1e-15, 1e-11),
            "m_slepton": dist.LogUniform(100.0, 350.0),
            "trilinear": dist.LogUniform(100.0, 1000.0),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """A light slepton with lambda' = 0.01."""
        return cls(1e-2, 300.0, 300.0)
