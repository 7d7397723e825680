"""Inverse and linear seesaw at the TeV: how large may couplings be, and how little is lepton number violated?

Question. Where lepton number is nearly conserved, heavy pairs may lie at a TeV with couplings of order one; light
masses measure the violation, mu_S or m_L. What does l -> l' gamma leave of the couplings, and how small is the
violation?

Data: NuFIT 6.0 (six numbers), the sum of masses (DESI), l -> l' gamma (MEG II, BaBar). Normal ordering. Coordinates:
masses and mixing as of oscillations; Dirac couplings y_1, y_2, y_3 log-uniform with soft ends from 1e-3 to 3 and their
angles normal with a width of 0.5; pairs from 1 to 100 TeV. The violation follows.

Expected: oscillations are met; mu -> e gamma holds the mixing of muon and electron with the pairs, 2e-5 and less; mu_S
of eV to MeV for couplings of order one to 1e-3, m_L of eV.
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
        **{f"y_{k}": SoftLogUniform(1e-3, 3.0) for k in (1, 2, 3)},
        **{name: dist.Normal(0.0, 0.5) for name in ("omega12", "omega13", "omega23", "omega_phase")},
        **{f"m_{k}": SoftLogUniform(1e3, 1e5) for k in (1, 2, 3)},
    }
    experiments = (NuFIT60Gaussian.load(), Desi2025.load(), RareLeptonDecays2025.load())
    return Analysis(
        Fit(model.from_oscillations, experiments=experiments, priors=priors),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.995),
        corner=("y_1", "y_2", "y_3", violation, "log10_br_mu_e_gamma"),
    )
