"""A star that collapses, as neutrinos see it on their way out: matter, and the scales of a twisting magnetic field."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.media import Constant, Linear, PowerLaw, Profile
from nmmjax.numerics.arrays import RealLike
from nmmjax.precession.path import Medium, Path


class CollapsingStar(eqx.Module):
    """Matter of any profile, a field B = `field` (`radius` / r)^`power` across the way, and its twist phi' = `twist`.

    The scales are those that S. Jana and Y. Porto, Phys. Rev. Lett. 132, 101005 (2024), and S. Jana, Y. Porto-Silva and
    M. Sen, arXiv:2203.01950, name; their profiles are not public. Of another field or twist make a `Path`.
    """

    matter: Medium
    start: Float[Array, ""]
    """Where neutrinos are still what they were born as [km]."""
    stop: Float[Array, ""]
    """Where matter is gone [km]."""
    radius: Float[Array, ""]
    """[km]."""
    field: Float[Array, ""]
    """At the radius [gauss]."""
    power: Float[Array, ""]
    twist: Float[Array, ""]
    """[rad/km]."""

    @public
    def __init__(
        self,
        matter: Medium,
        start: RealLike,
        stop: RealLike,
        *,
        radius: RealLike = 1000.0,
        field: RealLike = 1e12,
        power: RealLike = 2.0,
        twist: RealLike = 0.0,
    ) -> None:
        _checks.check_range("radius", radius, low=0.0, open_low=True, unit="km")
        _checks.check_range("field", field, low=0.0, unit="gauss")
        self.matter = matter
        numbers = (start, stop, radius, field, power, twist)
        self.start, self.stop, self.radius, self.field, self.power, self.twist = (
            jnp.asarray(x, float) for x in numbers
        )
        self.path()  # raises where the profiles do not reach

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @public
    def iron_core(
        cls, *, compactness: RealLike = 1.0, field: RealLike = 1e10, twist: RealLike = 0.0
    ) -> "CollapsingStar":
        """A progenitor with a core of iron: rho = 1e7 g/cm^3 x `compactness` (1000 km / r)^3 with Y_e = 0.497.

        From 2500 km, where a shock has not yet been, to 1e6 km. With `compactness` 1 to 15 this is rho = 1e13 C g/cm^3
        (10 km / r)^3, G. E. Brown, H. A. Bethe and G. Baym, Nucl. Phys. A 375, 481 (1982). The field of 1e10 G there
        falls off as r^-2; Y_e - 1/2 decides where spin and flavor change together.
        """
        _checks.check_range("compactness", compactness, low=0.0, open_low=True)
        matter = Medium(PowerLaw(1e7 * jnp.asarray(compactness), 1000.0, 3.0), Constant(0.497))
        return cls(matter, 2500.0, 1e6, field=field, power=2.0, twist=twist)

    @classmethod
    @public
    def edge_of_core(
        cls, *, density: RealLike = 1e4, field: RealLike = 1e12, twist: RealLike = -1.0
    ) -> "CollapsingStar":
        """The edge of a core at 1000 km, V_e of the order of 1/km: rho = `density` (1000 km / r)^3, Y_e = 0.45.

        With B = 1e12 G there, falling as r^-3, and a twist of the order of 1/km; from 300 to 1e5 km.
        """
        _checks.check_range("density", density, low=0.0, open_low=True, unit="g/cm^3")
        matter = Medium(PowerLaw(density, 1000.0, 3.0), Constant(0.45))
        return cls(matter, 300.0, 1e5, field=field, power=3.0, twist=twist)

    def path(self, *, stronger: RealLike = 1.0, twist: RealLike | None = None) -> Path:
        """The way out, with a field so many times as strong, and another twist [rad/km] where it is given."""
        _checks.check_range("stronger", stronger, low=0.0)
        turn: Profile = Linear(0.0, self.twist if twist is None else twist, origin=self.start)
        field = PowerLaw(self.field * jnp.asarray(stronger), self.radius, self.power)
        return Path(self.start, self.stop, self.matter, field, turn)
