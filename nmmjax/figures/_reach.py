"""How far the mechanisms of magnetic moments reach: moments [mu_B], and the masses [eV] that come with them."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from nmmjax import moments
from nmmjax.models import EtaSinglet, LeftRight, RParityViolation, SU2Horizontal, ThreeFlavor, Zee
from nmmjax.three_flavor import NUFIT60

_UNIVERSALITY = math.sqrt(0.014) / 1000.0
"""Largest f_emu over the mass of the singlet [1/GeV] that leaves muon and beta decay one Fermi constant."""


def dirac(mass: float) -> float:
    """The loop of W for a Dirac neutrino of that mass."""
    return float(moments.w_loop_dirac(mass * jnp.eye(3))[0, 0].real)


def majorana() -> tuple[np.ndarray, np.ndarray]:
    """The largest transition moment over the mass of the heaviest state, for masses that oscillations know."""

    @jax.jit
    def largest(lightest: jax.Array) -> jax.Array:
        model = ThreeFlavor.from_sin2(**NUFIT60, alpha21=math.pi, lightest_mass=lightest)
        return jnp.max(jnp.abs(model.low_energy().neutrinos.moment_matrix))

    lightest = np.geomspace(1e-4, 1.0, 40)
    return np.hypot(lightest, math.sqrt(NUFIT60["dm3l"])), np.array([float(largest(m)) for m in lightest])


def without_symmetry(mass: np.ndarray, m_heavy: float) -> np.ndarray:
    """`moments.expected_mass` of particles of mass M [GeV], solved for the moment."""
    return mass / float(moments.expected_mass(1.0, m_heavy))


def eta() -> tuple[np.ndarray, np.ndarray]:
    """g12 from 1e-4 to 0.3 at m_eta = 30 GeV: mass and moment of nu_e."""
    found = [EtaSinglet(g, 0.0, 0.0, 30.0).derived() for g in np.geomspace(1e-4, 0.3, 12)]
    return np.array([float(d["shift_e"]) for d in found]), np.array([float(d["moment_e"]) for d in found])


def r_parity() -> tuple[np.ndarray, np.ndarray]:
    """lambda' from 1e-4 to 1 with sleptons of 300 GeV."""
    found = [RParityViolation(c, 300.0, 300.0).derived() for c in np.geomspace(1e-4, 1.0, 12)]
    return np.array([float(d["expected_mass"]) for d in found]), np.array([float(d["mu_emu"]) for d in found])


def left_right() -> np.ndarray:
    """xi up to 1e-3: the moment of nu_tau."""
    return np.array([float(LeftRight(xi, 4000.0).derived()["mu_tau"]) for xi in (1e-8, 1e-3)])


def zee() -> np.ndarray:
    """f_emu up to universality, M_1 from 200 GeV on, scalars fully mixed: the largest moment of all masses."""
    scalars = np.geomspace(200.0, 2000.0, 8)
    found = [
        Zee(f_emu=_UNIVERSALITY * m, y_top=1.0, m_1=m, m_2=5.0 * m, phi=math.pi / 4).derived()["mu_emu"]
        for m in scalars
    ]
    return np.array([1e-20, max(map(float, found))])


def su2() -> np.ndarray:
    """Couplings up to f f' sin 2alpha = 0.1 at m_h = 200 GeV."""
    coupling = math.sqrt(0.1)
    model = SU2Horizontal(coupling, coupling, math.pi / 4, m_h=200.0, m_heavy=600.0, m_neutral=300.0, m_pseudo=300.0)
    return np.array([1e-20, float(model.new_moment())])


def su2_muon(balance: float, m_neutral: float) -> tuple[np.ndarray, np.ndarray]:
    """mu_emu and Delta a_mu at f / f' = `balance`, m_h = 200 and m_H = 600 GeV, up to perturbative couplings."""

    @jax.jit
    def both(f_prime: jax.Array) -> tuple[jax.Array, jax.Array]:
        couplings = balance * f_prime, f_prime, math.pi / 4
        found = SU2Horizontal(*couplings, m_h=200.0, m_heavy=600.0, m_neutral=m_neutral, m_pseudo=m_neutral).derived()
        return found["mu_emu"], found["delta_a_mu"]

    largest = math.sqrt(4.0 * math.pi) / max(1.0, balance)
    found = [both(f_prime) for f_prime in np.geomspace(1e-3, largest, 80)]
    return np.array([float(moment) for moment, _ in found]), np.array([float(anomaly) for _, anomaly in found])
