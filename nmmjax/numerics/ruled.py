"""Functions with a derivative of their own that stays in force wherever JAX takes derivatives.

`jax.custom_jvp` promises less: where reverse mode splits a `scan`, `map`, `checkpoint` or compiled function into what
is known and what is linear, it calls the function itself and forgets its rule, and a second derivative is that of the
function as written. Where this is another one (of a frozen eigenbasis, of a zero), the Hessian is silently wrong.
Here a function is a primitive operation of JAX's, which nothing splits.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import jax
import jax.core
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

_Found = TypeVar("_Found")
_Flat = Callable[..., Sequence[Any]]
_Rule = Callable[..., tuple[Sequence[Any], Sequence[Any]]]


class Ruled(Generic[_Found]):
    """A function of pytrees of arrays; its rule is given by `defjvp`."""

    def __init__(self, function: Callable[..., _Found]):
        self._function = function
        self._rule: Callable[..., tuple[_Found, _Found]] | None = None
        functools.update_wrapper(self, function)

    def defjvp(self, rule: Callable[..., tuple[_Found, _Found]]) -> Callable[..., tuple[_Found, _Found]]:
        """Take `rule(primals, tangents) -> value, tangent`, in which None stands for tangents that vanish.

        The rule may be differentiated, but must hand no tangent to anything with a rule of its own.
        """
        self._rule = rule
        return rule

    def __call__(self, *arguments: Any) -> _Found:
        """The function's value."""
        leaves, tree = jax.tree.flatten(arguments)
        shape = jax.eval_shape(self._function, *arguments)
        found = _ruled.bind(*leaves, **self._flat(tree))
        return jax.tree.unflatten(jax.tree.structure(shape), found)

    @functools.cache  # noqa: B019  (one for each structure of arguments of a function that lives as long)
    def _flat(self, tree: Any) -> dict[str, Any]:
        """The function and its rule, of the leaves of such arguments."""

        def function(*leaves: Any) -> Sequence[Any]:
            return jax.tree.leaves(self._function(*jax.tree.unflatten(tree, leaves)))

        def rule(leaves: Sequence[Any], tangents: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
            assert self._rule is not None
            value, tangent = self._rule(jax.tree.unflatten(tree, leaves), jax.tree.unflatten(tree, tangents))
            return jax.tree.leaves(value), jax.tree.leaves(tangent)

        return {"function": function, "rule": rule}


_ruled = Primitive("ruled")
_ruled.multiple_results = True


@_ruled.def_impl
def _evaluated(*leaves: Any, function: _Flat, rule: _Rule) -> Sequence[Any]:
    del rule
    return function(*leaves)


@_ruled.def_abstract_eval
def _shapes(*leaves: Any, function: _Flat, rule: _Rule) -> Sequence[Any]:
    del rule
    found = jax.eval_shape(function, *(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in leaves))
    return [jax.core.ShapedArray(x.shape, x.dtype) for x in found]


def _differentiated(
    primals: Sequence[Any], tangents: Sequence[Any], *, function: _Flat, rule: _Rule
) -> tuple[Sequence[Any], Sequence[Any]]:
    del function
    return rule(primals, [None if isinstance(t, ad.Zero) else t for t in tangents])


def _batched(
    leaves: Sequence[Any], axes: Sequence[Any], *, function: _Flat, rule: _Rule
) -> tuple[Sequence[Any], Sequence[int]]:
    """Another function, and another rule."""
    several, several_rule = _vectorized(function, rule, tuple(axes))
    found = _ruled.bind(*leaves, function=several, rule=several_rule)
    return found, [0] * len(found)


@functools.cache
def _vectorized(function: _Flat, rule: _Rule, axes: tuple[int | None, ...]) -> tuple[_Flat, _Rule]:
    def several_rule(leaves: Sequence[Any], tangents: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        along = tuple(None if tangent is None else axis for tangent, axis in zip(tangents, axes, strict=True))
        return jax.vmap(rule, (axes, along))(tuple(leaves), tuple(tangents))

    return jax.vmap(function, axes), several_rule


ad.primitive_jvps[_ruled] = _differentiated
batching.primitive_batchers[_ruled] = _batched
mlir.register_lowering(_ruled, mlir.lower_fun(_evaluated, multiple_results=True))
