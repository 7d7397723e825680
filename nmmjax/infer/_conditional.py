"""Maxima of the posterior where some of its numbers have given values: what a profile likelihood consists of.

A sampled number is held: its component of z does not move. A derived one, g(z) = t, is held by an augmented Lagrangian,
-ln p + lambda c + rho c^2 / 2 with c the distance of g from t in units of the width of its axis: lambda is moved by
rho c after each descent, rho grows where c does not fall [J. Nocedal and S. Wright, Numerical Optimization (2006),
chapter 17].
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax.executors import Executor
from nmmjax.fit import Fit, Parameters, Prepared
from nmmjax.infer._chart import Chart
from nmmjax.infer._curvature import curvature
from nmmjax.infer._descent import Way, batch_size, batches, descend, evaluate, in_z, minimum
from nmmjax.infer._numbers import Functions, derived_values, profiled
from nmmjax.infer.optimization import Maximum
from nmmjax.prior_set import PriorSet
from nmmjax.space import Entry, Space

TOLERANCE = 1e-3
"""How far a derived number may lie from where it is held, in eighths of the range in which it is profiled."""
_SLOPE = 0.1
"""Largest slope of a maximum, for one standard deviation: its square is the error in Delta chi^2."""
_ROUGH = 1e-3
"""Slope at which a descent ends."""
_INSIDE = 3.0
"""|z| from which a component at a bound starts, where a slope is still felt that leads away from it."""
_WIDTHS = 8.0
"""A range is so many units of the distance from where a number is held."""
_FIRST, _STRONGER, _FALLING = 10.0, 4.0, 0.25
"""The first rho, by how much it grows, and by how much c must have fallen if it is not to."""
_DESCENTS = 14
_MANY_SCALES = 10.0
"""Positive ranges wider than this factor are divided by factors."""


class Axis(NamedTuple):
    """A number that is profiled, sampled or derived, and its range in its own unit."""

    name: str
    low: float
    high: float

    @property
    def logarithmic(self) -> bool:
        """Whether the range, of positive numbers, spans more than a factor of ten: it is divided by factors."""
        return self.low > 0.0 and self.high > _MANY_SCALES * self.low

    def values(self, count: int) -> Float[np.ndarray, " count"]:
        """So many values from end to end."""
        spaced = np.geomspace if self.logarithmic else np.linspace
        return spaced(self.low, self.high, count)

    def at(self, shares: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """The values that lie so far along the range."""
        if self.logarithmic:
            return self.low * (self.high / self.low) ** shares
        return self.low + shares * (self.high - self.low)

    def share(self, value: float) -> float:
        """How far a number lies along the range: 0 at its lower end, 1 at its upper."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low) if value > 0.0 else -math.inf
        return (value - self.low) / (self.high - self.low)


class Ends(NamedTuple):
    """Conditional maxima, one from each start."""

    z: Float[np.ndarray, "points d"]
    log_density: Float[np.ndarray, " points"]
    good: Bool[np.ndarray, " points"]
    """Whether it is finite, without slope, and has the values that it is to have."""


class _Kind(NamedTuple):
    """Static: what a derived number is called, and how its distance is measured."""

    name: str
    logarithmic: bool
    circular: bool


