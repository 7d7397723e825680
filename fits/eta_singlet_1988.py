"""A singlet scalar for the solar moment of 1988: do any couplings survive, and do the masses run?

Question. A charged singlet eta gives Dirac neutrinos magnetic moments of some 1e-11 mu_B, as a spin flip in the Sun
wanted in 1988, and with the same loops masses. Read literally, these loops are the masses: then no couplings should do,
in any of the three ways to forbid mu -> e gamma (g23 = 0; g13 = g23 = 0; g13 = 0). Read as running, they are added to
masses in a see-saw relation to charged leptons at high energy: is that consistent with everything?

Data of 1988: the window of the moment and its laboratory bound, kinematic masses, no mixing of nu_e and nu_tau,
mu -> e gamma; for the running masses also cosmology, which heavy neutrinos meet by radiative decay. Priors: log-uniform
in couplings (flat in the angles of the cases) and in m_eta above 25 GeV; ln(1 + Lambda^2 / m_eta^2) = 1, the least
running; the see-saw relation up to a factor of 3 in each mass. Running is asked where the paper looks, g12 > g23 and
g13, so that flavors hardly mix and nu_e runs (there are other islands, in which nu_mu does), with flat priors in the
masses.

Expected: each literal case fails by its masses (chi^2 = 153, 153 and 135); running masses fit with chi^2 = 1.2 for
g12 = 0.06 to 0.16 and m_eta = 26 to 62 GeV, nu_e running by 3 to 17 keV, m(nu_mu) = 0.1 to 0.3 MeV and m(nu_tau) = 3 to
44 MeV, and mu -> e gamma not far below its bound: what the paper finds.
"""

import math
from collections.abc import Callable, Mapping

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import (
    LaboratoryMasses1988,
    MuonRadiativeDecay1988,
    ShortBaseline1988,
    SolarMoment1988,
    UnstableNeutrinos1988,
)
from nmmjax.fit import Fit
from nmmjax.models import EtaSinglet

PAPER = "M. Fukugita and T. Yanagida, Phys. Rev. Lett. 58, 1807 (1987)"
SIZE = {"g": dist.LogUniform(1e-4, 3.0), "m_eta": dist.LogUniform(25.0, 1000.0)}
ANGLE = dist.Uniform(0.0, math.pi / 2)


def build() -> dict[str, Analysis]:
    """Three literal cases, and running masses."""
    return {
        "literal_one": _literal(EtaSinglet.case_one, {"theta": ANGLE}),
        "literal_two": _literal(EtaSinglet.case_two, {}),
        "literal_three": _literal(EtaSinglet.case_three, {"phi": ANGLE}),
        "running": _running(),
    }


def _literal(model: Callable[..., EtaSinglet], angle: Mapping[str, dist.Distribution]) -> Analysis:
    experiments = (SolarMoment1988, LaboratoryMasses1988, ShortBaseline1988, MuonRadiativeDecay1988)
    return Analysis(
        Fit(
            model,
            experiments=tuple(experiment.load() for experiment in experiments),
            priors={**SIZE, **angle},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.97),
    )


def _running() -> Analysis:
    experiments = (
        SolarMoment1988,
        LaboratoryMasses1988,
        ShortBaseline1988,
        MuonRadiativeDecay1988,
        UnstableNeutrinos1988,
    )
    return Analysis(
        Fit(
            EtaSinglet.from_laboratory,
            experiments=tuple(experiment.load() for experiment in experiments),
            priors={
                "g12": dist.LogUniform(1e-2, 1.0),
                "g13": dist.LogUniform(1e-4, 1e-2),
                "g23": dist.LogUniform(1e-4, 1e-2),
                "m_eta": dist.LogUniform(25.0, 250.0),
                "mass_e": dist.Uniform(0.0, 100.0),
                "mass_mu": dist.Uniform(1e3, 1e6),
                "mass_tau": dist.Uniform(1e6, 1e8),
            },
            fixed={"log_cutoff": 1.0, "hierarchy": math.log(3.0)},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.99),
        corner=("g12", "g13", "g23", "m_eta", "mass_mu", "mass_tau", "ratio_e"),
    )
