"""GALLEX, GNO and SAGE: captures of solar neutrinos on gallium, 1990-2007."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np

from nmmjax._public import public
from nmmjax.constants import ELECTRON
from nmmjax.experiments.likelihoods.correlated import correlated_fields
from nmmjax.experiments.shared import solar
from nmmjax.fluxes import SolarSpectra
from nmmjax.media import SolarModel
from nmmjax.tables import Table, read_table

_THRESHOLD = 0.2332
"""[MeV]."""
_EXPERIMENTS = {"gallex": "GALLEX", "gno": "GNO", "sage": "SAGE"}
_SURVIVAL, _MATTER_MATTERS = (0.54, 0.33), 2.0
"""P_ee below and above so many MeV, roughly: where the error of the cross section is evaluated."""
_SOURCES = ("pp", "pep", "be7", "b8", "hep", "n13", "o15", "f17")


class Gallium2010(solar.SolarRates):
    """The capture rates on 71Ga in three experiments, threshold 0.233 MeV: neutrinos of every source, pp above all.

    Without oscillations 127 +- 3 SNU (B16-GS98). The error of the cross section, one for all energies and experiments,
    is part of the covariance, evaluated at the mixing of the Sun. What the Earth adds by night, 0.06 SNU, is left out.
    """

    reference: ClassVar[str] = (
        "F. Kaether et al. (GALLEX), Phys. Lett. B 685, 47 (2010); M. Altmann et al. (GNO), Phys. Lett. B 616, 174 "
        "(2005); J. N. Abdurashitov et al. (SAGE), Phys. Rev. C 80, 015807 (2009)"
    )

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given."""
        sun = solar.given_or_standard(sun)
        spectra = SolarSpectra.load()
        rates, cross_section = read_table("solar_rates"), read_table("solar_cross_section_ga71")
        measured = [rates.where(measurement=name) for name in _EXPERIMENTS]
        response = solar.capture(_THRESHOLD, cross_section["energy"], cross_section["cross_section"])
        fields = solar.rate_fields(sun, [[solar.Channel.of(sun, spectra, s, response) for s in _SOURCES]])
        theoretical = _cross_section_error(fields, cross_section)
        variances = np.concatenate([solar.variance(table) for table in measured])
        return cls(
            name="gallium",
            sources=(rates.source, cross_section.source, *spectra.tables, *sun.tables),
            quantities=tuple((f"71Ga capture rate, {label}", "SNU") for label in _EXPERIMENTS.values()),
            **{**fields, "weights": jnp.repeat(fields["weights"], len(measured), axis=0)},
            **correlated_fields(
                np.concatenate([table["value"] for table in measured]), np.diag(variances) + theoretical**2
            ),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: the captures of three experiments."""
        return frozenset({"gallex", "gno", "sage"})


def _cross_section_error(fields: solar.RateFields, table: Table) -> float:
    """One standard deviation of the rate [SNU]: a sixth of the width of the three-sigma band, symmetrized."""
    relative = (table["plus_3_sigma"] - table["minus_3_sigma"]) / (6.0 * table["cross_section"])
    energy = np.asarray(fields["average"].energy)
    survival = np.where(energy < _MATTER_MATTERS, *_SURVIVAL)
    of_electron = np.asarray(fields["weights"])[0, :, ELECTRON]
    return float((of_electron * survival) @ np.interp(energy, table["energy"], relative))
