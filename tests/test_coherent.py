"""COHERENT: responses by brute force, the collaboration's predictions and results, limits, thresholds, gradients."""

import csv
from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from helpers import loaded
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq, minimize

from nmmjax.experiments import CoherentCsI2021, CoherentLAr2020
from nmmjax.experiments.shared import coherent, coherent_electrons
from nmmjax.experiments.shared.portal import MassSpline, UniformSpline, mass_nodes
from nmmjax.fit import Fit
from nmmjax.fluxes import pion_decay
from nmmjax.low_energy import Dirac, FermionCouplings, HeavyLepton, Interactions, LowEnergy, Neutrinos
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import NormalOrdering
from nmmjax.tables import DATA

BOTH = {"coherent_lar_2020": CoherentLAr2020, "coherent_csi_2021": CoherentCsI2021}
FERMI, HBAR_C, ALPHA, ELECTRON = 1.1663788e-11, 197.3269804, 7.2973525643e-3, 0.51099895
MUON, PION = 105.6583755, 139.57039
LINE, END = (PION**2 - MUON**2) / (2 * PION), MUON / 2


def argon():
    return loaded(CoherentLAr2020)


def salt():
    return loaded(CoherentCsI2021)


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def column(name, key):
    return np.array([float(r[key]) for r in rows(name)])


def nuisances(experiment, values=0.0):
    names = tuple(experiment.nuisances())
    return dict(zip(names, jnp.broadcast_to(jnp.asarray(values), (len(names),)), strict=True))


def theory(**keywords):
    """Dirac neutrinos without masses."""
    nothing = jnp.zeros((3, 3))
    moments = keywords.pop("moments", nothing)
    heavy = keywords.pop("heavy", None)
    n = moments.shape[0]
    return LowEnergy(Neutrinos(jnp.zeros((n, n)), moments, Dirac(), **keywords), heavy_lepton=heavy)


SM = theory()
predict = eqx.filter_jit(lambda experiment, theory, nuisance: experiment.predict(theory, nuisance))
scattering = eqx.filter_jit(lambda experiment, theory, nuisance: experiment.scattering(theory, nuisance))


# Brute force: nested Gauss-Legendre over neutrino energies, recoils and photoelectrons, the textbook's cross sections


def helm(T, M, A, scale=1.0):
    """`scale` multiplies the root mean square radius."""
    rms2 = 0.6 * ((1.23 * np.cbrt(A) - 0.6) ** 2 + 7 / 3 * (np.pi * 0.52) ** 2)
    R = np.sqrt(5 / 3 * (scale**2 * rms2 - 3 * 0.9**2))
    q = np.sqrt(2 * M * T) / HBAR_C
    x = q * R
    return 3 * (np.sin(x) - x * np.cos(x)) / x**3 * np.exp(-0.5 * (0.9 * q) ** 2)


def weak_neutrons(E, T, Z, A, M, scale=1.0):
    """Of N^+ N [cm^2 / MeV]."""
    charge = (A - Z) * helm(T, M, A, scale)
    return (FERMI * HBAR_C * 1e-13 * charge) ** 2 * M / np.pi * (1 - T / E - M * T / (2 * E**2))


def flipped_neutrons(power):
    """Of scalars, both, and tensors [cm^2 / MeV]: (G_F^2 M / pi) (2 M T / E^2) (-(2E - T) / m_N)^k."""

    def section(E, T, Z, A, M):
        charge = (A - Z) * helm(T, M, A)
        unit = (FERMI * HBAR_C * 1e-13 * charge) ** 2 * M / np.pi * 2 * M * T / E**2
        return unit * (-(2 * E - T) / 938.9187) ** power

    return section


def charged(E, T, Z, A, M):
    """Of Q^+ Q [cm^2 / MeV]: Rutherford's, 2 pi alpha^2 Z^2 F^2 / (M T^2) for a light particle, with its recoil."""
    rutherford = 2 * np.pi * (ALPHA * HBAR_C * 1e-13 * Z * helm(T, M, A)) ** 2 / (M * T**2)
    return rutherford * (1 - T / E - M * T / (2 * E**2))


def portal(mass):
    """[cm^2 / MeV] for 1e-10 mu_B."""

    def section(E, T, Z, A, M):
        scale = np.pi * (1e-10 * ALPHA * HBAR_C * 1e-13 / ELECTRON * Z * helm(T, M, A)) ** 2
        first = (E - T / 2 - mass**2 / (4 * M)) ** 2 / (T * E**2)
        return scale * (first - mass**2 * (2 * M + T) * (2 * M * T + mass**2) / (16 * M**2 * T**2 * E**2))

    return section


