"""Seesaw with two-loop mass splitting from couplings and scales: which of them does the year 2000 allow?

Question. Two mass splittings fix two combinations of couplings and scales: the seesaw gives m_0, Babu's two loops give
a. Where may the scalars and the right-handed neutrinos be, and may they share one scale, as Grimus and Lavoura say?

Data: Super-Kamiokande atmospheric neutrinos, CHOOZ and vacuum oscillations of the Sun, all as of 2000. Priors:
log-uniform in the splittings, r, the product lambda f_tau^2 h_tautau of the couplings of the scalars, up to (4 pi)^2,
and the common Dirac mass (m_e to m_t). The common mass of the scalars and that of the right-handed neutrinos follow, so
that a sampler meets a box instead of two narrow ridges and the wall of perturbation theory.

Expected: a = 8.8e-10 eV and b = 0.040 eV as in the three-parameter fit; any mass of the scalars up to 1e17 GeV, in
proportion to the couplings; M = m_D^2 / b. Some 1e11 GeV for both is a choice that data allow.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Chooz1999, SolarVacuum2000, SuperKamiokande2000
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavouraCouplings

PAPER = "W. Grimus and L. Lavoura, Phys. Rev. D 62, 093012 (2000)"


def build() -> Analysis:
    """Five parameters, four data."""
    return Analysis(
        Fit(
            GrimusLavouraCouplings.from_splittings,
            experiments=(SuperKamiokande2000.load(), Chooz1999.load(), SolarVacuum2000.load()),
            priors={
                "m0": dist.LogUniform(1e-3, 1.0),
                "r": dist.LogUniform(0.2, 5.0),
                "dm21": dist.LogUniform(1e-12, 1e-8),
                "yukawa": dist.LogUniform(1e-12, (4.0 * math.pi) ** 2),
                "dirac_mass": dist.LogUniform(5e-4, 175.0),
            },
        ),
        settings=Settings(warmup=1000, samples=1500, target_accept=0.9),
        corner=("a", "b", "r", "yukawa", "log10_scalar_mass", "log10_seesaw_scale"),
    )
