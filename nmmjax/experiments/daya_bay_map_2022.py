"""Daya Bay: the published Delta chi^2 in the two parameters that its antineutrinos measure."""

from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax.experiments.shared.global_fit import surface
from nmmjax.experiments.shared.published_mixing import MeasuredMixing
from nmmjax.low_energy import States
from nmmjax.tables import read_table

_PAIR = ("sin2_2theta13", "dm32")


class DayaBayMap2022(MeasuredMixing):
    """The Delta chi^2 of the collaboration in sin^2 2theta13 and dm32, 3158 days, normal ordering.

    Published best values 0.0851 +- 0.0024 and (2.466 +- 0.060)e-3 eV^2; beyond Delta chi^2 = 50, where the map is not
    at hand, it is continued smoothly. It is that of three flavors, for normal ordering alone: a theory with inverted
    ordering lies far outside, where the likelihood is tiny but finite, with a gradient that leads back.

    The data are those of `DayaBay2022`, which predicts the spectra for any neutrinos: a fit takes one of the two.
    """

    reference: ClassVar[str] = "F. P. An et al. (Daya Bay), Phys. Rev. Lett. 130, 161802 (2023), arXiv:2211.14988"

    @classmethod
    def load(cls) -> Self:
        """Read the published map from its packaged table."""
        table = read_table("daya_bay_2022_map")
        return cls(name="daya_bay_map_2022", terms=(surface(table, *_PAIR),), sources=(table.source,), parameters=_PAIR)

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: all of the experiment."""
        return frozenset({"daya_bay"})

    def value(self, parameter: str, states: States) -> Float[Array, ""]:
        """The value of one parameter; sin^2 2theta13 = 4 sin^2 theta13 cos^2 theta13."""
        if parameter == "sin2_2theta13":
            return 4.0 * states.sin2_theta13 * (1.0 - states.sin2_theta13)
        return super().value(parameter, states)
