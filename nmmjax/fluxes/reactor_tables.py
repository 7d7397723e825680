"""Antineutrinos of nuclear reactors from 8 keV on, where detectors of low threshold see moments."""

from collections.abc import Mapping

import equinox as eqx
import numpy as np
from jaxtyping import Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.fluxes.solar import Quadrature
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.tables import Source, read_table

_CAPTURE = "U238capture"
_OF_CAPTURE = 2.0
"""Antineutrinos that follow a capture on 238U: 239U and 239Np decay."""
_NODES = {_CAPTURE: 2}
"""In an interval of a table whose points lie close."""
_OTHER_NODES = 6


class ReactorTables(eqx.Module):
    """The spectrum of each isotope that fissions, and of captures on 238U: polygons through the points of tables.

    For a detector of recoils, which sees all energies; `ReactorSpectra` are the better known ones above 2 MeV. The
    curve of captures is a shape, which two antineutrinos share.
    """

    points: dict[str, tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]]
    """By isotope, energies [MeV] and antineutrinos per MeV and fission (or capture)."""
    table: Source = eqx.field(static=True)

    def __check_init__(self) -> None:
        check_fields(self)
        if _CAPTURE not in self.points:
            _checks.fail("points", f"hold {_CAPTURE}", f"its keys are {', '.join(sorted(self.points))}")

    @classmethod
    def load(cls) -> "ReactorTables":
        """Load 235U, 238U, 239Pu, 241Pu [Vogel, Engel 1989] and captures on 238U."""
        table = read_table("reactor_spectra_tables")
        points = {}
        for isotope in dict.fromkeys(table["isotope"].tolist()):
            rows = table.where(isotope=isotope)
            energy, density = rows["energy"], rows["density"]
            share = _OF_CAPTURE / np.trapezoid(density, energy) if isotope == _CAPTURE else 1.0
            points[isotope] = energy, share * density
        return cls(points, table.source)

    @public
    def quadrature(self, fission_fractions: Mapping[str, float], captures: float = 0.0) -> Quadrature:
        """Energies and antineutrinos per fission, all isotopes together: sum_j weight_j f(energy_j) = int dN f.

        **Arguments:** the share of each isotope in the fissions; captures on 238U per fission.

        **Raises:** `ValueError` where the names are not those of all isotopes.
        """
        _checks.check_range("captures", captures, low=0.0)
        isotopes = set(self.points) - {_CAPTURE}
        if set(fission_fractions) != isotopes:
            have = f"its keys are {', '.join(sorted(fission_fractions))}"
            _checks.fail("fission_fractions", f"have the keys {', '.join(sorted(isotopes))}", have)
        shares = {**fission_fractions, _CAPTURE: captures}
        _checks.check_range("fission_fractions", np.array(list(shares.values()), float), low=0.0)
        parts = [_polygon(*self.points[name], _NODES.get(name, _OTHER_NODES)) for name in self.points]
        weights = [shares[name] * weight for name, (_, weight) in zip(self.points, parts, strict=True)]
        energy, place = np.unique(np.concatenate([energy for energy, _ in parts]), return_inverse=True)
        return Quadrature(on_device(energy), on_device(np.bincount(place, np.concatenate(weights))))


def _polygon(
    energy: Float[np.ndarray, " n"], density: Float[np.ndarray, " n"], nodes: int
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """Gauss nodes in each interval, with the weights of a polygon."""
    x, weights = gauss_legendre(nodes)
    half = 0.5 * np.diff(energy)[:, None]
    places = energy[:-1, None] + half * (1.0 + x)
    return places.ravel(), (half * weights * np.interp(places, energy, density)).ravel()
