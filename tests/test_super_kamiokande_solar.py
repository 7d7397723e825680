"""Super-Kamiokande and the Sun: ratios and asymmetry by brute force, published curves, likelihoods, bad input."""

import csv
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import loaded
from scipy.stats import norm

from nmmjax import mixing
from nmmjax._combination import check_overlaps
from nmmjax.experiments import SuperKamiokandeDayNight2024, SuperKamiokandeSolar2024
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.tables import DATA

FERMI2, ELECTRON, ALPHA = 2 * (1.1663788e-11) ** 2 * 0.51099895 / np.pi, 0.51099895, 7.2973525643e-3
HBAR_C2 = (197.3269804e-13) ** 2
POTENTIAL = 2 * np.sqrt(2) * 1.1663788e-11 * 6.02214076e23 * (197.3269804e-13) ** 3 * 1e12
"""2 E V = this x E [MeV] x n_e [mol/cm^3], in eV^2."""
PHASE = 0.5e-12 / 197.3269804e-18
"""dm^2 L / 2 E = this x dm^2 [eV^2] x L [km] / E [MeV]."""
LEFT = 0.5 * (np.array([0.9521, -0.0397, -0.0353]) + np.array([0.4938, -0.5062, -0.5062]))
RIGHT = 0.5 * (np.array([0.9521, -0.0397, -0.0353]) - np.array([0.4938, -0.5062, -0.5062]))
SIN2_13 = 0.0218
POINTS = [(0.307, 7.5e-5), (0.26, 4.5e-5)]
T = np.arange(0.4, 19.4, 0.02)


@cache
def rows(name, **chosen):
    with (DATA / f"{name}.csv").open() as lines:
        kept = [row for row in csv.DictReader(lines) if all(row[key] == value for key, value in chosen.items())]
    return {key: np.array([number(row[key]) for row in kept]) for key in kept[0]}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


@cache
def theory(sin2_theta12, dm21, moment=0.0):
    angles = (np.arcsin(np.sqrt(x)) for x in (sin2_theta12, SIN2_13 if sin2_theta12 > 1e-6 else 0.0, 0.5))
    M = mixing.dirac_mass_matrix(mixing.pmns(*angles, 0.0), np.sqrt(np.array([0.0, dm21, 2.5e-3])))
    return LowEnergy(Neutrinos(M, moment * jnp.eye(3), Dirac()))


def spectra():
    return loaded(SuperKamiokandeSolar2024)


def amplitude():
    return loaded(SuperKamiokandeDayNight2024)


def center(experiment, **others):
    given = {name: jnp.zeros(()) for name in experiment.nuisances()}
    return given | {name: jnp.asarray(value) for name, value in others.items()}


@jax.jit
def predicted(experiment, of, nuisance):
    return experiment.predict(of, nuisance)


@jax.jit
def asymmetry(experiment, of):
    return experiment.asymmetry(of)


# Brute force: places of birth in the Sun, two flavors through the Earth along the way of the Sun below the horizon


@cache
def energies(source):
    table = rows("solar_spectra", source=source)
    E = np.linspace(2.0, {"b8": 15.9, "hep": 18.7}[source], 90)
    weight = np.interp(E, table["energy"], table["density"])
    return E, weight / np.trapezoid(table["density"], table["energy"]) * (E[1] - E[0])


def from_sun(E, source, sin2, dm21):
    """The shares (n, 3) of the mass states that leave the Sun, by numpy's eigenvectors at each place of birth."""
    table = rows("solar_b16_gs98")
    r, density = table["radius"][::2], 10.0 ** table["log10_electron_density"][::2]
    weight = table[source][::2] * np.gradient(r)
    M = np.array(theory(sin2, dm21).neutrinos.mass_squared)[None, None] + 0j
    inside = np.broadcast_to(M, (len(E), len(r), 3, 3)).copy()
    inside[..., 0, 0] += POTENTIAL * E[:, None] * density
    return np.einsum("r,erk->ek", weight / weight.sum(), np.abs(np.linalg.eigh(inside)[1][:, :, 0]) ** 2)


