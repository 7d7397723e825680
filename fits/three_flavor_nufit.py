"""Three flavors against the NuFIT 5.3 tables: does a fit give back the global fit, in both orderings?

Question. A closure test on real numbers: three massive neutrinos, parametrized by their observables and brought through
a mass matrix, must have the maximum and the profile widths that NuFIT publishes, and the orderings must differ by
NuFIT's Delta chi^2.

Data: the Delta chi^2 surfaces (theta12, dm21), (theta13, dm3l) and (theta23, delta_cp) of NuFIT 5.3 with
Super-Kamiokande atmospheric data. Priors: flat in all six. Lightest mass and Majorana phases, which these data do not
see, are fixed.

Expected: NuFIT's best values; inverted ordering disfavored by 9.1.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import NuFIT53Tables
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.priors import UniformPhase

PAPER = "I. Esteban et al., JHEP 09 (2020) 178; NuFIT 5.3 (2024)"


def build() -> dict[str, Analysis]:
    """One fit for each ordering."""
    return {"normal": _build(NormalOrdering()), "inverted": _build(InvertedOrdering())}


def _build(ordering: Ordering) -> Analysis:
    low, high = sorted((ordering.sign * 2.2e-3, ordering.sign * 2.8e-3))
    return Analysis(
        Fit(
            ThreeFlavor.from_sin2,
            experiments=(NuFIT53Tables.load(ordering),),
            priors={
                "dm21": dist.Uniform(6e-5, 9e-5),
                "dm3l": dist.Uniform(low, high),
                "sin2_theta12": dist.Uniform(0.2, 0.45),
                "sin2_theta13": dist.Uniform(0.015, 0.03),
                "sin2_theta23": dist.Uniform(0.3, 0.7),
                "delta_cp": UniformPhase(),
            },
            fixed={"ordering": ordering},
        ),
        settings=Settings(warmup=1000, samples=2000, target_accept=0.9),
        contours=(("sin2_theta23", "delta_cp"),),
    )
