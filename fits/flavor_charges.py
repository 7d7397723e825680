"""Charges that go as differences of lepton numbers: what is left of each where anomalies cancel?

Question. Without right-handed neutrinos one addition of e (L_i - L_j) to the electric charge is free of anomalies, with
them e (B - L) too. Neutrinos are charged then, and so are atoms where L_e or B is in it. How well do recoils know each,
and which does the neutrality of matter not forbid?

Data: XENONnT with its backgrounds, GEMMA and CONUS as published limits on q_e, COHERENT with CsI. The neutrality of
matter is left out: it allows 1e-21 e of L_e - L_mu, L_e - L_tau and B - L, anything of L_mu - L_tau. Priors flat up to
1e-11 e. Masses and mixing: NuFIT 6.0, fixed.

Expected: (-1.8 ... 5.4)e-13 e of L_e - L_mu, (-1.8 ... 5.3)e-13 of L_e - L_tau, (-4.7 ... 4.7)e-13 of L_mu - L_tau and
(-4.6 ... 1.8)e-13 of B - L (Delta chi^2 = 2.71): XENONnT. Matter does a hundred million times better, but for
L_mu - L_tau, where 5e-13 e is what is known.
"""

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import CoherentCsI2021, Conus2026, Experiment, Gemma2013, XenonNT2022
from nmmjax.fit import Fit
from nmmjax.models import Millicharges
from nmmjax.three_flavor import LightNeutrinos

PAPER = "R. Foot, G. C. Joshi, H. Lew and R. R. Volkas, Mod. Phys. Lett. A 5, 2721 (1990)"


def build() -> dict[str, Analysis]:
    """One addition at a time."""
    data = tuple(experiment.load() for experiment in (XenonNT2022, Gemma2013, Conus2026, CoherentCsI2021))
    return {
        "e_mu": _fit("e_mu", data),
        "e_tau": _fit("e_tau", data),
        "mu_tau": _fit("mu_tau", data),
        "b_minus_l": _fit("b_minus_l", data),
    }


def _fit(name: str, data: tuple[Experiment, ...]) -> Analysis:
    return Analysis(
        Fit(
            Millicharges.from_differences,
            experiments=data,
            priors={name: dist.Uniform(-1e-11, 1e-11)},
            fixed={"origin": LightNeutrinos.benchmark()},
        ),
        settings=Settings(warmup=700, samples=1500, target_accept=0.9),
        limits=(name,),
    )
