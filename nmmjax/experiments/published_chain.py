"""A Markov chain that a collaboration has published, in a file of the user's, as a likelihood."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpyro.diagnostics import effective_sample_size
from scipy.optimize import minimize

from nmmjax import _checks
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.experiments.likelihoods.chain_priors import ChainPrior
from nmmjax.experiments.likelihoods.mixtures import Mixture, values
from nmmjax.experiments.shared.chain_files import PARAMETERS, ChainFile, read
from nmmjax.experiments.shared.published_mixing import MeasuredMixing
from nmmjax.experiments.shared.wrapped_mixtures import Chosen, WrappedMixture, chosen
from nmmjax.ordering import Ordering
from nmmjax.tables import Source

_NAMES = ("sin2_theta23", "sin2_theta13", "dm32", "delta_cp")
_LEAST = 500.0
"""Effective draws that are asked for, of each ordering of which there are any."""
_LARGEST = 0.3
"""Error of ln L that is accepted."""
_KEPT = 20_000
"""Draws of an ordering through which a mixture is put, evenly spaced."""
_FLAT = 1e-2
"""Least slope of the function in which a prior is flat, over its largest, that can be divided by."""
_STARTS = 4


class PublishedChain(MeasuredMixing):
    """The likelihood of sin^2 theta23, sin^2 theta13, dm32 and delta_cp that a published chain tells.

        ln L = ln q - ln p - max(ln q - ln p),

    q the density of the draws, p that of the prior with which they were made. q is a mixture of normal distributions in
    ln sin^2 / cos^2 of both angles, dm32 and delta_cp, periodic in the latter, as many as either half of the chain
    needs to predict the other: correlations, octants, and both orderings with their odds are in it, and it is smooth.
    Where draws end, p is continued as a constant, so that a likelihood that the chain does not know falls. What the
    collaboration has marginalized stays so: theta12, dm21 and what of the detector was uncertain.

    `effective_draws` and `error` say how well: the error of ln L is half the difference of the mixtures of both halves,
    root mean square over the draws. It does not contain what no draw tells, beyond two or three standard deviations.
    """

    reference: ClassVar[str] = "the chain that is given"

    effective_draws: Float[Array, ""]
    """Least effective number of draws among the four numbers and the orderings."""
    error: Float[Array, ""]
    """Standard deviation of ln L where the draws are, by the two halves of the chain."""
    held: tuple[str, ...] = eqx.field(static=True)

    @classmethod
    def load(
        cls,
        path: str | Path,
        priors: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        holds: Sequence[str] = (),
        tree: str | None = None,
        ordering: Ordering | None = None,
        reference: str | None = None,
    ) -> Self:
        """Read a chain; this takes a minute or so.

        **Arguments:**

        - `path` of a file: `.csv` with a line of names, `.npz`, or `.root` as NuMCMCTools has it (by uproot); columns
          Theta23, Theta13 and DeltaCP [rad], Deltam2_32 [eV^2], or sin2_theta23, sin2_theta13, delta_cp, dm32.
        - `priors` that the chain was made with, in words: {"Theta23": "Uniform:sin^2(Theta23)", "Theta13":
          "Gaussian(0.0853, 0.0027):sin^2(2Theta13)", ...}, as in `ChainPrior`; those of the file unless given. A prior
          that shall stay, such as that of reactors on theta13, is said to be "Uniform:sin^2(Theta13)"; the data behind
          it belong to `holds`.
        - `name`, lower case, from that of the file unless given; `holds`, tags of the data: `name` without a year.
        - `tree` of a ROOT file with several; `ordering`, of which alone draws are taken; `reference` of the chain.

        **Raises:** `ValueError` for what cannot be read, priors that are missing or vanish where draws are, and chains
        that are too short: with fewer than 500 effective draws of an ordering, or an error of ln L beyond 0.3.
        """
        path = Path(_word("path", path))
        name = _named(path if name is None else name)
        tags = tuple(_word("holds", tag) for tag in ([holds] if isinstance(holds, str) else holds))
        if ordering is not None:
            _checks.check_instance("ordering", ordering, Ordering)
        file = read(path, tree)
        known = _priors(file, priors)
        draws = _chosen_draws(file, ordering)
        effective = _effective(draws)
        parts = {
            sign: chosen(_thinned(draws[np.sign(draws[:, 2]) == sign])) for sign in np.unique(np.sign(draws[:, 2]))
        }
        error = _error(draws, parts)
        if not error < _LARGEST:
            _too_short(f"tell ln L to {_LARGEST:g}", f"its halves differ by {error:.2g}")
        paper = reference or file.citation or str(path.name)
        return cls(
            name=name,
            terms=(_term(draws, parts, known),),
            sources=(Source(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), paper),),
            parameters=_NAMES,
            effective_draws=on_device(np.asarray(effective)),
            error=on_device(np.asarray(error)),
            held=tags,
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: those that were given."""
        return frozenset(self.held) or super().holds


