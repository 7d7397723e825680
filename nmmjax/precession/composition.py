"""What comes out of a star in which many levels cross: each crossing for itself, and phases averaged between them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import clipped, modulus_squared
from nmmjax.precession.crossings import (
    NOWHERE,
    Approaches,
    Crossings,
    Energies,
    approaches,
    check_three,
    crossings,
    first_marked,
    on_grid,
    own,
)
from nmmjax.precession.hamiltonian import Blocks, blocks, checked_beam, half_twist
from nmmjax.precession.levels import Ladder, Scheme
from nmmjax.precession.path import Path

_REINFORCED = 8.0
"""By how much more than its own a crossing may convert where another mixing adds to its amplitude."""


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

    States as in `mass_state_probability`, of which this is the fast approximation for three flavors: neutrinos follow
    the levels of their helicity, and flip or jump where levels cross, each crossing for itself
    (`nmmjax.precession.crossings`); where a profile has a step, states are projected on the levels behind it. It holds
    where crossings lie apart from each other, where D and b change little across those that are neither followed nor
    jumped over, and where the path begins and ends outside of all; a field must be too weak to flip spins where matter
    is gone. `tolerance` is the largest error of a probability, as estimated from all of this; where it is larger, P is
    NaN. Phases of two crossings of the same levels are taken as averaged, as a spread of energies does it; which of the
    partners N of Dirac neutrinos is reached, where their masses are nearly equal, is less certain than that one is.

    **Raises:** `ValueError` with the estimated error, outside of jit.
    """
    energy, other = checked_beam(neutrinos, energy, antineutrino)
    _checks.check_range("tolerance", tolerance, low=0.0, open_low=True)
    check_three("neutrinos", neutrinos)
    given = (neutrinos, energy, path, other, constants)
    error = estimated_error(*given)
    known = _checks.concrete(error)
    if known is not None and not np.all(known <= tolerance):
        worst = f"the estimated error of a probability is {float(np.max(known)):.2g}"
        _checks.fail("path", f"have crossings that stand apart, for an error below {tolerance:g}", worst)
    return jnp.where((error <= tolerance)[..., None, None], composed(*given), jnp.nan)


@partial(jax.jit, static_argnums=4)
def composed(
    neutrinos: Neutrinos, energy: Float[Array, "..."], path: Path, antineutrino: Bool[Array, ""], constants: Constants
) -> Float[Array, "... 6 6"]:
    """The probabilities, whatever their errors."""
    scheme = Scheme.of(blocks(neutrinos, energy.ravel(), antineutrino, constants), path, constants)
    P, before, pieces = jnp.broadcast_to(jnp.eye(6), (energy.size, 6, 6)), None, path.pieces()
    for start, stop in pieces:
        grid, energies = on_grid(scheme, start, stop, energy.size)
        first = _levels_at(scheme, grid[0], energy.size)
        P = P @ (_shares(first) if before is None else _overlaps(before, first))
        P = _through(P, crossings(scheme, grid, energies), approaches(scheme, grid, energies))
        before = first if len(pieces) == 1 else _levels_at(scheme, grid[-1], energy.size)
    return P.reshape(*energy.shape, 6, 6)


@partial(jax.jit, static_argnums=4)
def estimated_error(
    neutrinos: Neutrinos, energy: Float[Array, "..."], path: Path, antineutrino: Bool[Array, ""], constants: Constants
) -> Float[Array, "..."]:
    """The estimated error of the probabilities, without derivatives."""
    neutrinos, energy, path = lax.stop_gradient((neutrinos, energy, path))
    given = blocks(neutrinos, energy.ravel(), antineutrino, constants)
    scheme, error = Scheme.of(given, path, constants), _flipped_behind(given, path)
    for start, stop in path.pieces():
        grid, energies = on_grid(scheme, start, stop, energy.size)
        error += _error(scheme, grid, crossings(scheme, grid, energies), approaches(scheme, grid, energies))
        error += _missed(scheme, grid, energies)
    return error.reshape(energy.shape)


