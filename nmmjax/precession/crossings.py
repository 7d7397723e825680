"""Crossings of levels: where they are, whether neutrinos follow or jump, and what comes out of a star with many.

Two levels with the difference D(r) of their energies and the coupling b cross where D = 0. There a neutrino stays in
the state it is named after, and so jumps from one eigenvalue to the other, with the probability of L. D. Landau,
Phys. Z. Sowjetunion 2, 46 (1932) and C. Zener, Proc. R. Soc. A 137, 696 (1932),

    P_jump = exp(-pi gamma / 2),    gamma = (2b)^2 / |D'|.

Of S. Jana and Y. Porto, Phys. Rev. Lett. 132, 101005 (2024) the adiabaticity is 2 (2b)^2 / |D'| = 2 gamma.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, ArrayLike, Bool, Float, Int, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import clipped, modulus_squared
from nmmjax.precession.hamiltonian import check_antineutrino
from nmmjax.precession.levels import Gaps, all_pairs, crossing_basis, state_names
from nmmjax.precession.path import Path

_GRID = 400
"""Places of a piece of the way between which a crossing is looked for."""
_MOST = 4
"""Crossings of one pair of levels in one piece of the way."""
_REFINEMENTS = 4
"""Steps of Newton's method: what a bracket leaves open is then rounding."""
_NOWHERE = 1e-300


class Crossings(NamedTuple):
    """All crossings of a path, by place; those that do not exist lie at infinity and are jumped over."""

    place: Float[Array, "... c"]
    """[km]."""
    first: Int[Array, "... c"]
    second: Int[Array, "... c"]
    gap: Float[Array, "... c"]
    """2b, by which the eigenvalues stay apart [km^-1]."""
    slope: Float[Array, "... c"]
    """D' [km^-2]."""
    curvature: Float[Array, "... c"]
    """D'' [km^-3]."""
    jump: Float[Array, "... c"]
    """P_jump."""

    @property
    def width(self) -> Float[Array, "... c"]:
        """Half of the way on which |D| < 2b [km]."""
        return self.gap / jnp.maximum(jnp.abs(self.slope), _NOWHERE)


class Resonance(NamedTuple):
    """A crossing of two levels."""

    kind: str
    """"MSW" (two flavors of one helicity), "spin-flavor" (a neutrino and an antineutrino), or "twist": a neutrino and
    its right-handed partner, V + phi' = 0 beside the masses."""
    states: tuple[str, str]
    place: float
    """[km]."""
    gap: float
    """2b [km^-1]."""
    adiabaticity: float
    """gamma = (2b)^2 / |D'|: neutrinos follow the level where it is large, P_jump = exp(-pi gamma / 2)."""
    jump: float
    """P_jump."""

    @property
    def doubled_adiabaticity(self) -> float:
        """2 (2b)^2 / |D'|: the convention of S. Jana and Y. Porto, in which P_jump = exp(-pi / 4 of it)."""
        return 2.0 * self.adiabaticity


