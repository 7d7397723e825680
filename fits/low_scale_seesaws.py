"""Inverse and linear seesaw at the TeV: how large may couplings be, and how little is lepton number violated?

Question. Where lepton number is nearly conserved, heavy pairs may lie at a TeV with couplings of order one; light
masses measure the violation, mu_S or m_L. What does l -> l' gamma leave of the couplings, and how small is the
violation?

Data: NuFIT 6.0 (six numbers), the sum of masses (DESI), l -> l' gamma (MEG II, BaBar). Normal ordering. Coordinates:
masses and mixing as of oscillations; Dirac couplings y_1, y_2, y_3 log-uniform with soft ends from 1e-3 to 0.1 and
their angles normal with a width of 0.3; pairs from 2 to 100 TeV: where couplings are larger and pairs lighter mu -> e
gamma is a wall. The violation follows.

Expected: oscillations are met; mixing of light with heavy states of 1e-8 to 1e-5, log10 BR(mu -> e gamma) from -22 to
-14 (the limit is -12.8); mu_S of 0.2 MeV to 1 GeV, m_L of 40 eV to 3 keV.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Desi2025, NuFIT60Gaussian, RareLeptonDecays2025
from nmmjax.fit import Fit
from nmmjax.models import InverseSeesaw, LinearSeesaw
from nmmjax.priors import SoftLogUniform
from nmmjax.three_flavor import LightNeutrinos

PAPER = "R. N. Mohapatra and J. W. F. Valle, Phys. Rev. D 34, 1642 (1986); M. Malinsky et al., PRL 95, 161801 (2005)"


def build() -> dict[str, Analysis]:
    """Violation in the mass of S, or in its coupling."""
    return {"inverse": _fit(InverseSeesaw, "largest_mu_s"), "linear": _fit(LinearSeesaw, "largest_m_l")}


def _fit(model: type[InverseSeesaw | LinearSeesaw], violation: str) -> Analysis:
    priors = {
        **LightNeutrinos.sin2_priors(),
        "lightest_mass": SoftLogUniform(1e-4, 0.3),
        "alpha21": dist.Uniform(-math.pi, math.pi),
        "alpha31": dist.Uniform(-math.pi, math.pi),
        **{f"y_{k}": SoftLogUniform(1e-3, 0.1) for k in (1, 2, 3)},
        **{name: dist.Normal(0.0, 0.3) for name in ("omega12", "omega13", "omega23", "omega_phase")},
        **{f"m_{k}": SoftLogUniform(2e3, 1e5) for k in (1, 2, 3)},
    }
    experiments = (NuFIT60Gaussian.load(), Desi2025.load(), RareLeptonDecays2025.load())
    return Analysis(
        Fit(model.from_oscillations, experiments=experiments, priors=priors),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.995),
        corner=("y_1", "y_2", "y_3", violation, "log10_br_mu_e_gamma"),
    )
