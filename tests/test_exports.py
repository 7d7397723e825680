"""Tables for HEPData and CSV read back to the last digit, and figures for papers."""

import csv
import io
import math
import shutil
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import exports, results
from nmmjax.infer import Exclusion, Profile
from nmmjax.results import DrawnSpectrum
from nmmjax.results.records import LimitRecord, Row

RANDOM = np.random.default_rng(4)
NUMBERS = (1e-10, -1e16, 1.0, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, 3.0)
HOSTILE = 'a: "b" #\n\x1b\x85 - é 😀'


@pytest.fixture(scope="module")
def result():
    """A number of each kind, an infinite Delta chi^2, a limit that is not reached, and two panels."""
    varies: dict[str, Any] = {"mean": 0.1, "sd": 1 / 3, "low": -1e-12, "high": 2e22, "below": 0.5}
    varies |= {"ess_bulk": 1.0, "ess_tail": 1.0}
    rows = (Row("x[0]", "x", "eV", True, False, 1e-10, **varies), Row("x_0", "y", HOSTILE, False, False, 2.5))
    grid, other = np.array(NUMBERS), np.array([0.25, 1e-3])
    flat = np.array([*(np.arange(6.0) / 7), np.inf])
    profiles = (Profile(("x[0]",), (grid,), flat), Profile(("x_0",), (grid,), flat[::-1]))
    plane = Profile(("x[0]", "x_0"), (grid, other), RANDOM.exponential(size=(7, 2)))
    curve = Exclusion(("x[0]", "x_0"), grid, np.array([*grid[:-1], np.nan]), 1.0, (False, False), 0.9)
    edges = (np.array([0.1, 0.3, 0.7]), np.array([1.0, 1e5]))
    expected = RANDOM.exponential(size=(50, 3))
    observed = np.array([1.0, 2.0, 3.0])
    drawn = DrawnSpectrum("toy", ("near", HOSTILE), edges, "energy", "MeV", observed, grid[:3] ** 2, expected)
    limits = (LimitRecord("x[0]", None, 1.5, 1 / 7),)
    return toy_result("toy", parameters=rows, limits=limits, profiles=(*profiles, plane), exclusions=(curve,),
                      spectra=(drawn,))  # fmt: skip


def submission(folder):
    """Documents of the submission, and tables by their names."""
    heads = list(yaml.safe_load_all((folder / "submission.yaml").read_text(encoding="utf-8")))
    tables = {
        head["name"]: yaml.safe_load((folder / head["data_file"]).read_text(encoding="utf-8")) for head in heads[1:]
    }
    return heads, tables


def values(variable):
    return [cell["value"] for cell in variable["values"]]


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hepdata")
    written = exports.write_hepdata(result, folder)
    assert sorted(written) == sorted(folder.iterdir())
    return folder


def test_every_table_is_there_once(result, folder):
    heads, tables = submission(folder)
    names = ["parameters", "limits", "profile_x_0", "profile_x_0_2", "contour_x_0_x_0", "exclusion_x_0_x_0"]
    assert list(tables) == [*names, "spectrum_toy"] == [table.name for table in exports.tables(result)]
    assert "toy: Toy [none: a test]" in heads[0]["comment"]
    for head in heads[1:]:
        variables = tables[head["name"]]["dependent_variables"]
        assert head["keywords"][0]["values"] == [variable["header"]["name"] for variable in variables]


def test_numbers_come_back_with_all_their_digits(result, folder):
    _, tables = submission(folder)
    best, mean, sd, low, high, below = tables["parameters"]["dependent_variables"]
    assert values(best) == [1e-10, 2.5]
    first, second = zip(*map(values, (mean, sd, low, high, below)), strict=True)
    assert first == (0.1, 1 / 3, -1e-12, 2e22, 0.5)
    assert set(second) == {"-"}
    assert [values(column)[0] for column in tables["limits"]["dependent_variables"]] == ["-", 1.5, 1 / 7]
    (over,), (delta,) = (tables["profile_x_0"][kind] for kind in ("independent_variables", "dependent_variables"))
    assert tuple(values(over)) == NUMBERS
    assert over["header"] == {"name": "x[0]", "units": "eV"}
    assert values(delta) == [*(np.arange(6.0) / 7), "inf"]
    assert values(tables["exclusion_x_0_x_0"]["dependent_variables"][0]) == [*NUMBERS[:-1], "-"]


def test_a_contour_is_a_row_for_each_point(result, folder):
    table = submission(folder)[1]["contour_x_0_x_0"]
    x, y = map(values, table["independent_variables"])
    (delta,) = map(values, table["dependent_variables"])
    plane = result.profiles[2]
    at = {(one, other): value for one, other, value in zip(x, y, delta, strict=True)}
    expected = {(a, b): plane.delta_chi2[i, j] for i, a in enumerate(NUMBERS) for j, b in enumerate((0.25, 1e-3))}
    assert at == expected


