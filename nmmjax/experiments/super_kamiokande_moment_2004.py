"""The spectrum of recoils in Super-Kamiokande: a moment of 8B neutrinos."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class SuperKamiokandeMoment2004(electromagnetic.SolarMoment):
    """mu_eff < 1.1e-10 mu_B at 90 %: a half-Gaussian above zero in mu_eff^2 = tr(rho lambda^+ lambda) of 8B neutrinos.

    At their energies matter in the Sun makes most of them nu_2: another effective moment than that of pp and 7Be
    neutrinos. rho is their mean by day, weighted with the rate by a moment above 5 MeV. With the mixing that other
    solar experiments and KamLAND left in 2004; the limit of Super-Kamiokande alone is weaker.
    """

    reference: ClassVar[str] = "D. W. Liu et al. (Super-Kamiokande), Phys. Rev. Lett. 93, 021802 (2004), hep-ex/0402015"
    table_name: ClassVar[str] = "super_kamiokande_2004"
    kinds: ClassVar[tuple[str, ...]] = ("b8",)
    recoils: ClassVar[tuple[float, float]] = (4489.0, 19489.0)
    """5 to 20 MeV in all."""

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the shape of the spectrum of recoils; the mixing was taken from others."""
        return frozenset({"super_kamiokande/solar/recoils"})
