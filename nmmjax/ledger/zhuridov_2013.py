"""D. Zhuridov, talk on neutrino moments from tensor interactions, and on democratic neutrinos (2013)."""

import math
from functools import cache

import jax.numpy as jnp
import numpy as np

from nmmjax import matter, moments, oscillation
from nmmjax.constants import CM_PER_FM, EV_PER_GEV, PDG_2026
from nmmjax.fluxes import ReactorSpectra
from nmmjax.ledger import _stars
from nmmjax.ledger._rows import Document
from nmmjax.low_energy import Neutrinos
from nmmjax.models import Democratic
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.scattering import electron
from nmmjax.scattering.kinematics import ELECTRON_MASS, maximal_recoil

_SPEED_OF_LIGHT = 2.99792458e8
_SPLITTINGS = 2.06e-3, 2.67e-3
"""The interval that the author takes [eV^2]."""
_SPLITTING = 0.5 * sum(_SPLITTINGS)
_MASS = 0.028
_TEV = 1000.0
_FERMIONS = {
    "e": (PDG_2026.electron_mass, -1.0, 1),
    "mu": (PDG_2026.muon_mass, -1.0, 1),
    "tau": (PDG_2026.tau_mass, -1.0, 1),
    "d": (4.8e-3, -1.0 / 3.0, 3),
    "s": (95e-3, -1.0 / 3.0, 3),
    "b": (4.18, -1.0 / 3.0, 3),
    "u": (2.3e-3, 2.0 / 3.0, 3),
    "c": (1.275, 2.0 / 3.0, 3),
    "t": (173.5, 2.0 / 3.0, 3),
}
"""Mass [GeV] as tabulated in 2012, charge and colors: the table of bounds does not say which masses it has."""
_BOTTOM_1S = 4.65
_MIXING = np.array(
    [
        [math.sqrt(1 / 2), math.sqrt(1 / 6), math.sqrt(1 / 3)],
        [-math.sqrt(1 / 2), math.sqrt(1 / 6), math.sqrt(1 / 3)],
        [0.0, -math.sqrt(2 / 3), math.sqrt(1 / 3)],
    ]
)
"""U of (2)."""
_DENSITY, _ELECTRON_FRACTION = 10.8, 0.5
"""5.4 moles of electrons per cm^3."""
_SEES, _DIAMETER = 2.8, 12742.0
"""The paper's factor in the phase, and the way through the Earth [km]."""
_CHARGED, _NEUTRAL = (1.68, (0.06, 0.08), (0.06, 0.09)), (4.94, (0.21, 0.38), (0.21, 0.34))
"""Fluxes of SNO and their errors, upward and downward."""
_TEXONO = 1.08, math.hypot(0.21, 0.16)
"""Measured over expected rate of antinu_e e scattering, 3 to 8 MeV."""
_FISSIONS = {"U235": 0.55, "U238": 0.07, "Pu239": 0.32, "Pu241": 0.06}
_ONE_SIDED_90 = 1.2815515655446004
_BARRANCO_TEXONO, _BARRANCO_GEMMA = 0.20, 0.08
"""Bounds on a tensor coupling in units of 2 sqrt(2) G_F, J. Barranco et al., arXiv:1108.1220."""


def _bound(fermion: str, *, charge: float | None = None, mass: float | None = None) -> float:
    """|epsilon| at 1 TeV that gives 3e-12 mu_B."""
    own_mass, own_charge, colors = _FERMIONS[fermion]
    unit = moments.tensor(jnp.ones(()), _TEV, mass=mass or own_mass, charge=charge or own_charge, colors=colors)
    return 3e-12 / abs(float(unit))


def _weak_scale() -> float:
    """2 sqrt(2) G_F M^2 for M = 1 TeV."""
    return 2.0 * math.sqrt(2.0) * PDG_2026.fermi_constant * _TEV**2


def _texono() -> float:
    """|epsilon| that TEXONO's rate leaves to (4 m_e / pi) (epsilon / M^2)^2 [(1 - T/2E)^2 - m_e T / 4E^2], 90 %."""
    nodes, weights = gauss_legendre(60)
    low, high, m = 3.0, 8.0, ELECTRON_MASS
    least = 0.5 * (low + math.sqrt(low * (low + 2.0 * m)))
    E = least + 0.5 * (high - least) * (nodes + 1.0)
    flux = weights * np.asarray(ReactorSpectra.huber_mueller().spectrum(jnp.asarray(E), _FISSIONS))
    couplings = electron.Couplings.tree_level().of_antineutrinos()
    weak = electron.cross_section(jnp.asarray(E), couplings, low=1e3 * low, high=1e3 * high)[:, 0, 0]

    def antiderivative(T: float | np.ndarray) -> np.ndarray:
        return T - T**2 / (2.0 * E) + T**3 / (12.0 * E**2) - m * T**2 / (8.0 * E**2)

    top = np.minimum(high, np.asarray(maximal_recoil(jnp.asarray(E))) / 1e3)
    mev_cm = PDG_2026.hbar_c * CM_PER_FM
    tensor = 4.0 * m / math.pi / (1e3 * _TEV) ** 4 * mev_cm**2 * (antiderivative(top) - antiderivative(low))
    measured, error = _TEXONO
    excess = measured - 1.0 + _ONE_SIDED_90 * error
    return math.sqrt(excess * float(flux @ np.asarray(weak)) / float(flux @ tensor))


