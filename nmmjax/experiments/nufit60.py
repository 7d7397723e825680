"""NuFIT 6.0 (2024)."""

import math
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp

from nmmjax import _checks
from nmmjax.experiments._global_fit import PARAMETERS, GlobalFit, curve
from nmmjax.experiments._measured import Term
from nmmjax.experiments._terms import CircularSplitGaussian, SplitGaussian
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.tables import Table, read_table

REFERENCE = "I. Esteban et al., JHEP 12 (2024) 216, arXiv:2410.05380 (NuFIT 6.0)"


class AtmosphericData(eqx.Module):
    """Abstract: which atmospheric data entered the global fit."""

    short_name: ClassVar[str]
    """As in the published table."""


class IC19(AtmosphericData):
    """IceCube/DeepCore 2019, without the tabulated chi^2 of Super-Kamiokande."""

    short_name: ClassVar[str] = "IC19"


class IC24(AtmosphericData):
    """IceCube/DeepCore 2024 with the tabulated chi^2 of Super-Kamiokande."""

    short_name: ClassVar[str] = "IC24"


class NuFIT60Gaussian(GlobalFit):
    """NuFIT 6.0: the published best values and one-sigma errors as split Gaussians.

    Six independent terms: correlations, second minima (the other octant of theta23) and tails are not in them; see
    `NuFIT60Tables` for those. `offset`: 6.1 for inverted ordering with `IC24`, 0.6 for normal ordering with `IC19`.
    """

    reference: ClassVar[str] = REFERENCE

    @classmethod
    def load(cls, ordering: Ordering | None = None, atmospheric: AtmosphericData | None = None) -> Self:
        """One ordering of the masses with one selection of data; normal ordering with `IC24` unless given."""
        ordering = NormalOrdering() if ordering is None else ordering
        _checks.check_instance("ordering", ordering, Ordering)
        atmospheric = IC24() if atmospheric is None else atmospheric
        _checks.check_instance("atmospheric", atmospheric, AtmosphericData)
        chosen = {"atmospheric": atmospheric.short_name, "ordering": ordering.short_name}
        values, orderings = read_table("nufit60_parameters"), read_table("nufit60_orderings")
        return cls(
            name=f"nufit60_{atmospheric.short_name}_{ordering.short_name}_gaussian".lower(),
            terms=tuple(_gaussian(values.where(**chosen), parameter) for parameter in PARAMETERS),
            sources=(values.source, orderings.source),
            ordering=ordering,
            parameters=PARAMETERS,
            ordering_delta_chi2=jnp.asarray(orderings.where(**chosen)["delta_chi2"].item()),
        )


class NuFIT60Tables(GlobalFit):
    """NuFIT 6.0: the published Delta chi^2 curves of the six parameters, normal ordering, data `IC24`."""

    reference: ClassVar[str] = REFERENCE

    @classmethod
    def load(cls) -> Self:
        """The one selection for which the curves are at hand."""
        table = read_table("nufit60_dchi2_1d")
        return cls(
            name="nufit60_ic24_no_tables",
            terms=tuple(curve(table, parameter) for parameter in PARAMETERS),
            sources=(table.source,),
            ordering=NormalOrdering(),
            parameters=PARAMETERS,
            ordering_delta_chi2=jnp.asarray(0.0),
        )


def _gaussian(values: Table, parameter: str) -> Term:
    row = values.where(parameter=parameter)
    if row["unit"].item() == "deg":
        best, plus, minus = (math.radians(row[column].item()) for column in ("best", "plus", "minus"))
        return CircularSplitGaussian(best, plus, minus)
    return SplitGaussian(*(row[column].item() for column in ("best", "plus", "minus")))
