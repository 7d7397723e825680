"""The moment of neutrinos and that of the muon from one horizontal SU(2): do both signals of 2020 have one cause?

Question. The couplings that give nu_e and nu_mu a moment add to (g - 2) of the muon, with the sign that was measured:
f f' / m_h^2 in the one, f'^2 / m_H0^2 in the other. In 2020 XENON1T wanted 2.4e-11 mu_B and the muon 2.6e-9. Which
couplings give both, and what is left of either?

Data: in 2020 XENON1T, and the world average of muon g - 2 (Fermilab's last, close to its first) against the White Paper
of 2020; today XENONnT, and the same average against the White Paper of 2025. Priors: flat in the square of the moment,
log-uniform in f / f' and the mass of the neutral scalars; charged scalars of 200 and 600 GeV, fully mixed, the symmetry
exact, so that neutrino masses say nothing. Couplings are perturbative.

Expected: both signals of 2020 at once, (1.8 ... 3.4)e-11 mu_B and 2.6e-9, from f' of 1 to 2.5, f hundreds of times
smaller and neutral scalars below 250 GeV: the sign is that of the model, the size is chosen by f / f'. Today neither is
asked for: the moment is below 8.5e-12 mu_B (Delta chi^2 = 2.71), and that of the muon agrees with nothing.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Experiment, MuonMagneticMoment2025, Xenon1T2020, XenonNT2022
from nmmjax.experiments.muon_magnetic_moment_2025 import WhitePaper2020, WhitePaper2025
from nmmjax.fit import Fit
from nmmjax.models import SU2Horizontal, ThreeFlavor
from nmmjax.priors import FlatInSquare

PAPER = "K. S. Babu, S. Jana, M. Lindner and Vishnu P. K., Phys. Lett. B, arXiv:2104.03291"


def build() -> dict[str, Analysis]:
    """The two signals of 2020, and what came after."""
    return {
        "in_2020": _fit(Xenon1T2020.load(), MuonMagneticMoment2025.load(WhitePaper2020()), 6e-11),
        "today": _fit(XenonNT2022.load(), MuonMagneticMoment2025.load(WhitePaper2025()), 3e-11),
    }


def _fit(recoils: Experiment, muon: Experiment, largest: float) -> Analysis:
    return Analysis(
        Fit(
            SU2Horizontal.from_moment,
            (recoils, muon),
            priors={
                "moment": FlatInSquare(largest),
                "balance": dist.LogUniform(2e-3, 2.0),
                "m_neutral": dist.LogUniform(100.0, 1000.0),
            },
            fixed={"alpha": math.pi / 4, "m_h": 200.0, "heavier": 3.0, "origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=800, samples=1500, target_accept=0.95),
        limits=("moment",),
        corner=("moment", "delta_a_mu", "f", "f_prime", "m_neutral"),
    )
