"""Errors about arguments, in one grammar: "Argument `x` must ..., but ...".

Values are looked at only where they are concrete: inside jit the caller at the door has looked already.
"""

import reprlib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from nmmjax._environment import single_precision

_PLAIN = (np.ndarray, np.memmap, np.matrix, np.recarray, np.ma.MaskedArray)
_LARGEST = np.float64(1e75)
"""Beyond all quantities of this package in their units; fourth powers of larger ones overflow."""

single_precision()  # raises before anything computes in a precision that nobody has clearly asked for


class ArgumentError(ValueError):
    """An error of this grammar, with its parts."""

    argument: str
    must: str
    but: str


def fail(argument: str, must: str, but: str) -> NoReturn:
    """Raise the error of this grammar."""
    end = "" if but.endswith((".", "?")) else "."
    error = ArgumentError(f"Argument `{argument}` must {must}, but {but}{end}")
    error.argument, error.must, error.but = argument, must, but
    raise error


def concrete(value: Any) -> np.ndarray | None:
    """The value as a numpy array, or None while it is traced."""
    return None if isinstance(value, Tracer) else np.asarray(value)


def shown(value: Any) -> str:
    """A value as it stands in an error: on one line, and cut where it is long."""
    return " ".join(reprlib.repr(value).split())


def _where(array: np.ndarray, bad: np.ndarray) -> str:
    index = tuple(np.argwhere(bad)[0].tolist())
    place = f" at index {', '.join(map(str, index))}" if index else ""
    return f"it is {array[index]!s}{place}"


def check_shape(argument: str, value: Any, shape: tuple[int | None, ...]) -> None:
    """The last axes have these lengths; None stands for any length."""
    actual = as_array(argument, value).shape
    tail = actual[len(actual) - len(shape) :]
    if len(actual) < len(shape) or any(want not in (None, have) for want, have in zip(shape, tail, strict=True)):
        want = ", ".join("n" if n is None else str(n) for n in shape)
        fail(argument, f"have shape (..., {want})", f"its shape is {actual}")


def check_square(argument: str, value: Any, *, at_least: int = 1) -> None:
    """The last two axes are equal and at least so long."""
    shape = as_array(argument, value).shape
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] < at_least:
        fail(argument, f"have shape (..., n, n) with n >= {at_least}", f"its shape is {shape}")


def check_real(argument: str, value: Any) -> None:
    """Not complex, and a number."""
    dtype = as_array(argument, value).dtype
    if not (jnp.issubdtype(dtype, np.floating) or jnp.issubdtype(dtype, np.integer)):
        fail(argument, "be real", f"its type is {dtype}")


def check_finite(argument: str, value: Any) -> None:
    """No NaN and no infinity."""
    array = concrete(as_array(argument, value))
    if array is not None and not np.all(np.isfinite(array)):
        fail(argument, "be finite", _where(array, ~np.isfinite(array)))


def check_size(argument: str, value: Any) -> None:
    """Nothing so large that its powers overflow."""
    array = concrete(as_array(argument, value))
    if array is not None and np.any(np.abs(array) > _LARGEST):
        fail(argument, f"not exceed {_LARGEST:g} in size", _where(array, np.abs(array) > _LARGEST))


def check_not_nan(argument: str, value: Any) -> None:
    """No NaN; an infinity stands for no limit."""
    array = concrete(as_array(argument, value))
    if array is not None and np.any(np.isnan(array)):
        fail(argument, "be a number", _where(array, np.isnan(array)))


def check_increasing(argument: str, value: np.ndarray, along: str) -> None:
    """Each larger than the one before."""
    if np.any(np.diff(value) <= 0.0):
        fail(argument, f"increase {along}", f"it is {value}")


def check_range(
    argument: str,
    value: Any,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    open_high: bool = False,
    unit: str = "",
) -> None:
    """Real, finite and inside an interval."""
    check_real(argument, value)
    array = concrete(as_array(argument, value))
    if array is None:
        return
    check_finite(argument, array)
    check_size(argument, array)
    if open_low and low == 0.0 and np.any(bad := (array > 0.0) & (array < 1.0 / _LARGEST)):
        fail(argument, f"be at least {1.0 / _LARGEST:g}", _where(array, bad))  # quotients by less overflow
    bad = (array <= low if open_low else array < low) | (array >= high if open_high else array > high)
    if np.any(bad):
        left, right = ("(" if open_low or low == -np.inf else "["), (")" if open_high or high == np.inf else "]")
        fail(argument, f"lie in {left}{low:g}, {high:g}{right}{unit and ' ' + unit}", _where(array, bad))