@cache
def nights():
    """Cosines of the zenith angle below the horizon, as time passes at 36.43 degrees north."""
    longitude, turn = (a.ravel() for a in np.meshgrid(*[(np.arange(n) + 0.5) / n * 2 * np.pi for n in (60, 80)]))
    latitude, declination = np.radians(36.43), np.arcsin(np.sin(np.radians(23.44)) * np.sin(longitude))
    cosine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(turn)
    return np.sort(cosine[cosine < 0.0])[8::16]


def electrons(radius):
    """Of PREM, rock in the place of the ocean [mol/cm^3]."""
    prem = rows("prem")
    shell = np.minimum(np.searchsorted(prem["outer_radius"], radius), 8)
    x = radius / 6371.0
    return prem["electron_fraction"][shell] * sum(prem[f"a{k}"][shell] * x**k for k in range(4))


def through_earth(E, cosine, sin2, dm21):
    """P(nu_1 -> nu_e) behind the Earth, piece by piece (n,)."""
    place = 6370.0
    length = -place * cosine + np.sqrt(6371.0**2 - place**2 * (1.0 - cosine**2))
    pieces = int(np.ceil(length / 60.0))
    step = length / pieces
    distance = length - (np.arange(pieces) + 0.5) * step
    density = electrons(np.sqrt(place**2 + distance**2 + 2.0 * place * distance * cosine))
    s, c = np.sqrt(sin2), np.sqrt(1.0 - sin2)
    e, x = np.full(len(E), c, complex), np.full(len(E), -s, complex)
    for n in density:
        a = 0.5 * (dm21 * (1.0 - 2.0 * sin2) - (1.0 - SIN2_13) * POTENTIAL * E * n)
        b = np.full(len(E), dm21 * s * c)
        root = np.hypot(a, b)
        phase = PHASE * root * step / E
        cos, sin = np.cos(phase), -1j * np.sin(phase) / root
        e, x = (cos - sin * a) * e + sin * b * x, sin * b * e + (cos + sin * a) * x
    return np.abs(e) ** 2


@cache
def survival(source, sin2, dm21):
    """P_ee by day and by night at the energies of a source."""
    E, _ = energies(source)
    born = from_sun(E, source, sin2, dm21)
    night = np.mean([through_earth(E, cosine, sin2, dm21) for cosine in nights()], 0)
    of_first = ((1.0 - sin2) * np.ones_like(E), night)
    return [
        (1.0 - SIN2_13) * np.sum(born[:, :2] * np.stack([p, 1.0 - p], -1), -1) + SIN2_13 * born[:, 2] for p in of_first
    ]


def on_electrons(E, flavor, moment=0.0):
    """d sigma / dT [cm^2 / MeV]."""
    E = E[:, None]
    left, right = LEFT[flavor], RIGHT[flavor]
    weak = left**2 + right**2 * (1 - T / E) ** 2 - left * right * ELECTRON * T / E**2
    magnetic = np.pi * ALPHA**2 / ELECTRON**2 * moment**2 * (1 / T - 1 / E)
    return np.where(T < 2 * E**2 / (2 * E + ELECTRON), (FERMI2 * weak + magnetic) * HBAR_C2, 0.0)


