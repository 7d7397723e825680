"""What both talks of S. Jana print."""

import math

import jax.numpy as jnp
import numpy as np

from nmmjax import moments
from nmmjax.constants import Constants
from nmmjax.experiments import LeptonUniversality2023
from nmmjax.models import LeftRight, SU2Horizontal, SU3Horizontal, Zee

_LIGHT = Constants(electron_mass=1e-4, muon_mass=1e-3, tau_mass=1e-2)
"""Leptons so light beside W that only the leading power of m_l / M_W is left."""


def dirac_as_printed() -> float:
    """Moment e G_F m / (8 sqrt(2) pi^2) at 0.1 eV [mu_B], a third of what the loop gives."""
    return dirac() / 3.0


def dirac() -> float:
    """The moment of a Dirac neutrino of 0.1 eV [mu_B]."""
    return float(moments.w_loop_dirac(0.1 * jnp.eye(3) + 0j)[0, 0].real)


def transition(majorana: bool) -> float:
    """Ratio mu_ij sqrt(2) pi^2 / (e G_F (m_i -+ m_j) sum_l U_li U_lj m_l^2 / M_W^2), real mixing."""
    m_1, m_2, angle = 0.01, 0.03, 0.4
    U = np.eye(3)
    U[0, 0] = U[2, 2] = math.cos(angle)
    U[0, 2], U[2, 0] = math.sin(angle), -math.sin(angle)
    M = jnp.asarray((U * np.array([m_1, 0.02, m_2])) @ U.T + 0j)
    loop = moments.w_loop_majorana if majorana else moments.w_loop_dirac
    mass = U.T @ np.asarray(loop(M, constants=_LIGHT)) @ U
    moment = mass[0, 2] if majorana else 0.5 * (mass[0, 2] + mass[2, 0])
    ratios = (np.array(_LIGHT.lepton_masses) / _LIGHT.w_mass) ** 2
    mixed = ratios @ (U[:, 0] * U[:, 2]) * (m_2 - m_1 if majorana else m_2 + m_1) * 1e-9
    natural = abs(moment) / (2.0 * _LIGHT.electron_mass * _LIGHT.fermi_constant)
    return float(natural * math.sqrt(2.0) * math.pi**2 / abs(mixed))


def largest_transition() -> float:
    """Transition moment |lambda_mutau| [mu_B] where |M_mutau| = 0.1 eV."""
    M = jnp.zeros((3, 3)).at[1, 2].set(0.1).at[2, 1].set(0.1) + 0j
    return float(jnp.abs(moments.w_loop_majorana(M))[1, 2])


def expected_mass() -> float:
    """Mass [MeV] that comes with 1e-11 mu_B and 100 GeV."""
    return float(moments.expected_mass(1e-11, 100.0)) / 1e6


def of_lepton_mass() -> float:
    """The power of the masses of charged leptons with which a transition moment goes, where they are small."""
    M = jnp.zeros((3, 3)).at[1, 2].set(0.1).at[2, 1].set(0.1) + 0j
    near, far = (
        jnp.abs(moments.w_loop_majorana(M, constants=Constants(muon_mass=1e-4 * by, tau_mass=1e-3 * by)))[1, 2]
        for by in (1.0, 2.0)
    )
    return math.log2(float(far / near))


def symmetric_part() -> float:
    """|lambda + lambda^T| over |lambda| of a complex mass matrix, their largest elements."""
    M = jnp.array([[0.1, 0.2j, 0.3], [0.2j, 0.1 + 0.1j, -0.2], [0.3, -0.2, 0.2j]])
    moment = moments.w_loop_majorana(M)
    return float(jnp.max(jnp.abs(moment + moment.T)) / jnp.max(jnp.abs(moment)))


def turned(symmetric: bool) -> float:
    """How far SU(2) in the space of nu_e and nu_mu turns the matrix of a mass or of a moment off itself."""
    form = np.array([[0.0, 1.0], [1.0 if symmetric else -1.0, 0.0]])
    a, b = 0.8 * np.exp(0.3j), 0.6 * np.exp(1.1j)
    U = np.array([[a, b], [-b.conjugate(), a.conjugate()]])
    return float(np.abs(U.T @ form @ U - form).max())


