"""Chains of users: a likelihood comes back from draws of a posterior, files and priors as documented, bad input."""

import re
import sys
import types
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from nmmjax._combination import check_overlaps
from nmmjax.experiments import DayaBayMap2022, PublishedChain
from nmmjax.experiments.likelihoods.chain_priors import ChainPrior
from nmmjax.experiments.shared.wrapped_mixtures import WrappedMixture
from nmmjax.low_energy import LowEnergy
from nmmjax.ordering import InvertedOrdering
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

TURN = 2 * np.pi
PRIORS = {
    "Theta23": "Uniform:Theta23",
    "Theta13": "Gaussian(0.0857, 0.006):sin^2(2Theta13)",
    "Deltam2_32": "Step(30):Deltam2_32",
    "DeltaCP": "Uniform:DeltaCP",
}
PEAKS = [(-1.5, -2.48e-3, 0.2), (2.8, 2.45e-3, 0.8)]
"""Phase, splitting, and weight of each ordering; delta_cp of the normal one reaches across the end of the circle."""
OCTANTS = [(0.46, 0.4), (0.56, 0.6)]


def log_likelihood(x):
    """Two orderings, two octants, sin^2 theta13 correlated with a phase that wraps."""
    sin2_theta23, sin2_theta13, dm32, delta_cp = np.asarray(x).T
    terms = []
    for phase, splitting, share in PEAKS:
        for octant, weight in OCTANTS:
            for image in (-TURN, 0.0, TURN):
                z = (delta_cp + image - phase) / 0.7
                squares = z**2 + ((sin2_theta23 - octant) / 0.018) ** 2
                squares += ((sin2_theta13 - 0.0235 - 0.0015 * z) / 0.002) ** 2 + ((dm32 - splitting) / 5e-5) ** 2
                terms.append(np.log(share * weight) - 0.5 * squares)
    return logsumexp(terms, axis=0)


def log_prior(x):
    """Of sin^2 theta23, sin^2 theta13, dm32 and delta_cp, from flat in theta23 and normal in sin^2 2theta13."""
    sin2_theta23, sin2_theta13, dm32, _ = np.asarray(x).T
    found = -0.5 * np.log(sin2_theta23 * (1 - sin2_theta23))
    found += norm.logpdf(4 * sin2_theta13 * (1 - sin2_theta13), 0.0857, 0.006) + np.log(1 - 2 * sin2_theta13)
    return found + np.where(dm32 < 0, np.log(0.3), np.log(0.7))


@cache
def draws(number=16_000):
    """Of the posterior, by weights of draws of the likelihood."""
    r = np.random.default_rng(5)
    many = 12 * number
    place = (r.random(many) < PEAKS[1][2]).astype(int)
    phase, splitting = (np.array([peak[i] for peak in PEAKS])[place] for i in (0, 1))
    octant = np.array([o for o, _ in OCTANTS])[(r.random(many) < OCTANTS[1][1]).astype(int)]
    z = r.normal(size=many)
    theta13 = 0.0235 + 0.0015 * z + 0.002 * r.normal(size=many)
    x = np.stack([octant + 0.018 * r.normal(size=many), theta13, splitting + 5e-5 * r.normal(size=many)], axis=1)
    x = np.column_stack([x, phase + 0.7 * z])
    weights = np.exp(log_prior(x) - log_prior(x).max())
    return x[r.choice(many, number, p=weights / weights.sum())]


def columns(x, turns=0.0):
    theta23, theta13 = (np.arcsin(np.sqrt(x[:, i])) for i in (0, 1))
    return {"Theta23": theta23, "Theta13": theta13, "Deltam2_32": x[:, 2], "DeltaCP": x[:, 3] + turns}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("chains")


@pytest.fixture(scope="module")
def chain(folder):
    np.savez(folder / "Some Chain.npz", **columns(draws()), Theta12=np.zeros(len(draws())))
    return PublishedChain.load(folder / "Some Chain.npz", PRIORS, holds=["t2k"])


@jax.jit
def values(term, x):
    return jax.vmap(term.log_likelihood)(x)


