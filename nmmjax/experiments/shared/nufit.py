"""Releases of NuFIT as experiments: best values with errors, or curves of Delta chi^2, read in one way for all."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.likelihoods.measured import Term
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.likelihoods.terms import CircularSplitGaussian, SplitGaussian
from nmmjax.experiments.shared.global_fit import PARAMETERS, GlobalFit, curve
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


class IC23(AtmosphericData):
    """IceCube/DeepCore 2023, without the tabulated chi^2 of Super-Kamiokande."""

    short_name: ClassVar[str] = "IC23"
    with_super_kamiokande: ClassVar[bool] = False


class IC24(AtmosphericData):
    """IceCube/DeepCore 2024 with the tabulated chi^2 of Super-Kamiokande."""

    short_name: ClassVar[str] = "IC24"
    with_super_kamiokande: ClassVar[bool] = True


class NuFITGaussian(GlobalFit):
    """Abstract: the published best values and one-sigma errors of a release, as six independent split Gaussians."""

    selections: ClassVar[tuple[type[AtmosphericData], ...]]
    """The atmospheric data among which the release lets one choose."""

    @classmethod
    @public
    def load(cls, ordering: Ordering | None = None, atmospheric: AtmosphericData | None = None) -> Self:
        """Read one ordering with one selection of atmospheric data; normal with `IC24` unless others are given.

        **Raises:** `ValueError` for a selection or an ordering whose errors are not in the table of the release.
        """
        ordering = NormalOrdering() if ordering is None else ordering
        atmospheric = IC24() if atmospheric is None else atmospheric
        chosen = cls._chosen(ordering, atmospheric)
        values, orderings = cls._values(chosen), read_table(f"{cls.release.name}_orderings")
        return cls(
            name=f"{cls.release.name}_{atmospheric.short_name}_{ordering.short_name}_gaussian".lower(),
            terms=tuple(_gaussian(values, parameter) for parameter in PARAMETERS),
            sources=(values.source, orderings.source),
            ordering=ordering,
            parameters=PARAMETERS,
            ordering_delta_chi2=on_device(orderings.where(**chosen)["delta_chi2"].reshape(())),
            with_super_kamiokande=atmospheric.with_super_kamiokande,
        )

    @classmethod
    def published(
        cls, ordering: Ordering | None = None, atmospheric: AtmosphericData | None = None
    ) -> dict[str, tuple[float, float, float]]:
        """Best values with their one-sigma errors upwards and downwards [eV^2, rad], by parameter.

        **Arguments:** as `load` takes them.
        """
        values = cls._values(cls._chosen(ordering or NormalOrdering(), atmospheric or IC24()))
        return {parameter: _numbers(values, parameter) for parameter in PARAMETERS}

    @classmethod
    def _chosen(cls, ordering: Ordering, atmospheric: AtmosphericData) -> dict[str, str]:
        """The cells by which tables are searched, after it is known that there are such rows."""
        _checks.check_instance("ordering", ordering, Ordering)
        _checks.check_instance("atmospheric", atmospheric, AtmosphericData)
        if not isinstance(atmospheric, cls.selections):
            offered = " or ".join(f"{selection.__name__}()" for selection in cls.selections)
            _checks.fail("atmospheric", f"be {offered} in {cls.release.title}", f"it is {atmospheric}")
        chosen = {"atmospheric": atmospheric.short_name, "ordering": ordering.short_name}
        if not len(read_table(f"{cls.release.name}_parameters").where(**chosen)):
            cls._check_normal(ordering, "errors")
        return chosen

    @classmethod
    def _values(cls, chosen: Mapping[str, str]) -> PublishedValues:
        return PublishedValues(read_table(f"{cls.release.name}_parameters").where(**chosen), "parameter")


class NuFITTables(GlobalFit):
    """Abstract: the published Delta chi^2 curves of the six parameters, normal ordering, with `IC24`."""

    @classmethod
    @public
    def load(cls, *, ordering: Ordering | None = None) -> Self:
        """Read the curves of the one ordering, the normal one, and the one selection for which they are at hand.

        **Raises:** `ValueError` for inverted ordering.
        """
        ordering = NormalOrdering() if ordering is None else ordering
        cls._check_normal(ordering, "curves")
        table = read_table(f"{cls.release.name}_dchi2_1d")
        return cls(
            name=f"{cls.release.name}_ic24_no_tables",
            terms=tuple(curve(table, parameter) for parameter in PARAMETERS),
            sources=(table.source,),
            ordering=ordering,
            parameters=PARAMETERS,
            ordering_delta_chi2=jnp.zeros(()),
            with_super_kamiokande=True,
        )


def _gaussian(values: PublishedValues, parameter: str) -> Term:
    in_degrees = values.word(parameter, "unit") == "deg"
    return (CircularSplitGaussian if in_degrees else SplitGaussian)(*_numbers(values, parameter))


def _numbers(values: PublishedValues, parameter: str) -> tuple[float, float, float]:
    """Best value and errors of a parameter; degrees become radians."""
    scale = math.radians(1.0) if values.word(parameter, "unit") == "deg" else 1.0
    best, plus, minus = (scale * values.number(parameter, column) for column in ("best", "plus", "minus"))
    return best, plus, minus
