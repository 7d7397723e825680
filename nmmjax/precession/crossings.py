"""Where levels come near to each other, and whether neutrinos follow them there or jump.

Two levels with the difference D(r) of their energies and the coupling b cross where D = 0. There a neutrino stays in
the state it is named after, and so jumps from one eigenvalue to the other, with the probability of L. D. Landau,
Phys. Z. Sowjetunion 2, 46 (1932) and C. Zener, Proc. R. Soc. A 137, 696 (1932),

    P_jump = exp(-pi gamma / 2),    gamma = (2b)^2 / |D'|.

Two levels of one helicity are nearest to each other where g^2 = D^2 + (2b)^2 of their distance g is least; there
2b = g and D'^2 = (g^2)'' / 2. Of S. Jana and Y. Porto, Phys. Rev. Lett. 132, 101005 (2024) the adiabaticity is 2 gamma.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, ArrayLike, Bool, Float, Int, Real

from nmmjax import _checks, mixing
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics.special import clipped, smaller
from nmmjax.precession.hamiltonian import blocks, checked_beam
from nmmjax.precession.levels import Ladder, Scheme
from nmmjax.precession.path import Path

_GRID = 256
"""Places of a smooth piece of the way, evenly in ln r, between which something is looked for."""
_MOST = 2
"""Crossings of one pair of levels, and approaches, in one piece."""
_REFINEMENTS = 6
"""Of a bracket, by the rule of Illinois: what they leave open two steps of Newton's method end."""
NOWHERE = 1e-300
_ROUNDING = 1e-13
"""Of the largest energy: levels of two helicities that lie nearer, as in vacuum, do not cross."""


class Crossings(NamedTuple):
    """Of levels of left helicity i and right helicity j in one piece of the way; [energy, i, j, k].

    What does not exist lies at the end and is jumped over.
    """

    place: Float[Array, "e 3 3 k"]
    """[km]."""
    there: Bool[Array, "e 3 3 k"]
    gap: Float[Array, "e 3 3 k"]
    """2b, by which the eigenvalues stay apart [km^-1]."""
    slope: Float[Array, "e 3 3 k"]
    """D' [km^-2]."""
    jump: Float[Array, "e 3 3 k"]
    """P_jump."""

    @property
    def width(self) -> Float[Array, "e 3 3 k"]:
        """Half of the way on which |D| < 2b [km]."""
        return self.gap / jnp.maximum(jnp.abs(self.slope), NOWHERE)


class Approaches(NamedTuple):
    """Of the levels i and i + 1 of one helicity h; [energy, h, i, k]."""

    place: Float[Array, "e 2 2 k"]
    there: Bool[Array, "e 2 2 k"]
    gap: Float[Array, "e 2 2 k"]
    """Least distance [km^-1]."""
    slope: Float[Array, "e 2 2 k"]
    """|D'| [km^-2]."""
    jump: Float[Array, "e 2 2 k"]


