"""Public functions hold their arguments against their own annotations: in one way, before anything is compiled.

    @public
    def rate(moment: RealLike, matrix: Num[ArrayLike, "... n n"], *, majorana: bool, constants: Constants = PDG_2026):

| annotation | what is accepted |
|---|---|
| `bool`, `int`, `str` | True or False; an integer; text |
| `float`, `Real[ArrayLike, "..."]`, `Num[ArrayLike, "3 3"]` | finite numbers of that shape; complex ones in the last |
| `Int[ArrayLike, "..."]`, `Bool[ArrayLike, "..."]` | integers, booleans of that shape |
| a class, or a union of classes | an object of it |

Infinite numbers are accepted where the default is one. An axis has one length wherever its name appears, and axes in
place of `...` broadcast among all arguments. Ranges are for the function itself to check. Of traced values only shape
and type are known, and only these are looked at. Integers become real where numbers are asked for, lists and tuples
arrays of numpy; all else arrives as it was given, in the precision of this process.
"""

import collections.abc
import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Annotated, Any, NamedTuple, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import AbstractArray

from nmmjax import _checks

_Function = TypeVar("_Function", bound=Callable[..., Any])
_CONTAINERS = (tuple, list, dict, collections.abc.Mapping, collections.abc.Sequence, collections.abc.Callable)
_WORDS = {
    int: "be an integer",
    str: "be text",
    collections.abc.Mapping: "be a mapping",
    collections.abc.Callable: "be a function",
}
_SCALARS = (bool, int, float, complex, np.bool_, np.number)


class Rule(NamedTuple):
    """What an annotation says of a value."""

    kinds: tuple[type, ...] = ()
    """Classes of which it may be an object."""
    optional: bool = False
    """Whether it may be None."""
    number: bool = False
    """Whether it may be a number or an array."""
    boolean: bool = False
    """Whether these are booleans."""
    integer: bool = False
    """Whether these are integers."""
    is_complex: bool = False
    infinite: bool = False
    axes: tuple[str, ...] | None = None
    """Names or lengths of its own axes; None where nothing is said of them."""
    batch: bool = False
    """Whether further axes may stand before these."""

    def checked(self, name: str, value: Any, precision: Any = float) -> Any:
        """The value, of numbers as this module says. Raises where it is not what is annotated."""
        if (value is None and self.optional) or (self.kinds and _is_of(value, self.kinds)):
            return value
        if self.boolean:
            return _booleans(name, value)
        if self.integer:
            return _integers(name, value)
        if self.number:
            return _numbers(name, value, self, precision)
        return _refuse(name, value, self.kinds)


def public(function: _Function) -> _Function:
    """Decorate a function or a method whose arguments are held against its annotations; its numbers are doubles."""
    return _decorated(function, float)


def public_in_any_precision(function: _Function) -> _Function:
    """As `public`, but arrays in single precision stay so, and numbers may be as large as they can be."""
    return _decorated(function, None)


def check_fields(instance: Any) -> None:
    """Hold the fields of a dataclass against their annotations: for its `__check_init__`."""
    rules = rules_of_fields(type(instance))
    values = {name: getattr(instance, name) for name in rules}
    for name, value in _held(rules, values, float).items():
        if value is not values[name]:
            object.__setattr__(instance, name, value)


@functools.cache
def rules_of_fields(owner: type) -> Mapping[str, Rule]:
    """What the annotations of a dataclass say of its fields."""
    hints = get_type_hints(owner, include_extras=True)
    found = {field.name: rule_of(hints[field.name], field.default) for field in fields(owner)}
    return {name: rule for name, rule in found.items() if rule is not None}


def _decorated(function: Any, precision: Any) -> Any:
    signature = inspect.signature(function)
    several = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        rules = _rules(function)
        _checks.check_precision(next((name for name in bound.arguments if name != "self"), function.__name__))
        given = {name: value for name, value in bound.arguments.items() if name in rules and name != several}
        bound.arguments.update(_held(rules, given, precision))
        if several in rules and several in bound.arguments:
            each = (rules[several].checked(several, value, precision) for value in bound.arguments[several])
            bound.arguments[several] = tuple(each)
        return function(*bound.args, **bound.kwargs)

    return checked


