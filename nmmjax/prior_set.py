"""The priors of a fit as one pytree whose leaves have the same order in every process."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from numpyro.distributions import Distribution


@jax.tree_util.register_pytree_node_class
class PriorSet(Mapping[str, Distribution]):
    """Distributions by name, in the order of the names.

    numpyro keeps the fields of a distribution in a set, whose order follows the hash seed of the process; here they are
    flattened in the order of their names, so that two processes lower one program to one text.

    **Arguments:** a distribution for each name. Their numbers become arrays: they may change without a new compilation.
    """

    def __init__(self, priors: Mapping[str, Distribution]):
        self._priors = {name: jax.tree.map(_as_array, priors[name]) for name in sorted(priors)}

    def __getitem__(self, name: str) -> Distribution:
        return self._priors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._priors)

    def __len__(self) -> int:
        return len(self._priors)

    def __repr__(self) -> str:
        return f"PriorSet({', '.join(self._priors)})"

    def tree_flatten(self) -> tuple[tuple[Any, ...], tuple[tuple[str, ...], Any]]:
        """Numbers in the order of names and fields; names and structure."""
        leaves, structure = jax.tree.flatten(list(self._priors.values()))
        return tuple(leaves[i] for i in _order(structure)), (tuple(self._priors), structure)

    @classmethod
    def tree_unflatten(cls, static: tuple[tuple[str, ...], Any], ordered: tuple[Any, ...]) -> "PriorSet":
        """From what `tree_flatten` gives."""
        names, structure = static
        leaves = list(ordered)
        for place, leaf in zip(_order(structure), ordered, strict=True):
            leaves[place] = leaf
        made = cls({})
        made._priors = dict(zip(names, jax.tree.unflatten(structure, leaves), strict=True))
        return made


@cache
def _order(structure: Any) -> tuple[int, ...]:
    """Positions, among the leaves as JAX counts them, of the fields in the order of their names."""
    return tuple(_positions(jax.tree.unflatten(structure, range(structure.num_leaves))))


def _positions(node: Any) -> Iterator[int]:
    if isinstance(node, Distribution):
        for name in sorted(type(node).gather_pytree_data_fields()):
            yield from _positions(node.__dict__.get(name))
        return
    for child in jax.tree.leaves(node, is_leaf=lambda x: isinstance(x, Distribution)):
        if isinstance(child, Distribution):
            yield from _positions(child)
        else:
            yield child


def _as_array(leaf: Any) -> jax.Array:
    return jnp.asarray(leaf, jnp.result_type(float)) if isinstance(leaf, float | int) else jnp.asarray(leaf)
