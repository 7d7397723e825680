"""Electron neutrinos on electrons: their charge radius from all experiments until 2007."""

from typing import ClassVar

from nmmjax.constants import ELECTRON
from nmmjax.experiments.shared import electromagnetic


class ElectronScattering2008(electromagnetic.ChargeRadius):
    """All of nu_e e and antinu_e e scattering until 2007: <r^2> of nu_e in (-0.26, 6.64)e-32 cm^2 at 90 %.

    A Gaussian with both ends at Delta chi^2 = 2.71, in <r^2> beyond the Standard Model. It is printed as (-0.13,
    3.32)e-32 cm^2 in a normalization of half the size: times sqrt(2) pi alpha / 3 G_F its width is that of sin^2
    theta_W = 0.259 +- 0.025, which a radius of `scattering.electromagnetic` moves by half of that. Zero lies at Delta
    chi^2 = 2.3.

    A fit to several accelerators and reactors together; preliminary data of `Texono2010` may be among them.
    """

    reference: ClassVar[str] = "J. Barranco, O. G. Miranda, T. I. Rashba, Phys. Lett. B 662, 431 (2008), 0707.4319"
    table_name: ClassVar[str] = "electron_scattering_2008"
    flavor: ClassVar[int] = ELECTRON

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: accelerators and reactors, the preliminary data of `Texono2010` among them."""
        return frozenset({"lampf", "lsnd", "irvine", "rovno", "munu/radius", "texono/cesium_iodide"})
