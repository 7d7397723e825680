"""The dipole portal over the mass of N: what explains, what excludes, and how far telescopes of neutrinos reach."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import decays, plots
from nmmjax.constants import CM_PER_KM, MEV_PER_GEV, PDG_2026
from nmmjax.experiments import MiniBooNE2020
from nmmjax.low_energy import HeavyLepton, LowEnergy
from nmmjax.models import ThreeFlavor
from nmmjax.plots import Region
from nmmjax.plots._matplotlib import Figure
from nmmjax.scattering import dipole_emission, dipole_portal, dipole_proton
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.scattering.proton import PROTON_MASS

_ICE = 0.917 / 18.015 * PDG_2026.avogadro
"""Molecules by cm^3."""
_YEARS, _SKY = 10.0 * 3.156e7, 2.0 * math.pi
"""[s], and what is seen of the sky, the Earth below being opaque [sr]."""
_FLUX = 1e-8
"""E^2 dN/dE of each flavor, neutrinos and antineutrinos [GeV / (cm^2 s sr)]: a round number, as measured at 0.1 PeV."""
_RESOLVED = 0.02
"""Distance of two showers that can be told apart [km]."""
_SEEN = 3.0
"""Events that would be seen, where nothing else makes them."""
_ALLOWED = 3e52
"""Luminosity that N may have had in SN1987A [erg/s]."""
_LIFETIME = 0.1
"""Of N that leave helium alone [s]."""
_DELTA = 2.71
_MASSES, _MOMENTS = np.geomspace(1.0, 4e7, 97), np.geomspace(1e-13, 1e-3, 201)
_WEAK = 7.84e-36, 0.363
"""Cross section of neutrinos on a nucleon, sigma = a (E / GeV)^b [cm^2], from 1e7 to 1e12 GeV, from memory of
R. Gandhi, C. Quigg, M. H. Reno and I. Sarcevic, Phys. Rev. D 58, 093009 (1998), hep-ph/9807264."""


def portal_reach() -> Figure:
    """Moment to one flavor over the mass of N: MiniBooNE, SN1987A, nucleosynthesis, double bangs and showers in ice."""
    regions = [
        _between("MiniBooNE, better than none by 5.4", *_miniboone()),
        _between("SN1987A, energy of N, one zone", _MASSES, supernova(_MASSES, _MOMENTS) > _ALLOWED),
    ]
    for volume, low, high in ((1.0, 1e4, 1e7), (100.0, 1e7, 1e10)):
        range_ = f"$10^{{{math.log10(low):.0f}}}$ to $10^{{{math.log10(high):.0f}}}$ GeV"
        label = f"double bangs, {volume:g} km$^3$ of ice, {range_}"
        regions.append(_between(label, _MASSES, double_bangs(_MASSES, _MOMENTS, volume, (low, high)) > _SEEN))
    lasting = plots.Curve(f"lifetime of {_LIFETIME:g} s", _MASSES, _moment_of_lifetime(_MASSES))
    showers = [_as_weak(MEV_PER_GEV * E) for E in (1e7, 1e9)]
    return plots.moments_over_mass(regions, [lasting, *showers], (_MOMENTS[0], _MOMENTS[-1]))


def _as_weak(energy: float) -> plots.Curve:
    """Moments with which a neutrino of this energy [MeV] makes N as often as it interacts weakly, up to 0.9 sqrt(s)."""
    masses = _MASSES[0.9 * math.sqrt(2.0 * energy * PROTON_MASS) > _MASSES]
    made = np.asarray(_of_molecule(jnp.array([energy]), jnp.asarray(masses)[:, None]))[:, 0]
    scale, power = _WEAK
    moments = np.sqrt(18.0 * scale * (energy / MEV_PER_GEV) ** power / made)
    label = f"as many showers as weak ones, $10^{{{math.log10(energy / MEV_PER_GEV):.0f}}}$ GeV"
    return plots.Curve(label, masses, moments)


def double_bangs(
    masses: Float[np.ndarray, " masses"],
    moments: Float[np.ndarray, " moments"],
    volume: float,
    energies: tuple[float, float],
) -> Float[np.ndarray, "masses moments"]:
    """Pairs of showers in ten years that N leaves in a cube of ice [km^3], where it is made and where it decays.

    N is made on oxygen as a whole, on protons one by one, and of protons that break, neutrons counting as these; it
    decays between 20 m and the side of the cube. All are seen.
    """
    energy = MEV_PER_GEV * np.geomspace(*energies, 25)
    E, m = jnp.asarray(energy), jnp.asarray(masses)[:, None]
    made = np.asarray(_of_molecule(E, m))  # masses, energies
    flux = _FLUX / MEV_PER_GEV / (energy / MEV_PER_GEV) ** 2
    weights = np.gradient(np.log(energy)) * energy * flux * (_YEARS * _SKY * volume * CM_PER_KM**3 * _ICE)
    rate = np.asarray(decays.heavy_neutrino_radiative_rate(1.0, masses, majorana=False))
    moving = np.maximum(energy, 1.000001 * masses[:, None])
    length = np.asarray(decays.decay_length(rate[:, None], moving, masses[:, None]))
    squares = moments[:, None] ** 2
    seen = decays.decay_between(length[:, None] / squares, _RESOLVED, volume ** (1.0 / 3.0))
    return np.sum(np.asarray(seen) * squares * (made * weights)[:, None], -1)


@jax.jit
def _of_molecule(energy: Float[Array, " energies"], mass: Float[Array, "masses 1"]) -> Float[Array, "masses energies"]:
    """Cross section on a molecule of water, for one Bohr magneton [cm^2]."""
    oxygen = Nucleus.load("O")
    whole = dipole_portal.primakoff_cross_section(energy, mass, oxygen)
    one_by_one = dipole_proton.elastic_cross_section(energy, mass, nucleus=oxygen)
    one_by_one += 2.0 * dipole_proton.elastic_cross_section(energy, mass)
    below = mass < dipole_portal.heaviest(energy, oxygen.mass[0])
    broken = 18.0 * dipole_proton.inelastic_cross_section(energy, mass)
    return jnp.where(below, whole, 0.0) + one_by_one + broken


def supernova(
    masses: Float[np.ndarray, " masses"], moments: Float[np.ndarray, " moments"]
) -> Float[np.ndarray, "masses moments"]:
    """Luminosity [erg/s] of N in the core of SN1987A."""
    mass, moment = masses[:, None], moments
    rate = decays.heavy_neutrino_radiative_rate(moment, mass, majorana=False)
    return np.asarray(dipole_emission.luminosity(mass, rate, dipole_emission.Core(), moment=moment))


def _moment_of_lifetime(masses: Float[np.ndarray, " masses"]) -> Float[np.ndarray, " masses"]:
    rate = np.asarray(decays.heavy_neutrino_radiative_rate(1.0, masses, majorana=False))
    return 1.0 / np.sqrt(_LIFETIME * rate)


def _miniboone() -> tuple[Float[np.ndarray, " masses"], np.ndarray]:
    """Masses, and where the moment to nu_mu is as good as its best at that mass, if that is better than none."""
    experiment = MiniBooNE2020.load()
    neutrinos = ThreeFlavor.benchmark().low_energy().neutrinos

    @jax.jit
    def chi2(mass: Float[Array, ""]) -> Float[Array, " moments"]:
        def of(moment: Float[Array, ""]) -> Float[Array, ""]:
            heavy = HeavyLepton(mass, jnp.stack([0.0 * moment, moment, 0.0 * moment]))
            return -2.0 * experiment.log_likelihood(LowEnergy(neutrinos, heavy_lepton=heavy), {})

        return jax.lax.map(of, jnp.asarray(_MOMENTS))

    masses = np.geomspace(5.0, 1500.0, 40)
    found = np.stack([np.asarray(chi2(jnp.asarray(m))) for m in masses])
    none = found[:, :1]
    best = np.min(found, 1, keepdims=True)
    return masses, (found < best + _DELTA) & (best < none - 2.0 * _DELTA)


def _between(label: str, masses: Float[np.ndarray, " masses"], inside: np.ndarray) -> Region:
    """The moments of a region at each mass; none where there are none."""
    some = inside.any(1)
    low = np.where(some, _MOMENTS[np.argmax(inside, 1)], np.nan)
    high = np.where(some, _MOMENTS[len(_MOMENTS) - 1 - np.argmax(inside[:, ::-1], 1)], np.nan)
    return Region(label, masses, low, high)
