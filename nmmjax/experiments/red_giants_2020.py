"""Red giants: neutrinos cool the core, and helium ignites later and brighter."""

import abc
from collections.abc import Callable
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks, stars
from nmmjax._public import public
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities, Term
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.likelihoods.terms import Limit
from nmmjax.experiments.shared.stars import equivalent_moment_squared
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.special import larger, safe_sqrt, smaller
from nmmjax.tables import Source

_EDGE = 5e-12
"""[mu_B], up to which the fit to stellar models holds."""


class RedGiantTip(eqx.Module):
    """Abstract: a tip of the red-giant branch, and what was made of it."""

    short_name: ClassVar[str]
    """Name of the tip in that of the experiment."""
    reference: ClassVar[str]

    def stars(self) -> tuple[str, ...]:
        """Names of the groups of stars whose tip it is."""
        return (self.short_name,)

    @abc.abstractmethod
    def likelihood(self) -> tuple[Term, Source]:
        """Likelihood of what `value` returns, and the packaged table that it comes from."""

    @abc.abstractmethod
    def quantity(self) -> tuple[str, str]:
        """Name and unit of what `value` returns."""

    @abc.abstractmethod
    def value(self, moment_squared: Float[Array, ""]) -> Float[Array, ""]:
        """Quantity by which the tip is judged, for mu_nu^2 [mu_B^2]."""


class _PublishedLimit(RedGiantTip):
    """Abstract: a half-Gaussian above zero in mu_nu^2, which the energy loss follows."""

    def likelihood(self) -> tuple[Term, Source]:
        """Half-Gaussian with the published limit at Delta chi^2 = 3.84, and its table."""
        limits = PublishedValues.read("moment_limits")
        return limits.limit(f"red_giants_{self.short_name}", power=2), limits.source

    def quantity(self) -> tuple[str, str]:
        """Name and unit of the squared moment."""
        return ("plasmon_moment^2", "mu_B^2")

    def value(self, moment_squared: Float[Array, ""]) -> Float[Array, ""]:
        """Squared moment mu_nu^2 [mu_B^2], as it is given."""
        return moment_squared


class Ngc4258(_PublishedLimit):
    """The galaxy NGC 4258, whose distance water masers tell: mu_nu < 1.5e-12 mu_B at 95 %."""

    short_name: ClassVar[str] = "ngc_4258"
    reference: ClassVar[str] = "F. Capozzi and G. Raffelt, Phys. Rev. D 102, 083007 (2020), arXiv:2007.03694"


class OmegaCentauri(_PublishedLimit):
    """The globular cluster omega Centauri: mu_nu < 1.2e-12 mu_B at 95 %."""

    short_name: ClassVar[str] = "omega_centauri"
    reference: ClassVar[str] = Ngc4258.reference


class M5(RedGiantTip):
    """The globular cluster M5 by its magnitude: M_I = -4.17 +- 0.13 observed, -3.99 +- 0.07 computed without a moment.

    -2 ln L = (-0.18 - dM_I)^2 / (0.13^2 + 0.07^2) with the shift dM_I of `stars.tip_shift`. Best at 2e-12 mu_B, two
    sigma at 4.53e-12; published, 4.5e-12 at 95 %. Above 5e-12 mu_B, where the fit to stellar models no longer holds
    (from 1.4e-11 on it would turn back), the shift goes on as a straight line in mu_nu, with the slope it has there.
    """

    short_name: ClassVar[str] = "m5"
    reference: ClassVar[str] = "N. Viaux et al., Phys. Rev. Lett. 111, 231301 (2013), arXiv:1308.4627"

    def likelihood(self) -> tuple[Term, Source]:
        """Gaussian in the difference of magnitudes, and its table."""
        magnitudes = PublishedValues.read("red_giant_tip", key="magnitude")
        return magnitudes.difference("observed", "computed"), magnitudes.source

    def quantity(self) -> tuple[str, str]:
        """Name and unit of the shift of the tip."""
        return ("tip_shift", "mag")

    def value(self, moment_squared: Float[Array, ""]) -> Float[Array, ""]:
        """Shift dM_I [mag] by which the tip is brighter, for mu_nu^2 [mu_B^2]."""
        return _continued(stars.tip_shift, moment_squared)