def ratio(phase, sin2, dm21, moment=0.0, scale=0.0, width=0.0):
    """Rates over those without oscillation (2, bins)."""
    table = rows("super_kamiokande_solar_2024_rates", phase=str(phase))
    known = {key: x[0] for key, x in rows("super_kamiokande_solar_2024_response", phase=str(phase)).items()}
    edges = np.append(table["energy_low"], table["energy_high"][-1]) + known["binned_above"]
    energy = T + ELECTRON
    sigma = known["constant"] + known["root"] * np.sqrt(energy) + known["linear"] * energy
    sigma, mean = sigma * (1 + width * known["resolution_error"]), energy * (1 + scale * known["scale_error"])
    counted = np.diff(norm.cdf((edges[:, None] - mean) / sigma), axis=0)
    plain = np.diff(norm.cdf((edges[:, None] - energy) / (sigma / (1 + width * known["resolution_error"]))), axis=0)
    expected = {"b8": table["expected_b8"] * 5.25 / known["flux_b8"], "hep": table["expected_hep"]}
    fluxes = {"b8": 5.46 / 5.25, "hep": 7.98e-3 / known["flux_hep"]}
    total = np.zeros((2, len(table["day"])))
    for source, rate in expected.items():
        E, weight = energies(source)
        e, x = on_electrons(E, 0, moment), 0.5 * (on_electrons(E, 1, moment) + on_electrons(E, 2, moment))
        for time, P in enumerate(survival(source, sin2, dm21)):
            seen = counted @ (weight @ (P[:, None] * e + (1 - P[:, None]) * x))
            total[time] += rate * fluxes[source] * seen / (plain @ (weight @ on_electrons(E, 0)))
    return total / sum(expected.values())


def of_phase(values, phase):
    """Data of one phase as (2, bins)."""
    starts, sizes = (0, 42, 74, 116), (21, 16, 21, 23)
    return np.asarray(values)[starts[phase - 1] :][: 2 * sizes[phase - 1]].reshape(2, -1)


@pytest.mark.parametrize("point", POINTS)
def test_ratios_by_brute_force(point):
    """By day to 0.2 %, and the difference of the night to 3 % of its largest, 5 % where the splitting is small."""
    here = predicted(spectra(), theory(*point), center(spectra()))
    for phase in (1, 2, 3, 4):
        day, night = ratio(phase, *point)
        own = of_phase(here, phase)
        np.testing.assert_allclose(own[0], day, rtol=2e-3, err_msg=f"phase {phase}")
        np.testing.assert_allclose(
            own[1] - own[0], night - day, atol=(0.03 if point[1] > 6e-5 else 0.05) * np.max(night - day)
        )


@pytest.mark.parametrize(("of", "shift"), [("scale", {"scale": 1.0}), ("resolution", {"width": -1.0})])
def test_energy_scale_and_resolution_by_brute_force(of, shift):
    point, value = POINTS[0], next(iter(shift.values()))
    names = {f"super_kamiokande_solar_2024_{of}_{phase}": value for phase in (1, 2, 3, 4)}
    here, moved = (predicted(spectra(), theory(*point), center(spectra(), **given)) for given in ({}, names))
    for phase in (2, 4):
        change = of_phase(moved, phase)[0] / of_phase(here, phase)[0]
        wanted = ratio(phase, *point, **shift)[0] / ratio(phase, *point)[0]
        np.testing.assert_allclose(change - 1.0, wanted - 1.0, atol=3e-3, rtol=0.03)


def test_a_moment_by_brute_force():
    """1e-10 mu_B for all neutrinos: some percent in the lowest bin, little in the highest."""
    point = POINTS[0]
    here, moved = (predicted(spectra(), theory(*point, moment), center(spectra())) for moment in (0.0, 1e-10))
    wanted = ratio(4, *point, 1e-10) - ratio(4, *point)
    got = of_phase(moved, 4) - of_phase(here, 4)
    assert 0.01 < got[0, 0] < 0.1
    np.testing.assert_allclose(got, wanted, rtol=0.02, atol=1e-5)


def test_without_oscillation_there_are_the_fluxes_of_the_solar_model():
    table = rows("super_kamiokande_solar_2024_rates", phase="4")
    b8, hep = table["expected_b8"], table["expected_hep"]
    wanted = (5.46 / 5.25 * b8 + 7.98 / 7.88 * hep) / (b8 + hep)
    here = of_phase(predicted(spectra(), theory(1e-9, 7.5e-5), center(spectra())), 4)
    np.testing.assert_allclose(here, [wanted, wanted], rtol=1e-5)


