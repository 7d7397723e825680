"""NuFIT 6.0 (2024): best values and errors."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self

import equinox as eqx

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.likelihoods.measured import Term
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.likelihoods.terms import CircularSplitGaussian, SplitGaussian
from nmmjax.experiments.shared.global_fit import NUFIT60, PARAMETERS, GlobalFit
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.tables import read_table


class AtmosphericData(eqx.Module):
    """Abstract: which atmospheric data entered the global fit."""

    short_name: ClassVar[str]
    """Name in the published table and in that of the experiment."""
    with_super_kamiokande: ClassVar[bool]


class IC19(AtmosphericData):
    """IceCube/DeepCore 2019, without the tabulated chi^2 of Super-Kamiokande."""

    short_name: ClassVar[str] = "IC19"
    with_super_kamiokande: ClassVar[bool] = False


class IC24(AtmosphericData):
    """IceCube/DeepCore 2024 with the tabulated chi^2 of Super-Kamiokande."""

    short_name: ClassVar[str] = "IC24"
    with_super_kamiokande: ClassVar[bool] = True


class NuFIT60Gaussian(GlobalFit):
    """NuFIT 6.0: the published best values and one-sigma errors as split Gaussians.

    Six independent terms: correlations, second minima (the other octant of theta23) and tails are not in them; see
    `NuFIT60Tables` for those. `offset`: 6.1 for inverted ordering with `IC24`, 0.6 for normal ordering with `IC19`,
    the selections of atmospheric data in this module.
    """

    reference: ClassVar[str] = NUFIT60

    @classmethod
    @public
    def load(cls, ordering: Ordering | None = None, atmospheric: AtmosphericData | None = None) -> Self:
        """Read one ordering with one selection of atmospheric data; normal with `IC24` unless others are given."""
        ordering = NormalOrdering() if ordering is None else ordering
        atmospheric = IC24() if atmospheric is None else atmospheric
        chosen = _chosen(ordering, atmospheric)
        values, orderings = _values(chosen), read_table("nufit60_orderings")
        return cls(
            name=f"nufit60_{atmospheric.short_name}_{ordering.short_name}_gaussian".lower(),
            terms=tuple(_gaussian(values, parameter) for parameter in PARAMETERS),
            sources=(values.source, orderings.source),
            ordering=ordering,
            parameters=PARAMETERS,
            ordering_delta_chi2=on_device(orderings.where(**chosen)["delta_chi2"].reshape(())),
            with_super_kamiokande=atmospheric.with_super_kamiokande,
        )

    @staticmethod
    def published(
        ordering: Ordering | None = None, atmospheric: AtmosphericData | None = None
    ) -> dict[str, tuple[float, float, float]]:
        """Best values with their one-sigma errors upwards and downwards [eV^2, rad], by parameter.

        **Arguments:** as `load` takes them.
        """
        values = _values(_chosen(ordering or NormalOrdering(), atmospheric or IC24()))
        return {parameter: _numbers(values, parameter) for parameter in PARAMETERS}


def _chosen(ordering: Ordering, atmospheric: AtmosphericData) -> dict[str, str]:
    _checks.check_instance("ordering", ordering, Ordering)
    _checks.check_instance("atmospheric", atmospheric, AtmosphericData)
    return {"atmospheric": atmospheric.short_name, "ordering": ordering.short_name}


def _values(chosen: Mapping[str, str]) -> PublishedValues:
    return PublishedValues(read_table("nufit60_parameters").where(**chosen), "parameter")


def _gaussian(values: PublishedValues, parameter: str) -> Term:
    in_degrees = values.word(parameter, "unit") == "deg"
    return (CircularSplitGaussian if in_degrees else SplitGaussian)(*_numbers(values, parameter))


def _numbers(values: PublishedValues, parameter: str) -> tuple[float, float, float]:
    """Best value and errors of a parameter; degrees become radians."""
    scale = math.radians(1.0) if values.word(parameter, "unit") == "deg" else 1.0
    best, plus, minus = (scale * values.number(parameter, column) for column in ("best", "plus", "minus"))
    return best, plus, minus