def seen_in_argon(b, a=0.246, slope=0.00078):
    efficiency = column("coherent_lar_2020_efficiency", "efficiency")

    def seen(T):
        light = (a + slope * 1e3 * T) * 1e3 * T
        edges = np.arange(10 * b, 10 * b + 10.01, 0.5)
        shares = np.diff([stats.norm.cdf(e, light, 0.58 * np.sqrt(light)) for e in edges], axis=0)
        return np.tensordot(efficiency[20 * b : 20 * b + 20], shares, 1)

    return seen


CSI_LIGHT, CSI_CUTS = (0.0554628, 4.30681, -111.707, 840.384), (1.32045, 0.285979, 10.8646, -0.333322)


def seen_in_csi(low, high, quenching=CSI_LIGHT, cuts=CSI_CUTS):
    x, w = np.polynomial.legendre.leggauss(24)
    pe, w = low + (high - low) * (1 + x) / 2, (high - low) / 2 * w
    a, b, c, d = cuts
    efficiency = a / (1 + np.exp(-b * (pe - c))) + d

    def seen(T):
        light = 1e3 * sum(k * T ** (n + 1) for n, k in enumerate(quenching))
        shape = 1 + 9.56 * light
        density = stats.gamma.pdf(pe[:, None], shape, scale=light / (0.0749 * shape))
        return (w * efficiency) @ density

    return seen


UNIT = 931.49410372
ARGON = [
    (18, A, m * UNIT - 18 * ELECTRON, share)
    for A, m, share in ((36, 35.967545106, 0.0033361), (38, 37.9627321, 0.0006289), (40, 39.962383122, 0.996035))
]
SALT = [(55, 133, 132.905451959 * UNIT - 55 * ELECTRON, 1.0), (53, 127, 126.904473 * UNIT - 53 * ELECTRON, 1.0)]
EXPOSURE = {
    "coherent_lar_2020": 24400 / 39.948 * 6.02214076e23 * 0.09 * 13.77e22 / (4 * np.pi * 2750**2),
    "coherent_csi_2021": 14600 / 259.81 * 6.02214076e23 * 0.0848 * 3.198e23 / (4 * np.pi * 1930**2),
}


def brute_force(name, section, seen, kind, mass=0.0, least=2e-4):
    """Events of one kind of neutrino in one bin; recoils [MeV] above `least` count."""
    x, w = np.polynomial.legendre.leggauss(128)
    u, w = (1 + x) / 2, w / 2
    total = 0.0
    for Z, A, M, share in ARGON if name == "coherent_lar_2020" else SALT:
        threshold = mass + mass**2 / (2 * M)
        if kind == 0:
            energies, weights = np.array([LINE]), np.array([1.0 * (threshold < LINE)])
        else:
            start = max(threshold, np.sqrt(M * least / 2))
            energies = start + (END - start) * u**2
            y = energies / END
            weights = 2 * (END - start) * u * w * (12 * y**2 * (1 - y) if kind == 1 else 2 * y**2 * (3 - 2 * y)) / END
        for E, weight in zip(energies, weights, strict=True):
            if weight <= 0:
                continue
            s = M**2 + 2 * M * E
            before, after = (s + M**2) / (2 * np.sqrt(s)), (s + M**2 - mass**2) / (2 * np.sqrt(s))  # of the nucleus
            turned = np.sqrt((before**2 - M**2) * (after**2 - M**2))
            low, high = ((before * after + sign * turned - M**2) / M for sign in (-1, 1))
            low = max(low, least)
            if high <= low:
                continue
            log = np.log(high / low)
            T = low * np.exp(log * u)
            total += share * weight * np.sum(w * log * T * section(E, T, Z, A, M) * seen(T))
    return EXPOSURE[name] * total


@pytest.mark.parametrize(("bin", "kind"), [(0, 0), (1, 1), (2, 2)])
def test_argon_by_brute_force(bin, kind):
    """Weak scattering, by charge and by a heavy lepton; the quenching, too."""
    seen = seen_in_argon(bin)
    got = argon().weak[:, :, bin, kind]
    neutrons = brute_force(argon().name, weak_neutrons, seen, kind)
    assert float(got[0, 2]) == pytest.approx(neutrons, rel=1e-8)
    assert float(got[0, 5]) == pytest.approx(brute_force(argon().name, charged, seen, kind), rel=1e-8)
    for power, product in enumerate((4, 6, 9)):
        expected = brute_force(argon().name, flipped_neutrons(power), seen, kind)
        assert float(argon().flips[0, product, bin, kind]) == pytest.approx(expected, rel=1e-8)
    for variant, light in ((1, {"a": 0.240}), (4, {"slope": 0.00087})):
        other = brute_force(argon().name, weak_neutrons, seen_in_argon(bin, **light), kind)
        assert float(got[variant, 2]) == pytest.approx(other, rel=1e-8)
    for mass in (0.0, 13.7, 27.1):
        expected = brute_force(argon().name, portal(mass), seen, kind, mass)
        assert float(argon().portal(mass)[0, bin, kind]) == pytest.approx(expected, rel=1e-5 if mass else 1e-8)


