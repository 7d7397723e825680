"""Evolution under a Hermitian matrix that varies along the way: products of exponentials, unitary by construction.

Over a step from -h/2 to h/2, H at three Gauss nodes gives H = H_0 + D_1 t + D_2 (t^2 - 1/12), t = s/h. Seen from a
frame that moves with the mean H_0 only the rest turns the state, and its integral with all phases is a function of
ad H_0 X = H_0 X - X H_0, with the spherical Bessel functions j:

    S = e^{-i H_0 h/2} e^{-i M} e^{-i H_0 h/2},    M = h [i j_1(x/2)/2 D_1 - j_2(x/2)/6 D_2],    x = h ad H_0,

the modified Magnus expansion, A. Iserles, BIT 42, 561 (2002), of fourth order. A step may hold hundreds of turns:
what counts is how far H changes, and where levels are far apart only what it changes between them, over x. So the
commutators of a Magnus expansion in the fixed frame, powers of x, are what a star does not allow.

Constant H is exact in one step. A step is taken in two halves, and what the whole differs by tells their error: a
fifteenth of that where phases are small, all of it where a step has turns. Errors of unitary products never grow. Where
phases turn between steps they add up like random ones, so each is first kept below the tolerance times the root of its
share of the way; but they are also added up as matrices, carried back to the start with all phases, and where that sum
exceeds the tolerance, steps are taken anew with less allowed.
"""

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Int

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import clipped, larger, modulus_squared, smaller
from nmmjax.precession.step import step_operator

Matrix = Complex[Array, "... n n"]
_Function = Callable[..., Matrix]
"""Of a place between 0 and 1, and of all that is differentiated."""

_NODE = math.sqrt(0.15)
_FIRST, _LONGEST = 1.0 / 32.0, 1.0 / 8.0
"""Of the whole way: the first step that is tried, and the longest."""
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 4.0
_ATTEMPTS = 4
MOST_STEPS = 16384
_CHUNK = 64
"""Steps between two operators that a reverse pass keeps."""


@public
def evolve(
    hamiltonian: Callable[..., Array],
    start: Float[ArrayLike, ""],
    stop: Float[ArrayLike, ""],
    *,
    tolerance: float = 1e-9,
    most_steps: int = MOST_STEPS,
    breaks: Sequence[float] = (),
) -> Matrix:
    """The operator S of i dS/dr = H(r) S from `start` to `stop` [km], where S(start) = 1.

    **Arguments:**

    - `hamiltonian`: r [km] -> H [km^-1], Hermitian (..., n, n), smooth between `start`, `breaks` and `stop`. All
      matrices of a batch share their steps.
    - `tolerance`: the largest error of any element of S, as estimated; rounding comes on top, 1e-16 times the phase.
    - `most_steps`: where these do not suffice, between two breaks, S is NaN.
    - `breaks`: places [km] at which H has a step or a kink, ascending; steps end there.

    Value, gradient and Hessian, in the ends and in all that `hamiltonian` uses, are right in every mode: those of the
    steps that are taken.

    **Raises:** `ValueError` that names the argument; for matrices that are known and not Hermitian at the start, too.
    """
    _checks.check_range("tolerance", tolerance, low=0.0, open_low=True)
    _checks.check_integer("most_steps", most_steps, low=1)
    for name, end in (("start", start), ("stop", stop)):
        _checks.check_range(name, end, unit="km")
    here = hamiltonian(jnp.asarray(start, float))
    _checks.check_square("hamiltonian", here)
    _checks.check_hermitian("hamiltonian", here)
    ends = jnp.asarray(start, float), jnp.asarray(stop, float)
    inside = [clipped(jnp.asarray(place, float), smaller(*ends), larger(*ends)) for place in breaks]
    parts = [
        _evolved(hamiltonian, first, last, tolerance / (len(breaks) + 1), most_steps)
        for first, last in itertools.pairwise((start, *inside, stop))
    ]
    return functools.reduce(lambda S, part: part @ S, parts)


