r"""Parameters declared once: symbol, unit, domain, shape and default of a number stand in the field that holds it.

Constructors, checks and tables follow. A class of parameters is a dataclass whose base is `Parametrized`:

    class Triplet(Model):
        yukawa: Complex[Array, "3 3"] = parameter("Y")
        _: KW_ONLY
        mass: Scalar = parameter(r"m_\Delta", "GeV", low=10.0, high=1e8)
        ordering: Ordering = NormalOrdering()

The annotation says shape and whether complex values are allowed. Fields that are not declared by `parameter` are
objects, of the class that annotates them. Arguments of `from_...` constructors are declared in the same way, as
`Annotated[Scalar, parameter(...)]`, unless they have the name of a field.
"""

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import AbstractArray, Array, Complex, Float

from nmmjax import _checks
from nmmjax._public import Rule, rule_of
from nmmjax.quantities import Quantity

if TYPE_CHECKING:  # a field is given as a number and held as an array: static checkers know no such type
    Scalar = ComplexScalar = Any
else:
    Scalar = Float[Array, ""] | float
    ComplexScalar = Complex[Array, ""] | Scalar | complex
REQUIRED = inspect.Parameter.empty
"""Stands for the default of an argument that has none."""
_DECLARED = "parameter"
_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Declared(NamedTuple):
    """What `parameter` leaves in a field."""

    quantity: Quantity
    check: Callable[[str, Any], None] | None


def parameter(
    symbol: str,
    unit: str = "",
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    circular: bool = False,
    check: Callable[[str, Any], None] | None = None,
    default: Any = dataclasses.MISSING,
) -> Any:
    """Declare a number or an array: as a field of a `Parametrized` class, or in the `Annotated` type of an argument.

    **Arguments:**

    - `symbol` in TeX without dollar signs, and `unit`.
    - `low`, `high`: the domain [low, high], of complex numbers that of the modulus; `open_low`: without its lower end.
    - `circular`: a phase with period 2 pi.
    - `check(name, value)`: raises where a value is wrong in another way, for instance `check_symmetric`.
    - `default`: a number, or an array of numpy.
    """
    quantity = Quantity(symbol, unit, low, high, circular, open_low)
    given: dict[str, Any] = {"default": default}
    if isinstance(default, np.ndarray):
        given = {"default_factory": lambda: default}
    return eqx.field(metadata={_DECLARED: _Declared(quantity, check)}, **given)


class Component(NamedTuple):
    """How an argument that is an object is made from arguments of its own; see `component`."""

    constructor: Callable[..., Any]
    without: tuple[str, ...] = ()

    @property
    def arguments(self) -> "dict[str, Argument]":
        """Those which stand flat beside the others."""
        return {name: a for name, a in arguments(self.constructor).items() if name not in self.without}


def component(constructor: Callable[..., Any], *, without: tuple[str, ...] = ()) -> Component:
    """Declare an argument that may be given whole or by the arguments of its `constructor`, in its `Annotated` type.

    A fit sees these arguments, less those in `without`, flat beside the others.
    """
    return Component(constructor, without)


class Argument(NamedTuple):
    """What a constructor takes under a name."""

    quantity: Quantity | None
    """Symbol, unit, domain and shape; None for an object, and for a number of which nothing is declared."""
    default: Any = REQUIRED
    """None where it is made anew for each object."""
    kinds: tuple[type, ...] = ()
    """Classes of which an object may be."""
    check: Callable[[str, Any], None] | None = None
    rule: Rule | None = None
    """What the annotation says of an object of a class that declares it."""

    def checked(self, name: str, value: Any) -> Any:
        """The value, a number as an array of this precision. Raises where it is not what was declared."""
        if self.quantity is not None:
            return _checked(name, value, self.quantity, self.check)
        if self.rule is not None:
            return self.rule.checked(name, value)
        if self.kinds and not isinstance(value, self.kinds):
            _checks.check_instance(name, value, self.kinds[0])
        return value


class _Parameters:
    """Computes `Parametrized.parameters`."""

    def __get__(self, instance: object, owner: type) -> Mapping[str, Quantity]:
        found = dict(arguments(owner))
        for _, method in constructors(owner):
            found |= {n: a for n, a in arguments(method).items() if n not in found}
        return {name: argument.quantity for name, argument in found.items() if argument.quantity is not None}


