"""Toys: experiments simulated at a true point of a fit and fitted again, for what no table of chi^2 can promise.

How often intervals cover the truth, which Delta chi^2 a confidence level takes, how probable a goodness of fit is: all
of it is counted. With the data fluctuate the auxiliary measurements behind the normal priors of nuisances: of such a
prior N(nu; m, s) a toy has the center m' ~ N(true nu, s) (the unconditional ensemble), or all keep theirs (the
conditional one) [R. D. Cousins, J. T. Linnemann and J. Tucker, Nucl. Instrum. Meth. A 595, 480 (2008)].
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray
from scipy.special import chdtri

from nmmjax import _checks
from nmmjax.executors import Executor
from nmmjax.fit import Fit, Parameters
from nmmjax.infer._chart import INSIDE, scale_beside
from nmmjax.infer._curvature import curvature
from nmmjax.infer._descent import descend, evaluate, in_z
from nmmjax.infer._ensemble import FAR
from nmmjax.infer._plans import Held, plan, point_of, simulated
from nmmjax.infer._points import parameters
from nmmjax.infer.optimization import Maximum

_SETTLED = 1e-2
"""A toy that has more than this to gain in ln p is no maximum."""
_STEPS, _TOLERANCE = 300, 1e-4
_ALMOST, _HARDLY = 1e-5, 1e-9
"""Shares of the range of a prior: how far beyond an end a value may lie to count as the end, and how near that is."""


class Share(NamedTuple):
    """A share of toys."""

    value: float
    error: float
    """Its standard deviation."""

    @classmethod
    def of(cls, counted: int, number: int) -> "Share":
        """`counted` of a number of toys; the error is that of (counted + 1/2) of (number + 1), never zero."""
        likely = (counted + 0.5) / (number + 1.0)
        return cls(counted / number, float(np.sqrt(likely * (1.0 - likely) / number)))


class Toys(NamedTuple):
    """Toys of one ensemble. Components are those of `labels`."""

    labels: tuple[str, ...]
    """Of the numbers that are sampled."""
    experiments: tuple[str, ...]
    tests: tuple[Held, ...]
    auxiliary: tuple[str, ...]
    """The numbers whose auxiliary measurements fluctuate."""
    truth: Float[np.ndarray, "toys d"]
    best: Float[np.ndarray, "toys d"]
    chi2: Float[np.ndarray, "toys experiments"]
    """-2 ln L of each experiment at the maximum."""
    pulls: Float[np.ndarray, " toys"]
    """Squares of the pulls of nuisances with normal priors there, together."""
    delta_chi2: Float[np.ndarray, "toys tests"]
    """-2 ln of the likelihood ratio of each test (of the density of y, with the priors of nuisances in it)."""
    to_gain: Float[np.ndarray, " toys"]
    """About what is left to gain in ln p at the maximum."""
    missing: tuple[str, ...] = ()
    """Numbers of toys that are not there, since their batches have failed, and why."""

    @property
    def total(self) -> Float[np.ndarray, " toys"]:
        """chi^2 of all experiments and of the auxiliary measurements of nuisances."""
        return self.chi2.sum(axis=1) + self.pulls

    @property
    def number(self) -> int:
        """Of toys."""
        return len(self.to_gain)

    @property
    def lost(self) -> int:
        """Toys whose maximum has not been found: they count as they are."""
        return int(np.sum(~(self.to_gain < _SETTLED)))

    def coverage(self, test: int, level: float) -> Share:
        """How often Delta chi^2 of a test stays below the quantile of chi^2 for a confidence level."""
        bound = chi2_quantile(level, len(self.tests[test].labels))
        return Share.of(int(np.sum(self.delta_chi2[:, test] <= bound)), self.number)

    def critical(self, test: int, level: float) -> float:
        """Delta chi^2 below which a share `level` of the toys stays: what an interval of that coverage takes."""
        return float(np.quantile(self.delta_chi2[:, test], level, method="higher"))

    def p_value(self, chi2: float) -> Share:
        """Share of toys that are described no better than data of a chi^2, that of the sum of all experiments."""
        return Share.of(int(np.sum(self.total >= chi2)), self.number)

    def select(self, label: str) -> tuple[Float[np.ndarray, " toys"], Float[np.ndarray, " toys"]]:
        """True and best values of one number."""
        place = self.labels.index(label)
        return self.truth[:, place], self.best[:, place]


def chi2_quantile(level: float, degrees: int = 1) -> float:
    """The value below which chi^2 of some degrees of freedom stays with probability `level`."""
    _checks.check_range("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    return float(chdtri(degrees, 1.0 - level))


def toys(
    fit: Fit,
    maximum: Maximum,
    number: int,
    *,
    key: PRNGKeyArray,
    at: Parameters | None = None,
    tests: Sequence[Held] = (),
    auxiliary: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    checkpoint: Path | None = None,
    resume: bool = False,
    executor: Executor | None = None,
) -> Toys:
    """Simulate and fit again, in batches with one compiled program.

    **Arguments:**

    - the fit, its maximum (of which charts and further starts are made), the number of toys, and the key of the
      ensemble: toy i has the key `fold_in(key, i)`, however many there are and in whatever batches.
    - `at`: the true parameters; a draw from the prior for each toy without them. `maximum.parameters`, or those that
      `conditional` gives.
    - `tests`: of which Delta chi^2 is wanted.
    - `auxiliary`: names of parameters with normal priors whose centers fluctuate; all such nuisances without it, none
      where it is empty.
    - `progress`: is told how many toys are finished.
    - `checkpoint`: a file that is rewritten now and then; with `resume` its toys are kept, and new ones join them.
    - `executor`: who does the batches (default: this process, `executors.Here()`). Toys are the same whoever does.

    `KeyboardInterrupt` leaves the finished batches in the checkpoint. A batch that fails twice is left out, and named
    in `Toys.missing`; resuming does it again.

    **Raises:** `ValueError` for names that are not sampled, values outside of priors, priors that are not normal, and a
    checkpoint of another question.
    """
    _checks.check_integer("number", number, low=1)
    own = plan(fit, maximum, key, at=at, tests=tests, auxiliary=auxiliary)
    (columns,), missing = simulated(
        fit,
        (own,),
        number,
        executor,
        progress=lambda counts: progress(int(counts[0])),
        checkpoint=checkpoint,
        resume=resume,
    )
    experiments = tuple(e.name for e in fit.experiments)
    return Toys(fit.space.labels, experiments, own.tests, own.auxiliary, **columns, missing=missing)


def conditional(fit: Fit, maximum: Maximum, values: Mapping[str, float]) -> dict[str, Array]:
    """The parameters of the highest density where some sampled numbers have given values: the others fit the data.

    Toys at these are those of the profile construction.
    """
    if not values:
        return dict(maximum.parameters)
    point = point_of(fit, "values", fit.space.replaced(maximum.parameters, _known(fit, "values", values)))
    labels = list(fit.space.labels)
    held = np.array([labels.index(name) for name in values])
    modes = fit.space.within_bounds(np.asarray(maximum.modes), INSIDE)
    modes[:, held] = point[held]
    density = fit.prepare()
    scale = scale_beside(held, np.asarray(curvature(density, maximum.z).hessian))
    ends = descend(density, modes, scale, np.zeros_like(modes), max_steps=_STEPS, tolerance=_TOLERANCE)
    best = int(np.argmin(ends.value))
    if not np.isfinite(ends.value[best]):
        _checks.fail("values", "leave some density", f"it vanishes at {dict(values)}")
    return parameters(fit.priors, jnp.asarray(modes[best] + scale @ ends.w[best]))


def delta_chi2(fit: Fit, maximum: Maximum, at: Parameters) -> float:
    """-2 ln of the density of y at some parameters over that at the maximum."""
    z = fit.space.within_bounds(np.asarray(fit.space.vector(at), float), FAR)
    found = evaluate(fit.prepare(), *in_z(fit.space.size), z[None])
    return 2.0 * (maximum.log_density + float(found.value[0]))


def _known(fit: Fit, argument: str, values: Mapping[str, float]) -> dict[str, float]:
    for name, value in values.items():
        _checks.check_known(argument, name, fit.space.entries)
        _checks.check_finite(f"{argument}[{name!r}]", value)
    return {name: _inside(fit, name, float(value)) for name, value in values.items()}


def _inside(fit: Fit, name: str, value: float) -> float:
    """A value that lies beyond an end of its prior by less than 1e-5 of the range is that end: zero, of a square."""
    low, high = fit.space.bounds(name, fit.priors[fit.space.entries[name].parameter])
    width = high - low
    beyond = max(low - value, value - high)
    if not (np.isfinite(width) and 0.0 < beyond < _ALMOST * width):
        return value
    return low + _HARDLY * width if value < low else high - _HARDLY * width
