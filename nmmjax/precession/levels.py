"""Levels along the way: the energies of states that keep their name where levels cross, and of those that do not.

Levels cross in the basis that leaves nothing between states which matter cannot tell apart: nu_e, and of nu_mu and
nu_tau the two mixtures nu_x1, nu_x2 that are diagonal in K = M^dagger M / 2E, ascending; likewise their antineutrinos
(Majorana), or the mass states N_1, N_2, ... of the right-handed partners (Dirac). This basis is one for all places and
energies. Sterile states keep theirs.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Int, Real

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import modulus_squared
from nmmjax.precession.hamiltonian import Blocks, blocks, hamiltonian, squared_masses, strengths
from nmmjax.precession.path import Path


_NOWHERE = 1e-300


class Levels(NamedTuple):
    """Energies of levels [km^-1] at places r, (..., r, 2n)."""

    crossing: Float[Array, "... r m"]
    """Of the states `names`: the diagonal of H in the basis of this module."""
    eigenvalues: Float[Array, "... r m"]
    """Of H, ascending: these never cross."""


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
    """The level scheme of energies [MeV] at places r [km] along a path; a common energy is left out."""
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range("places", places, low=0.0, unit="km")
    return _levels(neutrinos, jnp.asarray(energy, float), path, jnp.asarray(places, float), antineutrino, constants)


def _levels(
    neutrinos: Neutrinos,
    energy: Float[Array, "..."],
    path: Path,
    places: Float[Array, " r"],
    antineutrino: bool,
    constants: Constants,
) -> Levels:
    given = crossing_blocks(neutrinos, energy, jnp.asarray(antineutrino), constants)
    H = jax.vmap(lambda r: hamiltonian(given, path, constants, r), out_axes=-3)(places)
    return Levels(jnp.diagonal(H, axis1=-2, axis2=-1).real, jnp.linalg.eigvalsh(H))


def state_names(neutrinos: Neutrinos) -> tuple[str, ...]:
    """The names of the levels: nu_e, nu_x1, nu_x2, sterile states, then those of right helicity."""
    n = neutrinos.mass_matrix.shape[-1]
    left = ("nu_e", "nu_x1", "nu_x2", *(f"nu_s{k}" for k in range(1, n - 2)))
    if neutrinos.nature.self_conjugate:
        return left + tuple(f"anti{name}" for name in left)
    return left + tuple(f"N_{k}" for k in range(1, n + 1))


def crossing_basis(neutrinos: Neutrinos, antineutrino: Bool[Array, "..."]) -> Complex[Array, "m m"]:
    """The states in which levels cross, as columns in the flavor basis."""
    left = jnp.eye(neutrinos.mass_matrix.shape[-1]) + 0j
    left = left.at[1:3, 1:3].set(hermitian.eigensystem(neutrinos.mass_squared[1:3, 1:3])[1])
    if neutrinos.nature.self_conjugate:
        right = jnp.conj(left)
    else:
        right = hermitian.eigensystem(squared_masses(neutrinos)[1])[1]
    none = jnp.zeros_like(left)
    Q = jnp.block([[left, none], [none, right]])
    return jnp.where(jnp.asarray(antineutrino)[..., None, None], jnp.conj(Q), Q)


def crossing_blocks(
    neutrinos: Neutrinos, energy: Float[Array, "..."], antineutrino: Bool[Array, "..."], constants: Constants
) -> Blocks:
    """The matrices of H in the basis in which levels cross."""
    given, Q = blocks(neutrinos, energy, antineutrino, constants), crossing_basis(neutrinos, antineutrino)
    turned = {name: hermitian.adjoint(Q) @ getattr(given, name) @ Q for name in ("vacuum", "flip")}
    return given._replace(**turned)


class Gaps(NamedTuple):
    """Differences of two levels and what couples them, for all pairs of levels, as functions of the place."""

    given: Blocks
    path: Path
    constants: Constants
    electrons: tuple[int, ...]
    """Where nu_e stands among the states, and where its antineutrino does."""
    first: np.ndarray
    second: np.ndarray

    def difference(self, r: Float[Array, "... k"] | None) -> Float[Array, "... pairs k"]:
        """D = H_aa - H_bb [km^-1] at r [km], which broadcasts against the pairs; in vacuum where r is None.

        Of nu_e and one of nu_x with the level of nu_e as the other nu_x, coupled to it by the masses, repels it: where
        theta13 hides that of theta12 a crossing would else be found in antineutrinos.
        """
        every = np.arange(len(self.first))
        repelled, by = self._repelled()
        if r is None:
            found, other = self._between(every, None), self._between(by, None)
        else:
            r = jnp.broadcast_to(r, jnp.broadcast_shapes(r.shape, (len(every), 1)))
            found, other = self._between(every, r), self._between(by, r[..., repelled, :])
        squared = modulus_squared(self.given.vacuum[..., self.first[by], self.second[by]])[..., None]
        return found.at[..., repelled, :].add(_repulsion(other, squared))

    def coupling_squared(self, r: Float[Array, "... pairs k"]) -> Float[Array, "... pairs k"]:
        """b^2 = |H_ab|^2 [km^-2]."""
        H = self.given.vacuum[..., self.first, self.second, None]
        if self.path.field is not None:
            H = H + self.path.field(r) * self.given.flip[..., self.first, self.second, None]
        return modulus_squared(H)

    def ranks(self) -> Int[Array, "... m"]:
        """The place of each level among those of its helicity in vacuum, from below; those of right helicity last."""
        n = self.given.vacuum.shape[-1] // 2
        same = (self.first < n) == (self.second < n)
        above = (self.difference(None)[..., 0] > 0.0).astype(int)
        rank = jnp.zeros((*above.shape[:-1], 2 * n), int).at[..., n:].set(n)
        return rank.at[..., self.first[same]].add(above[..., same]).at[..., self.second[same]].add(1 - above[..., same])

    def _between(self, pairs: np.ndarray, r: Float[Array, "... p k"] | None) -> Float[Array, "... p k"]:
        """The difference of the diagonal elements of some pairs at places of their own."""

        def of_pairs(matrix: Complex[Array, "... m m"]) -> Float[Array, "... p 1"]:
            diagonal = jnp.diagonal(matrix, axis1=-2, axis2=-1).real
            return (diagonal[..., self.first[pairs]] - diagonal[..., self.second[pairs]])[..., None]

        found = of_pairs(self.given.vacuum)
        if r is not None:
            for strength, matrix in zip(strengths(self.path, self.constants, r), self.given[1:-1], strict=False):
                if strength is not None:
                    found = found + strength * of_pairs(matrix)
        return found

    def _repelled(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the pairs (e, x1) and (e, x2) of each helicity that has them, and of the other of the two."""
        index = {pair: k for k, pair in enumerate(zip(self.first.tolist(), self.second.tolist(), strict=True))}
        pairs = [(index[e, e + k], index[e, e + 3 - k]) for e in self.electrons for k in (1, 2)]
        return np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])


def _repulsion(difference: Float[Array, "..."], squared: Float[Array, "..."]) -> Float[Array, "..."]:
    """What a coupling b adds to the upper of two levels D apart, (sqrt(D^2 + 4 b^2) - |D|) / 2 with the sign of D.

    Switched off where D < 2b, where the two cross themselves and the levels have no names.
    """
    fourth, square = squared**2, difference**2
    root = jnp.sqrt(square + 4.0 * squared) + jnp.abs(difference)
    away = square**2 / jnp.maximum(square**2 + 16.0 * fourth, _NOWHERE)
    return away * jnp.sign(difference) * 2.0 * squared / jnp.maximum(root, _NOWHERE)


def all_pairs(
    neutrinos: Neutrinos, energy: Float[Array, "..."], path: Path, antineutrino: Bool[Array, ""], constants: Constants
) -> Gaps:
    """Of each level with each later one, for energies [MeV]."""
    given = crossing_blocks(neutrinos, energy, antineutrino, constants)
    size = given.vacuum.shape[-1]
    first, second = np.triu_indices(size, 1)
    return Gaps(given, path, constants, (0, size // 2) if neutrinos.nature.self_conjugate else (0,), first, second)
