"""Independent work in this process, on two processes of this machine, and what is left when some of it is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest
import work
from gaussian import gaussian_fit

import nmmjax
from nmmjax import __main__ as cli
from nmmjax import executors, gallery, infer, results
from nmmjax._commands import _shared
from nmmjax.executors import Failed, Finished, Here, UnfinishedError, connected
from nmmjax.executors._clusters import parse
from nmmjax.executors._dask import Facts, check_alike, facts
from nmmjax.executors._parcels import pack, unpack
from nmmjax.infer import Axis, Held, Settings
from nmmjax.low_energy import Majorana
from nmmjax.models import GrimusLavoura, from_function

KEY = jax.random.PRNGKey(11)
TESTS = Path(__file__).parent
FEW = Settings(starts=4)
COLUMNS = ("truth", "best", "chi2", "delta_chi2", "to_gain")

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of sockets whose other end was killed
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster():
    """Two processes, one core each."""
    with connected("local:2", platform="cpu") as executor:
        yield executor


@pytest.fixture(scope="module")
def solved():
    fit = gaussian_fit(data=1.0, weight=1.0)
    return fit, infer.maximize(fit, settings=FEW)


@pytest.fixture(scope="module")
def given(solved):
    return {"key": KEY, "at": solved[1].parameters, "tests": (Held(("x",)),)}


@pytest.fixture(scope="module")
def whole(solved, given):
    """Toys of this process."""
    return infer.toys(*solved, 300, **given)


def assert_same(found, expected):
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


# Executors


def places(outcomes):
    return {outcome.unit: outcome for outcome in outcomes}


def test_units_come_back_with_their_places(cluster):
    processes = set()
    for executor in (Here(), Here(jax.devices()[:2]), cluster):
        found = places(executor.run(work.plus, work.SECRET, range(100)))
        assert {unit: outcome.result[0] for unit, outcome in found.items()} == {i: work.SECRET + i for i in range(100)}
        processes |= {outcome.result[1] for outcome in found.values()}
        assert executor.platform == "cpu"
        assert list(executor.run(work.plus, 0, [])) == []
    assert len(processes) == 3


def test_a_unit_that_fails_twice_is_told_and_the_rest_kept(cluster, tmp_path):
    for executor in (Here(), Here(jax.devices()[:3]), cluster):
        found = places(executor.run(work.fails_at_three, None, range(6)))
        failed = found.pop(3)
        assert isinstance(failed, Failed)
        assert failed.reason == "ArithmeticError: three is too much"
        assert {unit: outcome.result for unit, outcome in found.items()} == {i: 2 * i for i in (0, 1, 2, 4, 5)}
        folder = tmp_path / str(id(executor))
        folder.mkdir()
        assert all(isinstance(o, Finished) for o in executor.run(work.fails_once, str(folder), range(4)))
        with pytest.raises(UnfinishedError, match="No batch of work succeeds: ArithmeticError: never"):
            list(executor.run(work.fails, None, range(1000)))


def test_what_is_left_behind_is_called_off(cluster):
    begun = time.monotonic()
    outcomes = cluster.run(work.slowly, 0.2, range(1000))
    next(outcomes)
    outcomes.close()
    assert [o.result for o in cluster.run(work.slowly, 0.0, [7])] == [7]
    assert time.monotonic() - begun < 60.0


@pytest.mark.slow
def test_a_unit_that_takes_its_workers_with_it(cluster):
    found = places(cluster.run(work.takes_its_worker_with_it, 5, range(12)))
    failed = found.pop(5)
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("KilledWorker")
    assert {unit: outcome.result for unit, outcome in found.items()} == {i: i for i in range(12) if i != 5}


# Toys and rows of a grid


def test_toys_are_the_same_bits_wherever_they_are_made(cluster, solved, given, whole):
    seen = []
    assert_same(infer.toys(*solved, 300, executor=cluster, progress=seen.append, **given), whole)
    assert seen[-1] == 300
    assert seen == sorted(seen)
    assert_same(infer.toys(*solved, 300, executor=Here(jax.devices()[:2]), **given), whole)


def test_a_worker_that_is_killed_costs_its_batch_and_no_more(cluster, solved, given, tmp_path):
    """The answer is the same bits, and the other worker goes on."""
    number, killed, path = 3000, [], tmp_path / "toys.npz"
    pids = list(cluster._client.run(os.getpid).values())

    def kill(done):
        if done > number / 2 and not killed:
            os.kill(pids[0], signal.SIGKILL)
            killed.append(done)

    found = infer.toys(*solved, number, executor=cluster, progress=kill, checkpoint=path, **given)
    assert killed
    assert found.missing == ()
    assert_same(found, infer.toys(*solved, number, **given))
    with np.load(path) as stored:
        np.testing.assert_array_equal(stored["number"], np.arange(len(stored["number"])))


def test_holes_are_named_and_filled(solved, given, whole, tmp_path):
    """Of batches that fail, and of rows that another run has left in any order and in batches of another size."""
    path = tmp_path / "toys.npz"

    class Breaking(Here):
        def run(self, function, shared, units):
            for outcome in super().run(function, shared, units):
                bad = 64 <= units[outcome.unit].first < 128
                yield Failed(outcome.unit, "OSError: a disk is gone", OSError()) if bad else outcome

    found = infer.toys(*solved, 300, executor=Breaking(), checkpoint=path, **given)
    assert found.number == 300 - 64
    assert [words.split()[0] for words in found.missing] == ["64", "96"]
    assert found.missing[0] == "64 to 95 (OSError: a disk is gone)"
    seen = []
    filled = infer.toys(*solved, 300, checkpoint=path, resume=True, progress=seen.append, **given)
    assert len(seen) == 2
    assert_same(filled, whole)
    assert filled.missing == ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nmmjax.infer._plans._LANES", {"cpu": 10})
        assert_same(infer.toys(*solved, 300, checkpoint=path, resume=True, **given), whole)


def test_bands_on_a_cluster_and_resumed(cluster, solved, tmp_path):
    grids, path = {"x": np.linspace(0.0, 3.0, 4)}, tmp_path / "band.npz"
    here = infer.feldman_cousins(*solved, grids, 100, key=KEY)

    def stop(done, of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer.feldman_cousins(*solved, grids, 100, key=KEY, checkpoint=path, progress=stop, executor=cluster)
    seen = []
    resumed = infer.feldman_cousins(
        *solved, grids, 100, key=KEY, checkpoint=path, resume=True, progress=lambda *at: seen.append(at)
    )
    np.testing.assert_array_equal(resumed.critical, here.critical)
    np.testing.assert_array_equal(resumed.p_value, here.p_value)
    assert seen[0][0] >= 2
    assert seen[-1] == (4, 4)


@pytest.mark.slow
def test_limits_by_cls_on_a_cluster(cluster, solved):
    grids = {"x": np.linspace(0.0, 3.0, 4)}
    here, there = (infer.cls_limit(*solved, grids, 50, key=KEY, null=0.0, executor=e) for e in (None, cluster))
    np.testing.assert_array_equal(there.cls, here.cls)


def test_profiles_and_exclusions_on_a_cluster(cluster, solved, tmp_path):
    fit, maximum = solved
    about = {"levels": [1.0, 2.71], "points": 9, "refinements": 2}
    axes = [Axis("x", -2.0, 4.0)]
    here, there = (infer.survey(fit, maximum, axes, executor=e, **about) for e in (None, cluster))
    np.testing.assert_array_equal(there.places, here.places)
    np.testing.assert_allclose(there.delta_chi2, here.delta_chi2, atol=1e-9)
    assert there.missing == ()
    over, limited = Axis("y", -1.0, 1.0), Axis("x", -2.0, 6.0)
    here, there = (infer.exclusion(fit, maximum, over, limited, executor=e) for e in (None, cluster))
    np.testing.assert_allclose(there.limit, here.limit, rtol=1e-9)


def test_a_survey_names_what_is_missing_and_fills_it(solved, tmp_path):
    fit, maximum = solved
    about = {"levels": [1.0], "points": 17, "refinements": 1, "checkpoint": tmp_path / "x.checkpoint.npz"}
    axes = [Axis("x", -2.0, 4.0)]
    whole = infer.survey(fit, maximum, axes, **about)

    class Breaking(Here):
        def run(self, function, shared, units):
            for outcome in super().run(function, shared, units):
                last = len(units) > 1 and outcome.unit == len(units) - 1
                yield Failed(outcome.unit, "OSError: a disk is gone", OSError()) if last else outcome

    broken = infer.survey(fit, maximum, axes, executor=Breaking(), **about)
    assert broken.missing
    assert "OSError: a disk is gone" in broken.missing[0]
    filled = infer.survey(fit, maximum, axes, resume=True, **about)
    assert filled.missing == ()
    np.testing.assert_array_equal(filled.places, whole.places)
    np.testing.assert_allclose(filled.delta_chi2, whole.delta_chi2, atol=1e-9)


@pytest.mark.slow
def test_calibration_on_a_cluster(cluster, solved):
    here, there = (infer.calibrate(*solved, 40, key=KEY, executor=e) for e in (None, cluster))
    np.testing.assert_array_equal(there.ranks, here.ranks)


# What travels


FILE = '''"""A Gaussian with a model of its own: one headline."""

from width_of_mine import WIDTH
from gaussian import Gaussian

from nmmjax.analysis import Analysis, Derived, Settings
from nmmjax.fit import Fit
from nmmjax.infer import _kept
from nmmjax.models import GrimusLavoura

PAPER = "nobody (2026)"
_kept._PAUSE = 0.0


class Mine(GrimusLavoura):
    """A model of one's own."""


