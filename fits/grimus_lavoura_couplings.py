"""Seesaw with two-loop mass splitting from couplings and scales: which of them does the year 2000 allow?

Question. Two mass splittings fix two combinations of couplings and scales: the seesaw gives m_0, Babu's two loops give
a. Where may the scalars and the right-handed neutrinos be, and may they share one scale, as Grimus and Lavoura say?

Data: Super-Kamiokande atmospheric neutrinos, CHOOZ and vacuum oscillations of the Sun, all as of 2000. Priors:
log-uniform in the splittings, r, the common mass of the scalars (1 TeV to the Planck scale) and the common Dirac mass
(m_e to m_t); couplings below sqrt(4 pi). The mass scale of right-handed neutrinos and the product of Yukawa couplings
follow, so that a sampler meets a box and one wall instead of two narrow ridges through five orders of magnitude.

Expected: a = 8.8e-10 eV and b = 0.040 eV as in the three-parameter fit; any mass of the scalars up to some 1e17 GeV,
with the coupling rising in proportion; M = m_D^2 / m_0. Some 1e11 GeV for both is a choice that data allow.
"""

import numpyro.distributions as dist

from nmmjax.experiments import Chooz1999, SolarVacuum2000, SuperKamiokande2000
from nmmjax.fit import Fit, Settings
from nmmjax.models import GrimusLavouraCouplings

PAPER = "W. Grimus and L. Lavoura, Phys. Rev. D 62, 093012 (2000)"


def build() -> Fit:
    """Five parameters, four data."""
    return Fit(
        GrimusLavouraCouplings.from_splittings,
        experiments=(SuperKamiokande2000.load(), Chooz1999.load(), SolarVacuum2000.load()),
        priors={
            "m0": dist.LogUniform(1e-3, 1.0),
            "r": dist.LogUniform(0.2, 5.0),
            "dm21": dist.LogUniform(1e-12, 1e-8),
            "scale": dist.LogUniform(1e3, 1e18),
            "dirac_mass": dist.LogUniform(5e-4, 175.0),
        },
        settings=Settings(warmup=1000, samples=1500, target_accept=0.9),
        corner=("a", "b", "r", "scale", "log10_yukawa", "log10_seesaw_scale"),
    )
