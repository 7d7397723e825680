"""Global fits of three-flavor oscillations, published as likelihoods of six parameters."""

import dataclasses
from typing import ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax.experiments.likelihoods.tabulated import Axis, Circular, Decadic, Linear, Tabulated
from nmmjax.experiments.shared.published_mixing import MixingOfOrdering
from nmmjax.low_energy import States
from nmmjax.numerics.interpolate import complete_grid
from nmmjax.ordering import Ordering
from nmmjax.tables import Table

PARAMETERS = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "dm21", "dm3l")
_SOLAR = {"homestake", "gallex", "gno", "sage", "super_kamiokande/solar/mixing", "sno", "borexino/mixing"}
_REACTORS = {"kamland", "chooz", "double_chooz", "daya_bay", "reno"}
_BEAMS = {"minos", "t2k", "nova"}
_ICECUBE, _SUPER_KAMIOKANDE = {"icecube/oscillations"}, {"super_kamiokande/atmospheric"}
"""What global fits have used, in this or an earlier release."""


@dataclasses.dataclass(frozen=True)
class Release:
    """One release of NuFIT."""

    name: str
    """As the names of its tables and experiments begin."""
    title: str
    reference: str
    new: frozenset[str]
    """Tags of the data of which NuFIT 5.3 had none."""


NUFIT53 = Release(
    "nufit53", "NuFIT 5.3", "I. Esteban et al., JHEP 09 (2020) 178, arXiv:2007.14792, and NuFIT 5.3 (2024)", frozenset()
)
NUFIT60 = Release(
    "nufit60",
    "NuFIT 6.0",
    "I. Esteban et al., JHEP 12 (2024) 216, arXiv:2410.05380 (NuFIT 6.0)",
    frozenset({"sno_plus"}),
)
NUFIT61 = Release(
    "nufit61",
    "NuFIT 6.1",
    "NuFIT 6.1 (2025), www.nu-fit.org; I. Esteban et al., JHEP 12 (2024) 216, arXiv:2410.05380",
    frozenset({"sno_plus", "juno"}),
)


class GlobalFit(MixingOfOrdering):
    """Abstract: likelihoods of sin^2 of the three angles, delta_cp, dm21 and dm3l for one ordering of the masses.

    dm3l is dm31 for normal and dm32 for inverted ordering. A theory with the other ordering is confronted with the same
    likelihoods: its dm3l lies a hundred standard deviations away on the other side of zero, where the likelihood is
    tiny but finite, with a gradient that leads back. The two orderings are compared by `offset`.
    """

    release: ClassVar[Release]
    with_super_kamiokande: bool = eqx.field(static=True)
    """Whether the atmospheric data of Super-Kamiokande entered."""

    @property
    def holds(self) -> frozenset[str]:
        """What went into the global fit, solar neutrinos by what they say of the mixing.

        So the recoils of Borexino and Super-Kamiokande, in which moments would show, may stand beside it: where the
        mixing is that of the global fit, what else they say of it weighs nothing.
        """
        atmospheric = _ICECUBE | _SUPER_KAMIOKANDE if self.with_super_kamiokande else _ICECUBE
        return frozenset(_SOLAR | _REACTORS | _BEAMS | atmospheric | self.release.new)

    @classmethod
    def _check_normal(cls, ordering: Ordering, what: str) -> None:
        """Raises for inverted ordering, for which `what` of this release is not at hand."""
        if ordering.sign < 0:
            but = f"{what} for inverted ordering are not at hand"
            _checks.fail("ordering", f"be normal in {cls.release.title}", but)

    def full_name(self, parameter: str) -> str:
        """Its own name, or for dm3l that by the ordering: dm31 or dm32."""
        return {"dm3l": "dm31" if self.ordering.sign > 0 else "dm32"}.get(parameter, parameter)

    def value(self, parameter: str, states: States) -> Float[Array, ""]:
        """The value of one parameter; dm3l is that of the ordering of the fit."""
        return super().value(self.full_name(parameter), states)


def curve(table: Table, parameter: str) -> Tabulated:
    """The Delta chi^2 curve of one parameter, from rows with the columns parameter, x and delta_chi2."""
    rows = table.where(parameter=parameter)
    return Tabulated([_axis(parameter)], [_nodes(parameter, rows["x"])], rows["delta_chi2"])


def surface(table: Table, first: str, second: str) -> Tabulated:
    """The Delta chi^2 surface of a pair, from rows that list nodes of a grid in columns `first`, `second`, delta_chi2.

    Nodes that are not listed, most often those of a large Delta chi^2, are filled by `complete_grid`.
    """
    names = (first, second)
    (x, i), (y, j) = (np.unique(_nodes(name, table[name]), return_inverse=True) for name in names)
    grid = np.full((x.size, y.size), np.nan)
    grid[i, j] = table["delta_chi2"]
    axes = [_axis(name) for name in names]
    filled = complete_grid(x, y, grid, periods=(axes[0].period, axes[1].period))
    return Tabulated(axes, [x, y], filled)


def _axis(parameter: str) -> Axis:
    """How the published tables run: dm21 in decades, delta_cp around the circle."""
    return {"delta_cp": Circular(), "dm21": Decadic(1e-5)}.get(parameter, Linear())


def _nodes(parameter: str, column: np.ndarray) -> np.ndarray:
    """Published abscissae in our units."""
    return np.deg2rad(column) if parameter == "delta_cp" else column