class Resonance(NamedTuple):
    """A crossing of two levels, its place in km; `doubled_adiabaticity` is that of Jana and Porto."""

    kind: str
    """"MSW" (two flavors of one helicity), "spin-flavor" (a neutrino and an antineutrino), or "twist": a neutrino and
    its right-handed partner, V + phi' = 0 beside the masses."""
    levels: tuple[str, str]
    """The mass states that the two levels become in vacuum."""
    flavors: tuple[str, str]
    """What is more in them there before: nu_e, or a mixture nu_x of nu_mu and nu_tau; the partners N have none."""
    place: float
    """[km]."""
    gap: float
    """2b [km^-1]."""
    adiabaticity: float
    """gamma = (2b)^2 / |D'|: neutrinos follow the level where it is large, P_jump = exp(-pi gamma / 2). Where partners
    are degenerate it is shared among several crossings at one place, of which the sum has a meaning.
    """
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

    Crossings of levels that nothing couples are left out. Of one pair of levels the first two in each smooth piece of
    the way are seen, unless they lie between neighbors of 256 places (evenly in ln r).

    **Raises:** `ValueError` that names the argument; for more than three flavors too.
    """
    energy, _ = checked_beam(neutrinos, energy, antineutrino)
    check_three("neutrinos", neutrinos)
    found = jax.tree.map(np.asarray, _all(neutrinos, energy[None], path, antineutrino, constants))
    names = _names(neutrinos, antineutrino)
    listed = [line for part in found for line in _lines(part, names, neutrinos.nature.self_conjugate)]
    return tuple(sorted(listed, key=lambda line: line.place))


class _Found(NamedTuple):
    """Of one piece of the way."""

    crossings: Crossings
    approaches: Approaches
    at_crossings: Float[Array, "2 3 1 3 3 k"]
    """Share of nu_e in each level [helicity, level, ...], a little before."""
    at_approaches: Float[Array, "2 3 1 2 2 k"]


@partial(jax.jit, static_argnums=(3, 4))
def _all(
    neutrinos: Neutrinos, energy: Float[Array, " 1"], path: Path, antineutrino: bool, constants: Constants
) -> list[_Found]:
    scheme = Scheme.of(blocks(neutrinos, energy, jnp.asarray(antineutrino), constants), path, constants)
    found = []
    for start, stop in path.pieces():
        grid, energies = on_grid(scheme, start, stop, 1)
        across, along = crossings(scheme, grid, energies), approaches(scheme, grid, energies)
        shares = [
            jnp.stack([ladder.states[:, 0, 0].real for ladder in scheme.ladders(jnp.maximum(place - width, grid[0]))])
            for place, width in ((across.place, across.width), (along.place, along.gap / along.slope))
        ]
        found.append(_Found(across, along, *shares))
    return found


def _names(neutrinos: Neutrinos, antineutrino: bool) -> tuple[list[str], list[str]]:
    """Of the mass states of left and of right helicity by ascending mass."""
    squares = np.linalg.eigvalsh(np.asarray(neutrinos.mass_squared))
    labels = np.argsort(np.asarray(mixing.label_order(jnp.asarray(squares)))) + 1
    anti = "anti" if antineutrino else ""
    left = [f"{anti}nu_{k}" for k in labels]
    if neutrinos.nature.self_conjugate:
        return left, [f"antinu_{k}" for k in labels]
    return left, [f"{anti}N_{k}" for k in labels]


def _lines(found: _Found, names: tuple[list[str], list[str]], self_conjugate: bool) -> list[Resonance]:
    def flavor(name: str, share: float) -> str:
        if "N_" in name:
            return name
        return ("antinu_" if name.startswith("anti") else "nu_") + ("e" if share > 0.5 else "x")

    lines = []
    for (e, i, j, k), there in np.ndenumerate(found.crossings.there):
        if there and found.crossings.gap[e, i, j, k] > 0.0:
            pair, shares = (names[0][i], names[1][j]), found.at_crossings[[0, 1], [i, j], e, i, j, k]
            kind = "spin-flavor" if self_conjugate else "twist"
            lines.append(_line(kind, pair, tuple(map(flavor, pair, shares)), found.crossings, (e, i, j, k)))
    for (e, h, i, k), there in np.ndenumerate(found.approaches.there):
        if there:
            pair, shares = (names[h][i], names[h][i + 1]), found.at_approaches[h, [i, i + 1], e, h, i, k]
            lines.append(_line("MSW", pair, tuple(map(flavor, pair, shares)), found.approaches, (e, h, i, k)))
    return lines


def _line(
    kind: str, pair: tuple[str, str], flavors: tuple[str, ...], found: Crossings | Approaches, at: tuple[int, ...]
) -> Resonance:
    place, gap, slope, jump = (float(x[at]) for x in (found.place, found.gap, found.slope, found.jump))
    return Resonance(kind, pair, (flavors[0], flavors[1]), place, gap, gap**2 / max(abs(slope), NOWHERE), jump)


def check_three(argument: str, neutrinos: Neutrinos) -> None:
    """Raise for sterile states."""
    n = neutrinos.mass_matrix.shape[-1]
    if n != 3:
        _checks.fail(argument, "have three flavors here", f"it has {n}")


Energies = tuple[Float[Array, "3 e g"], Float[Array, "3 e g"]]


def on_grid(
    scheme: Scheme, start: Float[Array, ""], stop: Float[Array, ""], energies: int
) -> tuple[Float[Array, " g"], Energies]:
    """Places from just behind the start of a piece, where a step has been taken, to its stop; levels there."""
    first = jnp.maximum(start, 1e-6 * stop) * (1.0 + 1e-12)
    grid = jnp.exp(jnp.linspace(jnp.log(first), jnp.log(stop), _GRID)).at[0].set(first).at[-1].set(stop)
    grid = lax.stop_gradient(grid)
    return grid, lax.stop_gradient(scheme.rough_energies(jnp.broadcast_to(grid, (energies, _GRID))))


def crossings(scheme: Scheme, grid: Float[Array, " g"], energies: Energies) -> Crossings:
    """Between neighbors of which D changes its sign."""
    left, right = energies
    D = jnp.moveaxis(left[:, None] - right[None], 2, 0)
    positive = -_ROUNDING * jnp.max(jnp.abs(jnp.stack(energies)), (0, 1))[:, None, None] < D
    index, there = first_marked(positive[..., 1:] != positive[..., :-1])
    place = lax.stop_gradient(_bracketed(scheme, grid, D, index, there))
    for _ in range(2):  # with the derivatives of where D vanishes, to second order
        value, slope = _difference(scheme.ladders(place))
        place = place - jnp.where(there, value / jnp.where(slope == 0.0, 1.0, slope), 0.0)
    ladders = scheme.ladders(place)
    _, slope = _difference(ladders)
    squared = 4.0 * own(scheme.coupling_squared(*ladders, place))
    exponent = 0.5 * jnp.pi * squared / jnp.where(there & (slope != 0.0), jnp.abs(slope), 1.0)
    return Crossings(
        place,
        there,
        jnp.where(there, lax.stop_gradient(jnp.sqrt(squared)), 0.0),
        slope,
        jnp.where(there, jnp.exp(-exponent), 1.0),
    )


def approaches(scheme: Scheme, grid: Float[Array, " g"], energies: Energies) -> Approaches:
    """Where the distance of neighboring levels of one helicity is less than at the neighboring places."""
    gaps = jnp.moveaxis(jnp.stack([levels[1:] - levels[:-1] for levels in energies]), 2, 0)
    least = (gaps[..., 1:-1] < gaps[..., :-2]) & (gaps[..., 1:-1] < gaps[..., 2:])
    index, there = first_marked(least)
    place, step = grid[index + 1], 0.5 * (grid[index + 2] - grid[index])

    def squared(r: Float[Array, "e 2 2 k"]) -> Float[Array, "e 2 2 k"]:
        """g^2 of each own pair."""
        found = scheme.energies(r)
        pairs = [[(found[h][i + 1] - found[h][i])[:, h, i] ** 2 for i in (0, 1)] for h in (0, 1)]
        return jnp.stack([jnp.stack(of_one, 1) for of_one in pairs], 1)

    here, low, high = squared(place), squared(place - step), squared(place + step)
    bend = low - 2.0 * here + high
    there = there & (bend > 0.0)  # not where levels coincide all along
    bend = jnp.where(there, bend, 1.0)
    shift = clipped(0.5 * (low - high) / bend, -1.0, 1.0)
    gap2 = jnp.maximum(here - 0.125 * (low - high) ** 2 / bend, 0.0)
    slope = jnp.where(there, jnp.sqrt(jnp.maximum(0.5 * bend / step**2, NOWHERE)), 1.0)
    jump = jnp.exp(-0.5 * jnp.pi * gap2 / slope)
    return Approaches(
        lax.stop_gradient(place + shift * step),
        there,
        jnp.sqrt(lax.stop_gradient(gap2)),
        slope,
        jnp.where(there, jump, 0.0),
    )


def own(x: Float[Array, "3 3 e 3 3 k"]) -> Float[Array, "e 3 3 k"]:
    """Of what all pairs i, j of levels have at the places of all crossings: what each crossing's own pair has."""
    return jnp.stack([jnp.stack([x[i, j, :, i, j] for j in range(3)], 1) for i in range(3)], 1)


