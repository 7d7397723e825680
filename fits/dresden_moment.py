"""The moment of nu_e at Dresden-II: how much of the limit hangs on how germanium quenches?

Question. A moment makes nuclei recoil more often at low energies, where coherent scattering was claimed and where
nobody knows how much of a recoil becomes ionization. Which moment is left with each of two measured quenching factors?

Data: Dresden-II with the reactor on, its background free. Priors: the moment, the same for all Dirac neutrinos, flat in
its square. Two hypotheses of the same data: the quenching factor of photoneutrons, and that of neutrons filtered by
iron, which CONUS contradicts.

Expected: below 4.0e-10 mu_B with photoneutrons, 2.8e-10 with filtered neutrons (Delta chi^2 = 2.71).
"""

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import DresdenII2022
from nmmjax.experiments.dresden_ii_2022 import IronFiltered, Photoneutrons, Quenching
from nmmjax.fit import Fit
from nmmjax.models import UniversalMoment
from nmmjax.priors import FlatInSquare
from nmmjax.three_flavor import LightNeutrinos

PAPER = "P. Coloma et al., JHEP 05 (2022) 037, arXiv:2202.10829"


def build() -> dict[str, Analysis]:
    """By the quenching factor."""
    return {"photoneutrons": _fit(Photoneutrons()), "iron_filtered": _fit(IronFiltered())}


def _fit(quenching: Quenching) -> Analysis:
    return Analysis(
        Fit(
            UniversalMoment,
            (DresdenII2022.load(quenching),),
            {"moment": FlatInSquare(1e-9)},
            {"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(starts=3, warmup=800, samples=1000, target_accept=0.98, dense_mass=True),
        limits=("moment",),
    )