def test_a_spectrum_has_bins_and_errors(result, folder):
    table, drawn = submission(folder)[1]["spectrum_toy"], result.spectra[0]
    panel, axis = table["independent_variables"]
    assert values(panel) == ["near", "near", HOSTILE.replace("\x1b", "\ufffd").replace("\x85", "\ufffd")]
    assert axis["values"] == [{"low": 0.1, "high": 0.3}, {"low": 0.3, "high": 0.7}, {"low": 1.0, "high": 1e5}]
    observed, expected = table["dependent_variables"]
    assert values(observed) == drawn.observed.tolist()
    assert [cell["errors"][0]["symerror"] for cell in observed["values"]] == drawn.errors.tolist()
    for k, cell in enumerate(expected["values"]):
        (error,) = cell["errors"]
        ends = np.array([error["asymerror"]["minus"], error["asymerror"]["plus"]]) + cell["value"]
        np.testing.assert_allclose(ends, np.quantile(drawn.expected[:, k], [0.16, 0.84]), rtol=1e-14)
        assert cell["value"] == np.median(drawn.expected[:, k])


def test_rows_and_columns_are_as_long_as_each_other(folder):
    heads, tables = submission(folder)
    for table in tables.values():
        variables = (*table["independent_variables"], *table["dependent_variables"])
        assert len({len(variable["values"]) for variable in variables}) == 1
    assert all(len(head["name"]) <= 64 for head in heads[1:])


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # of the validator
def test_hepdata_takes_it(folder):
    validator = pytest.importorskip("hepdata_validator.full_submission_validator")
    found = validator.FullSubmissionValidator(schema_version="1.1.1")
    assert found.validate(directory=str(folder)), found.get_messages()


def test_columns_of_csv_come_back(result, tmp_path):
    exports.write_csv(result, tmp_path)
    texts = {path.stem: path.read_bytes().decode() for path in tmp_path.glob("*.csv")}
    tables = {name: list(csv.reader(io.StringIO(text, newline=""))) for name, text in texts.items()}
    assert set(tables) == {table.name for table in exports.tables(result)}
    header, *rows = tables["profile_x_0"]
    assert header == ["x[0] [eV]", "Delta chi^2"]
    assert tuple(float(row[0]) for row in rows) == NUMBERS
    assert math.isinf(float(rows[-1][1]))
    assert tables["limits"][1] == ["x[0]", "eV", "", "1.5", repr(1 / 7)]
    assert tables["parameters"][2] == ["x_0", HOSTILE, "2.5", "", "", "", "", ""]
    header, *rows = tables["spectrum_toy"]
    assert header[:3] == ["panel", "energy from [MeV]", "energy to [MeV]"]
    assert header[3:6] == ["observed events", "observed events + statistical", "observed events - statistical"]
    assert [list(map(float, row[1:4])) for row in rows] == [[0.1, 0.3, 1.0], [0.3, 0.7, 2.0], [1.0, 1e5, 3.0]]


def test_commands_write_folders_of_hypotheses(tmp_path, capsys):
    row = Row("x", "x", "eV", True, False, 1.25)
    for name in ("a", "b"):
        results.save(toy_result(f"toy/{name}", parameters=(row,)), tmp_path / name)
    assert cli.main(["export", str(tmp_path), "--to", "csv"]) == cli.GOOD
    assert (tmp_path / "csv" / "b" / "parameters.csv").read_text().splitlines()[1].startswith("x,eV,1.25")
    assert cli.main(["export", str(tmp_path / "a"), "--to", "hepdata", "--out", str(tmp_path / "new")]) == cli.GOOD
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"submission.yaml", "parameters.yaml"}
    assert cli.main(["export", str(tmp_path / "a"), "--to", "pdf"]) == cli.GOOD
    assert "nothing to draw" in capsys.readouterr().out


def test_figures_for_papers(tmp_path, monkeypatch, capsys):
    profile = Profile(("x",), (np.linspace(0.0, 2.0, 9),), np.linspace(-4.0, 4.0, 9) ** 2)
    row, limits = Row("x", "x", "eV", True, False, 1.0), (LimitRecord("x", 0.5, 1.5, 1.4),)
    priors = {"x": {"distribution": "Uniform", "low": 0.0, "high": 2.0}}
    result = toy_result("toy", parameters=(row,), limits=limits, profiles=(profile,))
    results.save(msgspec.structs.replace(result, priors=priors), tmp_path)
    assert cli.main(["export", str(tmp_path), "--to", "pdf"]) == cli.GOOD
    assert (tmp_path / "pdf" / "profile_x.pdf").read_bytes().startswith(b"%PDF")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert cli.main(["export", str(tmp_path), "--to", "pgf"]) == cli.USAGE
    assert "must be pdf where LaTeX is not installed" in capsys.readouterr().err


def test_what_cannot_be_exported(tmp_path, capsys):
    assert cli.main(["export", str(tmp_path), "--to", "csv", "--out", str(tmp_path / "new")]) == cli.USAGE
    assert "must be a folder that `nmmjax fit` wrote" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    for words in (["--to", "root"], []):
        with pytest.raises(SystemExit):
            cli.main(["export", str(tmp_path), *words])
        assert "--to" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["export", "--help"])
    assert "nmmjax export results/grimus_lavoura_2000 --to hepdata" in capsys.readouterr().out
