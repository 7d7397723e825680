"""Cores of stars: plasmons and their decays against an integration of their own, limits, derivatives, bad input."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from dirac import plasmon, plasmon_by_current
from helpers import random_unitary
from scipy.integrate import quad
from scipy.optimize import brentq

from nmmjax import stars
from nmmjax.constants import PDG_2026
from nmmjax.experiments.shared.stars import energy_loss, equivalent_moment_squared
from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos, ScalarField
from nmmjax.scattering import effective_moment, electron
from nmmjax.testing import check_derivatives

ALPHA, ELECTRON, HBAR = PDG_2026.fine_structure, 1e6 * PDG_2026.electron_mass, PDG_2026.hbar
CM_KEV = PDG_2026.hbar_c * 1e-10
"""hbar c [keV cm]."""
ERG = 1.602176634e-9
"""One keV [erg]."""
CORES = {name: getattr(stars, name)() for name in ("red_giant", "horizontal_branch", "white_dwarf")}
TEMPERATURE = {"red_giant": 8.617333, "horizontal_branch": 8.617333, "white_dwarf": 4.3086667}


class Plasma:
    """Degenerate electrons of one velocity: the two polarization functions, without series or fitted residues."""

    def __init__(self, density, temperature):
        self.density, self.temperature = density, temperature
        number = density * 0.5 * PDG_2026.avogadro * CM_KEV**3
        momentum = np.cbrt(3 * np.pi**2 * number)
        self.v = momentum / np.hypot(momentum, ELECTRON)
        self.p2 = 4 * np.pi * ALPHA * number / np.hypot(momentum, ELECTRON)

    def longitudinal(self, w2, k):
        """Dielectric constant."""
        x = self.v * k / mpmath.sqrt(w2)
        return 1 - 3 * self.p2 / (self.v * k) ** 2 * (mpmath.atanh(x) / x - 1)

    def transverse(self, w2, k):
        """Squared mass."""
        x = self.v * k / mpmath.sqrt(w2)
        return self.p2 * 3 / (2 * x**2) * (1 - (1 - x**2) * mpmath.atanh(x) / x)

    def loss(self, rate, points=()):
        """(1 / rho) sum of int d^3k / (2 pi)^3 Z K Gamma_0(K) / (e^(omega / T) - 1) [erg/g/s], Gamma_0(K) [1/s]."""
        mpmath.mp.dps = 40

        def occupied(k, w2):
            return k**2 / (2 * np.pi**2) / np.expm1(np.sqrt(w2) / self.temperature)

        def of_two(k):
            w2 = brentq(lambda x: float(x - k**2 - self.transverse(x, k)), k**2 + 0.9 * self.p2, k**2 + 1.6 * self.p2)
            residue = 1 / float(1 - mpmath.diff(lambda x: self.transverse(x, k), w2))
            K = np.sqrt(w2 - k**2)
            return 2 * occupied(k, w2) * residue * K * rate(K)

        def of_one(k):
            w2 = brentq(lambda x: float(self.longitudinal(x, k)), k**2 * (1 + 1e-12), k**2 + 1.01 * self.p2)
            # 1 / (K^2 d eps / d omega^2) times K Gamma_0(K)
            residue = 1 / float(mpmath.diff(lambda x: self.longitudinal(x, k), w2))
            K = np.sqrt(max(w2 - k**2, 1e-12))
            return occupied(k, w2) * residue / K * rate(K)

        last = float(mpmath.sqrt(3 * self.p2 / self.v**2 * (mpmath.atanh(self.v) / self.v - 1)))
        parts = [quad(of_two, 1e-3, 30 * self.temperature, epsabs=0, epsrel=1e-7, limit=60)[0]]
        breaks = [1e-3, *(point * last for point in points), last * (1 - 1e-7)]
        parts += [quad(of_one, *ends, epsabs=0, epsrel=1e-7, limit=60)[0] for ends in pairwise(breaks)]
        return sum(parts) * ERG / CM_KEV**3 / self.density


def by_moment(K, first, second, *, electric=False):
    """Gamma_0 of 1e-12 mu_B [1/s] by traces; masses [keV]."""
    if first + second >= K:
        return 0.0
    unit = 1e-24 * np.pi * ALPHA / ELECTRON**2 * K**2 * 1e3 * K / (24 * np.pi) / HBAR
    return unit * plasmon(K, first, second, electric=electric)


def by_charge(K, mass):
    """Gamma_0 of 1e-14 e [1/s] by traces."""
    if 2 * mass >= K:
        return 0.0
    return 1e-28 * ALPHA * 1e3 * K / 3 * plasmon_by_current(K, mass, mass, vector=1.0, axial=0.0) / HBAR


def theory_of(masses, moments=None, nature=None, **properties):
    """Of mass states [eV] and moments between them [mu_B]."""
    moments = np.zeros((len(masses), len(masses))) if moments is None else moments
    nature = Dirac() if nature is None else nature
    return LowEnergy(Neutrinos(jnp.diag(jnp.asarray(masses)) + 0j, jnp.asarray(moments) + 0j, nature, **properties))


HEAVY = [0.0, 1.6e3, 2.9e3]
"""Masses [eV], of which pairs are closed to a part of the longitudinal plasmons."""


@pytest.mark.parametrize("name", CORES)
def test_light_neutrinos(name):
    """Moment and charge, transverse and longitudinal, against residues by derivative and adaptive integration."""
    core = CORES[name]
    plasma = Plasma(float(core.sphere.density), TEMPERATURE[name])
    found = float(energy_loss(theory_of(np.zeros(3), np.diag([1e-12, 0.0, 0.0])), core))
    assert found == pytest.approx(plasma.loss(lambda K: by_moment(K, 0.0, 0.0)), rel=3e-6)
    neutral = jnp.zeros((1, 1)) + 0j
    rates = stars.charge_decay_rate(core.plasmon_masses, jnp.zeros(1), charges=neutral + 1e-14, weak_couplings=neutral)
    assert float(core.loss(rates)) == pytest.approx(plasma.loss(lambda K: by_charge(K, 0.0)), rel=3e-6)


@pytest.mark.parametrize(("i", "j"), [(1, 1), (0, 2), (1, 2), (2, 2)])
def test_heavy_neutrinos(i, j):
    """Magnetic and electric moments of massive states in a red giant: phase space by traces, average by integration."""
    core = CORES["red_giant"]
    plasma = Plasma(2e5, TEMPERATURE["red_giant"])
    first, second = 1e-3 * HEAVY[i], 1e-3 * HEAVY[j]
    edge = np.sqrt(max(1 - ((first + second) / np.sqrt(plasma.p2)) ** 2, 0.0))  # about where the channel closes
    moments = np.zeros((3, 3))
    moments[i, j] = moments[j, i] = 1e-12
    for electric, phase in ((False, 1.0), (True, 1j)):  # Hermitian, anti-Hermitian

        def rate(K, electric=electric):
            return (1.0 if i == j else 2.0) * by_moment(K, first, second, electric=electric)

        found = float(energy_loss(theory_of(HEAVY, phase * moments), core))
        assert found == pytest.approx(plasma.loss(rate, points=(edge,)), rel=2e-4)


def test_majorana_pairs():
    """A real moment between positive masses is an electric, an imaginary one a magnetic transition moment."""
    core = CORES["red_giant"]
    plasma = Plasma(2e5, TEMPERATURE["red_giant"])
    moments = np.zeros((3, 3))
    moments[1, 2], moments[2, 1] = 1e-12, -1e-12
    for electric, phase in ((True, 1.0), (False, 1j)):
        found = float(energy_loss(theory_of(HEAVY, phase * moments, Majorana()), core))
        expected = plasma.loss(lambda K, e=electric: by_moment(K, 1.6, 2.9, electric=e), points=(0.85,))
        assert found == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("mass", [1.6e3, 4.0e3, 4.38e3])
def test_heavy_charged_neutrinos(mass):
    """4.38 keV: closed to longitudinal plasmons and to slow transverse ones."""
    core, plasma = CORES["red_giant"], Plasma(2e5, TEMPERATURE["red_giant"])
    rates = stars.charge_decay_rate(
        core.plasmon_masses, jnp.array([mass]), charges=jnp.array([[1e-14 + 0j]]), weak_couplings=jnp.zeros((1, 1)) + 0j
    )
    edge = np.sqrt(max(1 - (2e-3 * mass / np.sqrt(plasma.p2)) ** 2, 0.0))
    expected = plasma.loss(lambda K: by_charge(K, 1e-3 * mass), points=(edge,))
    assert float(core.loss(rates)) == pytest.approx(expected, rel=4e-3 if mass == 4.38e3 else 2e-4)


@pytest.mark.parametrize(("first", "second"), [(0.0, 0.0), (2.0, 2.0), (1.0, 5.0)])
def test_charge_and_weak_decay_interfere(first, second):
    """|V|^2 and |A|^2 of V = q + w, A = w by traces, less those of the weak decay, w = -A; w by the shift of g_V.

    In scattering off electrons the library has g_V -> g_V - sqrt(2) pi alpha q / (G_F m_e T), at K^2 = -2 m_e T.
    """
    K, g, q, T = 8.0, 0.96, 0.7e-14, 3.0
    charged = electron.Couplings.tree_level().with_millicharge(q * np.eye(3), T)
    shift = float(sum((after - before)[0, 0] for after, before in _both(charged, electron.Couplings.tree_level())))
    per_charge = shift / q * (-2 * ELECTRON * T) / K**2
    weak = g / per_charge  # the charge that would shift g_V by itself
    found = stars.charge_decay_rate(
        K, jnp.array([first, second]) * 1e3, charges=_pair(q + 0j), weak_couplings=_pair(g + 0j)
    )
    # a current q + w / 2 and w / 2, both orders of the pair
    expected = plasmon_by_current(K, first, second, vector=1 + 0.5 * weak / q, axial=0.5 * weak / q)
    expected -= plasmon_by_current(K, first, second, vector=0.5 * weak / q, axial=0.5 * weak / q)
    unit = 2 * q**2 * ALPHA * 1e3 * K / 3 / HBAR
    assert float(found) == pytest.approx(unit * expected, rel=1e-9)


def _pair(value):
    return jnp.array([[0.0, value], [value, 0.0]])


def _both(*couplings):
    return zip(*((c.left, c.right) for c in couplings), strict=True)


@pytest.mark.parametrize("name", CORES)
def test_light_neutral_and_free(name):
    """The sum over all moments, whatever their basis: to rounding of masses over the plasma frequency, squared."""
    rng = np.random.default_rng(4)
    moments = 1e-12 * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))
    for matrix, nature in ((moments, Dirac()), (moments - moments.T, Majorana())):
        M = random_unitary(rng, 3) @ np.diag([0.01, 0.05, 0.3]) @ random_unitary(rng, 3)
        M = M + M.T if nature.self_conjugate else M
        found = equivalent_moment_squared(
            LowEnergy(Neutrinos(jnp.asarray(M), jnp.asarray(matrix), nature)), CORES[name]
        )
        expected = effective_moment.plasmon_squared(matrix, majorana=nature.self_conjugate)
        assert float(found) == pytest.approx(float(expected), rel=1e-6)
        massless = LowEnergy(Neutrinos(jnp.zeros((3, 3)), jnp.asarray(matrix), nature))
        assert float(equivalent_moment_squared(massless, CORES[name])) == pytest.approx(float(expected), rel=1e-13)


@pytest.mark.parametrize("nature", [Dirac(), Majorana()])
def test_any_basis(nature):
    """Fields in other phases and mixtures: heavy states, one of them degenerate."""
    rng = np.random.default_rng(5)
    masses = np.diag([1.1e3, 2.4e3, 2.4e3])
    moments = 1e-12 * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))
    moments = moments - moments.T if nature.self_conjugate else moments
    left = random_unitary(rng, 3)
    right = left.conj() if nature.self_conjugate else random_unitary(rng, 3)
    turned = (right @ x @ left.conj().T for x in (masses, moments))
    found = energy_loss(LowEnergy(Neutrinos(*map(jnp.asarray, turned), nature)), CORES["red_giant"])
    expected = energy_loss(theory_of(np.diag(masses), moments, nature), CORES["red_giant"])
    assert float(found) == pytest.approx(float(expected), rel=1e-9)


def scalar(**couplings):
    """The scalar of K. S. Babu, S. Jana and M. Lindner."""
    return ScalarField(2e-14, 2e-7 * jnp.eye(3), **couplings)


def test_the_scalar_closes_every_channel():
    """In a red giant 0.2 MeV, at the center of their sphere of 1e6 g/cm^3 what `mass_in_star` has."""
    theory = theory_of(np.zeros(3), np.diag([1e-11, 0.0, 0.0]), Dirac())
    heavy = LowEnergy(theory.neutrinos, light_scalar=scalar(electron_coupling=5e-30))
    assert float(energy_loss(theory, CORES["red_giant"])) > 100.0
    assert float(energy_loss(heavy, CORES["red_giant"])) == 0.0
    sphere = stars.Sphere(1e6, 1e4)
    expected = stars.mass_in_star(
        stars.scalar_density(1e6), 2e-14, 1e4, electron_coupling=5e-30, neutrino_coupling=2e-7
    )
    np.testing.assert_allclose(heavy.mass_matrix_in(sphere, 0.0), -expected * np.eye(3), rtol=1e-12)
    of_nucleons = LowEnergy(theory.neutrinos, light_scalar=scalar(nucleon_coupling=5e-30))
    nucleons = stars.mass_in_star(
        PDG_2026.avogadro * 1e6, 2e-14, 1e4, 0.3, electron_coupling=5e-30, neutrino_coupling=2e-7
    )
    np.testing.assert_allclose(of_nucleons.mass_matrix_in(sphere, 0.3), -nucleons * np.eye(3), rtol=1e-12)
    assert heavy.neutrinos.mass_squared is not None
    np.testing.assert_array_equal(theory.mass_matrix_in(sphere), theory.neutrinos.mass_matrix)


def test_bodies():
    for body, mass in ((CORES["red_giant"].sphere, 0.48), (CORES["horizontal_branch"].sphere, 0.5)):
        volume = 4 / 3 * np.pi * (1e5 * float(body.radius)) ** 3
        assert volume * float(body.density) / 1.98841e33 == pytest.approx(mass, rel=1e-12)
    assert float(CORES["red_giant"].sphere.radius) == pytest.approx(1e4, rel=0.05)
    earth = stars.Sphere.earth()
    assert 4 / 3 * np.pi * (6.371e8) ** 3 * float(earth.density) == pytest.approx(5.972e27, rel=2e-3)


def test_gradients():
    """Through mixing, thresholds and the scalar; nothing where all is closed."""
    rng = np.random.default_rng(6)
    mixing = random_unitary(rng, 3)

    def f(p):
        M = mixing @ jnp.diag(jnp.array([1e3, 1.7e3, 2.6e3]) * p[:3]) @ mixing.T
        moments = 1e-12 * jnp.array([[0.0, 1.0, 0.3j], [-1.0, 0.0, 2.0], [-0.3j, -2.0, 0.0]]) * p[3]
        couplings = 1e-9 * p[4] * jnp.eye(3)
        phi = ScalarField(2e-14 * p[5], couplings, electron_coupling=5e-30)
        return energy_loss(LowEnergy(Neutrinos(M, moments), light_scalar=phi), CORES["red_giant"]).reshape(1)

    check_derivatives(f, jnp.array([0.9, 1.1, 1.0, 1.3, 0.4, 1.0]), rtol=2e-5, atol=1e-6)

    def closed(p):
        theory = theory_of(jnp.array([1e4, 1e4, 2e4]) * p, 1e-12 * np.eye(3), millicharge=1e-13 * jnp.eye(3))
        return energy_loss(theory, CORES["white_dwarf"])

    assert float(closed(1.0)) == 0.0
    assert float(jax.grad(closed)(1.0)) == 0.0


def test_charges_of_either_sign():
    """Of nu_e one interferes with the weak decay to less, and no limit follows; of nu_mu they hardly differ."""
    core = CORES["red_giant"]

    def squared(flavor, q):
        return float(
            equivalent_moment_squared(theory_of(np.zeros(3), millicharge=q * jnp.eye(3)[flavor] * jnp.eye(3)), core)
        )

    assert squared(0, -1e-15) == 0.0
    assert squared(0, 1e-15) > 3e-26
    assert squared(0, -1e-13) < squared(0, 1e-13) < 1.6 * squared(0, -1e-13)
    assert squared(1, 1e-14) == pytest.approx(squared(1, -1e-14), rel=0.15)
    limit = brentq(lambda q: 1e24 * squared(1, 1e-14 * q) - 1.5**2, 0.1, 10.0)
    assert 0.85 < limit < 1.0


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("density", lambda: stars.Sphere(0.0, 1.0)),
        ("radius", lambda: stars.Sphere(1.0, -1.0)),
        ("electron_fraction", lambda: stars.Sphere(1.0, 1.0, 2.0)),
        ("mass", lambda: stars.Sphere.of_mass(0.0, 1.0)),
        ("temperature", lambda: stars.Core.build(stars.Sphere.earth(), 0.0)),
        ("position", lambda: stars.Sphere.earth().neutrino_mass(0.0, 1.1, electron_coupling=1.0, nucleon_coupling=0.0)),
        ("mass", lambda: ScalarField(-1.0, jnp.eye(3))),
        (
            "light_scalar",
            lambda: LowEnergy(theory_of(np.zeros(3)).neutrinos, light_scalar=ScalarField(0.0, jnp.eye(4))),
        ),
        (
            "light_scalar",
            lambda: LowEnergy(
                theory_of(np.zeros(3), nature=Majorana()).neutrinos,
                light_scalar=ScalarField(0.0, jnp.triu(jnp.ones((3, 3)))),
            ),
        ),
        ("squares", lambda: stars.moment_decay_rate(1.0, np.zeros(2), squares=-np.eye(2), flips=np.eye(2))),
        (
            "charges",
            lambda: stars.charge_decay_rate(1.0, np.zeros(2), charges=1j * np.eye(2), weak_couplings=np.eye(2)),
        ),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
