"""new_analysis keeps the contract of analyses, and finds what is published."""

import numpy as np
from new_analysis import build

from nmmjax import infer, testing


def test_contract():
    testing.check_analysis(build())


def test_the_maximum_is_what_is_published():
    fit = build().fit
    (published,) = (experiment.observed for experiment in fit.experiments)
    maximum = infer.maximize(fit)
    found = {label: float(maximum.parameters[label]) for label in ("sin2_theta12", "dm21")}
    assert set(fit.experiments[0].labels) == set(found)
    np.testing.assert_allclose([found[label] for label in fit.experiments[0].labels], published, rtol=1e-5)
