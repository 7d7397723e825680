"""Around a command: hostile words, homes that cannot be written, broken variables, pipes, locks and full disks."""

import io
import os
import resource
import subprocess
import sys

import jax
import jax.numpy as jnp
import pytest
from rich.console import Console
from toys import SETTINGS, toy_fit, toy_result

from nmmjax import __main__ as cli
from nmmjax import _environment, _files, _platform, gallery, infer, listings, oscillation, report
from nmmjax._arguments import parser
from nmmjax._commands import _shared
from nmmjax._commands import fit as fit_command
from nmmjax._interruption import Interruption
from nmmjax._screen import Screen
from nmmjax.analysis import Analysis, run
from nmmjax.results import Row, run_record

HOSTILE = ("Masses in [eV]", "end [/b]", "[red]not red", "back\\[slash]", ":smile: [link=x]y[/link]", "r[/x]")


def shown(*renderables):
    """As a pipe receives it."""
    console = Console(file=io.StringIO(), width=400, highlight=False)
    for renderable in renderables:
        console.print(renderable)
    return console.file.getvalue()


# Words of others


@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_no_markup(words):
    row = Row(name=words, symbol="x", unit="[/eV]", sampled=True, circular=False, best=1.0)
    found = toy_result(words, parameters=(row,), fixed={words: words})
    for text in (shown(report.result(found)), shown(report.comparison([found]))):
        assert words in text
    assert f"{words} [[/eV]]" in shown(report.result(found))
    assert shown(listings.listing(words, [listings.Listed(words, words, words)])).count(words) == 4


def test_codes_that_steer_a_terminal_are_taken_out():
    assert "\x1b" not in shown(report.plain("\x1b[2J\x07gone"))
    assert "[2J" in shown(report.plain("\x1b[2J\x07gone"))
    report.plain("\udcff").plain.encode()


@pytest.mark.parametrize("words", HOSTILE)
def test_a_fit_prints_headline_and_paths_as_they_are(words, tmp_path, monkeypatch, capsys):
    row = Row(name="x", symbol="x", unit="", sampled=True, circular=False, best=1.0)
    file, out = tmp_path / "mine.py", tmp_path / words.replace("/", "]").replace("\\", "")
    file.write_text(f"{words!r}\n")
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setattr(gallery, "build", lambda entry: {"": _ANALYSIS})

    def answered(analysis, folder, *, progress, **_):
        progress.wrote([folder / "summary.json"])
        return toy_result(words, parameters=(row,))

    monkeypatch.setattr(fit_command, "run", answered)
    assert cli.main(["fit", str(file), "--out", str(out)]) == cli.GOOD
    text = capsys.readouterr().out
    assert f"mine: {words}\n" in text
    assert f"{out / 'summary.json'}\n" in text
    assert cli.main(["fit", words]) == cli.USAGE
    assert f"it is {words!r}" in capsys.readouterr().err


_ANALYSIS = Analysis(toy_fit(), SETTINGS)


# The environment


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"HOME": "/proc/none", "MPLBACKEND": "module://nowhere.backend"}, "(for this process)"),
        ({"NMMJAX_FLOAT32": "1", "MPLBACKEND": "nonsense"}, "float64: NO"),
    ],
)
def test_commands_start_in_a_broken_environment(variables, words):
    chosen = ("XDG_CACHE_HOME", "MPLCONFIGDIR", "JAX_COMPILATION_CACHE_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in chosen}
    command = [sys.executable, "-W", "error", "-m", "nmmjax", "doctor"]
    done = subprocess.run(command, env=kept | variables, capture_output=True, text=True, check=False)
    assert done.returncode == cli.GOOD, done.stderr
    assert words in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("word", "single"), [("", False), ("0", False), ("No", False), ("false", False), ("1", True), ("TRUE", True)]
)
def test_words_for_single_precision(word, single, monkeypatch):
    monkeypatch.setenv("NMMJAX_FLOAT32", word)
    assert _environment.single_precision() is single


def test_a_word_that_says_neither_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("NMMJAX_FLOAT32", "maybe")
    with pytest.raises(ValueError, match=r"`NMMJAX_FLOAT32` must be one of 0, false, .*, but it is 'maybe'"):
        _environment.single_precision()


def test_precision_that_was_switched_off_later_is_refused():
    path, matrix = oscillation.Uniform(295.0), jnp.diag(jnp.array([0.0, 1e-4, 2e-3]))
    doors = (toy_fit, lambda: oscillation.probability(matrix, 3.0, path), lambda: oscillation.Uniform(295.0))
    with jax.enable_x64(False):
        for door in doors:
            with pytest.raises(ValueError, match="`jax_enable_x64` has been switched off since nmmjax was imported"):
                door()


