"""Numbers of scatterings on germanium: CONUS+ and COHERENT against sums over energies and recoils."""

import csv

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.stats import norm

from nmmjax.experiments import CoherentCsI2021, CoherentGe2025, ConusPlus2025
from nmmjax.experiments.conus_plus_2025 import Photoneutrons
from nmmjax.low_energy import Dirac, FermionCouplings, HeavyLepton, Interactions, LowEnergy, Neutrinos
from nmmjax.tables import DATA

FERMI, HBAR_C, ALPHA, ELECTRON, UNIT = 1.1663788e-11, 197.3269804, 7.2973525643e-3, 0.51099895, 931.49410372
PION, MUON = 139.57039, 105.6583755
G_N = -0.5117
NOTHING = {"sns_flux": jnp.asarray(0.0), "coherent_ge_2025_quenching": jnp.asarray(0.0)}


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def theory(moments=None, **others):
    moments = jnp.zeros((3, 3)) if moments is None else moments
    given = {name: others.pop(name) for name in ("interactions", "heavy_lepton") if name in others}
    return LowEnergy(Neutrinos(jnp.zeros((3, 3)), moments, Dirac(), **others), **given)


def lindhard(T, k):
    e = 11.5 * 32 ** (-7 / 3) * T
    g = 3 * e**0.15 + 0.7 * e**0.6 + e
    return T * k * g / (1 + k * g)


def helm(T, M, A):
    rms2 = 0.6 * ((1.23 * np.cbrt(A) - 0.6) ** 2 + 7 / 3 * (np.pi * 0.52) ** 2)
    q = np.sqrt(2 * M * T) / HBAR_C
    x = q * np.sqrt(5 / 3 * (rms2 - 3 * 0.9**2))
    return 3 * (np.sin(x) - x * np.cos(x)) / x**3 * np.exp(-0.5 * (0.9 * q) ** 2)


def summed(E, number, T, seen, g_p):
    """Weak events per nucleus, and those of 1e-10 mu_B."""
    weak, magnetic, share = 0.0, 0.0, 0.0
    width = np.gradient(T) / 1e3
    for r in rows("isotopes"):
        if r["element"] != "Ge":
            continue
        A, M, t = float(r["mass_number"]), float(r["mass"]) * UNIT - 32 * ELECTRON, T[:, None] / 1e3
        reached = (t <= 2 * E**2 / (M + 2 * E)) * helm(t, M, A) ** 2
        unit = (FERMI * HBAR_C * 1e-13 * (32 * g_p + G_N * (A - 32))) ** 2 * M / np.pi
        sections = reached * unit * (1 - t / E - M * t / (2 * E**2))
        scale = np.pi * (1e-10 * ALPHA * HBAR_C * 1e-13 / ELECTRON * 32) ** 2
        flips = reached * scale * (1 / t - 1 / E + t / (4 * E**2))
        of_isotope = float(r["abundance"])
        share += of_isotope
        weak += of_isotope * np.sum(width * seen * (sections @ number))
        magnetic += of_isotope * np.sum(width * seen * (flips @ number))
    return weak / share, magnetic / share


@pytest.mark.parametrize("quenching", [None, Photoneutrons()])
def test_conus_plus_by_brute_force(quenching):
    """What a moment adds to the rate; the Standard Model has one."""
    experiment = loaded(ConusPlus2025, *(() if quenching is None else (quenching,)))
    E, T = np.linspace(0.01, 8.0, 1500), np.geomspace(0.004, 2.0, 1200)
    spectrum = 0.0
    for isotope, fraction in {"U235": 0.55, "U238": 0.07, "Pu239": 0.32, "Pu241": 0.06}.items():
        table = [
            (float(r["energy"]), float(r["density"])) for r in rows("reactor_spectra_tables") if r["isotope"] == isotope
        ]
        spectrum = spectrum + fraction * np.interp(E, *np.array(table).T)
    if quenching is None:
        ionization = lindhard(T, 0.162)
    else:
        table = rows("germanium_quenching")
        ionization = T * np.interp(T, *([float(r[key]) for r in table] for key in ("recoil", "photoneutrons")))
    below = [norm.cdf((edge - ionization) / 0.0204) for edge in (0.16, 0.17, 0.18, 0.8)]
    weak, magnetic = summed(E, spectrum * np.gradient(E), T, below[3] - np.mean(below[:3], 0), 0.0382)
    rate = jax.jit(lambda point: experiment.predict(point, {})[0])
    assert float(rate(theory())) == pytest.approx(1.0, rel=1e-9)
    assert float(rate(theory(2e-10 * jnp.eye(3)))) - 1.0 == pytest.approx(4 * magnetic / weak, rel=5e-3)


