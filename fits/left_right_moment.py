"""Left-right symmetry: which mixing of W_L and W_R do magnetic moments leave?

Question. W_R with a mixing xi gives Dirac neutrinos moments e G_F m_l sin(2 xi) / (2 sqrt(2) pi^2), for nu_tau 7.6e-10
mu_B sin(2 xi): the mass of the charged lepton flips the chirality, not that of the neutrino. Muon decay leaves some
1e-3 of xi. Do recoils or stars see as much?

Data: XENONnT with its backgrounds, GEMMA as a published limit; the second hypothesis adds the red giants of NGC 4258
and the number of neutrino species in the early universe. Prior: flat in the square of xi, in which rates are linear.
M_W2 = 5 TeV, of which only (M_W1 / M_W2)^2 = 3e-4 enters. Masses and mixing: NuFIT 6.0, fixed.

Expected: xi < 1.0e-2 from recoils (Delta chi^2 = 2.71), for a quarter of the solar neutrinos of low energy arrives as
nu_tau, xi < 9.0e-4 from red giants: stars reach what muon decay does, laboratories do not.
"""

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import EffectiveNeutrinos2022, Experiment, Gemma2013, RedGiants2020, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import LeftRight
from nmmjax.priors import FlatInSquare
from nmmjax.three_flavor import LightNeutrinos

PAPER = "R. E. Shrock, Nucl. Phys. B 206, 359 (1982); M. Czakon, J. Gluza and M. Zralek, Phys. Rev. D 59, 013010 (1999)"


def build() -> dict[str, Analysis]:
    """Without and with stars."""
    laboratory = (XenonNT2022.load(), Gemma2013.load())
    stars = (RedGiants2020.load(), EffectiveNeutrinos2022.load())
    return {"laboratory": _fit(0.03, *laboratory), "with_stars": _fit(4e-3, *laboratory, *stars)}


def _fit(high: float, *experiments: Experiment) -> Analysis:
    return Analysis(
        Fit(
            LeftRight,
            experiments,
            priors={"xi": FlatInSquare(high)},
            fixed={"m_w2": 5000.0, "origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=600, samples=1500, target_accept=0.9),
        limits=("xi",),
    )
