"""W. Grimus and L. Lavoura, a neutrino mass matrix with seesaw mechanism and two-loop mass splitting (2000)."""

import math
from functools import cache

import jax.numpy as jnp
import numpy as np

from nmmjax import mixing
from nmmjax.constants import PDG_2026
from nmmjax.ledger._rows import Document
from nmmjax.loops import two_loop
from nmmjax.low_energy import States
from nmmjax.models import GrimusLavoura, GrimusLavouraCouplings

_TAU = PDG_2026.tau_mass
_A, _R, _B = 0.01, 0.8, 0.03
"""A point where a is not small [eV], for what the paper calls exact."""
_M0 = _B * math.sqrt(1.0 + _R**2)


def _printed_masses(a: float = _A) -> tuple[float, float]:
    """m_1 and m_2 of (15)."""
    root = math.sqrt(_M0**2 + 0.25 * a**2)
    return root + 0.5 * a, root - 0.5 * a


@cache
def _states(a: float = _A) -> States:
    return GrimusLavoura(a, _R, _B).low_energy().neutrinos.states


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


def _r_at(sin2_2theta: float) -> float:
    """The smaller r of (21)."""
    return math.tan(0.5 * math.asin(math.sqrt(sin2_2theta)))


def _atmospheric() -> float:
    """sin^2 2 theta_atm of the model over 4 r^2 / (1 + r^2)^2."""
    sine2 = float(_states().sin2_theta23)
    return 4.0 * sine2 * (1.0 - sine2) * (1.0 + _R**2) ** 2 / (4.0 * _R**2)


def _derived(name: str) -> float:
    return float(GrimusLavoura.benchmark().derived()[name])


def _four() -> float:
    """m_ee (16 pi^2)^2 / (lambda <eta> f^2 h m_tau^2 I)."""
    m_f, m_h = 300.0, 500.0
    model = GrimusLavouraCouplings(
        f_mu=0.0,
        f_tau=0.1,
        h_mumu=0.0,
        h_mutau=0.0,
        h_tautau=0.2,
        trilinear=100.0,
        m_f=m_f,
        m_h=m_h,
        delta_e=1.0,
        delta_mu=1.0,
        delta_tau=1.0,
        seesaw_scale=1e10,
    )
    unit = 100.0 * 0.1**2 * 0.2 * _TAU**2 * two_loop.massive(_TAU, _TAU, m_f, m_h) / (16.0 * math.pi**2) ** 2
    return float(jnp.abs(model.two_loop_mass()) / unit)


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
        "b-m1": lambda: float(_states().masses[1]) / _printed_masses()[0],
        "b-m2": lambda: float(_states().masses[0]) / _printed_masses()[1],
        "b-m3": lambda: float(_states().masses[2]) / _printed_masses()[0],
        "b-ue3": lambda: float(_states().sin2_theta13),
        "b-u": _off_diagonal,
        "b-two-loop": _four,
        "b-loop": lambda: float(two_loop.massive(_TAU, _TAU, 1e4, 1e4)) * 1e8,
        "b-solar": lambda: float(_states(1e-4 * _M0).dm21) / (2.0 * _M0 * 1e-4 * _M0),
        "b-16": lambda: 1.0 / _sixteenth(),
        "b-r-low": lambda: _r_at(0.88),
        "b-r-high": lambda: 1.0 / _r_at(0.88),
        "b-atm": _atmospheric,
        "b-a": lambda: _derived("a"),
        "b-b": lambda: _derived("b"),
        "b-mh": lambda: _derived("scalar_mass"),
        "b-0.06": lambda: math.sqrt(3.2e-3),
        "b-m": lambda: _derived("seesaw_scale"),
        "b-coupling": _common_coupling,
    },
    readings={"b-two-loop": lambda: 0.5 * _four(), "b-mh": _estimated_scalar},
)
