"""The spin-symmetric moment of Barr, Freire and Zee: how large may it be?

Question. In the Zee model a loop of the top quark joins the singlet, W and the photon: a moment of nu_e and nu_mu that
brings hardly any mass, since only the longitudinal W contributes without the photon. How large does it get before a
coupling fails?

Data: universality of the weak coupling, which f_emu upsets at tree level, and muon g - 2. Priors: flat in f_emu / M_1,
in the top coupling of the second doublet and in the mixing of the charged scalars, log-uniform in their masses. Two
hypotheses: a top coupling below sqrt(4 pi), where perturbation theory ends, and below 1, roughly what searches for
heavy Higgs bosons leave.

Expected: below 4e-13 mu_B at 95 % (1.4e-12 at the very end) with perturbative couplings, 1.2e-13 with a top coupling
below 1: not the 1e-11 mu_B that a signal in XENON1T asked for.
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import LeptonUniversality2023, MuonMagneticMoment2025
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor, Zee

PAPER = "S. M. Barr, E. M. Freire and A. Zee, Phys. Rev. Lett. 65, 2626 (1990); K. S. Babu et al., JHEP 10 (2020) 040"


def build() -> dict[str, Analysis]:
    """By the largest coupling to the top quark."""
    return {"perturbative": _fit(math.sqrt(4.0 * math.pi)), "collider": _fit(1.0)}


def _fit(largest: float) -> Analysis:
    return Analysis(
        Fit(
            Zee.from_strength,
            experiments=(LeptonUniversality2023.load(), MuonMagneticMoment2025.load()),
            priors={
                "f_over_mass": dist.Uniform(0.0, 0.5),
                "y_top": dist.Uniform(0.0, largest),
                "m_1": dist.LogUniform(100.0, 3000.0),
                "heavier": dist.LogUniform(1.2, 10.0),
                "phi": dist.Uniform(0.05, math.pi / 4),
            },
            fixed={"origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=1000, samples=1500, target_accept=0.9),
        corner=("mu_emu", "f_over_mass", "y_top", "m_1", "phi", "longitudinal_mass"),
    )
