"""Interactions of neutrinos with electrons and quarks: at the waist, in matter, in the Sun, and on nuclei."""

import math
from functools import cache
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import mp_amplitude, random_hermitian

from nmmjax import matter, oscillation
from nmmjax.constants import PDG_2026
from nmmjax.experiments import (
    BorexinoRates2019,
    BorexinoSpectrum2018,
    CoherentLAr2020,
    DuneBurst,
    KamLAND2011,
    Minos2017,
    Sno2013,
    SuperKamiokandeAtmospheric2023,
    Texono2010,
)
from nmmjax.fluxes import ReactorSpectra
from nmmjax.low_energy import Dirac, FermionCouplings, Interactions, LowEnergy, Neutrinos
from nmmjax.matter import Nsi
from nmmjax.media import SolarModel
from nmmjax.models import NonStandardInteractions, TensorInteractions, ThreeFlavor
from nmmjax.models.tensor_interactions import FERMIONS
from nmmjax.oscillation import Layers, ProductionAverage, ThroughEarth, Uniform, probability, solar_state
from nmmjax.scattering import nuclear_flips
from nmmjax.scattering.form_factor import helm_of_squared
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.testing import check_derivatives

RNG = np.random.default_rng(11)
CHARGED, NEUTRON = (0.2 * random_hermitian(np.random.default_rng(seed), 3) for seed in (1, 2))
M = np.asarray(ThreeFlavor.benchmark().low_energy().neutrinos.mass_squared)
DOUBLE_FERMI = 2.0 * math.sqrt(2.0) * PDG_2026.fermi_constant


def complex_matrix(seed):
    rng = np.random.default_rng(seed)
    return jnp.asarray(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))


# In matter


@pytest.mark.parametrize("antineutrino", [False, True])
def test_constant_matter(antineutrino):
    """n_e eps + n_n eps_n against mpmath, where the neutrons are so many times the electrons."""
    fraction = 0.41
    effective = CHARGED + (1.0 / fraction - 1.0) * NEUTRON
    S = mp_amplitude(M, 2500.0, 3000.0, 4.2, fraction, antineutrino, nsi=effective)
    path = Uniform(3000.0, density=4.2, electron_fraction=fraction)
    got = oscillation.amplitude(M, 2500.0, path, antineutrino=antineutrino, nsi=Nsi(CHARGED, NEUTRON))
    np.testing.assert_allclose(got, np.array(S.tolist(), complex), atol=1e-10)
    one = probability(M, 2500.0, path, antineutrino=antineutrino, nsi=effective)
    np.testing.assert_allclose(np.abs(got.T) ** 2, one, atol=1e-12)


def test_layers_and_earth_with_neutrons():
    """The closed form of three flavors against a decomposition with a sterile one that does not mix."""
    four = np.zeros((4, 4), complex)
    four[:3, :3], four[3, 3] = M, 1.0
    for path in (Layers([1000.0, 2000.0], [3.0, 11.0], [0.5, 0.46]), ThroughEarth(-0.95, production_height=15.0)):
        for antineutrino in (False, True):
            beam = {"antineutrino": antineutrino, "nsi": Nsi(CHARGED, NEUTRON)}
            found = probability(M, 3e3, path, **beam)
            np.testing.assert_allclose(found, probability(four, 3e3, path, **beam)[:3, :3], atol=1e-11)
            assert np.abs(found - probability(M, 3e3, path, antineutrino=antineutrino, nsi=CHARGED)).max() > 0.01


def test_generalized_mass_ordering_degeneracy():
    """H -> -H^* changes nothing: M^2 -> -M^2*, eps_ee -> -2 - eps_ee, all else -> -eps^*, neutrons too."""
    mirrored = Nsi(np.diag([-2.0, 0.0, 0.0]) - CHARGED.conj(), -NEUTRON.conj())
    for path in (Uniform(1300.0, density=3.0), ThroughEarth(-0.6)):
        before = probability(M, 2e3, path, nsi=Nsi(CHARGED, NEUTRON))
        after = probability(-M.conj(), 2e3, path, nsi=mirrored)
        np.testing.assert_allclose(after, before, atol=1e-11)