@pytest.mark.parametrize(
    ("arguments", "variable", "words"),
    [
        (["--platform", "gpu"], "", "Argument `--platform` must be one that is there, but it is gpu"),
        ([], "cuda", "Environment variable `JAX_PLATFORMS` must be one that is there, but it is cuda"),
    ],
)
def test_who_asked_for_a_platform_that_is_not_there(arguments, variable, words, monkeypatch, capsys):
    def none():
        raise RuntimeError

    monkeypatch.setenv("JAX_PLATFORMS", variable)
    monkeypatch.setattr(jax.config, "update", lambda name, value: None)
    monkeypatch.setattr(jax, "devices", none)
    assert cli.main(["figures", *arguments]) == cli.USAGE
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(("cores", "chains", "devices"), [(2, None, 2), (64, None, 8), (64, 4, 4), (2, 6, 2)])
def test_no_more_host_devices_than_cores(cores, chains, devices, monkeypatch):
    asked = {}
    monkeypatch.delenv("JAX_NUM_CPU_DEVICES", raising=False)
    monkeypatch.setattr(jax.config, "update", asked.__setitem__)
    monkeypatch.setattr(_platform, "cores", lambda: cores)
    options = parser(None).parse_args(["fit", "x", *([] if chains is None else ["--chains", str(chains)])])
    _platform.configure(options.platform, options.chains)
    assert asked == {"jax_num_cpu_devices": devices}


# Without a terminal


def test_a_pipe_sees_each_step_and_each_tenth_of_the_chains():
    screen = Screen(Console(file=io.StringIO(), highlight=False), Interruption())
    with screen.step("[b]: searching"):
        pass
    with screen.sampling("mine", SETTINGS) as show:
        for done in range(1, 801):
            show(infer.Report(done, 800, done <= 300, 0, 7.0))
    for _ in screen.each(range(40), str):
        pass
    lines = screen.console.file.getvalue().splitlines()
    assert lines[:2] == ["[b]: searching", "mine: preparing the chains"]
    assert lines[2] == "mine: 4 chains, warm-up, 7 steps: 80 of 800"
    assert lines[11] == "mine: 4 chains, sampling, 0 divergences, 7 steps: 800 of 800"
    assert len(lines[12:]) == 10
    assert not any(ord(letter) < 32 for line in lines for letter in line)


# One run per folder, and folders that are full


def test_a_second_run_in_a_folder_is_refused_by_name(tmp_path):
    with (
        _files.locked(tmp_path),
        pytest.raises(ValueError, match=f"by one run at a time, but process {os.getpid()} on"),
    ):
        run(toy_fit(), tmp_path)
    assert not list(tmp_path.iterdir())


_KILLED = """\
import os, pathlib, sys
from nmmjax._files import locked
with locked(pathlib.Path(sys.argv[1])):
    os._exit(9)
"""


def test_the_lock_of_a_run_that_was_killed_is_none(tmp_path):
    code = (
        "import sys, os, pathlib; from nmmjax._files import locked\nwith locked(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == 9
    assert (tmp_path / ".lock").read_text().startswith("process ")
    with _files.locked(tmp_path):
        assert (tmp_path / ".lock").read_text().startswith(f"process {os.getpid()} on")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="Argument `folder` must be a folder that can be written"):
        run(toy_fit(), tmp_path / "file")


def test_a_full_disk_loses_nothing(tmp_path):
    """What stood stays, and nothing half written stands beside it."""
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        with pytest.raises(OSError, match="File too large"), _files.atomic(path) as temporary:
            temporary.write_bytes(bytes(8192))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("checkpoint.npz", b"old")]


def test_a_full_disk_is_no_traceback(tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        (tmp_path / "checkpoint.npz").touch()
        raise OSError(28, "No space left on device")

    (tmp_path / "mine.py").write_text("")
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setattr(gallery, "build", lambda entry: {"": _ANALYSIS})
    monkeypatch.setattr(fit_command, "run", full)
    assert cli.main(["fit", str(tmp_path / "mine.py"), "--out", str(tmp_path)]) == cli.USAGE
    assert "No space left on device; `" in (words := capsys.readouterr().err)
    assert "keeps what was finished, and `--resume` goes on" in words


# The record


def test_the_commit_of_what_built_a_run(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("one")

    def git(*arguments):
        who = ("-c", "user.name=me", "-c", "user.email=me@example.org")
        return subprocess.run(["git", "-C", tmp_path, *who, *arguments], capture_output=True, text=True, check=True)

    assert run_record("x", SETTINGS, file=file).file.commit is None
    git("init", "-q")
    git("add", "mine.py")
    git("commit", "-qm", "one")
    commit = git("rev-parse", "HEAD").stdout.strip()
    assert run_record("x", SETTINGS, file=file).file.commit == commit
    file.write_text("two")
    assert run_record("x", SETTINGS, file=file).file.commit == f"{commit}-dirty"
    (tmp_path / "other.py").touch()
    assert run_record("x", SETTINGS, file=tmp_path / "other.py").file.commit is None
