"""Profiles: a number along the way, such as a density, an electron fraction, a field or an angle, as a function of r.

Pytrees, differentiable in their parameters and in r [km]. One's own is a subclass of `Profile`.
"""

import abc
import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.interpolate import CubicSpline, traced_spline
from nmmjax.numerics.special import clipped


class Profile(eqx.Module):
    """A number at each place r [km]."""

    @abc.abstractmethod
    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """The number at r [km]."""

    @property
    def domain(self) -> tuple[float, float]:
        """Where it is known [km]."""
        return 0.0, math.inf

    @property
    def breaks(self) -> tuple[float, ...]:
        """Places [km] where it is not smooth."""
        return ()


class Constant(Profile):
    """f = value."""

    value: Float[Array, ""]

    @public
    def __init__(self, value: RealLike) -> None:
        self.value = _checks.one_number("value", value)

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        return self.value + 0.0 * r


class Linear(Profile):
    """f = value + slope (r - origin), slope in units of the value per km."""

    value: Float[Array, ""]
    slope: Float[Array, ""]
    origin: Float[Array, ""]

    @public
    def __init__(self, value: RealLike, slope: RealLike, *, origin: RealLike = 0.0) -> None:
        self.value, self.slope = _checks.one_number("value", value), _checks.one_number("slope", slope)
        self.origin = _checks.one_number("origin", origin)

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        return self.value + self.slope * (r - self.origin)


class Arch(Profile):
    """A parabola between `start` and `stop` [km], `value` in the middle and zero at both ends and outside."""

    value: Float[Array, ""]
    ends: tuple[float, float] = eqx.field(static=True)

    @public
    def __init__(self, value: RealLike, start: float, stop: float) -> None:
        _checks.check_range("stop", stop, low=float(start), open_low=True, unit="km")
        self.value, self.ends = _checks.one_number("value", value), (float(start), float(stop))

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        low, high = self.ends
        inside = clipped(r, low, high)
        return self.value * 4.0 * (inside - low) * (high - inside) / (high - low) ** 2

    @property
    def breaks(self) -> tuple[float, ...]:
        """Both ends."""
        return self.ends


class Exponential(Profile):
    """f = value exp(-(r - origin) / scale), lengths in km."""

    value: Float[Array, ""]
    scale: Float[Array, ""]
    origin: Float[Array, ""]

    @public
    def __init__(self, value: RealLike, scale: RealLike, *, origin: RealLike = 0.0) -> None:
        _checks.check_range("scale", scale, low=0.0, open_low=True, unit="km")
        self.value, self.scale = _checks.one_number("value", value), _checks.one_number("scale", scale)
        self.origin = _checks.one_number("origin", origin)

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        return self.value * jnp.exp(-(r - self.origin) / self.scale)


class PowerLaw(Profile):
    """f = value (radius / r)^power: `value` at `radius` [km]."""

    value: Float[Array, ""]
    radius: Float[Array, ""]
    power: Float[Array, ""]

    @public
    def __init__(self, value: RealLike, radius: RealLike, power: RealLike) -> None:
        _checks.check_range("radius", radius, low=0.0, open_low=True, unit="km")
        self.value, self.radius = _checks.one_number("value", value), _checks.one_number("radius", radius)
        self.power = _checks.one_number("power", power)

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        return self.value * (self.radius / r) ** self.power


class Tabulated(Profile):
    """A cubic spline through a table, twice differentiable; `logarithmic` interpolates ln f over ln r: densities.

    **Arguments:** `radius` (n,) [km], known, ascending, n >= 4; `value` (n,), positive where logarithmic; it may be
    traced and differentiated.
    """

    spline: CubicSpline
    logarithmic: bool = eqx.field(static=True)
    ends: tuple[float, float] = eqx.field(static=True)

    @public
    def __init__(self, radius: Float[ArrayLike, " n"], value: Float[ArrayLike, " n"], *, logarithmic: bool = False):
        radius = _checks.known_numbers("radius", radius)
        _checks.check_range("radius", radius, low=0.0, open_low=logarithmic, unit="km")
        _checks.check_increasing("radius", radius, "along the table")
        if radius.size < 4:
            _checks.fail("radius", "be four or more places", f"there are {radius.size}")
        value = _checks.real_array("value", value, low=0.0 if logarithmic else -math.inf, open_low=logarithmic)
        if value.shape != radius.shape:
            _checks.fail("value", f"have shape {radius.shape}, as `radius`", f"its shape is {value.shape}")
        x, y = (np.log(radius), jnp.log(value)) if logarithmic else (radius, value)
        known = _checks.concrete(y)
        self.spline = traced_spline(x, y) if known is None else CubicSpline(x, known)
        self.logarithmic = logarithmic
        self.ends = float(radius[0]), float(radius[-1])

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        return jnp.exp(self.spline(jnp.log(r))) if self.logarithmic else jnp.asarray(self.spline(r))

    @property
    def domain(self) -> tuple[float, float]:
        """That of the table."""
        return self.ends


class Steps(Profile):
    """Constant between steps: values[k] from edges[k - 1] to edges[k] [km]; one value more than there are edges."""

    edges: tuple[float, ...] = eqx.field(static=True)
    values: Float[Array, " n"]

    @public
    def __init__(self, edges: Float[ArrayLike, " n"], values: Float[ArrayLike, " m"]) -> None:
        edges = _checks.known_numbers("edges", edges)
        _checks.check_increasing("edges", edges, "from step to step")
        if np.size(values) != edges.size + 1:
            _checks.fail("values", f"be {edges.size + 1}, one more than edges", f"there are {np.size(values)}")
        self.edges, self.values = tuple(edges.tolist()), jnp.asarray(values, float)

    def __call__(self, r: Float[Array, "..."]) -> Float[Array, "..."]:
        """At r [km]."""
        return self.values[jnp.searchsorted(np.array(self.edges), r)]

    @property
    def breaks(self) -> tuple[float, ...]:
        """The edges."""
        return self.edges
