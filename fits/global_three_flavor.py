"""Three flavors from raw data, reactors, beam and Sun together: how much of a global fit is in public spectra?

Question. All six parameters of three-flavor oscillation from the published counts and rates of seven experiments, each
with its own prediction and systematic errors. Do they come out as in NuFIT, and where not, which data are missing?

Data: Daya Bay (theta13, dm31), KamLAND (dm21, theta12), MINOS and MINOS+ (dm32, theta23), chlorine, gallium, Borexino
and SNO (theta12). Priors: flat in all six, within bounds around the known solution; fluxes of the standard solar model
B16-GS98 within its errors. (delta_cp with ends, at +-pi: a circle that no datum marks would be walked around for ever.)

Expected: for normal ordering, beside NuFIT 6.0 (IC24 with Super-Kamiokande),

| | here | NuFIT |
|---|---|---|
| sin^2 theta12 | 0.304 +- 0.014 | 0.308 +- 0.012 |
| sin^2 theta13 | 0.0219 +- 0.0006 | 0.0222 +- 0.0006 |
| dm21 [1e-5 eV^2] | 7.54 +- 0.26 | 7.49 +- 0.19 |
| dm31 [1e-3 eV^2] | 2.540 +- 0.049 | 2.513 +- 0.020 |
| sin^2 theta23 | 0.40 or 0.63, maximal at Delta chi^2 = 1.2 | 0.470 +- 0.015 |
| delta_cp | any | 212 +- 30 degrees |

Four agree within one standard deviation. theta23 and delta_cp do not: T2K, NOvA, IceCube and Super-Kamiokande, whose
data decide them, are not included, and muon neutrinos that disappear in MINOS see sin^2 2theta23 alone. Neither is the
ordering seen: Delta chi^2 = 0.5 (NuFIT: 6.1).
"""

import math

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Published, Settings
from nmmjax.experiments import (
    BorexinoRates2019,
    DayaBay2022,
    Experiment,
    Gallium2010,
    Homestake1998,
    KamLAND2011,
    Minos2017,
    NuFIT60Gaussian,
    Sno2013,
)
from nmmjax.fit import Fit
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering

PAPER = "I. Esteban et al., JHEP 12 (2024) 216; NuFIT 6.0 (2024)"


def build() -> dict[str, Analysis]:
    """One fit for each ordering."""
    kinds = (DayaBay2022, KamLAND2011, Minos2017, Homestake1998, Gallium2010, BorexinoRates2019, Sno2013)
    experiments = tuple(kind.load() for kind in kinds)
    return {"normal": _fit(NormalOrdering(), experiments), "inverted": _fit(InvertedOrdering(), experiments)}


def _fit(ordering: Ordering, experiments: tuple[Experiment, ...]) -> Analysis:
    low, high = sorted((ordering.sign * 2.1e-3, ordering.sign * 2.9e-3))
    return Analysis(
        Fit(
            ThreeFlavor.from_sin2,
            experiments=experiments,
            priors={
                "dm21": dist.Uniform(4e-5, 1.2e-4),
                "dm3l": dist.Uniform(low, high),
                "sin2_theta12": dist.Uniform(0.15, 0.5),
                "sin2_theta13": dist.Uniform(0.01, 0.04),
                "sin2_theta23": dist.Uniform(0.25, 0.75),
                "delta_cp": dist.Uniform(-math.pi, math.pi),
            },
            fixed={"ordering": ordering},
        ),
        settings=Settings(warmup=500, samples=1000),
        corner=("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "dm21", "dm3l"),
        published=Published("NuFIT 6.0", NuFIT60Gaussian.published(ordering)),
    )
