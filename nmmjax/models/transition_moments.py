"""Moments of Majorana neutrinos, whatever makes them: three complex numbers."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, Model, transition_moments
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.parameters import ComplexScalar, Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark

_NAMES = ("lambda_emu", "lambda_etau", "lambda_mutau")
_SizeEMu = Annotated[Scalar, parameter(r"|\lambda_{e\mu}|", "mu_B", low=0.0, high=1e-6)]
_SizeETau = Annotated[Scalar, parameter(r"|\lambda_{e\tau}|", "mu_B", low=0.0, high=1e-6)]
_SizeMuTau = Annotated[Scalar, parameter(r"|\lambda_{\mu\tau}|", "mu_B", low=0.0, high=1e-6)]
_PhaseETau = Annotated[Scalar, parameter(r"\arg\lambda_{e\tau}", "rad", circular=True)]
_PhaseMuTau = Annotated[Scalar, parameter(r"\arg\lambda_{\mu\tau}", "rad", circular=True)]


class TransitionMoments(Model):
    """lambda_ab antisymmetric in flavor, beside the loop of W. Masses are those of `origin`."""

    reference: ClassVar[str] = "W. Grimus and T. Schwetz, Nucl. Phys. B 587, 45 (2000), hep-ph/0006028"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    lambda_emu: ComplexScalar = parameter(r"\lambda_{e\mu}", "mu_B", low=-1e-6, high=1e-6, default=0.0)
    lambda_etau: ComplexScalar = parameter(r"\lambda_{e\tau}", "mu_B", low=-1e-6, high=1e-6, default=0.0)
    lambda_mutau: ComplexScalar = parameter(r"\lambda_{\mu\tau}", "mu_B", low=-1e-6, high=1e-6, default=0.0)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=_NAMES)
    def from_sizes(
        cls,
        size_emu: _SizeEMu = 0.0,
        size_etau: _SizeETau = 0.0,
        size_mutau: _SizeMuTau = 0.0,
        *,
        phase_etau: _PhaseETau = 0.0,
        phase_mutau: _PhaseMuTau = 0.0,
        **others: Any,
    ) -> Self:
        """From moduli [mu_B] and phases. That of lambda_emu is zero: a common phase of the three does not matter."""
        turned = (size * jnp.exp(1j * phase) for size, phase in ((size_etau, phase_etau), (size_mutau, phase_mutau)))
        return cls(size_emu, *turned, **others)

    def low_energy(self) -> LowEnergy:
        """The three moments on top of those of W."""
        moment = antisymmetric(self.lambda_emu, self.lambda_etau, self.lambda_mutau)
        M = self.origin.mass_matrix()
        return LowEnergy(Neutrinos(M, moments.w_loop_majorana(M) + moment))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The moduli."""
        return transition_moments(self.low_energy())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Real, of either sign, up to the reach of reactors."""
        return {name: dist.Uniform(-1e-10, 1e-10) for name in _NAMES}

    @classmethod
    def benchmark(cls) -> Self:
        """A single moment of electron and muon: what a horizontal SU(2) would give."""
        return cls(2.6e-11)