@public
def resonances(
    neutrinos: Neutrinos,
    energy: Real[ArrayLike, ""],
    path: Path,
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> tuple[Resonance, ...]:
    """Where levels of one energy [MeV] cross along the path, in the order of the way; not to be called inside jit.

    Crossings of levels that nothing couples are left out. Two of one pair between neighbors of 400 places (evenly in
    ln r) are not seen.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    found = jax.tree.map(np.asarray, _crossings(neutrinos, jnp.asarray(energy, float), path, antineutrino, constants))
    names, n = state_names(neutrinos), neutrinos.mass_matrix.shape[-1]
    listed = []
    for place, first, second, gap, slope, _, jump in zip(*found, strict=True):
        if np.isfinite(place) and gap > 0.0:
            states = names[first], names[second]
            kind = "MSW" if (first < n) == (second < n) else _KIND_OF_FLIP[neutrinos.nature.self_conjugate]
            listed.append(Resonance(kind, states, float(place), float(gap), float(gap**2 / abs(slope)), float(jump)))
    return tuple(listed)


_KIND_OF_FLIP = {True: "spin-flavor", False: "twist"}


@public
def level_crossing_probability(
    neutrinos: Neutrinos,
    energy: Real[ArrayLike, "..."],
    path: Path,
    *,
    antineutrino: Bool[ArrayLike, ""] = False,
    tolerance: float = 0.05,
    constants: Constants = PDG_2026,
) -> Float[Array, "... m m"]:
    """P[..., a, i] from the flavor state a at the start to the mass state i far behind a `Path`, phases averaged.

    States as in `mass_state_probability`, of which this is the fast approximation: neutrinos follow their levels and
    jump where these cross, each crossing for itself. It holds where crossings lie apart, where D is a straight line
    across those that are neither followed nor jumped over, and where the path begins and ends outside of all; a field
    must be too weak to flip spins where matter is gone. `tolerance` is the largest error of a probability, as
    estimated from all of this; where it is larger, P is NaN.

    **Raises:** `ValueError` with the estimated error, outside of jit.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range("tolerance", tolerance, low=0.0, open_low=True)
    check_antineutrino(neutrinos, antineutrino)
    energy, other = jnp.asarray(energy, float), jnp.asarray(antineutrino)
    P, error = _composed(neutrinos, energy, path, other, constants)
    known = _checks.concrete(error)
    if known is not None and not np.all(known <= tolerance):
        worst = f"the estimated error of a probability is {float(np.max(known)):.2g}"
        _checks.fail("path", f"have crossings that stand apart, for an error below {tolerance:g}", worst)
    return jnp.where((error <= tolerance)[..., None, None], P, jnp.nan)


@partial(jax.jit, static_argnums=4)
def _composed(
    neutrinos: Neutrinos, energy: Float[Array, "..."], path: Path, antineutrino: Bool[Array, ""], constants: Constants
) -> tuple[Float[Array, "... m m"], Float[Array, "..."]]:
    """Probabilities and their estimated errors."""
    gaps = all_pairs(neutrinos, energy, path, antineutrino, constants)
    found = _found(gaps)
    start = modulus_squared(crossing_basis(neutrinos, antineutrino))
    P = jnp.broadcast_to(start, (*energy.shape, *start.shape))
    sequence = jax.tree.map(lambda x: jnp.moveaxis(x, -1, 0), (found.first, found.second, found.jump))
    P, _ = lax.scan(_crossed, P, sequence)
    order = jnp.argsort(gaps.ranks(), -1)
    return jnp.take_along_axis(P, order[..., None, :], -1), lax.stop_gradient(_error(gaps, found))


_Sequence = tuple[Int[Array, "..."], Int[Array, "..."], Float[Array, "..."]]


def _crossed(P: Float[Array, "... m m"], crossing: _Sequence) -> tuple[Float[Array, "... m m"], None]:
    """What each state holds behind a crossing: a neutrino that does not jump comes out with the other name."""
    first, second, jump = crossing
    a, b = (jax.nn.one_hot(state, P.shape[-1], dtype=P.dtype)[..., None, :] for state in (first, second))
    moved = (1.0 - jump)[..., None] * jnp.sum(P * (b - a), -1)
    return P + moved[..., None] * (a - b), None


def _error(gaps: Gaps, found: Crossings) -> Float[Array, "..."]:
    """The error of a probability: of crossings that are bent, near to each other or to the start, and of the ends."""
    width = found.width
    undecided = found.jump * (1.0 - found.jump)
    bent = undecided * clipped(jnp.abs(found.curvature) * width / jnp.maximum(jnp.abs(found.slope), _NOWHERE), 0.0, 1.0)
    place = jnp.where(jnp.isfinite(found.place), found.place, 0.0)
    near_start = undecided * _closeness(place - gaps.path.start, width)
    shared = sum(a[..., :, None] == b[..., None, :] for a in found[1:3] for b in found[1:3])
    pairs = _closeness(place[..., :, None] - place[..., None, :], width[..., :, None] + width[..., None, :])
    both = 0.5 * jnp.minimum(undecided[..., :, None], 1.0 - found.jump[..., None, :])
    apart = ~jnp.eye(place.shape[-1], dtype=bool) & (jnp.asarray(shared) > 0)
    overlapping = jnp.sum(jnp.where(apart, both * pairs, 0.0), (-2, -1))
    return jnp.sum(bent + near_start, -1) + overlapping + _mixed_at_start(gaps) + _flipped_behind(gaps)


def _closeness(distance: Float[Array, "..."], width: Float[Array, "..."]) -> Float[Array, "..."]:
    return width**2 / jnp.maximum(width**2 + distance**2, _NOWHERE)


def _mixed_at_start(gaps: Gaps) -> Float[Array, "..."]:
    """The largest mixing of two levels before anything has happened."""
    r = gaps.path.start[None]
    squared = 4.0 * gaps.coupling_squared(r)[..., 0]
    return jnp.max(squared / jnp.maximum(squared + gaps.difference(r)[..., 0] ** 2, _NOWHERE), -1)


def _flipped_behind(gaps: Gaps) -> Float[Array, "..."]:
    """The largest probability of a flip on a way as long as the path behind its end, as if all stayed as it is there.

    Of mass states: b and D between each of left and each of right helicity.
    """
    path = gaps.path
    if path.field is None:
        return jnp.zeros(gaps.given.vacuum.shape[:-2])
    n = gaps.given.vacuum.shape[-1] // 2
    left, right = (hermitian.eigensystem(gaps.given.vacuum[..., s, s]) for s in (slice(0, n), slice(n, None)))
    b = hermitian.adjoint(right[1]) @ gaps.given.flip[..., n:, :n] @ left[1] * path.field(path.stop)
    twist = 0.0 if path.twist is None else jax.grad(path.twist)(path.stop)
    D = left[0][..., None, :] - right[0][..., :, None] + twist
    frequency = jnp.sqrt(D**2 + 4.0 * modulus_squared(b))
    phase = clipped(0.5 * frequency * path.stop, 0.0, 0.5 * jnp.pi)
    share = 4.0 * modulus_squared(b) / jnp.maximum(frequency**2, _NOWHERE)
    return jnp.max(share * jnp.sin(phase) ** 2, (-2, -1))


@partial(jax.jit, static_argnums=(3, 4))
def _crossings(
    neutrinos: Neutrinos, energy: Float[Array, "..."], path: Path, antineutrino: bool, constants: Constants
) -> Crossings:
    return _found(all_pairs(neutrinos, energy, path, jnp.asarray(antineutrino), constants))


def _found(gaps: Gaps) -> Crossings:
    """In every piece of the way that is smooth."""
    parts = [_in_piece(gaps, start, stop) for start, stop in gaps.path.pieces()]
    together = Crossings(*(jnp.concatenate(x, -1) for x in zip(*parts, strict=True)))
    order = jnp.argsort(together.place, -1)
    return Crossings(*(jnp.take_along_axis(x, order, -1) for x in together))


def _in_piece(gaps: Gaps, start: Float[Array, ""], stop: Float[Array, ""]) -> Crossings:
    """From just behind the start of a piece, where a step has been taken, to its stop."""
    first = jnp.maximum(start, 1e-6 * stop) * (1.0 + 1e-12)
    grid = lax.stop_gradient(jnp.exp(jnp.linspace(jnp.log(first), jnp.log(stop), _GRID))).at[-1].set(stop)
    D = lax.stop_gradient(gaps.difference(grid))
    changes = (D[..., 1:] > 0.0) != (D[..., :-1] > 0.0)
    index = jnp.sort(jnp.where(changes, jnp.arange(_GRID - 1), _GRID), -1)[..., :_MOST]
    there = index < _GRID
    index = jnp.minimum(index, _GRID - 2)
    low, high = grid[index], grid[index + 1]
    at_low, at_high = (jnp.take_along_axis(D, index + k, -1) for k in (0, 1))
    place = low + (high - low) * at_low / jnp.where(there, at_low - at_high, 1.0)
    for _ in range(_REFINEMENTS):
        value, slope = _with_slope(gaps, place)
        place = clipped(place - value / jnp.where(slope == 0.0, 1.0, slope), low, high)
    place = lax.stop_gradient(place)
    for _ in range(2):  # with the derivatives of where D vanishes, to second order
        value, slope = _with_slope(gaps, place)
        place = place - jnp.where(there, value / jnp.where(slope == 0.0, 1.0, slope), 0.0)
    value, slope = _with_slope(gaps, place)
    _, curvature = jax.jvp(lambda r: _with_slope(gaps, r)[1], (place,), (jnp.ones_like(place),))
    squared = 4.0 * gaps.coupling_squared(place)
    exponent = 0.5 * jnp.pi * squared / jnp.where(there & (slope != 0.0), jnp.abs(slope), 1.0)
    named = (jnp.broadcast_to(jnp.asarray(x)[:, None], place.shape) for x in (gaps.first, gaps.second))
    found = (
        jnp.where(there, place, jnp.inf),
        *named,
        jnp.where(there, lax.stop_gradient(jnp.sqrt(squared)), 0.0),
        slope,
        curvature,
        jnp.where(there, jnp.exp(-exponent), 1.0),
    )
    return Crossings(*(x.reshape(*x.shape[:-2], -1) for x in found))


def _with_slope(gaps: Gaps, r: Float[Array, "..."]) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """D and D' at r."""
    return jax.jvp(gaps.difference, (r,), (jnp.ones_like(r),))
