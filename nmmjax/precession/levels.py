"""Levels along the way: what neutrinos of one helicity would follow if no field could flip them.

Of each helicity three levels never meet, the eigenvalues of its block of H: where two of them come near, flavors trade
places (MSW). A level of one helicity and one of the other cross freely; a field couples them there,

    D = w_i - w_j,    b_ij = B |<j| lambda |i>|.

In vacuum the levels are the mass states, by ascending mass. Arrays inside have the axes of matrices and levels first.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Complex, Float, Real

from nmmjax import _checks
from nmmjax._compilation import stage
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import projectors
from nmmjax.numerics.special import clipped, modulus_squared
from nmmjax.precession.hamiltonian import Blocks, blocks, checked_beam, half_twist, hamiltonian, potentials
from nmmjax.precession.path import Path

_Matrices = Complex[Array, "3 3 ..."]


class Levels(NamedTuple):
    """Energies of levels [km^-1] at places r; one that is common to all of them is left out."""

    left: Float[Array, "... r n"]
    """Of neutrinos of left helicity, ascending, as if there were no field."""
    right: Float[Array, "... r n"]
    """Of right helicity."""
    together: Float[Array, "... r 2n"]
    """Eigenvalues of H, ascending: these never cross."""


@public
def levels(
    neutrinos: Neutrinos,
    energy: Real[ArrayLike, "..."],
    path: Path,
    places: Real[ArrayLike, " r"],
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Levels:
    """The level scheme of energies [MeV] at places r [km] along a path.

    **Raises:** `ValueError` that names the argument.
    """
    energy, other = checked_beam(neutrinos, energy, antineutrino)
    start, stop = (_checks.concrete(end) for end in (path.start, path.stop))
    low, high = (0.0, math.inf) if start is None or stop is None else (float(start), float(stop))
    _checks.check_range("places", places, low=low, high=high, unit="km")
    given = blocks(neutrinos, energy, other, constants)
    H = jax.vmap(lambda r: hamiltonian(given, path, constants, r), out_axes=-3)(jnp.asarray(places, float))
    n = H.shape[-1] // 2
    parts = (H[..., :n, :n], H[..., n:, n:], H)
    return Levels(*(jnp.linalg.eigvalsh(part) for part in parts))


class Ladder(NamedTuple):
    """The levels of one helicity, ascending, and how they change along the way."""

    energies: Float[Array, "3 ..."]
    """[km^-1]."""
    slopes: Float[Array, "3 ..."]
    """dw/dr = <i| dH/dr |i> [km^-2]."""
    states: Complex[Array, "3 3 3 ..."]
    """Projectors, the level first."""


class Scheme(NamedTuple):
    """The levels of three flavors of either helicity as functions of the place; energies on one axis.

    The twist, which moves all levels of one helicity alike, is kept apart: what does not depend on it is known where it
    alone is sampled.
    """

    given: Blocks
    path: Path
    constants: Constants

    @classmethod
    def of(cls, given: Blocks, path: Path, constants: Constants) -> "Scheme":
        """With the axes of matrices first; all of `given` have one axis of energies, or none."""
        return cls(Blocks(*(jnp.moveaxis(A, (-2, -1), (0, 1)) for A in given)), path, constants)

    def energies(self, r: Float[Array, "e ..."]) -> tuple[Float[Array, "3 e ..."], Float[Array, "3 e ..."]]:
        """Of left and of right helicity at places r [km] of their own for each energy."""
        return self._twisted([_energies(matrix)[0] for matrix in self._matrices(r)], r)

    def rough_energies(self, r: Float[Array, "e ..."]) -> tuple[Float[Array, "3 e ..."], Float[Array, "3 e ..."]]:
        """The same to 1e-8 of the largest, in a fifth of the time: to look for what is computed then."""
        return self._twisted([_rough(matrix) for matrix in self._matrices(r)], r)

    def ladders(self, r: Float[Array, "e ..."]) -> tuple[Ladder, Ladder]:
        """The levels of left and of right helicity at places r [km]."""
        matrices, changes = jax.jvp(self._matrices, (r,), (jnp.ones_like(r),))
        found = [_ladder(matrix, change) for matrix, change in zip(matrices, changes, strict=True)]
        energies = self._twisted([ladder.energies for ladder in found], r)
        _, bends = jax.jvp(lambda r: self._twisted([jnp.zeros((1, *r.shape))] * 2, r), (r,), (jnp.ones_like(r),))
        left, right = (
            ladder._replace(energies=energy, slopes=ladder.slopes + bend)
            for ladder, energy, bend in zip(found, energies, bends, strict=True)
        )
        return left, right

    def _twisted(
        self, energies: list[Float[Array, "n ..."]], r: Float[Array, "..."]
    ) -> tuple[Float[Array, "n ..."], Float[Array, "n ..."]]:
        """With +- phi' / 2 of the helicity: of both signs for antineutrinos of Dirac."""
        half = half_twist(self.path, r)
        if half is None:
            return energies[0], energies[1]
        sign = jnp.real(self.given.helicity[0, 0])
        return energies[0] + sign * half, energies[1] - sign * half

    def coupling_squared(self, left: Ladder, right: Ladder, r: Float[Array, "e ..."]) -> Float[Array, "3 3 e ..."]:
        """b^2 [km^-2] of each level of left with each of right helicity: B^2 tr(Pi_j lambda Pi_i lambda^dagger)."""
        if self.path.field is None:
            return jnp.zeros((3, 3, *r.shape))
        flip = self._block(self.given.flip, 1, 0, r)
        back = jnp.conj(jnp.swapaxes(flip, 0, 1))
        turned = [projectors.product(projectors.product(flip, left.states[i]), back) for i in range(3)]
        squared = [
            [jnp.sum(jnp.real(turned[i] * jnp.swapaxes(right.states[j], 0, 1)), (0, 1)) for j in range(3)]
            for i in range(3)
        ]
        return self.path.field(r) ** 2 * jnp.maximum(jnp.stack([jnp.stack(row) for row in squared]), 0.0)

    def _matrices(self, r: Float[Array, "e ..."]) -> tuple[_Matrices, _Matrices]:
        charged, neutral = potentials(self.path, self.constants, r)
        found = []
        for helicity in (0, 1):
            H = self._block(self.given.vacuum, helicity, helicity, r)
            if charged is not None and neutral is not None:
                H = H + charged * self._block(self.given.charged, helicity, helicity, r)
                H = H + neutral * self._block(self.given.neutral, helicity, helicity, r)
            found.append(jnp.broadcast_to(H, (3, 3, *r.shape)))
        return found[0], found[1]

    @staticmethod
    def _block(matrix: Complex[Array, "6 6 ..."], row: int, column: int, r: Float[Array, "..."]) -> _Matrices:
        part = matrix[3 * row : 3 * row + 3, 3 * column : 3 * column + 3]
        return part.reshape(*part.shape, *(1,) * (r.ndim - (part.ndim - 2)))