@functools.cache
def _rules(function: Callable[..., Any]) -> Mapping[str, Rule]:
    hints = get_type_hints(function, include_extras=True)
    found = {
        name: rule_of(hints[name], argument.default)
        for name, argument in inspect.signature(function).parameters.items()
        if name in hints and argument.kind is not argument.VAR_KEYWORD
    }
    return {name: rule for name, rule in found.items() if rule is not None}


def _held(rules: Mapping[str, Rule], values: Mapping[str, Any], precision: Any) -> dict[str, Any]:
    """The values, each for itself and then their axes together."""
    found = {name: rules[name].checked(name, value, precision) for name, value in values.items()}
    lengths: dict[str, tuple[int, str]] = {}
    batches: dict[str, tuple[int, ...]] = {}
    for name, value in found.items():
        if (own := rules[name].axes) is not None and _is_numeric(value):
            shape = np.shape(value)
            _check_axes(name, shape, rules[name], lengths)
            if rules[name].batch:
                batches[name] = shape[: len(shape) - len(own)]
    if any(batches.values()):
        _checks.common_shape(batches)
    return found


def _check_axes(name: str, shape: tuple[int, ...], rule: Rule, lengths: dict[str, tuple[int, str]]) -> None:
    """The axes of one value; `lengths` collects what named ones are, and where that was seen first."""
    own = rule.axes or ()
    if len(shape) < len(own) or (len(shape) > len(own) and not rule.batch):
        _fail_shape(name, shape, rule, lengths)
    for axis, length in zip(own, shape[len(shape) - len(own) :], strict=True):
        if axis.isdecimal() and length != int(axis):
            _fail_shape(name, shape, rule, lengths)
        if axis.isidentifier() and length != lengths.setdefault(axis, (length, name))[0]:
            _fail_shape(name, shape, rule, lengths)


def _fail_shape(name: str, shape: tuple[int, ...], rule: Rule, lengths: dict[str, tuple[int, str]]) -> NoReturn:
    own = rule.axes or ()
    known = {axis: lengths[axis] for axis in own if axis in lengths and lengths[axis][1] != name}
    listed = ", ".join([*["..."] * rule.batch, *(str(known[axis][0]) if axis in known else axis for axis in own)])
    further = f", as `{next(iter(known.values()))[1]}`" if known else ""
    must = f"have shape ({listed}{',' * (len(own) == 1 and not rule.batch)}){further}" if own else "be one number"
    _checks.fail(name, must, f"its shape is {shape}")


def _is_numeric(value: Any) -> bool:
    return isinstance(value, jax.Array | np.ndarray | np.generic | float | complex | int)


def _is_of(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool | np.bool_) and int in kinds:
        return bool in kinds
    return isinstance(value, kinds) and not (isinstance(value, str) and str not in kinds)


def _refuse(name: str, value: Any, kinds: tuple[type, ...]) -> NoReturn:
    if kinds == (bool,):
        _checks.fail(name, "be True or False", f"it is {_checks.shown(value)}")
    must = _WORDS.get(kinds[0]) or f"be an object of the class {' or '.join(map(_described, kinds))}"
    _checks.fail(name, must, f"it is {_checks.shown(value)}")


def _described(kind: type) -> str:
    """A class, one that is abstract with some that are not."""
    concrete = [other.__name__ for other in _concrete(kind)][:4] if inspect.isabstract(kind) else []
    return f"{kind.__name__} ({', '.join(concrete)})" if concrete else kind.__name__


def _concrete(kind: type) -> Iterator[type]:
    for other in kind.__subclasses__():
        if not inspect.isabstract(other) and not other.__name__.startswith("_"):
            yield other
        yield from _concrete(other)


