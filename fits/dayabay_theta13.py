"""Daya Bay's full data set: theta13 and the atmospheric splitting from binned spectra, near against far.

Question. Two parameters of the mass matrix from 546 bins of prompt energy, in eight detectors and three periods. Do
they come out as published?

Data: 3158 days of neutron capture on gadolinium, with all errors of the full release. Priors: flat in sin^2 theta13 and
dm31; the energy scales of the detectors are nuisances, everything else is marginalised in the likelihood. theta12 and
dm21 are fixed to the values of the published analysis, theta23 and delta_cp do not matter.

Expected: sin^2 2theta13 = 0.0851 +- 0.0024 and dm32 = (2.466 +- 0.060)e-3 eV^2 (normal ordering), to 0.2 standard
deviations and with errors to 10 %: sin^2 theta13 = 0.02174 +- 0.00063, dm31 = (2.541 +- 0.060)e-3 eV^2.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import DayaBay2022
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor

PAPER = "F. P. An et al. (Daya Bay), Phys. Rev. Lett. 130, 161802 (2023)"


def build() -> Analysis:
    """Normal ordering."""
    return Analysis(
        Fit(
            ThreeFlavor.from_sin2,
            experiments=(DayaBay2022.load(),),
            priors={"sin2_theta13": dist.Uniform(0.002, 0.06), "dm3l": dist.Uniform(1.5e-3, 3.5e-3)},
            fixed={"dm21": 7.53e-5, "sin2_theta12": 0.307, "sin2_theta23": 0.5},
        ),
        settings=Settings(warmup=1000, samples=1500),
        contours=(("sin2_theta13", "dm3l"),),
    )