def test_the_likelihood_comes_back(chain):
    """Where the draws are to twice the error that is stated, farther out to half a unit in seven."""
    x = draws()[::4]
    difference = np.asarray(values(chain.terms[0], x)) - log_likelihood(x)
    difference -= np.median(difference)
    error = float(chain.error)
    assert 0.02 < error < 0.2
    assert np.sqrt(np.mean(difference**2)) < 2.0 * error
    density = log_likelihood(x) + log_prior(x)
    far = (density > density.max() - 7.0) & (density < density.max() - 4.5)
    assert far.sum() > 100
    assert np.sqrt(np.mean(difference[far] ** 2)) < 0.5
    assert float(chain.effective_draws) > 10_000


def test_modes_and_best_value(chain):
    """Odds of octants and of orderings at their peaks: ln 1.5 and ln 4."""
    points = np.array([(o, 0.0235, splitting, phase) for phase, splitting, _ in PEAKS for o, _ in OCTANTS])
    got, known = np.asarray(values(chain.terms[0], points)), log_likelihood(points)
    np.testing.assert_allclose(got - got[3], known - known[3], atol=0.15)
    best = np.asarray(chain.observed)
    assert np.all(np.abs(best - points[3]) < [0.006, 5e-4, 1.5e-5, 0.15])
    assert float(values(chain.terms[0], best[None])[0]) == pytest.approx(0.0, abs=1e-9)
    assert np.max(got) < 0.05


def test_period_bounds_and_gradients(chain):
    """Once around changes nothing; angles of zero and places without draws are finite, low, and lead back."""
    term, point = chain.terms[0], jnp.array([0.5, 0.022, 2.5e-3, 3.1])
    around = point.at[3].add(-TURN)
    np.testing.assert_allclose(values(term, jnp.stack([around])), values(term, point[None]), rtol=1e-9)
    value, slope = jax.jit(jax.value_and_grad(term.log_likelihood)), np.array([1e-3, 1e-4, 1e-5, 1e-2])
    for x in (point, point.at[2].set(-2.45e-3), point.at[3].set(np.pi)):
        steps = [1e-3 * s * e for s, e in zip(slope, np.eye(4), strict=True)]
        differences = [(value(x + s)[0] - value(x - s)[0]) / (2 * np.abs(s).sum()) for s in steps]
        np.testing.assert_allclose(slope * value(x)[1], slope * np.array(differences), rtol=1e-4, atol=1e-6)
    for bad in ((0.5, 0.0, 2.5e-3, 0.0), (0.0, 0.022, 2.5e-3, 0.0), (1.0, 0.022, 2.5e-3, 0.0), (0.5, 0.022, 5e-3, 0.0)):
        found, back = value(jnp.array(bad))
        assert np.isfinite(found)
        assert np.all(np.isfinite(back))
        assert float(found) < -10.0
    assert float(value(jnp.array([0.5, 0.022, 5e-3, 0.0]))[1][2]) < 0.0


def test_theory_draws_and_expected_data(chain):
    theory = LowEnergy(LightNeutrinos.from_sin2(**NUFIT60).neutrinos())
    predicted = chain.predict(theory, {})
    assert chain.labels == ("sin2_theta23", "sin2_theta13", "dm32", "delta_cp")
    assert float(predicted[2]) == pytest.approx(NUFIT60["dm3l"] - NUFIT60["dm21"])
    assert float(chain.asimov(theory, {}).log_likelihood(theory, {})) == pytest.approx(0.0, abs=1e-9)
    keys = jax.random.split(jax.random.PRNGKey(1), 200)
    deviances = jax.jit(jax.vmap(lambda key: -2.0 * chain.simulate(key, theory, {}).log_likelihood(theory, {})))(keys)
    assert np.all(np.isfinite(deviances))
    assert 2.0 < float(np.median(deviances)) < 8.0
    (line,) = chain.pulls(theory, {})
    assert line.pull**2 == pytest.approx(-2.0 * float(chain.log_likelihood(theory, {})))