def check_symmetric(argument: str, value: Any, *, sign: int = 1, tolerance: float = 1e-9) -> None:
    """A^T = sign A, to a tolerance relative to the largest element."""
    kind, other = ("symmetric", "transpose") if sign > 0 else ("antisymmetric", "negative transpose")
    _check_mirrored(argument, value, lambda a: sign * np.swapaxes(a, -1, -2), kind, other, tolerance)


def check_hermitian(argument: str, value: Any, *, tolerance: float = 1e-9) -> None:
    """A^dagger = A, to a tolerance relative to the largest element."""
    _check_mirrored(argument, value, lambda a: np.conj(np.swapaxes(a, -1, -2)), "Hermitian", "adjoint", tolerance)


def check_unitary(argument: str, value: Any) -> None:
    """A^dagger A = 1, to the tolerance of what is computed in steps."""
    array = concrete(as_array(argument, value))
    if array is None:
        return
    check_finite(argument, array)
    excess = np.abs(np.conj(np.swapaxes(array, -1, -2)) @ array - np.eye(array.shape[-1]))
    if np.any(excess > _rounding(array)):
        fail(argument, "be unitary", f"its product with its adjoint differs from 1 by {excess.max():.3g}")


def check_state(argument: str, value: Any, *, part: bool = False) -> None:
    """A density matrix: Hermitian, of trace one (at most, where it is part of one), without negative eigenvalues."""
    check_hermitian(argument, value)
    array = concrete(as_array(argument, value))
    if array is None:
        return
    trace = np.trace(array, axis1=-2, axis2=-1).real
    if np.any(bad := (trace - 1.0 if part else np.abs(trace - 1.0)) > _rounding(array)):
        fail(argument, "have trace one at most" if part else "have trace one", _where(trace, bad))
    least = np.linalg.eigvalsh(array)[..., 0]
    if np.any(bad := least < -_rounding(array)):
        fail(argument, "have no negative eigenvalue", _where(least, bad))


def check_normalized(argument: str, value: Any) -> None:
    """Weights: not negative, with sum one on the last axis."""
    check_range(argument, value, low=0.0)
    array = concrete(as_array(argument, value))
    if array is None:
        return
    total = array.sum(-1)
    if np.any(bad := np.abs(total - 1.0) > _rounding(array)):
        fail(argument, "sum to one on its last axis", _where(total, bad))


def _rounding(array: np.ndarray) -> float:
    """What many operations may leave of a relation that holds exactly."""
    return 1e-3 if array.dtype in (np.float32, np.complex64) else 1e-6


def _check_mirrored(
    argument: str, value: Any, mirror: Callable[[np.ndarray], np.ndarray], kind: str, other: str, tolerance: float
) -> None:
    given = as_array(argument, value)
    if given.dtype == bool:
        fail(argument, "hold numbers", "it holds booleans")
    array = concrete(given)
    if array is None:
        return
    check_finite(argument, array)
    excess = np.abs(array - mirror(array))
    if np.any(excess > tolerance * max(float(np.abs(array).max(initial=0.0)), np.finfo(float).tiny)):
        fail(argument, f"be {kind}", f"it differs from its {other} by {excess.max():.3g}")


def as_array(argument: str, value: Any, precision: Any = None) -> Array:
    """Numbers as an array, in the precision of a real type where it is given; booleans as they are.

    The type `float` is the precision of this process: float64, unless it was opted out of.

    A value that JAX does not hold yet stays with numpy, so that checks see it within a function that is compiled, too.
    """
    array = value if isinstance(value, Array) else _of_numpy(argument, value)
    if not (jnp.issubdtype(array.dtype, np.number) or array.dtype == bool):
        fail(argument, "be a number or an array", f"it is {shown(value)}")
    if precision is float:
        check_precision(argument)
    if array.dtype != bool and precision is not None:
        real = jnp.result_type(precision)
        array = array.astype(jnp.result_type(real, jnp.complex64) if jnp.iscomplexobj(array) else real)
    return cast(Array, array)


