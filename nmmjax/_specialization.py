"""Partial evaluation: what a function makes of arguments that stay the same is computed once, and compiled once.

    rest = specialize(function, held, x)
    rest(x)  # = function(held, x)

`function` is traced, and its program is split into the steps that depend on x and those that do not. The latter are run
at once; their results, and the former, are the function of x. In programs that call it, only steps that depend on x are
compiled. New numbers in `held` compile nothing anew. A step that repeats another one is left out: a compiler
would find it later, but not what follows in derivatives, where each of two equal values has its own.
"""

import functools
import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Self

import equinox as eqx
import jax
import jax.core
import numpy as np
from jax.extend import core
from jaxtyping import Array

from nmmjax._compilation import quick

_CALLS = ("jit", "pjit", "closed_call", "core_call")
"""Primitives whose program may be split."""
_SPREAD = ("broadcast_in_dim", "iota")
"""Primitives that make large arrays of small ones: repeated rather than kept, as memory is slower than they are."""
_DECOMPOSITIONS = {"cholesky", "eig", "eigh", "householder_product", "geqrf", "lu", "qr", "schur", "svd"}
_KEPT = 128
"""So many programs are remembered."""

_Name = int
"""Of a value in a program."""
_Names = dict[core.Var, _Name]


class Specialized(eqx.Module):
    """A function of x in which everything else has been computed."""

    known: tuple[Array, ...]
    """What does not depend on x."""
    program: "_Program" = eqx.field(static=True)

    def __call__(self, x: Array) -> Any:
        """The function at x."""
        return self.program.rest(self.known, x)


def specialize(function: Callable[[Any, Array], Any], held: Any, x: Array | jax.ShapeDtypeStruct) -> Specialized:
    """function(held, x) as a function of x.

    **Arguments:** a function that can be traced and is the same object each time; a pytree of arrays; x, of which only
    shape and type count.
    """
    leaves, structure = jax.tree.flatten(held)
    shape = jax.ShapeDtypeStruct(x.shape, x.dtype)
    program = _program(function, structure, tuple(map(jax.typeof, leaves)), shape)
    traced = any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
    known = program.known.function if traced else program.known  # within a program it is a part of that
    return Specialized(tuple(known(leaves)), program)


@functools.lru_cache(maxsize=_KEPT)
def _program(function: Callable[[Any, Array], Any], structure: Any, types: tuple[Any, ...], x: Any) -> "_Program":
    """One object for each structure, so that what is compiled for it is found again."""

    def flat(leaves: Sequence[Array], x: Array) -> Any:
        return function(jax.tree.unflatten(structure, leaves), x)

    shapes = [jax.ShapeDtypeStruct(t.shape, t.dtype, weak_type=t.weak_type) for t in types]
    return _Program(flat, shapes, x)


class _Step(NamedTuple):
    """One operation of a program."""

    program: core.Jaxpr
    """Of this operation alone."""
    inputs: tuple[_Name, ...]
    outputs: tuple[_Name, ...]

    @classmethod
    def of(cls, equation: core.JaxprEqn, names: _Names, outputs: _Names, near: Any) -> Self:
        """The step of an equation in a program, given what its variables are called."""
        inputs = list(dict.fromkeys(v for v in equation.invars if not isinstance(v, core.Literal)))
        alone = core.Jaxpr((), inputs, list(outputs), [equation], equation.effects, near.debug_info)
        return cls(alone, tuple(names[v] for v in inputs), tuple(outputs.values()))

    def run(self, values: dict[_Name, Any]) -> None:
        """Add its outputs to the values."""
        found = jax.core.eval_jaxpr(self.program, (), *(values[name] for name in self.inputs))
        values.update(zip(self.outputs, found, strict=True))

    def spreads(self) -> bool:
        """Whether it makes a large array of a small one."""
        (equation,) = self.program.eqns
        inputs = sum(_size(v) for v in equation.invars)
        return equation.primitive.name in _SPREAD and _size(equation.outvars[0]) > inputs


def _equations(programs: Iterable[core.Jaxpr]) -> Iterator[core.JaxprEqn]:
    """All equations, also of the programs that equations call."""
    for program in programs:
        for equation in program.eqns:
            yield equation
            inner = jax.tree.leaves(list(equation.params.values()), is_leaf=_is_program)
            if equation.primitive.name == "ruled":  # of `nmmjax.numerics.ruled`, which holds a function
                inner += [jax.make_jaxpr(equation.params["function"])(*(v.aval for v in equation.invars))]
            yield from _equations(getattr(x, "jaxpr", x) for x in inner if _is_program(x))


def _is_program(value: Any) -> bool:
    return isinstance(value, core.Jaxpr | core.ClosedJaxpr)


def _decomposes_a_batch(equation: core.JaxprEqn) -> bool:
    if equation.primitive.name not in _DECOMPOSITIONS:
        return False
    return math.prod(getattr(equation.invars[0].aval, "shape", ())[:-2]) > 1


def _size(atom: core.Var | core.Literal) -> int:
    return math.prod(getattr(atom.aval, "shape", ()))


def _operation(equation: core.JaxprEqn, names: _Names) -> Hashable:
    """What an equation does to what: where that is the same, so are its results."""
    inputs = [_identity(v.val) if isinstance(v, core.Literal) else names[v] for v in equation.invars]
    parameters = [(name, _identity(value)) for name, value in sorted(equation.params.items())]
    only_once = [id(equation)] if equation.effects else []
    return (equation.primitive, *inputs, *parameters, *only_once)


