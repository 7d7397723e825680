"""What `nmmjax show` says of models, experiments and analyses."""

import io
import re

import pytest
from rich.console import Console

from nmmjax import __main__ as cli
from nmmjax import experiments, gallery, listings, models, sheets
from nmmjax.experiments import Experiment
from nmmjax.models import Model

MINE = '''"""Two numbers of one's own: which?

A paragraph that goes on
over two lines.
"""

import jax.numpy as jnp
import numpyro.distributions as dist
from nmmjax.experiments import Juno2025
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Majorana, Neutrinos
from nmmjax.models import Model, Scalar, parameter

PAPER = "A. Author, J. Example 1, 1 (2026)"


class Diagonal(Model):
    """Masses on the diagonal."""

    reference = PAPER
    a: Scalar = parameter("a", "eV", low=0.0, high=1.0)
    b: Scalar = parameter("b", "eV", low=0.0, high=1.0, default=0.01)

    def low_energy(self):
        return LowEnergy(Neutrinos(jnp.diag(jnp.stack([self.a, self.b, 0.05 + 0.0 * self.a]))))

    @classmethod
    def default_priors(cls):
        return {"a": dist.Uniform(0.0, 0.1)}

    @classmethod
    def benchmark(cls):
        return cls(0.0, 0.01)


def build():
    return Fit(Diagonal, (Juno2025.load(),), {"a": dist.Uniform(0.0, 0.1)}, {"b": 0.02})
'''


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return str(path)


def listing(sheet, title):
    return next(one for one in sheet.listings if one.title == title)


@pytest.mark.parametrize("cls", sheets.shipped(Model).values(), ids=sheets.shipped(Model))
def test_sheets_of_models_name_all_that_is_taken(cls):
    sheet = sheets.of_model(cls)
    assert sheet.paper == cls.reference
    assert {row[0] for row in listing(sheet, "parameters").rows} == set(cls.own_arguments())
    assert {row[0] for row in listing(sheet, "priors to discover with").rows} == set(cls.default_priors())
    shown = {
        row[0] for one in sheet.listings if one.columns == listing(sheet, "parameters").columns for row in one.rows
    }
    assert set(cls.parameters) <= shown


def test_shipped_are_the_exported_ones():
    assert set(sheets.shipped(Model)) < set(models.__all__)
    assert len(sheets.shipped(Experiment)) > 70
    assert "Experiment" not in sheets.shipped(Experiment)
    assert all(isinstance(getattr(experiments, name), type) for name in sheets.shipped(Experiment))


def test_domains_and_defaults():
    taken = {row[0]: row for row in listing(sheets.of_model(models.SeesawTypeOne), "parameters").rows}
    assert taken["yukawa"] == ("yukawa", "Y", "", "3 x 3 complex numbers", "required")
    assert taken["m_1"][2:] == ("GeV", "[1e-06, 1e+19]", "required")
    further = listing(sheets.of_model(models.Decoherence), "further parameters of Decoherence.from_oscillations").rows
    assert ("delta_cp", r"\delta_{CP}", "rad", "phase", "0") in further


def test_an_experiment_tells_data_tables_and_verification():
    sheet = sheets.of_experiment(experiments.Juno2025)
    loaded = experiments.Juno2025.load()
    assert listing(sheet, "data").rows[0] == ("data", str(len(loaded.labels)))
    (table,) = listing(sheet, "tables").rows
    assert table[0] == loaded.sources[0].name
    assert all(table)
    assert listing(sheet, "verification").rows
    (claim, *_) = listing(sheets.of_experiment(experiments.Gerda2020), "verification").rows
    assert claim[-1] == "agrees"


def test_an_experiment_of_a_file_is_not_loaded():
    sheet = sheets.of_experiment(experiments.PublishedChain)
    assert ("path", "required") in listing(sheet, "choices of load").rows
    assert not [one for one in sheet.listings if one.title == "data"]


def test_an_analysis_tells_what_is_sampled_and_fixed():
    sheet = sheets.of_analysis(gallery.find("dayabay_theta13"))
    rows = {row[0]: row for row in listing(sheet, "sampled").rows}
    assert rows["sin2_theta13"][3:] == ("Uniform(low = 0.002, high = 0.06)", "[0, 1]")
    assert ("sin2_theta12", "0.307") in listing(sheet, "fixed").rows
    assert len(listing(sheet, "nuisances").rows) == 8
    assert listing(sheet, "experiments").rows[0][1:3] == ("546", "DayaBay2022")
    assert ("contours", "dm3l over sin2_theta13") in listing(sheet, "what is shown").rows
    several = sheets.of_analysis(gallery.find("three_flavor_nufit"))
    assert {"sampled, normal", "sampled, inverted"} < {one.title for one in several.listings}


def test_a_file_of_ones_own(mine, capsys):
    model, analysis = sheets.find(mine)
    assert (model.name, model.kind, analysis.kind) == ("Diagonal", "model", "analysis")
    assert listing(analysis, "fixed").rows == (("b", "0.02"),)
    assert cli.main(["show", mine]) == cli.GOOD
    shown = capsys.readouterr().out
    assert "A paragraph that goes on over two lines." in shown
    assert "Uniform(low = 0, high = 0.1)" in shown
    assert "A. Author, J. Example 1, 1 (2026)" in shown


def test_what_cannot_be_shown(tmp_path, capsys):
    assert cli.main(["show", "SeesawTypeOn"]) == cli.USAGE
    assert "did you mean 'SeesawTypeOne'" in re.sub(r"\s+", " ", capsys.readouterr().err)
    assert cli.main(["show", str(tmp_path / "none.py")]) == cli.USAGE
    assert "does not exist" in re.sub(r"\s+", " ", capsys.readouterr().err)


def test_priors_in_words():
    priors = dict(listing(sheets.of_model(models.Decoherence), "priors to discover with").rows)
    assert priors["rate"] == "Uniform(low = 0, high = 5e-21)"


def test_symbols_stay_out_of_terminals():
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(listings.sheet(sheets.of_model(models.Decoherence)))
    text = console.export_text()
    assert "gamma_0 (E / GeV)^n" in text
    assert r"\gamma" not in text
