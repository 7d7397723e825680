"""S. Jana, neutrino magnetic moment - mass conundrum, talk at Anomalies 2020; with Babu and Lindner, 2007.04291."""

import math

import jax.numpy as jnp
import numpy as np

from nmmjax import stars
from nmmjax.constants import CM_PER_FM, EV_PER_MEV, PDG_2026
from nmmjax.experiments.red_giants_2020 import M5
from nmmjax.ledger import _stars, _weak
from nmmjax.ledger._rows import Document
from nmmjax.media import SolarModel
from nmmjax.models import SU2Horizontal, ThreeFlavor
from nmmjax.oscillation import FromSun, probability
from nmmjax.scattering import electron
from nmmjax.scattering.kinematics import ELECTRON_MASS

_RADIUS, _DENSITY = 1e4, 1e6
"""Of a red giant's core [km], [g/cm^3]."""
_SCALAR_MASS = 2e-14
"""[eV]."""
_TO_ELECTRONS, _TO_NEUTRINOS = 5e-30, 2e-7
"""Yukawa couplings of the scalar that the talk takes."""
_MUON_DECAY = 0.020
"""|xi| at 90 % of TWIST, J. F. Bueno et al., Phys. Rev. D 84, 032005 (2011), as the Particle Data Group lists it."""
_REGION = 1.4, 2.9
"""Effective moment that XENON1T asks for [1e-11 mu_B]."""
_ENERGY = 0.267
"""Mean energy of neutrinos of pp [MeV]."""


def _oscillations() -> ThreeFlavor:
    """NuFIT 5.0, normal ordering: what was known at the time."""
    return ThreeFlavor(
        7.42e-5,
        2.517e-3,
        theta12=math.radians(33.44),
        theta13=math.radians(8.57),
        theta23=math.radians(49.2),
        delta_cp=math.radians(197.0 - 360.0),
    )


def _seen_from_the_sun() -> float:
    """mu_eff^2 / mu_emu^2 = 1 - P(nu_e -> nu_tau) for neutrinos of pp."""
    mass_squared = _oscillations().low_energy().neutrinos.mass_squared
    return 1.0 - float(probability(mass_squared, _ENERGY, FromSun(SolarModel.b16_gs98(), "pp"))[2])


def _effective_moment() -> float:
    """Tr[rho lambda^dagger lambda] for a mixture of mass states over the formula of the talk."""
    U, of_first = np.asarray(_oscillations().pmns()), 0.4
    cosine2 = 1.0 - abs(U[0, 2]) ** 2
    rho = (U * np.array([cosine2 * of_first, cosine2 * (1.0 - of_first), 1.0 - cosine2])) @ U.conj().T
    l12, l13, l23 = 1.0 + 2.0j, -0.5 + 0.3j, 0.7 - 1.1j
    in_mass = np.array([[0.0, l12, l13], [-l12, 0.0, l23], [-l13, -l23, 0.0]])
    in_flavor = U.conj() @ in_mass @ U.conj().T
    exact = np.trace(rho @ in_flavor.conj().T @ in_flavor).real
    printed = (
        cosine2 * abs(l12) ** 2
        + (1.0 - cosine2 * (1.0 - of_first)) * abs(l13) ** 2
        + (1.0 - cosine2 * of_first) * abs(l23) ** 2
    )
    return exact / printed


def _weak_scattering(flavor: int) -> float:
    """The cross section of the library over the formula of the talk."""
    sine2, E, T, m = 0.2312, 0.3, 0.05, ELECTRON_MASS
    axial = 0.5 if flavor == 0 else -0.5
    vector = 2.0 * sine2 + axial
    fermi = PDG_2026.fermi_constant * 1e-6
    brackets = (vector + axial) ** 2 + (vector - axial) ** 2 * (1.0 - T / E) ** 2
    brackets += (axial**2 - vector**2) * m * T / E**2
    printed = fermi**2 * m / (2.0 * math.pi) * brackets * (PDG_2026.hbar_c * CM_PER_FM) ** 2 / 1e3
    found = electron.differential_cross_section(E, 1e3 * T, electron.Couplings.tree_level(sine2))
    return float(found[flavor, flavor]) / printed


def _inverse_radius() -> float:
    """hbar c / R [eV]."""
    return PDG_2026.hbar_c * 1e-18 / _RADIUS * EV_PER_MEV


def _in_infinite_medium() -> float:
    """One electron per nucleon, each with its full weight [MeV]."""
    mass = stars.mass_in_medium(
        stars.electron_density(_DENSITY, 1.0),
        _SCALAR_MASS,
        electron_coupling=_TO_ELECTRONS,
        neutrino_coupling=_TO_NEUTRINOS,
    )
    return float(mass) / EV_PER_MEV


