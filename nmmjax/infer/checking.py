"""What can be known of a fit before it is run: is it defined, differentiable, seen by data, and how long will it take.

Lengths are in z; that of a prior is the standard deviation of what is drawn from it there.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax.fit import Fit, Prepared
from nmmjax.infer._curvature import curvature, principal
from nmmjax.infer._descent import evaluate, in_z
from nmmjax.infer._inspection import prior_curvature
from nmmjax.infer._points import drawn, parameters
from nmmjax.infer.optimization import Maximum, Status, maximize
from nmmjax.infer.screening import Undefined, screen, terms_at
from nmmjax.infer.settings import Settings

_POINTS, _TRIED = 256, 3
"""Draws from the prior, and those at which gradients are compared with differences."""
_STEP = 4e-3
_WRONG, _ROUGH = 3e-3, 1e-3
"""Of the largest slope: by how much a gradient is wrong, and by how much differences of two lengths may differ."""
_UNSEEN = 1e-10
"""Of the largest slope: one of the likelihood that is none."""
_SHARE, _DECIDES = 0.3, 0.7
"""Of a component in a flat direction, to be named; of the width of a prior, above which that decides."""
_REACH, _ALONG, _WHOLE = 4.0, 48, 0.9
"""How far a line reaches in widths of the prior, points on it, and the spread along it of what is flat."""
_NO_CURVATURE = 1e-6
"""Of the likelihood, that of a normal prior counted as 1."""
_CONDITION, _NARROW = 1e8, 1e-5
_IMPOSSIBLE = 0.9
"""Share of a prior without density that is too much."""
_STEPS = (7, 31)
"""Steps of a trajectory of NUTS in coordinates in which a posterior is round, and where it is not."""
_REPEATS = 5


class Term(NamedTuple):
    """A term of the posterior that is infinite at some draws from the prior: impossible points, or overflow."""

    name: str
    share: float
    example: dict[str, Float[Array, "..."]]


class Slope(NamedTuple):
    """A derivative of ln p with respect to z that is not what differences give."""

    label: str
    gradient: float
    difference: float
    at: dict[str, Float[Array, "..."]]
    """The parameters there."""


class Cost(NamedTuple):
    """Time of one point in a batch [s], and of a run."""

    value: float
    gradient: float
    run: tuple[float, float]
    """Of all draws with few and with many steps each, without compilation."""
    compiling: float
    """What this inspection has spent on programs; a run spends about as much."""


class Inspection(NamedTuple):
    """What is known of a fit before a long run."""

    points: int
    """Draws from the prior."""
    finite: float
    """Share of them with a finite density."""
    undefined: tuple[Undefined, ...]
    """Terms that are NaN."""
    infinite: tuple[Term, ...]
    wrong_slopes: tuple[Slope, ...]
    rough: tuple[str, ...]
    """Components in which differences of two lengths disagree: kinks, steps or rounding."""
    steepest: float
    """Largest slope |d ln p / dz| at the draws."""
    maximum: Maximum | None
    """None where no start has a finite density."""
    unseen: tuple[str, ...]
    """Components on which the likelihood depends at no draw."""
    flat: tuple[tuple[str, ...], ...]
    """Other directions in which the likelihood has no curvature at the maximum, by their components."""
    curvatures: Float[np.ndarray, " d"]
    """Principal ones of -ln p at the maximum, ascending, a prior counted as a normal distribution of its width."""
    widths: dict[str, tuple[float, float]]
    """Of the posterior and of the prior, by component: of the normal approximation, and of the draws."""
    cost: Cost | None

    @property
    def condition(self) -> float:
        """Largest curvature over the smallest."""
        return float(self.curvatures[-1] / self.curvatures[0]) if len(self.curvatures) else float("nan")

    @property
    def decided_by_prior(self) -> tuple[str, ...]:
        """Components that data narrow by less than a third, but for those that no datum sees."""
        wide = (label for label, (posterior, prior) in self.widths.items() if posterior > _DECIDES * prior)
        return tuple(label for label in wide if label not in self.unseen)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, in words."""
        found = [f"{one.term} is NaN at {one.share:.1%} of the prior" for one in self.undefined]
        if self.finite < 1.0 - _IMPOSSIBLE:
            words = ", ".join(term.name for term in self.infinite)
            found.append(f"only {self.finite:.1%} of the prior has a finite density" + (words and f" ({words})"))
        found += [
            f"the gradient in {one.label} is {one.gradient:.6g}, but differences give {one.difference:.6g}"
            for one in self.wrong_slopes
        ]
        if self.unseen:
            found.append(f"no datum sees {', '.join(self.unseen)}: fix it, or know that its prior is its posterior")
        if self.maximum is not None and not self.maximum.good and not self._only_unseen:
            along = f" ({', '.join(self.maximum.along)})" if self.maximum.along else ""
            found.append(f"no maximum: {self.maximum.status.value}{along}")
        return tuple(found)

    @property
    def _only_unseen(self) -> bool:
        """Whether what the maximum lacks is what no datum sees."""
        assert self.maximum is not None
        return self.maximum.status is Status.FLAT and bool(self.unseen)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing, in words."""
        found = [f"{term.name} is infinite at {term.share:.1%} of the prior" for term in self.infinite]
        if self.rough:
            found.append(f"differences do not settle in {', '.join(self.rough)}: a kink, a step or rounding")
        found += [f"flat at the maximum: {', '.join(labels)} together" for labels in self.flat]
        if self.decided_by_prior:
            found.append(f"the prior decides on {', '.join(self.decided_by_prior)}")
        if self.maximum is not None and self.maximum.at_bound:
            found.append(f"the maximum lies at the bound of the prior: {', '.join(self.maximum.at_bound)}")
        if self.condition > _CONDITION:
            found.append(f"curvatures differ by a factor of {self.condition:.1g}")
        narrow = [label for label, (posterior, prior) in self.widths.items() if posterior < _NARROW * prior]
        if narrow:
            found.append(f"the prior is more than 1e5 times too wide for {', '.join(narrow)}: starts may miss the mode")
        return tuple(found)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def inspect(fit: Fit, *, settings: Settings | None = None, points: int = _POINTS) -> Inspection:
    """Try a fit before it is run for long.

    At draws from the prior: is every term finite, does the likelihood depend on every parameter, are gradients those of
    differences? At the maximum: its kind, the curvature, how much narrower the posterior is than the prior. And what an
    evaluation costs.

    **Arguments:** the fit; the `settings` that a run is to have; how many draws from the prior.
    """
    settings, density, begun = Settings() if settings is None else settings, fit.prepare(), time.perf_counter()
    keys = jax.random.split(jax.random.PRNGKey(settings.seed), points)
    z = np.asarray(jax.device_get(drawn(fit.priors, keys)))
    at = evaluate(density, *in_z(fit.space.size), z)
    good = np.isfinite(at.value) & np.all(np.isfinite(at.gradient), axis=1)
    undefined = screen(fit, seed=settings.seed, points=points)
    infinite = () if np.all(np.isfinite(at.value)) else _infinite(fit, z)
    if not np.any(good):
        return Inspection(
            points, 0.0, undefined, infinite, (), (), np.nan, None, (), (), np.zeros(0), {}, None
        )  # nothing else can be known
    slopes, rough = _compared(fit, density, z[good][:_TRIED])
    unseen = _unseen(fit, z[good], at.gradient[good])
    compiling = time.perf_counter() - begun
    maximum = maximize(fit, settings=settings)
    curvatures, widths, flat = _scales(fit, density, maximum, np.std(z, axis=0), unseen)
    cost = _cost(density, z[good], settings, compiling)
    return Inspection(
        points=points,
        finite=float(np.mean(np.isfinite(at.value))),
        undefined=undefined,
        infinite=infinite,
        wrong_slopes=slopes,
        rough=rough,
        steepest=float(np.max(np.abs(at.gradient[good]))),
        maximum=maximum,
        unseen=unseen,
        flat=flat,
        curvatures=curvatures,
        widths=widths,
        cost=cost,
    )


def _infinite(fit: Fit, z: Float[np.ndarray, "points d"]) -> tuple[Term, ...]:
    """The terms that are infinite somewhere, with an example each."""
    found = []
    for name, values in jax.device_get(terms_at(fit, z)).items():
        where = np.isinf(values)
        if np.any(where):
            found.append(Term(name, float(np.mean(where)), parameters(fit.priors, z[int(np.argmax(where))])))
    return tuple(found)


def _compared(
    fit: Fit, density: Prepared, z: Float[np.ndarray, "points d"]
) -> tuple[tuple[Slope, ...], tuple[str, ...]]:
    """Gradients beside differences of fourth order with two lengths; where these disagree, nothing can be said."""
    size, labels = fit.space.size, fit.space.labels
    lengths = _STEP * np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])
    steps = (lengths[:, None, None] * np.eye(size)).reshape(-1, size)
    values = evaluate(density, *in_z(size), (z[:, None] + steps).reshape(-1, size)).value
    f = values.reshape(len(z), len(lengths), size)
    short = (8.0 * (f[:, 3] - f[:, 2]) - (f[:, 4] - f[:, 1])) / (6.0 * _STEP)
    long = (8.0 * (f[:, 4] - f[:, 1]) - (f[:, 5] - f[:, 0])) / (12.0 * _STEP)
    gradient = evaluate(density, *in_z(size), z).gradient
    scale = np.maximum(1.0, np.max(np.abs(gradient), axis=1, keepdims=True))
    settled = np.abs(short - long) < _ROUGH * scale
    wrong = settled & ~(np.abs(short - gradient) < _WRONG * scale)
    slopes = {}
    for i, j in np.argwhere(wrong).tolist():
        known = Slope(labels[j], -float(gradient[i, j]), -float(short[i, j]), parameters(fit.priors, z[i]))
        slopes.setdefault(labels[j], known)
    rough = tuple(label for label, fine in zip(labels, np.all(settled, axis=0), strict=True) if not fine)
    return tuple(slopes.values()), rough


def _unseen(fit: Fit, z: Float[np.ndarray, "points d"], gradient: Float[np.ndarray, "points d"]) -> tuple[str, ...]:
    """The components in which the likelihood has no slope at any draw."""
    prior = np.asarray(_prior_slopes(fit, z))
    largest = np.max(np.abs(gradient - prior), axis=0)
    rounding = 1e-13 * np.max(np.abs(prior), axis=0)
    still = largest <= _UNSEEN * np.max(largest) + rounding
    return tuple(label for label, is_still in zip(fit.space.labels, still, strict=True) if is_still)


@quick()
def _prior_slopes(fit: Fit, z: Float[Array, "points d"]) -> Float[Array, "points d"]:
    """Gradients of -ln of the prior density of y."""
    return jax.vmap(jax.grad(lambda z: -fit.space.locate(z).log_prior))(z)


def _scales(
    fit: Fit, density: Prepared, maximum: Maximum, widths: Float[np.ndarray, " d"], unseen: tuple[str, ...]
) -> tuple[Float[np.ndarray, " d"], dict[str, tuple[float, float]], tuple[tuple[str, ...], ...]]:
    """Principal curvatures at the maximum, widths of posterior and prior, and directions that are flat."""
    z, labels = np.asarray(maximum.z), np.array(fit.space.labels)
    here = np.asarray(curvature(density, maximum.z).hessian)
    likelihood = here - np.asarray(jax.device_get(prior_curvature(fit.priors, z))[1])
    inside = ~np.isin(labels, maximum.at_bound)
    if not np.all(np.isfinite(here)) or not np.any(inside):
        return np.zeros(0), {}, ()
    own, widths, names = likelihood[np.ix_(inside, inside)], widths[inside], labels[inside]
    in_priors, axes = principal(own * np.outer(widths, widths))
    along = np.zeros((len(axes), len(z)))
    along[:, inside] = (widths[:, None] * axes).T
    spreads = np.array([spread_along(density, z, direction) for direction in along])
    soft, none = np.abs(in_priors) < 1.0, np.abs(in_priors) < _NO_CURVATURE
    in_priors = np.where(soft, np.maximum(spreads**-2.0 - 1.0, 0.0), in_priors)
    posterior = (axes / np.maximum(in_priors + 1.0, 1.0)) @ axes.T
    flat = []
    for is_flat, axis in zip(none & (spreads > _WHOLE), axes.T, strict=True):
        involved = names[np.abs(axis) > _SHARE * np.max(np.abs(axis))].tolist()
        if is_flat and not set(involved) & set(unseen):
            flat.append(tuple(involved))
    both = zip(widths * np.sqrt(np.diag(posterior)), widths, strict=True)
    curvatures = np.linalg.eigvalsh(own + np.diag(widths**-2.0))
    return curvatures, dict(zip(names.tolist(), ((float(p), float(w)) for p, w in both), strict=True)), tuple(flat)


def spread_along(density: Prepared, z: Float[np.ndarray, " d"], direction: Float[np.ndarray, " d"]) -> float:
    """Standard deviation of the density of z along a line through a point, in units of a direction.

    The second derivative alone would call a quartic maximum flat.
    """
    steps = np.linspace(-_REACH, _REACH, _ALONG)
    values = -evaluate(density, *in_z(len(z)), z + steps[:, None] * direction, jacobian=True).value
    weights = np.exp(values - np.max(values))
    mean = np.sum(weights * steps) / np.sum(weights)
    return float(np.sqrt(np.sum(weights * (steps - mean) ** 2) / np.sum(weights)))


def _cost(density: Prepared, z: Float[np.ndarray, "points d"], settings: Settings, compiling: float) -> Cost:
    """Timed on draws from the prior, after compilation."""
    batch = z[np.resize(np.arange(len(z)), 16)]

    def gradients() -> object:
        return evaluate(density, *in_z(z.shape[1]), batch)

    def values() -> object:
        return jax.block_until_ready(_values(density, batch))

    value, gradient = (_fastest(what) / len(batch) for what in (values, gradients))
    draws = settings.chains * (settings.warmup + settings.samples) / min(settings.chains, jax.device_count())
    few, many = (draws * steps * gradient for steps in _STEPS)
    return Cost(value, gradient, (few, many), compiling)


@quick()
def _values(density: Prepared, z: Float[Array, "points d"]) -> Float[Array, " points"]:
    """ln p at many points."""
    return jax.vmap(lambda z: density.log_density(z, jacobian=False))(z)


def _fastest(what: Callable[[], object]) -> float:
    """Seconds of the fastest of some calls, the first one left out."""
    what()
    times = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        what()
        times.append(time.perf_counter() - begun)
    return min(times)