def test_one_ordering(folder, chain):
    """Its own odds are no longer known; the other lies far outside."""
    inverted = PublishedChain.load(folder / "Some Chain.npz", PRIORS, ordering=InvertedOrdering(), name="mine_2026")
    best = np.asarray(inverted.observed)
    assert best[2] == pytest.approx(-2.48e-3, abs=2e-5)
    there = jnp.array([0.56, 0.0235, 2.45e-3, 2.8])
    assert -1e5 < float(values(inverted.terms[0], there[None])[0]) < -1e3
    assert (inverted.name, inverted.holds) == ("mine_2026", {"mine"})
    assert (chain.name, chain.holds) == ("some_chain", {"t2k"})
    check_overlaps((chain, inverted))
    with pytest.raises(ValueError, match="must hold no data twice"):
        check_overlaps((DayaBayMap2022.load(), inverted.__class__(**(vars(inverted) | {"held": ("daya_bay",)}))))


# Files


def test_all_layouts_read_alike(folder, chain, monkeypatch):
    """A text of names in house, and a ROOT file as documented, by a stand-in of uproot that serves its objects."""
    x = draws()
    x = np.column_stack([x[:, :3], x[:, 3] % TURN])
    names = "sin2_theta23,sin2_theta13,dm32,delta_cp"
    np.savetxt(folder / "chain.csv", x, delimiter=",", header=names, comments="", fmt="%.17g")
    (folder / "chain.root").write_bytes(b"root")
    monkeypatch.setitem(sys.modules, "uproot", stand_in(columns(x)))
    point = np.array([[0.52, 0.022, 2.4e-3, 3.0], [0.5, 0.024, -2.5e-3, -1.0]])
    known = values(chain.terms[0], point)
    for path, priors in ((folder / "chain.csv", PRIORS), (folder / "chain.root", None)):
        found = PublishedChain.load(path, priors)
        np.testing.assert_allclose(values(found.terms[0], point), known, rtol=1e-6, atol=1e-6)
    assert found.sources[0].reference == "A. Author (2026)"


def stand_in(branches):
    class Branch:
        def __init__(self, numbers):
            self.numbers = numbers

        def array(self, library):
            assert library == "np"
            return self.numbers

    class Named:
        def __init__(self, name, title):
            self.members = {"fName": name, "fTitle": title}

        def member(self, name):
            return self.members[name]

    class File(dict):
        def __enter__(self):
            return self

        def __exit__(self, *of):
            return None

        def classnames(self):
            return {"mcmc;1": "TTree", "priors;1": "TList", "citation;1": "TObjString"}

    tree = {name: Branch(numbers) for name, numbers in branches.items()}
    priors = [Named(name, words) for name, words in (PRIORS | {"Theta12": "Uniform:Theta12"}).items()]
    file = File(mcmc=tree, priors=priors, citation="A. Author (2026)")
    return types.SimpleNamespace(open=lambda path: file)


@pytest.mark.parametrize(
    ("words", "density"),
    [
        ("Uniform:Theta23", np.ones_like),
        ("Uniform:sin^2(Theta23)", lambda x: np.sin(2 * x)),
        ("Uniform:cos^4(Theta23)", lambda x: np.cos(x) ** 3 * np.sin(x)),
        (
            "Gaussian(0.9, 0.1): sin^2(2Theta23)",
            lambda x: norm.pdf(np.sin(2 * x) ** 2, 0.9, 0.1) * np.abs(np.sin(4 * x)),
        ),
        ("BimodalGaussian(0.4,0.05,0.6,0.1,25):sin^2(Theta23)", lambda x: two_peaks(np.sin(x) ** 2) * np.sin(2 * x)),
        ("Step(0.2, 0.5):sin(Theta23)", lambda x: np.where(np.sin(x) >= 0.5, 0.8, 0.2) * np.cos(x)),
    ],
)
def test_priors_in_words(words, density):
    x = np.array([0.4, 0.51, 0.55, 0.7])
    got = np.asarray(ChainPrior.read("Theta23", words).log_density(jnp.asarray(x)))
    known = np.log(density(x))
    np.testing.assert_allclose(got - got[0], known - known[0], atol=1e-9)


def two_peaks(s):
    return 0.25 * norm.pdf(s, 0.4, 0.05) + 0.75 * norm.pdf(s, 0.6, 0.1)


