"""NuFIT 5.3 (2024)."""

import dataclasses
from typing import ClassVar, Self

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.shared.global_fit import NUFIT53, PARAMETERS, GlobalFit, Release, curve, surface
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.tables import read_table


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two parameters whose joint Delta chi^2 was published."""

    first: str
    second: str


SOLAR = Pair("sin2_theta12", "dm21")
REACTOR = Pair("sin2_theta13", "dm3l")
OCTANT_PHASE = Pair("sin2_theta23", "delta_cp")
OCTANT_SPLITTING = Pair("sin2_theta23", "dm3l")
PAIRS = (SOLAR, REACTOR, OCTANT_PHASE, OCTANT_SPLITTING)


class NuFIT53Tables(GlobalFit):
    """NuFIT 5.3: the published Delta chi^2 surfaces and curves, both orderings, with Super-Kamiokande data.

    A surface takes the place of the curves of its two parameters. Every term counts from its own minimum, and what the
    ordering costs (9.117 for inverted) enters once, by `offset`.
    """

    release: ClassVar[Release] = NUFIT53
    reference: ClassVar[str] = NUFIT53.reference

    @classmethod
    @public
    def load(cls, ordering: Ordering | None = None, pairs: tuple[Pair, ...] = (SOLAR, REACTOR, OCTANT_PHASE)) -> Self:
        """Read the tables of one ordering of the masses; normal unless another is given.

        **Arguments:** `pairs`, without a common parameter, out of `SOLAR`, `REACTOR`, `OCTANT_PHASE` and
        `OCTANT_SPLITTING`; parameters in no pair have their curves. `pairs=()` gives six curves.
        """
        ordering = NormalOrdering() if ordering is None else ordering
        _checks.check_instance("ordering", ordering, Ordering)
        if unknown := [pair for pair in pairs if pair not in PAIRS]:
            _checks.fail("pairs", f"be out of {PAIRS}", f"{unknown[0]} was not published")
        paired = tuple(parameter for pair in pairs for parameter in (pair.first, pair.second))
        if len(set(paired)) < len(paired):
            _checks.fail("pairs", "have no common parameter", f"they are {paired}")
        curves = read_table("nufit53_dchi2_1d")
        surfaces = [read_table(f"nufit53_dchi2_2d_{pair.first}_{pair.second}") for pair in pairs]
        single = tuple(parameter for parameter in PARAMETERS if parameter not in paired)
        of_ordering = curves.where(ordering=ordering.short_name)
        terms = [
            surface(table.where(ordering=ordering.short_name), pair.first, pair.second)
            for table, pair in zip(surfaces, pairs, strict=True)
        ]
        return cls(
            name=f"nufit53_sk_{ordering.short_name}_tables".lower(),
            terms=(*terms, *(curve(of_ordering, parameter) for parameter in single)),
            sources=(curves.source, *(table.source for table in surfaces)),
            ordering=ordering,
            parameters=(*paired, *single),
            # Both orderings count from the minimum of the better one.
            ordering_delta_chi2=on_device(of_ordering["delta_chi2"].min()),
            with_super_kamiokande=True,
        )
