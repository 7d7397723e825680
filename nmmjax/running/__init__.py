"""Running of masses and mixing with the scale, at one loop: from the scale of a model down to that of experiments.

Below the scale at which lepton number is violated neutrinos have masses by the operator of dimension five,

    L = (1/4) kappa_ab (bar(L_a^c) eps phi) (L_b eps phi) + h.c.,    M = -(v^2 / 4) kappa,

which runs with the couplings of the Standard Model or of its supersymmetric extension (`DimensionFive`); above it the
Yukawa couplings and masses of right-handed neutrinos run, and each of them is integrated out at its own mass
(`seesaw_mass_matrix`).
"""

from nmmjax.running.couplings import PLANCK_SCALE, Z_MASS, Couplings
from nmmjax.running.effective import DimensionFive
from nmmjax.running.seesaw import seesaw_mass_matrix
from nmmjax.running.theories import StandardModel, Supersymmetric, Theory

__all__ = [
    "PLANCK_SCALE",
    "Z_MASS",
    "Couplings",
    "DimensionFive",
    "StandardModel",
    "Supersymmetric",
    "Theory",
    "seesaw_mass_matrix",
]
