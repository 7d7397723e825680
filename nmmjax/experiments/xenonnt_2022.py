"""XENONnT: five times less background than XENON1T, and no excess."""

from typing import ClassVar, Self

from nmmjax._public import public
from nmmjax.experiments.base import Spectrum
from nmmjax.experiments.shared import xenon
from nmmjax.media import SolarModel
from nmmjax.scattering.atoms import Shells

_EXPOSURE = 1.16
"""[tonne years]."""
_BACKGROUND_ERROR, _EFFICIENCY_ERROR = 0.030, 0.030
_FINE = 100
"""Bins."""


class XenonNT2022(xenon.Xenon):
    """Science run 0, 1.16 tonne years: 29 bins of 1 keV from 1 to 30 keV, or the single events (`unbinned`).

    Released energies, and the best fit of the collaboration to them without a signal as background; its normalization
    is given 3 %, the efficiency 3 %. The published fit floats the components of the background. The resolution is that
    of XENON1T; the collaboration uses a skew Gaussian.
    """

    reference: ClassVar[str] = "E. Aprile et al. (XENON), Phys. Rev. Lett. 129, 161805 (2022), arXiv:2207.11330"
    panel: ClassVar[str] = "XENONnT"

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None, *, shells: Shells | None = None) -> Self:
        """Read the packaged data; solar fluxes of B16-GS98 and binding energies of xenon unless others are given."""
        return cls._with_bins(1.0, sun, shells)

    @classmethod
    def unbinned(cls, sun: SolarModel | None = None, *, shells: Shells | None = None) -> Self:
        """Read the single events, in cells of 0.1 keV, in which the background was released.

        Cells are narrow against the resolution of 0.3 to 1.8 keV, so the likelihood is that of the single events.
        """
        return cls._with_bins(0.1, sun, shells)

    def spectrum(self) -> Spectrum | None:
        """The spectrum as one panel in bins of 1 keV; None for single events, which are not drawn."""
        return super().spectrum() if self.bins < _FINE else None

    @classmethod
    def _with_bins(cls, width: float, sun: SolarModel | None, shells: Shells | None) -> Self:
        return cls(
            **xenon.fields("xenonnt_2022", _EXPOSURE, sun, shells, width),
            background_error=_BACKGROUND_ERROR,
            efficiency_error=_EFFICIENCY_ERROR,
        )
