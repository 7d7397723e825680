"""LUX-ZEPLIN: solar neutrinos on the electrons of liquid xenon, in the hands of theorists."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class LuxZeplin2022(electromagnetic.SolarMomentAndCharge):
    """Recast by theorists: mu_eff < 1.1e-11 mu_B and |q_eff| < 1.5e-13 e at 90 %, half-Gaussians in the squares.

    mu_eff^2 = tr(rho lambda^+ lambda) and q_eff^2 = tr(rho q^+ q), rho the mean state of pp, 7Be, pep and CNO neutrinos
    at Earth. Not a result of the collaboration. That of the charge is in the equivalent-photon approximation, which has
    no interference with the weak charge; of one spectrum both, they let a moment and a charge together pass too easily.
    """

    reference: ClassVar[str] = (
        "M. Atzori Corona, W. M. Bonivento, M. Cadeddu, N. Cargioli and F. Dordei, "
        "Phys. Rev. D 107, 053001 (2023), arXiv:2207.05036"
    )
    table_name: ClassVar[str] = "lux_zeplin_2022"
    kinds: ClassVar[tuple[str, ...]] = ("pp", "be7", "pep", "n13", "o15")
    recoils: ClassVar[tuple[float, float]] = (1.0, 25.0)
    """The mean state hardly depends on them."""