def _difference(ladders: tuple[Ladder, Ladder]) -> tuple[Float[Array, "e 3 3 k"], Float[Array, "e 3 3 k"]]:
    """D and D' of each crossing."""
    left, right = ladders
    return own(left.energies[:, None] - right.energies[None]), own(left.slopes[:, None] - right.slopes[None])


def first_marked(marks: Bool[Array, "... g"]) -> tuple[Int[Array, "... k"], Bool[Array, "... k"]]:
    """The first of the marked places, and whether they are marked."""
    size, found = marks.shape[-1], []
    for _ in range(_MOST):
        index = jnp.argmax(marks, -1)
        found.append((index, jnp.take_along_axis(marks, index[..., None], -1)[..., 0]))
        marks = marks & (jnp.arange(size) > index[..., None])
    return jnp.stack([index for index, _ in found], -1), jnp.stack([there for _, there in found], -1)


def _bracketed(
    scheme: Scheme,
    grid: Float[Array, " g"],
    D: Float[Array, "e 3 3 g"],
    index: Int[Array, "e 3 3 k"],
    there: Bool[Array, "e 3 3 k"],
) -> Float[Array, "e 3 3 k"]:
    """By secants; the end that stays counts half."""
    a, b = grid[index], grid[index + 1]
    at_a, at_b = (jnp.take_along_axis(D, index + k, -1) for k in (0, 1))

    def narrowed(_: int, state: tuple[Array, ...]) -> tuple[Array, ...]:
        a, b, at_a, at_b = state
        c = clipped(b - at_b * (b - a) / jnp.where(at_b == at_a, 1.0, at_b - at_a), smaller(a, b), jnp.maximum(a, b))
        left, right = scheme.rough_energies(c)
        at_c = own(left[:, None] - right[None])
        passed = (at_c > 0.0) != (at_b > 0.0)
        return jnp.where(passed, b, a), c, jnp.where(passed, at_b, 0.5 * at_a), at_c

    a, b, at_a, at_b = lax.fori_loop(0, _REFINEMENTS, narrowed, (a, b, at_a, at_b))
    return jnp.where(there, b, grid[-1])
