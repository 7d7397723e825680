"""GEMMA: antineutrinos of the Kalinin reactor on germanium."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class Gemma2013(electromagnetic.ReactorMomentAndCharge):
    """mu_eff < 2.9e-11 mu_B and |q| < 2.7e-12 e at 90 %: half-Gaussians above zero in the squares, which rates follow.

    mu_eff^2 = (lambda^+ lambda)_ee and q^2 = (q^+ q)_ee: 13.9 m from the core antinu_e have not begun to oscillate
    between light states (mu_eff^2 changes by a few percent where transition moments interfere, else by less). At the
    threshold of 2.8 keV a charge at its limit moves g_V by 5.2, so its interference with weak scattering, which is left
    out, is 0.4 of its square there. Both limits are of one spectrum without an excess: where a moment and a charge
    share it, two factors are more permissive than the spectrum. Zero is taken to be the best value.
    """

    reference: ClassVar[str] = (
        "A. G. Beda et al. (GEMMA), Phys. Part. Nucl. Lett. 10, 139 (2013); V. B. Brudanin, D. V. Medvedev, "
        "A. S. Starostin and A. I. Studenikin, arXiv:1411.2279 (charge)"
    )
    table_name: ClassVar[str] = "gemma_2013"
