"""Single photons in a ball of oil in a beam: a neutrino becomes N in the oil or in the dirt before it, N -> nu gamma.

N keeps the direction of the beam well enough to cross the ball where it would have; of those made in the oil a part
1 - h decays inside, and those made in the dirt, evenly along a way D, add as if they were made in the oil, with a part

    h (1 - exp(-D / L)),    h(x) = 3 / x^3 int_0^x t (1 - exp(-t)) dt,    x = 2 R / L,    L = (p / m) c / Gamma,

since a point in a ball sees as much way before it as behind it. What a photon is taken for depends on m alone, not on
the moment, and is tabulated.
"""

from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Integer

from nmmjax import decays
from nmmjax._device import on_device
from nmmjax.constants import CM_PER_KM, FM_PER_SECOND, KEV_PER_MEV, KM_PER_FM, PDG_2026
from nmmjax.experiments.shared.portal import UniformSpline
from nmmjax.low_energy import HeavyLepton
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import modulus_squared
from nmmjax.scattering import dipole_portal, dipole_proton
from nmmjax.scattering.nucleus import Nucleus, charge_form_factor
from nmmjax.scattering.proton import PROTON_MASS

UNIT = 1e-9
"""Moment [mu_B] for which photons are tabulated."""
MASSES = np.geomspace(5.0, 2000.0, 48)
"""Of N [MeV], where they are tabulated."""
_MOMENTA, _ANGLES, _TURNS = 10, 24, 3
"""Nodes in ln Q^2, in the cosine of the photon in the frame of N, and in its azimuth."""
_SPREAD = (-1.0 / 3.0, 0.0, 1.0 / 3.0)
"""Where in a bin of the beam a neutrino may be, from -1/2 to 1/2."""
_LEAST = 1e-30
"""Square of a moment in `UNIT` that makes no difference, added so that its root is smooth."""
_SOFT = 3e6
"""Q^2 [MeV^2] beyond which form factors leave nothing."""


class Material(NamedTuple):
    """What stands in the beam: nuclei with their number, and protons that are free, by cm^3."""

    nuclei: Sequence[tuple[Nucleus, float]]
    free_protons: float


class Ball(NamedTuple):
    """Where N decays, and what it is made of."""

    radius: float
    """[cm]"""
    oil: Material
    dirt: Material
    way: float
    """Through the dirt [cm]."""


class Photons(eqx.Module):
    """Photons in bins of a beam and of what they are taken for, from moments and the mass of N.

    Below the least mass of `MASSES` they are what they are there, but for the length of the decay; above the greatest
    there are none.
    """

    seen: UniformSpline
    """Photons (oil or dirt, bins, energies) by neutrino and cm^-2, were each to decay in the ball; in ln m."""
    flux: Float[Array, "beams flavors energies"]
    """Neutrinos and antineutrinos, e and mu, by cm^2."""
    energies: Float[Array, " energies"]
    """Of neutrinos [MeV]."""
    diameter: Float[Array, ""]
    way: Float[Array, ""]
    """[km]"""
    majorana: bool = eqx.field(static=True)

    def events(self, heavy: HeavyLepton) -> Float[Array, "beams bins"]:
        """Photons (beams, bins) of one heavy lepton."""
        mass = jnp.asarray(heavy.mass)
        squares = modulus_squared(heavy.moments / UNIT)
        inside = mass < MASSES[-1]
        held = jnp.clip(mass, MASSES[0], MASSES[-1])
        cells = (len(MASSES) - 1) / np.log(MASSES[-1] / MASSES[0])
        oil, dirt = self.seen(cells * jnp.log(held / MASSES[0]))
        share_oil, share_dirt = self._shares(mass, UNIT * jnp.sqrt(jnp.sum(squares) + _LEAST))
        beam = jnp.einsum("a,bak->bk", squares[:2], self.flux)
        photons = jnp.einsum("bk,nk->bn", beam * share_oil, oil) + jnp.einsum("bk,nk->bn", beam * share_dirt, dirt)
        return jnp.where(inside, photons, 0.0)

    def _shares(
        self, mass: Float[Array, ""], moment: Float[Array, ""]
    ) -> tuple[Float[Array, " energies"], Float[Array, " energies"]]:
        """Shares that decay in the ball, of N from the oil and, by the density of the dirt, of N from there."""
        rate = decays.heavy_neutrino_radiative_rate(moment, mass, majorana=self.majorana)
        above = self.energies > mass
        inverse = jnp.where(above, mass, 0.0) / jnp.sqrt(jnp.where(above, self.energies**2 - mass**2, 1.0))
        by_length = inverse * rate / _SPEED
        past = passing(self.diameter * by_length)
        return 1.0 - past, -past * jnp.expm1(-self.way * by_length)


_SPEED = FM_PER_SECOND * KM_PER_FM
"""Of light [km/s]."""


