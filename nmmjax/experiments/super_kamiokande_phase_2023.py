"""Super-Kamiokande: what atmospheric neutrinos say of the CP phase, as published."""

from typing import ClassVar, Self

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.shared.global_fit import curve
from nmmjax.experiments.shared.published_mixing import MixingOfOrdering
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.tables import read_table


class SuperKamiokandePhase2023(MixingOfOrdering):
    """The published Delta chi^2 of delta_cp for one ordering, theta13 constrained to that of reactors.

    For normal ordering the spline through the nodes, ten degrees apart, gives -1.77 +0.79 -1.22 (published, from the
    nodes: -1.75 +0.76 -1.25), for inverted ordering -1.69 +0.83 -1.27. Inverted ordering costs 5.69: `offset`.

    theta23 and the splitting are minimized over, so the curve sees neither of them, nor which ordering a theory has:
    load the one that the theory is to have, beside data that fix the splitting.

    The data are those of `SuperKamiokandeAtmospheric2023`, which predicts them: a fit takes one of the two.
    """

    reference: ClassVar[str] = "T. Wester et al. (Super-Kamiokande), Phys. Rev. D 109, 072014 (2024), arXiv:2311.05105"

    @classmethod
    @public
    def load(cls, ordering: Ordering | None = None) -> Self:
        """Read the curve of one ordering of the masses; normal unless another is given."""
        ordering = NormalOrdering() if ordering is None else ordering
        _checks.check_instance("ordering", ordering, Ordering)
        table = read_table("super_kamiokande_2023_delta_cp").where(ordering=ordering.short_name)
        return cls(
            name=f"super_kamiokande_{ordering.short_name}_phase_2023".lower(),
            terms=(curve(table, "delta_cp"),),
            sources=(table.source,),
            parameters=("delta_cp",),
            ordering=ordering,
            # Both orderings count from the minimum of the better one.
            ordering_delta_chi2=on_device(table["delta_chi2"].min()),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: atmospheric neutrinos in all five phases."""
        return frozenset({"super_kamiokande/atmospheric"})
