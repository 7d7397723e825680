"""Interactions that refract neutrinos beyond the weak ones: what does propagation leave of e tau and mu tau?

Question. Vector couplings to the fermions of matter add sqrt2 G_F n_f eps to the potential of flavors. Which eps_mutau
with d quarks do MINOS and the atmospheric neutrinos of Super-Kamiokande leave, and which eps_etau, relative to
electrons, the latter, KamLAND and the Sun?

Data: MINOS and MINOS+; Super-Kamiokande I-V, whose likelihood is an approximation that its docstring states, so that
its limits are, too; KamLAND with chlorine, gallium, Borexino and SNO. Priors: flat in eps, real, and in the two
parameters that each experiment measures; the others are fixed. eps_etau in the atmosphere goes together with
eps_tautau = eps_etau^2, where high energies would exclude it otherwise. Super-Kamiokande is profiled, not sampled.

Expected: no sign of any.
"""

from typing import Annotated

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import (
    BorexinoRates2019,
    Experiment,
    Gallium2010,
    Homestake1998,
    KamLAND2011,
    Minos2017,
    Sno2013,
    SuperKamiokandeAtmospheric2023,
)
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy
from nmmjax.models import NonStandardInteractions, Scalar, parameter
from nmmjax.three_flavor import Sin2

PAPER = "M. G. Aartsen et al. (IceCube), Phys. Rev. D 97, 072009 (2018), arXiv:1709.07079 (eps_mutau)"
_Coupling = Annotated[Scalar, parameter(r"\epsilon_{e\tau}", low=-10.0, high=10.0)]
_KNOWN = {"dm21": 7.53e-5, "sin2_theta12": 0.307, "sin2_theta13": 0.0218, "sin2_theta23": 0.5, "dm3l": 2.5e-3}
_BEAM = {"sin2_theta23": dist.Uniform(0.3, 0.7), "dm3l": dist.Uniform(2e-3, 3.2e-3)}
_SUN = {"sin2_theta12": dist.Uniform(0.1, 0.5), "dm21": dist.Uniform(5e-5, 1.1e-4)}
_DOWN = {"xi_electron": 0.0, "xi_down": 1.0}


def along_the_valley(light: Sin2, epsilon: _Coupling) -> LowEnergy:
    """eps_etau with electrons, and eps_tautau = eps_etau^2."""
    return NonStandardInteractions.from_oscillations(light, vector_etau=epsilon, vector_tautau=epsilon**2).low_energy()


def build() -> dict[str, Analysis]:
    """By coupling and data."""
    minos, atmosphere = (Minos2017.load(),), (SuperKamiokandeAtmospheric2023.load(),)
    sun = (
        KamLAND2011.load(),
        Homestake1998.load(),
        Gallium2010.load(),
        BorexinoRates2019.load(),
        Sno2013.load(),
    )
    return {
        "minos_mutau": _fit("vector_mutau", 0.5, minos, _BEAM, _DOWN),
        "atmospheric_mutau": _fit("vector_mutau", 0.1, atmosphere, _BEAM, _DOWN, sampled=False),
        "atmospheric_etau": Analysis(
            Fit(
                along_the_valley,
                atmosphere,
                {"epsilon": dist.Uniform(-1.5, 1.5), **_BEAM},
                _fixed(_BEAM),
            ),
            settings=Settings(sampled=False, starts=4),
            limits=("epsilon",),
        ),
        "solar_etau": _fit("vector_etau", 1.5, sun, _SUN, {}),
    }


def _fit(
    coupling: str,
    largest: float,
    experiments: tuple[Experiment, ...],
    free: dict[str, dist.Distribution],
    fermion: dict[str, float],
    *,
    sampled: bool = True,
) -> Analysis:
    return Analysis(
        Fit(
            NonStandardInteractions.from_oscillations,
            experiments,
            {coupling: dist.Uniform(-largest, largest), **free},
            {**_fixed(free), **fermion},
        ),
        settings=Settings(starts=4, warmup=500, samples=1000, sampled=sampled),
        limits=(coupling,),
    )


def _fixed(free: dict[str, dist.Distribution]) -> dict[str, float]:
    return {name: value for name, value in _KNOWN.items() if name not in free}
