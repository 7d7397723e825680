"""Transition moments of Majorana neutrinos from the neutronization burst of a supernova at 10 kpc.

Question. In the first 20 ms a supernova shines in nu_e alone. Moments turn them to antineutrinos where their levels
cross, and antineutrinos are what water sees best. Which moments would Hyper-Kamiokande and DUNE see, in both orderings?

Data: the neutronization burst of Huedepohl's star of 8.8 solar masses, drawn without moments (Poisson, one seed), -5
to 20 ms in five windows. A core of iron, rho = 1e7 g/cm^3 (1000 km / r)^3 with Y_e = 0.497, and B = 1e10 G (1000 km /
r)^2; the flux is known to 10 %. Masses and mixing: NuFIT 6.0. Priors: flat in the moduli of the three moments up to
1e-12 mu_B, their phases zero.

Expected: moments of 1e-13 to 1e-12 mu_B turn nu_e into antinu_e; the reach is 1 to 3 orders below the limits of today
only where the field is as strong, for it goes as 1 / B.
"""

import jax
import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import DuneBurst, HyperKamiokandeBurst
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy
from nmmjax.models import TransitionMoments
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.precession import CollapsingStar
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

PAPER = "S. Jana, Y. P. Porto-Silva and M. Sen, JCAP 09 (2022) 079, arXiv:2203.01950"
SEED = 2022
TIMES = (-0.005, 0.0, 0.005, 0.010, 0.015, 0.020)


def build() -> dict[str, Analysis]:
    """By ordering."""
    return {"normal": _fit(NormalOrdering()), "inverted": _fit(InvertedOrdering())}


def _fit(ordering: Ordering) -> Analysis:
    origin = LightNeutrinos.from_sin2(**{**NUFIT60, "dm3l": ordering.sign * NUFIT60["dm3l"]}, ordering=ordering)
    star = CollapsingStar.iron_core()
    detectors = (DuneBurst.load(star=star, times=TIMES), HyperKamiokandeBurst.load(star=star, times=TIMES))
    nothing = LowEnergy(origin.neutrinos())
    keys = jax.random.split(jax.random.PRNGKey(SEED), len(detectors))
    return Analysis(
        Fit(
            TransitionMoments.from_sizes,
            experiments=tuple(d.simulate(key, nothing, d.as_given()) for d, key in zip(detectors, keys, strict=True)),
            priors={name: dist.Uniform(0.0, 1e-12) for name in ("size_emu", "size_etau", "size_mutau")},
            fixed={"origin": origin, "supernova_log10_field": 0.0, "supernova_twist": 0.0},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.95),
        limits=("size_emu", "size_etau"),
    )