@pytest.mark.parametrize(("bin", "kind", "edges"), [(0, 0, (8, 12)), (4, 1, (24, 32)), (7, 2, (50, 60))])
def test_salt_by_brute_force(bin, kind, edges):
    """Also for other light, cuts and neutrons."""
    seen = seen_in_csi(*edges)
    got = salt().weak[:, :, bin, kind]
    assert float(got[0, 2]) == pytest.approx(brute_force(salt().name, weak_neutrons, seen, kind), rel=1e-8)
    assert float(got[0, 5]) == pytest.approx(brute_force(salt().name, charged, seen, kind), rel=1e-8)
    light, cuts = (0.0613632, 3.51547, -85.5548, 595.562), (1.297, 0.286592, 11.8832, -0.31028)
    for variant, arguments in ((2, {"quenching": light}), (5, {"cuts": cuts})):
        other = brute_force(salt().name, weak_neutrons, seen_in_csi(*edges, **arguments), kind)
        assert float(got[variant, 2]) == pytest.approx(other, rel=1e-8)
    larger = brute_force(salt().name, lambda *x: weak_neutrons(*x, scale=1.05), seen, kind)
    assert float(got[8, 2]) == pytest.approx(larger, rel=1e-8)
    for mass in (0.0, 13.7, 27.1):
        expected = brute_force(salt().name, portal(mass), seen, kind, mass)
        assert float(salt().portal(mass)[0, bin, kind]) == pytest.approx(expected, rel=1e-5 if mass else 1e-8)


def test_portal_between_its_nodes(monkeypatch):
    """Splines in the mass against integrals at the masses halfway: 2e-5 of the largest response, 1e-7 in the mean."""
    light, bright = argon(), salt()
    for module in (coherent, coherent_electrons):
        monkeypatch.setattr(module, "MASSES", 2 * module.MASSES - 1)
    fine_light, fine_bright = CoherentLAr2020.load(), CoherentCsI2021.load()
    pairs = [(light.portal, fine_light.portal), (bright.portal, fine_bright.portal)]
    for coarse, other in (*pairs, (bright.electrons.portal, fine_bright.electrons.portal)):
        exact = np.asarray(other.spline.values)[1::2]
        error = np.asarray(jax.vmap(coarse.spline)(jnp.arange(len(exact)) + 0.5)) - exact
        scale = exact.max(axis=(0, 1, 2))
        assert np.abs(error / scale).max() < 2e-5
        assert np.abs(error / scale).mean() < 1e-7


def test_thresholds_of_the_heavy_lepton():
    """Exactly nothing from the threshold of each kind on, with zero derivative; a light one is a moment."""
    slope = jax.jit(jax.jacfwd(lambda m: salt().portal(m)))
    top = np.asarray(salt().portal.top)
    M = 132.905451959 * 931.49410372 - 55 * ELECTRON
    np.testing.assert_allclose(top + top**2 / (2 * M), [LINE, END, END], rtol=1e-14)
    for mass in (*top, 60.0, 1e4):
        closed = top <= mass
        assert not np.any(salt().portal(mass)[..., closed])
        assert not np.any(slope(mass)[..., closed])
        assert np.all(np.isfinite(slope(mass)))
        assert np.all(salt().portal(mass)[0][:4, ~closed] > 0.0)
    for e in (argon(), salt()):
        np.testing.assert_allclose(e.portal(0.0), e.magnetic, rtol=1e-12)
    np.testing.assert_allclose(salt().electrons.portal(0.0), salt().electrons.magnetic, rtol=1e-12)
    assert not np.any(salt().electrons.portal(6.9))
    for e in (argon(), salt()):
        np.testing.assert_allclose(e.portal(1e-3), e.magnetic, rtol=1e-6, atol=1e-9 * float(e.magnetic.max()))
    difference = (salt().portal(20.001) - salt().portal(19.999)) / 0.002
    np.testing.assert_allclose(slope(20.0), difference, rtol=1e-5, atol=1e-9)


def test_as_the_collaboration_predicts():
    """Argon: 128 events, bin by bin within 12 %; 23 % of them prompt, which was fitted to the released times. CsI: 341.

    In time to 5 % of the bin; F90 follows from the release.
    """
    signal = np.asarray(predict(argon(), SM, nuisances(argon())) - argon().background).reshape(12, 8, 10)
    released = column("coherent_lar_2020_counts", "scattering").reshape(12, 8, 10)
    assert released.sum() == pytest.approx(128.0, rel=1e-4)
    ratios = signal.sum((1, 2))[:4] / released.sum((1, 2))[:4]
    np.testing.assert_allclose(ratios, [0.994, 0.924, 0.890, 0.938], atol=0.002)
    assert signal.sum() / released.sum() == pytest.approx(0.967, abs=0.002)
    np.testing.assert_allclose(signal.sum((0, 1)) / released.sum((0, 1)), 1.0, atol=0.07)
    kinds = np.asarray(scattering(argon(), SM, nuisances(argon()))).sum(0)
    assert kinds[0] / kinds.sum() == pytest.approx(0.2268, abs=0.004)
    signal = np.asarray(predict(salt(), SM, nuisances(salt())) - salt().background)
    assert signal.sum() / 341.0 == pytest.approx(1.035, abs=0.005)


