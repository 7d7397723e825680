"""The dipole portal: moments to a heavy neutral lepton against its mass, from recoils of electrons and nuclei.

Question. A photon may turn a neutrino into a heavier neutral lepton N. Up to which mass and from which moment on would
that have been seen?

Data: XENONnT and Borexino phase II, solar neutrinos on electrons, N up to some 0.5 MeV by 7Be and pep neutrinos and to
3 MeV by those of 8B; COHERENT with argon and CsI, pion decay at rest on nuclei, N up to 50 MeV. The moment is common
to all flavors. Priors: flat in the logarithms of mass and moment. Masses and mixing: NuFIT 6.0, normal ordering, fixed.

Expected: at small masses the limits on magnetic moments, 7e-12 mu_B, up to 0.1 MeV; some 1e-9 to 1e-8 mu_B between 1
MeV and the 40 MeV to which pion decay reaches; nothing above.
"""

import numpyro.distributions as dist

from nmmjax.experiments import BorexinoSpectrum2018, CoherentCsI2021, CoherentLAr2020, Experiment, XenonNT2022
from nmmjax.fit import Fit, Settings
from nmmjax.models import DipolePortal, ThreeFlavor

PAPER = "G. Magill, R. Plestid, M. Pospelov and Y.-D. Tsai, Phys. Rev. D 98, 115015 (2018), arXiv:1803.03262"


def build() -> dict[str, Fit]:
    """By experiment, and all."""
    xenon, borexino = XenonNT2022.load(), BorexinoSpectrum2018.load()
    beams = (CoherentLAr2020.load(), CoherentCsI2021.load())
    return {
        "xenonnt": _fit(xenon),
        "borexino": _fit(borexino),
        "coherent": _fit(*beams),
        "all": _fit(xenon, borexino, *beams),
    }


def _fit(*experiments: Experiment) -> Fit:
    return Fit(
        DipolePortal.from_logarithms,
        experiments,
        {"log10_mass": dist.Uniform(-2.0, 2.0), "log10_moment": dist.Uniform(-12.0, -6.0)},
        {"origin": ThreeFlavor.benchmark()},
        settings=Settings(warmup=600, samples=1000, target_accept=0.95),
        contours=(("log10_mass", "log10_moment"),),
        corner=("log10_mass", "log10_moment"),
    )
