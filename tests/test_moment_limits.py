"""Published limits on moments, charges and charge radii: at the limit, in any basis, with their derivatives."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from helpers import loaded, random_unitary

from nmmjax.experiments import (
    BorexinoRadius2017,
    Ccfr2003,
    Conus2026,
    EffectiveNeutrinos2022,
    ElectronScattering2008,
    Gemma2013,
    HorizontalBranch1996,
    LuxZeplin2022,
    MatterNeutrality1999,
    Munu2005,
    PandaX2021,
    RedGiants2020,
    Sn1987A1999,
    SuperKamiokandeMoment2004,
    Texono2007,
    Texono2010,
    WhiteDwarfs2014,
)
from nmmjax.experiments.red_giants_2020 import M5, GlobularClusters, Ngc4258, OmegaCentauri
from nmmjax.fit import Fit
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos
from nmmjax.media import SolarModel
from nmmjax.models import ChargeRadii, ThreeFlavor
from nmmjax.oscillation import Uniform, density_matrix, solar_state
from nmmjax.scattering import effective_moment, electromagnetic
from nmmjax.tables import read_table
from nmmjax.three_flavor import NUFIT60

Z90, Z95 = 1.6448536269514722, 1.959963984540054
MASSES = ThreeFlavor.from_sin2(**NUFIT60, lightest_mass=0.01).low_energy().neutrinos.mass_matrix
MASS_SQUARED = np.asarray(MASSES).conj().T @ np.asarray(MASSES)
REACTOR = {
    "gemma_2013": 2.9e-11,
    "texono_2007": 7.4e-11,
    "texono_2010": 2.2e-10,
    "munu_2005": 9e-11,
    "conus_2026": 5.18e-11,
}
SOLAR = {"pandax_2021": 4.9e-11, "super_kamiokande_2004": 1.1e-10, "lux_zeplin_2022": 1.1e-11}
PLASMON = {"red_giants_ngc_4258": 1.5e-12, "red_giants_omega_centauri": 1.2e-12, "white_dwarfs_2014": 5e-12}
STERILE = {"effective_neutrinos_2022": 2.7e-12, "sn1987a_1999": 4e-12}
RADII = {
    "texono_2010": (0, (-4.2e-32, 6.6e-32)),
    "electron_scattering_2008": (0, (-0.26e-32, 6.64e-32)),
    "borexino_2017": (0, (-1.64e-32, 2.54e-32)),
    "ccfr_2003": (1, (-5.2e-33, 6.8e-33)),
}
EVERY = {
    "gemma_2013": (Gemma2013,),
    "texono_2007": (Texono2007,),
    "texono_2010": (Texono2010,),
    "munu_2005": (Munu2005,),
    "conus_2026": (Conus2026,),
    "pandax_2021": (PandaX2021,),
    "super_kamiokande_2004": (SuperKamiokandeMoment2004,),
    "lux_zeplin_2022": (LuxZeplin2022,),
    "red_giants_ngc_4258": (RedGiants2020,),
    "red_giants_omega_centauri": (RedGiants2020, OmegaCentauri()),
    "white_dwarfs_2014": (WhiteDwarfs2014,),
    "effective_neutrinos_2022": (EffectiveNeutrinos2022,),
    "sn1987a_1999": (Sn1987A1999,),
    "electron_scattering_2008": (ElectronScattering2008,),
    "borexino_2017": (BorexinoRadius2017,),
    "ccfr_2003": (Ccfr2003,),
    "red_giants_m5": (RedGiants2020, M5()),
    "red_giants_globular_clusters": (RedGiants2020, GlobularClusters()),
    "horizontal_branch_1996": (HorizontalBranch1996,),
    "matter_neutrality": (MatterNeutrality1999,),
}


def named(name):
    return loaded(*EVERY[name])


def theory(moments=None, nature=None, **properties):
    moments = np.zeros((3, 3)) if moments is None else moments
    M = jnp.asarray(MASSES)
    return LowEnergy(Neutrinos(M, jnp.asarray(moments) + 0j, Dirac() if nature is None else nature, **properties))


def chi2(experiment, *arguments, **properties):
    return -2.0 * float(experiment.log_likelihood(theory(*arguments, **properties), {}))


def at_zero(experiment):
    """What other properties, at zero, add: a radius that was not found to be zero."""
    return chi2(experiment)


def majorana(a, b, size):
    moments = np.zeros((3, 3), complex)
    moments[a, b], moments[b, a] = size, -size
    return moments


def random_moments(rng, size=1e-11):
    return size * (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))


# Moments


@pytest.mark.parametrize("name", sorted(REACTOR.keys() - {"texono_2010"}))
def test_reactors_at_their_limits(name):
    """One Majorana moment of nu_e, shared moments, and a diagonal one of Dirac neutrinos: all is |lambda_be|^2."""
    experiment, limit = named(name), REACTOR[name]
    expected = at_zero(experiment) + Z90**2
    assert chi2(experiment, majorana(0, 1, limit * np.exp(0.7j)), Majorana()) == pytest.approx(expected, rel=1e-9)
    both = majorana(0, 1, 0.6 * limit) + majorana(0, 2, 0.8j * limit)
    assert chi2(experiment, both, Majorana()) == pytest.approx(expected, rel=1e-9)
    assert chi2(experiment, np.diag([limit, 5.0, 7.0])) == pytest.approx(expected, rel=1e-9)
    half = at_zero(experiment) + Z90**2 / 16.0
    assert chi2(experiment, np.diag([0.5 * limit, 0.0, 0.0])) == pytest.approx(half, rel=1e-9)
    assert chi2(experiment, majorana(1, 2, 1e-9), Majorana()) == at_zero(experiment)


@pytest.mark.parametrize("baseline", [0.0139, 0.018, 0.028])
def test_antineutrinos_near_a_reactor_have_not_begun_to_oscillate(baseline):
    """Random moments at 2 MeV, with the oscillations on the way: within 5 %, and exactly at no distance."""
    rng = np.random.default_rng(0)
    at_birth, later = (density_matrix(MASS_SQUARED, 2.0, Uniform(L), antineutrino=True)[0] for L in (0.0, baseline))
    for _ in range(5):
        moments = random_moments(rng)
        found = float(named("gemma_2013").predict(theory(moments), {})[0])
        assert found == pytest.approx(float(effective_moment.squared(at_birth, moments, antineutrino=True)), rel=1e-12)
        assert found == pytest.approx(float(effective_moment.squared(later, moments, antineutrino=True)), rel=0.05)


@pytest.mark.parametrize(
    ("name", "source", "energy"), [("pandax_2021", "pp", 0.27), ("super_kamiokande_2004", "b8", 10)]
)
def test_the_solar_state_is_that_of_the_dominant_source(name, source, energy):
    sun = SolarModel.b16_gs98()
    one = solar_state(MASS_SQUARED, energy, sun.electron_density, sun.production[sun.index(source)])
    rho = np.asarray(named(name).state(jnp.asarray(MASS_SQUARED)))
    np.testing.assert_allclose(rho, one, atol=0.02)
    assert np.trace(rho).real == pytest.approx(1.0, rel=1e-7)
    np.testing.assert_allclose(rho, rho.conj().T, atol=1e-12)


def test_the_mean_over_solar_sources_by_brute_force():
    """Fluxes of B16-GS98 and the rate of a moment between 1 and 25 keV, with every energy of the tables."""
    sun, energies, shares, production = SolarModel.b16_gs98(), [], [], []
    fluxes = {"pp": 5.98e10, "be7": 4.93e9, "pep": 1.44e8, "n13": 2.78e8, "o15": 2.05e8}
    for source, flux in fluxes.items():
        energy, weight = (np.asarray(x) for x in SolarSpectra.load().quadrature(source))
        keep = np.linspace(0, len(energy) - 1, min(len(energy), 40)).round().astype(int)
        energy, weight = energy[keep], weight[keep] / weight[keep].sum()
        top = np.minimum(25.0, 2e3 * energy**2 / (0.51099895 + 2.0 * energy))
        rate = np.where(top > 1.0, np.log(np.maximum(top, 1.0)) - (top - 1.0) / (1e3 * energy), 0.0)
        energies.append(energy)
        shares.append(flux * weight * rate)
        production.append(np.broadcast_to(sun.production[sun.index(source)], (len(energy), len(sun.radius))))
    shares = np.concatenate(shares)
    places = np.concatenate(production)
    states = solar_state(MASS_SQUARED, np.concatenate(energies), np.asarray(sun.electron_density), places)
    expected = np.einsum("p,pab->ab", shares / shares.sum(), states)
    found = named("pandax_2021").state(jnp.asarray(MASS_SQUARED))
    np.testing.assert_allclose(found, expected, atol=3e-4)


@pytest.mark.parametrize("name", SOLAR)
def test_solar_limits_are_on_what_arrives(name):
    """Of one Majorana moment 1 - P(nu_e -> nu_c), c the third flavor; of Dirac diagonal ones sum_a P_a mu_a^2."""
    experiment, limit = named(name), SOLAR[name]
    P = np.real(np.diag(experiment.state(jnp.asarray(MASS_SQUARED))))
    for (a, b), c in {(0, 1): 2, (0, 2): 1, (1, 2): 0}.items():
        size = limit / math.sqrt(1.0 - P[c])
        assert chi2(experiment, majorana(a, b, size), Majorana()) == pytest.approx(Z90**2, rel=1e-9)
    universal = random_unitary(np.random.default_rng(2), 3) * limit
    assert chi2(experiment, universal) == pytest.approx(Z90**2, rel=1e-6)
    diagonal = np.array([0.2, 1.0, 1.5])
    expected = (P @ diagonal**2) ** 2 * Z90**2
    assert chi2(experiment, np.diag(limit * diagonal)) == pytest.approx(expected, rel=1e-9)
    assert 0.3 < P[0] < 0.57


@pytest.mark.parametrize("name", PLASMON)
def test_plasmons_see_every_pair(name):
    experiment, limit = named(name), PLASMON[name]
    expected = pytest.approx(Z95**2, rel=1e-9)
    mixed = majorana(0, 1, 0.6 * limit) + majorana(1, 2, 0.8 * limit)
    assert chi2(experiment, mixed, Majorana()) == expected
    assert chi2(experiment, np.diag([0.0, limit, 0.0])) == expected
    assert chi2(experiment, random_unitary(np.random.default_rng(3), 3) * limit / math.sqrt(3.0)) == expected
    assert experiment.name == name


def test_the_core_of_globular_clusters():
    """At 3e-12 mu_B the core is 0.032 M_sun heavier: two sigma; beyond the fit to stellar models it goes on rising."""
    experiment = named("red_giants_globular_clusters")
    assert float(experiment.predict(theory(np.diag([3e-12, 0.0, 0.0])), {})[0]) == pytest.approx(0.03197, rel=1e-3)
    assert chi2(experiment, np.diag([3e-12, 0.0, 0.0])) == pytest.approx(Z95**2, rel=1e-9)
    rising = [chi2(experiment, np.diag([size, 0.0, 0.0])) for size in (1e-12, 4.9e-12, 5.1e-12, 2e-11, 1e-9)]
    assert rising == sorted(rising)


def test_the_horizontal_branch():
    """10 erg/g/s: 1.3e-11 mu_B, and 2e-14 e within a factor of two, as in the literature, of either sign."""
    experiment = named("horizontal_branch_1996")
    assert chi2(experiment, np.diag([0.0, 1.318e-11, 0.0])) == pytest.approx(Z95**2, rel=2e-3)
    for sign in (-1.0, 1.0):
        assert chi2(experiment, millicharge=jnp.diag(jnp.array([0.0, sign * 1.434e-14, 0.0]))) == pytest.approx(
            Z95**2, rel=5e-3
        )
    twice = float(experiment.predict(theory(np.diag([2e-12, 0.0, 0.0])), {})[0])
    assert twice == pytest.approx(4.0 * float(experiment.predict(theory(np.diag([1e-12, 0.0, 0.0])), {})[0]), rel=1e-12)


def test_the_tip_of_m5():
    """Two sigma at 4.53e-12 mu_B, zero at the best value, and ever worse on a straight line beyond the fit."""
    error = math.hypot(0.13, 0.07)
    assert chi2(named("red_giants_m5")) == pytest.approx((0.18 / error) ** 2, rel=1e-9)
    assert chi2(named("red_giants_m5"), majorana(0, 2, 4.534608424e-12), Majorana()) == pytest.approx(4.0, rel=1e-8)

    def shift(x):
        return -0.23 * (math.sqrt(x**2 + 0.64) - 0.80 - 0.18 * x**1.5)

    for x in (0.5, 2.0, 4.9):
        expected = ((-0.18 - shift(x)) / error) ** 2
        assert chi2(named("red_giants_m5"), np.diag([1e-12 * x, 0.0, 0.0])) == pytest.approx(expected, rel=1e-9)
    slope = (shift(5.0 + 1e-5) - shift(5.0 - 1e-5)) / 2e-5
    for x in (5.1, 14.0, 300.0):
        predicted = float(named("red_giants_m5").predict(theory(np.diag([1e-12 * x, 0.0, 0.0])), {})[0])
        assert predicted == pytest.approx(shift(5.0) + slope * (x - 5.0), rel=1e-7)
    likelihood = jax.vmap(lambda x: named("red_giants_m5").tip.value(1e-24 * x**2))
    assert np.all(np.diff(likelihood(np.geomspace(0.2, 1e4, 300))) < 0.0)
    assert named("red_giants_m5").name == "red_giants_m5"


def test_right_handed_neutrinos_of_dirac_only():
    """Three equal moments are what was published; a supernova counts those of nu_e; antineutrinos are no news."""
    (cosmos, universal), (supernova, limit) = ((named(name), limit) for name, limit in STERILE.items())
    assert chi2(cosmos, universal * np.eye(3)) == pytest.approx(Z95**2, rel=1e-9)
    assert chi2(cosmos, np.diag([0.0, math.sqrt(3.0) * universal, 0.0])) == pytest.approx(Z95**2, rel=1e-9)
    assert chi2(supernova, np.diag([limit, 1.0, 1.0])) == pytest.approx(Z90**2, rel=1e-9)
    column = np.zeros((3, 3))
    column[:, 0] = limit / math.sqrt(3.0)
    assert chi2(supernova, column) == pytest.approx(Z90**2, rel=1e-9)
    for experiment in (cosmos, supernova):
        assert chi2(experiment, majorana(0, 1, 1e-6), Majorana()) == 0.0

        def likelihood(size, experiment=experiment):
            moments = size * jnp.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
            return experiment.log_likelihood(theory(moments, Majorana()), {})

        assert float(jax.grad(likelihood)(1e-6)) == 0.0


def test_moments_into_sterile_majorana_states():
    """lambda_es of a fourth state leaves the star: what counts is |lambda_se|^2, not what the first three share."""
    cosmos, supernova = map(named, STERILE)
    size = STERILE["sn1987a_1999"]
    lam = np.zeros((4, 4), complex)
    lam[3, 0], lam[0, 3], lam[0, 1], lam[1, 0] = size, -size, 1.0, -1.0
    four = LowEnergy(Neutrinos(jnp.diag(jnp.arange(1.0, 5.0)) + 0j, jnp.asarray(lam), Majorana()))
    assert -2.0 * float(supernova.log_likelihood(four, {})) == pytest.approx(Z90**2, rel=1e-9)
    assert float(cosmos.predict(four, {})[0]) == pytest.approx(size**2 / 3.0, rel=1e-12)


def test_radii_keep_the_nature_of_their_origin():
    for nature in (Dirac(), Majorana()):
        neutrinos = ChargeRadii(1e-32, origin=ThreeFlavor.from_sin2(**NUFIT60, nature=nature)).low_energy().neutrinos
        assert neutrinos.nature == nature
        assert float(jnp.real(neutrinos.charge_radius[0, 0])) == 1e-32


def test_the_basis_of_right_handed_neutrinos_does_not_matter():
    rng = np.random.default_rng(4)
    moments, V = random_moments(rng), random_unitary(rng, 3)
    for experiment in map(named, EVERY):
        before, after = (experiment.predict(theory(matrix), {}) for matrix in (moments, V @ moments))
        np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-60)


# Charges


@pytest.mark.parametrize(("name", "limit"), [("gemma_2013", 2.7e-12), ("conus_2026", 1.76e-12)])
def test_charges_of_reactor_antineutrinos(name, limit):
    experiment = named(name)
    for charge in (limit, -limit):
        assert chi2(experiment, millicharge=jnp.diag(jnp.array([charge, 1.0, 1.0]))) == pytest.approx(Z90**2, rel=1e-9)
    transition = np.zeros((3, 3), complex)
    transition[0, 2] = limit * 1j
    assert chi2(experiment, millicharge=transition + transition.conj().T) == pytest.approx(Z90**2, rel=1e-9)


def test_interference_at_the_limit_on_a_charge():
    """At 2.8 keV g_V moves by 5.2, so 2 g_V q is 0.4 of q^2."""
    shift = float(electromagnetic.millicharge_shift(2.7e-12, 0.51099895, 2.8))
    assert shift == pytest.approx(5.2, abs=0.1)
    assert 2.0 * 0.95 / shift == pytest.approx(0.4, abs=0.05)


def test_charges_of_solar_neutrinos_and_of_matter():
    experiment = named("lux_zeplin_2022")
    assert chi2(experiment, millicharge=1.5e-13 * jnp.eye(3)) == pytest.approx(Z90**2, rel=1e-6)
    P = np.real(np.diag(experiment.state(jnp.asarray(MASS_SQUARED))))
    only = jnp.diag(jnp.array([0.0, 0.0, 1.5e-13]))
    assert chi2(experiment, millicharge=only) == pytest.approx(P[2] ** 2 * Z90**2, rel=1e-9)
    for charge, expected in ((1e-21, Z90**2), (-2e-21, 4 * Z90**2)):
        assert chi2(named("matter_neutrality"), millicharge=jnp.diag(jnp.array([charge, 0.1, 0.1]))) == pytest.approx(
            expected, rel=1e-9
        )
    for neutral in (theory(), theory(majorana(0, 1, 1e-12), Majorana())):
        assert float(named("matter_neutrality").log_likelihood(neutral, {})) == 0.0


# Charge radii


@pytest.mark.parametrize("name", sorted(RADII.keys() - {"texono_2010"}))
def test_radii_at_the_ends_of_their_intervals(name):
    experiment, (flavor, (low, high)) = named(name), RADII[name]
    for radius in (low, high):
        matrix = 1e-31 * (1.0 - np.eye(3)) + 3e-31 * np.eye(3)
        matrix[flavor, flavor] = radius
        assert chi2(experiment, charge_radius=matrix) == pytest.approx(Z90**2, rel=1e-9)
    center, half = 0.5 * (low + high), 0.5 * (high - low)
    assert chi2(experiment) == pytest.approx((center / half * Z90) ** 2, rel=1e-9)
    assert chi2(experiment, charge_radius=center * np.eye(3)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "error", "share"),
    [
        ("texono_2010", math.hypot(0.031, 0.024), 1.0),
        ("electron_scattering_2008", 0.025, 1.0),
        ("borexino_2017", 0.019, 0.8),
        ("ccfr_2003", math.hypot(0.0028, 0.0030), 1.0),
    ],
)
def test_the_width_is_that_of_the_weak_mixing_angle(name, error, share):
    """g_V = -1/2 + 2 sin^2 theta_W: a radius moves sin^2 theta_W by half of what it makes of g_V. Errors as printed."""
    _, (low, high) = RADII[name]
    width = float(electromagnetic.charge_radius_shift(0.5 * (high - low))) / 2.0
    assert width == pytest.approx(share * Z90 * error, rel=0.07)
    row = read_table("charge_radius_limits").where(quantity=name)
    printed = 0.5 * (row["high"].item() - row["low"].item())
    other = float(electromagnetic.charge_radius_shift(printed * (3.0 - row["factor"].item()))) / 2.0
    assert abs(other / (share * Z90 * error) - 1.0) > 0.4


def test_the_share_of_electron_neutrinos_in_borexino():
    """d(rate)/d sin^2 theta_W of nu_e over that of all, at 7Be energies: g_L^2 + g_R^2 (1 - T/E)^2, half converted."""
    s, P, kept = 0.2387, 0.53, 0.45  # of (1 - T/E)^2 on the average
    electron, other = (2.0 * (g + s) + 2.0 * s * kept for g in (0.5, -0.5))
    assert (P * electron + (1.0 - P) * other) / (P * electron) == pytest.approx(0.8, abs=0.04)


def test_printed_radii_are_kept():
    table = read_table("charge_radius_limits")
    for name, (_, interval) in RADII.items():
        row = table.where(quantity=name)
        found = [row["factor"].item() * row[end].item() for end in ("low", "high")]
        np.testing.assert_allclose(found, interval, rtol=1e-12)


# Together

SIZE = 54
RANDOM = np.random.default_rng(7).normal(size=(2, SIZE))
FAST = [name for name in EVERY if name not in ("pandax_2021", "super_kamiokande_2004")]
"""Solar ones are compiled once: LUX-ZEPLIN has a moment and a charge."""


def matrix(x):
    return (x[:9] + 1j * x[9:18]).reshape(3, 3)


def hermitian(x):
    A = (x[:9] + 0j).reshape(3, 3)
    upper, lower = jnp.triu(A), jnp.tril(A, -1)
    return upper + jnp.triu(upper, 1).T + 1j * (lower - lower.T)


def all_properties(x, nature):
    M, moments = 0.05 * matrix(x), 1e-11 * matrix(x[18:])
    charge = 1e-12 * hermitian(x[45:])
    if isinstance(nature, Majorana):
        M, moments, charge = 0.5 * (M + M.T), 0.5 * (moments - moments.T), None
    return LowEnergy(Neutrinos(M, moments, nature, charge_radius=1e-32 * hermitian(x[36:]), millicharge=charge))


@pytest.fixture(scope="module", params=[Majorana(), Dirac()], ids=["majorana", "dirac"])
def derivatives(request):
    def f(x):
        low_energy = all_properties(x, request.param)
        return jnp.stack([e.log_likelihood(low_energy, {}) for e in map(named, FAST)])

    both = jax.jit(jax.vmap(lambda x: (f(x), jax.jacrev(f)(x), jax.jacfwd(f)(x))))
    nothing = np.concatenate([RANDOM, RANDOM])
    nothing[2, 18:], nothing[3, :18] = 0.0, 0.0  # no moment, charge and radius; no masses
    return jax.jit(jax.vmap(f)), both(nothing)


def test_gradients(derivatives):
    """Finite where nothing is there, forward = reverse, and a finite difference."""
    value, found = derivatives
    for array in found:
        assert np.all(np.isfinite(array))
    _, reverse, forward = found
    scale = np.abs(np.asarray(reverse)).max(-1, keepdims=True)
    np.testing.assert_allclose(forward / (scale + 1e-300), reverse / (scale + 1e-300), rtol=0, atol=1e-8)
    step = 1e-5
    for x, gradient, size in zip(RANDOM, np.asarray(reverse), scale, strict=False):
        ahead, behind = (np.asarray(value(x + s * step * np.eye(SIZE))) for s in (1, -1))
        difference = (ahead - behind).T / (2 * step)
        np.testing.assert_allclose(gradient / (size + 1e-300), difference / (size + 1e-300), rtol=0, atol=1e-5)


SAME = {"electron_scattering_2008", "red_giants_globular_clusters"}
"""Experiments whose data are among those of others here."""


def test_they_fit_together():
    fixed = {
        name: value for name, value in ThreeFlavor.from_sin2(**NUFIT60).__dict__.items() if name != "lightest_mass"
    }

    def together(names):
        prior = {"lightest_mass": dist.Uniform(0.0, 0.2)}
        return Fit(ThreeFlavor, tuple(map(named, names)), prior, fixed)

    with pytest.raises(ValueError, match="texono_2010 and electron_scattering_2008 share texono/cesium_iodide"):
        together([name for name in EVERY if name != "red_giants_globular_clusters"])
    fit = together([name for name in EVERY if name not in SAME])
    found = jax.jit(lambda f, m: f.log_likelihoods({"lightest_mass": m}))(fit, jnp.asarray(0.1))
    assert found.keys() == EVERY.keys() - SAME | {"model"}
    assert np.all(np.isfinite(list(found.values())))


def test_the_table_is_what_the_experiments_say():
    """Every limit that has an experiment here carries its name, and what figures draw is as it was."""
    table = read_table("moment_limits")
    fitted = {"borexino_2017", "xenon1t_2020", "xenonnt_2022", "red_giants_m5", "red_giants_globular_clusters"}
    assert set(table["quantity"]) == set(REACTOR) | set(SOLAR) | set(PLASMON) | set(STERILE) | fitted
    drawn = table.where(drawn=1.0)
    assert list(drawn["experiment"]) == [
        "GEMMA (reactor)",
        "XENON1T 2020 (solar)",
        "XENONnT (solar)",
        "red giants (NGC 4258)",
    ]
    np.testing.assert_array_equal(drawn["low"], [2.9e-11, 1.4e-11, 6.4e-12, 1.5e-12])
    np.testing.assert_array_equal(drawn["limit"], [2.9e-11, 2.9e-11, 6.4e-12, 1.5e-12])


def test_bad_input():
    with pytest.raises(ValueError, match="Argument `tip` must be an object of the class RedGiantTip"):
        RedGiants2020.load(Ngc4258)
    assert RedGiants2020.load(Ngc4258()).name == RedGiants2020.load().name