def test_times():
    """Argon: pulse and exponential against scipy. CsI: the same, vetoed, for a late pulse; steady light of one time."""
    edges = np.arange(-0.1, 5.0, 0.5)
    prompt = np.diff(stats.norm.cdf(edges, 0.4303, 0.0785))
    delayed = np.diff(stats.exponnorm.cdf(edges, 2.1969811 / 0.0785, 0.4303, 0.0785))
    np.testing.assert_allclose(argon().time, [prompt, delayed, delayed], rtol=1e-9, atol=1e-14)
    late, t = 0.137, (np.arange(60_000) + 0.5) * 1e-4
    kept = np.exp(-0.0494 * np.maximum(t - 0.52, 0.0))
    densities = (
        stats.norm.pdf(t, 0.4385 + late, 0.1604),
        stats.exponnorm.pdf(t, 2.1969811 / 0.1604, 0.4385 + late, 0.1604),
    )
    bins = np.searchsorted(np.asarray(salt().time_edges), t) - 1
    expected = [np.bincount(bins, 1e-4 * kept * density) for density in densities]
    got = salt().time(jnp.asarray((late / 0.25 + 1) * 20))
    np.testing.assert_allclose(got[:2], expected, atol=3e-6)
    steady = np.asarray(salt().steady_state).reshape(8, 11)
    assert steady.sum() == column("coherent_csi_2021_counts", "anticoincidence").sum() == 1291
    np.testing.assert_allclose(steady[:, 0] / steady[:, 10], 0.0625 / np.mean(kept[t > 4]), rtol=1e-6)


# Likelihoods


def parameters(p):
    """A theory of five numbers: scale of weak events apart, mu^2, <r^2> of nu_mu, mu_N^2, m_N."""
    only = jnp.zeros((3, 3)).at[1, 1].set(1.0)
    moments = 1e-10 * jnp.sqrt(p[1]) * only
    heavy = HeavyLepton(p[4], 1e-10 * jnp.sqrt(p[3]) * only[1])
    return theory(moments=moments, charge_radius=1e-32 * p[2] * only, heavy=heavy)


@cache
def compiled(name):
    experiment = loaded(BOTH[name])
    priors = experiment.nuisances()

    @jax.jit
    @jax.value_and_grad
    def chi2(z, p, experiment):
        scaled = eqx.tree_at(lambda e: e.weak, experiment, p[0] * experiment.weak)
        normal = sum(x**2 for x, prior in zip(z, priors.values(), strict=True) if not isinstance(prior, dist.Uniform))
        return normal - 2 * scaled.log_likelihood(parameters(p), dict(zip(priors, z, strict=True)))

    return lambda z, p: [np.asarray(x, float) for x in chi2(jnp.asarray(z), jnp.asarray(p), experiment)]


def profiled(name, held=(), **values):
    """The least chi^2 with priors; nuisances that end on a name in `held` stay zero."""
    p = [values.get(key, default) for key, default in PARAMETERS.items()]
    bounds = []
    for key, prior in loaded(BOTH[name]).nuisances().items():
        low = float(getattr(prior.support, "lower_bound", -8.0))
        high = float(getattr(prior.support, "upper_bound", 8.0))
        bounds.append((0.0, 0.0) if key.endswith(tuple(held) or ("none",)) else (low, high))
    options = {"ftol": 1e-13, "gtol": 1e-6}
    start = np.zeros(len(bounds))
    return minimize(compiled(name), start, args=(p,), jac=True, method="L-BFGS-B", bounds=bounds, options=options)


PARAMETERS = {"scale": 1.0, "mu2": 1e-20, "radius": 0.0, "heavy2": 1e-20, "mass": 1.0}