def _of_numpy(argument: str, value: Any) -> np.ndarray | Array:
    """An array of numpy, or of JAX where a list holds values that are traced; of objects where it is none."""
    if isinstance(value, np.ndarray):
        return _unmasked(argument, value)
    if isinstance(value, list | tuple) and any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(value)):
        return _stacked(argument, value)
    try:
        return np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        return np.asarray(None)


def _stacked(argument: str, value: Any) -> Array:
    try:
        return jnp.asarray(value)
    except (TypeError, ValueError):
        fail(argument, "be a number or an array", f"it is {shown(value)}")


def _unmasked(argument: str, value: np.ndarray) -> np.ndarray:
    """A plain array: masks and units would be lost without a word."""
    if type(value) not in _PLAIN:
        fail(argument, "be a plain array", f"it is of the class {type(value).__name__}")
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        fail(argument, "have no masked entries", f"it has {np.ma.count_masked(value)}")
    return np.asarray(value)


def check_double_precision(argument: str) -> None:
    """Cross sections and their like are too small for single precision."""
    check_precision(argument)
    if jnp.result_type(float) != jnp.float64:
        but = "this process is in single precision, which `NMMJAX_FLOAT32` asks for"
        fail(argument, "be in double precision where cross sections follow", but)


def check_precision(argument: str) -> None:
    """The precision of JAX is the one that was asked for: nothing has switched it after the package was imported."""
    if jnp.result_type(float) != jnp.float64 and not single_precision():
        must = "be in double precision unless the environment variable `NMMJAX_FLOAT32` says otherwise"
        fail(argument, must, "`jax_enable_x64` has been switched off since nmmjax was imported")


def check_flag(argument: str, value: Any) -> None:
    """True or False, and nothing that only passes for it."""
    if not isinstance(value, bool | np.bool_):
        fail(argument, "be True or False", f"it is {shown(value)}")


def check_integer(argument: str, value: Any, *, low: int, high: int = 2**31 - 1) -> None:
    """An integer in [low, high], and no boolean."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        fail(argument, "be an integer", f"it is {shown(value)}")
    if not low <= value <= high:
        fail(argument, f"be an integer from {low} to {high}", f"it is {shown(value)}")


def check_instance(argument: str, value: Any, kind: Any) -> None:
    """Raise unless `value` is an object of the class or union of classes `kind`: no class, nor its name."""
    if not isinstance(value, kind):
        fail(argument, f"be an object of the class {getattr(kind, '__name__', kind)}", f"it is {shown(value)}")


def check_known(argument: str, name: str, known: Iterable[str]) -> None:
    """A name out of a list; the error offers the nearest ones."""
    known = sorted(set(known))
    if not isinstance(name, str) or name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5) if isinstance(name, str) else ()
        hint = f"; did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        fail(argument, f"be one of {', '.join(known)}", f"it is {shown(name)}{hint}")


def real_array(
    argument: str,
    value: Any,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    unit: str = "",
) -> Array:
    """Real, finite numbers inside an interval, as an array in the precision of this process."""
    array = as_array(argument, value, float)
    check_range(argument, array, low=low, high=high, open_low=open_low, unit=unit)
    return array


def one_number(argument: str, value: Any) -> Array:
    """A single number, not several: those of a batch go through `jax.vmap`."""
    array = as_array(argument, value, float)
    if array.ndim:
        fail(argument, "be one number (`jax.vmap` takes many)", f"its shape is {array.shape}")
    return jnp.asarray(array)


def known_numbers(argument: str, value: Any) -> np.ndarray:
    """Real numbers as an array of numpy in double precision, whatever that of JAX is."""
    array = concrete(as_array(argument, value))
    if array is None:
        fail(argument, "be known numbers", "it is traced")
    check_real(argument, array)
    return np.asarray(array, float)


def common_shape(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The shape to which arguments with these batch shapes broadcast."""
    common: tuple[int, ...] = ()
    for name, shape in shapes.items():
        try:
            common = jnp.broadcast_shapes(common, shape)
        except ValueError:
            fail(name, "broadcast (without its own axes) with the arguments before it", f"the shapes are {shapes}")
    return common
