"""What every model is: couplings in, the low-energy theory out."""

import abc
import math
from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float, Num
from numpyro.distributions import Distribution

from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import larger, safe_abs
from nmmjax.parameters import Parametrized
from nmmjax.quantities import Quantity

TRANSITION_MOMENTS = {
    "mu_emu": Quantity(r"|\mu_{e\mu}|", "mu_B"),
    "mu_etau": Quantity(r"|\mu_{e\tau}|", "mu_B"),
    "mu_mutau": Quantity(r"|\mu_{\mu\tau}|", "mu_B"),
}
"""What `transition_moments` returns."""
_LARGEST = math.sqrt(4.0 * math.pi)
_SOFTNESS = 0.1


class Model(Parametrized):
    """Abstract base. A concrete model is one file and is final; its fields are the couplings of its paper.

    Each field is declared by `parameter`. A class method that returns the model from other coordinates (`from_...`), a
    `constructor`, may stand in its place in a fit.
    """

    reference: ClassVar[str]
    """The paper."""
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {}
    """Symbol and unit of what `derived` returns."""

    @abc.abstractmethod
    def low_energy(self) -> LowEnergy:
        """Mass matrix, moment matrix and all else that experiments may see."""

    @classmethod
    @abc.abstractmethod
    def default_priors(cls) -> dict[str, Distribution]:
        """Priors of the fields that are wide enough to discover with."""

    @classmethod
    @abc.abstractmethod
    def benchmark(cls) -> Self:
        """The point that the paper publishes."""

    def log_prior(self) -> Float[Array, ""]:
        """What only couplings know, such as perturbativity; 0 where the model has nothing to say."""
        return jnp.zeros(())

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Scales and ratios that a fit should report."""
        return {}


def perturbative(couplings: Num[Array, " n"]) -> Float[Array, ""]:
    """ln of a prior: 0 where every |coupling| < sqrt(4 pi), beyond it a Gaussian wall of width 0.1."""
    excess = larger(safe_abs(couplings + 0j) - _LARGEST, 0.0)
    return -0.5 * jnp.sum((excess / _SOFTNESS) ** 2)


def transition_moments(theory: LowEnergy) -> dict[str, Float[Array, ""]]:
    """|lambda_ab| of the three pairs of flavors [mu_B]."""
    sizes = safe_abs(theory.neutrinos.moment_matrix)
    return {"mu_emu": sizes[0, 1], "mu_etau": sizes[0, 2], "mu_mutau": sizes[1, 2]}
