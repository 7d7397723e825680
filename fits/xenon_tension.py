"""XENON1T and XENONnT: can one magnetic moment describe both?

Question. The moment that XENON1T asks for would give XENONnT 85 events between 1 and 7 keV over 72 of background, and
65 were seen. How far do the two disagree? The measure is what the common fit is worse than the two alone, Delta chi^2
with one degree of freedom for the one parameter that they share.

Data: both, 29 bins each, every one with its own background and efficiency. Prior: flat in the square of a moment that
all neutrinos have. Masses and mixing: NuFIT 6.0, normal ordering, fixed.

Expected: chi^2 (nuisances included) of 34.0 and 22.9 alone and 66.9 together: Delta chi^2 = 10.0, 3.2 standard
deviations, as much as the excess itself. The common fit sits near zero, mu < 1.02e-11 mu_B at Delta chi^2 = 2.71.
"""

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Experiment, Xenon1T2020, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor, UniversalMoment
from nmmjax.priors import FlatInSquare

PAPER = "E. Aprile et al. (XENON), Phys. Rev. D 102, 072004 (2020) and Phys. Rev. Lett. 129, 161805 (2022)"


def build() -> dict[str, Analysis]:
    """Each alone, and together."""
    first, second = Xenon1T2020.load(), XenonNT2022.load()
    return {"xenon1t": _fit(first), "xenonnt": _fit(second), "together": _fit(first, second)}


def _fit(*experiments: Experiment) -> Analysis:
    return Analysis(
        Fit(
            UniversalMoment,
            experiments,
            {"moment": FlatInSquare(4.5e-11)},
            {"origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=500, samples=1500, target_accept=0.9),
        limits=("moment",),
    )
