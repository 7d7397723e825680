"""MUNU: antineutrinos of the Bugey reactor in a gas of CF4."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class Munu2005(electromagnetic.ReactorMoment):
    """mu_eff < 9e-11 mu_B, taken as 90 %: a half-Gaussian above zero in mu_eff^2 = (lambda^+ lambda)_ee.

    Antinu_e, 18 m from the core, before they oscillate.
    """

    reference: ClassVar[str] = "Z. Daraktchieva et al. (MUNU), Phys. Lett. B 615, 153 (2005)"
    table_name: ClassVar[str] = "munu_2005"

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: what the recoils say of a moment."""
        return frozenset({"munu/moment"})
