"""Large batches in blocks that fit the cache of a CPU core."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from nmmjax.media.path import Path
from nmmjax.numerics.entrywise import entries, flattened, stacked
from nmmjax.oscillation._propagation import Beam

_BLOCK = 2048
"""Evaluations in one block: some twenty numbers each."""


def blockwise(
    f: Callable[[Beam, Path, tuple[int, ...]], Array], beam: Beam, path: Path, batch: tuple[int, ...]
) -> Array:
    """f(beam, path, batch), a matrix with the batch axes first, block by block along the first axis of the batch.

    On a CPU, several times as fast for a million points: they would go through memory once for every step. The numbers
    are the same. On other devices and for small batches, all at once. Blocks are evaluated again in reverse mode rather
    than kept.
    """
    size = math.prod(batch)
    if jax.default_backend() != "cpu" or size <= 2 * _BLOCK or batch[0] == 1:
        return f(beam, path, batch)
    rows = _divisor_near(batch[0], max(1, _BLOCK * batch[0] // size))
    blocks = -(-batch[0] // rows)
    filling = blocks * rows - batch[0]
    matrices, tree = jax.tree.flatten(_on_matrices(entries, beam))
    leaves = [*matrices, *path.broadcasting()]
    ranks = [len(batch)] * len(matrices) + [len(batch) + own for own in path.own_axes.values()]
    moving = [x.ndim == rank and x.shape[0] > 1 for x, rank in zip(leaves, ranks, strict=True)]

    def split(x: Array) -> Array:
        filled = jnp.concatenate([x, jnp.repeat(x[-1:], filling, axis=0)]) if filling else x
        return filled.reshape(blocks, rows, *x.shape[1:])

    def block(pieces: list[Array]) -> Array:
        remaining = iter(pieces)
        whole = [next(remaining) if moves else x for x, moves in zip(leaves, moving, strict=True)]
        beam = _on_matrices(stacked, jax.tree.unflatten(tree, whole[: len(matrices)]))
        return flattened(f(beam, path.with_broadcasting(whole[len(matrices) :]), (rows, *batch[1:])))

    found = lax.map(jax.checkpoint(block), [split(x) for x, moves in zip(leaves, moving, strict=True) if moves])
    n = beam.mass_squared.shape[-1]
    found = found.reshape(blocks * rows, *batch[1:], n, n)
    return found[: batch[0]] if filling else found


def _on_matrices(change: Callable[[Any], Any], beam: Beam) -> Beam:
    nsi = beam.nsi
    if nsi is not None:
        nsi = nsi._replace(charged=change(nsi.charged), neutron=None if nsi.neutron is None else change(nsi.neutron))
    return beam._replace(mass_squared=change(beam.mass_squared), nsi=nsi)


def _divisor_near(total: int, wanted: int) -> int:
    """Rows of a block: about as many as wanted, a divisor if there is one, so that nothing is filled up and cut off."""
    near = sorted(range(wanted // 2 + 1, 2 * wanted), key=lambda rows: abs(rows - wanted))
    return next((rows for rows in near if total % rows == 0), wanted)
