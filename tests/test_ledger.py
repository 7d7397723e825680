"""The ledger: every row computed again, its verdicts by their rules, and numbers of it by other means."""

import dataclasses
import math
from functools import cache

import mpmath
import numpy as np
import pytest
from scipy import constants as si
from scipy import integrate, linalg, optimize

from nmmjax import __main__ as cli
from nmmjax import ledger
from nmmjax.ledger import Verdict
from nmmjax.media import SolarModel
from nmmjax.oscillation import FromSun

ROWS = {row.id: row for row in ledger.rows()}
M_E, M_MU, M_TAU, M_W = 0.51099895e-3, 0.1056583755, 1.77693, 80.3692
G_F, ALPHA, HBAR = 1.1663788e-5, 7.2973525643e-3, 6.582119569e-25
ONE_LOOP = 1.0 / (16.0 * math.pi**2)


@cache
def outcome(name):
    return ledger.recompute(ROWS[name])


def computed(name):
    return outcome(name).computed


# Every row


@pytest.mark.parametrize("name", ROWS)
def test_row_holds(name):
    found = outcome(name)
    assert found.holds, f"{name}: {found.computed}, {found.reading}, but {found.row}"


def test_the_data_and_the_functions_are_of_the_same_rows():
    assert len(ROWS) == len(ledger.rows()) >= 60
    for name, document in ledger.DOCUMENTS.items():
        assert [row.id for row in ledger.rows(name)] == [row.id for row in ROWS.values() if row.document == name]
        testable = {row.id for row in ledger.rows(name) if row.verdict is not Verdict.NOT_TESTABLE}
        assert testable == set(document.computed)
        assert set(document.readings) <= set(document.computed)
    assert {row.document for row in ROWS.values()} == set(ledger.DOCUMENTS)
    assert len(ledger.DOCUMENTS) == 5


def test_what_is_not_reproduced_has_a_reason():
    for row in ROWS.values():
        assert row.where
        assert row.statement
        assert row.how
        assert row.relation in ledger.RELATIONS
        if row.verdict is not Verdict.REPRODUCED:
            assert row.reason, row.id
            assert bool(row.value) is (row.verdict is not Verdict.NOT_TESTABLE), row.id
        else:
            assert not row.value, row.id


def test_orders_of_magnitude_are_powers_of_ten():
    """Half a decade on both sides is the tolerance of a printed power of ten, not of a number with digits."""
    for row in ROWS.values():
        if row.relation == "~":
            assert math.log10(float(row.printed)) == pytest.approx(round(math.log10(float(row.printed))), abs=1e-12)


KINDS = [
    {Verdict.REPRODUCED},
    {Verdict.ANOTHER_READING, Verdict.CONVENTION, Verdict.MISPRINT},
    {Verdict.INPUT, Verdict.NOT_REPRODUCED},
    {Verdict.NOT_TESTABLE},
]
"""By what they have to show: one number that agrees, a second that does, one that does not, none."""


@pytest.mark.parametrize(
    ("number", "reading", "value", "kind"),
    [
        (3.84, None, "", 0),
        (3.84, 3.82, "", None),  # a second number is not needed
        (1.9, 3.84, "1.9", 1),
        (1.9, 3.86, "1.9", None),  # it does not agree either
        (1.9, 3.84, "2.1", None),  # the table does not say what comes out
        (3.84, 3.84, "3.84", None),  # the first agrees already
        (1.9, None, "1.9", 2),
        (1.9, None, "2.1", None),
        (1.9, None, "", None),
        (3.84, None, "3.84", 0),
        (None, None, "", 3),
        (None, None, "1.9", None),
        (None, 3.84, "", None),
    ],
)
def test_what_a_verdict_has_to_show(number, reading, value, kind):
    row = ledger.Row("x", "jana-2020", "here", "a number", "=", "3.8", "", "mpmath", Verdict.REPRODUCED, value, "why")
    for i, verdicts in enumerate(KINDS):
        for verdict in verdicts:
            outcome = ledger.Outcome(dataclasses.replace(row, verdict=verdict), number, reading)
            assert outcome.holds is (i == kind), (verdict, number, reading)
    assert set.union(*KINDS) == set(Verdict)


def test_verdicts_follow_from_the_numbers():
    """Any other kind of verdict would fail: reproduced, by a second number, or without one."""
    for name, row in ROWS.items():
        found = outcome(name)
        for kind in KINDS:
            for verdict in kind:
                other = dataclasses.replace(found, row=dataclasses.replace(row, verdict=verdict))
                assert other.holds == (row.verdict in kind), (name, verdict)


def test_values_are_checked():
    for name, row in ROWS.items():
        found = outcome(name)
        if row.verdict is Verdict.NOT_TESTABLE:
            assert not dataclasses.replace(found, computed=1.0).holds
        elif row.verdict is not Verdict.REPRODUCED:
            wrong = dataclasses.replace(row, value=f"{1.02 * found.computed + 1e-3 * (found.computed == 0.0):.4e}")
            if abs(found.computed) > 1e-9 or row.unit == "mu_B":
                assert not dataclasses.replace(found, row=wrong).holds, name
        else:
            assert not dataclasses.replace(found, reading=1.0).holds