def antitriplet() -> float:
    """How far a rotation of the families turns the moments of the SU(3) model other than n as an antitriplet."""
    generator = np.array([[0.3, 0.5 - 0.2j, 0.1j], [0.5 + 0.2j, -0.1, 0.4], [-0.1j, 0.4, -0.2]])
    values, vectors = np.linalg.eigh(generator)
    U = (vectors * np.exp(1j * values)) @ vectors.conj().T

    def moment(n: np.ndarray) -> np.ndarray:
        scale = 1e-6
        found, without = (SU3Horizontal(by, *n).low_energy().neutrinos.moment_matrix for by in (scale, 0.0))
        return np.asarray(found - without) / scale

    n = np.array([0.3, -0.7j, 1.1])
    return float(np.abs(U @ moment(n) @ U.T - moment(U.conj() @ n)).max())


def electron_left_right(largest: float) -> float:
    """The moment of nu_e [mu_B] where W_L and W_R mix by this angle."""
    return float(LeftRight(largest, 4000.0).derived()["mu_e"])


def largest_left_right(largest: float) -> float:
    """The moment of nu_tau [mu_B], the largest of the three, at this angle."""
    return float(LeftRight(largest, 4000.0).derived()["mu_tau"])


def loops_of_horizontal(sign: float) -> float:
    """The second loop of the horizontal model over the first: of the moment (-1) or of the mass (+1) of nu_e nu_mu."""
    first, second = (matrix + sign * matrix.T for matrix in _horizontal_loops())
    return float(second[0, 1] / first[0, 1])


def number_violation() -> float:
    """What the loops give to masses that change L_e - L_mu, ee and mumu, over what one of them gives to emu."""
    first, second = _horizontal_loops()
    return float(jnp.max(jnp.abs(jnp.diag(first + second))) / jnp.abs(first[0, 1] + first[1, 0]))


def _horizontal_loops() -> tuple[jnp.ndarray, jnp.ndarray]:
    """Two loops with a tau, from the vertices that the talks print; the part in sign -1 is a moment, in +1 a mass.

    tau_L nu_mu eta_1 with tau_R nu_e phi_1, and tau_L nu_e eta_2 with -tau_R nu_mu phi_2. The tau flips its chirality
    in both, by a factor that does not matter here.
    """

    def loop(left: tuple[float, float], right: tuple[float, float]) -> jnp.ndarray:
        A, B = (jnp.zeros((3, 3)).at[:2, 2].set(jnp.array(vertices)) for vertices in (left, right))
        return moments.charged_scalar(A, B, 300.0)

    f, f_prime = 0.3, 0.2
    return loop((0.0, f), (f_prime, 0.0)), loop((f, 0.0), (0.0, -f_prime))


def zee_moment() -> float:
    """The largest moment of the Zee model [mu_B] that lepton universality allows, at Delta chi^2 = 2.71.

    f_emu alone, top Yukawa coupling 1, maximal mixing, scalars of 300 and 800 GeV.
    """
    data = LeptonUniversality2023.load()

    def zee(f: float) -> Zee:
        return Zee(f_emu=f, y_top=1.0, m_1=300.0, m_2=800.0, phi=math.pi / 4)

    def chi2(f: float) -> float:
        return -2.0 * float(data.log_likelihood(zee(f).low_energy(), {}))

    low, high, allowed = 0.0, 1.0, chi2(0.0) + 2.706
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if chi2(middle) < allowed else (low, middle)
    return float(jnp.abs(zee(low).two_loop_moments()[0, 1]))


def horizontal_ratio() -> float:
    """Ratio mu_emu / (e f f' m_tau sin 2alpha {...}) times pi^2, braces as the talks have them."""
    m_h, m_heavy, f, f_prime, alpha = 1e5, 1e6, 0.3, 0.2, 0.1
    model = SU2Horizontal(f, f_prime, alpha, m_h=m_h, m_heavy=m_heavy, m_neutral=m_h, m_pseudo=m_h)
    constants = Constants()
    tau = constants.tau_mass
    braces = sum(sign * (2.0 * math.log(m / tau) - 1.0) / m**2 for sign, m in ((1.0, m_h), (-1.0, m_heavy)))
    natural = float(model.new_moment()) / (2.0 * constants.electron_mass)
    return natural * math.pi**2 / (f * f_prime * tau * math.sin(2.0 * alpha) * braces)
