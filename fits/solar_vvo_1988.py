"""Spins that flip in the convective zone of the Sun: the moment and the field of 1988, and what is left of them today.

Question. In 1986 Voloshin, Vysotsky and Okun took the lack of solar neutrinos on chlorine for a flip of massless Dirac
neutrinos in the magnetic field of the convective zone. Which moments and fields would do? And with the masses, mixing
and solar data of today, which flips are allowed beside oscillations?

Data: `in_1988` has the rate of Homestake alone; `today` has those of Homestake, gallium and Borexino, the fluxes of SNO
and XENONnT's search for a moment. All have the fluxes of B16-GS98 within their errors. The field is flat from 0.713
solar radii to the surface, `solar_log10_field` is log10 of it over 5 kG. Priors: `in_1988`, log-uniform in the moment
from 1e-11 to 1e-10 mu_B (the window of the paper ends there) and in the field from 1 to 7 kG, before flips turn back
(more ridges lie beyond); `today`, flat in the moment up to 1.5e-11 mu_B and log-uniform in the field from 1.6 to 50 kG.

Expected: in 1988 a ridge, moment times field of 6.1e-7 mu_B G: matter at the bottom of the zone asks for twice the
field that a flip in vacuum needs. Today XENONnT holds the moment, 7.4e-12 mu_B at Delta chi^2 = 2.71; fields stronger
than some 10 kG allow less of it, 50 kG some 1e-12, since the fluxes leave no room for more flips.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import BorexinoRates2019, Gallium2010, Homestake1998, Sno2013, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.low_energy import Dirac
from nmmjax.models import UniversalMoment
from nmmjax.precession import MagneticSun
from nmmjax.three_flavor import LightNeutrinos

PAPER = "M. B. Voloshin, M. I. Vysotsky and L. B. Okun, Sov. Phys. JETP 64, 446 (1986)"
MASSLESS = LightNeutrinos(0.0, 0.0, theta12=0.0, theta13=0.0, theta23=0.0, nature=Dirac())
FIELD = "solar_log10_field"


def build() -> dict[str, Analysis]:
    """Massless neutrinos and chlorine; masses and all rates."""
    return {"in_1988": _in_1988(), "today": _today()}


def _in_1988() -> Analysis:
    return Analysis(
        Fit(
            UniversalMoment,
            experiments=(Homestake1998.load().with_magnetic_sun(MagneticSun()),),
            priors={"moment": dist.LogUniform(1e-11, 1e-10), FIELD: dist.Uniform(-0.7, 0.146)},
            fixed={"origin": MASSLESS},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.9),
        corner=("moment", FIELD),
    )


def _today() -> Analysis:
    sun = MagneticSun()
    rates = (Homestake1998, Gallium2010, BorexinoRates2019, Sno2013)
    return Analysis(
        Fit(
            UniversalMoment,
            experiments=(*(rate.load().with_magnetic_sun(sun) for rate in rates), XenonNT2022.load()),
            priors={"moment": dist.Uniform(0.0, 1.5e-11), FIELD: dist.Uniform(-0.5, 1.0)},
            fixed={"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=1000, samples=1000, target_accept=0.99),
        corner=("moment", FIELD),
        limits=("moment",),
    )
