"""Charge radii of three flavors at once: what do scattering on electrons and nuclei leave of each?

Question. A radius beyond that of the Standard Model, 1e-33 to 1e-32 cm^2, moves the vector coupling. nu_e and nu_mu are
seen by accelerators and reactors, all three by solar neutrinos. How well is each known where all are free?

Data: Borexino phase II with its backgrounds, COHERENT with argon and CsI (coherent scattering), scattering of nu_e on
electrons before 2008 and CCFR as published intervals. Priors flat in each radius up to 2e-31 cm^2, that of nu_tau up to
6e-31. Masses and mixing: NuFIT 6.0, fixed.

Expected: zero is allowed; (-1.3 ... 4.8)e-32 cm^2 for nu_e, (-5.3 ... 6.6)e-33 for nu_mu (Delta chi^2 = 2.71), and some
1e-31 for nu_tau, which the Sun alone sees.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import BorexinoSpectrum2018, Ccfr2003, CoherentCsI2021, CoherentLAr2020, ElectronScattering2008
from nmmjax.fit import Fit
from nmmjax.models import ChargeRadii
from nmmjax.three_flavor import LightNeutrinos

PAPER = "M. Cadeddu et al., Phys. Rev. D 98, 113010 (2018), arXiv:1810.05606"
RADII = ("r2_e", "r2_mu", "r2_tau")


def build() -> Analysis:
    """All three radii."""
    data = (BorexinoSpectrum2018, CoherentCsI2021, CoherentLAr2020, ElectronScattering2008, Ccfr2003)
    return Analysis(
        Fit(
            ChargeRadii,
            experiments=tuple(experiment.load() for experiment in data),
            priors={name: dist.Uniform(-2e-31, 2e-31) for name in RADII} | {"r2_tau": dist.Uniform(-6e-31, 6e-31)},
            fixed={"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=700, samples=1000, target_accept=0.9, dense_mass=True),
        limits=RADII,
        corner=RADII,
    )
