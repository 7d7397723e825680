"""Democratic neutrinos, M = m (J - 1), against MINOS, SNO and KamLAND: what survives of a model with one parameter?

Question. Masses (m, m, 2m) have a single splitting, 3 m^2. Given to MINOS it is that of atmospheric neutrinos. The
paper says that the rest then follows: a mean survival of 7/18 in the Sun, as SNO has measured it. But the pair of equal
masses never loses its coherence, and the mean is 5/9, by matter 0.547: what do the data say?

Data: MINOS and MINOS+ alone; with SNO's CC / NC ratio and flux (2005); with KamLAND's spectrum (2011). Prior: flat in
ln m, from 0.015 to 0.0316 eV, above which KamLAND's response is not fine enough.

Expected: m = 0.0294 +- 0.0004 eV from MINOS, with -2 ln L = 83.6 where three flavors reach 78.4: this survives. SNO's
ratio is missed by 5.5 standard deviations, although the flux of 8B neutrinos, known to 12 %, is pulled by 3.3: together
Delta chi^2 = 42. KamLAND's chi^2 is 124 where three flavors reach 90: a splitting as large as this leaves it nothing
to see but the mean. Neither changes m.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Experiment, KamLAND2011, Minos2017, SnoFluxes2005
from nmmjax.fit import Fit
from nmmjax.models import Democratic

PAPER = "D. Zhuridov, arXiv:1304.4870 (2013)"


def build() -> dict[str, Analysis]:
    """The splitting, and what contradicts it."""
    minos = Minos2017.load()
    return {
        "minos": _fit(minos),
        "minos_sno": _fit(minos, SnoFluxes2005.load()),
        "minos_kamland": _fit(minos, KamLAND2011.load()),
    }


def _fit(*experiments: Experiment) -> Analysis:
    return Analysis(
        Fit(
            Democratic,
            experiments=experiments,
            priors={"m": dist.LogUniform(0.015, 0.0316)},
        ),
        settings=Settings(warmup=500, samples=1500),
    )