def test_conus_plus_measures():
    """395 +- 106 over 347 +- 59; a weak charge that is undone scatters nothing, one that is doubled four times."""
    experiment = loaded(ConusPlus2025)
    assert float(experiment.observed[0]) == pytest.approx(395 / 347)
    assert float(experiment.terms[0].plus[0]) == pytest.approx(395 / 347 * np.hypot(106 / 395, 59 / 347))
    up = -(2 * 0.0382 - G_N) / 3
    down = -0.0382 - 2 * up
    for factor, rate in ((1.0, 0.0), (-1.0, 4.0)):
        quarks = (FermionCouplings(vector=factor * x * jnp.eye(3)) for x in (up, down))
        point = theory(interactions=Interactions(None, *quarks))
        assert float(experiment.predict(point, {})[0]) == pytest.approx(rate, abs=1e-9)


def test_coherent_by_brute_force():
    """32 events: nu_mu of the line, nu_e and antinu_mu of muons, with their own weak charges; moments by flavor."""
    protons = 10.22 * 3.6e12 / (1000 * 1.602176634e-13)
    factor = 1e3 / 72.63 * 6.02214076e23 * 0.0848 * protons / (4 * np.pi * 1920**2)
    T = np.geomspace(4.0, 85.0, 800)
    ionization = lindhard(T, 0.157)
    seen = norm.cdf((8.5 - ionization) / 0.05) - norm.cdf((1.5 - ionization) / 0.05)
    E = np.linspace(5.0, MUON / 2, 800)
    y, step = 2 * E / MUON, np.gradient(E) * 2 / MUON
    line = np.array([(PION**2 - MUON**2) / (2 * PION)])
    kinds = [
        (line, np.ones(1), 0.03),
        (E, 12 * y**2 * (1 - y) * step, 0.0382),
        (E, 2 * y**2 * (3 - 2 * y) * step, 0.03),
    ]
    found = np.array([summed(energy, number, T, seen, g_p) for energy, number, g_p in kinds])
    experiment = loaded(CoherentGe2025)
    predict = jax.jit(lambda point, nuisance: experiment.predict(point, nuisance)[0])
    plain = float(predict(theory(), NOTHING))
    assert plain == pytest.approx(factor * found[:, 0].sum(), rel=3e-3)
    assert plain == pytest.approx(32.4, abs=0.1)
    for flavor, kinds_of in ((1, [0, 2]), (0, [1])):
        moments = jnp.zeros((3, 3)).at[flavor, flavor].set(1e-9)
        added = float(predict(theory(moments), NOTHING)) - plain
        assert added == pytest.approx(100 * factor * found[kinds_of, 1].sum(), rel=3e-3)
    seen_less = float(predict(theory(), NOTHING | {"coherent_ge_2025_quenching": jnp.asarray(-1.0)}))
    ionization = 0.95 * ionization
    seen = norm.cdf((8.5 - ionization) / 0.05) - norm.cdf((1.5 - ionization) / 0.05)
    less = sum(summed(energy, number, T, seen, g_p)[0] for energy, number, g_p in kinds)
    assert seen_less == pytest.approx(factor * less, rel=3e-3)


def test_coherent_shares_the_flux_and_sees_a_heavy_lepton():
    experiment = loaded(CoherentGe2025)
    assert set(experiment.nuisances()) & set(loaded(CoherentCsI2021).nuisances()) == {"sns_flux"}
    more = NOTHING | {"sns_flux": jnp.asarray(1.0)}
    ratio = float(experiment.predict(theory(), more)[0] / experiment.predict(theory(), NOTHING)[0])
    assert ratio == pytest.approx(np.exp(0.1))
    moments = 1e-9 * jnp.array([1.0, 2.0, 3.0])
    light = float(experiment.predict(theory(heavy_lepton=HeavyLepton(1e-3, moments)), NOTHING)[0])
    same = float(experiment.predict(theory(jnp.diag(moments)), NOTHING)[0])
    assert light == pytest.approx(same, rel=1e-5)


@pytest.mark.parametrize("kind", [CoherentGe2025, ConusPlus2025])
def test_gradients(kind):
    experiment = loaded(kind)
    hermitian = jnp.array([[0.4, 0.3 + 0.2j, 0.1], [0.3 - 0.2j, -0.5, 0.2j], [0.1, -0.2j, 0.7]])

    def f(p):
        quark = FermionCouplings(vector=0.1 * p[3] * hermitian, tensor=p[4] * hermitian)
        properties = {"charge_radius": 1e-31 * p[1] * hermitian, "millicharge": 1e-9 * p[2] * hermitian}
        point = theory(3e-10 * p[0] * jnp.eye(3), interactions=Interactions(up=quark), **properties)
        return experiment.log_likelihood(point, dict(zip(experiment.nuisances(), p[5:], strict=True)))

    value, gradient = jax.jit(f), jax.jit(jax.grad(f))
    x = jnp.concatenate([jnp.array([0.6, 0.7, 0.9, 0.5, 0.8]), jnp.full(len(experiment.nuisances()), 0.2)])
    step = 1e-5
    differences = [(value(x + step * e) - value(x - step * e)) / (2 * step) for e in np.eye(len(x))]
    np.testing.assert_allclose(gradient(x), differences, rtol=1e-5, atol=1e-7)
    assert np.all(np.isfinite(gradient(0.0 * x)))


def test_bad_input():
    with pytest.raises((ValueError, TypeError), match="Argument `quenching` must"):
        ConusPlus2025.load(0.162)
