"""Seesaw plus two-loop splitting against the data of the year 2000: which a, b, r, and which heavy scales?

Question. Grimus and Lavoura read three parameters off three measurements by eye. What does a likelihood make of the
same numbers, and how well are the scales m_h and M known that they infer from them?

Data, as the paper quotes them: Super-Kamiokande atmospheric neutrinos, vacuum oscillations of solar neutrinos, CHOOZ.

Priors. Log-uniform in m_0, r and the solar splitting. Since a = dm21 / (2 m_0) and b = m_0 / sqrt(1 + r^2) up to
corrections of relative size (a / m_0)^2, this is log-uniform in a, r and b. The paper's couplings,
|lambda f_tau^2 h_tautau| = 1 and m_D = m_tau, are fixed.

Expected: a ~ 1e-9 eV, b ~ 0.04 eV, r within 0.7 ... 1.4 at 90 %, m_h ~ 1e15 GeV (1e14 in the paper,
which estimates it without the factor 7.5 of the loop), M ~ 1e11 GeV.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Chooz1999, SolarVacuum2000, SuperKamiokande2000
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavoura

PAPER = "W. Grimus, L. Lavoura, Phys. Rev. D 62, 093012 (2000)"


def build() -> Analysis:
    """The model in the coordinates in which its posterior is a product."""
    return Analysis(
        Fit(
            GrimusLavoura.from_splittings,
            experiments=(SuperKamiokande2000.load(), SolarVacuum2000.load(), Chooz1999.load()),
            priors={
                "m0": dist.LogUniform(1e-3, 1.0),
                "r": dist.LogUniform(0.2, 5.0),
                "dm21": dist.LogUniform(1e-14, 1e-6),
            },
        ),
        settings=Settings(warmup=1000, samples=2000, target_accept=0.9),
        corner=("a", "r", "b"),
    )
