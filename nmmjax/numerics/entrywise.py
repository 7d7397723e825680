"""Matrices entry by entry.

A compiler sees through `stacked` to the entries that `entries` takes out again, and computes those that are used: what
is written this way becomes one loop over the points, without matrices in memory. All entries are stacked at once, for
with stacks of stacks it would compute what they share once for each of them, a hundred times slower in forward mode.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Num, Shaped


def entries(matrix: Num[Array, "... n m"]) -> list[list[Num[Array, "..."]]]:
    """The entries, row by row. The inverse of `stacked`."""
    *batch, n, m = matrix.shape
    pieces = lax.split(matrix.reshape(*batch, n * m), (1,) * (n * m), axis=len(batch))
    flat = [lax.squeeze(piece, (len(batch),)) for piece in pieces]
    return [flat[row * m : (row + 1) * m] for row in range(n)]


def stacked(rows: Sequence[Sequence[Shaped[Array, "..."]]]) -> Shaped[Array, "... n m"]:
    """Rows of arrays that broadcast -> the matrix of them."""
    flat = [entry for row in rows for entry in row]
    shape = jnp.broadcast_shapes(*(entry.shape for entry in flat))
    return jnp.stack([jnp.broadcast_to(entry, shape) for entry in flat], -1).reshape(*shape, len(rows), len(rows[0]))


def weighted(
    strengths: Sequence[Num[Array, "..."]], matrices: Sequence[Num[Array, "... n m"]]
) -> Num[Array, "... n m"]:
    """sum_k s_k A_k of as many numbers as matrices, which broadcast."""
    pairs = zip(strengths, matrices, strict=True)
    return jnp.asarray(sum(strength[..., None, None] * matrix for strength, matrix in pairs))


def antisymmetric(
    first: Num[Array, "..."], second: Num[Array, "..."], third: Num[Array, "..."]
) -> Num[Array, "... 3 3"]:
    """A^T = -A of order three, from A_12, A_13 and A_23."""
    zero = jnp.zeros_like(first)
    return stacked([[zero, first, second], [-first, zero, third], [-second, -third, zero]])


def hermitian(first: Num[Array, "..."], second: Num[Array, "..."], third: Num[Array, "..."]) -> Num[Array, "... 3 3"]:
    """A^+ = A of order three without a diagonal, from A_12, A_13 and A_23."""
    first, second, third = (jnp.asarray(x) for x in (first, second, third))
    zero = jnp.zeros_like(first)
    rows = [[zero, first, second], [jnp.conj(first), zero, third], [jnp.conj(second), jnp.conj(third), zero]]
    return stacked(rows)


@jax.custom_jvp
def flattened(matrix: Num[Array, "... n m"]) -> Num[Array, "... n*m"]:
    """The entries on one axis, chosen place by place: quicker to write than `stacked` where all of them are wanted."""
    flat = [entry for row in entries(matrix) for entry in row]
    place = lax.broadcasted_iota(int, (*flat[0].shape, len(flat)), flat[0].ndim)
    chosen = jnp.broadcast_to(flat[0][..., None], place.shape)
    for k, entry in enumerate(flat[1:], 1):
        chosen = jnp.where(place >= k, entry[..., None], chosen)
    return chosen


@flattened.defjvp
def _flattened_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (matrix,), (tangent,) = primals, tangents
    return flattened(matrix), tangent.reshape(*matrix.shape[:-2], -1)