@pytest.mark.parametrize(
    ("name", "chi2", "events", "error", "excluded"),
    [("coherent_lar_2020", 1069.6, 138.6, 40.2, 3.5), ("coherent_csi_2021", 70.0, 310.3, 31.8, 11.4)],
)
def test_number_of_scatterings(name, chi2, events, error, excluded):
    """159 +- 43 (statistical) and 306 +- 20 published, for 3.5 and 11.6 standard deviations."""
    assert profiled(name).fun == pytest.approx(chi2, abs=0.1)
    held = ("sns_flux", "efficiency", "quenching", "slope", "shape", "radius")

    def curve(scale):
        return profiled(name, held, scale=scale).fun

    scales = np.array([0.6, 0.8, 1.0, 1.2, 1.4])
    fitted = np.polynomial.Polynomial.fit(scales, [curve(x) for x in scales], 3)
    best = min(fitted.deriv().roots(), key=lambda x: fitted(x.real) if 0.5 < x.real < 1.6 else np.inf).real
    z = dict(zip(loaded(BOTH[name]).nuisances(), profiled(name, held, scale=best).x, strict=True))
    total = np.asarray(
        predict(loaded(BOTH[name]), SM, z) - predict(loaded(BOTH[name]), SM, z | {"sns_flux": -1e4})
    ).sum()
    spread = 0.5 * (brentq(lambda x: fitted(x) - fitted(best) - 1, best, 3) - brentq(lambda x: fitted(x) - fitted(best) - 1, 0, best))  # fmt: skip # noqa: E501
    assert best * total == pytest.approx(events, rel=0.02)
    assert spread * total == pytest.approx(error, rel=0.05)
    assert np.sqrt(curve(1e-9) - curve(best)) == pytest.approx(excluded, abs=0.1)


def test_limits():
    """On the moment of nu_mu, alone and into a heavy lepton, and two intervals of its charge radius, at 90 %."""
    expected = {"coherent_lar_2020": (3.18, 3.18, 3.09), "coherent_csi_2021": (2.18, 2.21, 3.21)}
    for name, limits in expected.items():
        for limit, (key, mass) in zip(limits, (("mu2", 1.0), ("heavy2", 1.0), ("heavy2", 20.0)), strict=True):
            sizes = limit * 10 * np.array([0.0, 0.3, 0.6, 0.9, 1.1])
            chi2 = [profiled(name, **{key: max(x**2, 1e-20), "mass": mass}).fun for x in sizes]
            curve = np.polynomial.Polynomial.fit(sizes**2, chi2, 4)
            least = min(curve(np.linspace(0, sizes[-1] ** 2, 400)))
            end = brentq(lambda x, f=curve, m=least: f(x) - m - 2.705543454, sizes[2] ** 2, sizes[-1] ** 2)
            assert np.sqrt(end) / 10 == pytest.approx(limit, rel=0.02)
    radii = (-60.9, -50.7, -7.3, 4.1)
    base = min(profiled("coherent_csi_2021", radius=r).fun for r in (-54.0, -3.0, -2.0, -1.0))
    for r in radii:
        assert profiled("coherent_csi_2021", radius=r).fun - base == pytest.approx(2.7, abs=0.3)
    assert profiled("coherent_csi_2021", radius=-29.0).fun - base > 30


@pytest.mark.parametrize("name", BOTH)
def test_likelihood_is_that_of_poisson(name):
    experiment = loaded(BOTH[name])
    z = nuisances(experiment, 0.2)
    t, n = np.asarray(predict(experiment, SM, z)), np.asarray(experiment.observed)
    expected = np.sum(stats.poisson.logpmf(n, t) - stats.poisson.logpmf(n, np.maximum(n, 1e-300)))
    assert float(experiment.log_likelihood(SM, z)) == pytest.approx(expected, rel=1e-10)
    empty = experiment.with_counts(jnp.zeros_like(experiment.counts))
    assert float(empty.log_likelihood(SM, z)) == pytest.approx(-t.sum(), rel=1e-12)


@pytest.mark.parametrize("name", BOTH)
def test_nuisances_at_one_are_the_variants(name):
    """In the bins that count; and nothing ever is negative."""
    experiment = loaded(BOTH[name])
    center = np.asarray(scattering(experiment, SM, nuisances(experiment)))
    products = np.array([0.03**2, -2 * 0.03 * 0.5117, 0.5117**2])
    for k, response in enumerate(experiment.responses):
        for sign, variant in ((-1.0, 1 + 2 * k), (1.0, 2 + 2 * k)):
            z = nuisances(experiment) | {f"{name}_{response}": jnp.asarray(sign)}
            expected = np.einsum("kbs,k->bs", experiment.weak[variant, :3], products)[..., [0, 2]]
            got = np.asarray(scattering(experiment, SM, z))[..., [0, 2]]
            np.testing.assert_allclose(got, expected, rtol=2e-2, atol=2e-3 * center.max())
            np.testing.assert_allclose(got.sum(), expected.sum(), rtol=1e-3)
    rng = np.random.default_rng(3)
    for _ in range(20):
        z = nuisances(experiment, rng.uniform(-5.0, 5.0, len(experiment.nuisances())))
        assert np.all(np.asarray(scattering(experiment, SM, z)) >= 0.0)
    flux = scattering(experiment, SM, nuisances(experiment) | {"sns_flux": jnp.asarray(0.7)})
    np.testing.assert_allclose(flux, np.exp(0.07) * center, rtol=1e-12)


