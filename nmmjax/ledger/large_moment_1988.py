"""Large magnetic moment and running see-saw masses (1988): the charged singlet of Fukugita and Yanagida.

The paper's (6) has the vertices of its (3) with each pair of flavors once, and so has `EtaSinglet`; its (9) counts each
pair twice in one of the two vertices. What follows from (9) has a reading with that factor.
"""

import math
from functools import partial

import jax.numpy as jnp
import numpy as np

from nmmjax import decays, moments
from nmmjax.constants import EV_PER_GEV, PDG_2026, Constants
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
_EV_PER_PEV = 1e15
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
    """|g_23 / g_12| at which the mass shift mixes nu_e and nu_tau by the sin^2 2phi of (24), which goes as its -2."""
    ratio = 10.0
    for _ in range(8):
        pair = _per_logarithm(g12=1.0, g23=ratio)[::2, ::2]
        heavy = np.linalg.eigh(pair)[1][:, np.argmax(np.abs(np.linalg.eigvalsh(pair)))]
        ratio *= math.sqrt(4.0 * np.prod(heavy**2) / _given("sin2_2phi_e_tau"))
    return ratio


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


def _unreduced(flavor: int, bound: str, *, factor: float = 1.0) -> float:
    """m(nu_l) / m_l [1e-3] where the logarithm is 1: the laboratory bound and what it has run by."""
    mass = (_given(bound) if bound else 0.0) + factor * _shift(flavor, math.sqrt(_printed_condition()))
    return 1e3 * mass / (PDG_2026.lepton_masses[flavor] * EV_PER_GEV)


def _invariant() -> float:
    """m(nu_e) / m_e where nu_tau has the large coupling: 20 eV at low energy, and the run of the state that is nu_e."""
    steady = np.min(np.abs(np.linalg.eigvalsh(_per_logarithm(_G12 / _T, 0.0, _G12))))
    return (20.0 + steady) / (_ELECTRON * EV_PER_GEV)


def _radiative_suppression(g12: float, g13: float, g23: float) -> float:
    """BR(mu -> e gamma) over that of three equal couplings."""
    forbidden, allowed = (
        EtaSinglet(*g, _LEAST).low_energy().charged_leptons.radiative_ratio(1, 0)
        for g in ((g12, g13, g23), (0.1, 0.1, 0.1))
    )
    return float(forbidden / allowed)