# Rules


@pytest.mark.parametrize(
    ("printed", "number", "agrees"),
    [
        ("3.8", 3.789, True),
        ("3.8", 3.849, True),
        ("3.8", 3.751, True),
        ("3.8", 3.749, False),
        ("3.8", 3.851, False),
        ("4.5e-14", 4.549e-14, True),
        ("4.5e-14", 4.586e-14, False),
        ("-2.6e-33", -2.6e-33, True),
        ("-2.6e-33", 2.6e-33, False),
        ("1", 0.51, True),
        ("1", 0.49, False),
        ("70", 69.55, True),
        ("0.030", 0.0298, True),
        ("0.030", 0.0294, False),
        ("4/9", 4.0 / 9.0, True),
        ("4/9", 0.4445, False),
    ],
)
def test_printed_digits_are_the_tolerance(printed, number, agrees):
    assert ledger.rounds_to(printed, number) is agrees
    assert ledger.RELATIONS["="](printed, number) is agrees


@pytest.mark.parametrize(
    ("relation", "printed", "number", "agrees"),
    [
        ("==", "24", 24.00001, True),
        ("==", "24", 24.0001, False),
        ("==", "0", 1e-7, True),
        ("==", "0", 1e-5, False),
        ("~", "1e14", 3.1e14, True),
        ("~", "1e14", 3.2e14, False),
        ("~", "1e14", 3.1e13, False),
        ("~", "1e14", -1e14, False),
        ("<", "0.2", 0.1, True),
        ("<", "0.2", 0.2, False),
        (">", "30", 31.0, True),
        (">", "30", 30.0, False),
        ("in", "7 to 9", 7.0, True),
        ("in", "7 to 9", 9.1, False),
    ],
)
def test_relations(relation, printed, number, agrees):
    assert ledger.RELATIONS[relation](printed, number) is agrees


def test_unknown_document():
    with pytest.raises(ValueError, match=r"Argument `document` must be one of .*jana-2020.*did you mean 'jana-2024'"):
        ledger.rows("jana-2023")


# Numbers by other means


def flip(t):
    """F(t) by quadrature, 30 digits."""
    with mpmath.workdps(30):
        return float(mpmath.quad(lambda x: x / (1 - x + t * x), [0, 0.5, 0.9, 0.99, 0.999, 1]))


def moment(lepton, mass):
    """Of unit couplings [mu_B]."""
    return 2.0 * M_E * lepton * ONE_LOOP / mass**2 * flip((lepton / mass) ** 2)


def least_mass(mu):
    """[eV] of m^2 tau = 2e20 eV^2 s, tau = 8 pi / mu^2 m^3."""
    squared = 4.0 * math.pi * ALPHA * (mu / (2.0 * M_E * 1e9)) ** 2
    return 8.0 * math.pi / squared * HBAR * 1e9 / 2e20


def test_1988_moments():
    coupling2 = 0.3e-10 / moment(M_MU, 25.0)
    assert 1.0 / computed("a-g12") ** 2 == pytest.approx(coupling2, rel=1e-9)
    assert computed("a-26") == pytest.approx(coupling2, rel=1e-9)
    assert computed("a-case1-g13") == pytest.approx(0.3e-10 / moment(M_TAU, 25.0) / 625.0, rel=1e-9)
    g12 = 1.0 / 19.0
    assert computed("a-30") == pytest.approx(least_mass(g12**2 / 36.5 * moment(M_MU, 30.0)) / 1e6, rel=1e-3)  # W
    assert computed("a-68") == pytest.approx(least_mass(3.5e-12), rel=1e-9)
    assert computed("a-lifetime") == pytest.approx(2e20 * least_mass(1e-10), rel=1e-9)


def test_1988_masses():
    per_coupling = M_MU * ONE_LOOP * 1e9
    assert computed("a-shift-e") == pytest.approx(per_coupling / 361.0 / 1e3, rel=1e-9)
    assert outcome("a-case2-211").reading == pytest.approx(math.sqrt(2.0 * per_coupling / 30.0), rel=1e-9)

    def excess(mass, factor):
        return 30.0 / (factor * per_coupling) * moment(M_MU, mass) / 0.3e-10 - 1.0

    for number, factor in ((computed("a-case2-eta"), 1.0), (outcome("a-case2-eta").reading, 2.0)):
        assert number == pytest.approx(optimize.brentq(excess, 0.5, 30.0, args=(factor,)), rel=1e-9)


def test_1988_muon_decay():
    """Gamma = 2 alpha m^5 g^4 / (147456 pi^4 M^4) of both chiralities, with the lifetime of the muon as measured."""
    width = 2e-10 * HBAR / 2.1969811e-6
    ratio = math.sqrt(width * 147456.0 * math.pi**4 / (2.0 * ALPHA * M_MU**5))  # g^2 / M^2
    assert computed("a-mu-e-gamma") == pytest.approx(2.0 * M_E * M_MU * ONE_LOOP * ratio, rel=5e-3)