def test_flavors():
    """Off the diagonal, charge radii and charges add squared to both flavors; sterile rows of moments count."""
    z = nuisances(argon())
    plain = np.asarray(scattering(argon(), SM, z))
    shift = np.sqrt(2) * np.pi * ALPHA / (3 * FERMI * (HBAR_C * 1e-13) ** 2) * 3e-32
    flip = jnp.zeros((3, 3), complex).at[0, 1].set(1j).at[1, 0].set(-1j)
    off = np.asarray(scattering(argon(), theory(charge_radius=3e-32 * flip), z))
    np.testing.assert_allclose(off - plain, shift**2 * np.asarray(argon().weak[0, 0]), rtol=1e-9, atol=1e-13)
    tau = jnp.zeros((3, 3)).at[2, 2].set(1.0)
    np.testing.assert_array_equal(scattering(argon(), theory(charge_radius=3e-31 * tau), z), plain)
    charged = np.asarray(scattering(argon(), theory(millicharge=2e-8 * flip), z))
    np.testing.assert_allclose(charged - plain, 4e-16 * np.asarray(argon().weak[0, 5]), rtol=1e-7, atol=1e-13)
    moments = jnp.zeros((4, 4), complex).at[3, 1].set(3e-10j).at[0, 1].set(4e-10).at[1, 0].set(2e-10).at[3, 3].set(1e-8)
    flipped = np.asarray(scattering(argon(), theory(moments=moments), z))
    np.testing.assert_allclose(flipped - plain, [25, 4, 25] * np.asarray(argon().magnetic[0]), rtol=1e-7, atol=1e-13)
    heavy = HeavyLepton(20.0, jnp.array([1e-10, 3e-10j, 1.0]))
    made = np.asarray(scattering(argon(), theory(heavy=heavy), z))
    np.testing.assert_allclose(made - plain, [9, 1, 9] * np.asarray(argon().portal(20.0)[0]), rtol=1e-6, atol=1e-9)


def on_electrons(bin, edges, kind, section, mass=0.0):
    """Events of one kind of neutrino: sums over shells of integrals over recoils [MeV] from their binding energies."""
    shells = [(float(r["electrons"]), float(r["binding"])) for r in rows("electron_shells") if r["element"] in "CsI"]
    x, w = np.polynomial.legendre.leggauss(24)
    u, w = (1 + x) / 2, w / 2
    a, b, c, d = CSI_CUTS
    pe = edges[0] + (edges[1] - edges[0]) * u
    passed = (edges[1] - edges[0]) * w * (a / (1 + np.exp(-b * (pe - c))) + d)
    ends = np.unique([*np.geomspace(0.02, 12.0, 40), *(binding for _, binding in shells if 0.02 < binding < 12)])
    lows = np.maximum(ends[:-1], 0.0)
    T = (lows[:, None] + np.diff(ends)[:, None] * u).ravel()
    weight = (np.diff(ends)[:, None] * w).ravel() / 1e3
    shape = 1 + 9.56 * T
    seen = passed @ stats.gamma.pdf(pe[:, None], shape, scale=T / (0.0749 * shape))
    free = sum(n * (binding <= T) for n, binding in shells)
    t = T / 1e3
    if kind == 0:
        energies, flux = np.array([LINE]), np.array([1.0])
        folded = section(energies, t[:, None]) @ flux
    else:
        least = (mass**2 + 2 * ELECTRON * t) / (2 * (np.sqrt(t**2 + 2 * ELECTRON * t) - t))
        energies = least[:, None] + (END - least[:, None]) * u
        y = energies / END
        flux = (12 * y**2 * (1 - y) if kind == 1 else 2 * y**2 * (3 - 2 * y)) / END * (END - least[:, None]) * w
        folded = (section(energies, t[:, None]) * flux).sum(1)
    return EXPOSURE[salt().name] * np.sum(weight * seen * free * folded)


