"""TEXONO: antineutrinos of the Kuo-Sheng reactor on germanium."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class Texono2007(electromagnetic.ReactorMoment):
    """Germanium: mu_eff < 7.4e-11 mu_B at 90 %, a half-Gaussian above zero in mu_eff^2 = (lambda^+ lambda)_ee.

    Antinu_e, 28 m from the core, before they oscillate.
    """

    reference: ClassVar[str] = "H. T. Wong et al. (TEXONO), Phys. Rev. D 75, 012001 (2007)"
    table_name: ClassVar[str] = "texono_2007"

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the detector of germanium."""
        return frozenset({"texono/germanium"})
