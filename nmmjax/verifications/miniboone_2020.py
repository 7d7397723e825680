"""MiniBooNE: the excess over the background, and what two oscillating flavors gain."""

import math
from collections.abc import Callable
from functools import partial

import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.experiments import MiniBooNE2020
from nmmjax.experiments.base import Pull
from nmmjax.experiments.miniboone_2020 import DM2, SIN2_2THETA
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.verifications._claims import Number, Solution, Verification
from nmmjax.verifications._mixing import benchmark

_PAPER = "A. A. Aguilar-Arevalo et al. (MiniBooNE), Phys. Rev. D 103, 052002 (2021), arXiv:2006.16883"
_STORED = f"{_PAPER}: the fit of the collaboration, as its working copy stores it"
_BEAMS = ("neutrino", "antineutrino")


def _two_flavors(log10_dm2: float, sin2_2theta: float) -> Neutrinos:
    """nu_mu -> nu_e by a fourth state in which both have the same part."""
    part = (sin2_2theta / 4.0) ** 0.25
    column = jnp.stack([part, part, jnp.zeros(()), jnp.sqrt(1.0 - 2.0 * part**2)])
    return Neutrinos(10.0 ** (0.5 * log10_dm2) * jnp.outer(column, column) + 0j)


def oscillation() -> Fit:
    """Two flavors in the coordinates of the paper."""
    priors = {"log10_dm2": dist.Uniform(-2.0, 1.0), "sin2_2theta": dist.Uniform(1e-4, 0.999)}
    return Fit(_two_flavors, (MiniBooNE2020.load(),), priors)


def _chi2(solution: Solution, theory: LowEnergy) -> float:
    (experiment,) = solution.fit.experiments
    return -2.0 * float(experiment.log_likelihood(theory, {}))


def _no_signal() -> LowEnergy:
    return LowEnergy(Neutrinos(jnp.zeros((3, 3), complex)))


def _published_point() -> LowEnergy:
    return LowEnergy(_two_flavors(jnp.log10(DM2), jnp.asarray(SIN2_2THETA)))  # pyright: ignore[reportArgumentType]


def gain(solution: Solution) -> float:
    """Root of what -2 ln L gains from none to the published best point."""
    return math.sqrt(_chi2(solution, _no_signal()) - _chi2(solution, _published_point()))


def gain_here(solution: Solution) -> float:
    """The same to the best point that is found here."""
    return math.sqrt(_chi2(solution, _no_signal()) - solution.chi2())


def with_determinant(solution: Solution, theory: Callable[[], LowEnergy]) -> float:
    """chi^2 + ln det C of a theory, as the fit of the collaboration counts it."""
    return _chi2(solution, theory()) + _determinant(solution)


def best_with_determinant(solution: Solution) -> float:
    """The same of the best point that is found here."""
    return solution.chi2() + _determinant(solution)


def _determinant(solution: Solution) -> float:
    """From which -2 ln L is counted."""
    (experiment,) = solution.fit.experiments
    assert isinstance(experiment, MiniBooNE2020)
    return float(experiment.log_determinant)


def _expected(solution: Solution, beam: int) -> float:
    return _total(solution, beam).predicted[0]


def _excess(solution: Solution, beam: int) -> float:
    return -_total(solution, beam).pull


def both_excesses(solution: Solution) -> float:
    """Events above what is expected, of both beams."""
    totals = [_total(solution, beam) for beam in range(len(_BEAMS))]
    return sum(total.observed[0] - total.predicted[0] for total in totals)


def _total(solution: Solution, beam: int) -> Pull:
    """Electron-like events of 200 to 1250 MeV, three flavors alone."""
    (experiment,) = solution.fit.experiments
    return experiment.pulls(benchmark(), {})[beam]


_number = partial(Number, question=oscillation)

VERIFICATION = Verification(
    MiniBooNE2020,
    (
        _number(
            what="events expected without a signal, neutrinos",
            source=_PAPER,
            value=partial(_expected, beam=0),
            published=(2309.4, 119.6, 119.6),
        ),
        _number(
            what="events expected without a signal, antineutrinos",
            source=_PAPER,
            value=partial(_expected, beam=1),
            published=(400.6, 28.5, 28.5),
        ),
        _number(
            what="excess of both beams",
            source=f"{_PAPER}, abstract",
            value=both_excesses,
            published=(638.0, 132.8, 132.8),
        ),
        _number(
            what="excess of neutrinos",
            source=_PAPER,
            unit="sigma",
            value=partial(_excess, beam=0),
            published=(4.7, None, None),
            scale=1.0,
        ),
        _number(
            what="excess of antineutrinos",
            source=_PAPER,
            unit="sigma",
            value=partial(_excess, beam=1),
            published=(2.7, None, None),
            scale=1.0,
        ),
        _number(
            what="chi^2 + ln det C without a signal",
            source=_STORED,
            value=partial(with_determinant, theory=_no_signal),
            published=(373.406, None, None),
            scale=1.0,
        ),
        _number(
            what="chi^2 + ln det C of two flavors, published point",
            source=_STORED,
            value=partial(with_determinant, theory=_published_point),
            published=(344.519, None, None),
            scale=1.0,
        ),
        _number(
            what="chi^2 + ln det C of two flavors, best point here",
            source=_STORED,
            value=best_with_determinant,
            published=(344.519, None, None),
            scale=1.0,
        ),
        _number(
            what="root of -2 ln L gained by two flavors, published point",
            source=_STORED,
            unit="sigma",
            value=gain,
            published=(math.sqrt(373.406 - 344.519), None, None),
            scale=1.0,
        ),
        _number(
            what="root of -2 ln L gained by two flavors, best point here",
            source=_STORED,
            unit="sigma",
            value=gain_here,
            published=(math.sqrt(373.406 - 344.519), None, None),
            scale=1.0,
        ),
    ),
    "Data, background and covariance are those of the collaboration's fit; electrons from oscillation come from its "
    "simulation in cells of L/E. The best point runs along a valley of the same quality: at (0.0388 eV^2, 1) chi^2 is "
    "lower by 0.008 than at the published (0.0431 eV^2, 0.807).",
)
