"""Higgs bosons that decay to two leptons of different flavors."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.constants import ELECTRON, MUON, TAU
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy

_PAIRS = {"e_mu": (ELECTRON, MUON), "e_tau": (ELECTRON, TAU), "mu_tau": (MUON, TAU)}


class HiggsFlavor2023(MeasuredQuantities):
    """h -> e mu (CMS), h -> e tau and h -> mu tau (ATLAS), each a half-Gaussian above zero in the branching ratio.

    Higgs bosons are produced, and decay otherwise, as in the Standard Model. The slight excesses that were seen (mu tau
    over e tau by 2.5 standard deviations in one of two methods) are not in a limit.
    """

    reference: ClassVar[str] = "G. Aad et al. (ATLAS), JHEP 07 (2023) 166; A. Hayrapetyan et al. (CMS), 2305.18106"
    decays: tuple[str, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the published limits from their packaged table."""
        limits = PublishedValues.read("higgs_flavor_2023", key="decay")
        terms = tuple(map(limits.limit, limits.names))
        return cls(name="higgs_flavor_2023", terms=terms, decays=limits.names, sources=(limits.source,))

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: two searches."""
        return frozenset({"atlas/higgs_flavor", "cms/higgs_flavor"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Names of the branching ratios."""
        return tuple((f"BR_h_{decay}", "") for decay in self.decays)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Branching ratios (3,), in the order of `decays`."""
        return jnp.stack([theory.charged_leptons.higgs_ratio(*_PAIRS[decay]) for decay in self.decays])
