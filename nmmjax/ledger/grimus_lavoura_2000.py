"""W. Grimus and L. Lavoura, a neutrino mass matrix with seesaw mechanism and two-loop mass splitting (2000)."""

import math
from functools import cache

import jax.numpy as jnp
import numpy as np

from nmmjax import mixing, oscillation
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.ledger._rows import Document
from nmmjax.loops import two_loop
from nmmjax.low_energy import LowEnergy, States
from nmmjax.models import GrimusLavoura, GrimusLavouraCouplings, ZeeBabu

_TAU = PDG_2026.tau_mass
_A, _R, _B = 0.01, 0.8, 0.03
"""A point where a is not small [eV], for what the paper calls exact."""
_M0 = _B * math.sqrt(1.0 + _R**2)
_DIRAC, _M = (0.5, 0.8, 1.1), 1e4
"""Dirac masses and the seesaw scale [GeV] of a spectrum that double precision resolves."""


def _printed_masses(a: float = _A) -> tuple[float, float]:
    """m_1 and m_2 of (15)."""
    root = math.sqrt(_M0**2 + 0.25 * a**2)
    return root + 0.5 * a, root - 0.5 * a


@cache
def _states(a: float = _A, r: float = _R) -> States:
    return GrimusLavoura(a, r, _B).low_energy().neutrinos.states


def _off_diagonal() -> float:
    """The largest of what U^T M U should not have, with U of (17), over m_1."""
    m1, m2 = _printed_masses()
    X = 1.0 + _R**2
    theta = math.atan(math.sqrt(m2 / m1))
    c, s, w, v = math.cos(theta), math.sin(theta), 1.0 / math.sqrt(X), _R / math.sqrt(X)
    U = np.array([[c, -1j * s, 0.0], [v * s, 1j * v * c, w], [w * s, 1j * w * c, -v]])
    M = np.asarray(GrimusLavoura(_A, _R, _B).low_energy().neutrinos.mass_matrix)
    return float(np.abs(U.T @ M @ U - np.diag([m1, m2, 0.0])).max() / m1)


def _sixteenth() -> float:
    """(1 - sin^2 2 theta_sun) (dm2_atm / dm2_sun)^2."""
    a = 1e-3 * _M0
    angle = mixing.sin2_theta12(_states(a).mixing)
    return float((1.0 - 4.0 * angle * (1.0 - angle)) * (_M0**2 / (2.0 * _M0 * a)) ** 2)


def _sin2_2theta_atm(r: float = _R) -> float:
    sine2 = float(_states(r=r).sin2_theta23)
    return 4.0 * sine2 * (1.0 - sine2)


def _r_at(wanted: float, inside: float, outside: float) -> float:
    """r with this sin^2 2 theta_atm, between one with more and one with less."""
    for _ in range(25):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if _sin2_2theta_atm(middle) > wanted else (inside, middle)
    return inside


def _benchmark() -> LowEnergy:
    return GrimusLavoura.benchmark().low_energy()


@cache
def _tree_level() -> np.ndarray:
    """The five masses [GeV] without the loop, ascending, for M = 1e4 GeV and unequal Dirac masses."""
    model = _with_couplings(trilinear=0.0, delta_e=_DIRAC[0], delta_mu=_DIRAC[1], delta_tau=_DIRAC[2], seesaw_scale=_M)
    return np.sort(np.linalg.svd(np.asarray(model.full_mass_matrix()), compute_uv=False))


def _seesaw_mass() -> float:
    """m_0 = delta_e (delta_mu^2 + delta_tau^2)^(1/2) / M [GeV], of (14) and (16)."""
    return _DIRAC[0] * math.hypot(*_DIRAC[1:]) / _M


def _common_mass() -> float:
    """m_D^2 / M [eV] where one m_D gives the atmospheric splitting at r = 1."""
    return PDG_2026.tau_mass**2 / _derived("seesaw_scale") * EV_PER_GEV


def _beside_electron() -> float:
    """The largest element but m_ee of the two-loop matrix with the couplings that the lepton number allows, over m_ee.

    In the model of Zee and Babu, which has all couplings.
    """
    allowed = {"f_emu": 0.1, "f_etau": 0.2, "g_mumu": 0.3, "g_mutau": 0.2j, "g_tautau": 0.1}
    model = ZeeBabu(**allowed, f_mutau=0.0, m_h=300.0, m_k=500.0, mu=100.0)
    M = np.abs(np.asarray(model.low_energy().neutrinos.mass_matrix))
    return float(np.max(M.ravel()[1:]) / M[0, 0])


def _violation() -> float:
    """Jarlskog's invariant over its largest value, with complex couplings."""
    model = _with_couplings(f_mu=0.1 + 0.2j, f_tau=0.3j, h_mumu=0.2j, h_mutau=0.1, h_tautau=0.3 - 0.1j)
    return float(jnp.abs(model.low_energy().neutrinos.states.jarlskog)) * 6.0 * math.sqrt(3.0)