class Parametrized(eqx.Module):
    """Abstract: a dataclass of parameters and objects, each checked when it is made, before anything is compiled."""

    parameters = _Parameters()
    """Symbol, unit and domain of every field, and of every argument of the `from_...` constructors."""

    def __check_init__(self) -> None:
        names = {field.name for field in dataclasses.fields(self)}
        for name, argument in self.own_arguments().items():
            if name in names:
                object.__setattr__(self, name, argument.checked(name, getattr(self, name)))
        self._check_together()

    @classmethod
    def own_arguments(cls) -> Mapping[str, Argument]:
        """What the class itself takes."""
        return _fields(cls)

    def _check_together(self) -> None:
        """Raise where parameters, each for itself in its domain, do not fit together."""


def arguments(constructor: Callable[..., Any]) -> "dict[str, Argument]":
    """What a `Parametrized` class, one of its constructors, or a function of parameters takes, in its order.

    The arguments of components stand flat among the others.
    """
    if isinstance(constructor, type) and issubclass(constructor, Parametrized):
        return dict(constructor.own_arguments())
    owner = getattr(constructor, "__self__", None)
    return _arguments(owner if isinstance(owner, type) else None, getattr(constructor, "__func__", constructor))


def checked_together(constructor: Callable[..., Any]) -> "dict[Callable[..., Any], tuple[str, ...]]":
    """The constructor itself, or those of its components, with the arguments that must fit together; often none."""
    owner = constructor if isinstance(constructor, type) else getattr(constructor, "__self__", None)
    parts = {part.constructor: part.arguments for part in _components(constructor).values()}
    if isinstance(owner, type) and issubclass(owner, Parametrized) and _checks_together(owner):
        parts[constructor] = arguments(constructor)
    return {part: tuple(names) for part, names in parts.items()}


def _checks_together(owner: type[Parametrized]) -> bool:
    return owner._check_together is not Parametrized._check_together


def constructor(*, instead_of: tuple[str, ...] = ()) -> Callable[[_Function], _Function]:
    """Decorate a class method that makes a model from other coordinates: its arguments arrive checked and as arrays.

    Arguments of its components may be given flat, by their names. `**others` stands for all fields that it does not
    name, but for those in `instead_of`, which its own arguments replace.
    """

    def decorate(function: _Function) -> _Function:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            positional = signature.bind_partial(*args).arguments
            bound = signature.bind(*args, **_gathered(checked, kwargs, positional))
            known = _arguments(args[0], checked) | _whole(checked)
            given = {n: known[n].checked(n, value) for n, value in bound.arguments.items() if n in known}
            bound.arguments.update(given)
            bound.apply_defaults()
            try:
                return function(*bound.args, **bound.kwargs)
            except _checks.ArgumentError as error:
                if not given or _name(error) in known:
                    raise
                _explain(error, next(iter(given)), f"{args[0].__name__}.{function.__name__}")

        checked.instead_of = instead_of  # pyright: ignore[reportAttributeAccessIssue]
        return checked  # pyright: ignore[reportReturnType]

    return decorate