def test_large_batches_and_gradients():
    energies, baselines = np.linspace(500.0, 5e3, 90), np.linspace(100.0, 8e3, 90)

    def f(x):
        nsi = Nsi(CHARGED + x[0] * NEUTRON, x[1] * NEUTRON)
        return probability(M, energies[:, None], Uniform(baselines, density=4.0, electron_fraction=0.45), nsi=nsi)

    one = jax.vmap(
        lambda e: jax.vmap(
            lambda b: probability(
                M, e, Uniform(b, density=4.0, electron_fraction=0.45), nsi=Nsi(CHARGED, 0.5 * NEUTRON)
            )
        )(jnp.asarray(baselines))
    )(jnp.asarray(energies))
    np.testing.assert_allclose(f(jnp.array([0.0, 0.5])), one, atol=1e-12)
    check_derivatives(lambda x: f(x)[::30, ::30], jnp.array([0.1, 0.7]), rtol=1e-5, atol=1e-8)


# In the Sun


SUN = SolarModel.b16_gs98()


def test_neutrons_of_the_sun():
    """About half as many as electrons in the middle, a sixth at the border."""
    ratio = np.asarray(SUN.neutron_density / SUN.electron_density)
    assert ratio[0] == pytest.approx(0.466, abs=0.01)
    assert ratio[-1] == pytest.approx(1 / 6, abs=0.02)
    assert np.all(np.diff(ratio) <= 1e-12)


@cache
def brute(energy, source):
    """sum_k P_k |nu_k><nu_k| by numpy, with the share of neutrons at every place of birth."""
    _, vacuum = np.linalg.eigh(M)
    born = np.zeros(3)
    rows = SUN.electron_density, SUN.neutron_density, SUN.production[SUN.index(source)]
    for electrons, neutrons, weight in zip(*map(np.asarray, rows), strict=True):
        direction = np.diag([1.0, 0.0, 0.0]) + CHARGED + neutrons / electrons * NEUTRON
        strength = energy * electrons * PDG_2026.matter_potential / PDG_2026.phase
        born += weight * np.abs(np.linalg.eigh(M + strength * direction)[1][0]) ** 2
    return (vacuum * born) @ vacuum.conj().T


@pytest.mark.parametrize(("source", "energy"), [("pp", 0.3), ("be7", 0.862), ("b8", 6.0), ("b8", 14.0), ("hep", 9.0)])
def test_solar_state(source, energy):
    nsi = Nsi(CHARGED, NEUTRON)
    expected = brute(energy, source)
    weights = SUN.production[SUN.index(source)]
    neutrons = SUN.neutron_density
    got = solar_state(M, energy, SUN.electron_density, weights, neutron_density=neutrons, nsi=nsi, scale_height=1e9)
    np.testing.assert_allclose(got, expected, atol=1e-10)
    average = ProductionAverage.build([energy], SUN, source)
    np.testing.assert_allclose(average.state(M, nsi=nsi, scale_height=1e9)[0], expected, atol=2e-5)
    path = oscillation.FromSun(SUN, source, scale_height=1e9)
    np.testing.assert_allclose(probability(M, energy, path, nsi=nsi), np.diag(expected).real, atol=1e-10)
    joined = ProductionAverage.joined(average, ProductionAverage.build([energy], SUN, "o15"))
    np.testing.assert_allclose(joined.state(M, nsi=nsi, scale_height=1e9)[0], expected, atol=2e-5)


def test_sun_without_neutrons():
    nsi = Nsi(CHARGED, NEUTRON)
    bare = SolarModel(
        "bare", SUN.sources, SUN.radius, SUN.electron_density, SUN.production, SUN.fluxes, SUN.flux_errors
    )
    with pytest.raises(ValueError, match="`nsi` must have no part of neutrons"):
        ProductionAverage.build([1.0], bare, "pp").state(M, nsi=nsi)
    with pytest.raises(ValueError, match="`neutron_density` must be given"):
        probability(M, 1.0, oscillation.FromSun(bare, "pp"), nsi=nsi)
    with pytest.raises(ValueError, match="`neutron_density` must have shape"):
        SolarModel.from_profiles(
            "short", [0.0, 1.0], [1.0, 1.0], [[1.0, 1.0]], fluxes=[1.0], flux_errors=[0.1], neutron_density=[1.0],
            sources=("pp",),
        )  # fmt: skip


