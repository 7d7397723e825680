"""A second doublet that changes mu to tau: do Higgs bosons or tau -> mu gamma know its couplings better?

Question. The second doublet of the Zee model may couple mu to tau. The Higgs boson then decays to mu tau in proportion
to its mixing with H, sin theta Y; tau -> mu gamma needs no mixing where the top quark couples too, y_t Y in two loops:
the y_t from which the moment of Barr, Freire and Zee comes. How do the two share the work?

Data: h -> mu tau, e tau (ATLAS) and e mu (CMS), l -> l' gamma (MEG II, BaBar), g - 2 of the muon. Priors: flat in
Y_mutau up to 0.02, in theta up to 0.15, in y_t up to one, log-uniform in the mass of the new scalars, which is one. The
searches for these scalars are left out: their limits on y_t are published as figures.

Expected: |Y_mutau| sin theta < 1.6e-3 by Higgs bosons whatever y_t; without mixing |Y_mutau y_t| < 0.014 at 300 GeV and
0.042 at 1 TeV by tau -> mu gamma (Delta chi^2 = 2.71).
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import HiggsFlavor2023, MuonMagneticMoment2025, RareLeptonDecays2025
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor, Zee

PAPER = "A. Zee, Phys. Lett. B 93, 389 (1980); R. Harnik, J. Kopp and J. Zupan, JHEP 03 (2013) 026, arXiv:1209.1397"


def build() -> Analysis:
    """Four unknowns."""
    return Analysis(
        Fit(
            Zee.from_flavor_change,
            experiments=(HiggsFlavor2023.load(), RareLeptonDecays2025.load(), MuonMagneticMoment2025.load()),
            priors={
                "y_mutau": dist.Uniform(0.0, 0.02),
                "theta": dist.Uniform(-0.15, 0.15),
                "y_top": dist.Uniform(-1.0, 1.0),
                "m_heavy": dist.LogUniform(300.0, 2000.0),
            },
            fixed={"origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=1000, samples=1500, target_accept=0.98),
        corner=("y_mutau", "theta", "y_top", "m_heavy"),
    )
