"""Borexino: the 7Be neutrinos that its rate means."""

import numpy as np
import numpyro.distributions as dist

from nmmjax.constants import ELECTRON
from nmmjax.experiments import BorexinoRates2019
from nmmjax.fit import Fit
from nmmjax.media import SolarModel
from nmmjax.verifications._claims import Number, Solution, Verification
from nmmjax.verifications.sno_2013 import two_flavors

_PAPER = "G. Bellini et al. (Borexino), Phys. Rev. Lett. 107, 141302 (2011), arXiv:1104.1816, abstract"


def borexino() -> Fit:
    """Two flavors with the splitting of KamLAND."""
    return Fit(two_flavors, (BorexinoRates2019.load(),), {"tan2_theta12": dist.Uniform(0.05, 1.0)}, {"dm21": 7.5})


def _borexino(solution: Solution) -> BorexinoRates2019:
    (experiment,) = solution.fit.experiments
    assert isinstance(experiment, BorexinoRates2019)
    return experiment


def equivalent_flux(solution: Solution) -> tuple[float, float]:
    """Flux of 7Be neutrinos [1e9 / (cm^2 s)], were all of them nu_e, that makes the rate of the line, and its error."""
    experiment, sun = _borexino(solution), SolarModel.b16_gs98()
    per_rate = 1e-9 * float(sun.fluxes[sun.index("be7")]) / float(np.asarray(experiment.weights)[0, :, ELECTRON].sum())
    return per_rate * float(experiment.values[0]), per_rate * float(experiment.errors()[0])


def survival(solution: Solution) -> tuple[float, float]:
    """Survival of nu_e at 862 keV and its error, for the flux of B16-GS98."""
    found = _borexino(solution).survival()[0]
    return found.probability, found.error


VERIFICATION = Verification(
    BorexinoRates2019,
    (
        Number(
            what="equivalent flux of nu_e, 7Be",
            source=_PAPER,
            question=borexino,
            unit="1e9 / (cm^2 s)",
            value=equivalent_flux,
            published=(3.10, 0.15, 0.15),
        ),
        Number(
            what="survival at 862 keV",
            source=_PAPER,
            question=borexino,
            value=survival,
            published=(0.51, 0.07, 0.07),
        ),
    ),
    "Survival needs the flux of a solar model: that of 2011 was higher by 1 % than that of B16-GS98, with a larger "
    "error.",
)
