"""Mixtures of normal distributions through points of which one coordinate is an angle, by expectation maximization."""

import math
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Float

TURN = 2.0 * math.pi
_STEPS, _GAIN = 200, 2e-5
"""Of expectation maximization, and the gain in ln density of a point at which it ends."""
_RIDGE = 1e-3
"""Least standard deviation of a component, over that of all points."""
_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16)
"""Numbers of components that are tried."""
_EACH = 50
"""Points of a component, at least."""
IMAGES = (-1.0, 0.0, 1.0)
"""Turns by which a component is repeated around the circle."""


class WrappedMixture(NamedTuple):
    """q(y) = sum_k w_k sum_m N(y + 2 pi m e; mu_k, C_k), with e along the last coordinate, an angle [rad]."""

    log_weights: Float[np.ndarray, " k"]
    means: Float[np.ndarray, "k d"]
    whitenings: Float[np.ndarray, "k d d"]
    """W with W C W^T = 1, lower triangular."""

    @classmethod
    def through(cls, points: Float[np.ndarray, "n d"], count: int, seed: int) -> Self:
        """The mixture of `count` components that fits points best, from means that are drawn among them."""
        center, scale = _circular_center(points), _scales(points)
        unit = _apart(points, center) / scale
        generator = np.random.default_rng(seed)
        means = unit[_spread(unit, count, generator)]
        around = np.tile(np.eye(points.shape[1]) / max(count, 1) ** 0.5, (count, 1, 1))
        mixture, last = cls(np.full(count, -math.log(count)), means, np.linalg.inv(np.linalg.cholesky(around))), -np.inf
        period = TURN / scale[-1]
        for _ in range(_STEPS):
            mixture, reached = mixture._improved(unit, period)
            if reached - last < _GAIN:
                break
            last = reached
        return cls(mixture.log_weights, center + scale * mixture.means, mixture.whitenings / scale)

    def log_density(self, points: Float[np.ndarray, "n d"], period: float = TURN) -> Float[np.ndarray, " n"]:
        """ln q at points."""
        return _log_sum(self._joint(points, period)[0])

    def _joint(self, points: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
        """ln of the density of each point, component and image (n, k, m), and the images (n, m, d)."""
        d = points.shape[1]
        nearest = np.tile(points[:, None, :], (1, len(IMAGES), 1))
        nearest[..., -1] += period * np.array(IMAGES)
        apart = np.einsum("kij,nmj->nkmi", self.whitenings, nearest)
        apart -= np.einsum("kij,kj->ki", self.whitenings, self.means)[None, :, None]
        log_norm = np.log(np.einsum("kii->ki", self.whitenings)).sum(1) - 0.5 * d * math.log(TURN)
        return (self.log_weights + log_norm)[:, None] - 0.5 * np.sum(apart**2, axis=-1), nearest

    def _improved(self, points: np.ndarray, period: float) -> tuple[Self, float]:
        """One step of expectation maximization, and the mean ln density before it."""
        joint, images = self._joint(points, period)
        total = _log_sum(joint)
        shares = np.exp(joint - total[:, None, None])
        number = shares.sum(axis=(0, 2)) + 1e-12
        means = np.einsum("nkm,nmd->kd", shares, images) / number[:, None]
        second = np.einsum("nkm,nmi,nmj->kij", shares, images, images) / number[:, None, None]
        covariances = second - np.einsum("ki,kj->kij", means, means) + _RIDGE**2 * np.eye(points.shape[1])
        whitenings = np.linalg.inv(np.linalg.cholesky(covariances))
        return type(self)(np.log(number / number.sum()), means, whitenings), float(np.mean(total))


class Chosen(NamedTuple):
    """A mixture with as many components as the points tell apart, and what they do not tell."""

    mixture: WrappedMixture
    halves: tuple[WrappedMixture, WrappedMixture]
    """Those of either half of the points."""


def chosen(points: Float[np.ndarray, "n d"]) -> Chosen:
    """The number of components is that with which either half of a chain predicts the other best."""
    halves, best, kept, count = np.array_split(points, 2), -np.inf, None, 1
    for tried in _COUNTS:
        if tried * _EACH > len(halves[0]) and kept is not None:
            break
        pair = tuple(WrappedMixture.through(half, tried, seed=tried) for half in halves)
        score = float(np.mean(pair[0].log_density(halves[1])) + np.mean(pair[1].log_density(halves[0])))
        if score <= best:
            break
        best, kept, count = score, pair, tried
    assert kept is not None
    return Chosen(WrappedMixture.through(points, count, seed=count), (kept[0], kept[1]))


def _log_sum(joint: Float[np.ndarray, "n k m"]) -> Float[np.ndarray, " n"]:
    """ln of the sum of exponentials of each point."""
    largest = joint.max(axis=(1, 2))
    return largest + np.log(np.sum(np.exp(joint - largest[:, None, None]), axis=(1, 2)))


def _circular_center(points: np.ndarray) -> np.ndarray:
    center = points.mean(0)
    center[-1] = np.angle(np.mean(np.exp(1j * points[:, -1])))
    return center


def _scales(points: np.ndarray) -> np.ndarray:
    """Standard deviations; of the angle one radian."""
    scale = points.std(0)
    scale[-1] = 1.0
    return scale


def _apart(points: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Differences to the center, of the angle the shorter way around."""
    apart = points - center
    apart[:, -1] -= TURN * np.round(apart[:, -1] / TURN)
    return apart


def _spread(points: np.ndarray, count: int, generator: np.random.Generator) -> list[int]:
    """Points far from each other: each is drawn with the squared distance from those before it."""
    places = [int(generator.integers(len(points)))]
    for _ in range(count - 1):
        squares = np.min([np.sum((points - points[i]) ** 2, axis=1) for i in places], axis=0)
        places.append(int(generator.choice(len(points), p=squares / squares.sum())))
    return places
