"""Large magnetic moment and running see-saw masses (1988): the charged singlet of Fukugita and Yanagida.

The paper's (6) has the vertices of its (3) with each pair of flavors once, and so has `EtaSinglet`; its (9) counts each
pair twice in one of the two vertices. What follows from (9) has a reading with that factor.
"""

import math
from functools import partial

import jax.numpy as jnp
import numpy as np

from nmmjax import decays, moments
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.ledger._rows import Document
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.models import EtaSinglet
from nmmjax.precession import MagneticSun, level_survival, sunspot_numbers
from nmmjax.tables import read_table

_ELECTRON, _MUON, _TAU = PDG_2026.lepton_masses
_LEAST, _EXPECTED = 25.0, 30.0
"""Masses of eta that the paper takes [GeV]."""
_OF_NINE = 2.0
"""(9) over what the vertices of (6) give."""
_FAR = 40.0
_G12 = 1.0 / 19.0
_T = 36.5
"""|g_23 / g_12| of small mixing, (24a)."""


def _given(quantity: str) -> float:
    """A number that the paper takes from elsewhere."""
    return read_table("year_1988_limits").where(quantity=quantity)["limit"].item()


def _cycle() -> float:
    """Correlation of the survival of massless nu_e with the sunspots of 1970 to 1994."""
    neutrinos = Neutrinos(jnp.zeros((3, 3)), 1e-10 * jnp.eye(3), Dirac())
    _, numbers = sunspot_numbers()
    sun = MagneticSun(6e3)
    rates = [float(level_survival(neutrinos, sun, stronger=n / numbers.max())[-1]) for n in numbers]
    return float(np.corrcoef(rates, numbers)[0, 1])


def _per_logarithm(g12: float = 0.0, g13: float = 0.0, g23: float = 0.0) -> np.ndarray:
    """C of dM = C ln Lambda^2 [eV], from two cutoffs far above all masses. Its sign is that of the phase of N."""
    near, far = (EtaSinglet(g12, g13, g23, _LEAST, log_cutoff=cutoff).mass_shift() for cutoff in (_FAR, _FAR + 1.0))
    return np.asarray(far - near)


def _eigenvalues(g12: float = 0.0, g13: float = 0.0, g23: float = 0.0) -> np.ndarray:
    """Ascending in size, over the largest."""
    sizes = np.sort(np.abs(np.linalg.eigvalsh(_per_logarithm(g12, g13, g23))))
    return sizes / sizes[-1]


def _moments(g12: float, g13: float, g23: float, m_eta: float) -> np.ndarray:
    """|mu_ij| of eta alone [mu_B]."""
    g = EtaSinglet(g12, g13, g23, max(m_eta, 2.0)).g
    return np.abs(np.asarray(moments.charged_scalar(g, g.T, m_eta)))


def _needed(g12: float, g13: float, g23: float, m_eta: float = _LEAST) -> float:
    """By what the couplings must be multiplied for the smallest moment that the Sun asks for, (8)."""
    return math.sqrt(_given("moment_solar_least") / np.linalg.norm(_moments(g12, g13, g23, m_eta)[:, 0]))


def _condition() -> float:
    """g_12^2 [ln(M^2 / m_mu^2) - 1] / M^2 of that moment, where M is large."""
    far = 1e4
    return _needed(1.0, 0.0, 0.0, far) ** 2 * (2.0 * math.log(far / _MUON) - 1.0) / far**2


def _coupling_at_limit(m_eta: float) -> float:
    """g_13 = g_23 that saturates BR(mu -> e gamma)."""
    leptons = EtaSinglet(0.0, 1.0, 1.0, m_eta).low_energy().charged_leptons
    return (_given("br_mu_e_gamma") / float(leptons.radiative_ratio(1, 0))) ** 0.25


def _muon_moment() -> float:
    """(e / 16 pi^2) (m_mu / M^2) g_13 g_32 at that limit."""
    size = _MUON / (16.0 * math.pi**2) * (_coupling_at_limit(_EXPECTED) / _EXPECTED) ** 2
    return float(moments.in_bohr_magnetons(jnp.asarray(size)))