# On nuclei


Z2, I2 = np.zeros((2, 2)), np.eye(2)
PAULI = (np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0]))
GAMMA = [np.block([[I2, Z2], [Z2, -I2]]), *(np.block([[Z2, s], [-s, Z2]]) for s in PAULI)]
LEFT = 0.5 * (np.eye(4) - 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3])
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def slash(p):
    return sum(METRIC[m, m] * p[m] * GAMMA[m] for m in range(4))


def bar(vertex):
    return GAMMA[0] @ vertex.conj().T @ GAMMA[0]


def on_spin_zero(E, T, mass, s, t, antineutrino):
    """dsigma/dT [cm^2 / MeV] with <p'|J|p> = 2 M s and J^{mn} = -i (P^m q^n - P^n q^m) t / 2 m_N, by traces."""
    end = math.sqrt(T * (T + 2 * mass))
    cosine = T * (E + mass) / (E * end)
    p, k = np.array([mass, 0, 0, 0]), np.array([E, 0, 0, E])
    after = np.array([mass + T, end * math.sqrt(1 - cosine**2), 0, end * cosine])
    q, P, left = after - p, p + after, k + p - after
    if antineutrino:
        s, t = np.conj(s), np.conj(t)
    flip = (lambda v: bar(v)) if antineutrino else (lambda v: v)
    vertex = 2 * mass * s * flip(LEFT)
    for m, n in product(range(4), repeat=2):
        sigma = 0.5j * (GAMMA[m] @ GAMMA[n] - GAMMA[n] @ GAMMA[m])
        current = -1j * (P[m] * q[n] - P[n] * q[m]) * t / (2 * 938.9187)
        vertex = vertex + METRIC[m, m] * METRIC[n, n] * current * flip(sigma @ LEFT)
    first, second = (k, left) if antineutrino else (left, k)
    squared = np.trace(slash(first) @ vertex @ slash(second) @ bar(vertex)).real
    fermi = PDG_2026.fermi_constant * 1e-6
    return 8 * fermi**2 * squared / (32 * math.pi * mass * E**2) * (197.3269804e-13) ** 2


@pytest.mark.parametrize("antineutrino", [False, True])
@pytest.mark.parametrize(("E", "T"), [(40.0, 0.02), (12.0, 0.003), (50.0, 0.1)])
def test_nuclear_flips_from_traces(E, T, antineutrino):
    nucleus = Nucleus(18.0, 40.0, 37215.5)
    s, t = np.array([0.3 - 0.2j, 1.1 + 0.4j]), np.array([2.0 + 1.0j, -0.7 + 3.0j])
    one = jnp.zeros((3, 3), complex).at[2, 1].set(1.0)
    couplings = nuclear_flips.FlipCouplings(s[0] * one, s[1] * one, t[0] * one, t[1] * one)
    got = 1e3 * nuclear_flips.differential_cross_section(E, 1e3 * T, nucleus, couplings, antineutrino=antineutrino)
    squared = 2.0 * 37215.5 * T / 197.3269804**2
    factors = np.array(
        [18.0 * float(helm_of_squared(squared, nucleus.proton_radius[0])),
         22.0 * float(helm_of_squared(squared, nucleus.neutron_radius[0]))]
    )  # fmt: skip
    expected = on_spin_zero(E, T, 37215.5, factors @ s, factors @ t, antineutrino)
    np.testing.assert_allclose(got[1, 1], expected, rtol=1e-8)
    assert jnp.count_nonzero(got) == 1
    assert not jnp.any(nuclear_flips.differential_cross_section(E, 1e6, nucleus, couplings))


