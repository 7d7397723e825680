"""Borexino phase II: solar recoils, the fitted backgrounds, and the limit on the moment."""

import numpy as np

from nmmjax.experiments import BorexinoSpectrum2018
from nmmjax.fit import Fit
from nmmjax.priors import FlatInSquare
from nmmjax.tables import read_table
from nmmjax.verifications._claims import Binned, Bins, Solution, Verification
from nmmjax.verifications._xenon import moment, moment_limit

_MOMENT = "M. Agostini et al. (Borexino), Phys. Rev. D 96, 091103 (2017), arXiv:1707.09355"
_SPECTRUM = "M. Agostini et al. (Borexino), Nature 562, 505 (2018), figure 2a"


def phase_two() -> Fit:
    """Solar neutrinos with a moment, flat in its square, all backgrounds free."""
    return Fit(moment, (BorexinoSpectrum2018.load(),), {"mu": FlatInSquare(6.0)})


def recoils(solution: Solution) -> Binned:
    """Solar neutrinos in each bin, with the error of the counts in it as that of the published curve."""
    (experiment,) = solution.fit.experiments
    assert isinstance(experiment, BorexinoSpectrum2018)
    here = np.asarray(experiment.recoils.events(moment(0.0))).sum(-1)
    published = read_table("borexino_2018_spectrum")["solar"]
    return Binned(np.asarray(experiment.edges), here, published, np.sqrt(np.asarray(experiment.counts)))


def backgrounds(solution: Solution) -> Binned:
    """All backgrounds at the maximum, in each bin, beside the sum of the published components."""
    (experiment,) = solution.fit.experiments
    assert isinstance(experiment, BorexinoSpectrum2018)
    _, theory, nuisance = solution.fit.point(solution.maximum.parameters)
    found = np.asarray(experiment.predict(theory, nuisance))
    published = np.asarray(experiment.backgrounds).sum(0) + np.asarray(experiment.other)
    published = published + read_table("borexino_2018_spectrum")["solar"]
    return Binned(np.asarray(experiment.edges), found, published, np.sqrt(np.asarray(experiment.counts)))


_AXES = ("energy [keV]", "events")

VERIFICATION = Verification(
    BorexinoSpectrum2018,
    (
        moment_limit(
            what="magnetic moment below, 90 %",
            source=_MOMENT,
            question=phase_two,
            published=2.8,
            reach=(0.05, 4.5),
        ),
        Bins(what="recoils of solar neutrinos", source=_SPECTRUM, question=phase_two, spectra=recoils, axes=_AXES),
        Bins(what="best fit, all components", source=_SPECTRUM, question=phase_two, spectra=backgrounds, axes=_AXES),
    ),
    "Light yield and resolution are those that bring the computed recoils to the published curve. The paper constrains "
    "fluxes by radiochemical experiments, here they vary within the errors of B16-GS98. Distances of spectra are in "
    "statistical errors of the counts.",
)
