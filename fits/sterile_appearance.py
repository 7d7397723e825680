"""MiniBooNE's excess by two flavors that oscillate: where, and how much better than nothing?

Question. Muon neutrinos that become electron neutrinos through a fourth state, P = sin^2 2theta sin^2(dm41 L / 4E):
what do both beams together ask for, in the terms of the collaboration's own fit?

Data: MiniBooNE 2020, electron-like and muon-like events of both beams, with the released covariance. Priors: flat in
the logarithms of dm41 and sin^2 2theta. As in the published fit only appearance is followed: backgrounds do not
oscillate, and what else a mixing of this size would do, to muon neutrinos among others, is left out
(`sterile_disappearance`). The plane is profiled, not sampled: the best points fill a valley that ends where mixing is
maximal.

Expected: chi^2 + ln det C falls from 373.40 without a signal to 344.52, 5.4 standard deviations of one number, as in
the published fit (373.41, 344.52). The valley dm41^2 sin^2 2theta = const is flat to 0.01 from the published best
point, (0.0431 eV^2, 0.807), to maximal mixing at 0.0388 eV^2, and to 0.2 down to (0.1 eV^2, 0.15); it rises by 4.9 at
0.5 eV^2, where sin^2 2theta = 0.0065.
"""

from typing import Annotated

import numpyro.distributions as dist

from nmmjax.analysis import Analysis, Settings
from nmmjax.experiments import MiniBooNE2020
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy
from nmmjax.models import Scalar, SterileNeutrino, parameter

PAPER = "A. A. Aguilar-Arevalo et al. (MiniBooNE), Phys. Rev. D 103, 052002 (2021), arXiv:2006.16883"
_Log10Splitting = Annotated[Scalar, parameter(r"\log_{10} (\Delta m^2_{41} / {\rm eV}^2)", low=-6.0, high=6.0)]
_Log10Mixing = Annotated[Scalar, parameter(r"\log_{10} \sin^2 2\theta_{\mu e}", low=-10.0, high=0.0)]


def two_flavors(log10_dm41: _Log10Splitting, log10_sin2_2theta: _Log10Mixing) -> LowEnergy:
    """nu_mu -> nu_e by two flavors."""
    return SterileNeutrino.two_flavors(10.0**log10_dm41, 10.0**log10_sin2_2theta).low_energy()


def build() -> Analysis:
    """The plane."""
    return Analysis(
        Fit(
            two_flavors,
            (MiniBooNE2020.load(),),
            {"log10_dm41": dist.Uniform(-2.0, 1.0), "log10_sin2_2theta": dist.Uniform(-4.0, 0.0)},
        ),
        settings=Settings(sampled=False),
        contours=(("log10_sin2_2theta", "log10_dm41"),),
    )