def constructors(owner: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Class methods that make it from other coordinates, each decorated by `constructor`, with their names."""
    for name in dir(owner):
        method = inspect.getattr_static(owner, name)
        if isinstance(method, classmethod) and getattr(method.__func__, "instead_of", None) is not None:
            yield name, getattr(owner, name)


def _explain(error: _checks.ArgumentError, argument: str, where: str) -> NoReturn:
    """An error about what a constructor computes, in terms of what it is given."""
    must = f"lead, with the others of `{where}`, to a `{error.argument}` that must {error.must}"
    _checks.fail(argument, must, error.but)


def _name(error: _checks.ArgumentError) -> str:
    return re.split(r"[.\[]", error.argument)[0]


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """The function of named values, of which those that belong to its components may stand flat."""
    return function(**_gathered(function, values))


def _gathered(function: Callable[..., Any], values: Mapping[str, Any], given: Iterable[str] = ()) -> dict[str, Any]:
    """The same values with components made of those that stand flat, unless they are given whole."""
    values = dict(values)
    for name, part in _components(function).items():
        flat = {n: values.pop(n) for n in part.arguments if n in values}
        if name not in values and name not in given:
            values[name] = part.constructor(**flat)
        elif flat:
            _checks.fail(next(iter(flat)), f"be left out beside `{name}`", "it is given")
    return values


@functools.cache
def _whole(function: Callable[..., Any]) -> dict[str, Argument]:
    """Components as objects."""
    hints = get_type_hints(function)
    return {name: Argument(None, kinds=_kinds(hints[name])) for name in _components(function)}


@functools.cache
def _fields(owner: type) -> dict[str, Argument]:
    """What the class itself takes."""
    hints = get_type_hints(owner, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(owner)}
    found = {}
    for name, argument in inspect.signature(owner).parameters.items():
        field = fields.get(name)
        declared = None if field is None else field.metadata.get(_DECLARED)
        made = field is not None and field.default_factory is not dataclasses.MISSING
        hint = hints.get(name, argument.annotation)
        found[name] = _ruled(_argument(hint, None if made else argument.default, declared), hint, argument.default)
    return found


@functools.cache
def _arguments(owner: type | None, function: Callable[..., Any]) -> dict[str, Argument]:
    """What a constructor of a class, or a function, takes; those of its components flat."""
    fields = {} if owner is None else _fields(owner)
    hints, components = get_type_hints(function, include_extras=True), _components(function)
    taken = list(inspect.signature(function).parameters.values())[owner is not None :]
    found: dict[str, Argument] = {}
    for argument in taken:
        name = argument.name
        if argument.kind is argument.VAR_KEYWORD:
            left = (*getattr(function, "instead_of", ()), *(a.name for a in taken))
            found |= {n: a for n, a in fields.items() if n not in left}
        elif name in components:
            found |= components[name].arguments
        else:
            own = _argument(hints.get(name, REQUIRED), argument.default)
            same = fields.get(name) if own.quantity is None else None
            own = own if same is None else same._replace(default=argument.default)
            found[name] = own if owner is None else _ruled(own, hints.get(name, REQUIRED), argument.default)
    return found


@functools.cache
def _components(function: Callable[..., Any]) -> dict[str, Component]:
    hints = get_type_hints(function, include_extras=True)
    named = ((name, part) for name, hint in hints.items() for part in get_args(hint) if get_origin(hint) is Annotated)
    return {name: part for name, part in named if isinstance(part, Component)}


def _argument(annotation: Any, default: Any, declared: _Declared | None = None) -> Argument:
    if get_origin(annotation) is Annotated:
        annotation, *extras = get_args(annotation)
        fields = [extra.metadata for extra in extras if isinstance(extra, dataclasses.Field)]
        declared = next((metadata[_DECLARED] for metadata in fields if _DECLARED in metadata), declared)
    kinds = _kinds(annotation)
    if declared is None:
        return Argument(None, default, kinds if any(issubclass(kind, eqx.Module) for kind in kinds) else ())
    arrays = [kind for kind in kinds if issubclass(kind, AbstractArray)]
    shape = tuple(int(axis) for axis in arrays[0].dim_str.split()) if arrays else ()
    is_complex = any("complex" in str(dtype) for array in arrays for dtype in array.dtypes)
    quantity = dataclasses.replace(declared.quantity, shape=shape, is_complex=is_complex)
    return Argument(quantity, default, check=declared.check)


def _ruled(argument: Argument, annotation: Any, default: Any) -> Argument:
    """With what the annotation says where it stands for an object."""
    if argument.quantity is not None or annotation is REQUIRED:
        return argument
    return argument._replace(rule=rule_of(annotation, default))


def _kinds(annotation: Any) -> tuple[type, ...]:
    """The classes of an annotation, be it one or a union; none where it says nothing."""
    if isinstance(annotation, type) and annotation is not REQUIRED:
        return (annotation,)
    return tuple(kind for part in get_args(annotation) for kind in _kinds(part))


def _checked(name: str, value: Any, quantity: Quantity, check: Callable[[str, Any], None] | None) -> Array:
    array = _checks.as_array(name, value, float)
    if array.shape != quantity.shape:
        must = f"have shape {quantity.shape}" if quantity.shape else "be one number"
        _checks.fail(name, must, f"its shape is {array.shape}")
    limits: dict[str, Any] = {"low": quantity.low, "high": quantity.high, "open_low": quantity.open_low}
    if quantity.is_complex:
        _checks.check_finite(name, array)
        size = _checks.concrete(array)
        if size is not None:
            _checks.check_range(name, np.abs(size), **limits, unit=quantity.unit)
    else:
        _checks.check_range(name, array, **limits, unit=quantity.unit)
    if check is not None:
        check(name, array)
    return jnp.asarray(array, jnp.result_type(array.dtype, jnp.complex64) if quantity.is_complex else None)
