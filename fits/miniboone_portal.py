"""The excess of MiniBooNE by the dipole portal: how large a moment makes it, and is that allowed?

Question. A muon neutrino may become a heavy neutral lepton N on a nucleus by a photon, and N may decay to a photon in
the detector, where it passes for an electron. Which moment and mass would make the excess of electron-like events?

Data: MiniBooNE 2020, both beams, in the energy of a quasi-elastic neutrino; no angles, which the collaboration finds to
be wider than photons of N are. For N of 30 MeV, which pion decay at rest makes too: COHERENT with argon and CsI beside
it. The moment is common to all flavors, N is a Dirac fermion. Masses and mixing: NuFIT 6.0, normal ordering, fixed. The
plane of mass and moment is profiled; at single masses the posterior is sampled, with a prior flat in mu^2.

Expected: -2 ln L falls from 65.2 without N to 33 (30 MeV), 34 (100 MeV), 36 (300 MeV) and 38 (400 MeV) for 38 bins,
where two flavors that oscillate have 36.3; N above 0.6 GeV does not do. The moments are 2.3e-9, 1.0e-9, 3.4e-9 and
5.1e-9 mu_B. At 30 MeV COHERENT, whose own limit is 2.6e-9, does not contradict.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import CoherentCsI2021, CoherentLAr2020, Experiment, MiniBooNE2020
from nmmjax.fit import Fit
from nmmjax.models import DipolePortal, ThreeFlavor
from nmmjax.priors import FlatInSquare

PAPER = "A. A. Aguilar-Arevalo et al. (MiniBooNE), Phys. Rev. D 103, 052002 (2021), arXiv:2006.16883"


def build() -> dict[str, Analysis]:
    """The plane, and single masses."""
    miniboone = MiniBooNE2020.load()
    beam = (CoherentLAr2020.load(), CoherentCsI2021.load())
    return {
        "plane": Analysis(
            Fit(
                DipolePortal.from_logarithms,
                (miniboone,),
                {"log10_mass": dist.Uniform(1.5, 3.0), "log10_moment": dist.Uniform(-9.5, -7.5)},
                {"origin": ThreeFlavor.benchmark()},
            ),
            settings=Settings(sampled=False),
            contours=(("log10_mass", "log10_moment"),),
        ),
        "mev_30": _single(30.0, 1e-8, miniboone),
        "mev_30_coherent": _single(30.0, 1e-8, miniboone, *beam),
        "mev_100": _single(100.0, 1e-8, miniboone),
        "mev_300": _single(300.0, 2e-8, miniboone),
        "mev_400": _single(400.0, 2e-8, miniboone),
    }


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
