"""What the talks print about stars, plasmons, charges and the early universe."""

import math
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from nmmjax import stars
from nmmjax.constants import CM_PER_KM, EV_PER_GEV, GRAM_PER_SOLAR_MASS, PDG_2026
from nmmjax.experiments import Katrin2025, RedGiants2020, Xenon1T2020
from nmmjax.experiments.red_giants_2020 import M5, GlobularClusters, Ngc4258, OmegaCentauri, RedGiantTip
from nmmjax.experiments.shared.stars import energy_loss
from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos
from nmmjax.models import LightScalar, ThreeFlavor, UniversalMoment
from nmmjax.numerics.special import two_sided_quantile
from nmmjax.scattering import dipole_emission, electromagnetic, electron

CENTER = 1e6
"""Density of a red giant [g/cm^3] in the talk of 2020."""
_STEPS = np.linspace(0.02, 10.0, 500)
"""Moments that are tried [1e-12 mu_B]."""
_POLYTROPE = 5.9907
"""Density at the center over the mean, of a polytrope of index 3/2: electrons that are degenerate and slow."""
_CHARM_II = -0.035, 0.017
"""g_V of nu_mu and its error, P. Vilain et al. (CHARM II), Phys. Lett. B 335, 246 (1994), quoted from memory."""
_UP_TO_ELECTRONS = 1e-15
"""Charge [e] beyond which particles lighter than electrons are excluded, S. Davidson et al., hep-ph/0001179."""
_QUARKS, _SPECIES = 150.0, 17.25
"""Temperature of the QCD transition [MeV], and degrees of freedom of photons, neutrinos, electrons, muons and pions."""
"""Planck mass [GeV]."""


def _with(moments: np.ndarray | jax.Array, majorana: bool = False) -> LowEnergy:
    """Massless neutrinos with these moments [mu_B]."""
    return LowEnergy(Neutrinos(jnp.zeros((3, 3)), jnp.asarray(moments), Majorana() if majorana else Dirac()))


def standard_loss() -> float:
    """Moment [mu_B] by which plasmons lose as much as by the weak interaction, at the center of a red giant."""
    return 1e-12 / math.sqrt(float(stars.magnetic_energy_loss(1e-12, stars.plasma_frequency(CENTER))))


@cache
def tip_of(tip: RedGiantTip, sigmas: float) -> float:
    """Moment [mu_B] that a tip disfavors by so many standard deviations, -2 ln L = sigmas^2."""
    experiment, moment = RedGiants2020.load(tip), 1e-12 * jnp.diag(jnp.array([1.0, 0.0, 0.0]))
    chi2 = -2.0 * jax.jit(jax.vmap(lambda size: experiment.log_likelihood(_with(size * moment), {})))(_STEPS)
    best = int(np.argmin(chi2))
    return 1e-12 * float(np.interp(sigmas**2, chi2[best:], _STEPS[best:]))


@cache
def strictest() -> float:
    """The lowest limit at 95 % of all tips of red giants [mu_B]."""
    tips = (Ngc4258(), OmegaCentauri(), M5(), GlobularClusters())
    return min(tip_of(tip, two_sided_quantile(0.95)) for tip in tips)


def of_any_pair() -> float:
    """Energy loss by one transition moment of Majorana neutrinos over that by a diagonal one of Dirac neutrinos."""
    core = stars.red_giant()
    transition = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    diagonal = energy_loss(_with(1e-12 * np.diag([0.0, 1.0, 0.0])), core)
    return float(energy_loss(_with(1e-12 * transition, majorana=True), core) / diagonal)


def blocked() -> float:
    """Energy loss of a red giant with the scalar of the talk over that without, by 2.5e-11 mu_B."""
    theory, core = LightScalar.benchmark().low_energy(), stars.red_giant()
    return float(energy_loss(theory, core) / energy_loss(LowEnergy(theory.neutrinos), core))


def mass_at_katrin() -> float:
    """m_beta [eV] of the talk's scalar at the surface of the Earth."""
    return math.sqrt(float(Katrin2025.load().predict(LightScalar.benchmark().low_energy(), {})[0]))


def mean_density(mass: float, radius: float) -> float:
    """Mean density [g/cm^3] of so many solar masses within a radius [km]."""
    return mass * GRAM_PER_SOLAR_MASS / (4.0 / 3.0 * math.pi * (CM_PER_KM * radius) ** 3)


def central_density(mass: float, radius: float) -> float:
    """That at the center [g/cm^3] of a polytrope of index 3/2."""
    return _POLYTROPE * mean_density(mass, radius)


def peak() -> float:
    """Middle of the bin of XENON1T, of 1 keV from 1 keV on, with the most events of a moment of 2.2e-11 mu_B [keV]."""
    experiment = Xenon1T2020.load()
    none = ThreeFlavor.benchmark().low_energy()
    more = experiment.signal(UniversalMoment(2.2e-11).low_energy()) - experiment.signal(none)
    return 1.5 + float(np.argmax(more))


def of_small_charges() -> float:
    """Moment [mu_B] of a loop of particles with 1e-15 e, as heavy as electrons, beside a neutrino mass of 0.1 eV."""
    electron_mass = EV_PER_GEV * PDG_2026.electron_mass
    return 2.0 * electron_mass * 0.1 / electron_mass**2 * _UP_TO_ELECTRONS


def early_universe() -> float:
    """Moment [mu_B] whose flips on electrons end when quarks are bound, after which N are not thinned any more."""
    above = dipole_emission.freeze_out_temperature(1.0, degrees_of_freedom=_SPECIES)
    return math.sqrt(float(above) / _QUARKS)


def turning() -> float:
    """Charge [e] by which 1e58 neutrinos leaving along radii would stop a star of 1.4 M_sun and 10 s in 1e14 G.

    Each takes q B r^2 sin^2(theta) / 2 of angular momentum, r^2 / 3 in the mean, from 2 M r^2 / 5 times the frequency;
    conditions of A. I. Studenikin and I. Tokarev, Nucl. Phys. B 884, 396 (2014), quoted from memory.
    """
    neutrinos, mass, field, period = 1e58, 1.4 * 1e-3 * GRAM_PER_SOLAR_MASS, 1e10, 10.0  # SI: kg, T, s
    momentum = 0.4 * mass * 2.0 * math.pi / period
    return momentum / (neutrinos * field / 3.0 * 1.602176634e-19)


def muon_radius(side: float) -> float:
    """<r^2> of nu_mu [cm^2] beyond the Standard Model at an end of CHARM II's g_V at 90 %."""
    value, error = _CHARM_II
    weak = electron.Couplings.radiatively_corrected()
    shift = value + side * two_sided_quantile(0.9) * error - float((weak.left + weak.right)[1, 1])
    return shift / float(electromagnetic.charge_radius_shift(1.0))