def test_grimus_lavoura():
    a, r, b = 0.01, 0.8, 0.03
    low, middle, high = np.linalg.eigvalsh([[a, r * b, b], [r * b, 0.0, 0.0], [b, 0.0, 0.0]])
    m0 = b * math.sqrt(1.0 + r**2)
    assert abs(middle) < 1e-15
    assert computed("b-m1") == pytest.approx(high / (math.hypot(m0, a / 2) + a / 2), rel=1e-12)
    assert computed("b-m2") == pytest.approx(-low / (math.hypot(m0, a / 2) - a / 2), rel=1e-12)
    clausen = float(mpmath.clsin(2, 2 * mpmath.pi / 3))  # I m^2 = 3^(3/2) Cl_2(2 pi / 3) - pi^2 / 6 at equal masses
    assert computed("b-loop") == pytest.approx(3.0**1.5 * clausen - math.pi**2 / 6.0, rel=1e-5)
    estimate = M_TAU**2 * ONE_LOOP**2 / (1e-10 / (2.0 * math.sqrt(3.2e-3))) * 1e9
    loop = 3.0**1.5 * clausen - math.pi**2 / 6.0
    assert computed("b-mh") == pytest.approx(4.0 * loop * estimate, rel=1e-9)
    assert outcome("b-mh").reading == pytest.approx(estimate, rel=1e-9)
    assert computed("b-m") == pytest.approx(M_TAU**2 / math.sqrt(0.5 * 3.2e-3) * 1e9, rel=1e-9)


@pytest.mark.parametrize(
    ("fermion", "mass", "charge"),
    [
        ("e", M_E, 1.0),
        ("mu", M_MU, 1.0),
        ("tau", M_TAU, 1.0),
        ("d", 4.8e-3, 1.0),
        ("s", 0.095, 1.0),
        ("b", 4.18, 1.0),
        ("u", 2.3e-3, 2.0),
        ("c", 1.275, 2.0),
        ("t", 173.5, 2.0),
    ],
)
def test_tensor_bounds(fermion, mass, charge):
    expected = 3e-12 * math.pi**2 * 1e6 / (charge * M_E * mass * math.log(1e6 / mass**2))
    assert computed(f"c-eps-{fermion}") == pytest.approx(expected, rel=1e-9)


def test_texono_by_double_integration():
    table = {
        0.55: (4.367, -4.577, 2.1, -0.5294, 0.06186, -0.002777),
        0.07: (0.4833, 0.1927, -0.1283, -0.006762, 0.002233, -0.0001536),
        0.32: (4.757, -5.392, 2.563, -0.6596, 0.0782, -0.003536),
        0.06: (2.99, -2.882, 1.278, -0.3343, 0.03905, -0.001754),
    }
    m, s2, f = 1e3 * M_E, 0.23863, G_F * 1e-6

    def flux(E):
        return sum(share * math.exp(np.polyval(a[::-1], E)) for share, a in table.items())

    def weak(T, E):
        left, right = s2, 0.5 + s2
        return 2 * f**2 * m / math.pi * (left**2 + right**2 * (1 - T / E) ** 2 - left * right * m * T / E**2)

    def tensor(T, E):
        return 4 * m / math.pi / 1e24 * ((1 - T / (2 * E)) ** 2 - m * T / (4 * E**2))

    def rate(cross_section):
        least = (3.0 + math.sqrt(9.0 + 6.0 * m)) / 2

        def inner(E):
            top = min(8.0, 2 * E**2 / (m + 2 * E))
            return flux(E) * integrate.quad(cross_section, 3.0, top, args=(E,), epsabs=0.0)[0]

        return integrate.quad(inner, least, 9.0, epsabs=0.0, epsrel=1e-9)[0]

    excess = 0.08 + 1.2815515655446004 * math.hypot(0.21, 0.16)
    assert computed("c-texono") == pytest.approx(math.sqrt(excess * rate(weak) / rate(tensor)), rel=1e-4)


def test_democratic_neutrinos():
    """Vacuum averaged over many periods, and the core of the Earth by exponentials of 3 x 3 matrices."""
    M2 = 0.028**2 * (np.ones((3, 3)) - np.eye(3)) @ (np.ones((3, 3)) - np.eye(3))
    phases = 2 * np.pi * np.arange(64) / 64 / (3 * 0.028**2)
    mean = np.mean([abs(linalg.expm(-1j * M2 * x)[0, 0]) ** 2 for x in phases])
    assert computed("c-7/18") == pytest.approx(mean, rel=1e-9)
    splitting, potential = 2.365e-3, math.sqrt(2.0) * G_F * 1e-18 * 5.4 * 6.02214076e23 * (1.973269804e-5) ** 3  # eV
    energy = (1 / 3 + math.sqrt(2.8**2 - 8 / 9)) * splitting / (2 * potential)
    assert energy == pytest.approx(8.5207e9, rel=1e-4)
    H = splitting / 3 * (np.ones((3, 3)) + np.eye(3)) / (2 * energy) + np.diag([potential, 0, 0])
    lengths = np.linspace(0.0, 12742.0, 1001) / 1.973269804e-10  # 1/eV
    P = np.max([np.abs(linalg.expm(-1j * H * x)) ** 2 for x in lengths], axis=0)
    assert computed("c-core-0.05") == pytest.approx(P[1, 0], rel=1e-6)
    assert computed("c-core-mu-tau") == pytest.approx(P[2, 1], rel=1e-6)
    ratio = 2 * 1e9 * potential / splitting
    assert computed("c-core-2.8") == pytest.approx(math.sqrt((1 / 3 - ratio) ** 2 + 8 / 9), rel=1e-6)


