"""GERDA: limits on the effective mass and on the half-life of 76Ge."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from nmmjax import infer
from nmmjax.experiments import Gerda2020
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.priors import FlatInSquare
from nmmjax.results.verifying import ClaimRecord
from nmmjax.verifications._claims import Answers, Limit, Number, Solution, Verification

_PAPER = "M. Agostini et al. (GERDA), Phys. Rev. Lett. 125, 252502 (2020), arXiv:2009.06079"
_MASS, _MOST = "m_beta_beta", 0.4
"""[eV]; the mass that no data point at."""
_PUBLISHED, _HALF_LIFE = 0.180, 1.4
"""Limit on the mass by toys, with the least matrix element [eV], and on the half-life by Bayes [1e26 yr]."""
_TOYS, _LEVEL, _ONE_SIDED = 300, 0.9, 1.645


def _decaying(m_beta_beta: float) -> Neutrinos:
    """Majorana neutrinos of which nothing but the effective mass [eV] is seen."""
    return Neutrinos(m_beta_beta * jnp.diag(jnp.array([1.0, 0.0, 0.0])))


def least_element() -> Fit:
    """The effective mass, flat in its square and so in 1 / T, for the least matrix element."""
    return Fit(_decaying, (Gerda2020.load(),), {_MASS: FlatInSquare(_MOST)})


@dataclasses.dataclass(frozen=True, kw_only=True)
class _ToysLimit(Limit):
    """A limit where Delta chi^2 is what toys at the published limit stay below."""

    def compared(self, answers: Answers) -> ClaimRecord:
        """The height by toys, then as of any limit."""
        fit, maximum = answers(self.question)
        at = infer.conditional(fit, maximum, {self.name: self.published})
        held = infer.Held((self.name,), (self.published,))
        toys = infer.toys(fit, maximum, _TOYS, key=jax.random.PRNGKey(2020), at=at, tests=(held,))
        higher = dataclasses.replace(self, height=toys.critical(0, self.confidence))
        return Limit.compared(higher, answers)


def _bayesian(solution: Solution) -> float:
    """Half-life [1e26 yr] above which 90 % of the integral of the profile likelihood over 1 / T lie."""
    found = solution.profile(_MASS, (0.001, 0.999 * _MOST), 81)
    square = np.square(found.grids[0])
    density = np.exp(-0.5 * found.delta_chi2)
    upto = np.append(0.0, np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(square)))
    (experiment,) = solution.fit.experiments
    assert isinstance(experiment, Gerda2020)
    mass = np.sqrt(np.interp(_LEVEL * upto[-1], upto, square))
    return 1e-26 * float(experiment.half_life(LowEnergy(_decaying(float(mass)))))


VERIFICATION = Verification(
    Gerda2020,
    (
        _ToysLimit(
            what="effective mass below, 90 % by toys, least matrix element",
            source=f"{_PAPER}: T > 1.8e26 yr",
            question=least_element,
            unit="eV",
            name=_MASS,
            symbol=r"$|m_{\beta\beta}|$ [eV]",
            published=_PUBLISHED,
            reach=(0.002, 0.3),
        ),
        Number(
            what="half-life above, 90 % of a posterior flat in 1 / T",
            source=_PAPER,
            question=least_element,
            unit="1e26 yr",
            value=_bayesian,
            published=(_HALF_LIFE, None, None),
            scale=_HALF_LIFE / _ONE_SIDED,
        ),
    ),
    "Toys have the published half-life, and backgrounds where they then fit the data best. The limit by Bayes is that "
    "of the profile likelihood. At Delta chi^2 = 2.71 the half-life is 2.2e26 yr: with so few events the levels of "
    "chi^2 do not hold.",
)
