"""S. Jana, exploring electromagnetic properties of neutrinos, talk at FLASY 2024."""

import math

import jax.numpy as jnp
import numpy as np

from nmmjax import matter, moments
from nmmjax.constants import CM_PER_FM, KEV_PER_GEV, KEV_PER_MEV, PDG_2026
from nmmjax.experiments.red_giants_2020 import Ngc4258
from nmmjax.ledger import _spinors, _stars, _weak
from nmmjax.ledger._rows import Document
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.media import Constant, Linear
from nmmjax.models import SU2Horizontal
from nmmjax.numerics.special import two_sided_quantile
from nmmjax.precession import CollapsingStar, Medium, Path, resonances, transition_probability
from nmmjax.scattering import dipole_portal, electromagnetic, electron
from nmmjax.scattering.kinematics import ELECTRON_MASS
from nmmjax.scattering.proton import PROTON_MASS

_ELECTROWEAK = 0.259, 0.025
"""sin^2 theta_W and its error from scattering of nu_e on electrons until 2007, J. Barranco et al., 0707.4319."""
_RARE_DECAYS = 0.003
"""|xi| above which b -> s gamma departs from the Standard Model, K. S. Babu et al., hep-ph/9312315."""
_GEMMA_MOMENT, _GEMMA_THRESHOLD = 2.9e-11, 2.8
"""[mu_B] and [keV]."""


def _charge_radius(flavor: int) -> float:
    """Of the charge alone and in the sign of the talk, -1/2 of what scatters [1e-33 cm^2]."""
    return -0.5e33 * electromagnetic.standard_model_charge_radii()[flavor]


def _radius_at(side: float) -> float:
    """<r^2> of nu_e [cm^2] beyond the Standard Model at an end of sin^2 theta_W = g_V / 2 - 1/4 at 90 %."""
    angle, error = _ELECTROWEAK
    vector = 2.0 * (angle + side * two_sided_quantile(0.9) * error) + 0.5
    weak = electron.Couplings.radiatively_corrected()
    return (vector - float(weak.left[0, 0] + weak.right[0, 0])) / float(electromagnetic.charge_radius_shift(1.0))


def _moment_without_mass() -> float:
    """The largest moment [mu_B] of massless neutrinos in the Standard Model over that of 1 eV."""
    moment, unit = (moments.w_loop_dirac(m * jnp.eye(3) + 0j) for m in (0.0, 1.0))
    return float(jnp.max(jnp.abs(moment)) / jnp.max(jnp.abs(unit)))


def _millicharge() -> float:
    """The charge that scatters, at the threshold, as the moment would: q = mu sqrt(T / 2 m_e)."""
    return _GEMMA_MOMENT * math.sqrt(_GEMMA_THRESHOLD / (2.0 * PDG_2026.electron_mass * KEV_PER_GEV))


def _survives(M: np.ndarray) -> float:
    """Total probability under [[0, B M], [-B M, 0]] at B L = 1, of a neutrino at the start."""
    H = np.block([[np.zeros((2, 2)), M], [-M, np.zeros((2, 2))]]).astype(complex)
    state = term = np.eye(4)[0].astype(complex)
    for order in range(1, 40):
        term = -1j / order * (H @ term)
        state = state + term
    return float(np.sum(np.abs(state) ** 2))


def _adiabaticity() -> float:
    """c of gamma = c b^2 / |D'| with P_jump = exp(-pi gamma / 2), from a linear crossing followed in small steps."""
    b, slope, reach, steps = 1.0, 4.0, 80.0, 2**17
    x = reach * (2.0 * (np.arange(steps) + 0.5) / steps - 1.0)
    h, half = 2.0 * reach / steps, 0.5 * slope * x
    w = np.hypot(half, b)
    sine = np.sin(w * h) / w
    up = np.cos(w * h) - 1j * sine * half
    S = np.stack([np.stack([up, -1j * sine * b], -1), np.stack([-1j * sine * b, np.conj(up)], -1)], -2)
    while len(S) > 1:
        S = S[1::2] @ S[::2]
    end = 0.5 * slope * reach

    def eigenstate(delta: float) -> np.ndarray:
        vector = np.array([b, math.hypot(delta, b) - delta])
        return vector / np.linalg.norm(vector)

    # the upper level at either end: it stays unless the state jumps
    jump = 1.0 - abs(eigenstate(end) @ S[0] @ eigenstate(-end)) ** 2
    return -2.0 / math.pi * math.log(jump) * slope / b**2


def _potential(electron_fraction: float) -> float:
    """V_e [1/km] at 1000 g/cm^3, right-handed neutrinos having none."""
    density = 1e3
    return float(
        matter.charged_current_potential(density, electron_fraction)
        + matter.neutral_current_potential(density, electron_fraction)
    )


def _twisted(off: float = 0.0) -> float:
    """P(nu_e -> N) after the length that flips all in vacuum, where V_e + phi' = `off` 2 mu B."""
    density, fraction, moment, field = 2e3, 0.45, 1e-15, 1e12
    rate = float(PDG_2026.magnetic_rate) * moment * field
    twist = 2.0 * off * rate - _potential(fraction) * density / 1e3
    neutrinos = Neutrinos(1e-6 * jnp.eye(3), jnp.diag(jnp.array([moment, 0.0, 0.0])), Dirac())
    medium = Medium(Constant(density), Constant(fraction))
    path = Path(0.0, 0.5 * math.pi / rate, medium, Constant(field), Linear(0.0, twist))
    return float(transition_probability(neutrinos, 1e3, path)[0, 3])


