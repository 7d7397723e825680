"""PandaX-II: solar neutrinos on the electrons of liquid xenon."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class PandaX2021(electromagnetic.SolarMoment):
    """mu_eff < 4.9e-11 mu_B at 90 %: a half-Gaussian above zero in mu_eff^2 = tr(rho lambda^+ lambda).

    rho is the mean state of the pp, 7Be, pep and CNO neutrinos that arrive from the Sun: the rate at a few keV is that
    of a moment for every energy, so fluxes weigh them. Zero is taken to be the best value.
    """

    reference: ClassVar[str] = "X. Zhou et al. (PandaX-II), Chin. Phys. Lett. 38, 011301 (2021), arXiv:2008.06485"
    table_name: ClassVar[str] = "pandax_2021"
    kinds: ClassVar[tuple[str, ...]] = ("pp", "be7", "pep", "n13", "o15")
    recoils: ClassVar[tuple[float, float]] = (1.0, 25.0)
    """The mean state hardly depends on them."""
