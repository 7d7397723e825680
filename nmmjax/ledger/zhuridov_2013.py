"""D. Zhuridov, talk on neutrino moments from tensor interactions, and on democratic neutrinos (2013)."""

import itertools
import math
from functools import cache

import jax.numpy as jnp
import numpy as np

from nmmjax import matter, moments, oscillation
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.ledger import _stars, _tensors
from nmmjax.ledger._rows import Document
from nmmjax.low_energy import Neutrinos
from nmmjax.media import SolarModel
from nmmjax.models import Democratic
from nmmjax.tables import read_table

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


def _bound(fermion: str, *, charge: float | None = None, mass: float | None = None) -> float:
    """|epsilon| at 1 TeV that gives 3e-12 mu_B."""
    own_mass, own_charge, colors = _FERMIONS[fermion]
    unit = moments.tensor(jnp.ones(()), _TEV, mass=mass or own_mass, charge=charge or own_charge, colors=colors)
    return 3e-12 / abs(float(unit))


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


def _survival_of(mass_squared: jnp.ndarray) -> float:
    """P(nu_e -> nu_e) in vacuum with oscillations averaged out."""
    average = oscillation.Incoherent(1e-10)
    return float(oscillation.probability(mass_squared, 1.0, oscillation.Uniform(1.0), average=average)[0, 0])


def _incoherent_survival() -> float:
    return _survival_of(_mass_squared())


def _of_coherence() -> float:
    """Where wave packets leave 1/e of the oscillations, |Dm2| / (4 sqrt(2) E^2 sigma_x) times it."""
    E, size = 10.0, 1e-9
    length = 4.0 * math.sqrt(2.0) * (1e6 * E) ** 2 * size / _SPLITTING / 1e5
    path = oscillation.Uniform(jnp.asarray(0.3 * length))
    packets, averaged = oscillation.WavePackets(size), oscillation.Incoherent(1e-10)
    damped, none, all_of_it = (
        float(oscillation.probability(_mass_squared(), E, path, average=average)[0, 1])
        for average in (packets, None, averaged)
    )
    return 0.3 / math.sqrt(-math.log((damped - all_of_it) / (none - all_of_it)))


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
    """|mu_23| of Majorana neutrinos [mu_B] at the upper end of m, the basis of the pair chosen as in (2)."""
    M = _neutrinos(_mass_of(_SPLITTINGS[1])).mass_matrix
    return abs(_MIXING.T @ np.asarray(moments.w_loop_majorana(M)) @ _MIXING)[1, 2]


def _noninvariance() -> float:
    """The most that a permutation of the flavors changes the mass matrix, over m."""
    M = np.asarray(_neutrinos().mass_matrix)
    return max(np.abs(M[np.ix_(order, order)] - M).max() for order in itertools.permutations(range(3))) / _MASS


def _theta12() -> float:
    """atan |U_e3 / U_mu3| [degrees], as U = R_12 R_23 has it, of the state that stands alone."""
    U = np.abs(np.asarray(_neutrinos().states.mixing))
    return math.degrees(math.atan(U[0, 2] / U[1, 2]))


def _flux(current: str, moved: str = "") -> float:
    """SNO's flux of this current, or with both errors on one side added."""
    row = read_table("sno_2005_fluxes").where(quantity=current)
    up, down = (row[f"stat_{side}"].item() + row[f"syst_{side}"].item() for side in ("up", "down"))
    return row["value"].item() + {"": 0.0, "up": up, "down": -down}[moved]


def _of_fluxes() -> float:
    return _flux("cc") / _flux("nc")


def _in_quadrature(side: str, other: str) -> float:
    """Error of CC / NC, where CC goes to this side and NC to the other."""
    table = read_table("sno_2005_fluxes")
    errors = (
        table.where(quantity=current)[f"{kind}_{to}"].item() / _flux(current)
        for current, to in (("cc", side), ("nc", other))
        for kind in ("stat", "syst")
    )
    return _of_fluxes() * math.hypot(*errors)


def _by_extremes(side: str, other: str) -> float:
    """The same, from extreme values of both fluxes."""
    return abs(_flux("cc", side) / _flux("nc", other) - _of_fluxes())


def _split_pair() -> float:
    """P(nu_e -> nu_e) without coherence where the pair is split, its states those of (2)."""
    M2 = (_MIXING * _MASS**2 * np.array([1.0, 1.0 + 1e-3, 4.0])) @ _MIXING.T
    return _survival_of(jnp.asarray(M2))


def _distance_of_electrons() -> float:
    """n_e^(-1/3) [cm] where 8B neutrinos are made."""
    density, weights = oscillation.FromSun(SolarModel.b16_gs98(), "b8").births()
    return float(weights @ density * PDG_2026.avogadro) ** (-1.0 / 3.0)


def _in_the_sun() -> float:
    """P(nu_e -> nu_e) of 8B neutrinos of 10 MeV from the Sun over that of vacuum, less 1."""
    from_sun = oscillation.FromSun(SolarModel.b16_gs98(), "b8")
    return float(oscillation.probability(_mass_squared(), 10.0, from_sun)[0]) / _incoherent_survival() - 1.0


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
        "c-texono": _tensors.texono,
        "c-gemma": _tensors.gemma,
        "c-eps-nuclei-u": lambda: _tensors.germanium("u"),
        "c-eps-nuclei-d": lambda: _tensors.germanium("d"),
        "c-permutations": _noninvariance,
        "c-pair": lambda: float(_neutrinos().states.masses[1] / _neutrinos().states.masses[0]),
        "c-third": lambda: float(_neutrinos().states.masses[2] / _neutrinos().states.masses[0]),
        "c-theta12": _theta12,
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
        "c-sno-up": lambda: _in_quadrature("up", "down"),
        "c-sno-down": lambda: _in_quadrature("down", "up"),
        "c-sun": lambda: abs(_in_the_sun()),
        "c-coherence-length": _of_coherence,
        "c-coherence": lambda: float(oscillation.coherence_length(_SPLITTING, 10.0, _distance_of_electrons())),
        "c-7/18": _incoherent_survival,
        "c-agreement": lambda: abs(_incoherent_survival() - _of_fluxes()) / _in_quadrature("up", "down"),
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
        "c-sno-up": lambda: _by_extremes("up", "down"),
        "c-sno-down": lambda: _by_extremes("down", "up"),
        "c-7/18": _split_pair,
        "c-agreement": lambda: abs(_split_pair() - _of_fluxes()) / _in_quadrature("up", "down"),
    },
)