def passing(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """h(x) = 3 / x^3 int_0^x t (1 - exp(-t)) dt, the share that leaves a ball of x decay lengths across; h(0) = 1."""
    small = x < 0.5
    z = jnp.where(small, x, 0.0)
    series = 1.0 + jnp.zeros_like(x)
    term = jnp.ones_like(x)
    for k in range(1, 12):
        term = -term * z / (k + 1)
        series = series + 3.0 * term / (k + 3)
    y = jnp.where(small, 1.0, x)
    closed = 3.0 * (0.5 * y**2 - 1.0 + (1.0 + y) * jnp.exp(-y)) / y**3
    return jnp.where(small, series, closed)


# Everything below is computed once, when an experiment is loaded.


def build(
    ball: Ball,
    energies: Float[np.ndarray, " energies"],
    flux: Float[np.ndarray, "beams flavors energies"],
    efficiency: tuple[Float[np.ndarray, " points"], Float[np.ndarray, " points"]],
    edges: Float[np.ndarray, " bins+1"],
    *,
    majorana: bool,
) -> Photons:
    """The table, from the energies [MeV] and numbers by cm^2 of neutrinos.

    **Arguments:** the efficiency over the energy of the photon [MeV], held at its last value beyond, and the edges of
    the reconstructed energies [MeV]. Dirac N come out with positive helicity, up to some (m/2E)^2, and send photons
    backward as 1 - cos; Majorana N send them evenly and live half as long.
    """
    seen = _seen((ball.oil, ball.dirt), energies, _Detector(*efficiency, edges, majorana))
    return Photons(
        seen=UniformSpline.build(4.0 / 3.0 * np.pi * ball.radius**3 * seen),
        flux=on_device(flux),
        energies=on_device(energies),
        diameter=on_device(np.asarray(2.0 * ball.radius / CM_PER_KM)),
        way=on_device(np.asarray(ball.way / CM_PER_KM)),
        majorana=majorana,
    )


class _Detector(NamedTuple):
    """What becomes of N and of its photon."""

    photon: Float[np.ndarray, " points"]
    efficiency: Float[np.ndarray, " points"]
    edges: Float[np.ndarray, " bins+1"]
    majorana: bool


def _seen(
    materials: Sequence[Material], energies: Float[np.ndarray, " energies"], detector: _Detector
) -> Float[np.ndarray, "masses materials bins energies"]:
    """Photons by cm^3 of each material and neutrino by cm^2: from nuclei, all as heavy as the lightest, and protons."""
    lightest = min(float(nucleus.mass[0]) for material in materials for nucleus, _ in material.nuclei)
    made = _Made.on(energies, lightest)
    total = made.photons([_on_nuclei(made, material) for material in materials], detector)
    made = _Made.on(energies, PROTON_MASS)
    section = np.asarray(_on_proton(made.energy, made.recoil(PROTON_MASS), made.mass)) / _width(PROTON_MASS)
    protons = [section * _protons(made.squared, material) for material in materials]
    return total + made.photons(protons, detector)


def _width(target_mass: float) -> float:
    """dQ^2 / dT [MeV^2 / keV]."""
    return 2.0 * target_mass / KEV_PER_MEV


def _on_nuclei(made: "_Made", material: Material) -> Float[np.ndarray, "masses energies nodes"]:
    """Cross section dsigma/dQ^2 by cm^3 [1 / (cm MeV^2)] of nuclei that stay whole."""
    total = np.zeros_like(made.squared)
    for nucleus, number in material.nuclei:
        mass = float(nucleus.mass[0])
        section = np.asarray(_coherent(made.energy, made.recoil(mass), made.mass, nucleus))
        total += number * section / _width(mass)
    return total


def _protons(squared: Float[np.ndarray, "..."], material: Material) -> Float[np.ndarray, "..."]:
    """Protons by cm^3 that are hit one by one at Q^2: free ones, and Z (1 - F^2) of each nucleus."""
    total = np.full_like(squared, material.free_protons)
    for nucleus, number in material.nuclei:
        as_one = squared[..., None] / (2.0 * float(nucleus.mass[0]))
        form = np.asarray(charge_form_factor(on_device(as_one), nucleus))[..., 0]
        total += number * float(nucleus.protons[0]) * (1.0 - form**2)
    return total


@jax.jit
def _coherent(
    energy: Float[Array, "..."], recoil: Float[Array, "..."], mass: Float[Array, "..."], nucleus: Nucleus
) -> Float[Array, "..."]:
    return dipole_portal.differential_cross_section(energy, recoil, mass, nucleus, moment=UNIT)


@jax.jit
def _on_proton(
    energy: Float[Array, "..."], recoil: Float[Array, "..."], mass: Float[Array, "..."]
) -> Float[Array, "..."]:
    return dipole_proton.differential_cross_section(energy, recoil, mass, moment=UNIT)


class _Made(NamedTuple):
    """N made at nodes of Q^2, by mass and energy of the neutrino."""

    energy: Float[np.ndarray, "masses energies nodes"]
    """[MeV]"""
    mass: Float[np.ndarray, "masses energies nodes"]
    """[MeV]"""
    squared: Float[np.ndarray, "masses energies nodes"]
    """[MeV^2]"""
    weight: Float[np.ndarray, "masses energies nodes"]
    """Of an integral over Q^2 [MeV^2]; zero where N cannot be made."""
    target_mass: float

    @classmethod
    def on(cls, energies: Float[np.ndarray, " energies"], target_mass: float) -> "_Made":
        mass, energy = np.broadcast_arrays(MASSES[:, None], energies)
        least, greatest = map(np.asarray, dipole_portal.recoil_limits(energy, mass, target_mass))
        opened = greatest > least
        low, high = (_width(target_mass) * np.where(opened, end, 1.0)[..., None] for end in (least, greatest))
        high = np.maximum(np.minimum(high, _SOFT), low)
        x, weights = gauss_legendre(_MOMENTA)
        half = 0.5 * np.log(high / low)
        squared = low * np.exp(half * (1.0 + x))
        energy, mass = (np.broadcast_to(array[..., None], squared.shape) for array in (energy, mass))
        return cls(energy, mass, squared, weights * half * squared * opened[..., None], target_mass)

    def recoil(self, target_mass: float) -> Float[np.ndarray, "masses energies nodes"]:
        """[keV]"""
        return self.squared / _width(target_mass)

    def photons(
        self, sections: Sequence[Float[np.ndarray, "masses energies nodes"]], detector: _Detector
    ) -> Float[np.ndarray, "masses materials bins energies"]:
        """What is seen of them, for cross sections dsigma/dQ^2 by cm^3."""
        energy = self.energy - 0.5 * self.squared / self.target_mass
        momentum = np.sqrt(np.maximum(energy**2 - self.mass**2, 1e-12))
        cosine = (2.0 * self.energy * energy - self.mass**2 - self.squared) / (2.0 * self.energy * momentum)
        cosine = np.clip(cosine, -1.0, 1.0)[..., None, None]
        c, even = gauss_legendre(_ANGLES)
        share = 0.5 * even * (1.0 if detector.majorana else 1.0 - c)
        energy, momentum = energy[..., None], momentum[..., None]
        photon = 0.5 * (energy + momentum * c)
        along = ((momentum + energy * c) / (energy + momentum * c))[..., None]
        across = np.sqrt(np.maximum((1.0 - cosine**2) * (1.0 - along**2), 0.0))
        turn = np.cos((np.arange(_TURNS) + 0.5) * np.pi / _TURNS)
        taken = quasi_elastic_energy(photon[..., None], cosine * along + across * turn)
        step = self.energy[0, 1, 0] - self.energy[0, 0, 0]
        seen = share / _TURNS / len(_SPREAD) * np.interp(photon, detector.photon, detector.efficiency)
        parts = [(self.weight * section)[..., None] * seen for section in sections]
        total = np.zeros((len(parts), len(self.mass), len(detector.edges) - 1, self.mass.shape[1]))
        for shift in _SPREAD:  # over the width of a bin of the beam, with which all energies go
            place = _places((1.0 + shift * step / self.energy)[..., None, None] * taken, detector.edges)
            total += np.stack([_histogram(place, part[..., None], total.shape[2]) for part in parts])
        return np.swapaxes(total, 0, 1)


def _places(values: Float[np.ndarray, "..."], edges: Float[np.ndarray, " bins+1"]) -> Integer[np.ndarray, "..."]:
    """The bin of each value; the number of bins where it is in none."""
    place = np.searchsorted(edges, values, side="right") - 1
    return np.where(place < 0, len(edges) - 1, place)


def _histogram(
    place: Integer[np.ndarray, "masses energies ..."], weights: Float[np.ndarray, "masses energies ..."], bins: int
) -> Float[np.ndarray, "masses bins energies"]:
    masses, energies = place.shape[:2]
    row = np.arange(masses * energies).reshape(masses, energies, 1, 1, 1)
    flat, weights = row * (bins + 1) + place, np.broadcast_to(weights, place.shape)
    counts = np.bincount(flat.ravel(), weights.ravel(), minlength=masses * energies * (bins + 1))
    return np.swapaxes(counts.reshape(masses, energies, bins + 1)[..., :bins], 1, 2)


_NEUTRON, _BOUND = 939.56542194, 34.0
"""Mass [MeV], and binding energy [MeV] with which quasi-elastic events are reconstructed, from memory."""
_LEPTON = 1e3 * PDG_2026.electron_mass


def quasi_elastic_energy(
    lepton: Float[np.ndarray, "..."], cosine: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """Energy of the neutrino [MeV] that would have made an electron of this energy on a neutron at rest:

        E = (2 M E_l - M^2 - m_e^2 + m_p^2) / 2 (M - E_l + p_l cos),    M = m_n - 34 MeV;

    minus infinity where none would. The mass of the electron is left out in p_l.
    """
    M = _NEUTRON - _BOUND
    below = M - lepton * (1.0 - cosine)
    above = 2.0 * M * lepton - M**2 - _LEPTON**2 + PROTON_MASS**2
    return np.where(below > 0.0, above / (2.0 * np.where(below > 0.0, below, 1.0)), -np.inf)
