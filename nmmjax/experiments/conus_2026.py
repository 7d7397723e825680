"""CONUS: antineutrinos of a reactor on germanium."""

from typing import ClassVar

from nmmjax.experiments.shared import electromagnetic


class Conus2026(electromagnetic.ReactorMomentAndCharge):
    """mu_eff < 5.18e-11 mu_B and |q| < 1.76e-12 e at 90 %: half-Gaussians above zero in the squares.

    mu_eff^2 = (lambda^+ lambda)_ee and q^2 = (q^+ q)_ee of antinu_e that have not begun to oscillate, as in
    `Gemma2013`, with the same reservations. Scattering on electrons; the numbers were read in a summary of the paper.
    """

    reference: ClassVar[str] = "N. Ackermann et al. (CONUS), arXiv:2605.22815 (2026)"
    table_name: ClassVar[str] = "conus_2026"
