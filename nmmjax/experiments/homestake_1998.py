"""Homestake: captures of solar neutrinos on chlorine, 1970-1994."""

from typing import ClassVar, Self

import numpy as np

from nmmjax._public import public
from nmmjax.experiments.likelihoods.correlated import correlated_fields
from nmmjax.experiments.shared import solar
from nmmjax.fluxes import SolarSpectra
from nmmjax.media import SolarModel
from nmmjax.tables import read_table

_CROSS_SECTION_ERROR = 0.033
"""Of the 8B neutrinos, 77 % of the rate; one standard deviation [J. N. Bahcall et al. (1996)]."""


class Homestake1998(solar.SolarRates):
    """The capture rate on 37Cl, threshold 0.814 MeV: 8B neutrinos, and 7Be, pep and CNO neutrinos.

    Without oscillations 8.0 +- 0.8 SNU (B16-GS98). The error of the cross section is part of the covariance. What the
    Earth adds by night, 0.03 SNU, is left out.
    """

    reference: ClassVar[str] = "B. T. Cleveland et al., Astrophys. J. 496, 505 (1998)"

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given."""
        sun = solar.given_or_standard(sun)
        spectra = SolarSpectra.load()
        rates, cross_section = read_table("solar_rates"), read_table("solar_cross_section_cl37")
        measured = rates.where(measurement="homestake")
        energy, section = cross_section["energy"], cross_section["cross_section"]
        response = solar.capture(energy[0], energy[1:], section[1:])
        sources = ("pep", "be7", "b8", "hep", "n13", "o15", "f17")
        channels = [solar.Channel.of(sun, spectra, source, response) for source in sources]
        theoretical = _CROSS_SECTION_ERROR * measured["value"]
        return cls(
            name="homestake",
            sources=(rates.source, cross_section.source, *spectra.tables, *sun.tables),
            quantities=(("37Cl capture rate", "SNU"),),
            **solar.rate_fields(sun, [channels]),
            **correlated_fields(measured["value"], np.diag(solar.variance(measured) + theoretical**2)),
        )