def _mu21() -> float:
    coupling = _coupling_at_limit(_EXPECTED)
    return _moments(0.0, coupling, coupling, _EXPECTED)[1, 0]


def _least_mass(moment: float) -> float:
    """The mass [eV] at which m^2 tau = 2e20 eV^2 s, (17) with (18)."""
    return 1.0 / (_given("m2_lifetime_unstable") * float(decays.neutrino_radiative_rate(moment, 1.0)))


def _heaviest_eta(coupling: float) -> float:
    """M [GeV] at which that g_12 gives the moment."""
    m_eta = 2.0
    for _ in range(100):
        m_eta *= math.sqrt(coupling / _needed(1.0, 0.0, 0.0, m_eta))
    return m_eta


def _coupling_of_mass(factor: float = 1.0) -> float:
    """g_12 with m(nu_e) = 30 eV from the logarithm alone."""
    return math.sqrt(_given("m_nu_e") / (factor * _per_logarithm(1.0)[0, 0]))


def _case_one_mass(factor: float = 1.0) -> float:
    """m(nu_e) [keV] with the paper's g_13."""
    return factor * _per_logarithm(0.0, 1.0 / 40.0)[0, 0] / 1e3


def _small_mixing() -> tuple[float, float, float]:
    """g_12, g_13 and g_23 at the lightest eta."""
    g23 = _needed(1.0 / _T, 0.0, 1.0)
    return g23 / _T, 0.0, g23


def _least_ratio() -> float:
    """t of 2 t / (1 + t^2) = sin 2phi, (24)."""
    sine2 = _given("sin2_2phi_e_tau")
    return (1.0 + math.sqrt(1.0 - sine2)) / math.sqrt(sine2)


def _muon_lifetime() -> float:
    return PDG_2026.hbar / EV_PER_GEV * 192.0 * math.pi**3 / (PDG_2026.fermi_constant**2 * _MUON**5)


def _orders_above_weak() -> float:
    weak = moments.w_loop_dirac(jnp.eye(3) + 0j)[0, 0].real
    return math.log10(_given("moment_solar_greatest") / float(weak))


def _ratio_of_eigenvalues_1() -> float:
    g12, g13 = 0.2, 0.1
    printed = (g12**2 + g13**2) * _ELECTRON / (g12**2 * _MUON + g13**2 * _TAU)
    return _eigenvalues(g12, g13)[1] / printed


def _ratio_of_eigenvalues_3() -> float:
    g12, g23 = 0.2, 0.01
    printed = (g12**2 * _ELECTRON + g23**2 * _TAU) / ((g12**2 + g23**2) * _MUON)
    return _eigenvalues(g12, 0.0, g23)[1] / printed


def _vertices_of_nine() -> float:
    return _per_logarithm(1.0)[0, 0] / EV_PER_GEV / (_MUON / (16.0 * math.pi**2))


def _shift(flavor: int, g12: float = _G12) -> float:
    return _per_logarithm(g12)[flavor, flavor]


def _printed_condition() -> float:
    """g_12^2 of (26) at 25 GeV, before it is rounded."""
    return 4.5e-5 * _LEAST**2 / (2.0 * math.log(_LEAST / _MUON) - 1.0)


def _heaviest_by_two(factor: float = 1.0) -> float:
    return _heaviest_eta(_coupling_of_mass(factor))


def _smallest_tau_mass() -> float:
    """(28) to (30) in MeV."""
    mu31 = float(EtaSinglet(_G12, 0.0, _G12 / _T, _EXPECTED).derived()["mu_31"])
    return _least_mass(mu31) / 1e6


def _m2_of_small_mixing() -> float:
    return _per_logarithm(*_small_mixing())[1, 1] / 1e6


