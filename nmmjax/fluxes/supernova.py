"""Neutrinos of a core-collapse supernova as they leave it: what becomes of them on the way is `nmmjax.precession`'s."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.constants import CM_PER_KPC, MEV_PER_ERG
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import clipped, larger
from nmmjax.tables import Source, read_table

SPECIES = ("nue", "antinue", "nux")
"""As in packaged tables; nux is one of nu_mu, nu_tau and their antineutrinos."""
_TABLE_LUMINOSITY = 1e51
"""[erg/s]."""
_GAUSS_NODES, _GAUSS_WEIGHTS = gauss_legendre(3)


@public
def pinched_spectrum(energy: RealLike, mean_energy: RealLike, pinching: RealLike) -> Float[Array, "..."]:
    """Distribution of energies of one species [1/MeV], with integral one and mean <E>:

        phi(E) = (1 + a)^(1 + a) / (Gamma(1 + a) <E>) (E / <E>)^a exp(-(1 + a) E / <E>),

    so <E^2> / <E>^2 = (2 + a) / (1 + a). The pinching a is 2 for Maxwell and Boltzmann, 2.3 for Fermi and Dirac, more
    where the tail is cut. M. T. Keil, G. G. Raffelt and H.-T. Janka, Astrophys. J. 590, 971 (2003).

    **Arguments:** E > 0 and <E> > 0 [MeV], a > -1; they broadcast. At a = 1e4 the rounding is 1e-11.
    """
    energy = _checks.as_array("energy", energy, float)
    mean_energy = _checks.as_array("mean_energy", mean_energy, float)
    pinching = _checks.as_array("pinching", pinching, float)
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range("mean_energy", mean_energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range("pinching", pinching, low=-1.0, open_low=True)
    return _pinched_spectrum(energy, mean_energy, pinching)


@jax.jit
def _pinched_spectrum(energy: Real, mean_energy: Real, a: Real) -> Real:
    x = energy / mean_energy
    logarithm = (1.0 + a) * (jnp.log1p(a) - x) - gammaln(1.0 + a) + a * jnp.log(x)
    return jnp.exp(logarithm) / mean_energy


class SupernovaBurst(eqx.Module):
    """Luminosities and spectra of nu_e, antinu_e and nu_x over time; nu_x is each of the other four.

    Between the `times` luminosity, mean energy and pinching are straight lines; outside of them nothing shines. The
    last axis of every answer is the species.
    """

    times: Float[Array, " times"]
    """[s] after the bounce, ascending."""
    luminosities: Float[Array, "times 3"]
    """[erg/s], not negative."""
    mean_energies: Float[Array, "times 3"]
    """[MeV]."""
    pinchings: Float[Array, "times 3"]
    tables: tuple[Source, ...] = eqx.field(static=True, default=())

    def __check_init__(self) -> None:
        check_fields(self)
        times = _checks.concrete(self.times)
        if self.times.shape[0] < 2:
            _checks.fail("times", "be an ascending array of two or more times", f"its shape is {self.times.shape}")
        if times is not None and not np.all(np.diff(times) > 0.0):
            _checks.fail("times", "be ascending", f"it is {times}")
        _checks.check_range("luminosities", self.luminosities, low=0.0, unit="erg/s")
        _checks.check_range("mean_energies", self.mean_energies, low=0.0, open_low=True, unit="MeV")
        _checks.check_range("pinchings", self.pinchings, low=-1.0, open_low=True)

    @classmethod
    def load(cls) -> "SupernovaBurst":
        """An electron-capture supernova of 8.8 solar masses, model Sf of Huedepohl et al. (2010), -20 ms to 8 s."""
        return cls._read("supernova_huedepohl_2010")

    @classmethod
    def with_reduced_opacities(cls) -> "SupernovaBurst":
        """The same star, model Sr: correlations of nucleons let neutrinos escape in less time."""
        return cls._read("supernova_huedepohl_2010_reduced")

    @classmethod
    def _read(cls, name: str) -> "SupernovaBurst":
        table = read_table(name)

        def columns(quantity: str) -> Float[np.ndarray, "times 3"]:
            return np.stack([table[f"{quantity}_{species}"] for species in SPECIES], -1)

        return cls(
            times=on_device(table["time"]),
            luminosities=on_device(_TABLE_LUMINOSITY * columns("luminosity")),
            mean_energies=on_device(columns("energy")),
            pinchings=on_device(columns("pinching")),
            tables=(table.source,),
        )

    @public
    def luminosity(self, time: RealLike) -> Float[Array, "... 3"]:
        """Luminosity [erg/s] at times [s] after the bounce."""
        return self._at(time, self.luminosities, outside=0.0)

    @public
    def mean_energy(self, time: RealLike) -> Float[Array, "... 3"]:
        """Mean energy <E> [MeV] at times [s] after the bounce, (..., species)."""
        return self._at(time, self.mean_energies)

    @public
    def pinching(self, time: RealLike) -> Float[Array, "... 3"]:
        """Pinching parameter of `pinched_spectrum` at times [s] after the bounce, (..., species)."""
        return self._at(time, self.pinchings)

    def energies(self) -> Float[Array, "3"]:
        """Energy that each species carries off [erg], (species,)."""
        steps = self.times[1:] - self.times[:-1]
        return 0.5 * steps @ (self.luminosities[1:] + self.luminosities[:-1])

    @public
    def emission(self, time: RealLike, energy: RealLike) -> Float[Array, "... 3"]:
        """Neutrinos that leave the star per second and MeV, (L / <E>) phi(E); times and energies [MeV] broadcast."""
        mean, pinching = self.mean_energy(time), self.pinching(time)
        spectrum = pinched_spectrum(jnp.asarray(energy)[..., None], mean, pinching)
        return MEV_PER_ERG * self.luminosity(time) / mean * spectrum

    @public
    def flux(self, time: RealLike, energy: RealLike, distance: Float[ArrayLike, ""]) -> Float[Array, "... 3"]:
        """Neutrinos per cm^2, second and MeV at a distance D [kpc], L / (4 pi D^2 <E>) phi(E), unless they convert."""
        return self.emission(time, energy) / _sphere(distance)

    @public
    def fluence(
        self,
        energy: RealLike,
        distance: Float[ArrayLike, ""],
        *,
        start: Float[ArrayLike, ""] | None = None,
        end: Float[ArrayLike, ""] | None = None,
    ) -> Float[Array, "... 3"]:
        """Neutrinos per cm^2 and MeV at a distance [kpc] from `start` to `end` [s], all of them unless these are given.

        Three Gauss nodes between any two times of the table: right to 1e-4.
        """
        first = self.times[0] if start is None else jnp.asarray(start)
        last = self.times[-1] if end is None else jnp.asarray(end)
        if start is not None and end is not None and (begin := _checks.concrete(first)) is not None:
            _checks.check_range("end", last, low=float(begin), unit="s")
        knots = clipped(self.times, first, larger(first, last))
        half = 0.5 * (knots[1:] - knots[:-1])
        nodes = (knots[:-1] + half)[:, None] + half[:, None] * _GAUSS_NODES
        weights = half[:, None] * _GAUSS_WEIGHTS
        emitted = self.emission(nodes, jnp.asarray(energy)[..., None, None])
        return jnp.einsum("tk,...tks->...s", weights, emitted) / _sphere(distance)

    def _at(
        self, time: RealLike, values: Float[Array, "times 3"], *, outside: float | None = None
    ) -> Float[Array, "... 3"]:
        time = _checks.as_array("time", time, float)
        _checks.check_range("time", time)
        columns = [jnp.interp(time, self.times, v, left=outside, right=outside) for v in values.T]
        return jnp.stack(columns, -1)


def _sphere(distance: Float[ArrayLike, ""]) -> Float[Array, ""]:
    """Area 4 pi D^2 [cm^2] of a sphere of radius D [kpc]."""
    distance = _checks.as_array("distance", distance, float)
    _checks.check_range("distance", distance, low=0.0, open_low=True, unit="kpc")
    return 4.0 * math.pi * (CM_PER_KPC * jnp.asarray(distance)) ** 2