def test_quarks_in_nucleons():
    """Isospin: of tensors exactly, of scalars up to the sigma terms; mean values of FLAG size."""
    up, down, none = jnp.eye(3), 0.5 * jnp.eye(3), jnp.zeros((3, 3))
    tensors = nuclear_flips.FlipCouplings.of_quarks(none, none, up, down)
    mirrored = nuclear_flips.FlipCouplings.of_quarks(none, none, down, up)
    np.testing.assert_allclose(tensors.tensor_proton, mirrored.tensor_neutron)
    np.testing.assert_allclose(tensors.tensor_neutron, mirrored.tensor_proton)
    scalars = nuclear_flips.FlipCouplings.of_quarks(2.2e-3 * up, 4.7e-3 * up, none, none)
    np.testing.assert_allclose(np.diag(scalars.scalar_proton), 0.049, rtol=0.02)  # [GeV]: sigma_piN


def test_nuclear_gradients():
    nucleus = Nucleus.load("Ar")

    def f(x):
        couplings = nuclear_flips.FlipCouplings(*(x[k] * complex_matrix(k) for k in range(4)))
        D = nuclear_flips.differential_cross_section(x[4], x[5], nucleus, couplings)
        return 1e40 * jnp.stack([jnp.real(D[0, 1]), jnp.imag(D[0, 1])])

    check_derivatives(f, jnp.array([0.3, 1.0, -0.5, 0.2, 30.0, 20.0]), rtol=1e-5, atol=1e-8)


# At the waist


def test_what_passes_through_matter():
    electron, up, down = (random_hermitian(np.random.default_rng(s), 3) for s in (3, 4, 5))
    given = Interactions(*(FermionCouplings(vector=jnp.asarray(v)) for v in (electron, up, down)))
    np.testing.assert_allclose(given.nsi.charged, electron + 2 * up + down)
    np.testing.assert_allclose(given.nsi.neutron, up + 2 * down)
    assert Interactions(electron=FermionCouplings(vector=jnp.asarray(electron))).nsi.neutron is None
    assert Interactions(up=FermionCouplings(scalar=jnp.eye(3))).nsi is None


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("`vector` must be Hermitian", lambda: FermionCouplings(vector=jnp.triu(jnp.ones((3, 3))))),
        ("`tensor` must have shape", lambda: FermionCouplings(tensor=jnp.eye(2))),
        ("`electron.tensor` must be antisymmetric", lambda: at_waist(tensor=jnp.eye(3))),
        ("`electron.scalar` must be symmetric", lambda: at_waist(scalar=jnp.triu(jnp.ones((3, 3))))),
        ("`electron` must be", lambda: Interactions(jnp.eye(3))),
        ("`nsi.neutron` must be Hermitian", lambda: probability(M, 1.0, Uniform(1.0), nsi=Nsi(CHARGED, 1j * CHARGED))),
        ("`tensor_emu` must", lambda: NonStandardInteractions(tensor_emu=jnp.nan)),
    ],
)
def test_bad_input(message, call):
    with pytest.raises(ValueError, match=message):
        call()


def at_waist(**couplings):
    neutrinos = ThreeFlavor.benchmark().low_energy().neutrinos
    return LowEnergy(neutrinos, interactions=Interactions(electron=FermionCouplings(**couplings)))


def test_dirac_neutrinos_need_no_symmetry():
    neutrinos = Neutrinos(jnp.eye(3) * 0.1, nature=Dirac())
    LowEnergy(neutrinos, interactions=Interactions(FermionCouplings(tensor=complex_matrix(1))))


