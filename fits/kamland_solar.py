"""KamLAND and the Sun: do reactor antineutrinos and solar neutrinos see the same dm21 and theta12?

Question. The same two parameters from antineutrinos over 180 km, whose spectrum oscillates, and from neutrinos that
matter converts in the Sun. The Sun fixes theta12 and which side of maximal mixing, KamLAND the splitting.

Data: KamLAND's spectrum of 2011; chlorine, gallium, Borexino and SNO with the fluxes of B16-GS98 within their errors.
Priors: flat in sin^2 theta12 and dm21, in which KamLAND's side minima are left out; theta13 as measured by Daya Bay.
The atmospheric splitting and theta23 hardly matter and are fixed.

Expected: KamLAND alone dm21 = (7.58 +- 0.26)e-5 eV^2 and sin^2 theta12 = 0.302 +- 0.032; the Sun alone sin^2 theta12 =
0.311 +- 0.015 and dm21 = (5.3 +- 0.9)e-5 eV^2, lower by 2.4 of its standard deviations, mostly for SNO's day and night;
together sin^2 theta12 = 0.304 +- 0.014, dm21 = (7.54 +- 0.26)e-5 eV^2.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import BorexinoRates2019, Experiment, Gallium2010, Homestake1998, KamLAND2011, Sno2013
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor

PAPER = "A. Gando et al. (KamLAND), Phys. Rev. D 83, 052002 (2011); B. Aharmim et al. (SNO), Phys. Rev. C 88, 025501"


def build() -> dict[str, Analysis]:
    """Each alone, and together."""
    kamland = (KamLAND2011.load(),)
    sun = (Homestake1998.load(), Gallium2010.load(), BorexinoRates2019.load(), Sno2013.load())
    return {
        "kamland": _fit(kamland, low=4e-5, high=1.2e-4),
        "sun": _fit(sun, low=1e-5, high=3e-4),
        "together": _fit((*kamland, *sun), low=4e-5, high=1.2e-4),
    }


def _fit(experiments: tuple[Experiment, ...], *, low: float, high: float) -> Analysis:
    return Analysis(
        Fit(
            ThreeFlavor.from_sin2,
            experiments=experiments,
            priors={
                "sin2_theta12": dist.Uniform(0.1, 0.5),
                "dm21": dist.Uniform(low, high),
                "sin2_theta13": dist.TruncatedNormal(0.0218, 0.0007, low=0.015, high=0.03),
            },
            fixed={"dm3l": 2.5e-3, "sin2_theta23": 0.5},
        ),
        settings=Settings(warmup=500, samples=1000),
        contours=(("sin2_theta12", "dm21"),),
    )
