"""XENON1T 2020: which magnetic moment would explain the excess of electronic recoils?

Question. 285 events between 1 and 7 keV where 232 were expected: scattering of solar neutrinos by a magnetic moment
rises like 1/T and would look so. How large a moment, common to all neutrinos? And if it is the transition moment of
nu_e and nu_mu alone, which sees only part of the neutrinos that arrive, mu_eff^2 = mu_emu^2 [1 - P(nu_e -> nu_tau)]?

Data: XENON1T, 29 bins, with the background of the collaboration (2.6 %) and its efficiency (3 %). Priors: flat in the
square of the moment, in which rates are linear. Masses and mixing: NuFIT 6.0, normal ordering, fixed.

Expected: background alone has a deviance of 44.0, the best moment, 2.36e-11 mu_B, 34.0: 3.16 standard deviations. 90 %
interval (Delta chi^2 = 2.71) 1.60e-11 to 2.97e-11 mu_B; published, unbinned and with components of the background free,
1.4e-11 to 2.9e-11 and 3.2. For mu_emu 1.83e-11 to 3.40e-11 mu_B: the interval over the root of 1 - P(nu_e -> nu_tau) =
0.763, which depends on theta23 and delta_cp. XENONnT excludes all of it (`xenonnt_moment`, `xenon_tension`).
"""

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Xenon1T2020
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor, TransitionMoments, UniversalMoment
from nmmjax.priors import FlatInSquare

PAPER = "E. Aprile et al. (XENON), Phys. Rev. D 102, 072004 (2020), arXiv:2006.09721"


def build() -> dict[str, Analysis]:
    """By what carries the moment, if anything does."""
    experiments = (Xenon1T2020.load(),)
    fixed = {"origin": ThreeFlavor.benchmark()}
    settings = Settings(warmup=500, samples=1000)
    return {
        "none": Analysis(
            Fit(
                UniversalMoment,
                experiments,
                {},
                {**fixed, "moment": 0.0},
            ),
            settings=settings,
        ),
        "universal": Analysis(
            Fit(
                UniversalMoment,
                experiments,
                {"moment": FlatInSquare(4.5e-11)},
                fixed,
            ),
            settings=settings,
            limits=("moment",),
        ),
        "electron_muon": Analysis(
            Fit(
                TransitionMoments,
                experiments,
                {"lambda_emu": FlatInSquare(5.5e-11)},
                fixed,
            ),
            settings=settings,
            limits=("lambda_emu",),
        ),
    }