def test_models():
    """Both name the same operator, moments and all; directions of fermions multiply everything."""
    for name, symbol in (("electron", "e"), ("up", "u"), ("down", "d")):
        healey = TensorInteractions(epsilon_etau=0.4, scale=2000.0, fermion=FERMIONS[symbol]).low_energy()
        coupling = healey.interactions.coupling(name, "tensor")[0, 2]
        assert float(coupling.real) == pytest.approx(0.4 / (DOUBLE_FERMI * 2000.0**2), rel=1e-12)
        xi = {f"xi_{other}": 0.0 for other in ("electron", "up", "down")} | {f"xi_{name}": 1.0}
        general = NonStandardInteractions(tensor_etau=coupling, scale=2000.0, **xi).low_energy()
        moment = general.neutrinos.moment_matrix
        np.testing.assert_allclose(moment, healey.neutrinos.moment_matrix, rtol=1e-10, atol=1e-30)
        np.testing.assert_allclose(general.interactions.coupling(name, "tensor")[0, 2], coupling)
    assert TensorInteractions(epsilon_emu=0.1, fermion=FERMIONS["tau"]).low_energy().interactions is None
    model = NonStandardInteractions(vector_emu=0.1 + 0.2j, scalar_emu=0.3j, xi_electron=0.5, xi_down=-2.0)
    found = model.low_energy().interactions
    np.testing.assert_allclose(found.coupling("electron", "vector")[1, 0], 0.5 * (0.1 - 0.2j))
    np.testing.assert_allclose(found.coupling("down", "scalar")[1, 0], -2.0 * 0.3j)
    assert not jnp.any(found.coupling("up", "vector"))


# What experiments see


def origin():
    return ThreeFlavor.benchmark().low_energy()


@cache
def loaded(kind):
    return kind.load()


def centers(experiment):
    return {name: jnp.asarray(prior.mean) for name, prior in experiment.nuisances().items()}


@cache
def predicting(kind):
    experiment = loaded(kind)
    nuisance = centers(experiment)
    return jax.jit(lambda theory: experiment.predict(theory, nuisance))


OSCILLATIONS = (KamLAND2011, Minos2017, Sno2013, BorexinoRates2019, SuperKamiokandeAtmospheric2023)


@pytest.mark.parametrize("kind", [*OSCILLATIONS, Texono2010, CoherentLAr2020, BorexinoSpectrum2018])
def test_no_interactions_are_no_interactions(kind):
    """Zero couplings of all kinds are what none are."""
    nothing = NonStandardInteractions(xi_up=1.0, xi_down=1.0).low_energy()
    np.testing.assert_allclose(predicting(kind)(nothing), predicting(kind)(origin()), rtol=2e-7)


@pytest.mark.parametrize("kind", [KamLAND2011, Minos2017, Sno2013, SuperKamiokandeAtmospheric2023])
@pytest.mark.parametrize("fermion", ["electron", "up"])
def test_what_is_common_to_flavors_refracts_nothing(kind, fermion):
    """eps_ee = eps_mumu = eps_tautau is no phase; eps_etau alone is one."""
    xi = {"xi_electron": 0.0, "xi_up": 0.0} | {f"xi_{fermion}": 1.0}
    common = NonStandardInteractions(vector_ee=0.7, vector_mumu=0.7, vector_tautau=0.7, **xi).low_energy()
    np.testing.assert_allclose(predicting(kind)(common), predicting(kind)(origin()), rtol=1e-5)
    changed = NonStandardInteractions(vector_etau=0.4, **xi).low_energy()
    assert not np.allclose(predicting(kind)(changed), predicting(kind)(origin()), rtol=1e-3)


def test_vector_couplings_to_electrons_in_borexino():
    """A common vector coupling of 0.1 is one of g_V: rates as with charge radii that shift g_V alike."""
    common = NonStandardInteractions(vector_ee=0.1, vector_mumu=0.1, vector_tautau=0.1).low_energy()
    radius = 0.1 / 0.02379558508 * 1e-32 * jnp.eye(3)
    neutrinos = origin().neutrinos
    shifted = LowEnergy(
        Neutrinos(neutrinos.mass_matrix, neutrinos.moment_matrix, neutrinos.nature, charge_radius=radius)
    )
    for kind in (BorexinoRates2019, BorexinoSpectrum2018):
        np.testing.assert_allclose(predicting(kind)(common), predicting(kind)(shifted), rtol=1e-6)
        assert not np.allclose(predicting(kind)(common), predicting(kind)(origin()), rtol=1e-3)