_States = Complex[Array, "2 3 3 3 e"]
"""Projectors [helicity, level, a, b, energy]."""


def _levels_at(scheme: Scheme, r: Float[Array, ""], size: int) -> _States:
    return jnp.stack([ladder.states for ladder in scheme.ladders(jnp.broadcast_to(r, (size,)))])


def _shares(states: _States) -> Float[Array, "e 6 6"]:
    """Of each level in each flavor state."""
    each = jnp.real(jnp.diagonal(states, axis1=2, axis2=3))  # [helicity, level, energy, a]
    return _both(jnp.moveaxis(each, (2, 3, 1), (1, 2, 3)))


def _overlaps(before: _States, behind: _States) -> Float[Array, "e 6 6"]:
    """Of levels before a step with those behind it: tr(Pi_i Pi_k)."""
    return _both(jnp.real(jnp.einsum("hiabe,hkbae->heik", before, behind)))


def _both(blocks_of: Float[Array, "2 e 3 3"]) -> Float[Array, "e 6 6"]:
    none = jnp.zeros_like(blocks_of[0])
    return jnp.block([[blocks_of[0], none], [none, blocks_of[1]]])


def _through(P: Float[Array, "e 6 6"], across: Crossings, along: Approaches) -> Float[Array, "e 6 6"]:
    """All crossings and approaches of a piece, in the order of their places."""
    pairs = [(i, 3 + j) for i in range(3) for j in range(3)]
    pairs += [(3 * h + i, 3 * h + i + 1) for h in (0, 1) for i in (0, 1)]
    size, repeats = len(P), across.place.shape[-1]
    first, second = (np.repeat([pair[k] for pair in pairs], repeats) for k in (0, 1))
    ends = (across, along)
    place = jnp.concatenate([x.place.reshape(size, -1) for x in ends], -1)
    moved = [1.0 - across.jump, along.jump]
    moved = jnp.concatenate([x.reshape(size, -1) for x in moved], -1)
    order = jnp.argsort(lax.stop_gradient(place), -1)
    trades = jnp.asarray(np.stack([_trade(a, b) for a, b in zip(first, second, strict=True)]))[order]
    matrices = jnp.eye(6) + jnp.take_along_axis(moved, order, -1)[..., None, None] * trades
    return P @ _product(matrices)


def _trade(first: int, second: int) -> Float[np.ndarray, "6 6"]:
    """What two levels trade where all of both is traded."""
    matrix = np.zeros((6, 6))
    matrix[[first, second], [second, first]] = 1.0
    matrix[[first, second], [first, second]] = -1.0
    return matrix


