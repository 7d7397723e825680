"""NuFIT 6.1 (2025), the first with JUNO: best values and errors."""

from typing import ClassVar

from nmmjax.experiments.shared.global_fit import NUFIT61, Release
from nmmjax.experiments.shared.nufit import IC23, IC24, AtmosphericData, NuFITGaussian


class NuFIT61Gaussian(NuFITGaussian):
    """NuFIT 6.1: the published best values and one-sigma errors of normal ordering as split Gaussians.

    Six independent terms, as in `NuFIT60Gaussian`. Errors for inverted ordering are not at hand: asking for it is an
    error, and the two orderings cannot be compared. The selections of atmospheric data, `IC23` and `IC24`, are in this
    module.
    """

    release: ClassVar[Release] = NUFIT61
    reference: ClassVar[str] = NUFIT61.reference
    selections: ClassVar[tuple[type[AtmosphericData], ...]] = (IC23, IC24)
