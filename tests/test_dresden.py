"""Dresden-II: responses by brute force, fits by scipy, what is left without weak charge, gradients, bad input."""

import csv
from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from helpers import loaded
from scipy.optimize import brentq, least_squares
from scipy.stats import norm

from nmmjax.experiments import DresdenII2022
from nmmjax.experiments.dresden_ii_2022 import IronFiltered, Lindhard, Photoneutrons
from nmmjax.fluxes import ReactorTables
from nmmjax.low_energy import Dirac, FermionCouplings, Interactions, LowEnergy, Neutrinos
from nmmjax.tables import DATA

FERMI, HBAR_C, ALPHA, ELECTRON, UNIT = 1.1663788e-11, 197.3269804, 7.2973525643e-3, 0.51099895, 931.49410372
FISSIONS = {"U235": 0.58, "U238": 0.08, "Pu239": 0.29, "Pu241": 0.05}
ATOMS_SECONDS = 2924 / 72.63 * 6.02214076e23 * 86400
ONLY = jnp.zeros((3, 3)).at[0, 0].set(1.0)


def dresden(quenching=None):
    return loaded(DresdenII2022, *(() if quenching is None else (quenching,)))


def rows(name):
    with (DATA / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


def theory(moment=0.0, interactions=None, **properties):
    """Dirac neutrinos without masses."""
    neutrinos = Neutrinos(jnp.zeros((3, 3)), moment * jnp.eye(3), Dirac(), **properties)
    return LowEnergy(neutrinos, interactions=interactions)


def center(experiment, **others):
    given = {name: jnp.asarray(prior.mean) for name, prior in experiment.nuisances().items()}
    return given | {f"{experiment.name}_{name}": jnp.asarray(value) for name, value in others.items()}


# Brute force: sums over a fine lattice of energies and of recoils


@cache
def flux():
    """Energies [MeV] and antineutrinos [1 / cm^2 s], by a trapezoid."""
    points = {}
    for row in rows("reactor_spectra_tables"):
        points.setdefault(row["isotope"], []).append((float(row["energy"]), float(row["density"])))
    tables = {name: np.array(pairs).T for name, pairs in points.items()}
    E = np.union1d(np.geomspace(0.0079, 1.3, 700), np.linspace(1.3, 8.0, 1400))
    spectrum = sum(share * np.interp(E, *tables[name]) for name, share in FISSIONS.items())
    x, y = tables["U238capture"]
    spectrum += 1.2 * np.interp(E, x, y, left=0.0, right=0.0) / np.trapezoid(y, x)
    weight = spectrum * np.gradient(E)
    return E, 4.8e13 * weight / weight.sum()


def quenched(T, name):
    table = rows("germanium_quenching")
    return T * np.interp(T, *([float(r[key]) for r in table] for key in ("recoil", name)))


def counted(low, ionization, wider=1.0):
    sigma = wider * np.sqrt(0.0685**2 + 0.11 * 2.96e-3 * ionization)
    share = norm.cdf((low + 0.01 - ionization) / sigma) - norm.cdf((low - ionization) / sigma)
    return share / norm.cdf(ionization / sigma)


def on_nuclei(low, section, name="iron_filtered", factor=1.0, wider=1.0):
    """Events of a bin that starts at `low`; `section` [cm^2 / MeV]."""
    T = np.geomspace(0.004, 2.0, 4000)
    central = quenched(T, name)
    seen = counted(low, factor * central, wider) * (central > 0.003) * np.gradient(T) / 1e3
    E, number = flux()
    total, isotopes = 0.0, [r for r in rows("isotopes") if r["element"] == "Ge"]
    for r in isotopes:
        M, t = float(r["mass"]) * UNIT - 32 * ELECTRON, T[:, None] / 1e3
        reached = t <= 2 * E**2 / (M + 2 * E)
        folded = np.where(reached, section(E, t, float(r["mass_number"]), M), 0.0) @ number
        total += float(r["abundance"]) * np.sum(seen * folded)
    return ATOMS_SECONDS * total / sum(float(r["abundance"]) for r in isotopes)


def helm(T, M, A):
    rms2 = 0.6 * ((1.23 * np.cbrt(A) - 0.6) ** 2 + 7 / 3 * (np.pi * 0.52) ** 2)
    q = np.sqrt(2 * M * T) / HBAR_C
    x = q * np.sqrt(5 / 3 * (rms2 - 3 * 0.9**2))
    return 3 * (np.sin(x) - x * np.cos(x)) / x**3 * np.exp(-0.5 * (0.9 * q) ** 2)


def weak(E, T, A, M):
    charge = (32 * 0.0382 - 0.5117 * (A - 32)) * helm(T, M, A)
    return (FERMI * HBAR_C * 1e-13 * charge) ** 2 * M / np.pi * (1 - T / E - M * T / (2 * E**2))


def charged(E, T, A, M):
    """For a charge of 1e-9 e, without interference: Rutherford's, with the recoil."""
    rutherford = 2 * np.pi * (1e-9 * ALPHA * HBAR_C * 1e-13 * 32 * helm(T, M, A)) ** 2 / (M * T**2)
    return rutherford * (1 - T / E - M * T / (2 * E**2))


def magnetic(E, T, A, M):
    """For 1e-10 mu_B."""
    scale = np.pi * (1e-10 * ALPHA * HBAR_C * 1e-13 / ELECTRON * 32 * helm(T, M, A)) ** 2
    return scale * (1 / T - 1 / E + T / (4 * E**2))


def on_electrons(low, section):
    """Events of a bin; `section` [cm^2 / MeV] per electron."""
    T = np.geomspace(0.0298, 2.2, 3000)
    shells = [(float(r["electrons"]), float(r["binding"])) for r in rows("electron_shells") if r["element"] == "Ge"]
    free = sum(n * (binding <= T) for n, binding in shells)
    E, number = flux()
    t = T[:, None] / 1e3
    folded = np.where(t <= 2 * E**2 / (ELECTRON + 2 * E), section(E, t), 0.0) @ number
    return ATOMS_SECONDS * np.sum(counted(low, T) * free * np.gradient(T) / 1e3 * folded)


@pytest.mark.parametrize("bin", [0, 7, 30])
def test_nuclei_by_brute_force(bin):
    """Weak, by charge and by moment; also where resolution or quenching are a standard deviation off."""
    experiment, low = dresden(IronFiltered()), 0.2 + 0.01 * bin
    nuclei = experiment.recoils.nuclei
    products = [0.0382**2, 2 * 0.0382 * -0.5117, 0.5117**2]
    got = np.einsum("vkb,k->vb", nuclei.weak[:, :3, :, 0], products)[:, bin]
    variants = ((1.0, 1.0), (1.0, 0.95), (1.0, 1.05), (0.95, 1.0), (1.05, 1.0))
    expected = [on_nuclei(low, weak, factor=q, wider=r) for q, r in variants]
    np.testing.assert_allclose(got, expected, rtol=3e-3, atol=1e-6)
    assert float(nuclei.magnetic[0, bin, 0]) == pytest.approx(on_nuclei(low, magnetic), rel=3e-3)
    assert 1e-18 * float(nuclei.weak[0, 5, bin, 0]) == pytest.approx(on_nuclei(low, charged), rel=3e-3)


def test_photoneutrons_by_brute_force():
    signal = dresden().signal(theory(), center(dresden()))
    electrons = dresden().recoils.electrons.events(theory())[0]
    expected = on_nuclei(0.25, weak, name="photoneutrons")
    assert float(signal[5] - electrons[5]) == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize("bin", [0, 40, 110])
def test_electrons_by_brute_force(bin):
    low, electrons = 0.2 + 0.01 * bin, dresden().recoils.electrons
    scale = np.pi * (1e-11 * ALPHA * HBAR_C * 1e-13 / ELECTRON) ** 2
    expected = on_electrons(low, lambda E, T: scale * (1 / T - 1 / E))
    assert float(electrons.magnetic[0, bin]) == pytest.approx(expected, rel=1e-2)
    unit = 2 * (FERMI * HBAR_C * 1e-13) ** 2 * ELECTRON / np.pi
    flat = on_electrons(low, lambda E, T: unit / (1e3 * T) ** 2 + 0 * E)
    assert float(electrons.weak[0, 0, 2, bin]) == pytest.approx(flat, rel=1e-2)


def test_lindhard():
    """Its closed form at 1 keV and k = 0.157, and linear in small k."""
    e = 11.5 * 32 ** (-7 / 3)
    g = 3 * e**0.15 + 0.7 * e**0.6 + e
    assert float(Lindhard(0.157).factor(np.array(1.0))) == pytest.approx(0.157 * g / (1 + 0.157 * g))
    assert float(Lindhard(1e-6).factor(np.array(1.0))) == pytest.approx(1e-6 * g, rel=1e-5)
    assert Lindhard(0.157).short_name == "lindhard_0.157"


def test_reactor_tables():
    """Sums of polygons; two antineutrinos for each capture."""
    spectra, none = ReactorTables.load(), dict.fromkeys(FISSIONS, 0.0)
    energy, weight = spectra.quadrature(none, captures=0.6)
    assert float(weight.sum()) == pytest.approx(1.2)
    table = [
        (float(r["energy"]), float(r["density"])) for r in rows("reactor_spectra_tables") if r["isotope"] == "U235"
    ]
    x, y = np.array(table).T
    energy, weight = spectra.quadrature(none | {"U235": 1.0})
    assert float(weight.sum()) == pytest.approx(np.trapezoid(y, x))
    fine = np.linspace(x[0], x[-1], 400_001)
    assert float(weight @ energy**4) == pytest.approx(np.trapezoid(np.interp(fine, x, y) * fine**4, fine), rel=1e-6)
    with pytest.raises(ValueError, match="Argument `fission_fractions` must have the keys"):
        spectra.quadrature({"U235": 1.0})
    with pytest.raises(ValueError, match="Argument `captures` must"):
        spectra.quadrature(none, captures=-0.6)
    with pytest.raises(ValueError, match="Argument `points` must hold U238capture"):
        ReactorTables({}, spectra.table)


# Likelihood


@cache
def fitter(quenching):
    experiment = dresden(quenching)
    priors = experiment.nuisances()
    ends = [(float(p.low), float(p.high)) if isinstance(p, dist.Uniform) else (-8.0, 8.0) for p in priors.values()]
    normal = jnp.array([isinstance(p, dist.Normal) for p in priors.values()])

    def residuals(z, moment, scale):
        given = dict(zip(priors, z, strict=True))
        predicted = experiment.background(given) + scale * experiment.signal(theory(moment), given)
        return jnp.concatenate([(predicted - experiment.values) / experiment.deviations, normal * z])

    value, slope = jax.jit(residuals), jax.jit(jax.jacfwd(residuals))
    start = np.mean(ends, axis=1)

    def chi2(moment=0.0, scale=1.0):
        found = least_squares(
            lambda z: np.asarray(value(z, moment, scale)),
            start,
            lambda z: np.asarray(slope(z, moment, scale)),
            bounds=np.transpose(ends),
        )
        return 2 * found.cost

    return chi2


@pytest.mark.parametrize(
    ("quenching", "preference", "limit"),
    [(IronFiltered(), 7.5, 2.80e-10), (Photoneutrons(), 5.1, 3.99e-10), (Lindhard(), 2.7, None)],
)
def test_preference_and_limit(quenching, preference, limit):
    """chi^2 of no scattering less that of the Standard Model, and Delta chi^2 = 2.71 of a moment; 130 bins."""
    chi2 = fitter(quenching)
    assert chi2(scale=0.0) == pytest.approx(111.3, abs=0.1)
    assert chi2(scale=0.0) - chi2() == pytest.approx(preference, abs=0.06)
    if limit is not None:
        least = min(chi2(moment) for moment in np.linspace(0.0, 2.5e-10, 6))
        found = brentq(lambda moment: chi2(moment) - least - 2.706, 2.5e-10, 6e-10, xtol=1e-12)
        assert found == pytest.approx(limit, rel=0.01)


def test_without_weak_charge_or_moment():
    """Quarks that undo the weak couplings to nucleons leave electrons alone; neither is negative anywhere."""
    up = -(2 * 0.0382 + 0.5117) / 3  # 2 u + d = -g_p, u + 2 d = -g_n
    down = -0.0382 - 2 * up
    undone = Interactions(up=FermionCouplings(vector=up * ONLY), down=FermionCouplings(vector=down * ONLY))
    recoils = dresden().recoils
    np.testing.assert_allclose(
        recoils.events(theory(interactions=undone)), recoils.electrons.events(theory()), atol=1e-12
    )
    np.testing.assert_array_equal(recoils.events(theory(0.0)), recoils.events(theory()))
    assert np.all(np.asarray(recoils.events(theory())) > 0.0)
    doubled = np.asarray(recoils.events(theory(2e-10)) - recoils.events(theory()))
    np.testing.assert_allclose(doubled, 4 * (recoils.events(theory(1e-10)) - recoils.events(theory())), rtol=1e-6)


def test_signs_of_radius_and_charge():
    """A positive radius lowers g_p and so strengthens nuclei, whose weak charge is that of neutrons; on electrons it
    raises g_V. A positive charge of nu_e acts on nuclei as a negative radius does."""
    recoils, state = dresden().recoils, ONLY[None] + 0j

    def nuclei(**properties):
        return np.asarray(recoils.nuclei.events(theory(**properties), state, antineutrino=True))[0, :20, 0]

    plain = nuclei()
    assert np.all(nuclei(charge_radius=1e-32 * ONLY) > plain)
    assert np.all(nuclei(millicharge=1e-12 * ONLY) < plain)
    more = np.asarray(recoils.electrons.events(theory(charge_radius=1e-32 * ONLY)))[0]
    assert np.all(more > np.asarray(recoils.electrons.events(theory()))[0])


def test_gradients():
    """Of what a theory holds and of all nuisances, by differences; finite at zero."""
    experiment = dresden()
    names = tuple(experiment.nuisances())
    hermitian = jnp.array([[0.4, 0.3 + 0.2j, 0.1], [0.3 - 0.2j, -0.5, 0.2j], [0.1, -0.2j, 0.7]])

    def f(p):
        quark = FermionCouplings(vector=0.1 * p[3] * hermitian, scalar=1e-3 * p[4] * hermitian)
        point = theory(
            1e-10 * p[0],
            Interactions(up=quark, electron=FermionCouplings(axial=p[3] * hermitian, tensor=p[4] * hermitian)),
            charge_radius=1e-31 * p[1] * hermitian,
            millicharge=1e-12 * p[2] * hermitian,
        )
        return experiment.log_likelihood(point, dict(zip(names, p[5:], strict=True)))

    value, gradient = jax.jit(f), jax.jit(jax.grad(f))
    start = jnp.stack(list(center(experiment).values()))
    x = jnp.concatenate([jnp.array([0.6, 0.7, 0.9, 0.5, 0.8]), start + jnp.linspace(-0.1, 0.1, len(names))])
    step = 1e-5
    differences = [(value(x + step * e) - value(x - step * e)) / (2 * step) for e in np.eye(len(x))]
    np.testing.assert_allclose(gradient(x), differences, rtol=1e-5, atol=1e-5)
    assert np.all(np.isfinite(gradient(x.at[:5].set(0.0))))


def test_background():
    """M has 0.16 of the area of L1; the constant and the exponential are those of the nuisances."""
    experiment = dresden()
    bare = center(experiment, constant=0.0, exponential=0.0, l1_width=1.2)
    fine = eqx.tree_at(lambda e: e.energy, experiment, jnp.linspace(-0.5, 3.0, 35_001))
    lines, energy = np.asarray(fine.background(bare)), np.asarray(fine.energy)
    split = energy < 0.6
    ratio = lines[split].sum() / lines[~split].sum()
    assert ratio == pytest.approx(0.16 / 1.008, rel=1e-3)
    smooth = experiment.background(center(experiment, l1_height=0.0, constant=1.5, exponential=0.5, slope=2.0))
    expected = 14 * 1.5 + 65 * 0.5 * np.exp(-8.0 * (np.asarray(experiment.energy) - 0.2))
    np.testing.assert_allclose(smooth, expected, rtol=1e-12)


def test_data_and_draws():
    experiment = dresden()
    assert experiment.labels[0] == "0.20-0.21 keV"
    assert float(experiment.observed.sum()) == pytest.approx(sum(float(r["on"]) for r in rows(f"{NAME}_spectrum")))
    given = center(experiment)
    expected = np.asarray(experiment.predict(theory(), given))
    drawn = experiment.simulate(jax.random.PRNGKey(1), theory(), given)
    assert -2 * float(drawn.log_likelihood(theory(), given)) == pytest.approx(130, abs=60)
    assert float(experiment.asimov(theory(), given).log_likelihood(theory(), given)) == 0.0
    more = experiment.exposed(4.0)
    assert float(more.log_likelihood(theory(), given)) == pytest.approx(
        4 * float(experiment.log_likelihood(theory(), given))
    )
    lines = experiment.pulls(theory(), given)
    assert sum(line.predicted[0] for line in lines) == pytest.approx(expected.sum())


NAME = "dresden_ii_2022"


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("quenching", lambda: DresdenII2022.load("fef")),
        ("k", lambda: Lindhard(0.0)),
        ("k", lambda: Lindhard(float("nan"))),
        ("k", lambda: Lindhard("low")),
        ("values", lambda: dresden().with_values(jnp.ones(3))),
        ("values", lambda: dresden().with_values(dresden().values.at[0].set(jnp.nan))),
        ("exposure", lambda: dresden().exposed(0.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises((ValueError, TypeError), match=f"Argument `{argument}` must"):
        call()
