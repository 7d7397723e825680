"""NuFIT 6.0 (2024): Delta chi^2 curves."""

from typing import ClassVar

from nmmjax.experiments.shared.global_fit import NUFIT60, Release
from nmmjax.experiments.shared.nufit import NuFITTables


class NuFIT60Tables(NuFITTables):
    """NuFIT 6.0: the published Delta chi^2 curves of the six parameters, normal ordering, data `IC24`.

    Curves for inverted ordering are not at hand: asking for them is an error.
    """

    release: ClassVar[Release] = NUFIT60
    reference: ClassVar[str] = NUFIT60.reference