def test_texono_by_quadrature():
    """Tensor scattering over that of the Standard Model, 3 to 8 MeV; and scalar with tensor, that interfere."""
    E = np.linspace(3.23, 9.0, 1501)
    spectrum = np.asarray(predicted_flux(E))
    T = np.linspace(3.0, 8.0, 1001)
    mass = 0.51099895
    top = 2 * E**2 / (mass + 2 * E)
    inside = (T[:, None] <= top) & (E > 3.2)
    s2 = 0.23863
    weak = s2**2 + (s2 + 0.5) ** 2 * (1 - T[:, None] / E) ** 2 - s2 * (s2 + 0.5) * mass * T[:, None] / E**2
    tensor = 16 * ((1 - T[:, None] / 2 / E) ** 2 - mass * T[:, None] / 4 / E**2)
    mixed = 4 * T[:, None] / E * (1 - T[:, None] / 2 / E)
    scalar = T[:, None] * (2 * mass + T[:, None]) / 2 / E**2
    of_weak, of_tensor, of_mixed, of_scalar = (
        np.sum(spectrum * inside * term) for term in (weak, tensor, mixed, scalar)
    )
    predict = predicting(Texono2010)
    ratio = 0.05**2 * of_tensor / of_weak
    moments = predict(origin())[0]
    found = predict(NonStandardInteractions(tensor_emu=0.05).low_energy())[0] - moments
    assert float(found) == pytest.approx(ratio, rel=5e-3)
    both = NonStandardInteractions(tensor_emu=0.05, scalar_emu=-0.2).low_energy()
    expected = ratio + (0.2**2 * of_scalar + 0.05 * 0.2 * of_mixed) / of_weak
    assert float(predict(both)[0] - moments) == pytest.approx(expected, rel=5e-3)


def predicted_flux(E):
    return ReactorSpectra.huber_mueller().spectrum(E, {"U235": 0.55, "U238": 0.07, "Pu239": 0.32, "Pu241": 0.06})


def test_texono_limits():
    """What the authors have from rate and spectrum: mu < 2.2e-10 mu_B, and ends of the radius within 25 %."""
    experiment = loaded(Texono2010)
    best, error = 1.08, math.hypot(0.21, 0.16)
    most = best - 1.0 + 1.6448536 * error
    assert math.sqrt(most / float(experiment.magnetic)) * 1e-10 == pytest.approx(2.2e-10, rel=0.05)
    for sign, radius in ((-1.0, -5.2e-32), (1.0, 5.8e-32)):
        neutrinos = origin().neutrinos
        matrix = jnp.zeros((3, 3)).at[0, 0].set(radius)
        theory = LowEnergy(Neutrinos(neutrinos.mass_matrix, charge_radius=matrix))
        assert float(predicting(Texono2010)(theory)[0]) == pytest.approx(best + sign * 1.6448536 * error, rel=0.01)


def test_spins_do_not_follow_interactions():
    theory = NonStandardInteractions(vector_etau=0.1).low_energy()
    experiment = DuneBurst.load()
    assert jnp.all(jnp.isnan(jax.jit(lambda t: experiment.predict(t, centers(experiment)))(theory)))
    nothing = NonStandardInteractions(tensor_etau=0.01).low_energy()
    assert jnp.all(jnp.isfinite(experiment.predict(nothing, centers(experiment))))
    with pytest.raises(ValueError, match="`interactions` must have no vector interactions"):
        experiment.predict(theory, centers(experiment))


def test_matter_hamiltonian():
    """The documented H: sqrt(2) G_F (n_e eps + n_n eps_n), minus its conjugate for antineutrinos."""
    charged = matter.charged_current_potential(5.0, 0.4)
    electrons = np.diag([1.0, 0.0, 0.0]) + CHARGED + 1.5 * NEUTRON
    for antineutrino in (False, True):
        H = matter.hamiltonian(
            M, 1e3, density=5.0, electron_fraction=0.4, antineutrino=antineutrino, nsi=Nsi(CHARGED, NEUTRON)
        )
        V = np.asarray(H - matter.vacuum_hamiltonian(M, 1e3, antineutrino=antineutrino))
        expected = charged * (-electrons.conj() if antineutrino else electrons)
        np.testing.assert_allclose(V, expected, atol=1e-12)
