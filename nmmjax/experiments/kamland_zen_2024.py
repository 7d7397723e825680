"""KamLAND-Zen, double beta decay of 136Xe without neutrinos."""

from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.likelihoods.terms import Limit
from nmmjax.low_energy import LowEnergy


class KamLANDZen2024(MeasuredQuantities):
    """|m_beta_beta| < `limit` at 90 %: a half-Gaussian above zero in |m_beta_beta|^2, which the rate follows.

    The one limit on the half-life becomes 0.028 to 0.122 eV by the nuclear matrix elements in use, |m| ~ 1 / |element|:
    `limit` chooses among them, and the name of the experiment tells it. Dirac neutrinos predict zero. Exchange of light
    neutrinos alone: sterile states above 100 MeV or so would need matrix elements of their own.
    """

    reference: ClassVar[str] = "S. Abe et al. (KamLAND-Zen), arXiv:2406.11438 (2024)"

    @classmethod
    @public
    def load(cls, limit: float | None = None) -> Self:
        """Read the limit [eV] of one nuclear matrix element; the weakest, 0.122 eV, unless another is given."""
        limits = PublishedValues.read("neutrino_mass_limits")
        least, greatest = (limits.number(f"m_beta_beta_{end}", "limit") for end in ("least", "greatest"))
        chosen = greatest if limit is None else limit
        _checks.check_range("limit", chosen, low=least, high=greatest, unit="eV")
        term = Limit(chosen**2, boundary=0.0, confidence=limits.number("m_beta_beta_least", "confidence"))
        return cls(name=f"kamland_zen_2024_{1e3 * chosen:.4g}mev", terms=(term,), sources=(limits.source,))

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: one half-life, whatever the matrix element."""
        return frozenset({"kamland_zen"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the squared effective mass."""
        return (("|m_beta_beta|^2", "eV^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Squared effective mass |M_ee|^2 [eV^2] (1,), zero for Dirac neutrinos."""
        return jnp.square(theory.neutrinos.m_beta_beta).reshape(1)
