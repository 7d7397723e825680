"""KM3NeT/ORCA6: atmospheric neutrinos in the first six lines of the detector, 433 kt yr."""

from typing import ClassVar, Self

import numpy as np

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.shared.global_fit import surface
from nmmjax.experiments.shared.published_mixing import MixingOfOrdering
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.tables import read_table

INVERTED = 0.314
"""chi^2 of the published best point of inverted ordering over that of normal ordering."""
_PAIR = ("sin2_theta23", "dm31")


class Orca2024(MixingOfOrdering):
    """The published Delta chi^2 in sin^2 theta23 and dm31 of one ordering, systematic effects profiled.

    Best points (0.51, 2.18e-3 eV^2) for normal and (0.51, -2.07e-3 eV^2) for inverted ordering, which costs 0.314:
    `offset`. Between nodes the table is a spline; its minimum of normal ordering lies at Delta chi^2 = 0.00 and
    (0.5091, 2.182e-3 eV^2), the published best point at (0.5090, 2.180e-3 eV^2). The collaboration fixed or profiled
    theta13 and delta_cp, so that what these data say of them cannot be followed. A theory with the other ordering is
    confronted with the same table: its dm31 lies far outside, where the likelihood is tiny but finite, with a gradient
    that leads back.
    """

    reference: ClassVar[str] = "S. Aiello et al. (KM3NeT), JHEP 10 (2024) 206, arXiv:2408.07015"

    @classmethod
    @public
    def load(cls, ordering: Ordering | None = None) -> Self:
        """Read the table of one ordering of the masses; normal unless another is given."""
        ordering = NormalOrdering() if ordering is None else ordering
        _checks.check_instance("ordering", ordering, Ordering)
        table = read_table("orca_2024")
        chosen = table.where(ordering=ordering.short_name)
        return cls(
            name=f"orca_{ordering.short_name}_2024".lower(),
            terms=(surface(chosen, *_PAIR),),
            sources=(table.source,),
            parameters=_PAIR,
            ordering=ordering,
            ordering_delta_chi2=on_device(np.asarray(0.0 if ordering.sign > 0 else INVERTED)),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: those of the telescope."""
        return frozenset({"km3net"})
