"""Chlorine, gallium, Borexino and SNO together with KamLAND: the solar parameters."""

import numpyro.distributions as dist

from nmmjax.experiments import BorexinoRates2019, Gallium2010, Homestake1998, KamLAND2011, Sno2013
from nmmjax.fit import Fit
from nmmjax.verifications._claims import Interval, Verification
from nmmjax.verifications._mixing import solar

_PAPER = "B. Aharmim et al. (SNO), Phys. Rev. C 88, 025501 (2013), arXiv:1109.0763, abstract"


def sun_and_reactors() -> Fit:
    """All solar rates and KamLAND, theta13 as measured by reactors in 2013."""
    kinds = (Homestake1998, Gallium2010, BorexinoRates2019, Sno2013, KamLAND2011)
    priors = {
        "dm21": dist.Uniform(4.0, 12.0),
        "tan2_theta12": dist.Uniform(0.2, 0.8),
        "sin2_theta13": dist.TruncatedNormal(0.0249, 0.0026, low=0.005, high=0.05),
    }
    return Fit(solar, tuple(kind.load() for kind in kinds), priors)


VERIFICATION = Verification(
    Homestake1998,
    (
        Interval(
            what="dm21, Sun and reactors",
            source=_PAPER,
            question=sun_and_reactors,
            unit="1e-5 eV^2",
            name="dm21",
            symbol=r"$\Delta m^2_{21}$ [$10^{-5}$ eV$^2$]",
            published=(7.46, 0.20, 0.19),
            reach=(6.7, 8.4),
        ),
        Interval(
            what="tan^2 theta12, Sun and reactors",
            source=_PAPER,
            question=sun_and_reactors,
            name="tan2_theta12",
            symbol=r"$\tan^2\theta_{12}$",
            published=(0.443, 0.030, 0.025),
            reach=(0.34, 0.56),
        ),
    ),
    "A combination: chlorine decides little of it. The paper has Super-Kamiokande and earlier data of Borexino in it, "
    "and KamLAND with the times of events; here rates of Borexino up to 2016, and no Super-Kamiokande.",
)