def build():
    """x, under two hypotheses of y."""
    fixed = {{"m0": 0.05, "r": 1.0, "dm21": 1e-7}}
    twice = {{"twice": Derived(lambda theory: 2.0 * WIDTH * theory.neutrinos.states.sum_of_masses, "2 m")}}
    fits = {{
        "free": Fit(Mine.from_splittings, (Gaussian(1.0, 1.0),), {{}}, fixed),
        "held": Fit(Mine.from_splittings, (Gaussian(1.0, 1.0),), {{}}, fixed | {{"y": 0.0}}),
    }}
    found = {{name: Analysis(fit, settings=Settings(starts=4), derived=twice) for name, fit in fits.items()}}
    return found if {several} else found["free"]
'''


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(_shared, "configure", lambda options: None)
    monkeypatch.setenv("COLUMNS", "160")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "width_of_mine.py").write_text("WIDTH = 3.0\n")
    (folder / "one.py").write_text(FILE.format(several=False))
    (folder / "two.py").write_text(FILE.format(several=True))
    return folder / "one.py"


_ELSEWHERE = """
import sys
from pathlib import Path
from nmmjax.executors._parcels import unpack
analysis = unpack(Path(sys.argv[1]).read_bytes())
z = analysis.fit.space.vector({"x": 0.5, "y": 0.25})
print(type(analysis.fit.experiments[0]).__module__, analysis.fit.model_class.__name__)
print(float(analysis.fit.log_density(z)))
_, theory, _ = analysis.fit.point({"x": 0.5, "y": 0.25})
print(float(analysis.wanted.derived["twice"].function(theory)))
"""


def test_an_analysis_travels_with_the_files_that_it_comes_from(file, tmp_path):
    """To a process that finds neither the file nor what lies beside it."""
    (analysis,) = gallery.build(gallery.find(str(file))).values()
    parcel = tmp_path / "parcel"
    parcel.write_bytes(pack(analysis))
    for path in file.parent.iterdir():
        path.unlink()
    environment = os.environ | {"PYTHONPATH": str(Path(nmmjax.__file__).parent.parent)}
    command = [sys.executable, "-c", _ELSEWHERE, str(parcel)]
    said = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout.split()
    z = analysis.fit.space.vector({"x": 0.5, "y": 0.25})
    assert said[:2] == ["gaussian", "Mine"]
    assert float(said[2]) == pytest.approx(float(analysis.fit.log_density(z)), rel=1e-12)
    assert float(said[3]) == pytest.approx(6.0 * 0.05 * 2.0, rel=1e-3)


def test_what_cannot_travel_is_named():
    class Here(GrimusLavoura):
        """In no module."""

    with pytest.raises(ValueError, match="`Here` must be defined in a file that can be imported"):
        pack(Here)


def test_functions_as_models_travel():
    def mine(m0):
        """M = m0."""
        return m0 * np.eye(3)

    there = unpack(pack(from_function(mine, Majorana())))
    assert there.__name__ == "mine"
    assert list(there.own_arguments()) == ["m0"]
    assert unpack(pack(GrimusLavoura.from_splittings)) == GrimusLavoura.from_splittings


def test_processes_that_compute_otherwise_are_refused():
    check_alike(facts())
    other = Facts((("nmmjax", "0.0"), *facts().versions[1:]), "float32", "cpu")
    with pytest.raises(ValueError, match=r"another nmmjax \(0.0, here .*, precision \(float32, here float64\)"):
        check_alike(other)


# Commands


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


@pytest.mark.parametrize(
    "where", ["nonsense", "local:0", "local:x", "slurm:", "slurm:-1", "nowhere.json", "local", "pbs", "10.0.0.1:8786"]
)
def test_names_of_clusters(where):
    if where in ("local", "pbs", "10.0.0.1:8786"):
        assert parse(where).number == {"local": len(os.sched_getaffinity(0)), "pbs": 1}.get(where, 0)
        return
    with pytest.raises(ValueError, match="Argument `cluster` must"):
        parse(where)


@pytest.mark.parametrize("command", ["toys", "calibrate", "fit", "profile", "impacts"])
def test_clusters_that_are_not_there_are_refused_in_seconds(command, file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("nmmjax.executors._clusters._PATIENCE", 1.0)
    begun, names = time.monotonic(), ("x",) * (command == "profile")
    assert run(command, file, *names, "--out", tmp_path / "out", "--cluster", "nonsense") == cli.USAGE
    assert "`cluster` must be local:N, " in capsys.readouterr().err
    assert run(command, file, *names, "--out", tmp_path / "out", "--cluster", "127.0.0.1:1") == cli.USAGE
    assert "`cluster` must name a dask scheduler that answers, but 127.0.0.1:1 does not" in capsys.readouterr().err
    assert time.monotonic() - begun < 30.0
    with pytest.raises(SystemExit):
        run(command, "--help")
    assert f"nmmjax {command}" in (text := capsys.readouterr().out)
    assert "--cluster local:" in text or "--cluster slurm:" in text


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r'pip install "nmmjax\[cluster\]"'), connected("local:2"):
        pass


@pytest.fixture
def joined(cluster):
    """The address of the two processes."""
    return cluster._client.scheduler.address


def test_the_commands_join_a_cluster(file, joined, tmp_path, capsys):
    out, toys = tmp_path / "out", ("toys", file, "--number", 200, "--parameter", "x")
    assert run(*toys, "--out", out / "there", "--cluster", joined) == cli.GOOD
    assert "2 workers so far, on cpu" in capsys.readouterr().out
    assert run(*toys, "--out", out / "here") == cli.GOOD
    here, there = (dict(np.load(out / place / "toys.npz")) for place in ("here", "there"))
    assert here.pop("question") == there.pop("question")
    for name in here:
        np.testing.assert_array_equal(there[name], here[name], err_msg=name)
    assert run("profile", file, "x", "--points", 5, "--out", out / "profile", "--cluster", joined) == cli.GOOD
    assert (out / "profile" / "x.csv").exists()


def test_hypotheses_are_answered_elsewhere(file, joined, tmp_path, capsys):
    two, out = file.with_name("two.py"), tmp_path / "out"
    assert run("fit", two, "--map-only", "--out", out, "--cluster", joined) == cli.GOOD
    text = capsys.readouterr().out
    assert "two/free" in text
    assert "two/held" in text
    for name in ("free", "held"):
        found = results.load(out / name)
        assert found.row("x").best == pytest.approx(1.0, abs=1e-3)
        assert found.row("twice").best == pytest.approx(0.6, rel=1e-3)
        assert found.run.file.path == str(two)


def test_a_batch_that_fails_is_reported_by_the_command(file, tmp_path, monkeypatch, capsys):
    refitted = infer._plans.refitted

    def broken(shared, batch):
        if batch.first == 32:
            raise OSError("a disk is gone")
        return refitted(shared, batch)

    monkeypatch.setattr("nmmjax.infer._plans.refitted", broken)
    asked = ("toys", file, "--number", 100, "--parameter", "x", "--out", tmp_path / "out")
    assert run(*asked) == cli.NOT_CONVERGED
    assert "toys are missing, which resuming does again: 32 to 63 (OSError: a disk is gone)" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "toys.json").read_text())["number"] == 68
    monkeypatch.setattr("nmmjax.infer._plans.refitted", refitted)
    assert run(*asked, "--resume") == cli.GOOD
    assert json.loads((tmp_path / "out" / "toys.json").read_text())["missing"] == []


def started(file, out, number, *options):
    """A command in a process group of its own."""
    command = [sys.executable, "-m", "nmmjax", "toys", file, "--number", number, "--parameter", "x", "--out", out]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), "JAX_NUM_CPU_DEVICES": "1"}
    about = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    return subprocess.Popen([str(word) for word in (*command, *options)], env=environment, **about)


@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_client_that_is_killed_resumes_from_what_was_finished(number, file, tmp_path):
    """SIGKILL of the client, Ctrl-C to all of its group; its workers end with it."""
    out, many, path = tmp_path / "out", 20000, tmp_path / "out" / "toys.npz"
    with started(file, out, many, "--cluster", "local:2") as process:
        while not path.exists() and process.poll() is None:
            time.sleep(0.05)
        (os.kill if number == signal.SIGKILL else os.killpg)(process.pid, number)
        said, _ = process.communicate()
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else cli.NOT_CONVERGED), said
    assert "Traceback" not in said
    kept = len(np.load(path)["number"])
    assert 0 < kept < many
    with started(file, out, 2000, "--cluster", "local:2", "--resume") as process:
        said, _ = process.communicate()
    assert process.returncode == cli.GOOD, said
    (analysis,) = gallery.build(gallery.find(str(file))).values()
    maximum = infer.maximize(analysis.fit, settings=analysis.settings)
    key = jax.random.PRNGKey(analysis.settings.seed)
    expected = infer.toys(analysis.fit, maximum, 2000, key=key, at=maximum.parameters, tests=(Held(("x",)),))
    np.testing.assert_allclose(np.load(path)["best"][:2000], expected.best, rtol=1e-9, atol=1e-9)


_SBATCH = """#!/bin/sh
for script in "$@"; do :; done
nohup sh "$script" > /dev/null 2>&1 &
echo "Submitted batch job $!"
"""


@pytest.mark.slow
def test_jobs_of_a_batch_system(tmp_path, monkeypatch):
    """Its commands are stood in for by two that start and kill a process; all else is what Slurm would be given."""
    for name, text in {"sbatch": _SBATCH, "scancel": '#!/bin/sh\nkill "$@"\n'}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with connected("slurm:2", platform="cpu") as executor:
        assert executor.platform == "cpu"
        found = places(executor.run(work.plus, 1, range(20)))
        assert {unit: outcome.result[0] for unit, outcome in found.items()} == {i: i + 1 for i in range(20)}
        script = executor._client.cluster.job_script()
    assert "export JAX_PLATFORMS=cpu" in script
    assert "#SBATCH" in script
    assert executors.Dask is type(executor)


@pytest.mark.slow
def test_a_scheduler_that_runs_already_and_ends():
    """Its workers may have several threads; when it is gone, that is said."""
    about = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    where = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", where.split(":")[1], "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", where, "--nthreads", "2", "--no-dashboard"]
    popen = subprocess.Popen
    with popen([*command, "--host", "127.0.0.1"], **about) as scheduler, popen(worker, **about) as one:
        with connected(where) as executor:
            assert executor.platform == "cpu"
            outcomes = executor.run(work.slowly, 0.1, range(1000))
            assert isinstance(next(outcomes), Finished)
            scheduler.kill()
            with pytest.raises(ConnectionError, match=r"the dask scheduler of .* is gone"):
                list(outcomes)
        one.kill()


def free_port():
    """A port at which nobody listens yet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