def test_rates_and_spectrum_of_boron_move_as_published():
    experiment, point = spectra(), theory(*POINTS[0])
    shape = np.concatenate(
        [np.tile(rows("super_kamiokande_solar_2024_rates", phase=str(phase))["shape"], 2) for phase in (1, 2, 3, 4)]
    )
    names = {f"{experiment.name}_normalization_4": 1.0, f"{experiment.name}_spectrum": -2.0}
    here, moved = (predicted(experiment, point, center(experiment, **given)) for given in ({}, names))
    factor = np.where(np.arange(162) < 116, 1.0, 1.011) * (1.0 - 0.02 * shape)
    np.testing.assert_allclose(moved / here, factor, rtol=1e-12)


def test_likelihood_bin_by_bin():
    """Day and night of a bin share its systematic error; bins are independent, and so are phases."""
    experiment, point = spectra(), theory(*POINTS[0])
    here = predicted(experiment, point, center(experiment))
    chi2 = 0.0
    for phase in (1, 2, 3, 4):
        table = rows("super_kamiokande_solar_2024_rates", phase=str(phase))
        flux = 5.25 / rows("super_kamiokande_solar_2024_response", phase=str(phase))["flux_b8"][0]
        expected = table["expected_b8"] * flux + table["expected_hep"]
        for b, (t, e) in enumerate(zip(of_phase(here, phase).T, expected, strict=True)):
            observed = np.array([table["day"][b], table["night"][b]])
            error = np.array([table["day_error"][b], table["night_error"][b]])
            mean = np.sum(observed / error**2) / np.sum(1.0 / error**2)
            C = np.diag(error**2) + (0.01 * table["uncorrelated"][b] * mean) ** 2
            residual = observed - e * t
            chi2 += residual @ np.linalg.solve(C, residual)
    got = -2.0 * float(experiment.log_likelihood(point, center(experiment)))
    assert got == pytest.approx(chi2, rel=1e-9)
    assert 130.0 < got < 220.0


def test_the_mean_of_day_and_night():
    """One number for each bin, the same mean of data and of prediction."""
    both, mean = spectra(), SuperKamiokandeSolar2024.load(by_night=False)
    assert mean.name == "super_kamiokande_solar_mean_2024"
    assert mean.observed.shape == (81,)
    point = theory(*POINTS[0])
    here, single = predicted(both, point, center(both)), predicted(mean, point, center(mean))
    for phase, start in ((1, 0), (4, 58)):
        table = rows("super_kamiokande_solar_2024_rates", phase=str(phase))
        weight = np.stack([table[f"{time}_error"] ** -2.0 for time in ("day", "night")])
        weight /= weight.sum(0)
        rows_of = slice(start, start + len(weight[0]))
        for of_both, of_mean in ((both.observed, mean.observed), (here, single)):
            np.testing.assert_allclose(of_mean[rows_of], np.sum(weight * of_phase(of_both, phase), 0), rtol=1e-9)
        variance = 1.0 / np.sum([table[f"{time}_error"] ** -2.0 for time in ("day", "night")], 0)
        rate = variance * sum(table[time] / table[f"{time}_error"] ** 2 for time in ("day", "night"))
        flux = 5.25 / rows("super_kamiokande_solar_2024_response", phase=str(phase))["flux_b8"][0]
        error = np.hypot(np.sqrt(variance), 0.01 * table["uncorrelated"] * rate)
        error /= table["expected_b8"] * flux + table["expected_hep"]
        np.testing.assert_allclose(mean.errors()[rows_of], error, rtol=1e-9)


# The amplitude


@pytest.mark.parametrize("phases", ["4", "1234"])
def test_the_asymmetry_is_that_which_the_collaboration_expects(phases):
    """To 1.5 % for phase IV and to 3 % for all, above 4.5e-5 eV^2 and as far as figures tell."""
    curve = rows("super_kamiokande_day_night_2024_expected", phases=phases)
    for dm21, wanted in zip(curve["dm21"], curve["expected"], strict=True):
        if 4.4 < dm21 < 11.5:
            got = float(asymmetry(amplitude(), theory(0.306, 1e-5 * dm21)))
            assert got == pytest.approx(wanted, rel=0.015 if phases == "4" else 0.03), dm21


