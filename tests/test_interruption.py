"""Ctrl-C and SIGTERM at any moment: what was finished is there, and a resumed run ends as one that was never cut."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nmmjax import _interruption, results
from nmmjax._interruption import Interruption

BOTH = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def each_signal_counts(monkeypatch):
    """However fast one follows the other, and also where a shell has started the tests in the background."""
    monkeypatch.setattr(_interruption, "ONE_SIGNAL", 0.0)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", BOTH)
def test_both_signals_raise_and_handlers_come_back(number):
    before = [signal.getsignal(n) for n in BOTH]
    with pytest.raises(KeyboardInterrupt), Interruption(), Interruption() as inner:
        signal.raise_signal(number)
    assert inner.heard
    assert [signal.getsignal(n) for n in BOTH] == before


def test_what_was_swallowed_is_raised_until_it_is_heeded():
    with Interruption() as interruption:
        interruption.check()
        for _ in range(2):
            with contextlib.suppress(KeyboardInterrupt):  # as a callback of compiled code may
                signal.raise_signal(signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt):
                interruption.check()
            interruption.taken()
            interruption.check()


def test_the_first_waits_for_the_end_and_the_second_does_not():
    finished = []
    with Interruption() as interruption:
        with interruption.deferred():
            signal.raise_signal(signal.SIGTERM)
            finished.append("first")
        with pytest.raises(KeyboardInterrupt):
            interruption.check()
        with pytest.raises(KeyboardInterrupt), interruption.deferred():
            signal.raise_signal(signal.SIGTERM)
    assert finished == ["first"]


def test_one_signal_that_comes_twice_is_one(monkeypatch):
    """To a group of processes, and through a parent."""
    monkeypatch.setattr(_interruption, "ONE_SIGNAL", 60.0)
    with Interruption() as interruption, interruption.deferred():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.heard
        interruption.taken()


def test_handlers_of_others_and_ignored_signals_stay():
    """Shells let what they start in the background ignore Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGTERM)
            assert not interruption.heard
    finally:
        signal.signal(signal.SIGTERM, before)


# At random moments of real runs

FIT = '''"""Normal in the logarithms of its three parameters."""
import sys
sys.path.append({tests!r})
from toys import DATA, toy_fit
from nmmjax.analysis import Analysis, Settings

def build():
    return Analysis(toy_fit(), Settings(starts=4, warmup=200, samples=400), limits=("m0",))
'''
_COMMAND = """\
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("nmmjax", run_name="__main__")
"""
MOMENTS = 50


def start(file, out, cache, *options):
    caching = {"JAX_COMPILATION_CACHE_DIR": str(cache), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    environment = os.environ | caching
    command = [sys.executable, "-c", _COMMAND, "fit", str(file), "--out", str(out), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """The file, the result of a run that was never cut, the cache of its programs, and how long its work takes [s]."""
    folder = tmp_path_factory.mktemp("unbroken")
    file, cache = folder / "mine.py", folder / "cache"
    file.write_text(FIT.format(tests=str(Path(__file__).parent)))
    for out in ("first", "second"):  # the second one compiles nothing
        with start(file, folder / out, cache) as process:
            next(line for line in process.stdout if "searching" in line)
            begun = time.monotonic()
            process.communicate()
        assert process.returncode == 0
    return file, results.load(folder / "second"), cache, time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_whatever_ends_a_run_a_resumed_one_ends_as_if_nothing_had(moment, unbroken, tmp_path):
    """KILL, TERM and INT in search, compilation, warm-up, sampling, summary, profiles and drawing."""
    file, whole, cache, seconds = unbroken
    random = np.random.default_rng(moment)
    number = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[moment % 3]
    with start(file, tmp_path, cache) as process:
        next(line for line in process.stdout if "searching" in line)
        time.sleep(random.uniform(0.0, seconds))
        process.send_signal(number)
        said, _ = process.communicate()
    expected = (-signal.SIGKILL, 0) if number == signal.SIGKILL else (3, 0)  # 0: it had ended before
    assert process.returncode in expected, said
    if process.returncode == 3:
        assert "interrupted" in said
        assert "Traceback" not in said
    if (tmp_path / "summary.json").exists():
        results.load(tmp_path)
    with start(file, tmp_path, cache, "--resume") as process:
        said, _ = process.communicate()
    assert process.returncode == 0, said
    resumed = results.load(tmp_path)
    np.testing.assert_array_equal(resumed.draws("m0"), whole.draws("m0"))
    assert resumed.parameters == whole.parameters
    assert resumed.limits == whole.limits
    assert (tmp_path / "corner.png").exists()
    assert not (tmp_path / ".lock").exists()
