"""What neutrinos pass through on the way: matter, and a magnetic field across it that may turn."""

from itertools import pairwise
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.media import Constant, Profile
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.special import clipped

_SAMPLES = 257
"""Places at which profiles are held to their ranges."""


class Medium(eqx.Module):
    """Matter along the way: its density [g/cm^3] and electrons per nucleon."""

    density: Profile
    electron_fraction: Profile

    @public
    def __init__(self, density: Profile, electron_fraction: Profile | None = None) -> None:
        self.density = density
        self.electron_fraction = Constant(0.5) if electron_fraction is None else electron_fraction


class Path(eqx.Module):
    """A way from `start` to `stop` [km] through matter and a magnetic field across the way.

    **Arguments:**

    - `matter`: a `Medium`; None for vacuum.
    - `field`: a `Profile` of B [gauss], not negative; None for no field.
    - `twist`: a `Profile` of the angle [rad] by which the field has turned about the way; None where it does not turn.

    **Raises:** `ValueError` where a profile is not known all along the way, or is out of its range.
    """

    start: Float[Array, ""]
    stop: Float[Array, ""]
    matter: Medium | None
    field: Profile | None
    twist: Profile | None

    @public
    def __init__(
        self,
        start: RealLike,
        stop: RealLike,
        matter: Medium | None = None,
        field: Profile | None = None,
        twist: Profile | None = None,
    ) -> None:
        _checks.check_range("start", start, low=0.0, unit="km")
        _checks.check_range("stop", stop, low=0.0, unit="km")
        self.start, self.stop = _checks.one_number("start", start), _checks.one_number("stop", stop)
        self.matter, self.field, self.twist = matter, field, twist
        ends = _checks.concrete(self.start), _checks.concrete(self.stop)
        if ends[0] is None or ends[1] is None:
            return
        if not ends[0] < ends[1]:
            _checks.fail("stop", f"lie beyond `start` ({float(ends[0]):g} km)", f"it is {float(ends[1]):g} km")
        for name, profile, limits in self._profiles():
            _check_profile(name, profile, float(ends[0]), float(ends[1]), limits)

    def _profiles(self) -> list[tuple[str, Profile, dict[str, Any]]]:
        """Those there are, with their ranges."""
        found: list[tuple[str, Profile | None, dict[str, Any]]] = [
            ("field", self.field, {"low": 0.0, "unit": "gauss"}),
            ("twist", self.twist, {"unit": "rad"}),
        ]
        if self.matter is not None:
            found += [
                ("matter.density", self.matter.density, {"low": 0.0, "unit": "g/cm^3"}),
                ("matter.electron_fraction", self.matter.electron_fraction, {"low": 0.0, "high": 1.0}),
            ]
        return [(name, profile, limits) for name, profile, limits in found if profile is not None]

    @property
    def breaks(self) -> tuple[float, ...]:
        """Places [km] where a profile is not smooth, ascending."""
        return tuple(sorted({place for _, profile, _ in self._profiles() for place in profile.breaks}))

    def pieces(self) -> list[tuple[Float[Array, ""], Float[Array, ""]]]:
        """Parts of the way on which all profiles are smooth."""
        places = [self.start, *(clipped(place, self.start, self.stop) for place in self.breaks), self.stop]
        return list(pairwise(places))


def _check_profile(name: str, profile: Profile, start: float, stop: float, limits: dict[str, Any]) -> None:
    low, high = profile.domain
    if start < low or stop > high:
        _checks.fail(name, f"be known from {start:g} to {stop:g} km", f"it is from {low:g} to {high:g} km")
    places = np.append(start, np.geomspace(max(start, 1e-6 * stop), stop, _SAMPLES))
    values = _checks.concrete(jnp.asarray(profile(jnp.asarray(places))))
    if values is None:
        return
    if values.shape != places.shape:
        _checks.fail(name, "be one number at each place", f"of {places.shape} places it has shape {values.shape}")
    low, high, unit = limits.get("low", -np.inf), limits.get("high", np.inf), limits.get("unit", "")
    bad = ~(np.isfinite(values) & (values >= low) & (values <= high))
    if np.any(bad):
        where = f"it is {values[bad][0]:g} at {places[bad][0]:g} km"
        _checks.fail(name, f"lie in [{low:g}, {high:g}] {unit}".strip() + " and be finite along the way", where)