def test_chi2_of_the_asymmetry_is_that_of_the_published_curves():
    experiment = amplitude()
    assert float(experiment.observed[0]) == pytest.approx(-2.86, abs=0.005)
    assert float(experiment.errors()[0]) == pytest.approx(np.hypot(0.85, 0.32), rel=0.01)
    table = rows("super_kamiokande_day_night_2024_fits", phases="1234")
    for dm21 in (4.0, 6.1, 7.5, 10.0):
        point = theory(0.307, 1e-5 * dm21)
        fitted, error = (np.interp(dm21, table["dm21"], table[name]) for name in ("fitted", "error"))
        pull = (float(asymmetry(experiment, point)) - fitted) / np.hypot(error, 0.32)
        got = -2.0 * float(experiment.log_likelihood(point, {}))
        assert np.sqrt(got) == pytest.approx(abs(pull), abs=0.02)
    assert -2.0 * float(experiment.log_likelihood(theory(0.307, 3e-5), {})) > 9.0


# Both


@pytest.mark.parametrize("get", [spectra, amplitude])
def test_gradients(get):
    experiment = get()
    names = ("sin2", "dm21", *experiment.nuisances())

    def value(p):
        angles = (jnp.arcsin(jnp.sqrt(x)) for x in (p[0], SIN2_13, 0.5))
        M = mixing.dirac_mass_matrix(mixing.pmns(*angles, 0.0), jnp.sqrt(jnp.stack([0.0, 1e-5 * p[1], 2.5e-3])))
        given = dict(zip(names[2:], p[2:], strict=True))
        return experiment.log_likelihood(LowEnergy(Neutrinos(M, nature=Dirac())), given)

    both = jax.jit(jax.value_and_grad(value))
    p = jnp.concatenate([jnp.array([0.31, 6.5]), 0.3 * jnp.ones(len(names) - 2)])
    numeric = [(both(p + 1e-4 * e)[0] - both(p - 1e-4 * e)[0]) / 2e-4 for e in jnp.eye(len(p))]
    np.testing.assert_allclose(both(p)[1], numeric, rtol=1e-5, atol=1e-5)


def test_draws_and_pulls():
    experiment, point = spectra(), theory(*POINTS[0])
    here = predicted(experiment, point, center(experiment))
    draw = jax.jit(jax.vmap(lambda key: experiment.simulate(key, point, center(experiment)).observed))
    drawn = draw(jax.random.split(jax.random.key(3), 500))
    np.testing.assert_allclose((drawn - here).std(0) / experiment.errors(), 1.0, atol=0.15)
    lines = experiment.pulls(point, center(experiment))
    assert [line.label[:11] for line in lines[:2]] == ["SK-I day, d", "SK-I night,"]
    perfect = experiment.asimov(point, center(experiment))
    assert max(abs(line.pull) for line in perfect.pulls(point, center(experiment))) < 1e-9


def test_what_may_stand_side_by_side():
    mean, night = SuperKamiokandeSolar2024.load(phases=(4,), by_night=False), amplitude()
    check_overlaps((mean, night))
    with pytest.raises(ValueError, match="share super_kamiokande/solar/mixing/day_night"):
        check_overlaps((spectra(), night))
    check_overlaps((mean, SuperKamiokandeSolar2024.load(phases=(1, 2))))
    with pytest.raises(ValueError, match="mixing/spectrum/4"):
        check_overlaps((mean, SuperKamiokandeSolar2024.load(phases=(3, 4))))


@pytest.mark.parametrize("phases", [(), (0,), (4, 1), (1, 1), (5,)])
def test_phases_that_are_not_there(phases):
    with pytest.raises(ValueError, match="Argument `phases` must be one or more of"):
        SuperKamiokandeSolar2024.load(phases=phases)


def test_phases_without_a_fit_of_the_amplitude():
    with pytest.raises(ValueError, match="Argument `phases` must be one of"):
        SuperKamiokandeDayNight2024.load(phases=(1, 2))
