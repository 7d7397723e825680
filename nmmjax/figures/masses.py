"""Effective masses and their sum, as oscillations leave them, beside limits and posteriors."""

import itertools
import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from nmmjax import plots
from nmmjax.experiments import NuFIT60Gaussian
from nmmjax.experiments.nufit60_gaussian import IC24
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.plots._matplotlib import Figure
from nmmjax.plots.masses import Allowed, MassLimit
from nmmjax.results import Result
from nmmjax.tables import read_table

_LIGHTEST = np.geomspace(1e-5, 2.0, 1200)
"""[eV]."""
_NAMES = ("sin2_theta12", "sin2_theta13", "dm21", "dm3l")
_SIGMAS = (3.0, 0.0)
"""What is drawn: the range of three standard deviations, and the best values."""
_STEPS = 5
"""Values of each number between the ends of its range."""


def lobster(results: Sequence[Result] = ()) -> Figure:
    """|m_beta_beta| over the lightest mass: what NuFIT 6.0 allows for any Majorana phases, limits, and posteriors."""
    return plots.lobster(_bands(), _limits(), results)


def mass_planes(results: Sequence[Result] = ()) -> Figure:
    """|m_beta_beta| over m_beta and over the sum of masses, and m_beta over the sum: the same beside limits."""
    return plots.mass_planes(_bands(), _limits(), results)


def _bands() -> list[Allowed]:
    return [allowed(ordering, sigmas) for sigmas in _SIGMAS for ordering in (NormalOrdering(), InvertedOrdering())]


def allowed(ordering: Ordering, sigmas: float, lightest: Float[np.ndarray, " n"] = _LIGHTEST) -> Allowed:
    """What values within so many standard deviations of NuFIT 6.0 leave, at each lightest mass [eV] (n,).

    With t_i = |U_ei|^2 m_i, |m_beta_beta| lies between max(0, 2 max t - sum t) and sum t, where phases are free.
    """
    experiment = NuFIT60Gaussian.load(ordering, IC24())
    terms = {re.sub("dm3[12]", "dm3l", label): t for label, t in zip(experiment.labels, experiment.terms, strict=True)}
    axes = []
    for name in _NAMES:
        best, plus, minus = (float(getattr(terms[name], end)[0]) for end in ("best", "plus", "minus"))
        axes.append(np.unique(np.linspace(best - sigmas * minus, best + sigmas * plus, _STEPS)))
    points = [_at(*point, lightest=lightest) for point in itertools.product(*axes)]
    sum_of_masses, m_beta, least, greatest = (np.stack(column) for column in zip(*points, strict=True))
    name = "normal" if ordering.sign > 0 else "inverted"
    return Allowed(name, sigmas, lightest, sum_of_masses, m_beta, least, greatest)


def _at(s12: float, s13: float, dm21: float, dm3l: float, *, lightest: np.ndarray) -> tuple[np.ndarray, ...]:
    """Sum, m_beta, and the ends of |m_beta_beta| [eV], each (n,)."""
    if dm3l > 0.0:
        squares = lightest**2, lightest**2 + dm21, lightest**2 + dm3l
    else:
        squares = lightest**2 - dm3l - dm21, lightest**2 - dm3l, lightest**2
    masses = np.sqrt(np.stack(squares))
    shares = np.array([(1.0 - s12) * (1.0 - s13), s12 * (1.0 - s13), s13])[:, None]
    parts = shares * masses
    least = np.maximum(2.0 * parts.max(0) - parts.sum(0), 0.0)
    return masses.sum(0), np.sqrt((shares * masses**2).sum(0)), least, parts.sum(0)


def _limits() -> dict[str, MassLimit]:
    """By quantity, from the table of the experiments."""
    table = read_table("neutrino_mass_limits")
    limit = dict(zip(table["quantity"], table["limit"], strict=True))
    return {
        "m_beta_beta": MassLimit("KamLAND-Zen 2024", limit["m_beta_beta_least"], limit["m_beta_beta_greatest"]),
        "m_beta": MassLimit("KATRIN 2025", limit["m_beta"], limit["m_beta"]),
        "sum_of_masses": MassLimit("DESI 2025", limit["sum_of_masses"], limit["sum_of_masses"]),
    }
