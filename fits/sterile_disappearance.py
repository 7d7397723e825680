"""A light sterile neutrino that nu_e and nu_mu disappear into: what do Daya Bay and MINOS leave of it?

Question. In 3 + 1 flavors muon neutrinos become electron neutrinos at short distances with 4 |U_e4|^2 |U_mu4|^2: both
elements have to be there, and each alone makes neutrinos disappear. Which of either is left, splitting by splitting,
and is that enough for MiniBooNE?

Data: Daya Bay's full data set for |U_e4|^2 = sin^2 theta14, the far detector of MINOS and MINOS+ for |U_mu4|^2, near
sin^2 theta24. Splittings from 5e-3 eV^2, above the atmospheric one with which they are confused, to the 0.04 eV^2 up
to which both are followed; above, near detectors see the oscillation, which is not in these likelihoods. Priors: flat
in the logarithms of the splitting and of sin^2 theta, and in theta13 or theta23 and dm31, which are free. theta34 and
the phases are zero; theta12 and dm21 those of the published analyses.

Expected: no sign of it; the best point of Daya Bay, |U_e4|^2 = 0.0015 at 0.009 eV^2, gains less than 2. At Delta chi^2
= 2.71 from the best of each splitting, |U_e4|^2 < 0.0011, 0.0032, 0.0007, 0.0009 and sin^2 theta24 < 0.025, 0.0078,
0.0038, 0.0042 at 0.005, 0.01, 0.02 and 0.04 eV^2. At the last MiniBooNE asks for sin^2 2theta = 0.94, the two limits
leave 1.5e-5. The published combination, with Bugey-3, excludes what MiniBooNE allows below 0.8 eV^2.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import DayaBay2022, Experiment, Minos2017
from nmmjax.fit import Fit
from nmmjax.models import SterileNeutrino

PAPER = "P. Adamson et al. (MINOS+, Daya Bay), Phys. Rev. Lett. 117, 151801 (2016), arXiv:1607.01177"
_SPLITTING = dist.LogUniform(5e-3, 0.04)
_THETA13 = {"sin2_theta13": dist.Uniform(0.015, 0.03)}
_THETA23 = {"sin2_theta23": dist.Uniform(0.3, 0.7)}
_FIXED = {"dm21": 7.53e-5, "sin2_theta12": 0.307}


def build() -> dict[str, Analysis]:
    """The plane of each."""
    return {
        "daya_bay": _plane(DayaBay2022.load(), "sin2_theta14", _THETA13, {"sin2_theta23": 0.5}),
        "minos": _plane(Minos2017.load(), "sin2_theta24", _THETA23, {"sin2_theta13": 0.0218}),
    }


def _plane(
    experiment: Experiment, mixing: str, free: dict[str, dist.Distribution], fixed: dict[str, float]
) -> Analysis:
    priors = {"dm41": _SPLITTING, mixing: dist.LogUniform(1e-4, 0.3), "dm3l": dist.Uniform(2.2e-3, 2.8e-3), **free}
    return Analysis(
        Fit(SterileNeutrino.from_oscillations, (experiment,), priors, {**_FIXED, **fixed}),
        settings=Settings(sampled=False),
        exclusions=(("dm41", mixing),),
    )
