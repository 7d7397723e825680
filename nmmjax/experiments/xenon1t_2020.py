"""XENON1T: the excess of electronic recoils of 2020."""

from typing import ClassVar, Self

from nmmjax._public import public
from nmmjax.experiments.shared import xenon
from nmmjax.media import SolarModel
from nmmjax.scattering.atoms import Shells

_EXPOSURE = 226.9 / 365.25 * 1.042
"""Live days and tonnes of the fiducial volume [tonne years]."""
_BACKGROUND_ERROR, _EFFICIENCY_ERROR = 0.026, 0.030


class Xenon1T2020(xenon.Xenon):
    """Science run 1, 0.65 tonne years: 29 bins of 1 keV from 1 to 30 keV.

    Binned counts and background of the collaboration, its normalization known to 2.6 % and the efficiency to 3 %, as in
    the emulation of P. Athron et al., JHEP 05 (2021) 159, 2007.05517, which this is but for the signal, computed here.
    The published fit is unbinned and floats the components of the background (and finds 220.7 +- 6.6 solar neutrinos
    where 1-210 keV are looked at). Tritium, the other explanation of the excess, is not in the background.
    XENONnT has not confirmed the excess.
    """

    reference: ClassVar[str] = "E. Aprile et al. (XENON), Phys. Rev. D 102, 072004 (2020), arXiv:2006.09721"
    panel: ClassVar[str] = "XENON1T"

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None, *, shells: Shells | None = None) -> Self:
        """Read the packaged data; solar fluxes of B16-GS98 and binding energies of xenon unless others are given."""
        return cls(
            **xenon.fields("xenon1t_2020", _EXPOSURE, sun, shells, 1.0),
            background_error=_BACKGROUND_ERROR,
            efficiency_error=_EFFICIENCY_ERROR,
        )
