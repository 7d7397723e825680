"""What every model keeps, whatever its couplings."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import decays
from nmmjax.low_energy import Majorana
from nmmjax.models import Model
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.space import Space
from nmmjax.testing._claims import finite, require, require_close
from nmmjax.testing.derivatives import check_derivatives

_ROUNDING, _SYMMETRIC = 1e-12, 1e-15


def check_model(model: type[Model], point: Model | None = None) -> None:
    """Hold a model to the contract: its paper, priors, matrices and widths, compilation, and slopes in every coupling.

    **Arguments:** the class; a point of its couplings, if not `benchmark()`.

    **Raises:** `AssertionError` that says what does not hold.
    """
    point = model.benchmark() if point is None else point
    check_statement(point)
    check_priors(model)
    check_matrices(point)
    check_compiled(point)
    check_slopes(point)


def check_statement(point: Model) -> None:
    """It names its paper, its prior is a finite number, and `derived` returns what `derived_quantities` declares."""
    model = type(point)
    require(model.reference, f"{model.__name__}.reference must name a paper")
    require(math.isfinite(float(point.log_prior())), f"{model.__name__}.log_prior must be finite at {point}")
    have, want = set(point.derived()), set(model.derived_quantities)
    require(have == want, f"{model.__name__}.derived must return {sorted(want)}, but it returns {sorted(have)}")


def check_priors(model: type[Model]) -> None:
    """Each of `default_priors` is of a coupling, and inside its domain."""
    for name, prior in model.default_priors().items():
        require(name in model.parameters, f"{model.__name__}.default_priors has {name}, which is no coupling")
        low, high = Space.support_bounds(prior)
        domain = model.parameters[name]
        inside = domain.low <= low + _ROUNDING and high <= domain.high + _ROUNDING
        require(inside, f"the prior of {name}, in [{low}, {high}], must lie in [{domain.low}, {domain.high}]")


def check_matrices(point: Model) -> None:
    """Complex in double precision; symmetric masses and antisymmetric moments of Majorana neutrinos; finite widths."""
    neutrinos = point.low_energy().neutrinos
    matrix, moments = np.asarray(neutrinos.mass_matrix), np.asarray(neutrinos.moment_matrix)
    require(matrix.dtype == np.complex128, f"the mass matrix must be complex128, but it is {matrix.dtype}")
    if isinstance(neutrinos.nature, Majorana):
        largest = np.abs(matrix).max()
        words = "{} of Majorana neutrinos must be {}symmetric"
        require_close(matrix, matrix.T, words.format("masses", ""), rtol=1e-7, atol=_SYMMETRIC * largest)
        require_close(moments, -moments.T, words.format("moments", "anti"), rtol=1e-7)
    widths = decays.neutrino_radiative_widths(neutrinos.transition_moments(), neutrinos.states.masses)
    require(finite(widths), f"widths of nu_j -> nu_i gamma must be finite, but they are {widths}")


def check_compiled(point: Model) -> None:
    """Compiled it is what it is without; and a batch of it goes through `jax.vmap`."""
    neutrinos = point.low_energy().neutrinos
    compiled = jax.jit(lambda p: p.low_energy())(point).neutrinos
    for name, exact in (("mass_matrix", 1e-14), ("moment_matrix", _ROUNDING)):
        own, other = (np.asarray(getattr(one, name)) for one in (neutrinos, compiled))
        require_close(other, own, f"{name}, compiled", rtol=exact, atol=_ROUNDING * np.abs(own).max())
    batch = jax.vmap(lambda s: jax.tree.map(lambda x: x * s, point).low_energy().neutrinos.mass_matrix)
    shape = batch(jnp.linspace(0.9, 1.0, 3)).shape
    require(shape == (3, *neutrinos.mass_matrix.shape), f"three points must make three mass matrices, not {shape}")


def check_slopes(point: Model, *, rtol: float = 1e-6, atol: float = 1e-7) -> None:
    """Derivatives of masses, moments and sin^2 theta23 in every coupling: forward = reverse = differences."""
    values, back = _real_numbers(point)
    away = np.linspace(0.02, 0.03, len(values))  # from zero, where a mass has one-sided slopes
    scales = np.where(values == 0, away, np.abs(values))

    def observables(x: Float[Array, " n"]) -> tuple[Float[Array, " 4"], Float[Array, ""]]:
        neutrinos = back(x * scales).low_energy().neutrinos
        found = neutrinos.observables()
        masses = jnp.stack([found["dm31"], found["m_beta"], found["sum_of_masses"]])
        return jnp.append(masses, safe_sqrt(jnp.sum(modulus_squared(neutrinos.moment_matrix)))), found["sin2_theta23"]

    at = jnp.where(values < 0, -1.0, 1.0)
    sizes = jnp.abs(jax.jit(observables)(at)[0])
    sizes = jnp.where(sizes > 0.0, sizes, 1.0)  # moments may vanish

    def relative(x: Float[Array, " n"]) -> Float[Array, " 5"]:
        found, angle = observables(x)
        return jnp.append(found / sizes, angle)

    check_derivatives(relative, at, rtol=rtol, atol=atol)


def _real_numbers(model: Model) -> tuple[np.ndarray, Callable[[Float[Array, " n"]], Model]]:
    """The couplings, scalars and arrays, as real numbers, and the way back."""
    leaves, tree = jax.tree.flatten(model)
    parts = [np.ravel([leaf.real, leaf.imag] if jnp.iscomplexobj(leaf) else leaf) for leaf in leaves]

    def back(x: Float[Array, " n"]) -> Model:
        pieces = jnp.split(x, np.cumsum([len(part) for part in parts])[:-1])
        return jax.tree.unflatten(tree, [rebuilt(*pair) for pair in zip(pieces, leaves, strict=True)])

    def rebuilt(piece: Float[Array, " k"], leaf: Array) -> Array:
        if not jnp.iscomplexobj(leaf):
            return piece.reshape(leaf.shape)
        real, imaginary = piece.reshape(2, *leaf.shape)
        return real + 1j * imaginary

    return np.concatenate(parts), back