class Conditional:
    """The posterior of a fit around its maximum, where the numbers of some axes are given."""

    def __init__(self, fit: Fit, maximum: Maximum, axes: Sequence[Axis], functions: Functions | None = None):
        own = dict(functions or {})
        self.fit, self.maximum, self.axes = fit, maximum, tuple(axes)
        self._functions = tuple(own.items())
        entries, quantities = fit.space.entries, fit.quantities
        for axis in self.axes:
            _checks.check_known("axes", axis.name, profiled(fit, own))
        sampled = np.array([axis.name in entries for axis in self.axes])
        self._sampled, self._derived = np.flatnonzero(sampled), np.flatnonzero(~sampled)
        labels = fit.space.labels
        self._held = np.array([labels.index(self.axes[i].name) for i in self._sampled], int)
        self._free = np.setdiff1d(np.arange(fit.space.size), self._held)
        self._kinds = tuple(
            _Kind(a.name, a.logarithmic, a.name in quantities and quantities[a.name].circular)
            for a in (self.axes[i] for i in self._derived)
        )
        ends = [(kind, self.axes[i]) for kind, i in zip(self._kinds, self._derived, strict=True)]
        widths = [math.log(a.high / a.low) if kind.logarithmic else a.high - a.low for kind, a in ends]
        self._widths = np.array(widths) / _WIDTHS
        self._density = fit.prepare()
        hessian = np.asarray(curvature(self._density, maximum.z).hessian)
        z, free = np.asarray(maximum.z), self._free
        self._chart = Chart.around(z[free], hessian[np.ix_(free, free)])
        self._scale = np.zeros_like(hessian)
        self._scale[np.ix_(free, free)] = self._chart.scale

    def __getstate__(self) -> dict[str, Any]:
        """All but what the density has been compiled to: other processes compile it themselves."""
        return {name: value for name, value in vars(self).items() if name != "_density"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._density = self.fit.prepare()

    @property
    def has_freedom(self) -> bool:
        """Whether anything is left to be maximized over."""
        return bool(self._free.size)

    def maxima(self, targets: Float[np.ndarray, "points axes"], starts: Float[np.ndarray, "points d"]) -> Ends:
        """Where the numbers of the axes have the values `targets`, the maximum that is found from each start."""
        center = np.tile(np.asarray(self.maximum.z), (len(targets), 1))
        center[:, self._free] = np.asarray(self._chart.center)
        for axis, component in zip(self._sampled, self._held, strict=True):
            center[:, component] = self._components(self.axes[axis].name, int(component), targets[:, axis])
        if not self._free.size:
            found = evaluate(self._density, *in_z(self.fit.space.size), center)
            return Ends(center, -found.value, np.isfinite(found.value))
        w = np.zeros_like(center)
        inside = self.fit.space.within_bounds(np.asarray(starts), _INSIDE)
        w[:, self._free] = self._chart.w(inside[:, self._free])
        if self._derived.size:
            return self._constrained(center, w, targets[:, self._derived])
        ends = descend(self._density, center, self._scale, w, max_steps=300, tolerance=_ROUGH)
        at_end = evaluate(self._density, center, self._scale, ends.w)
        good = np.isfinite(ends.value) & (np.max(np.abs(at_end.gradient), axis=1) < _SLOPE)
        return Ends(center + ends.w @ self._scale.T, -ends.value, good)

    def _components(
        self, label: str, component: int, values: Float[np.ndarray, " points"]
    ) -> Float[np.ndarray, " points"]:
        """The component of z of a sampled number, for many values of it."""
        entry, found = self.fit.space.entries[label], []
        distinct, back = np.unique(values, return_inverse=True)
        for some in batches(len(distinct)):
            found.append(_component(self.fit.priors, self.maximum.parameters, distinct[some], entry, component))
        return np.concatenate(jax.device_get(found))[back]

    def _constrained(self, center: np.ndarray, w: np.ndarray, targets: np.ndarray) -> Ends:
        """By the augmented Lagrangian; each point is left alone when its numbers are where they are to be."""
        count, axes = targets.shape
        pull, stiff, apart = np.zeros((count, axes)), np.full((count, axes), _FIRST), np.full((count, axes), np.inf)
        slopes, w, left = np.full(count, np.inf), w.copy(), np.arange(count)
        for _ in range(_DESCENTS):
            goal = _Goal(targets[left], np.tile(self._widths, (len(left), 1)), pull[left], stiff[left])
            w[left] = self._descended(center[left], w[left], goal, Way.down(300, _ROUGH))[0]
            slopes[left] = np.max(
                np.abs(self._descended(center[left], w[left], goal, Way(0, 0, 0.0, False))[1]), axis=1
            )
            before, apart[left] = np.abs(apart[left]), self._apart(center[left] + w[left] @ self._scale.T, goal)
            pull[left] += stiff[left] * np.nan_to_num(apart[left])
            stiff[left] *= np.where(np.abs(apart[left]) > _FALLING * before, _STRONGER, 1.0)
            left = left[~(np.max(np.abs(apart[left]), axis=1) < 0.1 * TOLERANCE)]
            if not left.size:
                break
        z = center + w @ self._scale.T
        minus = evaluate(self._density, *in_z(z.shape[1]), z).value
        good = np.isfinite(minus) & (np.max(np.abs(apart), axis=1) < TOLERANCE) & (slopes < _SLOPE)
        return Ends(z, -minus - np.sum(pull * np.nan_to_num(apart), axis=1), good)

    def _descended(self, center: np.ndarray, w: np.ndarray, goal: "_Goal", way: Way) -> tuple[np.ndarray, np.ndarray]:
        """Where descents end, and the slopes where they were evaluated last."""
        static = {"kinds": self._kinds, "functions": self._functions}
        ends = [
            jax.device_get(
                _penalized(
                    self._density, self.fit, center[b], self._scale, w[b], _Goal(*(x[b] for x in goal)), way, **static
                )
            )
            for b in batches(len(w))
        ]
        ended, slopes = (np.concatenate(parts)[: len(w)] for parts in zip(*ends, strict=True))
        return ended, slopes

    def _apart(self, z: np.ndarray, goal: "_Goal") -> np.ndarray:
        blocks = [
            jax.device_get(
                _distances(
                    self.fit, z[b], goal.targets[b], goal.widths[b], kinds=self._kinds, functions=self._functions
                )
            )
            for b in batches(len(z))
        ]
        return np.concatenate(blocks)[: len(z)]


Task = tuple[Float[np.ndarray, "points axes"], Float[np.ndarray, "points d"]]
"""A unit of work: targets and starts of points that are done together."""


def maxima(conditional: Conditional, task: Task) -> Ends:
    """Those of a task."""
    return conditional.maxima(*task)


def batched(executor: Executor, targets: np.ndarray, starts: np.ndarray) -> list[Task]:
    """All points in batches that fill a device."""
    size = batch_size(executor.platform)
    return [(targets[i : i + size], starts[i : i + size]) for i in range(0, len(targets), size)]


@quick("entry", "component")
def _component(
    priors: PriorSet, parameters: Parameters, values: Float[Array, " values"], entry: Entry, component: int
) -> Float[Array, " values"]:
    """One component of z where one number of the parameters has other values."""
    name, is_imaginary, place = entry
    whole = jnp.asarray(parameters[name])

    def one(value: Float[Array, ""]) -> Float[Array, ""]:
        new, old = value, whole[place]
        if jnp.iscomplexobj(whole):
            new = jax.lax.complex(old.real, value) if is_imaginary else jax.lax.complex(value, old.imag)
        return Space(priors).vector({**parameters, name: whole.at[place].set(new)})[component]

    return jax.vmap(one)(values)


class _Goal(NamedTuple):
    """Where derived numbers are to be, for each point and each of them; the units of distance; lambda and rho."""

    targets: Any
    widths: Any
    pull: Any
    stiff: Any


def _distance(
    fit: Fit,
    z: Float[Array, " d"],
    goal: _Goal,
    kinds: tuple[_Kind, ...],
    functions: tuple[tuple[str, Any], ...],
) -> Float[Array, " kinds"]:
    """How far derived numbers are from where they are to be; a logarithm or an angle as such."""
    values = derived_values(fit, z, tuple(kind.name for kind in kinds), functions)
    apart = []
    for i, kind in enumerate(kinds):
        value, target = values[i], goal.targets[i]
        if kind.circular:
            apart.append(2.0 * jnp.sin(0.5 * (value - target)))
        else:
            apart.append(jnp.log(value / target) if kind.logarithmic else value - target)
    return jnp.stack(apart) / goal.widths


@quick("kinds", "functions")
def _distances(
    fit: Fit, z: Any, targets: Any, widths: Any, *, kinds: Any, functions: Any
) -> Float[Array, "points kinds"]:
    """At many points."""

    def one(z: Any, target: Any, width: Any) -> Float[Array, " kinds"]:
        return _distance(fit, z, _Goal(target, width, 0.0, 0.0), kinds, functions)

    return jax.vmap(one)(z, targets, widths)


@quick("kinds", "functions")
def _penalized(
    density: Prepared,
    fit: Fit,
    center: Float[Array, "points d"],
    scale: Float[Array, "d d"],
    starts: Float[Array, "points d"],
    goal: _Goal,
    way: Way,
    *,
    kinds: tuple[_Kind, ...],
    functions: tuple[tuple[str, Any], ...],
) -> tuple[Float[Array, "points d"], Float[Array, "points d"]]:
    """Ends and slopes of one batch of descents of the augmented Lagrangian."""

    def one(center: Float[Array, " d"], start: Float[Array, " d"], goal: _Goal) -> tuple[Array, Array]:
        def objective(w: Float[Array, " d"]) -> Float[Array, ""]:
            z = center + scale @ w
            apart = _distance(fit, z, goal, kinds, functions)
            penalty = goal.pull @ apart + 0.5 * jnp.sum(goal.stiff * apart**2)
            return penalty - density.terms(z).total(jacobian=way.jacobian)

        w, _, slope = minimum(objective, start, way)
        return w, slope

    return jax.vmap(one)(center, starts, goal)