_levels = stage(projectors.levels)


def _energies(A: _Matrices) -> tuple[Float[Array, "3 ..."], projectors.Levels]:
    found = _levels(A)
    mean = jnp.real(projectors.trace(A)) / 3.0
    return jnp.stack(found.energies) + mean, found


def _rough(A: _Matrices) -> Float[Array, "3 ..."]:
    """Eigenvalues by Cardano's formula, ascending."""
    mean = jnp.real(projectors.trace(A)) / 3.0
    x, y, z = (jnp.real(A[k, k]) - mean for k in range(3))
    a, b, c = (modulus_squared(A[j, k]) for j, k in ((0, 1), (0, 2), (1, 2)))
    q = (x**2 + y**2 + z**2 + 2.0 * (a + b + c)) / 6.0
    half_determinant = 0.5 * (x * y * z - x * c - y * b - z * a) + jnp.real(A[0, 1] * A[1, 2] * A[2, 0])
    size = jnp.sqrt(q)
    angle = jnp.arccos(clipped(half_determinant / jnp.maximum(size * q, 1e-300), -1.0, 1.0)) / 3.0
    turned = (angle + 2.0 * jnp.pi / 3.0, angle - 2.0 * jnp.pi / 3.0, angle)
    return jnp.stack([2.0 * size * jnp.cos(each) for each in turned]) + mean


def _ladder(A: _Matrices, change: _Matrices) -> Ladder:
    energies, found = _energies(A)
    states = jnp.stack(found.projectors)
    slopes = jnp.sum(jnp.real(states * jnp.swapaxes(change, 0, 1)[None]), (1, 2))
    return Ladder(energies, slopes, states)
