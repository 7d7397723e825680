"""Compiled programs on disk: found again, of each machine apart, bounded, and never the cause of a wrong result."""

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from nmmjax import _program_cache
from nmmjax._program_cache import SWITCH

_FIT = """
import json, warnings
warnings.simplefilter("always")
import jax
import numpy as np
from nmmjax import _compilation, infer
from toys import DATA, toy_fit
maximum = infer.maximize(toy_fit({shift}), settings=infer.Settings(starts=4))
spent = _compilation.spent()
folder = str(jax.config.values["jax_compilation_cache_dir"])
print(json.dumps([spent.programs, spent.found, float(maximum.parameters["m0"]), folder]))
"""


def searched(cache, shift="", **variables):
    """Programs, those found on disk, m0 at the maximum, and the folder; and what was said beside."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("JAX_", "XLA_")) and n != SWITCH}
    environment |= {SWITCH: str(cache), "PYTHONPATH": os.pathsep.join(sys.path)} | variables
    command = [sys.executable, "-c", _FIT.format(shift=shift)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return json.loads(ended.stdout.splitlines()[-1]), ended.stderr


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache that one process has filled, and what that found."""
    cache = tmp_path_factory.mktemp("cache")
    (programs, found, mass, folder), said = searched(cache)
    assert programs - found > 5  # few are alike, and found again by the process that has compiled them
    assert folder.startswith(str(cache))
    assert "programs" not in said
    return cache, mass


def programs_of(cache):
    return sorted(cache.rglob("*-cache"))


def test_a_second_run_compiles_nothing(filled):
    """Nor does one with other data, whatever the hash seed."""
    cache, mass = filled
    for seed in ("1", "2"):
        (programs, found, again, _), _ = searched(cache, PYTHONHASHSEED=seed)
        assert programs == found
        assert again == mass
    (programs, found, other, _), _ = searched(cache, shift="np.add(DATA, 0.01)")
    assert programs == found
    assert other != mass


def test_it_can_be_switched_off_and_jaxs_own_comes_first(filled, tmp_path):
    (_, found, _, folder), _ = searched("off")
    assert found == 0
    assert folder == "None"
    (_, _, _, folder), _ = searched(filled[0], JAX_COMPILATION_CACHE_DIR=str(tmp_path))
    assert folder == str(tmp_path)


def test_damaged_programs_are_removed_and_compiled_again(tmp_path):
    """Cut, flipped in one bit, or of another size: whichever were noted, and those that were not."""
    cache = tmp_path
    (_, _, mass, _), _ = searched(cache)
    rng, files = np.random.default_rng(0), programs_of(cache)
    for number, path in enumerate(rng.permutation(files)[:12]):
        data = bytearray(path.read_bytes())
        data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        path.write_bytes(data[: len(data) // 2] if number % 3 == 0 else data)
        made_old(path)
    (programs, found, again, _), said = searched(cache)
    assert again == mass
    assert found == programs - 12
    assert said.count("UserWarning") == 1
    assert "Removed 12 damaged programs" in said
    index = next(cache.rglob("index.json"))
    index.write_text("{" + index.read_text())
    path = programs_of(cache)[0]
    path.write_bytes(path.read_bytes()[:-20])
    made_old(path)
    (programs, found, again, _), said = searched(cache)
    assert (found, again) == (programs - 1, mass)
    assert "Removed 1 damaged programs" in said


def made_old(path):
    """As if it had been written an hour ago."""
    os.utime(path, (time.time() - 3600.0,) * 2)


def test_processes_beside_each_other(filled, tmp_path, recwarn):
    """What another one is writing is neither removed nor noted as it is; what it has removed is not missed."""
    folder = shutil.copytree(programs_of(filled[0])[0].parent, tmp_path / "copy")
    whole, half, *_ = programs_of(folder)
    half.write_bytes(half.read_bytes()[:-20])
    index = folder / "index.json"
    index.unlink()
    _program_cache._sweep(folder)
    _program_cache._settle(folder)
    assert half.exists()
    assert whole.name in json.loads(index.read_text())
    assert half.name not in json.loads(index.read_text())
    made_old(half)
    with pytest.warns(UserWarning, match="Removed 1 damaged programs"):
        _program_cache._sweep(folder)
    assert not half.exists()
    gone = folder / f"gone{_program_cache._PROGRAM}"
    gone.symlink_to(folder / "nowhere")
    _program_cache._sweep(folder)
    _program_cache._settle(folder)
    assert not recwarn.list


def test_a_folder_that_cannot_be_used_is_left_aside_in_one_line(filled, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    (_, found, mass, folder), said = searched(file)
    assert (found, mass, folder) == (0, filled[1], "None")
    assert said.count("Compiled programs are not kept in") == 1
    assert said.count("Warning") == 1


def test_the_size_is_bounded(filled, tmp_path, monkeypatch):
    """What has not been read for the longest time goes first."""
    folder = shutil.copytree(programs_of(filled[0])[0].parent, tmp_path / "copy")
    files = programs_of(folder)
    for age, path in enumerate(files):
        os.utime(path, ns=(10**18 - age * 10**9, path.stat().st_mtime_ns))
    total = sum(path.stat().st_size for path in files)
    monkeypatch.setattr(_program_cache, "_LARGEST", total - 1)
    monkeypatch.setattr(_program_cache, "_AFTERWARDS", total // 2)
    _program_cache._sweep(folder)
    left = programs_of(folder)
    assert sum(path.stat().st_size for path in left) <= total // 2
    assert left == files[: len(left)]


def test_each_kind_of_processor_has_its_own(monkeypatch):
    here = _program_cache._processor()
    monkeypatch.setattr("platform.machine", lambda: "pdp11")
    assert _program_cache._processor() != here


def test_where_programs_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv(SWITCH, "off")
    assert _program_cache._chosen() == (None, f"switched off by {SWITCH}")
    monkeypatch.setenv(SWITCH, str(tmp_path))
    folder, why = _program_cache._chosen()
    assert (folder.parent, why) == (tmp_path, f"set by {SWITCH}")
    monkeypatch.delenv(SWITCH)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder, _ = _program_cache._chosen()
    assert folder.parent == tmp_path / "nmmjax" / "programs"
