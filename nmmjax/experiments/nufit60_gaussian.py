"""NuFIT 6.0 (2024): best values and errors."""

from typing import ClassVar

from nmmjax.experiments.shared.global_fit import NUFIT60, Release
from nmmjax.experiments.shared.nufit import IC19, IC24, AtmosphericData, NuFITGaussian


class NuFIT60Gaussian(NuFITGaussian):
    """NuFIT 6.0: the published best values and one-sigma errors as split Gaussians.

    Six independent terms: correlations, second minima (the other octant of theta23) and tails are not in them; see
    `NuFIT60Tables` for those. `offset`: 6.1 for inverted ordering with `IC24`, 0.6 for normal ordering with `IC19`,
    the selections of atmospheric data in this module.
    """

    release: ClassVar[Release] = NUFIT60
    reference: ClassVar[str] = NUFIT60.reference
    selections: ClassVar[tuple[type[AtmosphericData], ...]] = (IC19, IC24)
