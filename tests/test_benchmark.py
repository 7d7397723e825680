"""`nmmjax benchmark`: one table and one figure of what its questions find, each asked in a process of its own."""

import csv
import math
import os
import shutil
import signal
import subprocess
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import mpmath
import numpy as np
import pytest

import nmmjax
from nmmjax import __main__ as cli
from nmmjax import _questions, _speed, listings, plots
from nmmjax._speed import Speed

FOLDER = _questions.folder()
ROOT = Path(nmmjax.__file__).parent.parent
TINY = '''"""How long does a square take?"""

import sys, time
import jax.numpy as jnp
from _question import answer, options, peer
from _timing import Program
from nmmjax._speed import Speed

def rows(options):
    row = Program.of(lambda x: x * x, jnp.ones(8)).speed("square", "point", 8, error=0.0, reference="by hand")
    yield row
    imported = {"jaxnu", "emcee", "mpmath"} & set(sys.modules)
    beside = {"peer": "abacus", "peer_run": 1.0, "ratio": 2e6} if peer("math", options) else {}
    yield Speed("slowly", "number", 0.5, note=f"imported: {sorted(imported)}", **beside)
    LAST

if __name__ == "__main__":
    sys.exit(answer(rows, options(__doc__).parse_args(), one_core=True))
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the command finds one tiny question."""
    folder = tmp_path / "questions"
    shutil.copytree(FOLDER, folder, ignore=lambda _, names: [n for n in names if not n.startswith("_")])
    (folder / "tiny.py").write_text(TINY.replace("LAST", ""))
    monkeypatch.setattr(_questions, "folder", lambda: folder)
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.fixture
def ask(folder, tmp_path):
    """The command, and where it writes."""
    return lambda *words: (cli.main(["benchmark", "--out", str(tmp_path / "out"), *words]), tmp_path / "out")


def lines(out):
    with (out / "benchmark.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_one_table_and_one_figure(ask, capsys):
    code, out = ask()
    assert code == cli.GOOD
    assert {path.name for path in out.iterdir()} == {"benchmark.csv", "benchmark.png"}
    assert (out / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    square, slow = lines(out)
    assert square["question"] == "tiny"
    assert square["what"] == "square"
    assert 0.0 < float(square["time [s]"]) < 1e-3
    assert float(square["compile [s]"]) > 1e-3
    assert "1 of " in square["device"]
    assert f"nmmjax {nmmjax.__version__}" in square["versions"]
    assert slow["note"] == "imported: []"  # no other code, where nobody has asked for it
    said = capsys.readouterr().out
    assert "tiny, 1 of 1: How long does a square take?" in said
    assert "tiny: time of one number" in said
    assert str(out / "benchmark.png") in said


def test_other_codes_stand_beside_and_missing_ones_are_named(ask, monkeypatch, capsys):
    monkeypatch.setattr(_questions, "PEERS", ("numpy", "no_such_code"))
    code, out = ask("--peers")
    assert code == cli.GOOD
    assert lines(out)[1]["other code"] == "abacus"
    said = capsys.readouterr().out
    assert 'not installed, and left out: no_such_code (pip install "nmmjax[peers]")' in said
    assert "abacus 2000000 times as long" in said


FAILING = {
    "assertion": "assert 1.0 < 1e-9, 'square: 1.0e+00 from 50 digits'",
    "error": "raise ValueError('a broadcast')",
    "killed": "__import__('os').kill(__import__('os').getpid(), 9)",
    "slow": "yield Speed('cube', 'point', 1.0, note='claimed: 2 s', good=False)",
}


def test_what_fails_is_told_and_does_not_keep_the_others(folder, ask, capsys):
    for name, last in FAILING.items():
        (folder / f"{name}.py").write_text(TINY.replace("LAST", last))
    code, out = ask(*FAILING, "tiny")
    assert code == cli.NOT_CONVERGED
    said = capsys.readouterr().out
    assert "assertion failed: AssertionError: square: 1.0e+00 from 50 digits" in said
    assert "error failed: ValueError: a broadcast" in said
    assert "killed failed: exit code -9" in said
    assert "slow: cube: 1.00 s each point (claimed: 2 s)" in said
    assert "slow failed" not in said
    assert [line["question"] for line in lines(out)].count("tiny") == 2
    assert (out / "benchmark.png").exists()


def test_bad_input(ask, tmp_path, capsys, monkeypatch):
    assert ask("tyny")[0] == cli.USAGE
    assert "`QUESTION` must be one of tiny, but it is 'tyny'; did you mean 'tiny'?" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        ask("--platform", "abacus")
    assert ended.value.code == cli.USAGE
    monkeypatch.setenv("NMMJAX_FLOAT32", "1")
    assert ask()[0] == cli.USAGE
    assert "`NMMJAX_FLOAT32` must say no" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_platform_that_is_not_there(ask, monkeypatch, capsys):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert ask("--platform", "gpu")[0] == cli.USAGE
    assert "`--platform` must be one that is there, but it is gpu" in capsys.readouterr().err


def test_an_interruption_keeps_the_rows(folder, tmp_path):
    (folder / "tiny.py").write_text(TINY.replace("LAST", "time.sleep(600.0)"))
    code = (
        "import pathlib, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from nmmjax import __main__, _questions; "
        f"_questions.folder = lambda: pathlib.Path({str(folder)!r}); __main__.command()"
    )
    command = [sys.executable, "-u", "-c", code, "benchmark", "--out", str(tmp_path / "cut")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        next(line for line in process.stdout if "slowly" in line)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == cli.NOT_CONVERGED
    assert "keeps what was finished" in errors
    assert [line["what"] for line in lines(tmp_path / "cut")] == ["square", "slowly"]
    assert {path.name for path in (tmp_path / "cut").iterdir()} == {"benchmark.csv"}
    assert str(folder / "tiny.py") not in processes()


def processes():
    """Command lines of all that runs."""
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


# The table and the figure

ROWS = (
    Speed("square", "point", 2e-9, 0.5, 0.1, 1e-16, "digits", "abacus", 4e-6, ratio=2000.0, question="arithmetic"),
    Speed("square", "point", 2e-9, 0.5, 0.1, 1e-16, "digits", "fingers", 4e-5, ratio=2e4, question="arithmetic"),
    Speed("cube", "point", 3e-9, question="arithmetic", note="by hand", good=False),
    Speed("seven", "number", 1e-3, question="counting", device="a machine"),
    Speed("failed", "number", None, question="counting"),
)


def test_the_figure_has_a_panel_for_each_question_with_names_and_units():
    figure = plots.speeds(ROWS)
    first, second = figure.axes
    assert [axes.get_xlabel() for axes in figure.axes] == ["time of one point [s]", "time of one number [s]"]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["arithmetic", "counting"]
    assert [label.get_text() for label in first.get_yticklabels()] == ["square", "cube"]
    assert {text.get_text() for text in first.get_legend().get_texts()} == {"nmmjax", "abacus", "fingers"}
    assert [text.get_text() for text in first.texts] == ["x 2000", "x 20000"]
    assert [label.get_text() for label in second.get_yticklabels()] == ["seven"]
    assert first.get_xscale() == "log"
    assert "a machine" in figure.get_suptitle()


def test_the_table_leaves_out_empty_columns():
    tables = list(listings.speeds(ROWS).renderables)[-2:]
    assert [str(column.header) for column in tables[1].columns] == ["what", "time", "per second"]
    assert "ratio" in [str(column.header) for column in tables[0].columns]


def test_rows_are_written_whole_and_handed_on(tmp_path):
    assert [_speed.decode(_speed.encode(row)) for row in ROWS] == list(ROWS)
    with pytest.raises(ValueError, match="malformed"):
        _speed.decode(b"Traceback")
    path = _speed.write(ROWS, tmp_path / "table.csv")
    found = list(csv.DictReader(path.read_text().splitlines()))
    assert [float(line["time [s]"] or "nan") for line in found[:2]] == [2e-9, 2e-9]
    assert [line["as claimed"] for line in found] == ["yes", "yes", "no", "yes", "yes"]
    assert found[-1]["per second"] == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(4.5e-9, "4.50 ns"), (1.234e-7, "123 ns"), (0.02, "20.0 ms"), (75.0, "75.0 s"), (1411.0, "1411 s"), (0.0, "0 ns")],
)
def test_durations(seconds, words):
    assert _speed.duration(seconds) == words


# The questions themselves


def python(code):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(FOLDER), str(ROOT)))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_questions_import_no_other_code_and_leave_jax_unused():
    """So that each can still choose platform and cores, and runs without what `--peers` compares with."""
    names = [question.name for question in _questions.chosen(())]
    assert {"first_command", "likelihood", "loops", "oscillation", "samplers"} <= set(names)
    code = (
        f"import {', '.join(names)}, sys; from jax._src import xla_bridge; assert not xla_bridge._backends; "
        "assert not {'jaxnu', 'emcee', 'mpmath'} & set(sys.modules)"
    )
    python(code)


def test_questions_are_questions_and_stand_in_the_table():
    readme = (FOLDER / "README.md").read_text()
    for question in _questions.chosen(()):
        assert question.headline.endswith("?")
        assert f"python benchmarks/{question.path.name}" in readme


def test_a_question_by_itself_writes_its_table_row_by_row(tmp_path):
    command = [sys.executable, str(FOLDER / "loops.py"), "100", "--out", str(tmp_path / "loops.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "two loops, massive leptons" in done.stdout
    with (tmp_path / "loops.csv").open() as stream:
        assert all(float(line["error"]) < 1e-12 for line in csv.DictReader(stream))


def test_bad_input_of_a_question():
    done = subprocess.run([sys.executable, str(FOLDER / "loops.py"), "1"], capture_output=True, text=True, check=False)
    assert done.returncode == cli.USAGE
    assert "must be at least 100, but it is 1" in done.stderr


@pytest.fixture
def beside(monkeypatch):
    """What lies in the folder of the questions can be imported."""
    monkeypatch.syspath_prepend(str(FOLDER))


def test_times_are_those_of_turns(beside):
    import _timing

    times = _timing.in_turns(lambda: None, lambda: math.sqrt(2.0), turns=5)
    assert times.shape == (2, 5)
    assert np.all((times > 0.0) & (times < 1e-3))
    assert _timing.spread(np.linspace(1.0, 2.0, 11)) == pytest.approx((1.9 - 1.1) / 1.5)


def test_fifty_digits_are_fifty_digits(beside):
    import oscillation

    A = np.array([[0.0, 200.0, 0.3], [-200.0, 0.0, 1.0], [-0.3, -1.0, 0.0]])
    with localcontext(prec=oscillation.DIGITS), mpmath.workdps(60):
        found = oscillation.exponential(oscillation.decimals(A))
        exact = mpmath.expm(mpmath.matrix(A.tolist()))
        wrong = [abs(found[i, j] - Decimal(mpmath.nstr(exact[i, j], 50))) for i in range(3) for j in range(3)]
    assert max(wrong) < Decimal("1e-35")


@pytest.mark.slow
def test_all_questions(tmp_path):
    assert cli.main(["benchmark", "--out", str(tmp_path)]) == cli.GOOD
    assert {line["question"] for line in lines(tmp_path)} == {q.name for q in _questions.chosen(())}


@pytest.mark.gpu
def test_on_an_accelerator(tmp_path):
    words = ["benchmark", "oscillation", "likelihood", "--platform", "gpu", "--out", str(tmp_path)]
    assert cli.main(words) == cli.GOOD
    assert all("host" in line["device"] for line in lines(tmp_path))