def test_bohr_magneton():
    assert computed("c-magneton") == pytest.approx(si.physical_constants["Bohr magneton in eV/T"][0], rel=1e-8)


def test_fraction_of_the_moment_seen_from_the_sun():
    """1 - P(nu_e -> nu_tau) with two flavors in the density where pp neutrinos are made on average."""
    t12, t13, t23, delta = map(math.radians, (33.44, 8.57, 49.2, 197.0))
    density, energy, splitting = 61.06, 0.267e6, 7.42e-5
    potential = 7.632466872e-14 * density
    x = math.cos(2 * t12) - 2 * energy * math.cos(t13) ** 2 * potential / splitting
    first = 0.5 * (1 + x / math.hypot(x, math.sin(2 * t12)))
    e = np.exp(1j * delta)
    tau = [
        math.sin(t12) * math.sin(t23) - math.cos(t12) * math.cos(t23) * math.sin(t13) * e,
        -math.cos(t12) * math.sin(t23) - math.sin(t12) * math.cos(t23) * math.sin(t13) * e,
        math.cos(t23) * math.cos(t13),
    ]
    weights = [math.cos(t13) ** 2 * first, math.cos(t13) ** 2 * (1 - first), math.sin(t13) ** 2]
    assert computed("d-0.72") == pytest.approx(1 - np.dot(weights, np.abs(tau) ** 2), abs=1e-3)


def test_trapping_by_quadrature():
    """The Yukawa potential of a sphere at its center, and the scalar density of a degenerate gas."""
    electron, mass, radius = 0.51099895e6, 2e-14, 1e9 / 1.973269804e-5
    density = 0.5e6 * 6.02214076e23 * (1.973269804e-5) ** 3
    fermi = (3 * math.pi**2 * density) ** (1 / 3)
    scalar = integrate.quad(lambda p: p**2 / math.pi**2 * electron / math.hypot(p, electron), 0, fermi)[0]
    reach = integrate.quad(lambda x: x * math.exp(-x), 0, mass * radius)[0]
    assert computed("d-trapping") == pytest.approx(1e-36 * scalar * reach / mass**2 / 1e6, rel=1e-9)


def test_weak_moments():
    dirac = 3 * G_F * M_E * 1e-10 / (4 * math.sqrt(2.0) * math.pi**2)  # 0.1 eV
    assert computed("c-diagonal") == pytest.approx(dirac, rel=1e-9)
    assert outcome("d-dirac").reading == pytest.approx(dirac, rel=1e-9)
    assert computed("c-transition") == pytest.approx(dirac / 4 * (M_TAU / M_W) ** 2, rel=1e-2)
    assert computed("c-majorana") == pytest.approx(dirac / 2 * (M_TAU / M_W) ** 2, rel=1e-2)


def test_electromagnetic_rates():
    """Charge radius in GeV^-2; a charge and a moment that scatter alike, dsigma/dT = 2 pi alpha^2 q^2 / (m T^2)."""
    per_cm2 = (1.973269804e-14) ** 2
    for flavor, lepton in (("e", M_E), ("mu", M_MU), ("tau", M_TAU)):
        radius2 = G_F / (4 * math.sqrt(2.0) * math.pi**2) * (3 - 4 * math.log(lepton / M_W)) * per_cm2
        assert computed(f"e-radius-{flavor}") == pytest.approx(radius2 * 1e33, rel=1e-9)
    m, T = 0.51099895e6, 2.8e3
    of_charge = 2 * math.pi * ALPHA**2 * computed("e-millicharge") ** 2 / (m * T**2)
    of_moment = math.pi * ALPHA**2 / m**2 * 2.9e-11**2 / T
    assert of_charge == pytest.approx(of_moment, rel=1e-9)


def test_jump_probability():
    """The linear crossing by an integrator of differential equations."""
    reach, b, slope = 60.0, 0.5, 1.0

    def change(x, state):
        return -1j * np.array([[0.5 * slope * x, b], [b, -0.5 * slope * x]]) @ state

    path = integrate.solve_ivp(change, (-reach, reach), np.array([1, 0j]), method="DOP853", rtol=1e-9, atol=1e-11)
    stays = abs(path.y[0, -1]) ** 2  # up to ringing of b / (slope reach)
    assert stays == pytest.approx(math.exp(-0.5 * math.pi * computed("e-gamma") * b**2 / slope), abs=1.5e-2)


def w_loop(lepton):
    """f of the loop of W and a charged lepton, 3/2 where it has no mass."""
    r = mpmath.mpf(lepton) ** 2 / mpmath.mpf(M_W) ** 2
    return 0.75 * (1 + 1 / (1 - r) - 2 * r / (1 - r) ** 2 - 2 * r**2 * mpmath.log(r) / (1 - r) ** 3)


