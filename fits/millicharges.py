"""Charges of three flavors at once: what do recoils at low energy leave of each?

Question. A tiny charge scatters as 1 / T^2: thresholds decide. Reactors see that of nu_e, COHERENT that of nu_mu, the
Sun all three. How large may each be where all are free?

Data: XENONnT with its backgrounds, GEMMA and CONUS as published limits on q_e, COHERENT with CsI. Priors flat in each
charge up to 1e-11 e. The neutrality of matter, which bounds the charge of nu_e at 1e-21 e by another argument, is left
out. Masses and mixing: NuFIT 6.0, fixed.

Expected: (-1.9 ... 6.5)e-13 e for nu_e, (-7.5 ... 7.4)e-13 for nu_mu, (-7.3 ... 7.1)e-13 for nu_tau, from XENONnT
before all.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import CoherentCsI2021, Conus2026, Gemma2013, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import Millicharges
from nmmjax.three_flavor import LightNeutrinos

PAPER = "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), arXiv:1403.6344"
CHARGES = ("q_e", "q_mu", "q_tau")


def build() -> Analysis:
    """All three charges."""
    data = (XenonNT2022, Gemma2013, Conus2026, CoherentCsI2021)
    return Analysis(
        Fit(
            Millicharges,
            experiments=tuple(experiment.load() for experiment in data),
            priors={name: dist.Uniform(-1e-11, 1e-11) for name in CHARGES},
            fixed={"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=700, samples=1000, target_accept=0.9),
        limits=CHARGES,
        corner=CHARGES,
    )
