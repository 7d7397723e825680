"""SNO+: antineutrinos of reactors 240 km away and farther, 685 days."""

from typing import ClassVar, Self

from nmmjax.experiments.shared.published_mixing import MeasuredMixing


class SnoPlus2026(MeasuredMixing):
    """dm21 = 7.93 +0.21 -0.24 e-5 eV^2 of reactor antineutrinos alone: a split Gaussian.

    No result of other experiments is in it: solar ones, KamLAND and JUNO may stand beside it. The mixing angle has been
    marginalized by the collaboration. NuFIT since 6.0 holds earlier data of the same detector: a fit refuses the two.
    """

    reference: ClassVar[str] = "SNO+ Collaboration, arXiv:2604.05746 (2026)"

    @classmethod
    def load(cls) -> Self:
        """Read the published value from its packaged table."""
        return cls._of_values("sno_plus_2026")