def _evolved(
    hamiltonian: Callable[..., Array],
    start: Float[ArrayLike, ""],
    stop: Float[ArrayLike, ""],
    tolerance: float,
    most_steps: int,
) -> Matrix:
    """Where H is smooth all the way."""
    span = jnp.asarray(stop) - start

    def scaled(s: Float[Array, ""]) -> Matrix:
        return span * hamiltonian(start + span * s)

    # All that H is made of, as arguments: what `vmap` maps must not hide in a function with a rule of its own.
    used, rest = eqx.partition(eqx.filter_closure_convert(scaled, jnp.zeros(())), eqx.is_array)
    leaves, tree = jax.tree.flatten(used)

    def function(s: Float[Array, ""], *used: Array) -> Matrix:
        return eqx.combine(jax.tree.unflatten(tree, used), rest)(s)

    ends = _ends(function, tuple(leaves), tolerance, -(-most_steps // _CHUNK) * _CHUNK)
    S = _product(lambda s: function(s, *leaves), ends)
    return jnp.where(ends[-1] < 1.0, jnp.nan, S)


def _ends(function: _Function, used: tuple[Array, ...], tolerance: float, most: int) -> Float[Array, " most+1"]:
    """Places between which steps are taken, from 0 to 1; the last is repeated to the end of the array.

    One set for all of a batch, also of one made by `vmap`; no derivative is taken of them.
    """

    @jax.custom_batching.custom_vmap
    def shared(*used: Array) -> Float[Array, " most+1"]:
        return _adapted(lambda s: function(s, *used), tolerance, most)

    @shared.def_vmap
    def _(size: int, batched: Sequence[bool], *used: Array) -> tuple[Float[Array, " most+1"], bool]:
        axes = tuple(0 if moves else None for moves in batched)
        return _ends(jax.vmap(function, (None, *axes), axis_size=size), used, tolerance, most), False

    return shared(*lax.stop_gradient(used))


class _Walk(NamedTuple):
    """How far the steps have come, and what has become of the state and of its error."""

    ends: Float[Array, " most+1"]
    taken: Int[Array, ""]
    tried: Int[Array, ""]
    step: Float[Array, ""]
    S: Matrix
    error: Matrix
    """The sum of the errors of all steps, each carried back to the start."""


class _Attempt(NamedTuple):
    """A walk, and the share of the tolerance with which it was made."""

    walk: _Walk
    share: Float[Array, ""]
    number: Int[Array, ""]


def _adapted(H: Callable[[Float[Array, ""]], Matrix], tolerance: float, most: int) -> Float[Array, " most+1"]:
    """The ends of steps whose errors, added up with their phases, stay below the tolerance.

    As if these were random, their squares in proportion to the lengths of steps; where they add up to more, once more
    with less allowed.
    """

    def too_coarse(attempt: _Attempt) -> Bool[Array, ""]:
        """Unless it needs too many steps."""
        finished = attempt.walk.ends[attempt.walk.taken] >= 1.0
        return finished & (_largest(attempt.walk.error) > tolerance) & (attempt.number < _ATTEMPTS)

    def finer(attempt: _Attempt) -> _Attempt:
        excess = _largest(attempt.walk.error) / tolerance
        share = attempt.share * clipped(_SAFETY * excess**-1.25, 1e-4, 0.5)  # fewer errors, of shorter steps
        return _Attempt(_walked(H, share * tolerance, most), share, attempt.number + 1)

    one = jnp.ones(())
    walk = lax.while_loop(too_coarse, finer, _Attempt(_walked(H, one * tolerance, most), one, jnp.ones((), int))).walk
    return jnp.where(jnp.arange(most + 1) > walk.taken, walk.ends[walk.taken], walk.ends)


def _walked(H: Callable[[Float[Array, ""]], Matrix], tolerance: Float[Array, ""], most: int) -> _Walk:
    """Steps whose squared errors, in proportion to their lengths, add up to the tolerance squared."""

    def unfinished(walk: _Walk) -> Bool[Array, ""]:
        return (walk.ends[walk.taken] < 1.0) & (walk.taken < most) & (walk.tried < 2 * most)

    def further(walk: _Walk) -> _Walk:
        here = walk.ends[walk.taken]
        step = smaller(walk.step, 1.0 - here)
        halves = _through(H, here, step)
        difference = _remaining(H(here + 0.5 * step) * step) * (_once(H, here, step) - halves)
        error = _largest(difference)
        allowed = larger(tolerance * jnp.sqrt(step), 8.0 * jnp.finfo(step.dtype).eps)
        good = error <= allowed
        factor = clipped(_SAFETY * (allowed / larger(error, 1e-30)) ** 0.2, _SHRINK, _GROW)
        factor = jnp.where(jnp.isnan(error), _SHRINK, factor)
        there = jnp.where(step >= 1.0 - here, 1.0, here + step)
        taken = walk.taken + good
        ends = walk.ends.at[taken].set(jnp.where(good, there, here))
        S = halves @ walk.S
        total = walk.error + hermitian.adjoint(S) @ difference @ walk.S
        S, total = (jnp.where(good, new, old) for new, old in ((S, walk.S), (total, walk.error)))
        return _Walk(ends, taken, walk.tried + 1, smaller(step * factor, _LONGEST), S, total)

    shape = jax.eval_shape(H, jnp.zeros(())).shape
    S, zero = jnp.broadcast_to(jnp.eye(shape[-1], dtype=complex), shape), jnp.zeros((), int)
    begun = _Walk(jnp.zeros(most + 1), zero, zero, jnp.asarray(_FIRST), S, jnp.zeros_like(S))
    return lax.while_loop(unfinished, further, begun)


def _remaining(turn: Matrix) -> Float[Array, ""]:
    """The error of two halves over what the whole step differs from them by, for H times the step.

    1/15 of a method of fourth order while phases are small, and all of it from two radians on.
    """
    n = turn.shape[-1]
    mean = jnp.trace(turn, axis1=-2, axis2=-1)[..., None, None] / n
    square = jnp.max(jnp.sum(modulus_squared(turn - mean * jnp.eye(n)), -1))
    return 1.0 / 15.0 + 14.0 / 15.0 * clipped(0.25 * square, 0.0, 1.0)


def _largest(error: Matrix) -> Float[Array, ""]:
    return jnp.max(jnp.abs(error))


def _product(H: Callable[[Float[Array, ""]], Matrix], ends: Float[Array, " most+1"]) -> Matrix:
    """The operators of all steps, one after the other; chunks of none cost nothing."""

    def step(S: Matrix, pair: tuple[Float[Array, ""], Float[Array, ""]]) -> tuple[Matrix, None]:
        here, there = pair
        return _through(H, here, there - here) @ S, None

    @jax.checkpoint
    def walked(S: Matrix, pairs: tuple[Float[Array, " chunk"], Float[Array, " chunk"]]) -> Matrix:
        S = lax.scan(step, S, pairs)[0]
        return 1.5 * S - 0.5 * S @ hermitian.gram(S)  # the unitary matrix next to it: rounding does not add up

    def chunk(S: Matrix, pairs: tuple[Float[Array, " chunk"], Float[Array, " chunk"]]) -> tuple[Matrix, None]:
        return lax.cond(pairs[0][0] < pairs[1][-1], walked, lambda S, _: S, S, pairs), None

    shape = jax.eval_shape(H, jnp.zeros(())).shape
    one = jnp.broadcast_to(jnp.eye(shape[-1], dtype=complex), shape)
    return lax.scan(chunk, one, (ends[:-1].reshape(-1, _CHUNK), ends[1:].reshape(-1, _CHUNK)))[0]


def _through(H: Callable[[Float[Array, ""]], Matrix], here: Float[Array, ""], step: Float[Array, ""]) -> Matrix:
    """The operator of a step, in two halves."""
    half = 0.5 * step
    return _once(H, here + half, half) @ _once(H, here, half)


def _once(H: Callable[[Float[Array, ""]], Matrix], here: Float[Array, ""], step: Float[Array, ""]) -> Matrix:
    """The operator of a step as a whole."""
    middle = here + 0.5 * step
    low, center, high = (H(middle + k * _NODE * step) for k in (-1.0, 0.0, 1.0))
    mean = (5.0 * low + 8.0 * center + 5.0 * high) / 18.0
    slope = (high - low) / (2.0 * _NODE)
    curvature = (high - 2.0 * center + low) / (2.0 * _NODE**2)
    return step_operator(step * mean, step * slope, step * curvature)
