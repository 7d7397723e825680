"""Several modes of one posterior: which the search knows, and where each chain sits."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from jaxtyping import Float, Int

from nmmjax.fit import Fit
from nmmjax.infer import Draws, Maximum
from nmmjax.infer._curvature import curvature
from nmmjax.infer._modes import log_mass
from nmmjax.infer._points import flat
from nmmjax.results.diagnostics import error_of_share
from nmmjax.results.quantities import evaluated
from nmmjax.results.records import ModeRecord
from nmmjax.results.regions import where
from nmmjax.results.wanted import Wanted
from nmmjax.space import Space

_VALLEY = 0.5
"""Two maxima are one mode unless ln p falls by more than this between them."""
_BETWEEN = (0.5, 0.25, 0.75, 0.125, 0.875)
"""Where on the straight line that is looked for."""
_APART = 3.0
"""Chains whose means differ by more of their standard deviations sit in different places."""
_MOST, _ALL = 0.5, 0.95
"""Share of its draws with which a chain sits in a mode, and with which the rest is not worth a word."""
_TO_BE_SEEN = 0.01
"""Mass of a mode, relative to the heaviest one, with which it must have been visited: both those of Laplace."""
_ADVICE = "sample with --sampler smc, narrow the prior to one of them, or fit each as a hypothesis of its own"


class Place(NamedTuple):
    """Where some draws sit: the value of the parameter that tells it from the others, and the chains."""

    where: str
    shares: Float[np.ndarray, " chains"]
    """Of the draws of each chain."""


def mode_records(fit: Fit, maximum: Maximum, wanted: Wanted | None = None) -> tuple[ModeRecord, ...]:
    """The maxima that the search has found and that a valley parts, best first, with their shares of the posterior.

    The share is that of a normal distribution around each; a guess where a mode is none. Where there are several, the
    number that differs most, in the unconstrained space, tells them apart, and physics has names for some.
    """
    kept: list[int] = []
    for index in range(len(maximum.modes)):
        if all(_parted(fit, maximum, index, other) for other in kept):
            kept.append(index)
    weights = np.array([log_mass(fit, maximum.modes[i], maximum.mode_log_densities[i]) for i in kept])
    relative = np.exp(weights - weights.max())
    shares = relative / relative.sum()
    names, apart = _answers(fit, maximum.modes[kept], wanted), _tells(fit.space, maximum.modes[kept])
    return tuple(
        ModeRecord(
            delta_chi2=2.0 * float(maximum.mode_log_densities[kept[0]] - maximum.mode_log_densities[i]),
            apart="" if len(kept) == 1 else _value(fit, maximum.modes[i], apart),
            where=own,
            log_density=float(maximum.mode_log_densities[i]),
            share=float(share),
            log_mass=float(weight),
            z=tuple(np.asarray(maximum.modes[i]).tolist()),
            parameters=_named(fit, maximum.modes[i]),
        )
        for i, share, weight, own in zip(kept, shares, weights, names, strict=True)
    )


def _answers(fit: Fit, modes: Float[np.ndarray, "modes d"], wanted: Wanted | None) -> list[tuple[str, ...]]:
    """What physics calls each of several modes; nothing for one alone."""
    if len(modes) == 1:
        return [()]
    return where(evaluated(fit, fit.space.within_bounds(modes), wanted or Wanted()))


def _tells(space: Space, modes: Float[np.ndarray, "modes d"]) -> str:
    """The component in which modes differ most from the best."""
    away = np.abs(space.wrap(space.within_bounds(modes) - space.within_bounds(modes[:1])))
    return space.labels[int(np.argmax(away.max(axis=0)))]


def _value(fit: Fit, z: Float[np.ndarray, " d"], label: str) -> str:
    return f"{label} = {_named(fit, z)[label]:.4g}"


def weighed(space: Space, modes: Sequence[ModeRecord], draws: Draws) -> tuple[ModeRecord, ...]:
    """The same modes with their shares of the draws, each of which counts for the mode that is nearest."""
    if len(modes) < 2:
        return tuple(msgspec.structs.replace(mode, weight=1.0) for mode in modes)
    nearest, label = _nearest(space, modes, draws)
    return tuple(
        msgspec.structs.replace(
            mode,
            apart=f"{label} = {mode.parameters[label]:.4g}",
            weight=float(np.mean(nearest == index)),
            weight_error=error_of_share(nearest == index),
        )
        for index, mode in enumerate(modes)
    )


def _parted(fit: Fit, maximum: Maximum, one: int, other: int) -> bool:
    """Whether ln p falls on the straight line between two maxima; phases go the shorter way around."""
    a, b = fit.space.within_bounds(np.asarray(maximum.modes)[[one, other]])
    density, step = fit.prepare(), fit.space.wrap(b - a)

    def log_density(part: float) -> float:
        return -float(curvature(density, a + part * step).value)

    lower = min(log_density(0.0), log_density(1.0))  # there, not where a search went on beyond a bound
    return any(log_density(part) < lower - _VALLEY for part in _BETWEEN)


def _named(fit: Fit, z: Float[np.ndarray, " d"]) -> dict[str, float]:
    (values,) = flat(fit.priors, z[None])
    return dict(zip(fit.space.labels, values.tolist(), strict=True))


def unvisited(space: Space, modes: Sequence[ModeRecord], draws: Draws) -> tuple[str, ...]:
    """The modes that should have draws and have none, by what tells them from the best that has."""
    found = _places(space, modes, draws) if len(modes) > 1 else ()
    heavy = _TO_BE_SEEN * max((mode.share for mode in modes), default=0.0)
    return tuple(
        place.where
        for place, mode in zip(found, modes, strict=False)
        if not np.any(place.shares) and mode.share > heavy
    )


def separation(space: Space, modes: Sequence[ModeRecord], draws: Draws) -> str:
    """How many modes chains sit in that do not mix, which where, and what to do; empty where they sit in one."""
    places = [place for place in _places(space, modes, draws) if np.any(place.shares)] if len(modes) > 1 else []
    if not _differ(places):
        places = _apart(space, draws)
    if not _differ(places):
        return ""
    where = "; ".join(f"{place.where} {_chains(place.shares)}" for place in places)
    return f"{len(places)} modes between which chains do not pass: {where}; their weights are unknown: {_ADVICE}"


def _differ(places: Sequence[Place]) -> bool:
    """Whether different chains sit in different places."""
    return len(places) > 1 and len({int(i) for i in np.argmax([place.shares for place in places], axis=0)}) > 1


def _chains(shares: Float[np.ndarray, " chains"]) -> str:
    """In which chains: those with most of their draws there, else those with any."""
    sitting = np.flatnonzero(shares > _MOST) if np.any(shares > _MOST) else np.flatnonzero(shares)
    words = [f"{c}" if shares[c] > _ALL else f"{c} ({100.0 * shares[c]:.0f} % of it)" for c in sitting]
    return f"in chain{'s' if len(words) > 1 else ''} {', '.join(words)}"


def _places(space: Space, modes: Sequence[ModeRecord], draws: Draws) -> list[Place]:
    """The modes that the search knows, each with the share of the draws of every chain that are nearest to it."""
    nearest, label = _nearest(space, modes, draws)
    return [
        Place(f"{label} = {mode.parameters[label]:.4g}", np.mean(nearest == index, axis=1))
        for index, mode in enumerate(modes)
    ]


def _nearest(space: Space, modes: Sequence[ModeRecord], draws: Draws) -> tuple[Int[np.ndarray, "chains draws"], str]:
    """The mode that is nearest to each draw, and the label that tells modes apart.

    Distances are in standard deviations of the draws within a chain: a parameter in which modes agree has no say.
    """
    centers = space.within_bounds(np.array([mode.z for mode in modes]))
    width = _width(space, draws)
    away = space.wrap(draws.z[:, :, None] - centers) / width
    nearest: Int[np.ndarray, "chains draws"] = np.argmin(np.sum(away**2, axis=-1), axis=-1)
    apart = np.abs(space.wrap(centers - centers[0])) / width
    return nearest, space.labels[int(np.argmax(apart.max(axis=0)))]


def _apart(space: Space, draws: Draws) -> list[Place]:
    """Groups of chains whose means in one component differ by many of their standard deviations."""
    width, chains = _width(space, draws), len(draws.z)
    first = draws.z[0, 0]
    means = first + np.mean(space.wrap(draws.z - first), axis=1)
    position = int(np.argmax(np.ptp(means, axis=0) / width))
    order = np.argsort(means[:, position])
    gaps = np.diff(means[order, position]) > _APART * width[position]
    groups = np.split(order, np.flatnonzero(gaps) + 1)
    label, places = space.labels[position], []
    for group in groups:
        values = np.asarray(jax.vmap(lambda z: space.flat(space.parameters(z)))(jnp.asarray(means[group])))
        places.append(Place(f"{label} about {values[:, position].mean():.4g}", np.isin(np.arange(chains), group) * 1.0))
    return places


def _width(space: Space, draws: Draws) -> Float[np.ndarray, " d"]:
    """Standard deviation of each component of z within a chain, the median over chains."""
    within = space.wrap(draws.z - draws.z[:, :1])
    return np.maximum(np.median(np.std(within, axis=1), axis=0), 1e-9)
