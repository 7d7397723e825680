"""Errors about arguments, in one grammar: "Argument `x` must ..., but ...".

Values are looked at only where they are concrete: inside jit the caller at the door has looked already.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn, cast

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from nmmjax._environment import single_precision


def fail(argument: str, must: str, but: str) -> NoReturn:
    """Raise the error of this grammar."""
    raise ValueError(f"Argument `{argument}` must {must}, but {but}.")


def concrete(value: Any) -> np.ndarray | None:
    """The value as a numpy array, or None while it is traced."""
    return None if isinstance(value, Tracer) else np.asarray(value)


def _where(array: np.ndarray, bad: np.ndarray) -> str:
    index = tuple(np.argwhere(bad)[0].tolist())
    place = f" at index {', '.join(map(str, index))}" if index else ""
    return f"it is {array[index]!s}{place}"


def check_shape(argument: str, value: Any, shape: tuple[int | None, ...]) -> None:
    """The last axes have these lengths; None stands for any length."""
    actual = np.shape(value)
    tail = actual[len(actual) - len(shape) :]
    if len(actual) < len(shape) or any(want not in (None, have) for want, have in zip(shape, tail, strict=True)):
        want = ", ".join("n" if n is None else str(n) for n in shape)
        fail(argument, f"have shape (..., {want})", f"its shape is {actual}")


def check_square(argument: str, value: Any, *, at_least: int = 1) -> None:
    """The last two axes are equal and at least so long."""
    shape = np.shape(value)
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] < at_least:
        fail(argument, f"have shape (..., n, n) with n >= {at_least}", f"its shape is {shape}")


def check_real(argument: str, value: Any) -> None:
    """Not complex, and a number."""
    dtype = getattr(value, "dtype", None) or np.asarray(value).dtype
    if not (np.issubdtype(dtype, np.floating) or np.issubdtype(dtype, np.integer)):
        fail(argument, "be real", f"its type is {dtype}")


def check_finite(argument: str, value: Any) -> None:
    """No NaN and no infinity."""
    array = concrete(value)
    if array is not None and not np.all(np.isfinite(array)):
        fail(argument, "be finite", _where(array, ~np.isfinite(array)))


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
    array = concrete(value)
    if array is None:
        return
    check_finite(argument, array)
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


def _check_mirrored(
    argument: str, value: Any, mirror: Callable[[np.ndarray], np.ndarray], kind: str, other: str, tolerance: float
) -> None:
    if jnp.issubdtype(jnp.result_type(value), jnp.bool_):
        fail(argument, "hold numbers", "it holds booleans")
    array = concrete(value)
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
    array = value
    if not isinstance(value, Array):
        try:
            array = np.asarray(value)
        except (TypeError, ValueError):
            array = np.asarray(None)
        if array.dtype.kind not in "biufc":
            fail(argument, "be a number or an array", f"it is {value!r}")
    if precision is float:
        check_precision(argument)
    if array.dtype != bool and precision is not None:
        real = jnp.result_type(precision)
        array = array.astype(jnp.result_type(real, jnp.complex64) if jnp.iscomplexobj(array) else real)
    return cast(Array, array)


def check_double_precision(argument: str) -> None:
    """Cross sections and their like are too small for single precision."""
    check_precision(argument)
    if jnp.result_type(float) != jnp.float64:
        fail(argument, "be in double precision where cross sections follow", "`NMMJAX_FLOAT32` is set")


def check_precision(argument: str) -> None:
    """The precision of JAX is the one that was asked for: nothing has switched it after the package was imported."""
    if jnp.result_type(float) != jnp.float64 and not single_precision():
        must = "be in double precision unless the environment variable `NMMJAX_FLOAT32` says otherwise"
        fail(argument, must, "`jax_enable_x64` has been switched off since nmmjax was imported")


def check_flag(argument: str, value: Any) -> None:
    """True or False, and nothing that only passes for it."""
    if not isinstance(value, bool | np.bool_):
        fail(argument, "be True or False", f"it is {value!r}")


def check_instance(argument: str, value: Any, kind: Any) -> None:
    """Raise unless `value` is an object of the class or union of classes `kind`: no class, nor its name."""
    if not isinstance(value, kind):
        fail(argument, f"be an object of the class {getattr(kind, '__name__', kind)}", f"it is {value!r}")


def check_known(argument: str, name: str, known: Iterable[str]) -> None:
    """A name out of a list; the error offers the nearest ones."""
    known = sorted(set(known))
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5) if isinstance(name, str) else ()
        hint = f"; did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        fail(argument, f"be one of {', '.join(known)}", f"it is {name!r}{hint}")


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


def common_shape(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The shape to which arguments with these batch shapes broadcast."""
    common: tuple[int, ...] = ()
    for name, shape in shapes.items():
        try:
            common = jnp.broadcast_shapes(common, shape)
        except ValueError:
            fail(name, "broadcast (without its own axes) with the arguments before it", f"the shapes are {shapes}")
    return common
