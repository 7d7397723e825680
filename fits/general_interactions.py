"""General interactions of neutrinos with matter: what do scattering and stars leave of them?

Questions. `tensor_electron`: which tensor coupling T_etau to electrons, in units of 2 sqrt2 G_F, do reactors, the Sun
and stars leave, where the loop of the electron gives a moment, too? `up`: which vector couplings of nu_e and nu_mu to
up quarks do recoils of nuclei leave?

Data. `tensor_electron`: TEXONO's rate, Borexino's rates with solar fluxes of B16-GS98, the tip of the red-giant branch
in NGC 4258. `up`: COHERENT on cesium iodide and argon. Priors: flat; of nu_mu near the Standard Model alone, for the
couplings of nu_mu that turn the sign of its weak charge describe the data as well. Masses and mixing: NuFIT 6.0, fixed.

Expected: `tensor_electron`, below 0.047 (Delta chi^2 = 2.71), 1.5 (M / TeV)^2: Borexino's rates alone leave 0.05, stars
0.055, TEXONO 0.08; `up`, nu_e scatters too little to exclude that its weak charge has the other sign, (-0.03, 0.43)
with the best point at 0.33; nu_mu (-0.06, 0.04).
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import (
    BorexinoRates2019,
    CoherentCsI2021,
    CoherentLAr2020,
    RedGiants2020,
    Texono2010,
)
from nmmjax.fit import Fit
from nmmjax.models import NonStandardInteractions, ThreeFlavor

PAPER = "M. Lindner, W. Rodejohann and X.-J. Xu, JHEP 03 (2017) 097, arXiv:1612.04150"


def build() -> dict[str, Analysis]:
    """By coupling."""
    fixed = {"origin": ThreeFlavor.benchmark()}
    tensor = Fit(
        NonStandardInteractions,
        (Texono2010.load(), BorexinoRates2019.load(), RedGiants2020.load()),
        {"tensor_etau": dist.Uniform(0.0, 0.2)},
        fixed,
    )
    up = Fit(
        NonStandardInteractions,
        (CoherentCsI2021.load(), CoherentLAr2020.load()),
        {"vector_ee": dist.Uniform(-0.3, 0.7), "vector_mumu": dist.Uniform(-0.15, 0.15)},
        {**fixed, "xi_electron": 0.0, "xi_up": 1.0},
    )
    settings = Settings(starts=4, warmup=500, samples=1500, target_accept=0.97)
    return {
        "tensor_electron": Analysis(tensor, settings=settings, limits=("tensor_etau",)),
        "up": Analysis(up, settings=settings, limits=("vector_ee", "vector_mumu")),
    }