class GlobularClusters(RedGiantTip):
    """Globular clusters as of 1999: mu_nu < 3e-12 mu_B, taken as 95 %, from the mass of the core that ignites.

    A half-Gaussian above zero in the shift of that mass, `stars.core_mass_shift`, which is 0.032 M_sun at the limit;
    above 5e-12 mu_B it goes on as a straight line in mu_nu.
    """

    short_name: ClassVar[str] = "globular_clusters"
    reference: ClassVar[str] = "G. G. Raffelt, Phys. Rep. 320, 319 (1999)"

    def stars(self) -> tuple[str, ...]:
        """Names of the groups of stars, those of the other globular clusters here among them."""
        return (self.short_name, OmegaCentauri.short_name, M5.short_name)

    def likelihood(self) -> tuple[Term, Source]:
        """Half-Gaussian in the shift of the mass, and its table."""
        limits, name = PublishedValues.read("moment_limits"), f"red_giants_{self.short_name}"
        shift = float(stars.core_mass_shift(limits.number(name, "limit")))
        return Limit(shift, boundary=0.0, confidence=limits.number(name, "confidence")), limits.source

    def quantity(self) -> tuple[str, str]:
        """Name and unit of the shift of the mass."""
        return ("core_mass_shift", "M_sun")

    def value(self, moment_squared: Float[Array, ""]) -> Float[Array, ""]:
        """Shift dM [M_sun] by which the core is heavier, for mu_nu^2 [mu_B^2]."""
        return _continued(stars.core_mass_shift, moment_squared)


def _continued(shift: Callable[[RealLike], Float[Array, ""]], moment_squared: Float[Array, ""]) -> Float[Array, ""]:
    """A shift of `stars` for mu_nu^2 [mu_B^2], from `_EDGE` on as a straight line in mu_nu."""
    moment = safe_sqrt(moment_squared)
    slope = jax.grad(shift)(jnp.asarray(_EDGE))
    return shift(smaller(moment, _EDGE)) + slope * larger(moment - _EDGE, 0.0)


class RedGiants2020(MeasuredQuantities):
    """Plasmons of the helium core that decay into neutrinos: a limit on mu_nu^2, summed over pairs of neutrinos.

    `tip` says by which stars: `Ngc4258` unless `OmegaCentauri`, `M5` or `GlobularClusters` is given; the name of the
    experiment tells.

    Published is the limit on a moment of light neutrinos. Charges of neutrinos count by the energy that they lose over
    that of a moment, masses and a light scalar by the channels that they close, in a core of `stars.red_giant`:
    mu_nu^2 is that of the moment that loses as much (`shared.stars.equivalent_moment_squared`).

    Energy losses that change with the parameters of the stars are disputed: with them free, N. Franz, M. Dennis and J.
    Sakstein, arXiv:2307.13050, find nothing excluded below 6e-12 mu_B. Who shares the doubt leaves red giants out of a
    fit.
    """

    reference: ClassVar[str] = (
        f"{Ngc4258.reference} (NGC 4258, omega Centauri); {M5.reference} (M5); "
        f"{GlobularClusters.reference} (globular clusters)"
    )
    tip: RedGiantTip
    core: stars.Core

    @classmethod
    @public
    def load(cls, tip: RedGiantTip | None = None) -> Self:
        """Read the likelihood of one tip; that of NGC 4258 unless another is given."""
        tip = Ngc4258() if tip is None else tip
        _checks.check_instance("tip", tip, RedGiantTip)
        term, source = tip.likelihood()
        core = stars.red_giant()
        return cls(name=f"red_giants_{tip.short_name}", terms=(term,), tip=tip, core=core, sources=(source,))

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: the stars of this tip. The average of 1999 is taken to hold all globular clusters."""
        return frozenset(f"red_giants/{name}" for name in self.tip.stars())

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of what the tip is judged by."""
        return (self.tip.quantity(),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Quantity by which the tip is judged (1,), from the squared moment that loses as much energy."""
        return self.tip.value(equivalent_moment_squared(theory, self.core)).reshape(1)
