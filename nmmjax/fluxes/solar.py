"""Spectra of the neutrinos that the Sun makes; how many of each there are is said by `nmmjax.media.SolarModel`."""

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.tables import Source, Table, read_table

_GAUSS = np.array([-1.0, 1.0]) / np.sqrt(3.0)


class Quadrature(NamedTuple):
    """sum_j weight_j f(energy_j) = mean of f over a spectrum."""

    energy: Float[Array, " points"]
    """[MeV]."""
    weight: Float[Array, " points"]
    """Positive; they sum to one."""


class SolarSpectra(eqx.Module):
    """Energies of solar neutrinos, source by source, as quadratures: what is to be folded with a cross section.

    A continuous spectrum is the polygon through the points of its table, with two Gauss nodes in each interval: exact
    for functions that are quadratic there. 7Be and pep neutrinos are lines (two and one); their thermal widths of about
    1 keV are neglected. Oscillations apart, the shapes do not depend on the solar model.
    """

    quadratures: dict[str, Quadrature]
    tables: tuple[Source, ...] = eqx.field(static=True)

    def __check_init__(self) -> None:
        check_fields(self)
        if not self.quadratures:
            _checks.fail("quadratures", "hold a source at least", "there is none")

    @classmethod
    def load(cls) -> "SolarSpectra":
        """Load pp, hep [Bahcall 1997], 8B [Winter et al. 2006], 13N, 15O, 17F [Bahcall, Ulrich 1988], 7Be, pep."""
        continuous, lines = read_table("solar_spectra"), read_table("solar_spectra_lines")
        names = dict.fromkeys(continuous["source"].tolist())
        quadratures = {name: _polygon(continuous.where(source=name)) for name in names}
        for name in dict.fromkeys(lines["source"].tolist()):
            table = lines.where(source=name)
            quadratures[name] = _normalized(table["energy"], table["branching"])
        return cls(quadratures, (continuous.source, lines.source))

    @public
    def quadrature(self, source: str) -> Quadrature:
        """Energies and weights of one source: pp, pep, hep, be7, b8, n13, o15 or f17."""
        _checks.check_known("source", source, self.quadratures)
        return self.quadratures[source]


def _polygon(table: Table) -> Quadrature:
    energy, density = table["energy"], table["density"]
    half = 0.5 * np.diff(energy)[:, None]
    nodes = energy[:-1, None] + half * (1.0 + _GAUSS)
    weights = half * np.interp(nodes, energy, density)
    inside = weights > 0.0
    return _normalized(nodes[inside], weights[inside])


def _normalized(energy: np.ndarray, weight: np.ndarray) -> Quadrature:
    return Quadrature(on_device(energy), on_device(weight / weight.sum()))
