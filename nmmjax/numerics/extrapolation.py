"""Ordinary differential equations y' = f(x, y) whose slopes are smooth, in a given number of steps of eighth order.

Over a step h the midpoint rule with n substeps, n even, has an error in even powers of h / n alone. Those with n = 2,
4, 6 and 8 are extrapolated to infinitely many,

    y(x + h) = sum_n w_n Y_n(h),    w_n = product_{m != n} n^2 / (n^2 - m^2),

which leaves an error of order h^9 [W. B. Gragg, SIAM J. Numer. Anal. 2, 384 (1965)]. The four rules go side by side: a
step takes eight slopes, one after the other, and a program holds two of them.
"""

from collections.abc import Callable
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int

_State = TypeVar("_State")
Slope = Callable[[Float[Array, ""], _State], _State]
"""dy/dx of x and y, a pytree of arrays."""

_SUBSTEPS = np.array([2.0, 4.0, 6.0, 8.0])
_WEIGHTS = np.array([np.prod([n**2 / (n**2 - m**2) for m in _SUBSTEPS if m != n]) for n in _SUBSTEPS])


def advance(slope: Slope[_State], start: Float[Array, ""], step: Float[Array, ""], state: _State) -> _State:
    """y(start + step) of y(start) = state; a step of length zero changes nothing."""
    lengths = step / _SUBSTEPS
    here, first = (_for_each_rule(y) for y in (state, slope(start, state)))
    slopes = jax.vmap(slope)

    def further(pair: tuple[_State, _State], done: Int[Array, ""]) -> tuple[tuple[_State, _State], None]:
        last, here = pair
        ahead = _moved(last, slopes(start + done * lengths, here), 2.0 * lengths)
        unfinished = done < _SUBSTEPS
        return (_where(unfinished, here, last), _where(unfinished, ahead, here)), None

    (_, ends), _ = lax.scan(further, (here, _moved(here, first, lengths)), jnp.arange(1, int(_SUBSTEPS[-1])))
    return jax.tree.map(lambda y: jnp.tensordot(jnp.asarray(_WEIGHTS, y.real.dtype), y, 1), ends)


def integrate(
    slope: Slope[_State], start: Float[Array, ""], stop: Float[Array, ""], state: _State, *, steps: int
) -> _State:
    """y(stop) of y(start) = state, in `steps` steps of one length; `stop` may lie below `start`, or at it."""
    length = (jnp.asarray(stop) - start) / steps

    def further(y: _State, done: Int[Array, ""]) -> tuple[_State, None]:
        return advance(slope, start + done * length, length, y), None

    return lax.scan(further, state, jnp.arange(steps))[0]


def _for_each_rule(state: _State) -> _State:
    return jax.tree.map(lambda y: jnp.broadcast_to(y, (len(_SUBSTEPS), *jnp.shape(y))), state)


def _moved(state: _State, slopes: _State, lengths: Float[Array, "4"]) -> _State:
    """state + length * slope of each rule."""
    return jax.tree.map(lambda y, dy: y + _across(lengths, y) * dy, state, slopes)


def _where(unfinished: Bool[Array, "4"], yes: _State, no: _State) -> _State:
    return jax.tree.map(lambda a, b: jnp.where(_across(unfinished, a), a, b), yes, no)


def _across(rules: Array, state: Array) -> Array:
    """One number of each rule, against the first axis of the state."""
    return jnp.reshape(rules, (-1, *(1,) * (jnp.ndim(state) - 1)))