@cache
def _neutrinos(m: float = _MASS) -> Neutrinos:
    return Democratic(m).low_energy().neutrinos


def _mass_of(splitting: float) -> float:
    return math.sqrt(splitting / float(_neutrinos(1.0).states.dm31))


def _mass_squared() -> jnp.ndarray:
    return _neutrinos(_mass_of(_SPLITTING)).mass_squared


@cache
def _in_vacuum() -> np.ndarray:
    """The largest P(nu_a -> nu_b)."""
    energy = 1e3
    baseline = math.pi * energy / (PDG_2026.phase * _SPLITTING)
    return np.asarray(oscillation.probability(_mass_squared(), energy, oscillation.Uniform(baseline)))


def _frequency(energy: float) -> float:
    """The splitting in the core of the Earth over that in vacuum, of the two states that mix with nu_e; E [MeV]."""
    H = matter.hamiltonian(_mass_squared(), energy, density=_DENSITY, electron_fraction=_ELECTRON_FRACTION)
    pair = np.array([[1.0, 0.0], [0.0, math.sqrt(0.5)], [0.0, math.sqrt(0.5)]])
    low, high = np.linalg.eigvalsh(pair.T @ np.real(H) @ pair)
    return (high - low) * energy / (PDG_2026.phase * _SPLITTING)


def _energy_of(frequency: float) -> float:
    """E [MeV] above the resonance with that frequency: (1/3 - A)^2 + 8/9 = C^2, A = 2 E V / Dm2."""
    potential = float(matter.charged_current_potential(_DENSITY, _ELECTRON_FRACTION))
    return (1.0 / 3.0 + math.sqrt(frequency**2 - 8.0 / 9.0)) * PDG_2026.phase * _SPLITTING / potential


@cache
def _in_core() -> np.ndarray:
    """The largest P(nu_a -> nu_b) at the energy of C = 2.8 within the diameter of the Earth."""
    path = oscillation.Uniform(
        jnp.linspace(0.0, _DIAMETER, 1001), density=_DENSITY, electron_fraction=_ELECTRON_FRACTION
    )
    P = oscillation.probability(_mass_squared(), _energy_of(_SEES), path)
    return np.asarray(P).max(axis=0)


def _incoherent_survival() -> float:
    """P(nu_e -> nu_e) in vacuum with oscillations averaged out."""
    average = oscillation.Incoherent(1e-10)
    return float(oscillation.probability(_mass_squared(), 1.0, oscillation.Uniform(1.0), average=average)[0, 0])


def _transition(m: float, i: int, j: int) -> float:
    """|mu_ij| of Dirac neutrinos with U of (2) and masses (m, m, 2m) [mu_B]."""
    return _hermitian(moments.w_loop_dirac(_mass_matrix(m)))[i, j]


def _mass_matrix(m: float) -> jnp.ndarray:
    return jnp.asarray((_MIXING * np.array([m, m, 2.0 * m])) @ _MIXING.T + 0j)


def _hermitian(flavor: jnp.ndarray) -> np.ndarray:
    """Magnetic part between mass states."""
    mass = _MIXING.T @ np.asarray(flavor) @ _MIXING
    return np.abs(0.5 * (mass + mass.conj().T))


def _of_leptons(i: int, j: int) -> float:
    """sum_l (m_l / m_tau)^2 U_li U_lj."""
    return float((np.array(PDG_2026.lepton_masses) / PDG_2026.tau_mass) ** 2 @ (_MIXING[:, i] * _MIXING[:, j]))


def _dirac_coefficient() -> float:
    return _transition(0.1, 1, 2) / 3.0 / abs(_of_leptons(1, 2))


def _majorana_coefficient() -> float:
    """Electric, as the two have one CP parity: proportional to m_3 - m_2 = m."""
    mass = _MIXING.T @ np.asarray(moments.w_loop_majorana(_mass_matrix(0.1))) @ _MIXING
    return abs(mass[1, 2]) / abs(_of_leptons(1, 2))