def test_1988_at_high_energy():
    """Ratios of masses to those of charged leptons, with the run of g^2 m_l / 16 pi^2 per logarithm."""
    g2 = 4.5e-5 * 625.0 / (2.0 * math.log(25.0 / M_MU) - 1.0)
    run = g2 * ONE_LOOP * np.array([M_MU, M_E, 0.0]) * 1e9
    masses = 1e9 * np.array([M_E, M_MU, M_TAU]) / 1e3
    e, mu, tau = (np.array([0.0, 270e3, 50e6]) + run) / masses
    assert computed("a-ratio-e") == pytest.approx(e, rel=1e-9)
    assert outcome("a-ratio-e").reading == pytest.approx(2 * e, rel=1e-9)
    assert computed("a-ratio-mu") == pytest.approx(mu, rel=1e-9)
    assert computed("a-ratio-tau") == pytest.approx(tau, rel=1e-9)
    assert computed("a-twelve") == pytest.approx(12.5e6 / masses[2], rel=1e-9)
    assert computed("a-five") == pytest.approx(5e6 / masses[2], rel=1e-9)
    assert computed("a-stuck") == pytest.approx(20.0 / (M_E * 1e9), rel=1e-9)  # the state without a shift
    assert computed("a-harari-nir") == pytest.approx(M_TAU**2 * 1e18 / 60.0 / 1e15, rel=1e-9)


def test_1988_mixing_by_its_closed_form():
    """(24): t - 1 / t is large, sin 2phi = 2 t / (1 + t^2)."""
    sine = math.sqrt(3e-3)
    assert computed("a-24a") == pytest.approx((1 + math.sqrt(1 - sine**2)) / sine, rel=1e-6)


def test_1988_lifetimes_and_limits():
    tau_2 = 8.0 * math.pi * HBAR * 1e9 / (4.0 * math.pi * ALPHA * (3.5e-12 / (2.0 * M_E * 1e9)) ** 2 * 2.5e5**3)
    assert computed("a-lifetime-mu") == pytest.approx(tau_2, rel=1e-9)
    assert (tau_2 / 1.07e6) ** (1 / 3) * 250.0 == pytest.approx(243.0, abs=0.5)
    assert computed("a-6.8") == pytest.approx(least_mass(3.5e-13) / 1e3, rel=1e-9)
    width = 2e-10 * HBAR / 2.1969811e-6
    g2 = 900.0 * math.sqrt(width * 147456.0 * math.pi**4 / (2.0 * ALPHA * M_MU**5))
    assert computed("a-hierarchy") == pytest.approx(19.0 * math.sqrt(g2), rel=5e-3)
    assert computed("a-case1-40") == pytest.approx(math.sqrt(moment(M_TAU, 25.0) / 0.3e-10), rel=1e-9)
    assert 0.3e-10 * 1e-6 / computed("a-case1-g13") == pytest.approx(5e-11, rel=0.01)
    assert computed("a-case1-orders") == pytest.approx(M_TAU * ONE_LOOP * 1e9 / 1600.0 / 30.0, rel=1e-6)
    far = 1e4
    logarithm = 2 * math.log(far / M_MU) - 1
    assert computed("a-27") ** 2 == pytest.approx(0.3e-10 / moment(M_MU, far) * logarithm / far**2, rel=1e-6)
    assert computed("a-27") ** 2 * M_E / 0.5e-3 == pytest.approx(6.69e-3**2, rel=2e-3)
    assert computed("a-ratio-2") == pytest.approx(computed("a-30") / (1e3 * M_TAU), rel=1e-9)


def test_the_diagonal_moment_is_not_small_by_cancellation():
    assert computed("a-gim") == pytest.approx(float(w_loop(M_E) / w_loop(M_TAU)), rel=1e-9)


def test_grimus_lavoura_spectrum():
    """The eigenvalues of M M^dagger of five neutrinos, in 40 digits, and the light block by hand."""
    d = (0.5, 0.8, 1.1)
    with mpmath.workdps(40):
        M = mpmath.zeros(5)
        for i, j, entry in ((0, 3, d[0]), (1, 4, d[1]), (2, 4, d[2]), (3, 4, 1e4)):
            M[i, j] = M[j, i] = mpmath.mpf(entry)
        masses = sorted(map(abs, mpmath.eigsy(M, eigvals_only=True)))
        printed = mpmath.mpf(d[0]) * mpmath.hypot(d[1], d[2]) / 10**4
        assert masses[0] < 1e-30
        assert float(masses[2] / masses[1]) == pytest.approx(1.0, abs=1e-15)
        assert float(masses[4] / masses[3]) == pytest.approx(1.0, abs=1e-15)
        assert computed("b-seesaw") == pytest.approx(float(masses[1] / printed), abs=1e-9)


