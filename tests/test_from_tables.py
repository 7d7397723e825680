"""Counts whose events, backgrounds and response are tables: against numpy, and what tables must hold."""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from nmmjax import oscillation, testing
from nmmjax.constants import ELECTRON
from nmmjax.experiments.likelihoods.from_tables import CountsFromTables
from nmmjax.models import ThreeFlavor

EDGES = np.linspace(1.0, 8.0, 15)
ENERGY = np.linspace(2.0, 9.0, 36)
FLUX = 3000.0 * np.exp(-(((ENERGY - 4.2) / 1.6) ** 2))
RESPONSE = FLUX * np.diff(norm.cdf(EDGES[:, None], ENERGY - 0.8, 0.08 * np.sqrt(ENERGY)), axis=0)
BACKGROUNDS = {"accidental": 30.0 * np.exp(-EDGES[1:]), "lithium": np.full(14, 6.0)}
SCALE = 0.01 * np.linspace(-1.0, 1.0, 14)
COUNTS = np.round(0.9 * RESPONSE.sum(1) + sum(BACKGROUNDS.values()))
RECORD = 'reference = "none: a test"\norigin = "made"\nterms = "free"\nrows = {rows}\n\n[columns]\n{columns}\n'


class Far(CountsFromTables):
    """A detector at 1.4 km."""

    reference: ClassVar[str] = "none: a test"
    panel: ClassVar[str] = "far"
    axis: ClassVar[tuple[str, str]] = ("prompt energy", "MeV")
    ranges: ClassVar[tuple[tuple[float, float], ...]] = ((1.0, 4.0), (4.0, 8.0))
    norms: ClassVar[Mapping[str, float]] = {"signal": 0.02, "lithium": 0.5}
    shared: ClassVar[Mapping[str, str]] = {"signal": "reno_flux"}
    folder: ClassVar

    @classmethod
    def load(cls):
        return cls.from_tables("reno_2018_far", cls.folder, table="far")

    def weights(self, theory):
        path = oscillation.Uniform(1.4)
        P = oscillation.probability(theory.neutrinos.mass_squared, self.energy, path, antineutrino=True)
        return P[:, ELECTRON, ELECTRON]


def write(folder, name, columns, **changes):
    """A table with its record; `changes` replace columns, or leave them out where they are None."""
    columns = {key: values for key, values in (columns | changes).items() if values is not None}
    rows = zip(*columns.values(), strict=True)
    (folder / f"{name}.csv").write_text(
        "\n".join([",".join(columns), *(",".join(repr(float(cell)) for cell in row) for row in rows)]) + "\n"
    )
    words = "\n".join(f'{column} = "1"' for column in columns)
    (folder / f"{name}.toml").write_text(RECORD.format(rows=len(next(iter(columns.values()))), columns=words))


BINS = {"low": EDGES[:-1], "high": EDGES[1:], "events": COUNTS, "change_scale": SCALE}
BINS |= {f"background_{kind}": events for kind, events in BACKGROUNDS.items()}
SEEN = {"bin": np.repeat(np.arange(1, 15), 36), "energy": np.tile(ENERGY, 14), "signal": RESPONSE.ravel()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    write(tmp_path, "far", BINS)
    write(tmp_path, "far_response", SEEN)
    monkeypatch.setattr(Far, "folder", tmp_path, raising=False)
    return tmp_path


def theory():
    return ThreeFlavor.benchmark().low_energy()


def survival(energy):
    path = oscillation.Uniform(1.4)
    matrix = theory().neutrinos.mass_squared
    return np.asarray(oscillation.probability(matrix, jnp.asarray(energy), path, antineutrino=True))[:, 0, 0]


def test_contract(folder):
    testing.check_experiment(Far.load())


def test_prediction_is_what_the_docstring_says(folder):
    far = Far.load()
    assert set(far.nuisances()) == {"reno_flux", "reno_2018_far_lithium", "reno_2018_far_scale"}
    z = {"reno_flux": 0.7, "reno_2018_far_lithium": -1.2, "reno_2018_far_scale": 0.4}
    expected = np.exp(0.02 * 0.7) * (1.0 + 0.4 * SCALE) * (RESPONSE @ survival(ENERGY))
    expected += BACKGROUNDS["accidental"] + np.exp(-0.5 * 1.2) * BACKGROUNDS["lithium"]
    np.testing.assert_allclose(far.predict(theory(), {n: jnp.asarray(v) for n, v in z.items()}), expected, rtol=1e-12)
    assert [source.name for source in far.sources] == ["far", "far_response"]


def test_without_a_response_energies_are_those_of_the_bins(folder):
    (folder / "far_response.csv").unlink()
    write(folder, "far", BINS, signal=COUNTS, background_accidental=None, background_lithium=None, change_scale=None)
    far = type("Bare", (Far,), {"norms": {}, "__doc__": "No nuisances."}).load()
    assert not far.nuisances()
    middle = 0.5 * (EDGES[1:] + EDGES[:-1])
    np.testing.assert_allclose(far.predict(theory(), {}), COUNTS * survival(middle), rtol=1e-12)


def test_it_is_differentiable_and_simulated(folder):
    far = Far.load()
    nuisance = {name: jnp.asarray(0.1) for name in far.nuisances()}
    flux = lambda x: far.log_likelihood(theory(), nuisance | {"reno_flux": x[0]}).reshape(1)  # noqa: E731
    testing.check_derivatives(flux, np.array([0.3]), rtol=1e-6, atol=1e-6)
    drawn = far.simulate(jax.random.key(1), theory(), nuisance)
    assert float(jnp.abs(drawn.counts - far.predict(theory(), nuisance)).max()) < 6.0 * float(COUNTS.max()) ** 0.5


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        ("far", {"events": None}, "`far` must have a column `events`"),
        ("far", {"low": EDGES[:-1] + 0.1 * (np.arange(14) == 5)}, "column `low` of row 6"),
        ("far", {"low": EDGES[::-1][:-1], "high": EDGES[::-1][1:]}, "`low` below `high`, but not so in row 1"),
        ("far", {"events": -COUNTS}, "`counts` must"),
        ("far_response", {"signal": None}, "`far_response` must have a column `signal`"),
        ("far_response", {"bin": SEEN["bin"] + 1}, "must have 1.0 in column `bin` of row 1"),
        ("far_response", {"energy": np.where(np.arange(504) == 40, 2.05, SEEN["energy"])}, "`far_response` must"),
        ("far", {"background_lithium": None}, "`norms` must be one of accidental, signal, but it is 'lithium'"),
    ],
)
def test_tables_that_do_not_fit(folder, table, changes, message):
    write(folder, table, BINS if table == "far" else SEEN, **changes)
    with pytest.raises(ValueError, match=message):
        Far.load()


@pytest.mark.parametrize("error", [0.0, -0.1, float("nan")])
def test_errors_of_norms_are_positive(folder, error):
    with pytest.raises(ValueError, match=r"norms\['signal'\]"):
        type("Wrong", (Far,), {"norms": {"signal": error}, "__doc__": "Wrong."}).load()
