"""JUNO: antineutrinos of reactors 53 km away, the first 59.1 days."""

from typing import ClassVar, Self

from nmmjax.experiments.shared.published_mixing import MeasuredMixing


class Juno2025(MeasuredMixing):
    """sin^2 theta12 = 0.3092 +- 0.0087 and dm21 = (7.50 +- 0.12)e-5 eV^2: two Gaussians.

    Published for normal ordering. Their correlation is not published with these numbers, and none is assumed. What the
    spectrum tells of dm31 and of the ordering is not in them.
    """

    reference: ClassVar[str] = "A. Abusleme et al. (JUNO), arXiv:2511.14593 (2025)"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        return cls._of_values("juno_2025")