def test_grimus_lavoura_loop_has_one_element():
    """f m h m f of the lepton number: f antisymmetric without mu tau, h without the electron."""
    f = np.array([[0.0, 0.1, 0.2], [-0.1, 0.0, 0.0], [-0.2, 0.0, 0.0]])
    h = np.array([[0.0, 0.0, 0.0], [0.0, 0.3, 0.2j], [0.0, 0.2j, 0.1]])
    product = np.abs(f @ h @ f.T)
    assert product[0, 0] > 0.0
    assert np.max(product.ravel()[1:]) == 0.0 == computed("b-only-ee")


def test_grimus_lavoura_oscillations():
    assert outcome("b-0.06").reading == pytest.approx(math.sqrt(3.2e-3), rel=1e-6)
    for name, sign in (("b-r-low", -1), ("b-r-high", 1)):
        root = math.sqrt(0.12)
        assert computed(name) == pytest.approx(math.sqrt((1 + sign * root) / (1 - sign * root)), rel=1e-6)
    assert computed("b-0.06") == pytest.approx(math.sqrt(3.2e-3 / 2.0), rel=1e-9)
    potential = math.sqrt(2.0) * G_F * 1e-18 * 1.5 * 6.02214076e23 * (1.973269804e-5) ** 3
    survival = []
    for r in (0.8, 1.6):
        b = 0.03 * math.sqrt((1 + 0.8**2) / (1 + r**2))
        M = np.array([[0.01, r * b, b], [r * b, 0.0, 0.0], [b, 0.0, 0.0]])
        H = M @ M / 2e7 + np.diag([potential, 0.0, 0.0])
        survival.append(abs(linalg.expm(-1j * H * 1e3 / 1.973269804e-10)[0, 0]) ** 2)
    assert survival[0] == pytest.approx(survival[1], abs=1e-9)
    assert 0.05 < survival[0] < 0.95


def test_democratic_moments():
    """Majorana neutrinos, nu_3 of the other CP parity: twice the Dirac formula with m_2 + m_3."""
    m = math.sqrt(2.67e-3 / 3.0) * 1e-9
    U = np.array([[3**0.5, 1, 2**0.5], [-(3**0.5), 1, 2**0.5], [0, -2, 2**0.5]]) / 6**0.5
    mixed = np.array([M_E, M_MU, M_TAU]) ** 2 / M_W**2 @ (U[:, 1] * U[:, 2])
    natural = 6.0 * G_F / (32.0 * math.sqrt(2.0) * math.pi**2) * 3.0 * m * abs(mixed)
    assert computed("c-mu23") == pytest.approx(2.0 * M_E * natural, rel=2e-3)
    assert 4e-24 * 3.0 * m * 1e9 / 0.1 * 2**0.5 / 3.0 == pytest.approx(1.69e-24, rel=5e-3)
    assert outcome("c-agreement").reading == pytest.approx((7 / 18 - 1.68 / 4.94) / computed("c-sno-up"), rel=1e-6)
    errors = np.hypot.reduce([0.06 / 1.68, 0.08 / 1.68, 0.21 / 4.94, 0.34 / 4.94])
    assert computed("c-agreement") == pytest.approx((5 / 9 - 1.68 / 4.94) / (1.68 / 4.94 * errors), rel=1e-6)


def test_democratic_neutrinos_in_the_sun():
    """Two states mix with sin^2 theta = 1/3: (1 + cos 2theta cos 2theta_m) / 2 over where 8B neutrinos are made."""
    density, weights = map(np.asarray, FromSun(SolarModel.b16_gs98(), "b8").births())
    ratio = 2e7 * 7.632466872e-14 * density / 2.365e-3  # 2 E V / dm2
    first = (1 / 3 - ratio) / np.hypot(1 / 3 - ratio, math.sqrt(8 / 9))
    P = weights @ (0.5 + 0.5 / 3 * first)
    assert computed("c-sun") == pytest.approx(1 - P / (5 / 9), rel=1e-5)


def test_coherence_of_solar_neutrinos():
    """4 sqrt(2) E^2 sigma_x / dm2, and the size at which it is the distance of the Sun."""
    density, weights = map(np.asarray, FromSun(SolarModel.b16_gs98(), "b8").births())
    size = (weights @ density * 6.02214076e23) ** (-1 / 3)
    unit = 4.0 * math.sqrt(2.0) * 1e14 / 2.365e-3 / 1e5  # km per cm
    assert computed("c-coherence") == pytest.approx(unit * size, rel=1e-9)
    assert 1.5e8 / unit == pytest.approx(6e-5, rel=0.1)


def test_edge_of_the_core():
    """V_e of 1e4 g/cm^3 (1000 km / r)^3 with Y_e = 0.45, right-handed neutrinos sterile."""
    at_1000 = math.sqrt(2.0) * G_F * 1e-18 * (1.5 * 0.45 - 0.5) * 1e4 * 6.02214076e23 * 1.973269804e-5**3
    per_km = at_1000 / 1.973269804e-10
    assert computed("e-edge") == pytest.approx(per_km ** (1 / 3), rel=1e-5)
    assert [per_km, per_km / 27] == pytest.approx([0.68, 0.025], rel=0.01)


