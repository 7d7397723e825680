"""Moments of Majorana neutrinos, whatever makes them: three complex numbers."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import moments
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, ComplexScalar, Model, Scalar, transition_moments
from nmmjax.models.three_flavor import ThreeFlavor
from nmmjax.numerics.entries import stacked
from nmmjax.numerics.special import safe_sqrt
from nmmjax.quantities import Quantity

_PAIRS = ("emu", "etau", "mutau")


class TransitionMoments(Model):
    """lambda_ab antisymmetric in flavor, beside the loop of W. Masses are those of `origin`."""

    reference: ClassVar[str] = "W. Grimus and T. Schwetz, Nucl. Phys. B 587, 45 (2000), hep-ph/0006028"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "lambda_emu": Quantity(r"\lambda_{e\mu}", "mu_B"),
        "lambda_etau": Quantity(r"\lambda_{e\tau}", "mu_B"),
        "lambda_mutau": Quantity(r"\lambda_{\mu\tau}", "mu_B"),
        "squared_emu": Quantity(r"|\lambda_{e\mu}|^2", "mu_B^2", low=0.0, high=1e-12),
        "squared_etau": Quantity(r"|\lambda_{e\tau}|^2", "mu_B^2", low=0.0, high=1e-12),
        "squared_mutau": Quantity(r"|\lambda_{\mu\tau}|^2", "mu_B^2", low=0.0, high=1e-12),
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
        self.lambda_emu, self.lambda_etau, self.lambda_mutau = (jnp.asarray(x) + 0j for x in given)
        self.origin = ThreeFlavor.benchmark() if origin is None else origin

    @classmethod
    def from_squared(
        cls,
        squared_emu: Scalar = 0.0,
        squared_etau: Scalar = 0.0,
        squared_mutau: Scalar = 0.0,
        *,
        origin: ThreeFlavor | None = None,
    ) -> Self:
        """Real moments from |lambda_ab|^2 [mu_B^2]. Where one of them is there alone, rates are linear in it."""
        cls.check_domain(squared_emu=squared_emu, squared_etau=squared_etau, squared_mutau=squared_mutau)
        emu, etau, mutau = (safe_sqrt(jnp.asarray(x)) for x in (squared_emu, squared_etau, squared_mutau))
        return cls(emu, etau, mutau, origin=origin)

    def low_energy(self) -> LowEnergy:
        """The three moments on top of those of W."""
        zero = jnp.zeros_like(self.lambda_emu)
        emu, etau, mutau = self.lambda_emu, self.lambda_etau, self.lambda_mutau
        moment = stacked([[zero, emu, etau], [-emu, zero, mutau], [-etau, -mutau, zero]])
        M = self.origin.low_energy().neutrinos.mass_matrix
        return LowEnergy(Neutrinos(M, moments.w_loop_majorana(M) + moment))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The moduli."""
        return transition_moments(self.low_energy())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Real, of either sign, up to the reach of reactors."""
        return {f"lambda_{pair}": dist.Uniform(-1e-10, 1e-10) for pair in _PAIRS}

    @classmethod
    def benchmark(cls) -> Self:
        """A single moment of electron and muon: what a horizontal SU(2) would give."""
        return cls(2.6e-11)