@pytest.mark.parametrize(("bin", "edges", "kind"), [(0, (8, 12), 0), (3, (20, 24), 1), (6, (40, 50), 2)])
def test_electrons_by_brute_force(bin, edges, kind):
    """By left, right and both couplings, charges, moments, and into a heavy lepton."""
    unit = 2 * (FERMI * HBAR_C * 1e-13) ** 2 * ELECTRON / np.pi
    parts = (
        lambda E, T: unit * (1 + 0 * E * T),
        lambda E, T: unit * (1 - T / E) ** 2,
        lambda E, T: -unit * ELECTRON * T / (2 * E**2),
    )
    for k, part in enumerate(parts):
        for m in (0, 2):
            expected = on_electrons(bin, edges, kind, lambda E, T, f=part, n=m: f(E, T) / (1e3 * T) ** n)
            got = float(salt().electrons.weak[0, k, m, bin, kind])
            assert got == pytest.approx(expected, rel=1e-8 if k < 2 else 1e-5)
    tensor = on_electrons(
        bin, edges, kind, lambda E, T: 16 * unit * ((1 - T / (2 * E)) ** 2 - ELECTRON * T / (4 * E**2))
    )
    assert float(salt().electrons.flips[0, 2, bin, kind]) == pytest.approx(tensor, rel=1e-8)
    scale = np.pi * (1e-10 * ALPHA * HBAR_C * 1e-13 / ELECTRON) ** 2
    magnetic = on_electrons(bin, edges, kind, lambda E, T: scale * (1 / T - 1 / E))
    assert float(salt().electrons.magnetic[0, bin, kind]) == pytest.approx(magnetic, rel=1e-8)
    m, M = 0.4, ELECTRON

    def heavy(E, T):
        first = m**2 * (T - 2 * E - M) / (4 * E**2 * T * M)
        return scale * (1 / T - 1 / E + first + m**4 * (T - M) / (8 * E**2 * T**2 * M**2))

    # the least recoil is far below what is seen
    assert float(salt().electrons.portal(m)[0, bin, kind]) == pytest.approx(
        on_electrons(bin, edges, kind, heavy, m), rel=1e-4
    )


def test_antineutrinos_flip_the_other_way():
    """Scalars and tensors interfere: antinu_mu, the last kind, with the other sign."""
    S, T = 0.003, 0.05

    def scattered(scalar, tensor):
        up = FermionCouplings(scalar=scalar * jnp.eye(3), tensor=tensor * jnp.eye(3))
        neutrinos = Neutrinos(jnp.zeros((3, 3)), jnp.zeros((3, 3)), Dirac())
        seen = scattering(argon(), LowEnergy(neutrinos, interactions=Interactions(up=up)), nuisances(argon()))
        return np.asarray(seen).sum(0)

    mixed = scattered(S, T) - scattered(S, 0.0) - scattered(0.0, T) + scattered(0.0, 0.0)
    for kind, excess in zip(pion_decay.KINDS, mixed, strict=True):
        assert excess > 0 if kind == pion_decay.ANTINU_MU else excess < 0


def test_electrons_add():
    """A charge of nu_mu acts on electrons far more than on nuclei; antineutrinos have left and right exchanged."""
    charge = 3e-10
    only = jnp.zeros((3, 3)).at[1, 1].set(1.0)
    points = [theory(millicharge=q * only) for q in (0.0, charge)]
    plain, shifted = (np.asarray(salt().electrons.events(point))[0] for point in points)
    everything = np.diff([scattering(salt(), point, nuisances(salt())) for point in points], axis=0)[0]
    np.testing.assert_allclose(everything, shifted - plain, rtol=0.05)
    shift = np.sqrt(2) * np.pi * ALPHA * charge / (FERMI * ELECTRON * 1e-3)  # of -g_V at 1 keV
    got = (shifted - plain)[:, [0, 2]]
    weak = np.asarray(salt().electrons.weak[0])[..., [0, 2]]
    g_v, g_a = -0.0397, np.array([-0.5062, 0.5062])
    left, right = (g_v + g_a) / 2, (g_v - g_a) / 2
    linear = -shift * (left * weak[0, 1] + right * weak[1, 1] + (left + right) * weak[2, 1])
    quadratic = shift**2 / 4 * (weak[0, 2] + weak[1, 2] + 2 * weak[2, 2])
    np.testing.assert_allclose(got, linear + quadratic, rtol=1e-8)
    np.testing.assert_array_equal(plain[:, 1], shifted[:, 1])


@pytest.mark.parametrize("name", BOTH)
def test_gradients(name):
    """Of everything a theory holds and of all nuisances, forward, reverse and by differences; finite at zero."""
    experiment = loaded(BOTH[name])
    hermitian = jnp.array([[0.4, 0.3 + 0.2j, 0.1], [0.3 - 0.2j, -0.5, 0.2j], [0.1, -0.2j, 0.7]])
    moments = jnp.array([[1.0, 0.3j, 0.2], [0.5, 2.0, 0.1], [0.2, 0.7j, 1.0]])

    def f(p):
        heavy = HeavyLepton(p[3], 1e-9 * p[2] * jnp.array([1.0, 1j, 2.0]))
        point = theory(
            moments=1e-9 * p[0] * moments,
            charge_radius=1e-31 * p[1] * hermitian,
            millicharge=1e-8 * p[4] * hermitian,
            heavy=heavy,
        )
        return experiment.log_likelihood(point, dict(zip(experiment.nuisances(), p[5:], strict=True)))

    both, forward = jax.jit(jax.value_and_grad(f)), jax.jit(jax.jacfwd(f))
    value, gradient = (lambda x: both(x)[0]), (lambda x: both(x)[1])
    x = jnp.concatenate([jnp.array([0.6, 0.7, 0.9, 17.0, 0.8]), jnp.linspace(-0.2, 0.2, len(experiment.nuisances()))])
    step = 1e-4
    differences = [
        (8 * (value(x + step * e) - value(x - step * e)) - value(x + 2 * step * e) + value(x - 2 * step * e))
        / (12 * step)
        for e in np.eye(len(x))
    ]
    np.testing.assert_allclose(gradient(x), differences, rtol=2e-6, atol=2e-6)
    np.testing.assert_allclose(forward(x), gradient(x), rtol=1e-9, atol=1e-9)
    for special in (0.0 * x, x.at[3].set(100.0), x.at[3].set(0.0)):
        assert np.all(np.isfinite(gradient(special)))