def test_left_right():
    for name, xi in (("d-left-right", 0.020), ("e-left-right", 0.003)):
        scale = 2.0 * M_E * G_F * math.sin(2 * xi) * (1 - (M_W / 4000.0) ** 2) / (2.0 * math.sqrt(2.0) * math.pi**2)
        assert computed(name) == pytest.approx(scale * M_TAU, rel=1e-6)
        assert outcome(name).reading == pytest.approx(scale * M_E, rel=1e-4)  # beside it that of W


def test_r_parity_violation_has_any_value():
    """The estimate with scalars of 100 GeV, for the couplings that its rows name."""
    for coupling, printed in ((0.02, 1e-14), (0.007, 1e-15)):
        estimate = 2.0 * M_E * coupling**2 * ONE_LOOP * M_TAU**2 / 100.0**3
        assert math.log10(estimate / printed) == pytest.approx(0.0, abs=0.1)


def test_transition_moments_are_suppressed_by_the_masses_of_leptons():
    with mpmath.workdps(40):
        near, far = (w_loop(1e-4 * by) - w_loop(1e-3 * by) for by in (1, 2))
        assert computed("d-gim") == pytest.approx(float(mpmath.log(far / near, 2)), rel=1e-7)
    assert computed("e-gim") == computed("d-gim")


def test_fluxes_and_fractions():
    assert computed("d-emu-low") == pytest.approx(1.4 / math.sqrt(computed("d-0.72")), rel=1e-12)
    assert outcome("d-emu-high").reading == pytest.approx(2.9 / math.sqrt(0.72), rel=1e-12)
    sun = SolarModel.b16_gs98()
    fluxes = dict(zip(sun.sources, np.asarray(sun.fluxes), strict=True))
    others = sum(flux for source, flux in fluxes.items() if source not in ("pp", "be7")) / fluxes["be7"]
    assert computed("d-others") == pytest.approx(others, rel=1e-12)


def test_conversion_in_the_sun_is_adiabatic():
    """P_jump = exp(-pi gamma / 2) with gamma = dm2 sin^2 2theta h / (2 E cos 2theta), h = 66000 km, at 10 MeV."""
    theta, height = math.radians(33.44), 6.6e4 / 1.973269804e-10  # 1/eV
    gamma = 7.42e-5 * math.sin(2 * theta) ** 2 * height / (2e7 * math.cos(2 * theta))
    assert math.exp(-0.5 * math.pi * gamma) < 1e-300
    assert computed("d-adiabatic") == 0.0


def test_horizontal_muon():
    """Heavy scalars: f'^2 m^2 / 48 pi^2 m_N^2 of the neutral ones, less f^2 m^2 / 96 pi^2 of the charged ones."""
    found, sine, cosine = [], math.sin(0.5) ** 2, math.cos(0.5) ** 2
    for light in (100.0, 300.0, 1000.0):
        unit = sum(s * flip((M_TAU / m) ** 2) / m**2 for s, m in ((1, light), (-1, 3 * light)))
        product = 1e-11 / (2.0 * M_E * ONE_LOOP * M_TAU * math.sin(1.0) * unit)
        eta = cosine / light**2 + sine / (3 * light) ** 2
        found += [
            M_MU**2 * product * (1 / (balance * 48 * math.pi**2 * n**2) - balance * eta / (96 * math.pi**2))
            for balance in (0.1, 1.0, 10.0)
            for n in (100.0, 300.0, 1000.0)
        ]
    assert computed("e-muon") == pytest.approx(1e12 * min(found), rel=1e-2)


def test_radius_of_nu_e():
    """g_V moves by sqrt(2) pi alpha <r^2> / 3 G_F, and by twice what sin^2 theta_W moves by."""
    per_area = math.sqrt(2.0) * math.pi * ALPHA / (3.0 * G_F * (1.973269804e-14) ** 2)
    ends = [(2 * (0.259 + side * 1.6448536 * 0.025) + 0.5 - 0.9521) / per_area for side in (-1, 1)]
    assert computed("e-radius-low") == pytest.approx(ends[0], rel=1e-6)
    assert computed("e-radius-high") == pytest.approx(ends[1], rel=1e-6)
    assert ends[1] - ends[0] == pytest.approx(6.6e-32 + 2.6e-33, rel=0.01)
    center = (2 * (0.259 - 0.221)) / per_area
    assert center == pytest.approx(0.5 * (6.6e-32 - 2.6e-33), rel=0.01)


# The command line


def test_command_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.main(["ledger", "--document", "jana-2024"]) == cli.GOOD
    text = capsys.readouterr().out
    assert "jana-2024: S. Jana" in text
    assert "jana-2020" not in text
    for row in ledger.rows("jana-2024"):
        assert row.printed in text
    counts = {v: sum(row.verdict is v for row in ledger.rows("jana-2024")) for v in Verdict}
    lines = [line.strip() for line in text[text.index("meaning") :].splitlines()]
    for verdict, count in counts.items():
        assert any(line.startswith(f"{verdict.label} ") and line.split(verdict.label)[1].split()[0] == str(count)
                   for line in lines)  # fmt: skip
    assert f"all                                {len(ledger.rows('jana-2024'))}" in text


