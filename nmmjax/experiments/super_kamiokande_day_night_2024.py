"""Super-Kamiokande: how much more of the solar neutrinos there are by night, by the published fit of an amplitude."""

from collections.abc import Sequence
from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.correlated import CorrelatedNumbers, correlated_fields
from nmmjax.experiments.shared import solar
from nmmjax.experiments.shared.super_kamiokande_solar import PHASES, ElasticRatios, read_phases
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.interpolate import CubicSpline
from nmmjax.numerics.special import clipped
from nmmjax.tables import read_table

_NAME = "super_kamiokande_day_night_2024"
_SYSTEMATIC = {PHASES: 0.32, (4,): 0.30}
"""Systematic error of the asymmetry [%], by phases."""
_CENTER = 6.1
"""Splitting [1e-5 eV^2] at which the published value is quoted."""
_LOW, _HIGH = 2.0, 22.0
"""Of the published curves [1e-5 eV^2]."""
_THRESHOLD = 4.48
"""Kinetic energy [MeV] above which rates are compared: that of the first phase."""
_PERCENT = 100.0


class SuperKamiokandeDayNight2024(CorrelatedNumbers):
    """A = 2 (day - night) / (day + night) of the rate, in %: a Gaussian around what the collaboration fits.

    The amplitude of the variation with the zenith angle is fitted with the form that it has for a splitting dm21; so
    the published A(dm21) and its error sigma(dm21) are functions of it: -2.86 +- 0.85 +- 0.32 at 6.1e-5 eV^2 for the
    phases I to IV, -2.62 +- 1.07 +- 0.30 for the fourth. The datum is A(6.1e-5 eV^2), and

        t = A(6.1) + [A_theory - A(dm21)] sigma(6.1) / sigma(dm21),

    so that chi^2 = (A_theory - A(dm21))^2 / sigma(dm21)^2. A_theory is that of the recoils above 4.49 MeV in the fourth
    phase, by `ElasticRatios`. A and sigma are held outside of 2e-5 to 22e-5 eV^2. The flux cancels.

    It holds what day and night tell in `SuperKamiokandeSolar2024`, with less error: beside that, load the latter with
    `by_night=False`.
    """

    reference: ClassVar[str] = "K. Abe et al. (Super-Kamiokande), Phys. Rev. D 109, 092001 (2024), arXiv:2312.12907"

    ratios: ElasticRatios
    rates: Float[Array, " bins"]
    """Of each bin without oscillation [1 / kt yr]; none below the threshold."""
    fitted_curve: CubicSpline
    error_curve: CubicSpline
    """A and sigma [%] as functions of ln(dm21 / 1e-5 eV^2); both errors in quadrature."""

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None, *, phases: Sequence[int] = PHASES) -> Self:
        """Read the packaged curves; neutrinos are born where B16-GS98 has them unless another model is given.

        **Arguments:** `phases` whose fit is taken: all, (1, 2, 3, 4), or the fourth alone, (4,).
        """
        key = tuple(phases)
        if key not in _SYSTEMATIC:
            _checks.fail("phases", f"be one of {tuple(_SYSTEMATIC)}", f"they are {phases!r}")
        sun, spectra = solar.given_or_standard(sun), SolarSpectra.load()
        (fourth,), tables = read_phases((4,))
        fits = read_table(f"{_NAME}_fits")
        curve = fits.where(phases=float("".join(map(str, key))))
        x, sigma = np.log(curve["dm21"]), np.hypot(curve["error"], _SYSTEMATIC[key])
        center = curve["dm21"] == _CENTER
        return cls(
            name=_NAME if key == PHASES else _NAME.replace("_2024", "_4_2024"),
            sources=(fits.source, *tables, *spectra.tables, *sun.tables),
            quantities=(("day-night asymmetry", "%"),),
            ratios=ElasticRatios.build(sun, spectra, (fourth,)),
            rates=on_device(np.where(fourth.edges[:-1] > _THRESHOLD, fourth.expected.sum(1), 0.0)),
            fitted_curve=CubicSpline(x, curve["fitted"]),
            error_curve=CubicSpline(x, sigma),
            **correlated_fields(curve["fitted"][center], sigma[center][:, None] ** 2),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: what day and night differ by, whatever the phases."""
        return frozenset({"super_kamiokande/solar/mixing/day_night"})

    def nuisances(self) -> dict[str, dist.Distribution]:
        """None: what is not known of the flux and of the detector is the same by day and by night."""
        return {}

    def asymmetry(self, theory: LowEnergy) -> Float[Array, ""]:
        """What a theory has in the place of A [%]."""
        flux = jnp.ones(len(self.ratios.recoils.source))
        day, night = self.rates @ self.ratios.rates(theory, flux)[0]
        return _PERCENT * 2.0 * (day - night) / (day + night)

    def published(self, dm21: Float[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """What the collaboration fits with the form that belongs to a splitting [eV^2], and its error [%]."""
        x = jnp.log(clipped(1e5 * dm21, _LOW, _HIGH))
        return jnp.asarray(self.fitted_curve(x)), jnp.asarray(self.error_curve(x))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted asymmetry (1,) [%], as it would be found with the form of 6.1e-5 eV^2."""
        del nuisance
        found, error = self.published(theory.neutrinos.states.dm21)
        center, unit = self.published(jnp.asarray(1e-5 * _CENTER))
        return jnp.reshape(center + (self.asymmetry(theory) - found) * unit / error, (1,))