@pytest.mark.parametrize("name", BOTH)
def test_counts_sums_and_draws(name):
    experiment = loaded(BOTH[name])
    z = nuisances(experiment)
    expected = np.asarray(predict(experiment, SM, z))
    lines = experiment.pulls(SM, z)
    assert lines[-1].observed[0] == float(experiment.observed.sum())
    assert lines[-1].predicted[0] == pytest.approx(expected.sum())
    drawn = experiment.simulate(jax.random.PRNGKey(1), SM, z)
    assert abs(np.sum((np.asarray(drawn.observed) - expected) ** 2 / expected) / expected.size - 1) < 0.4
    assert {s.name for s in experiment.sources} >= {f"{name}_counts", "isotopes"}
    np.testing.assert_array_equal(experiment.observed, column(f"{name}_counts", "observed"))


def test_bins():
    assert argon().labels[0] == "5 keV, F90 0.525, 0.15 us"
    assert argon().labels[-1] == "115 keV, F90 0.875, 4.65 us"
    assert salt().labels[12] == "12-16 PE, 0.125-0.25 us"
    assert argon().observed.sum() == 3752
    assert salt().observed.sum() == 1567


def test_both_share_the_flux():
    """In a fit each nuisance is one number, so both spectra move with it."""
    fixed = {"dm21": 7.5e-5, "dm3l": 2.5e-3, "theta12": 0.59, "theta13": 0.15, "theta23": 0.83, "delta_cp": 1.0}
    fixed |= {"ordering": NormalOrdering(), "nature": Dirac()}
    fit = Fit(ThreeFlavor, (argon(), salt()), {"lightest_mass": dist.Uniform(0.0, 0.2)}, fixed)
    own = {key for experiment in (argon(), salt()) for key in experiment.nuisances()}
    assert set(fit.priors) == own | {"lightest_mass"}
    values = dict.fromkeys(own, jnp.asarray(0.1)) | {"lightest_mass": jnp.asarray(0.1)}
    found = jax.jit(lambda f, v: f.log_likelihoods(v))(fit, values)
    for experiment in (argon(), salt()):
        assert float(found[experiment.name]) == pytest.approx(
            float(experiment.log_likelihood(SM, nuisances(experiment, 0.1)))
        )


# Splines


def test_splines():
    """Not-a-knot, as scipy's; several at their own places; a response of powers of v."""
    rng = np.random.default_rng(2)
    y = rng.normal(size=(9, 2, 3))
    spline, reference = UniformSpline.build(y), CubicSpline(np.arange(9), y, axis=0)
    for x in (-0.4, 0.0, 2.3, 7.0, 7.9, 8.0, 8.5):
        np.testing.assert_allclose(spline(jnp.asarray(x)), reference(x), rtol=1e-11, atol=1e-12)
    places = jnp.array([0.3, 4.9, 6.2])
    expected = np.stack([reference(x)[:, k] for k, x in enumerate(places)], -1)
    np.testing.assert_allclose(spline(places), expected, rtol=1e-11)
    top = np.array([30.0, 52.0])
    v = np.sqrt(1 - mass_nodes(top, 12) / top)
    cubic = MassSpline.build(top, v**3 + v)
    w = np.sqrt(1 - 17.0 / top)
    np.testing.assert_allclose(cubic(17.0), w**3 + w, rtol=1e-12)
    np.testing.assert_allclose(cubic(41.0), [0.0, np.sqrt(11 / 52) * (1 + 11 / 52)], rtol=1e-12)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("counts", lambda: argon().with_counts(jnp.ones(3))),
        ("counts", lambda: salt().with_counts(-salt().counts)),
        ("counts", lambda: salt().with_counts(salt().counts.at[0].set(jnp.nan))),
        ("counts", lambda: argon().with_counts(argon().counts + 1j)),
        ("values", lambda: UniformSpline.build(np.ones(3))),
        ("values", lambda: UniformSpline.build([1.0, 2.0, np.nan, 3.0])),
        ("values", lambda: MassSpline.build([1.0, 2.0], np.ones((5, 3)))),
        ("values", lambda: MassSpline.build([1.0, 2.0], np.ones(2))),
        ("top", lambda: MassSpline.build([0.0, 2.0], np.ones((5, 2)))),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must"):
        call()
