"""Moments of Majorana neutrinos, whatever makes them: three complex numbers."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import _checks, moments
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, ComplexScalar, Model, Scalar, transition_moments
from nmmjax.models.three_flavor import ThreeFlavor, given_or_benchmark
from nmmjax.numerics.entries import antisymmetric
from nmmjax.quantities import Quantity

_NAMES = ("lambda_emu", "lambda_etau", "lambda_mutau")


class TransitionMoments(Model):
    """lambda_ab antisymmetric in flavor, beside the loop of W. Masses are those of `origin`."""

    reference: ClassVar[str] = "W. Grimus and T. Schwetz, Nucl. Phys. B 587, 45 (2000), hep-ph/0006028"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "lambda_emu": Quantity(r"\lambda_{e\mu}", "mu_B", low=-1e-6, high=1e-6),
        "lambda_etau": Quantity(r"\lambda_{e\tau}", "mu_B", low=-1e-6, high=1e-6),
        "lambda_mutau": Quantity(r"\lambda_{\mu\tau}", "mu_B", low=-1e-6, high=1e-6),
        "size_emu": Quantity(r"|\lambda_{e\mu}|", "mu_B", low=0.0, high=1e-6),
        "size_etau": Quantity(r"|\lambda_{e\tau}|", "mu_B", low=0.0, high=1e-6),
        "size_mutau": Quantity(r"|\lambda_{\mu\tau}|", "mu_B", low=0.0, high=1e-6),
        "phase_etau": Quantity(r"\arg\lambda_{e\tau}", "rad", circular=True),
        "phase_mutau": Quantity(r"\arg\lambda_{\mu\tau}", "rad", circular=True),
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    lambda_emu: Complex[Array, ""]
    lambda_etau: Complex[Array, ""]
    lambda_mutau: Complex[Array, ""]
    origin: ThreeFlavor

    def __init__(
        self,
        lambda_emu: ComplexScalar = 0.0,
        lambda_etau: ComplexScalar = 0.0,
        lambda_mutau: ComplexScalar = 0.0,
        *,
        origin: ThreeFlavor | None = None,
    ):
        given = (lambda_emu, lambda_etau, lambda_mutau)
        for name, value in zip(_NAMES, given, strict=True):
            _checks.check_finite(name, value)
            self.check_domain(**{name: jnp.abs(jnp.asarray(value))})
        self.lambda_emu, self.lambda_etau, self.lambda_mutau = (jnp.asarray(x) + 0j for x in given)
        self.origin = given_or_benchmark(origin)

    @classmethod
    def from_sizes(
        cls,
        size_emu: Scalar = 0.0,
        size_etau: Scalar = 0.0,
        size_mutau: Scalar = 0.0,
        *,
        phase_etau: Scalar = 0.0,
        phase_mutau: Scalar = 0.0,
        origin: ThreeFlavor | None = None,
    ) -> Self:
        """From moduli [mu_B] and phases. That of lambda_emu is zero: a common phase of the three does not matter."""
        cls.check_domain(size_emu=size_emu, size_etau=size_etau, size_mutau=size_mutau)
        cls.check_domain(phase_etau=phase_etau, phase_mutau=phase_mutau)
        turned = (size * jnp.exp(1j * phase) for size, phase in ((size_etau, phase_etau), (size_mutau, phase_mutau)))
        return cls(size_emu, *turned, origin=origin)

    def low_energy(self) -> LowEnergy:
        """The three moments on top of those of W."""
        moment = antisymmetric(self.lambda_emu, self.lambda_etau, self.lambda_mutau)
        M = self.origin.low_energy().neutrinos.mass_matrix
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
