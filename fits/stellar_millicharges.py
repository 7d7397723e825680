"""Charges of three flavors at once in stars, where they interfere with the weak decay of plasmons.

Question. A plasmon decays to charged neutrinos, and what it carries off cools red giants, white dwarfs and stars that
burn helium. Limits in the literature, some 2e-14 e, add this loss to the weak one. But amplitudes add up: a charge of
nu_e of one sign loses more, of the other less, and charges of nu_mu and nu_tau, to which electrons hardly couple by
g_V, almost as they are. How large may each be where all are free?

Data: red giants (NGC 4258), white dwarfs, stars that burn helium; plasmons of both kinds at the temperature of each
core. Priors flat in each charge up to 4e-14 e. Laboratories, fifty times weaker, are in `millicharges`. Masses: NuFIT
6.0, fixed; they do not matter.

Expected: -1.3e-14 to 4.0e-15 e for nu_e, within 9.7e-15 e for nu_mu and nu_tau (Delta chi^2 = 2.71), red giants before
all; one charge alone, at 95 %: nu_e -1.8e-14 to 4.6e-15 e, nu_mu within 9.2e-15 e.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import HorizontalBranch1996, RedGiants2020, WhiteDwarfs2014
from nmmjax.fit import Fit
from nmmjax.models import Millicharges
from nmmjax.three_flavor import LightNeutrinos

PAPER = "G. G. Raffelt, Phys. Rep. 320, 319 (1999); F. Capozzi and G. Raffelt, Phys. Rev. D 102, 083007 (2020)"
CHARGES = ("q_e", "q_mu", "q_tau")


def build() -> Analysis:
    """All three charges."""
    return Analysis(
        Fit(
            Millicharges,
            experiments=(RedGiants2020.load(), WhiteDwarfs2014.load(), HorizontalBranch1996.load()),
            priors={name: dist.Uniform(-4e-14, 4e-14) for name in CHARGES},
            fixed={"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=700, samples=1500, target_accept=0.95),
        limits=CHARGES,
        corner=CHARGES,
    )