def _printed_twisted(off: float) -> float:
    """The same of the printed 2 x 2 Hamiltonian, V_e + phi' over its diagonal and mu B beside it."""
    return math.sin(0.5 * math.pi * math.hypot(1.0, off)) ** 2 / (1.0 + off**2)


def _edge() -> float:
    """Where the twist undoes V_e [1e3 km], in `CollapsingStar.edge_of_core`."""
    neutrinos = Neutrinos(1e-6 * jnp.eye(3), jnp.diag(jnp.array([1e-15, 0.0, 0.0])), Dirac())
    found = resonances(neutrinos, 1e6, CollapsingStar.edge_of_core(twist=-1.0).path())
    return 1e-3 * next(line.place for line in found if line.kind == "twist")


def _muon_shift() -> float:
    """The least addition to (g - 2) / 2 of the muon [1e-12] of moments of 1e-11 mu_B, over couplings and masses."""
    return 1e12 * min(
        float(SU2Horizontal.from_moment(1e-11, balance, 0.5, m_h=m, heavier=3.0, m_neutral=n).derived()["delta_a_mu"])
        for balance in (0.1, 1.0, 10.0)
        for m in (100.0, 300.0, 1000.0)
        for n in (100.0, 300.0, 1000.0)
    )


def _portal() -> float:
    """Factor of mu antinu_L sigma N_R F, from dsigma/dT over pi alpha^2 mu^2 / m_e^2 (1/T - 1/E) at a massless N."""
    energy, recoil = 0.3, 100.0
    found = float(dipole_portal.electron_differential_cross_section(energy, recoil, 0.0))
    length = PDG_2026.hbar_c * CM_PER_FM / ELECTRON_MASS
    printed = math.pi * (PDG_2026.fine_structure * length) ** 2 * (1.0 / recoil - 1.0 / (KEV_PER_MEV * energy))
    return 0.5 * math.sqrt(found / printed)


def _collisions() -> float:
    """sqrt(s) [TeV] of a neutrino of 1 EeV and a proton: their lightest final state is N and the proton at rest."""
    return 1e-6 * (float(dipole_portal.heaviest(1e12, PROTON_MASS)) + PROTON_MASS)


_REAL = np.array([[0.0, 1.0], [-1.0, 0.0]])

DOCUMENT = Document(
    "jana-2024",
    "S. Jana, Exploring electromagnetic properties of neutrinos, talk at FLASY 2024",
    computed={
        "e-scattering": lambda: _spinors.magnetic_scattering(0.3, 0.1, ELECTRON_MASS),
        "e-plasmon": _spinors.plasmon_decay,
        "e-hermitian": lambda: _survives(1j * _REAL),
        "e-mu-b": _spinors.precession,
        "e-decay": lambda: _spinors.radiative_decay(0.0),
        "e-decay-massive": lambda: _spinors.radiative_decay(0.7),
        "e-conundrum": _weak.expected_mass,
        "e-dirac": _weak.dirac_as_printed,
        "e-majorana": lambda: _weak.transition(True),
        "e-1e-23": _weak.largest_transition,
        "e-gim": _weak.of_lepton_mass,
        "e-left-right": lambda: _weak.largest_left_right(_RARE_DECAYS),
        "e-zee": _weak.zee_moment,
        "e-antisymmetric": _weak.symmetric_part,
        "e-moment-singlet": lambda: _weak.turned(False),
        "e-mass-triplet": lambda: _weak.turned(True),
        "e-add": lambda: _weak.loops_of_horizontal(-1.0),
        "e-number": _weak.number_violation,
        "e-subtract": lambda: _weak.loops_of_horizontal(1.0),
        "e-muon": _muon_shift,
        "e-horizontal": _weak.horizontal_ratio,
        "e-always": lambda: _potential(1.0 / 3.0),
        "e-gamma": _adiabaticity,
        "e-twist": _twisted,
        "e-off-resonance": lambda: _twisted(0.7) / _printed_twisted(0.7),
        "e-edge": _edge,
        "e-portal": _portal,
        "e-collisions": _collisions,
        "e-millicharge": _millicharge,
        "e-radius-e": lambda: _charge_radius(0),
        "e-radius-mu": lambda: _charge_radius(1),
        "e-radius-tau": lambda: _charge_radius(2),
        "e-radius-massless": _moment_without_mass,
        "e-radius-low": lambda: _radius_at(-1.0),
        "e-radius-high": lambda: _radius_at(1.0),
        "e-giants": _stars.strictest,
        "e-universe": _stars.early_universe,
        "e-blocked": _stars.blocked,
        "e-turning": _stars.turning,
        "e-radius-mu-low": lambda: _stars.muon_radius(-1.0),
        "e-radius-mu-high": lambda: _stars.muon_radius(1.0),
    },
    readings={
        "e-hermitian": lambda: _survives(_REAL),
        "e-dirac": _weak.dirac,
        "e-majorana": lambda: _weak.transition(False),
        "e-horizontal": lambda: 2.0 * _weak.horizontal_ratio(),
        "e-gamma": lambda: 2.0 * _adiabaticity(),
        "e-left-right": lambda: _weak.electron_left_right(_RARE_DECAYS),
        "e-giants": lambda: _stars.tip_of(Ngc4258(), two_sided_quantile(0.95)),
    },
)