def test_a_mixture_is_normalized():
    """Over the circle and the line."""
    points = np.random.default_rng(1).normal(size=(600, 2)) * [2.0, 1.3] + [5.0, 3.0]
    mixture = WrappedMixture.through(points, 2, seed=0)
    line, circle = np.linspace(-15, 25, 401), np.linspace(-np.pi, np.pi, 200, endpoint=False)
    lattice = np.stack(np.meshgrid(line, circle, indexing="ij"), -1).reshape(-1, 2)
    total = np.exp(mixture.log_density(lattice)).sum() * 0.1 * TURN / 200
    assert total == pytest.approx(1.0, abs=2e-3)


# Bad input


def written(folder, name="bad.npz", **changes):
    given = columns(draws()[:3000]) | changes
    np.savez(folder / name, **{key: value for key, value in given.items() if value is not None})
    return folder / name


def correlated():
    """Each draw a hundred times."""
    return columns(np.repeat(draws()[:160], 100, axis=0))


@pytest.mark.parametrize(
    ("argument", "says", "changes", "options"),
    [
        ("path", "effective draws", "correlated", {}),
        ("path", "have 500 draws", {k: v[:100] for k, v in columns(draws()[:3000]).items()}, {}),
        ("path", "of the inverted one", {"Deltam2_32": np.where(np.arange(3000) % 60, 2.4e-3, -2.4e-3)}, {}),
        ("path", "have a column `Theta13` or `sin2_theta13`", {"Theta13": None}, {}),
        ("path", "columns of one length", {"Theta13": np.full(5, 0.1)}, {}),
        ("Theta23", "rad", {"Theta23": np.full(3000, 45.0)}, {}),
        ("DeltaCP", "be finite", {"DeltaCP": np.full(3000, np.nan)}, {}),
        ("priors", "Theta13", {}, {"priors": {"Theta23": "Uniform:Theta23"}}),
        ("priors", "DeltaCp", {}, {"priors": PRIORS | {"DeltaCp": "Uniform:DeltaCP"}}),
        ("priors['Theta23']", "be written as", {}, {"priors": PRIORS | {"Theta23": "flat"}}),
        ("priors['Theta23']", "Flat", {}, {"priors": PRIORS | {"Theta23": "Flat:Theta23"}}),
        ("priors['Theta23']", "tan", {}, {"priors": PRIORS | {"Theta23": "Uniform:tan(Theta23)"}}),
        ("priors['Theta23']", "have 2 numbers", {}, {"priors": PRIORS | {"Theta23": "Gaussian(1):Theta23"}}),
        ("priors['Theta23']", "positive widths", {}, {"priors": PRIORS | {"Theta23": "Gaussian(1,-1):Theta23"}}),
        ("priors['Theta23']", "hold numbers", {}, {"priors": PRIORS | {"Theta23": "Gaussian(1,b):Theta23"}}),
        ("priors['DeltaCP']", "sin", {}, {"priors": PRIORS | {"DeltaCP": "Uniform:sin(DeltaCP)"}}),
        ("priors['DeltaCP']", "be uniform", {}, {"priors": PRIORS | {"DeltaCP": "Gaussian(0,1):DeltaCP"}}),
        ("priors", "not vanish", {}, {"priors": PRIORS | {"Theta23": "Uniform:sin^2(2Theta23)"}}),
        ("name", "lower-case", {}, {"name": "T2K chain"}),
        ("ordering", "Ordering", {}, {"ordering": "inverted"}),
        ("holds", "be text", {}, {"holds": [3]}),
    ],
)
def test_bad_input(folder, argument, says, changes, options):
    path = written(folder, **(correlated() if changes == "correlated" else changes))
    with pytest.raises((ValueError, TypeError), match=f"Argument `{re.escape(argument)}` must .*{re.escape(says)}"):
        PublishedChain.load(path, **({"priors": PRIORS} | options))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "", "end in .csv, .npz, .root"),
        ("there_is_none.csv", None, "be a file"),
        ("b.csv", "Theta23,Theta13\n0.7,x\n", "hold as many numbers"),
        ("c.npz", "no arrays", "not"),
        ("d.root", "root", "pip install uproot"),
    ],
)
def test_bad_files(folder, monkeypatch, name, content, says):
    monkeypatch.setitem(sys.modules, "uproot", None)
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(ValueError, match=f"Argument `path` must .*{re.escape(says)}"):
        PublishedChain.load(folder / name, PRIORS)
    with pytest.raises(ValueError, match="Argument `path` must"):
        PublishedChain.load(3, PRIORS)
