"""Borexino: the charge radius of the electron neutrino, in the hands of a theorist."""

from typing import ClassVar

from nmmjax.constants import ELECTRON
from nmmjax.experiments.shared import electromagnetic


class BorexinoRadius2017(electromagnetic.ChargeRadius):
    """Rates of pp, 7Be and pep neutrinos in Borexino, by a theorist: <r^2> of nu_e in (-1.64, 2.54)e-32 cm^2 at 90 %.

    A Gaussian with both ends at Delta chi^2 = 2.71, with the radii of nu_mu and nu_tau at zero. It is printed as
    (-0.82, 1.27)e-32 cm^2 in a normalization of half the size: times sqrt(2) pi alpha / 3 G_F its width is that of
    sin^2 theta_W = 0.235 +- 0.019, of which nu_e make four fifths. The experiment has likelihoods of its own here.
    """

    reference: ClassVar[str] = "A. N. Khan, arXiv:1709.02930 (2017)"
    table_name: ClassVar[str] = "borexino_2017"
    flavor: ClassVar[int] = ELECTRON

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: the recoils in Borexino, of which the spectrum and the rates are made as well."""
        return frozenset({"borexino/recoils"})
