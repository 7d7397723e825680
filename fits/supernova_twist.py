"""A twisting field at the edge of a core: which moment of Dirac neutrinos would a supernova at 10 kpc show?

Question. Matter keeps a Dirac neutrino from flipping, V_e is never zero; a field that turns about the way undoes it
where V_e + phi' = 0. What moment can DUNE and Hyper-Kamiokande see, for either sign of the twist?

Data: one burst of Huedepohl's star of 8.8 solar masses, drawn without a moment (Poisson, one seed), in three windows
of time: charged currents on argon, inverse beta decay and scattering on electrons in water. B = 1e12 G and rho = 1e4
g/cm^3 at 1000 km, both as r^-3; a twist of 2 rad/km of either sign, large against the splitting of masses (0.6 rad/km
at 10 MeV); the flux is known to 10 %. Prior: flat in the moment up to 3e-16 mu_B.

Expected: a negative twist takes nu_e and antinu_e away, which V_e lifts, a positive one all others. At 1e12 G either
shows 1e-16 mu_B, several times less than the adiabaticity of one asks for: the number of events is large. The reach
goes as 1 / B; over the twist it is drawn by `nmmjax figures`.
"""

import jax
import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import DuneBurst, HyperKamiokandeBurst
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy
from nmmjax.models import UniversalMoment
from nmmjax.precession import CollapsingStar
from nmmjax.three_flavor import LightNeutrinos

PAPER = "S. Jana and Y. Porto, Phys. Rev. Lett. 132, 101005 (2024), arXiv:2303.13572"
SEED = 2023


def build() -> dict[str, Analysis]:
    """By the sign of the twist."""
    return {"against": _fit(-2.0), "along": _fit(2.0)}


def _fit(twist: float) -> Analysis:
    star = CollapsingStar.edge_of_core(twist=twist)
    detectors = (DuneBurst.load(star=star), HyperKamiokandeBurst.load(star=star))
    nothing = LowEnergy(LightNeutrinos.benchmark().neutrinos())
    keys = jax.random.split(jax.random.PRNGKey(SEED), len(detectors))
    return Analysis(
        Fit(
            UniversalMoment,
            experiments=tuple(d.simulate(key, nothing, d.as_given()) for d, key in zip(detectors, keys, strict=True)),
            priors={"moment": dist.Uniform(0.0, 3e-16)},
            fixed={"origin": LightNeutrinos.benchmark(), "supernova_twist": twist, "supernova_log10_field": 0.0},
        ),
        settings=Settings(warmup=1000, samples=3000, target_accept=0.95),
        limits=("moment",),
    )
