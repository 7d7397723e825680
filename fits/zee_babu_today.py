"""Zee-Babu today: which scalars and couplings do oscillations and charged leptons leave?

Question. Two charged scalars give neutrinos masses at two loops, one of them none. Where may the scalars be, and what
would MEG II see next? Both orderings.

Data: NuFIT 6.0 (six numbers), l -> l' gamma and mu -> 3 e (MEG II, BaBar, SINDRUM), universality of leptonic decays
(HFLAV), the magnetic moment of the muon.

Coordinates. Oscillations are solved, not hunted for: the mass matrix is linear in g. What they leave free are scales
over orders of magnitude, with a limit of data at one end and nothing at the other. On such a plain a maximum has no
place, and a sampler no turning point; so each scale is a logistic function of a normal number, log-uniform to some 15 %
but for soft ends. The scale of the couplings is that of g, not |f|, so that the limit of perturbation theory is such an
end. The Majorana phase, which data hardly bound, lives on an interval: on a flat circle a trajectory never turns round.
The couplings of the electron to k^{++} are real, and g_etau is zero: its amplitude of mu -> e gamma could cancel that
of g_emu, in ever thinner regions of ever fewer draws. Limits on branching ratios are walls as steep as the eighth power
of a mass: hence the small steps. The scalars end at 30 TeV.

Expected: no tension in either ordering: chi^2 is that of heavy scalars, and what the ordering costs in NuFIT.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import LeptonUniversality2023, MuonMagneticMoment2025, NuFIT60Gaussian, RareLeptonDecays2025
from nmmjax.experiments.nufit60_gaussian import IC24
from nmmjax.fit import Fit
from nmmjax.models import ZeeBabu
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.priors import SoftLogUniform, UniformPhase

PAPER = "K. S. Babu, Phys. Lett. B 203, 132 (1988); J. Herrero-Garcia et al., Nucl. Phys. B 885, 542 (2014)"


def build() -> dict[str, Analysis]:
    """One fit for each ordering."""
    return {"normal": _build(NormalOrdering()), "inverted": _build(InvertedOrdering())}


def _build(ordering: Ordering) -> Analysis:
    low, high = sorted((ordering.sign * 2.2e-3, ordering.sign * 2.8e-3))
    return Analysis(
        Fit(
            ZeeBabu.from_oscillations,
            experiments=(
                NuFIT60Gaussian.load(ordering, IC24()),
                RareLeptonDecays2025.load(),
                LeptonUniversality2023.load(),
                MuonMagneticMoment2025.load(),
            ),
            priors={
                "dm21": dist.Uniform(6e-5, 9e-5),
                "dm3l": dist.Uniform(low, high),
                "sin2_theta12": dist.Uniform(0.2, 0.45),
                "sin2_theta13": dist.Uniform(0.015, 0.03),
                "sin2_theta23": dist.Uniform(0.3, 0.7),
                "delta_cp": UniformPhase(),
                "alpha": dist.Uniform(-math.pi, math.pi),
                "g_norm": SoftLogUniform(0.03, 3.0),
                "m_h": SoftLogUniform(200.0, 3e4),
                "m_k": SoftLogUniform(200.0, 3e4),
                "mu_over_mass": SoftLogUniform(0.03, 5.0),
                "g_ee": SoftLogUniform(1e-3, 1.0),
                "g_emu": SoftLogUniform(1e-5, 0.1),
            },
            fixed={"ordering": ordering, "g_etau": 0.0},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.99),
        corner=("m_h", "m_k", "f_norm", "largest_g", "mu_over_mass", "log10_br_mu_e_gamma", "log10_br_mu_3e"),
    )