def _of_solar_neutrinos(r: float) -> float:
    """P(nu_e -> nu_e) through 1000 km of rock at 10 MeV, m_0 and a as they are for r = 0.8."""
    M2 = GrimusLavoura(_A, r, _M0 / math.sqrt(1.0 + r**2)).low_energy().neutrinos.mass_squared
    path = oscillation.Uniform(1e3, density=3.0, electron_fraction=0.5)
    return float(oscillation.probability(M2, 10.0, path)[0, 0])


def _derived(name: str) -> float:
    return float(GrimusLavoura.benchmark().derived()[name])


def _with_couplings(**changed: complex) -> GrimusLavouraCouplings:
    """One tau coupling of each scalar, but for what is `changed`."""
    given = {"f_mu": 0.0, "f_tau": 0.1, "h_mumu": 0.0, "h_mutau": 0.0, "h_tautau": 0.2, "trilinear": 100.0}
    masses = {"m_f": 300.0, "m_h": 500.0, "delta_e": 1.0, "delta_mu": 1.0, "delta_tau": 1.0, "seesaw_scale": 1e10}
    return GrimusLavouraCouplings(**(given | masses | changed))


def _four() -> float:
    """m_ee (16 pi^2)^2 / (lambda <eta> f^2 h m_tau^2 I)."""
    unit = 100.0 * 0.1**2 * 0.2 * _TAU**2 * two_loop.massive(_TAU, _TAU, 300.0, 500.0) / (16.0 * math.pi**2) ** 2
    return float(jnp.abs(_with_couplings().two_loop_mass()) / unit)


def _common_coupling() -> float:
    """The fourth root of what makes m_h as large as M."""
    return (_derived("seesaw_scale") / _derived("scalar_mass")) ** 0.25


def _estimated_scalar() -> float:
    """m_h of (24) [GeV], in which the loop counts as one."""
    return _derived("scalar_mass") / (4.0 * float(two_loop.massless(1.0)))


DOCUMENT = Document(
    "grimus-lavoura-2000",
    "W. Grimus, L. Lavoura, Phys. Rev. D 62, 093012 (2000), hep-ph/0007011",
    computed={
        "b-heavy": lambda: _tree_level()[4] / _tree_level()[3],
        "b-light": lambda: _tree_level()[2] / _tree_level()[1],
        "b-massless": lambda: _tree_level()[0] / _tree_level()[1],
        "b-seesaw": lambda: _tree_level()[1] / _seesaw_mass(),
        "b-only-ee": _beside_electron,
        "b-m1": lambda: float(_states().masses[1]) / _printed_masses()[0],
        "b-m2": lambda: float(_states().masses[0]) / _printed_masses()[1],
        "b-m3": lambda: float(_states().masses[2]) / _printed_masses()[0],
        "b-ue3": lambda: float(_states().sin2_theta13),
        "b-u": _off_diagonal,
        "b-two-loop": _four,
        "b-loop": lambda: float(two_loop.massive(_TAU, _TAU, 1e4, 1e4)) * 1e8,
        "b-violation": _violation,
        "b-splitting": lambda: abs(float(_states(1e-8 * _M0).dm31)) / _M0**2,
        "b-solar": lambda: float(_states(1e-4 * _M0).dm21) / (2.0 * _M0 * 1e-4 * _M0),
        "b-16": lambda: 1.0 / _sixteenth(),
        "b-45": lambda: math.degrees(math.asin(math.sqrt(_benchmark().neutrinos.states.sin2_theta12))),
        "b-decoupled": lambda: _of_solar_neutrinos(0.8) - _of_solar_neutrinos(1.6),
        "b-r-low": lambda: _r_at(0.88, 1.0, 0.2),
        "b-r-high": lambda: _r_at(0.88, 1.0, 5.0),
        "b-atm": lambda: _sin2_2theta_atm() * (1.0 + _R**2) ** 2 / (4.0 * _R**2),
        "b-a": lambda: _derived("a"),
        "b-b": lambda: _derived("b"),
        "b-mh": lambda: _derived("scalar_mass"),
        "b-0.06": _common_mass,
        "b-m": lambda: _derived("seesaw_scale"),
        "b-coupling": _common_coupling,
        "b-double-beta": lambda: float(GrimusLavoura(_A, _R, _B).low_energy().neutrinos.m_beta_beta) / _A,
    },
    readings={
        "b-two-loop": lambda: 0.5 * _four(),
        "b-mh": _estimated_scalar,
        "b-0.06": lambda: float(_benchmark().neutrinos.states.masses[1]),
    },
)
