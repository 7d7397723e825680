"""Seesaws of type I, II and III: what do masses and mixing say about couplings and scales, and what would show them?

Question. Heavy singlets, a scalar triplet or heavy triplets give neutrinos masses at tree level. Oscillations fix the
light mass matrix; which couplings and scales are left, how far do heavy states mix with light ones, and does a triplet
scalar show in charged leptons?

Data: NuFIT 6.0 (six numbers), the sum of masses (DESI), for the triplet scalar also l -> l' gamma, mu -> 3 e and
universality of leptonic decays. Type I in both orderings, the others in the normal one.

Coordinates. Masses and mixing are those of oscillations, so that data bound them one by one. The couplings follow: for
fermions by a complex orthogonal matrix [Casas and Ibarra], its angles normal with widths of 1 (real) and 0.3
(imaginary). Scales are log-uniform with soft ends: singlets from 1e9 to 1e13 GeV, triplets of fermions from a TeV on;
the triplet scalar of 1 to 100 TeV with an expectation value of 1 eV to 1 GeV: smaller ones run into mu -> 3 e. Majorana
phases lie between two ends.

Expected: oscillations describe all, at the best points of NuFIT; the largest coupling goes as the root of the scale,
3e-3 to 0.1 for singlets, and heavy states do not mix (below 1e-19). A triplet scalar with v_Delta above 1 eV is out of
the reach of mu -> 3 e and mu -> e gamma nearly everywhere (log10 BR below -18).
"""

import math
from collections.abc import Mapping

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import Desi2025, Experiment, LeptonUniversality2023, NuFIT60Gaussian, RareLeptonDecays2025
from nmmjax.fit import Fit
from nmmjax.models import SeesawTypeOne, SeesawTypeThree, SeesawTypeTwo
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.priors import SoftLogUniform
from nmmjax.three_flavor import LightNeutrinos

PAPER = (
    "J. A. Casas and A. Ibarra, Nucl. Phys. B 618, 171 (2001); M. Magg and C. Wetterich, Phys. Lett. B 94, 61 (1980)"
)
ROTATION = {f"x{plane}": dist.Normal(0.0, 1.0) for plane in ("12", "13", "23")} | {
    f"y{plane}": dist.TruncatedNormal(0.0, 0.3, low=-3.0, high=3.0) for plane in ("12", "13", "23")
}


def build() -> dict[str, Analysis]:
    """Type I in both orderings, types II and III."""
    singlets, triplets = ({f"m_{k}": SoftLogUniform(low, 1e13) for k in (1, 2, 3)} for low in (1e9, 1e3))
    scalar = {"v_delta": SoftLogUniform(1e-9, 1.0), "m_delta": SoftLogUniform(1e3, 1e5)}
    fermions = ("log10_mixing", "largest_yukawa")
    leptons = (RareLeptonDecays2025.load(), LeptonUniversality2023.load())
    return {
        "one_normal": _fit(SeesawTypeOne, NormalOrdering(), singlets | ROTATION, ("m_1", *fermions)),
        "one_inverted": _fit(SeesawTypeOne, InvertedOrdering(), singlets | ROTATION, ("m_1", *fermions)),
        "two": _fit(SeesawTypeTwo, NormalOrdering(), scalar, (*scalar, "log10_br_mu_3e"), *leptons),
        "three": _fit(SeesawTypeThree, NormalOrdering(), triplets | ROTATION, ("m_1", *fermions)),
    }


def _fit(
    model: type[SeesawTypeOne | SeesawTypeTwo | SeesawTypeThree],
    ordering: Ordering,
    scales: Mapping[str, dist.Distribution],
    corner: tuple[str, ...],
    *experiments: Experiment,
) -> Analysis:
    low, high = sorted((ordering.sign * 2.2e-3, ordering.sign * 2.8e-3))
    oscillations = {
        **LightNeutrinos.sin2_priors(),
        "dm3l": dist.Uniform(low, high),
        "lightest_mass": SoftLogUniform(1e-4, 0.3),
        "alpha21": dist.Uniform(-math.pi, math.pi),
        "alpha31": dist.Uniform(-math.pi, math.pi),
    }
    return Analysis(
        Fit(
            model.from_oscillations,
            experiments=(NuFIT60Gaussian.load(ordering), Desi2025.load(), *experiments),
            priors={**oscillations, **scales},
            fixed={"ordering": ordering},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.99),
        corner=("lightest_mass", *corner),
    )
