"""Large batches in blocks that fit the cache of a CPU core."""

import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from nmmjax.oscillation._propagation import Beam

_BLOCK = 2048
"""Evaluations in one block: some twenty numbers each."""


def blockwise(
    f: Callable[[Beam, list[Array], tuple[int, ...]], Array],
    beam: Beam,
    way: Sequence[Array],
    batch: tuple[int, ...],
    *,
    axes: int = 0,
) -> Array:
    """f(beam, way, batch), whose result has the batch axes first, block by block along the first axis of the batch.

    On a CPU, twice as fast for a million points: they would go through memory once for every step. The numbers are the
    same. On other devices, for small batches and for a matrix at every point, all at once. Blocks are evaluated again
    in reverse mode rather than kept.

    **Arguments:** `way`, arrays with so many `axes` after those of the batch.
    """
    size = math.prod(batch)
    matrices = beam.mass_squared.ndim > 2 or (beam.nsi is not None and beam.nsi.ndim > 2)
    if jax.default_backend() != "cpu" or size <= 2 * _BLOCK or batch[0] == 1 or matrices:
        return f(beam, list(way), batch)
    rows = max(1, _BLOCK * batch[0] // size)
    count = -(-batch[0] // rows)
    leaves = [beam.energy, beam.antineutrino, *way]
    ranks = [len(batch), len(batch), *[len(batch) + axes] * len(way)]
    moving = [x.ndim == rank and x.shape[0] > 1 for x, rank in zip(leaves, ranks, strict=True)]

    def split(x: Array) -> Array:
        filled = jnp.concatenate([x, jnp.repeat(x[-1:], count * rows - batch[0], axis=0)])
        return filled.reshape(count, rows, *x.shape[1:])

    def block(pieces: list[Array]) -> Array:
        remaining = iter(pieces)
        energy, antineutrino, *rest = (next(remaining) if m else x for x, m in zip(leaves, moving, strict=True))
        return f(beam._replace(energy=energy, antineutrino=antineutrino), rest, (rows, *batch[1:]))

    found = lax.map(jax.checkpoint(block), [split(x) for x, moves in zip(leaves, moving, strict=True) if moves])
    return found.reshape(count * rows, *found.shape[2:])[: batch[0]]
