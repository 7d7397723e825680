"""Charged leptons and absolute masses: every experiment at its limit, with its derivatives, against numbers by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
import scipy.stats

from nmmjax.constants import PDG_2026
from nmmjax.experiments import (
    CkmUnitarity2024,
    Desi2025,
    KamLANDZen2024,
    Katrin2025,
    LaboratoryMasses1988,
    LeptonUniversality2023,
    Muonium1999,
    MuonMagneticMoment2025,
    MuonRadiativeDecay1988,
    ShortBaseline1988,
    SolarMoment1988,
    UnstableNeutrinos1988,
)
from nmmjax.experiments.likelihoods.terms import CorrelatedGaussian
from nmmjax.experiments.muon_magnetic_moment_2025 import WhitePaper2020, WhitePaper2025
from nmmjax.fit import Fit
from nmmjax.low_energy import ChargedLeptons, Dirac, LowEnergy, Majorana, Neutrinos
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering

Z90, Z95 = 1.6448536269514722, 1.959963984540054
ANGLES = {"theta12": 0.59, "theta13": 0.15, "theta23": 0.83, "delta_cp": 1.0}
EXPERIMENTS = {
    "muon": (MuonMagneticMoment2025.load(), 0.1, Majorana()),
    "universality": (LeptonUniversality2023.load(), 0.1, Majorana()),
    "ckm": (CkmUnitarity2024.load(), 0.1, Majorana()),
    "muonium": (Muonium1999.load(), 0.1, Majorana()),
    "katrin": (Katrin2025.load(), 0.3, Dirac()),
    "kamland_zen": (KamLANDZen2024.load(), 0.1, Majorana()),
    "desi": (Desi2025.load(), 0.03, Majorana()),
    "masses_1988": (LaboratoryMasses1988.load(), np.array([20.0, 2e5, 3e7]), Dirac()),
    "moment_1988": (SolarMoment1988.load(), 1.0, Dirac()),
    "baseline_1988": (ShortBaseline1988.load(), 1.0, Dirac()),
    "radiative_1988": (MuonRadiativeDecay1988.load(), 1.0, Dirac()),
    "unstable_1988": (UnstableNeutrinos1988.load(), 30.0, Dirac()),
}
"""With a scale of masses [eV], of each flavor or of all, and a nature."""
EVERY = pytest.mark.parametrize("label", EXPERIMENTS)
SIZE = 59
RANDOM = 0.6 * np.random.default_rng(7).normal(size=(2, SIZE))


def matrix(x):
    return (x[:9] + 1j * x[9:18]).reshape(3, 3)


def theory(x, masses, nature):
    """All that an experiment may see, from 59 numbers of order one; zeros are nothing at all."""
    M, moments = matrix(x) * masses, 1e-10 * matrix(x[18:])
    if isinstance(nature, Majorana):
        M, moments = 0.5 * (M + M.T), 0.5 * (moments - moments.T)
    g = 1e-3 * (x[36:42] + 1j * x[42:48])[jnp.array([[0, 1, 2], [1, 3, 4], [2, 4, 5]])]
    shift = 1e-3 * x[48:54][jnp.array([[0, 1, 2], [1, 3, 4], [2, 4, 5]])]
    dipole = jnp.zeros((3, 3), complex).at[0, 1].set(1e-10 * (x[57] + 1j * x[58]))
    leptons = ChargedLeptons(dipole_left=dipole, anomalous_moments=1e-9 * x[54:57], bilepton=g, fermi_shift=shift)
    return LowEnergy(Neutrinos(M, moments, nature), leptons)


def degenerate():
    """Nothing; equal masses; two equal and one zero; one mass; one flavor; with and without moments."""
    shapes = [np.zeros((3, 3)), np.eye(3), np.diag([1.0, 1.0, 0.0]), np.ones((3, 3)), np.diag([1.0, 0.0, 0.0])]
    points = np.zeros((10, SIZE))
    points[:5, :9] = points[5:, :9] = np.reshape(shapes, (5, 9))
    points[5:, 18:36] = RANDOM[0, 18:36]
    return points


@pytest.fixture(scope="module", params=EXPERIMENTS)
def derivatives(request):
    """Value at many points; value, reverse and forward gradient at the random and the degenerate ones."""
    experiment, masses, nature = EXPERIMENTS[request.param]

    def f(x):
        return experiment.log_likelihood(theory(x, masses, nature), {})

    both = jax.jit(jax.vmap(lambda x: (f(x), jax.grad(f)(x), jax.jacfwd(f)(x))))
    return jax.jit(jax.vmap(f)), both(np.concatenate([RANDOM, degenerate()]))


def test_derivatives_are_finite_and_forward_is_reverse(derivatives):
    _, found = derivatives
    for array in found:
        assert np.all(np.isfinite(array))
    _, reverse, forward = found
    np.testing.assert_allclose(forward, reverse, rtol=1e-8, atol=1e-8 * np.abs(reverse).max())


def test_gradient_is_a_finite_difference(derivatives):
    value, (_, reverse, _) = derivatives
    step = 1e-5
    for x, gradient in zip(RANDOM, np.asarray(reverse), strict=False):
        ahead, behind = (value(x + s * step * np.eye(SIZE)) for s in (1, -1))
        largest = np.abs(gradient).max()
        assert largest > 1e-3
        np.testing.assert_allclose(gradient, (ahead - behind) / (2 * step), rtol=1e-5, atol=1e-6 * largest)


def test_they_fit_together():
    experiments = tuple(experiment for experiment, _, _ in EXPERIMENTS.values())
    assert len({e.name for e in experiments}) == len(experiments)
    fixed = {"dm21": 7.5e-5, "dm3l": 2.5e-3, **ANGLES, "ordering": NormalOrdering()}
    fit = Fit(ThreeFlavor, experiments, {"lightest_mass": dist.Uniform(0.0, 0.2)}, fixed)
    found = jax.jit(lambda f, m: f.log_likelihoods({"lightest_mass": m}))(fit, jnp.asarray(0.1))
    assert found.keys() == {e.name for e in experiments} | {"model"}
    assert np.all(np.isfinite(list(found.values())))
    total = 0.1 + math.sqrt(0.01 + 7.5e-5) + math.sqrt(0.01 + 2.5e-3)
    assert -2.0 * float(found["desi_2025"]) == pytest.approx((total / 0.0642 * Z95) ** 2, rel=1e-9)


def chi2(experiment, mass_matrix=None, nature=None, **leptons):
    M = jnp.zeros((3, 3), complex) if mass_matrix is None else jnp.asarray(mass_matrix, complex)
    return -2.0 * float(experiment.log_likelihood(LowEnergy(Neutrinos(M, None, nature), ChargedLeptons(**leptons)), {}))


@pytest.mark.parametrize(
    ("standard_model", "best", "error"),
    [(WhitePaper2025(), 38.5e-11, 63.7e-11), (WhitePaper2020(), 261.5e-11, 45.4e-11)],
)
def test_muon_moment_by_hand(standard_model, best, error):
    """116592071.5(14.5), 116592033(62) and 116591810(43), all times 1e-11."""
    experiment = MuonMagneticMoment2025.load(standard_model)
    assert experiment.name.endswith(standard_model.short_name)
    assert float(experiment.observed[0]) == pytest.approx(best, rel=1e-6)
    assert chi2(experiment) == pytest.approx((best / error) ** 2, rel=3e-3)
    for pull in (-1.0, 2.0):
        moments = jnp.array([5.0, best + pull * error, -3.0])
        assert chi2(experiment, anomalous_moments=moments) == pytest.approx(pull**2, rel=3e-3)
    assert MuonMagneticMoment2025.load().name == "muon_magnetic_moment_wp2025"


def rates(shift):
    """Widths of mu -> e, tau -> e, tau -> mu from masses and Fermi constants, each its own G^2 = G_F^2 (1 + shift)."""
    m = dict(zip("emt", PDG_2026.lepton_masses, strict=True))

    def width(mother, daughter):
        x = (m[daughter] / m[mother]) ** 2
        phase_space = 1 - 8 * x + 8 * x**3 - x**4 - 12 * x**2 * math.log(x)
        pair = ["emt".index(mother), "emt".index(daughter)]
        coupling = PDG_2026.fermi_constant**2 * (1 + shift[tuple(pair)])
        return coupling * m[mother] ** 5 / (192 * math.pi**3) * phase_space

    return width


def test_universality_is_what_ratios_of_widths_say():
    """g_a / g_b as its compilers define it: from widths, each over the one of equal couplings."""
    shift = 1e-3 * np.array([[0.0, 2.0, -3.0], [2.0, 0.0, 5.0], [-3.0, 5.0, 0.0]])
    seen, expected = rates(shift), rates(np.zeros((3, 3)))

    def ratio(over, under):
        return math.sqrt(seen(*over) / expected(*over) / (seen(*under) / expected(*under)))

    couplings = np.array([ratio("te", "me"), ratio("tm", "me")])
    experiment = LeptonUniversality2023.load()
    leptons = ChargedLeptons(fermi_shift=jnp.asarray(shift))
    found = experiment.predict(LowEnergy(Neutrinos(jnp.eye(3) + 0j), leptons), {})
    np.testing.assert_allclose(found, couplings, rtol=1e-12)
    # The third ratio is the quotient of the two: with equal errors of all three the correlation is one half.
    assert float(found[1] / found[0]) == pytest.approx(ratio("tm", "te"), rel=1e-12)
    covariance = 0.0014**2 * np.array([[1.0, 0.5], [0.5, 1.0]])
    normal = scipy.stats.multivariate_normal([1.0009, 1.0027], covariance)
    expected_chi2 = 2.0 * (normal.logpdf([1.0009, 1.0027]) - normal.logpdf(couplings))
    assert chi2(experiment, fermi_shift=jnp.asarray(shift)) == pytest.approx(expected_chi2, rel=1e-9)
    third = CorrelatedGaussian(np.array([1.0009, 1.0027]), covariance)
    error = np.array([-1.0, 1.0]) @ np.asarray(third.root) @ np.asarray(third.root).T @ np.array([-1.0, 1.0])
    assert math.sqrt(error) == pytest.approx(0.0014, rel=1e-9)
    # One common factor is invisible, whatever its size.
    assert chi2(experiment, fermi_shift=jnp.full((3, 3), 0.3)) == pytest.approx(chi2(experiment), rel=1e-9)


def test_a_singly_charged_scalar_and_the_first_row():
    """sqrt(2) |f_emu|^2 / (G_F m_h^2) = 1.6e-3 takes the tension away; one sigma on either side."""
    experiment = CkmUnitarity2024.load()
    assert chi2(experiment) == pytest.approx((16.0 / 7.0) ** 2, rel=1e-9)
    for pull in (-1.0, 0.0, 1.0):
        apparent = 0.9984 + pull * 7e-4
        shift = jnp.zeros((3, 3)).at[0, 1].set(1.0 / apparent - 1.0)
        assert chi2(experiment, fermi_shift=shift + shift.T) == pytest.approx(pull**2, abs=1e-9)
    f_emu = math.sqrt(1.6e-3 * PDG_2026.fermi_constant * 1e6 / math.sqrt(2.0))
    assert f_emu**2 == pytest.approx(0.014, rel=0.1)


def test_muonium_by_hand():
    """|g_ee g_mumu^*| < 0.198 (m_k / TeV)^2 from |G| = (sqrt(2) / 8) |g_ee g_mumu^*| / m_k^2 < 0.003 G_F."""
    experiment, product = Muonium1999.load(), 0.198e-6
    for share, phase in ((0.1, 0.0), (0.7, 2.0)):
        g = jnp.diag(jnp.array([share, product / share, 0.4])) * jnp.exp(1j * jnp.array([phase, 0.0, 0.0]))
        assert chi2(experiment, bilepton=g) == pytest.approx(Z90**2, rel=0.01)
    half = jnp.diag(jnp.array([0.1, product / 0.2, 0.0]))
    assert chi2(experiment, bilepton=half) == pytest.approx(Z90**2 / 16.0, rel=0.01)  # fourth power: a rate squared


def test_katrin_at_its_limit():
    experiment = Katrin2025.load()
    rng = np.random.default_rng(3)
    mixing = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
    masses = np.array([0.2, 0.5, 0.4])
    m_beta = math.sqrt(np.abs(mixing[0]) ** 2 @ masses**2)
    right = masses[:, None] * mixing.conj().T
    for nature, M in ((Majorana(), mixing.conj() @ right), (Dirac(), right)):
        assert chi2(experiment, M, nature) == pytest.approx((m_beta / 0.45) ** 4 * Z90**2, rel=1e-9)
    assert chi2(experiment, 0.45 * np.eye(3)) == pytest.approx(Z90**2, rel=1e-9)
    assert float(experiment.terms[0].sigma[0]) == pytest.approx(0.123, abs=1e-3)


def test_double_beta_decay():
    weak, strong = KamLANDZen2024.load(), KamLANDZen2024.load(0.028)
    assert (weak.name, strong.name) == ("kamland_zen_2024_122mev", "kamland_zen_2024_28mev")
    U, phases = np.array([0.8, 0.5, 0.33]), np.exp(1j * np.array([0.0, 1.0, -2.0]))
    effective = abs(np.sum(U**2 * phases * np.array([0.1, 0.1, 0.11])))
    M = np.zeros((3, 3), complex)
    M[0, 0] = np.sum(U**2 * phases * np.array([0.1, 0.1, 0.11]))
    for experiment, limit in ((weak, 0.122), (strong, 0.028)):
        assert chi2(experiment, M) == pytest.approx((effective / limit) ** 4 * Z90**2, rel=1e-9)
        assert chi2(experiment, M, Dirac()) == 0.0
    for bad in (0.0279, 0.1221, math.nan):
        with pytest.raises(ValueError, match="Argument `limit` must"):
            KamLANDZen2024.load(bad)


@pytest.mark.parametrize(("ordering", "expected"), [(NormalOrdering(), 3.2), (InvertedOrdering(), 9.1)])
def test_cosmology_disfavors_inverted_ordering(ordering, expected):
    dm21, dm3l = 7.5e-5, ordering.sign * 2.51e-3
    M = ThreeFlavor(dm21, dm3l, **ANGLES, ordering=ordering).low_energy().neutrinos.mass_matrix
    by_hand = math.sqrt(2.51e-3) + math.sqrt(dm21 if ordering.sign > 0 else 2.51e-3 - dm21)
    found = chi2(Desi2025.load(), M)
    assert found == pytest.approx((by_hand / 0.0642 * Z95) ** 2, rel=1e-6)
    assert found == pytest.approx(expected, abs=0.15)


def test_bad_input():
    with pytest.raises(ValueError, match="Argument `standard_model` must be an object of the class MuonTheory"):
        MuonMagneticMoment2025.load(WhitePaper2020)
    for best, covariance, match in (
        ([1.0, math.nan], np.eye(2), "`best` must be finite"),
        ([1.0, 2.0], np.eye(3), "`covariance` must have shape"),
        ([1.0, 2.0], [[1.0, 0.5], [0.4, 1.0]], "`covariance` must be symmetric"),
        ([1.0, 2.0], [[1.0, 1.0], [1.0, 1.0 - 1e-9]], "`covariance` must be positive definite"),
    ):
        with pytest.raises(ValueError, match=match):
            CorrelatedGaussian(np.array(best), np.array(covariance))


def test_correlated_simulations_have_their_covariance():
    covariance = np.array([[4.0, -1.5], [-1.5, 1.0]])
    term, truth = CorrelatedGaussian(np.array([7.0, 7.0]), covariance), jnp.array([1.0, -2.0])
    drawn = jax.vmap(lambda key: term.simulate(key, truth).best)(jax.random.split(jax.random.key(0), 20000))
    np.testing.assert_allclose(np.mean(drawn, axis=0), truth, atol=0.06)
    np.testing.assert_allclose(np.cov(np.asarray(drawn).T), covariance, atol=0.12)