def _trapping_mass() -> float:
    """At the center of a uniform sphere of helium, with the scalar density of electrons [MeV]."""
    mass = stars.mass_in_star(
        stars.scalar_density(_DENSITY),
        _SCALAR_MASS,
        _RADIUS,
        electron_coupling=_TO_ELECTRONS,
        neutrino_coupling=_TO_NEUTRINOS,
    )
    return float(mass) / EV_PER_MEV


def _horizontal() -> SU2Horizontal:
    return SU2Horizontal(0.1, 0.1, 0.3, m_h=150.0, m_heavy=400.0, m_neutral=300.0, m_pseudo=300.0)


def _fluxes() -> float:
    sun = SolarModel.b16_gs98()
    return float(sun.fluxes[sun.index("pp")] / sun.fluxes[sun.index("be7")])


def _other_fluxes() -> float:
    """All neutrinos but those of pp and 7Be over those of 7Be."""
    sun = SolarModel.b16_gs98()
    pp, be7 = (sun.fluxes[sun.index(source)] for source in ("pp", "be7"))
    return float((np.sum(sun.fluxes) - pp - be7) / be7)


def _jumps() -> float:
    """The largest change of a P(nu_e -> nu_a) of pp, 7Be or 8B neutrinos by the finite height of the Sun's density."""
    mass_squared, sun = _oscillations().low_energy().neutrinos.mass_squared, SolarModel.b16_gs98()
    changes = (
        probability(mass_squared, energy, FromSun(sun, source))
        - probability(mass_squared, energy, FromSun(sun, source, scale_height=1e12))
        for source, energy in (("pp", _ENERGY), ("be7", 0.862), ("b8", 10.0))
    )
    return max(float(jnp.max(jnp.abs(change))) for change in changes)


DOCUMENT = Document(
    "jana-2020",
    "S. Jana, talk at Anomalies 2020; K. S. Babu, S. Jana, M. Lindner, JHEP 10 (2020) 040, 2007.04291",
    computed={
        "d-emu-low": lambda: _REGION[0] / math.sqrt(_seen_from_the_sun()),
        "d-emu-high": lambda: _REGION[1] / math.sqrt(_seen_from_the_sun()),
        "d-be7": _fluxes,
        "d-others": _other_fluxes,
        "d-adiabatic": _jumps,
        "d-weak-e": lambda: _weak_scattering(0),
        "d-weak-mu": lambda: _weak_scattering(1),
        "d-effective": _effective_moment,
        "d-0.72": _seen_from_the_sun,
        "d-conundrum": _weak.expected_mass,
        "d-six": lambda: _weak.expected_mass() * 1e6 / math.sqrt(2.5e-3),
        "d-dirac": _weak.dirac_as_printed,
        "d-majorana": lambda: _weak.transition(True),
        "d-1e-23": _weak.largest_transition,
        "d-gim": _weak.of_lepton_mass,
        "d-left-right": lambda: _weak.largest_left_right(_MUON_DECAY),
        "d-zee": _weak.zee_moment,
        "d-antisymmetric": _weak.symmetric_part,
        "d-add": lambda: _weak.loops_of_horizontal(-1.0),
        "d-number": _weak.number_violation,
        "d-su3": _weak.antitriplet,
        "d-subtract": lambda: _weak.loops_of_horizontal(1.0),
        "d-cancel": lambda: float(jnp.abs(_horizontal().new_mass() / _horizontal().sector_masses()[0])),
        "d-horizontal": _weak.horizontal_ratio,
        "d-radius": _inverse_radius,
        "d-trapping": _trapping_mass,
        "d-standard": _stars.standard_loss,
        "d-tip": lambda: _stars.tip_of(M5(), 2.0),
        "d-universe": _stars.early_universe,
        "d-peak": _stars.peak,
        "d-small-charges": _stars.of_small_charges,
        "d-blocked": _stars.blocked,
        "d-density-giant": lambda: _stars.mean_density(0.5, _RADIUS),
        "d-density-branch": lambda: _stars.mean_density(0.5, 5.0 * _RADIUS),
        "d-constraints": _stars.mass_at_katrin,
    },
    readings={
        "d-dirac": _weak.dirac,
        "d-majorana": lambda: _weak.transition(False),
        "d-horizontal": lambda: 2.0 * _weak.horizontal_ratio(),
        "d-emu-high": lambda: _REGION[1] / math.sqrt(round(_seen_from_the_sun(), 2)),
        "d-left-right": lambda: _weak.electron_left_right(_MUON_DECAY),
        "d-trapping": _in_infinite_medium,
        "d-density-giant": lambda: _stars.central_density(0.5, _RADIUS),
        "d-density-branch": lambda: _stars.central_density(0.5, 5.0 * _RADIUS),
    },
)