def _mu23() -> float:
    """The paper's own formula, 4e-24 mu_B (m_2 + m_3) / 0.1 eV, at the upper end of its masses."""
    return 4e-24 * 3.0 * _mass_of(_SPLITTINGS[1]) / 0.1 * abs(_of_leptons(1, 2))


def _of_fluxes() -> float:
    return _CHARGED[0] / _NEUTRAL[0]


def _in_quadrature(up: bool) -> float:
    (charged, *of_charged), (neutral, *of_neutral) = _CHARGED, _NEUTRAL
    first, second = (0, 1) if up else (1, 0)
    return _of_fluxes() * math.hypot(
        *(e / charged for e in of_charged[first]), *(e / neutral for e in of_neutral[second])
    )


def _by_extremes(up: bool) -> float:
    (charged, *of_charged), (neutral, *of_neutral) = _CHARGED, _NEUTRAL
    if up:
        return (charged + sum(of_charged[0])) / (neutral - sum(of_neutral[1])) - _of_fluxes()
    return _of_fluxes() - (charged - sum(of_charged[1])) / (neutral + sum(of_neutral[0]))


def _bohr_magneton() -> float:
    """hbar c^2 / 2 m_e c^2 [eV / T]."""
    return PDG_2026.hbar * _SPEED_OF_LIGHT**2 / (2.0 * PDG_2026.electron_mass * EV_PER_GEV)


DOCUMENT = Document(
    "zhuridov-2013",
    "D. Zhuridov, New results on neutrino magnetic moment and on democratic neutrinos, talk (2013); arXiv:1304.4870",
    computed={
        "c-diagonal": lambda: float(moments.w_loop_dirac(0.1 * jnp.eye(3) + 0j)[0, 0].real),
        "c-transition": _dirac_coefficient,
        "c-majorana": _majorana_coefficient,
        "c-magneton": _bohr_magneton,
        **{f"c-eps-{fermion}": lambda fermion=fermion: _bound(fermion) for fermion in _FERMIONS},
        "c-texono": _texono,
        "c-gemma": lambda: _BARRANCO_GEMMA * _weak_scale(),
        "c-pair": lambda: float(_neutrinos().states.masses[1] / _neutrinos().states.masses[0]),
        "c-third": lambda: float(_neutrinos().states.masses[2] / _neutrinos().states.masses[0]),
        "c-theta23": lambda: math.degrees(math.acos(abs(complex(_neutrinos().states.mixing[2, 2])))),
        "c-splitting": lambda: float(_neutrinos(1.0).states.dm31),
        "c-e-tau": lambda: _in_vacuum()[0, 2],
        "c-mu-tau": lambda: _in_vacuum()[1, 2],
        "c-e-mu": lambda: _in_vacuum()[0, 1],
        "c-m-low": lambda: _mass_of(_SPLITTINGS[0]),
        "c-m-high": lambda: _mass_of(_SPLITTINGS[1]),
        "c-core-2.8": lambda: _frequency(1e3),
        "c-core-0.05": lambda: _in_core()[0, 1],
        "c-core-mu-tau": lambda: _in_core()[1, 2],
        "c-sno": _of_fluxes,
        "c-sno-up": lambda: _in_quadrature(True),
        "c-sno-down": lambda: _in_quadrature(False),
        "c-coherence": lambda: float(oscillation.coherence_length(_SPLITTING, 10.0, 1e-9)),
        "c-7/18": _incoherent_survival,
        "c-m-beta": lambda: float(_neutrinos().m_beta),
        "c-m-beta-beta": lambda: float(_neutrinos().m_beta_beta),
        "c-mu23": _mu23,
        "c-mu13": lambda: max(_transition(0.030, 0, 2), _transition(0.030, 0, 1)) / _transition(0.030, 1, 2),
        "c-giants": _stars.standard_loss,
        "c-pairs": _stars.of_any_pair,
    },
    readings={
        "c-majorana": _dirac_coefficient,
        "c-eps-d": lambda: _bound("d", charge=2.0 / 3.0),
        "c-eps-s": lambda: _bound("s", charge=2.0 / 3.0),
        "c-eps-b": lambda: _bound("b", charge=2.0 / 3.0, mass=_BOTTOM_1S),
        "c-texono": lambda: _BARRANCO_TEXONO * _weak_scale(),
        "c-sno-up": lambda: _by_extremes(True),
        "c-sno-down": lambda: _by_extremes(False),
        "c-7/18": lambda: float(np.sum(_MIXING[0] ** 4)),
        "c-mu23": lambda: 10.0 * _mu23(),
    },
)