def _identity(value: Any) -> Hashable:
    """Equal for the same numbers, and else for the same object."""
    try:
        if isinstance(value, Array | np.ndarray | np.generic | float | int | complex):
            numbers = np.asarray(value)  # by their bytes: 0.0 and -0.0 differ
            return type(value), numbers.dtype, numbers.shape, numbers.tobytes()
        hash(value)
    except TypeError:  # as a random key, a list
        return id(value)
    return value


class _Program:
    """A traced function of (leaves, x), split. Compared by identity."""

    def __init__(self, function: Callable[[Sequence[Array], Array], Any], leaves: Sequence[Any], x: Any):
        closed, shape = jax.make_jaxpr(function, return_shape=True)(leaves, x)
        self._structure = jax.tree.structure(shape)
        self._steps: list[_Step] = []
        self._done: dict[Hashable, list[_Name]] = {}
        self._depends: list[bool] = []
        self._constants: dict[_Name, Any] = {}
        self._leaves = [self._name(False) for _ in leaves]
        self._x = self._name(True)
        self._outputs = self._inline(closed, [*self._leaves, self._x])
        self._split()
        self.known = quick()(self._known)

    def rest(self, known: Sequence[Array], x: Array) -> Any:
        """The function, of what does not depend on x, and x."""
        values = self._constants | dict(zip(self._kept, known, strict=True)) | {self._x: x}
        for step in self._later:
            step.run(values)
        return jax.tree.unflatten(self._structure, [values[name] for name in self._outputs])

    def _known(self, leaves: Sequence[Array]) -> list[Array]:
        """What does not depend on x and is needed for the rest."""
        values = self._constants | dict(zip(self._leaves, leaves, strict=True))
        for step in self._early:
            step.run(values)
        return [values[name] for name in self._kept]

    def _name(self, depends: bool) -> _Name:
        """A new value, which depends on x or not."""
        self._depends.append(depends)
        return len(self._depends) - 1

    def _constant(self, value: Any) -> _Name:
        """A known number or array: equal ones have one name."""
        (name,) = self._done.setdefault(_identity(value), [len(self._depends)])
        if name == len(self._depends):
            self._constants[self._name(False)] = value
        return name

    def _inline(self, closed: core.ClosedJaxpr, inputs: Iterable[_Name]) -> list[_Name]:
        """Append the steps of a program, with those of the programs it calls where these depend on x in part."""
        names: _Names = dict(zip(closed.jaxpr.invars, inputs, strict=True))
        names |= {v: self._constant(c) for v, c in zip(closed.jaxpr.constvars, closed.consts, strict=True)}

        def name_of(atom: core.Var | core.Literal) -> _Name:
            return self._constant(atom.val) if isinstance(atom, core.Literal) else names[atom]

        for equation in closed.jaxpr.eqns:
            depends = any(self._depends[names[v]] for v in equation.invars if not isinstance(v, core.Literal))
            if depends and equation.primitive.name in _CALLS:
                made = self._inline(_called(equation), map(name_of, equation.invars))
                names |= zip(equation.outvars, made, strict=True)
                continue
            what = _operation(equation, names)
            if what not in self._done:
                outputs = {v: self._name(depends) for v in equation.outvars}
                self._steps.append(_Step.of(equation, names, outputs, closed.jaxpr))
                self._done[what] = list(outputs.values())
            names |= zip(equation.outvars, self._done[what], strict=True)
        return list(map(name_of, closed.jaxpr.outvars))

    @functools.cached_property
    def decomposes_batches(self) -> bool:
        """Whether the rest asks LAPACK for decompositions of several matrices at once."""
        return any(map(_decomposes_a_batch, _equations(step.program for step in self._later)))

    def _split(self) -> None:
        """Which steps are left for later, which run early, and what is kept of the latter."""
        needed, kept = {n for n in self._outputs if self._depends[n]}, set()
        frontier = {n for n in self._outputs if not self._depends[n]}
        later: list[_Step] = []
        for step in reversed(self._steps):
            if needed.isdisjoint(step.outputs) and not (step.spreads() and not frontier.isdisjoint(step.outputs)):
                continue
            later.append(step)
            needed |= {n for n in step.inputs if self._depends[n]}
            frontier = (frontier - set(step.outputs)) | {n for n in step.inputs if not self._depends[n]}
        scalars = {n for n, value in self._constants.items() if not getattr(value, "shape", ())}
        kept = frontier - scalars
        self._later = tuple(reversed(later))
        self._kept = tuple(sorted(kept))
        self._early = tuple(reversed(list(_leading_to(kept, self._steps))))
        used = {n for step in (*self._early, *self._later) for n in step.inputs} | set(self._outputs) | kept
        self._constants = {n: value for n, value in self._constants.items() if n in used}
        del self._steps


def _leading_to(names: Iterable[_Name], steps: Sequence[_Step]) -> Iterable[_Step]:
    """The steps that lead to some values, last first."""
    needed = set(names)
    for step in reversed(steps):
        if not needed.isdisjoint(step.outputs):
            needed.update(step.inputs)
            yield step


def _called(equation: core.JaxprEqn) -> core.ClosedJaxpr:
    called = next(equation.params[name] for name in ("jaxpr", "call_jaxpr") if name in equation.params)
    return called if isinstance(called, core.ClosedJaxpr) else core.ClosedJaxpr(called, ())
