"""Gallium: the mean of the three experiments."""

import numpy as np
import numpyro.distributions as dist

from nmmjax.experiments import Gallium2010
from nmmjax.fit import Fit
from nmmjax.tables import read_table
from nmmjax.verifications._claims import Number, Solution, Verification
from nmmjax.verifications.sno_2013 import two_flavors

_PAPER = "J. N. Abdurashitov et al. (SAGE), Phys. Rev. C 80, 015807 (2009), arXiv:0901.2200, abstract"


def gallium() -> Fit:
    """Two flavors with the splitting of KamLAND."""
    return Fit(two_flavors, (Gallium2010.load(),), {"tan2_theta12": dist.Uniform(0.05, 1.0)}, {"dm21": 7.5})


def mean(solution: Solution) -> tuple[float, float]:
    """Weighted mean of the rates [SNU] and its error, that of the cross section left out."""
    del solution
    rates = read_table("solar_rates")
    rows = [rates.where(measurement=name) for name in ("gallex", "gno", "sage")]
    values = np.array([row["value"].item() for row in rows])
    weights = np.array([1.0 / float(row["stat"].item() ** 2 + row["syst"].item() ** 2) for row in rows])
    return float(values @ weights / weights.sum()), float(weights.sum() ** -0.5)


VERIFICATION = Verification(
    Gallium2010,
    (
        Number(
            what="mean capture rate of SAGE, GALLEX and GNO",
            source=_PAPER,
            question=gallium,
            unit="SNU",
            value=mean,
            published=(66.1, 3.1, 3.1),
        ),
    ),
    "The three rates are the data; their mean is not. What is predicted is verified with chlorine, SNO and KamLAND.",
)
