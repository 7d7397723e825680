"""NuFIT 6.1 (2025): Delta chi^2 curves."""

from typing import ClassVar

from nmmjax.experiments.shared.global_fit import NUFIT61, Release
from nmmjax.experiments.shared.nufit import NuFITTables


class NuFIT61Tables(NuFITTables):
    """NuFIT 6.1: the published Delta chi^2 curves of the six parameters, normal ordering, data `IC24`.

    Curves for inverted ordering are not at hand: asking for them is an error.
    """

    release: ClassVar[Release] = NUFIT61
    reference: ClassVar[str] = NUFIT61.reference
