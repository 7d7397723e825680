"""Charge radii of neutrinos from weak mixing angles that scattering has measured."""

from typing import ClassVar

from nmmjax.experiments import _electromagnetic


class ElectronScattering2008(_electromagnetic.ChargeRadius):
    """All of nu_e e and antinu_e e scattering until 2007: <r^2> of nu_e in (-0.26, 6.64)e-32 cm^2 at 90 %.

    A Gaussian with both ends at Delta chi^2 = 2.71, in <r^2> beyond the Standard Model. It is printed as (-0.13,
    3.32)e-32 cm^2 in a normalisation of half the size: times sqrt(2) pi alpha / 3 G_F its width is that of sin^2
    theta_W = 0.259 +- 0.025, which a radius of `scattering.electromagnetic` moves by half of that. Zero lies at Delta
    chi^2 = 2.3.

    A fit to several accelerators and reactors together; preliminary data of `Texono2010` may be among them.
    """

    reference: ClassVar[str] = "J. Barranco, O. G. Miranda, T. I. Rashba, Phys. Lett. B 662, 431 (2008), 0707.4319"
    table_name: ClassVar[str] = "electron_scattering_2008"
    flavor: ClassVar[int] = 0

    def overlaps(self) -> tuple[str, ...]:
        """A reactor."""
        return ("texono_2010",)


class Ccfr2003(_electromagnetic.ChargeRadius):
    """CCFR, nu_mu on quarks: <r^2> of nu_mu in (-5.2, 6.8)e-33 cm^2 at 90 %.

    A Gaussian with both ends at Delta chi^2 = 2.71. The number is that of vector and axial vector radius together,
    which is <r^2> of `scattering.electromagnetic`: times sqrt(2) pi alpha / 6 G_F its width is 1.06 times that of sin^2
    theta_W = 0.2236 +- 0.0041 of CCFR. That angle and the one it is compared with hold the radiative corrections, so it
    is the radius beyond the Standard Model.
    """

    reference: ClassVar[str] = "M. Hirsch, E. Nardi and D. Restrepo, Phys. Rev. D 67, 033005 (2003), hep-ph/0210137"
    table_name: ClassVar[str] = "ccfr_2003"
    flavor: ClassVar[int] = 1


class BorexinoRadius2017(_electromagnetic.ChargeRadius):
    """Rates of pp, 7Be and pep neutrinos in Borexino, by a theorist: <r^2> of nu_e in (-1.64, 2.54)e-32 cm^2 at 90 %.

    A Gaussian with both ends at Delta chi^2 = 2.71, with the radii of nu_mu and nu_tau at zero. It is printed as
    (-0.82, 1.27)e-32 cm^2 in a normalisation of half the size: times sqrt(2) pi alpha / 3 G_F its width is that of
    sin^2 theta_W = 0.235 +- 0.019, of which nu_e make four fifths. The experiment has likelihoods of its own here.
    """

    reference: ClassVar[str] = "A. N. Khan, arXiv:1709.02930 (2017)"
    table_name: ClassVar[str] = "borexino_2017"
    flavor: ClassVar[int] = 0

    def overlaps(self) -> tuple[str, ...]:
        """The same electrons."""
        return ("borexino", "borexino_2018")