def _product(matrices: Float[Array, "e c 6 6"]) -> Float[Array, "e 6 6"]:
    """One after the other, by pairs."""
    while matrices.shape[1] > 1:
        odd = matrices[:, matrices.shape[1] // 2 * 2 :]
        pairs = jnp.sum(matrices[:, :-1:2, :, :, None] * matrices[:, 1::2, None], 3)
        matrices = jnp.concatenate([pairs, odd], 1)
    return matrices[:, 0]


def _error(scheme: Scheme, grid: Float[Array, " g"], across: Crossings, along: Approaches) -> Float[Array, " e"]:
    """Of crossings that are bent, near to each other or to the start; of approaches; of mixing at the start."""
    width, undecided = across.width, jnp.where(across.there, across.jump * (1.0 - across.jump), 0.0)
    ladders = scheme.ladders(across.place)
    slopes = ladders[0].slopes[:, None] - ladders[1].slopes[None]
    couplings = scheme.coupling_squared(*ladders, across.place)
    slope, squared = own(slopes), own(couplings)
    bent = jnp.zeros_like(width)
    for side in (-0.5, 0.5):
        r = clipped(across.place + side * width, grid[0], grid[-1])
        beside = scheme.ladders(r)
        change = own(beside[0].slopes[:, None] - beside[1].slopes[None]) / jnp.where(slope == 0.0, 1.0, slope) - 1.0
        coupling = own(scheme.coupling_squared(*beside, r)) / jnp.maximum(squared, NOWHERE) - 1.0
        bent = jnp.maximum(bent, 2.0 * jnp.abs(change) + coupling**2)
    bent = undecided * clipped(jnp.where(squared > 0.0, bent, 0.0), 0.0, 1.0)
    near_start = undecided * width**2 / jnp.maximum(width**2 + (across.place - grid[0]) ** 2, NOWHERE)
    mixed = _mixing(ladders, couplings)
    apart = clipped(jnp.abs(slopes - slope) / jnp.maximum(jnp.abs(slope), NOWHERE), 0.0, 1.0)
    disturbed = _REINFORCED * undecided * jnp.sum(mixed * apart * _sharing(), (0, 1))
    jumping = jnp.where(along.there, along.jump * (1.0 - along.jump), 0.0)
    beginning = jnp.broadcast_to(grid[0], (len(width),))
    first = scheme.ladders(beginning)
    start = jnp.max(_mixing(first, scheme.coupling_squared(*first, beginning)), (0, 1))
    return jnp.sum(bent + near_start + disturbed, (1, 2, 3)) + jnp.sum(jumping, (1, 2, 3)) + start


def _missed(scheme: Scheme, grid: Float[Array, " g"], energies: Energies) -> Float[Array, " e"]:
    """Mixing of levels of either helicity where they come near to each other without crossing, over a length r."""
    difference = jnp.moveaxis(energies[0][:, None] - energies[1][None], 2, 0)
    D, same = jnp.abs(difference), jnp.diff(jnp.sign(difference), axis=-1) == 0.0
    nearest = (D[..., 1:-1] < D[..., :-2]) & (D[..., 1:-1] < D[..., 2:]) & same[..., 1:] & same[..., :-1]
    index, there = first_marked(nearest)
    place = grid[index + 1]
    ladders = scheme.ladders(place)
    couplings = scheme.coupling_squared(*ladders, place)
    turned = jnp.minimum(own(_mixing(ladders, couplings)), 4.0 * own(couplings) * place**2)
    return jnp.sum(jnp.where(there, turned, 0.0), (1, 2, 3))


def _sharing() -> Float[np.ndarray, "3 3 1 3 3 1"]:
    """Whether two pairs of levels have just one in common."""
    same = np.eye(3, dtype=bool)
    left, right = same[:, None, :, None], same[None, :, None, :]
    return (left ^ right)[:, :, None, :, :, None].astype(float)


def _mixing(ladders: tuple[Ladder, Ladder], couplings: Float[Array, "3 3 e ..."]) -> Float[Array, "3 3 e ..."]:
    """sin^2 of twice the angle by which b^2 mixes each level of left with each of right helicity."""
    left, right = ladders
    squared = 4.0 * couplings
    return squared / jnp.maximum(squared + (left.energies[:, None] - right.energies[None]) ** 2, NOWHERE)


def _flipped_behind(given: Blocks, path: Path) -> Float[Array, " e"]:
    """The largest probability of a flip behind the end, on a way as long as the path, as if all stayed as there."""
    if path.field is None:
        return jnp.zeros(given.vacuum.shape[0])
    left, right = (hermitian.eigensystem(given.vacuum[..., s, s]) for s in (slice(0, 3), slice(3, 6)))
    b = hermitian.adjoint(right[1]) @ given.flip[..., 3:, :3] @ left[1] * path.field(path.stop)
    half = half_twist(path, path.stop)
    D = left[0][..., None, :] - right[0][..., :, None] + (0.0 if half is None else 2.0 * half)
    frequency = jnp.sqrt(D**2 + 4.0 * modulus_squared(b))
    phase = clipped(0.5 * frequency * path.stop, 0.0, 0.5 * jnp.pi)
    share = 4.0 * modulus_squared(b) / jnp.maximum(frequency**2, NOWHERE)
    return jnp.max(share * jnp.sin(phase) ** 2, (-2, -1))