def _logarithms() -> float:
    """mu_11 of a tau in the loop over that of a muon, over the quotient of m [ln(M^2 / m^2) - 1]."""
    far = 1e5
    tau, muon = (_moments(*g, far)[0, 0] for g in ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
    printed = [m * (2.0 * math.log(far / m) - 1.0) for m in (_TAU, _MUON)]
    return tau / muon * printed[1] / printed[0]


def _off_diagonal_moments(g12: float, g13: float, g23: float) -> np.ndarray:
    """|mu_11|, |mu_12| and |mu_13| over the first."""
    row = _moments(g12, g13, g23, _LEAST)[0]
    return row / row[0]


def _off_diagonal_masses(g12: float, g13: float, g23: float, rows: tuple[int, ...]) -> float:
    """The largest element of the mass shift beside the diagonal in these rows, over the largest of all."""
    C = np.abs(_per_logarithm(g12, g13, g23))
    return float(np.max((C - np.diag(np.diag(C)))[list(rows)]) / np.max(C))


def _lifetime(mass: float) -> float:
    """Of nu_mu [s] with the largest mu_21 of the paper."""
    return 1.0 / float(decays.neutrino_radiative_rate(3.5e-12, mass))


def _harari_nir() -> float:
    """M [PeV] with which m_tau^2 / M is as large as the masses of stable neutrinos may be together."""
    return (_TAU * EV_PER_GEV) ** 2 / _given("sum_of_masses_stable") / _EV_PER_PEV


def _without_cancellation() -> float:
    """The moment of nu_tau in the Standard Model with all charged leptons as light as the electron, over its own."""
    light = Constants(electron_mass=_ELECTRON, muon_mass=_ELECTRON, tau_mass=_ELECTRON)
    cancelled, whole = (moments.w_loop_dirac(jnp.eye(3) + 0j, constants=c)[2, 2].real for c in (light, PDG_2026))
    return float(cancelled / whole)


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
        "a-harari-nir": _harari_nir,
        "a-gim": _without_cancellation,
        "a-seesaw-tau": lambda: 20.0 * _TAU / _ELECTRON / 1e3,
        "a-seesaw-argus": lambda: _given("m_nu_tau") / (20.0 * _TAU / _ELECTRON),
        "a-decay-amplitude": lambda: _radiative_suppression(0.2, 0.0, 0.1),
        "a-loop": _logarithms,
        "a-case1-diagonal": lambda: float(np.linalg.norm(_off_diagonal_moments(0.1, 0.2, 0.0)[1:])),
        "a-case2-diagonal": lambda: float(np.linalg.norm(_off_diagonal_moments(0.1, 0.0, 0.0)[1:])),
        "a-case3-mu12": lambda: _off_diagonal_moments(0.2, 0.0, 0.05)[1],
        "a-case3-mu13": lambda: _off_diagonal_moments(0.2, 0.0, 0.05)[2] / (0.05 / 0.2),
        "a-nine": _vertices_of_nine,
        "a-zero-1": lambda: _eigenvalues(0.2, 0.1)[0],
        "a-ratio-1": _ratio_of_eigenvalues_1,
        "a-case2-flavor": lambda: _off_diagonal_masses(0.1, 0.0, 0.0, (0, 1, 2)),
        "a-case2-nu3": lambda: _per_logarithm(0.1)[2, 2] / _per_logarithm(0.1)[0, 0],
        "a-case2-masses": lambda: _shift(1) / _shift(0) * _MUON / _ELECTRON,
        "a-case3-muon": lambda: _off_diagonal_masses(0.2, 0.0, 0.05, (1,)),
        "a-zero-3": lambda: _eigenvalues(0.2, 0.0, 0.01)[0],
        "a-ratio-3": _ratio_of_eigenvalues_3,
        "a-g12": lambda: 1.0 / _needed(1.0, 0.0, 0.0),
        "a-shift-e": lambda: _shift(0) / 1e3,
        "a-shift-mu": lambda: _shift(1),
        "a-ratio-e": lambda: _unreduced(0, ""),
        "a-ratio-mu": lambda: _unreduced(1, "m_nu_mu"),
        "a-ratio-tau": lambda: _unreduced(2, "m_nu_tau"),
        "a-twelve": lambda: 0.25 * _unreduced(2, "m_nu_tau"),
        "a-five": lambda: 0.1 * _unreduced(2, "m_nu_tau"),
        "a-stuck": _invariant,
        "a-lifetime-mu": lambda: _lifetime(250e3),
        "a-lifetime": lambda: 1.0 / float(decays.neutrino_radiative_rate(1e-10, 1.0)),
        "a-width": lambda: _given("br_mu_e_gamma") / _muon_lifetime(),
        "a-mu-e-gamma": _muon_moment,
        "a-hierarchy": lambda: _coupling_at_limit(_EXPECTED) / _G12,
        "a-77": lambda: _mu21() / _muon_moment(),
        "a-mu21": _mu21,
        "a-68": lambda: _least_mass(3.5e-12),
        "a-6.8": lambda: _least_mass(3.5e-13) / 1e3,
        "a-hundred": lambda: _least_mass(3.5e-13) / _least_mass(3.5e-12),
        "a-three-orders": lambda: _least_mass(3.5e-12 / math.sqrt(1e3)) / 1e3,
        "a-case1-g13": lambda: _needed(0.0, 1.0, 0.0) ** 2 / _LEAST**2,
        "a-case1-40": lambda: 1.0 / _needed(0.0, 1.0, 0.0),
        "a-case1-mass": _case_one_mass,
        "a-case1-orders": lambda: 1e3 * _case_one_mass() / _given("m_nu_e"),
        "a-22": _condition,
        "a-case2-211": lambda: 1.0 / _coupling_of_mass(),
        "a-case2-eta": _heaviest_by_two,
        "a-24a": _least_ratio,
        "a-26": lambda: _needed(1.0, 0.0, 0.0) ** 2,
        "a-25": lambda: _shift(0, _needed(1.0, 0.0, 0.0)),
        "a-27": lambda: math.sqrt(_condition()),
        "a-27-g23": lambda: _small_mixing()[2],
        "a-27-mass": _m2_of_small_mixing,
        "a-30": _smallest_tau_mass,
        "a-ratio-2": lambda: _smallest_tau_mass() / (1e3 * _TAU),
    },
    readings={
        "a-ratio-e": lambda: _unreduced(0, "", factor=_OF_NINE),
        "a-ratio-mu": lambda: _unreduced(1, "m_nu_mu") * _MUON / 0.106,
        "a-nine": lambda: _OF_NINE * _vertices_of_nine(),
        "a-shift-e": lambda: _OF_NINE * _shift(0, math.sqrt(_printed_condition())) / 1e3,
        "a-shift-mu": lambda: _OF_NINE * _shift(1),
        "a-case1-mass": partial(_case_one_mass, _OF_NINE),
        "a-case2-211": lambda: 1.0 / _coupling_of_mass(_OF_NINE),
        "a-case2-eta": partial(_heaviest_by_two, _OF_NINE),
        "a-27-mass": lambda: _OF_NINE * _m2_of_small_mixing(),
    },
)