def _booleans(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    array = _checks.as_array(name, value)
    if array.dtype != bool:
        _checks.fail(name, "be boolean", f"its type is {array.dtype}")
    return array


def _integers(name: str, value: Any) -> Any:
    array = _checks.as_array(name, value)
    if not np.issubdtype(array.dtype, np.integer):
        _checks.fail(name, "hold integers", f"its type is {array.dtype}")
    return array


def _numbers(name: str, value: Any, rule: Rule, precision: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        value = _float(name, value)
    if not isinstance(value, float | complex):
        value = _converted(name, value, precision)
    if not rule.is_complex:
        _checks.check_real(name, value)
    if rule.infinite:
        _checks.check_not_nan(name, value)
    else:
        _checks.check_finite(name, value)
        if precision is not None:
            _checks.check_size(name, value)
    return value


def _converted(name: str, value: Any, precision: Any) -> Any:
    """An array, in double precision unless it is in single precision and may be."""
    array = _checks.as_array(name, value)
    if array.dtype == bool:
        _checks.fail(name, "hold numbers", "it holds booleans")
    real = jnp.result_type(float)
    if precision is None and array.dtype in (jnp.float32, jnp.complex64):
        return array
    wanted = jnp.result_type(real, jnp.complex64) if jnp.iscomplexobj(array) else real
    return array if array.dtype == wanted else array.astype(wanted)


def _float(name: str, value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        _checks.fail(name, "be finite", "it is an integer beyond all real numbers")


def rule_of(annotation: Any, default: Any = inspect.Parameter.empty) -> Rule | None:
    """What an annotation says; None where it says nothing that can be held against a value."""
    parts = _parts(annotation)
    if parts is None:
        return None
    arrays = [p for p in parts if isinstance(p, type) and issubclass(p, AbstractArray)]
    plain = [p for p in parts if p in (jax.Array, np.ndarray)]
    classes = [p for p in parts if p not in (*arrays, *plain, *_SCALARS, types.NoneType)]
    scalars = [p for p in parts if p in _SCALARS]
    optional = types.NoneType in parts or default is None
    if arrays or plain:
        return _rule_of_arrays(arrays, tuple(classes), optional, _is_infinite(default))
    if scalars and set(scalars) & {float, complex}:
        is_complex = complex in scalars
        infinite = _is_infinite(default)
        return Rule(tuple(classes), optional, number=True, is_complex=is_complex, infinite=infinite, axes=())
    return Rule((*scalars, *classes), optional)


def _rule_of_arrays(arrays: list[type], classes: tuple[type, ...], optional: bool, infinite: bool) -> Rule | None:
    classes = tuple(c for c in classes if c is not collections.abc.Sequence)
    if not arrays:
        return Rule(classes, optional, number=True, infinite=infinite)
    dtypes = {str(dtype) for array in arrays for dtype in getattr(array, "dtypes", ())}
    integer = all("int" in dtype for dtype in dtypes)
    if not integer and not any(kind in dtype for dtype in dtypes for kind in ("bool", "float", "complex")):
        return None  # keys
    boolean = all("bool" in dtype for dtype in dtypes)
    is_complex = any("complex" in dtype for dtype in dtypes)
    names = arrays[0].dim_str.split()
    own = tuple(name for name in names if not (name == "..." or name.startswith("*")))
    return Rule(classes, optional, True, boolean, integer, is_complex, infinite, own, len(own) < len(names))


def _is_infinite(default: Any) -> bool:
    return isinstance(default, float) and np.isinf(default)


def _parts(annotation: Any) -> list[Any] | None:
    """The classes of an annotation, be it one or a union; None where one of them is none."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _parts(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        parts = [_parts(part) for part in get_args(annotation)]
        return None if None in parts else [p for part in parts for p in part or ()]
    if annotation is None:
        return [types.NoneType]
    if origin in _CONTAINERS or annotation in _CONTAINERS:
        return [origin or annotation]
    if isinstance(annotation, type) and origin is None and not getattr(annotation, "_is_protocol", False):
        return [annotation]
    return None