# Everything below turns a file into a likelihood, once, when a chain is loaded.


def _word(argument: str, value: object) -> str:
    if not isinstance(value, str | Path) or not str(value):
        _checks.fail(argument, "be text", f"it is {_checks.shown(value)}")
    return str(value)


def _named(name: object) -> str:
    """Lower case, digits, dots and underscores, as names of experiments are."""
    if isinstance(name, Path):
        return re.sub(r"[^a-z0-9_.]+", "_", name.stem.lower())
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_.]+", name):
        _checks.fail("name", "be of lower-case letters, digits, dots and underscores", f"it is {_checks.shown(name)}")
    return name


def _priors(file: ChainFile, given: Mapping[str, str] | None) -> tuple[ChainPrior, ...]:
    """The prior of each parameter, none of which vanishes where draws are."""
    words = dict(file.priors)
    if given is not None:
        _checks.check_instance("priors", given, Mapping)
        for parameter in given:
            _checks.check_known("priors", parameter, PARAMETERS)
        words |= given
    if missing := [parameter for parameter in PARAMETERS if parameter not in words]:
        _checks.fail("priors", "say with which prior each number was drawn", f"they do not for {', '.join(missing)}")
    found = tuple(ChainPrior.read(parameter, words[parameter]) for parameter in PARAMETERS)
    for prior in found:
        column = file.columns[prior.parameter]
        slope = np.asarray(prior.slope(np.linspace(column.min(), column.max(), 501)))
        if slope.min() < _FLAT * slope.max():
            but = f"{words[prior.parameter]!r} does between {column.min():.4g} and {column.max():.4g}"
            _checks.fail("priors", "not vanish where draws are", but)
    return found


def _chosen_draws(file: ChainFile, ordering: Ordering | None) -> Float[np.ndarray, "draws 4"]:
    """y of each draw, dm32 with its sign."""
    theta23, theta13, dm32, delta_cp = (file.columns[parameter] for parameter in PARAMETERS)
    logits = [2.0 * np.log(np.tan(angle)) for angle in (theta23, theta13)]
    draws = np.stack([*logits, 1e3 * dm32, np.angle(np.exp(1j * delta_cp))], axis=1)
    return draws if ordering is None else draws[np.sign(dm32) == ordering.sign]


def _effective(draws: Float[np.ndarray, "draws 4"]) -> float:
    """The least effective number of draws.

    **Raises:** `ValueError` where it is too small, of all draws or of those of an ordering.
    """
    if len(draws) < _LEAST:
        _too_short(f"have {_LEAST:g} draws", f"it has {len(draws)}")
    inverted = (draws[:, 2] < 0.0).astype(float)
    upper = (draws[:, 0] > 0.0).astype(float)
    numbers = [*draws[:, :2].T, np.abs(draws[:, 2]), np.sin(draws[:, 3]), np.cos(draws[:, 3]), inverted, upper]
    sizes = [float(effective_sample_size(number[None])) for number in numbers if np.ptp(number) > 0.0]
    least, share = min(sizes), float(np.mean(inverted))
    for what, part in (("normal", 1.0 - share), ("inverted", share)):
        if part > 0.0 and part * least < _LEAST:
            must = f"have {_LEAST:g} effective draws of each ordering (or of the one that `ordering` chooses)"
            _too_short(must, f"it has {part * least:.0f} of the {what} one")
    return least


