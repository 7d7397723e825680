"""Supersymmetry without R parity: which couplings do moments leave, and what would the masses say?

Question. A slepton and lambda' give nu_e and nu_mu a moment of the order e lambda'^2 m_tau^2 A / (16 pi^2 M^4), and
with the same loop a mass larger by M^2 / 2 m_e in its units. Do recoils and stars bound lambda', or do masses?

Data: XENONnT with its backgrounds, the red giants of NGC 4258. Priors: flat in the square of the moment, log-uniform in
the mass M of the slepton and the trilinear coupling A; lambda' follows. The mass that comes along is reported, not held
against data: an order of magnitude is no likelihood. Masses and mixing: NuFIT 6.0, fixed.

Expected: lambda' < 0.26 (M / 100 GeV)^2 (100 GeV / A)^(1/2), beyond perturbation theory above some 350 GeV. At that
bound, 1.4e-12 mu_B (Delta chi^2 = 2.71), a mass of 10 keV and more goes with the moment: that neutrino masses are below
0.1 eV bounds lambda' hundreds of times stronger, and no moment that is seen comes from here.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import RedGiants2020, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import RParityViolation
from nmmjax.priors import FlatInSquare
from nmmjax.three_flavor import LightNeutrinos

PAPER = "K. S. Babu and R. N. Mohapatra, Phys. Rev. Lett. 64, 1705 (1990)"


def build() -> Analysis:
    """Three unknowns of one product."""
    return Analysis(
        Fit(
            RParityViolation.from_moment,
            experiments=(XenonNT2022.load(), RedGiants2020.load()),
            priors={
                "moment": FlatInSquare(4e-12),
                "m_slepton": dist.LogUniform(100.0, 350.0),
                "trilinear": dist.LogUniform(100.0, 1000.0),
            },
            fixed={"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=600, samples=1500, target_accept=0.9),
        limits=("moment",),
        corner=("moment", "m_slepton", "trilinear", "lambda_prime", "expected_mass"),
    )
