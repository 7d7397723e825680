"""CCFR: the charge radius of the muon neutrino from its scattering on quarks."""

from typing import ClassVar

from nmmjax.constants import MUON
from nmmjax.experiments.shared import electromagnetic


class Ccfr2003(electromagnetic.ChargeRadius):
    """CCFR, nu_mu on quarks: <r^2> of nu_mu in (-5.2, 6.8)e-33 cm^2 at 90 %.

    A Gaussian with both ends at Delta chi^2 = 2.71. The number is that of vector and axial vector radius together,
    which is <r^2> of `scattering.electromagnetic`: times sqrt(2) pi alpha / 6 G_F its width is 1.06 times that of sin^2
    theta_W = 0.2236 +- 0.0041 of CCFR. That angle and the one it is compared with hold the radiative corrections, so it
    is the radius beyond the Standard Model.
    """

    reference: ClassVar[str] = "M. Hirsch, E. Nardi and D. Restrepo, Phys. Rev. D 67, 033005 (2003), hep-ph/0210137"
    table_name: ClassVar[str] = "ccfr_2003"
    flavor: ClassVar[int] = MUON