def test_command_line_with_a_row_that_does_not_hold(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    wrong = dataclasses.replace(ROWS["e-radius-e"], printed="4.2")
    monkeypatch.setattr(ledger, "rows", lambda document: (ROWS["e-radius-mu"], wrong))
    assert cli.main(["ledger"]) == cli.NOT_CONVERGED
    text = capsys.readouterr().out
    assert text.count("DOES NOT HOLD") == 1
    assert "rows that do not hold: e-radius-e" in text


def test_command_line_with_a_bad_document(capsys):
    assert cli.main(["ledger", "--document", "nobody"]) == cli.USAGE
    assert "Argument `document` must be one of" in capsys.readouterr().err


# Stars, charges and the early universe


def test_the_standard_loss_of_a_red_giant():
    """Rates of one plasmon of 18.0 keV: C_V^2 G_F^2 K^5 / 48 pi^2 alpha against mu^2 K^3 / 24 pi."""
    number = 1e6 * 0.5 * 6.02214076e23 * 1.973269804e-14**3  # GeV^3
    momentum = (3 * math.pi**2 * number) ** (1 / 3)
    K2 = 4 * math.pi * ALPHA * number / math.hypot(momentum, M_E)
    vector = (0.5 + 2 * 0.2312) ** 2 + 2 * (2 * 0.2312 - 0.5) ** 2
    squared = vector * G_F**2 * K2 / (2 * math.pi * ALPHA)
    assert computed("c-giants") == pytest.approx(math.sqrt(squared) / math.sqrt(math.pi * ALPHA) * M_E, rel=1e-6)
    assert computed("d-standard") == computed("c-giants")


def test_the_tip_of_messier_5():
    """The formula of the shift against the two magnitudes."""

    def sigmas(x):
        shift = -0.23 * (math.sqrt(x**2 + 0.64) - 0.80 - 0.18 * x**1.5)
        return (-4.17 + 3.99 - shift) / math.hypot(0.13, 0.07)

    assert 1e12 * computed("d-tip") == pytest.approx(optimize.brentq(lambda x: sigmas(x) - 2.0, 3.0, 6.0), rel=1e-4)


def test_flips_in_the_early_universe():
    """Number of electrons by its integral; g* of photons, pions, three neutrinos, two charged leptons."""
    T, species = 0.15, 2 + 3 + 7 / 8 * (6 + 8)
    number = 4 / (2 * math.pi**2) * T**3 * integrate.quad(lambda x: x**2 / (math.exp(x) + 1), 0, 60)[0]
    screened2 = 4 * math.pi * ALPHA * T**2 / 3
    flips = number * math.pi * ALPHA**2 / M_E**2 * (math.log(2 * (3.15 * T) ** 2 / screened2) - 1)
    expansion = math.sqrt(8 * math.pi / 3 * math.pi**2 / 30 * species) * T**2 / 1.22089e19
    assert computed("d-universe") == computed("e-universe") == pytest.approx(math.sqrt(expansion / flips), rel=1e-3)


def test_a_star_that_neutrinos_turn():
    """Angular momentum q B r sin^2 theta dr of a neutrino on its way, averaged over directions."""
    radius = 1.2e4
    sine2 = integrate.quad(lambda t: 0.5 * math.sin(t) ** 3, 0, math.pi)[0]
    per_charge = 1e10 * sine2 * integrate.quad(lambda r: r, 0, radius)[0]
    inertia = 0.4 * 1.4 * 1.98841e30 * radius**2
    charge = inertia * 2 * math.pi / 10.0 / (1e58 * per_charge) / si.e
    assert computed("e-turning") == pytest.approx(charge, rel=1e-6)


def test_small_charges_in_a_loop():
    """m_nu = M^2 mu / (2 m_e mu_B) at 0.1 eV with the charge beside it; 1e-15 mu_B at 320 eV."""
    assert computed("d-small-charges") == pytest.approx(1e-15 * 2 * 0.1 / (M_E * 1e9), rel=1e-9)
    assert pytest.approx(1e-15, rel=0.01) == 1e-15 * 2 * M_E * 1e9 * 0.1 / 320.0**2


def test_weights_of_uniform_cores():
    """Spheres of the talk's density and radius weigh more than the star; the polytrope by its equation."""
    sun = 1.98841e33
    assert 1e6 * 4 / 3 * math.pi * 1e9**3 / sun == pytest.approx(2.1, abs=0.05)
    assert 1e4 * 4 / 3 * math.pi * 5e9**3 / sun == pytest.approx(2.6, abs=0.05)

    def slope(x, y):
        return [y[1], -(max(y[0], 0.0) ** 1.5) - 2.0 / x * y[1]]

    def surface(x, y):
        return y[0]

    surface.terminal = True
    found = integrate.solve_ivp(slope, (1e-6, 5.0), [1.0, 0.0], events=surface, rtol=1e-10, atol=1e-12)
    x, (_, derivative) = found.t_events[0][0], found.y_events[0][0]
    assert outcome("d-density-giant").reading / computed("d-density-giant") == pytest.approx(
        -x / (3 * derivative), rel=1e-4
    )
