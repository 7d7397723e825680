"""The dipole portal: moments to a heavy neutral lepton against its mass, from recoils of electrons and nuclei.

Question. A photon may turn a neutrino into a heavier neutral lepton N. Up to which mass and from which moment on would
that have been seen?

Data: XENONnT and Borexino phase II, solar neutrinos on electrons, N up to some 0.5 MeV by 7Be and pep neutrinos and to
3 MeV by those of 8B; COHERENT with argon and CsI, pion decay at rest on nuclei, N up to 50 MeV. The moment is common
to all flavors. Masses and mixing: NuFIT 6.0, normal ordering, fixed. For each of them the moment is limited at each
mass by the profile likelihood: where a line of the Sun no longer makes N the likelihood is a cliff, on which nothing
can be sampled. At single masses the posterior is, with a prior flat in mu^2, for XENONnT or COHERENT, whichever reaches
there.

Expected: 8.4e-12 mu_B (Delta chi^2 = 2.71) at 10 keV, as for magnetic moments but for the interference of flavors that
make the same N; 1.9e-9 mu_B at 1 MeV and 2.6e-9 at 30 MeV; nothing above the 53 MeV to which pion decay reaches.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import BorexinoSpectrum2018, CoherentCsI2021, CoherentLAr2020, Experiment, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import DipolePortal, ThreeFlavor
from nmmjax.priors import FlatInSquare

PAPER = "G. Magill, R. Plestid, M. Pospelov and Y.-D. Tsai, Phys. Rev. D 98, 115015 (2018), arXiv:1803.03262"


def build() -> dict[str, Analysis]:
    """The plane by experiment, and single masses."""
    xenon, borexino = XenonNT2022.load(), BorexinoSpectrum2018.load()
    beam = (CoherentLAr2020.load(), CoherentCsI2021.load())
    return {
        "xenonnt": _plane(xenon),
        "borexino": _plane(borexino),
        "coherent": _plane(*beam),
        "kev_10": _single(0.01, 2e-11, xenon),
        "kev_300": _single(0.3, 4e-10, xenon),
        "mev_1": _single(1.0, 1e-8, *beam),
        "mev_30": _single(30.0, 2e-8, *beam),
    }


def _plane(*experiments: Experiment) -> Analysis:
    return Analysis(
        Fit(
            DipolePortal.universal,
            experiments,
            {"mass": dist.LogUniform(1e-2, 1e2), "moment": dist.LogUniform(1e-12, 1e-7)},
            {"origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(sampled=False),
        exclusions=(("mass", "moment"),),
    )


def _single(mass: float, largest: float, *experiments: Experiment) -> Analysis:
    return Analysis(
        Fit(
            DipolePortal.universal,
            experiments,
            {"moment": FlatInSquare(largest)},
            {"mass": mass, "origin": ThreeFlavor.benchmark()},
        ),
        settings=Settings(warmup=500, samples=1000, target_accept=0.9, dense_mass=True),
        limits=("moment",),
        corner=("moment",),
    )
