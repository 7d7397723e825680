"""NuFIT 6.0 (2024): Delta chi^2 curves."""

from typing import ClassVar, Self

import jax.numpy as jnp

from nmmjax.experiments.shared.global_fit import NUFIT60, PARAMETERS, GlobalFit, curve
from nmmjax.ordering import NormalOrdering
from nmmjax.tables import read_table


class NuFIT60Tables(GlobalFit):
    """NuFIT 6.0: the published Delta chi^2 curves of the six parameters, normal ordering, data `IC24`."""

    reference: ClassVar[str] = NUFIT60

    @classmethod
    def load(cls) -> Self:
        """Read the curves of the one selection for which they are at hand."""
        table = read_table("nufit60_dchi2_1d")
        return cls(
            name="nufit60_ic24_no_tables",
            terms=tuple(curve(table, parameter) for parameter in PARAMETERS),
            sources=(table.source,),
            ordering=NormalOrdering(),
            parameters=PARAMETERS,
            ordering_delta_chi2=jnp.zeros(()),
            with_super_kamiokande=True,
        )