def _too_short(must: str, but: str) -> None:
    _checks.fail("path", f"hold a chain long enough to {must}", but)


def _thinned(draws: Float[np.ndarray, "draws 4"]) -> Float[np.ndarray, "kept 4"]:
    return draws[:: -(-len(draws) // _KEPT)]


def _error(draws: Float[np.ndarray, "draws 4"], parts: Mapping[float, Chosen]) -> float:
    """Half the difference of ln q of both halves, root mean square, the odds of the orderings included."""
    halves, squares, number = np.array_split(np.sign(draws[:, 2]), 2), 0.0, 0
    for sign, part in parts.items():
        points = _thinned(draws[np.sign(draws[:, 2]) == sign])
        shares = [np.mean(half == sign) for half in halves]
        if min(shares) == 0.0:
            return np.inf
        first, second = (m.log_density(points) + np.log(s) for m, s in zip(part.halves, shares, strict=True))
        weight = np.sum(np.sign(draws[:, 2]) == sign)
        squares, number = squares + weight * np.mean((0.5 * (first - second)) ** 2), number + weight
    return float(np.sqrt(squares / number))


class _Joined(NamedTuple):
    mixture: WrappedMixture
    points: Float[np.ndarray, "points 4"]


def _joined(draws: Float[np.ndarray, "draws 4"], parts: Mapping[float, Chosen]) -> _Joined:
    """One mixture of both orderings, each with its share of the draws."""
    weights, points = [], []
    for sign, part in parts.items():
        own = draws[np.sign(draws[:, 2]) == sign]
        weights.append(part.mixture.log_weights + np.log(len(own) / len(draws)))
        points.append(_thinned(own))
    mixtures = [part.mixture for part in parts.values()]
    means, whitenings = (np.concatenate([m[i] for m in mixtures]) for i in (1, 2))
    means[:, 3] = np.angle(np.exp(1j * means[:, 3]))
    return _Joined(WrappedMixture(np.concatenate(weights), means, whitenings), np.concatenate(points))


def _term(
    draws: Float[np.ndarray, "draws 4"], parts: Mapping[float, Chosen], priors: tuple[ChainPrior, ...]
) -> Mixture:
    """The mixture over the prior, counted from where the ratio is greatest."""
    mixture, points = _joined(draws, parts)
    size = np.column_stack([draws[:, :2], np.abs(draws[:, 2]), np.zeros(len(draws))])
    term = Mixture(
        best=jnp.zeros(4),
        log_weights=on_device(mixture.log_weights),
        means=on_device(mixture.means),
        whitenings=on_device(mixture.whitenings),
        priors=priors,
        low=on_device(size.min(0)),
        high=on_device(size.max(0)),
        highest=jnp.zeros(4),
        level=jnp.zeros(()),
        shift=jnp.zeros(4),
    )
    starts = points[np.argsort(-np.asarray(_ratios(term, points)))[:_STARTS]]
    ends = [_ascended(term, start, points.std(0)) for start in starts]
    highest, level = max(ends, key=lambda end: end[1])
    best = values(jnp.asarray(highest))
    found = (best, on_device(highest), on_device(np.asarray(level)))
    return eqx.tree_at(lambda t: (t.best, t.highest, t.level), term, found)


def _ascended(term: Mixture, start: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, float]:
    """Where ln q - ln p is greatest near a draw, and how great."""

    def down(w: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = _ratio_and_slope(term, start + scale * w)
        return -float(value), -scale * np.asarray(slope)

    end = minimize(down, np.zeros(4), jac=True, method="BFGS")
    y = start + scale * end.x
    y[3] = np.angle(np.exp(1j * y[3]))
    return y, -float(end.fun)


@quick()
def _ratios(term: Mixture, points: Float[Array, "points 4"]) -> Float[Array, " points"]:
    return jax.lax.map(term.log_ratio, points, batch_size=1000)


@quick()
def _ratio_and_slope(term: Mixture, y: Float[Array, "4"]) -> tuple[Float[Array, ""], Float[Array, "4"]]:
    return jax.value_and_grad(term.log_ratio)(y)
