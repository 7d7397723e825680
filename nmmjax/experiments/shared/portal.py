"""What a heavy neutral lepton adds to an experiment, as a function of its mass: tabulated once, then a spline."""

from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._device import on_device

_LEAST_NODES = 4


class UniformSpline(eqx.Module):
    """Cubic splines y(x) with continuous second derivative, not-a-knot, at x = 0, 1, 2, ... along the first axis."""

    values: Float[Array, "nodes ..."]
    slopes: Float[Array, "nodes ..."]

    @classmethod
    def build(cls, values: ArrayLike) -> Self:
        """The splines through values (nodes, ...) at x = 0, 1, 2, ...

        **Raises:** `ValueError` for less than four nodes or numbers that are not finite.
        """
        values = np.asarray(values, float)
        if values.ndim == 0 or values.shape[0] < _LEAST_NODES:
            _checks.fail("values", f"have {_LEAST_NODES} or more nodes", f"its shape is {values.shape}")
        _checks.check_finite("values", values)
        return cls(on_device(values), on_device(_slopes(values)))

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """y(x), with one x for all or one for each along the last axis; the outermost cubics go on outside."""
        last = self.values.shape[0] - 2
        cell = jnp.clip(x.astype(int), 0, last)
        t = x - cell
        index = cell.reshape((1,) * (self.values.ndim - cell.ndim) + cell.shape)
        low, high = ([jnp.take_along_axis(a, index + k, axis=0)[0] for a in (self.values, self.slopes)] for k in (0, 1))
        y = (1.0 + 2.0 * t) * (1.0 - t) ** 2 * low[0] + t * (1.0 - t) ** 2 * low[1]
        return y + t**2 * (3.0 - 2.0 * t) * high[0] + t**2 * (t - 1.0) * high[1]


class MassSpline(eqx.Module):
    """Responses R[..., s](m) to sources s of neutrinos, each zero from the mass `top[s]` on, where N is too heavy.

    Cubic splines in v = sqrt(1 - m / top), in which a response is smooth down to its threshold: that to a line starts
    there with v, that to a spectrum with a power of v. Finite with a finite derivative for all m >= 0; the derivative
    of the response to a line is infinite just below its threshold.

        masses = mass_nodes(top, number)            # (number, sources), from `top` down to zero
        spline = MassSpline.build(top, values)      # values (number, ..., sources) at these masses
        response = spline(mass)                     # (..., sources)
    """

    top: Float[Array, " sources"]
    """Largest mass [MeV] that each source can make."""
    spline: UniformSpline

    @classmethod
    def build(cls, top: ArrayLike, values: ArrayLike) -> Self:
        """The splines through responses tabulated at `mass_nodes`.

        **Arguments:** `top` (sources,) > 0 [MeV]; `values` (nodes, ..., sources) at `mass_nodes(top, nodes)`.

        **Raises:** `ValueError` for less than four nodes, other shapes, or numbers that are not finite.
        """
        top, values = np.asarray(top, float), np.asarray(values, float)
        _checks.check_range("top", top, low=0.0, open_low=True, unit="MeV")
        _checks.check_shape("values", values, (None, top.size) if values.ndim < 3 else (top.size,))
        return cls(on_device(top), UniformSpline.build(values))

    def __call__(self, mass: Float[Array, ""] | float) -> Float[Array, "... sources"]:
        """Responses R (..., sources) at one mass m >= 0 [MeV]."""
        mass = jnp.asarray(mass)
        excess = 1.0 - mass / self.top
        opened = (mass < self.top) & (excess > 0.0)  # at a threshold itself the quotient may round to less than one
        cells = self.spline.values.shape[0] - 1
        v = jnp.sqrt(jnp.where(opened, excess, 1.0))
        return jnp.where(opened, self.spline(cells * v), 0.0)


def mass_nodes(top: ArrayLike, number: int) -> Float[np.ndarray, "nodes sources"]:
    """Masses m = top (1 - v^2) [MeV] at v = 0 ... 1 in equal steps, from the threshold down to zero."""
    v = np.linspace(0.0, 1.0, number)
    return np.asarray(top, float) * (1.0 - v[:, None] ** 2)


def _slopes(values: Float[np.ndarray, "nodes ..."]) -> Float[np.ndarray, "nodes ..."]:
    """First derivatives per step that make the second one continuous."""
    n = values.shape[0]
    flat = values.reshape(n, -1)
    matrix = 4.0 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
    right = np.zeros_like(flat)
    right[1:-1] = 3.0 * (flat[2:] - flat[:-2])
    for end, next_, third, sign in ((0, 1, 2, 1.0), (-1, -2, -3, -1.0)):
        matrix[end, [end, next_]] = 1.0, 2.0
        right[end] = sign * 0.5 * (-5.0 * flat[end] + 4.0 * flat[next_] + flat[third])
    return np.linalg.solve(matrix, right).reshape(values.shape)