DOCUMENT = Document(
    "large-moment-1988",
    "Large magnetic moment and running see-saw masses (1988), model of Fukugita and Yanagida",
    computed={
        "a-cycle": _cycle,
        "a-orders": _orders_above_weak,
        "a-seesaw-tau": lambda: 20.0 * _TAU / _ELECTRON / 1e3,
        "a-seesaw-argus": lambda: _given("m_nu_tau") / (20.0 * _TAU / _ELECTRON),
        "a-nine": _vertices_of_nine,
        "a-zero-1": lambda: _eigenvalues(0.2, 0.1)[0],
        "a-ratio-1": _ratio_of_eigenvalues_1,
        "a-zero-3": lambda: _eigenvalues(0.2, 0.0, 0.01)[0],
        "a-ratio-3": _ratio_of_eigenvalues_3,
        "a-g12": lambda: 1.0 / _needed(1.0, 0.0, 0.0),
        "a-shift-e": lambda: _shift(0) / 1e3,
        "a-shift-mu": lambda: _shift(1),
        "a-ratio-e": lambda: 3.8e3 / (_ELECTRON * EV_PER_GEV) * 1e3,
        "a-ratio-mu": lambda: _given("m_nu_mu") / (_MUON * EV_PER_GEV) * 1e3,
        "a-ratio-tau": lambda: _given("m_nu_tau") / (_TAU * EV_PER_GEV) * 1e3,
        "a-stuck": lambda: 20.0 / (_ELECTRON * EV_PER_GEV),
        "a-lifetime": lambda: 1.0 / float(decays.neutrino_radiative_rate(1e-10, 1.0)),
        "a-width": lambda: _given("br_mu_e_gamma") / _muon_lifetime(),
        "a-mu-e-gamma": _muon_moment,
        "a-77": lambda: _mu21() / _muon_moment(),
        "a-mu21": _mu21,
        "a-68": lambda: _least_mass(3.5e-12),
        "a-6.8": lambda: 68.0 * _least_mass(3.5e-13) / _least_mass(3.5e-12) / 1e3,
        "a-three-orders": lambda: _least_mass(3.5e-12 / math.sqrt(1e3)) / 1e3,
        "a-case1-g13": lambda: _needed(0.0, 1.0, 0.0) ** 2 / _LEAST**2,
        "a-case1-40": lambda: 1.0 / _needed(0.0, 1.0, 0.0),
        "a-case1-mass": _case_one_mass,
        "a-22": _condition,
        "a-case2-211": lambda: 1.0 / _coupling_of_mass(),
        "a-case2-eta": _heaviest_by_two,
        "a-24a": _least_ratio,
        "a-26": lambda: _needed(1.0, 0.0, 0.0) ** 2,
        "a-25": lambda: _per_logarithm(math.sqrt(2.8e-3))[0, 0],
        "a-27": lambda: math.sqrt(_condition()),
        "a-27-g23": lambda: _small_mixing()[2],
        "a-27-mass": _m2_of_small_mixing,
        "a-30": _smallest_tau_mass,
        "a-ratio-2": lambda: 2e-3 / _TAU,
    },
    readings={
        "a-ratio-mu": lambda: _given("m_nu_mu") / 106e6 * 1e3,
        "a-nine": lambda: _OF_NINE * _vertices_of_nine(),
        "a-shift-e": lambda: _OF_NINE * _shift(0, math.sqrt(_printed_condition())) / 1e3,
        "a-shift-mu": lambda: _OF_NINE * _shift(1),
        "a-case1-40": lambda: 1.0 / math.sqrt(1e-6 * _LEAST**2),
        "a-case1-mass": partial(_case_one_mass, _OF_NINE),
        "a-case2-211": lambda: 1.0 / _coupling_of_mass(_OF_NINE),
        "a-case2-eta": partial(_heaviest_by_two, _OF_NINE),
        "a-27": lambda: math.sqrt(4.5e-5),
        "a-27-mass": lambda: _OF_NINE * _m2_of_small_mixing(),
    },
)
