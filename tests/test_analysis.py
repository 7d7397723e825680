"""An analysis from the question to the files: one result in memory and on disk, at any level, compiled once."""

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys

import jax.numpy as jnp
import msgspec
import numpy as np
import numpyro.distributions as dist
import pytest
import xarray
from rich.console import Console
from toys import DATA, SETTINGS, LogSplittings, toy_fit

from nmmjax import _compilation, gallery, infer, plots, report, results
from nmmjax.analysis import Analysis, Derived, Progress, Published, run
from nmmjax.fit import Fit
from nmmjax.models import GrimusLavoura

FLIPS = 30
SHORT = dataclasses.replace(SETTINGS, starts=4, warmup=200, samples=400)
WANTED = Analysis(
    toy_fit(),
    SHORT,
    limits=("m0",),
    contours=(("m0", "r"),),
    corner=("m0", "twice"),
    derived={"twice": Derived(lambda theory: 2 * theory.neutrinos.m_beta, r"2 m_\beta", "eV")},
    published=Published("me", {"m0": (0.05, 0.01, 0.01)}),
    level=0.95,
)


class Recorded(Progress):
    """What a run says of itself."""

    def __init__(self):
        self.said, self.files = [], []

    def say(self, words):
        self.said.append(words)

    def wrote(self, paths):
        self.files += paths


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder, progress = tmp_path_factory.mktemp("run"), Recorded()
    return run(WANTED, folder, progress=progress), folder, progress


def test_what_is_read_back_equals_what_was_found(finished):
    result, folder, _ = finished
    again = results.load(folder)
    assert again == result
    assert again.summary() == result.summary()
    changed = again.with_profiles([], again.profiles[:1])
    assert changed != result


def test_figures_of_a_loaded_result_are_the_same_files(finished, tmp_path):
    result, folder, progress = finished
    drawn = plots.draw_all(results.load(folder), tmp_path)
    assert {path.name for path in drawn} >= {"corner.png", "profile_m0.png", "contour_m0_r.png", "beside.png"}
    assert {path.name for path in progress.files} == {*(p.name for p in drawn), "summary.json", "posterior.nc"}
    for path in drawn:
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name
    assert result.corner == ("m0", "twice")


def test_saved_elsewhere_it_is_the_same_summary(finished, tmp_path):
    result, folder, _ = finished
    results.save(results.load(folder), tmp_path)
    assert (tmp_path / "summary.json").read_bytes() == (folder / "summary.json").read_bytes()
    assert results.load(tmp_path) == result


def test_level_and_derived_quantities_reach_table_and_limits(finished):
    """95 %: 3.84 and 2.71 of the profile, and intervals of the posterior; twice m_beta is twice m_beta."""
    result, _, _ = finished
    limit, row = result.limit("m0"), result.row("m0")
    log_sd = 0.1  # of m0, half that of ln m0^2
    best = 0.5 * float(DATA[0])
    np.testing.assert_allclose(np.log([limit.low, limit.high]), best + np.array([-1, 1]) * 1.959964 * log_sd, atol=1e-3)
    np.testing.assert_allclose(np.log(limit.upper), best + 1.644854 * log_sd, atol=1e-3)
    assert row.low == pytest.approx(np.quantile(result.draws("m0"), 0.025))
    np.testing.assert_allclose(result.draws("twice"), 2 * result.draws("m_beta"), rtol=1e-14)
    assert (result.row("twice").symbol, result.row("twice").unit) == (r"2 m_\beta", "eV")
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.result(result))
    text = console.export_text()
    assert "Delta chi2 = 3.84" in text
    assert "twice [eV]" in text
    assert "95%" in text


def test_settings_seed_figures_and_published_values_compile_nothing(finished):
    settings = dataclasses.replace(SHORT, seed=7, samples=350, target_accept=0.85)
    other = Published("other", {"r": (1.0, 0.1, 0.1)})
    changed = dataclasses.replace(WANTED, settings=settings, corner=("r",), published=other, limits=(), contours=())
    before = _compilation.programs()
    result = run(changed)
    assert _compilation.programs() <= before + 1  # what is said of each datum, for another number of draws
    assert result.run.settings.seed == 7
    assert result.published.lines[0].name == "r"
    assert not np.array_equal(result.draws("m0"), finished[0].draws("m0")[:, :350])


def test_a_fit_stands_for_its_analysis():
    result = run(toy_fit(fixed={"toy_shift": 0.0}), sampled=False)
    assert result.good
    assert result.posterior is None
    assert result.name == "from_splittings"


def test_what_stands_while_chains_run_says_so(tmp_path):
    """Interrupted in warm-up: the maximum is kept, and it does not pass for the answer."""

    class Cut(Progress):
        def sampling(self, name, settings):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(WANTED, tmp_path, progress=Cut())
    kept = results.load(tmp_path)
    assert not kept.good
    assert "nothing has been drawn yet" in kept.verdict.reasons[-1]
    assert kept.row("m0").best == pytest.approx(np.exp(0.5 * float(DATA[0])), rel=1e-4)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_of_the_summary_waits_for_it(number, finished, tmp_path, monkeypatch):
    """The draws are all there: what is kept equals the result that was never cut, but for its profiles."""
    result, _, _ = finished

    def cut(*arguments):
        signal.raise_signal(number)
        return with_draws(*arguments)

    with_draws = results.with_draws
    monkeypatch.setattr(results, "with_draws", cut)
    with pytest.raises(KeyboardInterrupt):
        run(WANTED, tmp_path)
    kept = results.load(tmp_path)
    assert kept.parameters == result.parameters
    np.testing.assert_array_equal(kept.draws("m0"), result.draws("m0"))
    assert kept.sampling.complete


def test_an_interruption_that_was_swallowed_ends_the_run_after_the_step(finished, monkeypatch):
    """As one that reaches Python within a callback; before there are draws, while there are some, and after."""
    steps = []

    class Swallowing(Progress):
        @contextlib.contextmanager
        def step(self, words):
            steps.append(words)
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            yield

    with pytest.raises(KeyboardInterrupt):
        run(WANTED, progress=Swallowing())
    assert [words.split(":")[1].split()[0] for words in steps] == ["tracing"]

    class WhileSampling(Progress):
        @contextlib.contextmanager
        def sampling(self, name, settings):
            def show(report):
                if report.done > settings.warmup:
                    with contextlib.suppress(KeyboardInterrupt):
                        signal.raise_signal(signal.SIGTERM)

            yield show

    partial = run(WANTED, progress=WhileSampling())
    assert not partial.sampling.complete
    np.testing.assert_array_equal(partial.draws("m0"), finished[0].draws("m0")[:, : infer.sampling.BLOCK])


def test_a_full_disk_keeps_the_result_that_stood(finished, tmp_path):
    """HDF5 itself would crash there."""
    result, folder, _ = finished
    shutil.copytree(folder, tmp_path / "out")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        with pytest.raises(OSError, match="File too large"):
            results.save(result.with_profiles([], []), tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert results.load(tmp_path / "out") == result


def test_the_record_has_the_file_as_it_was_when_the_run_began(tmp_path, finished):
    file = tmp_path / "mine.py"
    file.write_text("one")

    class Changing(Progress):
        def say(self, words):
            file.unlink(missing_ok=True)

    result = run(dataclasses.replace(WANTED, contours=()), file=file, sampled=False, progress=Changing())
    assert result.run.file.sha256 == hashlib.sha256(b"one").hexdigest()


def test_nothing_sampled_never_touches_a_posterior(finished):
    with pytest.raises(ValueError, match="must hold no posterior"):
        run(WANTED, finished[1], sampled=False)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("schema", 1, "must have the schema 6, but .* has 1"),
        ("verdict", {"good": "yes", "reasons": []}, r"is damaged: Expected `bool`, got `str` - at `\$.verdict.good`"),
        ("parameters", [{"name": "m0"}], r"is damaged: .*required field .* at `\$.parameters\[0\]`"),
        ("limits", None, r"is damaged: Expected `array`, got `null` - at `\$.limits`"),
    ],
)
def test_damaged_summaries_are_refused_by_file_and_key(key, value, message, finished, tmp_path):
    written = json.loads((finished[1] / "summary.json").read_text())
    (tmp_path / "summary.json").write_text(json.dumps(written | {key: value}))
    with pytest.raises(ValueError, match=message):
        results.load(tmp_path)


def test_summaries_of_another_version_are_refused_by_name(tmp_path):
    (tmp_path / "summary.json").write_text(json.dumps({"versions": {"nmmjax": "0.1.0"}, "parameters": []}))
    with pytest.raises(ValueError, match=r"has none: another version of nmmjax \(0.1.0\) wrote it"):
        results.load(tmp_path)


def test_a_number_that_was_edited_is_refused(finished, tmp_path):
    text = (finished[1] / "summary.json").read_text()
    (tmp_path / "summary.json").write_text(text.replace('"chains": 4', '"chains": 5'))
    with pytest.raises(ValueError, match=r"summary.json` is damaged: its checksum"):
        results.load(tmp_path)


def test_killed_between_its_two_files_a_result_is_the_new_one(finished, tmp_path):
    result, folder, _ = finished
    older = msgspec.structs.replace(result, posterior=result.posterior * 2.0, run=results.run_record("older", SHORT))
    results.save(older, tmp_path)
    shutil.copy(folder / "posterior.nc", tmp_path)
    assert results.load(tmp_path) == result


def test_arrays_that_are_missing_are_missed(finished, tmp_path):
    shutil.copy(finished[1] / "summary.json", tmp_path)
    with pytest.raises(ValueError, match=r"posterior.nc` is damaged: it is not there"):
        results.load(tmp_path)


def test_groups_that_others_add_are_left_aside(finished, tmp_path):
    result, folder, _ = finished
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    added = xarray.Dataset({"toy": ("draw", np.arange(3.0))})
    added.to_netcdf(tmp_path / "posterior.nc", group="log_likelihood_of_mine", mode="a", engine="h5netcdf")
    assert results.load(tmp_path) == result


@pytest.mark.parametrize("name", ["summary.json", "posterior.nc"])
def test_flipped_bits_are_refused_or_without_effect(name, finished, tmp_path):
    result, folder, _ = finished
    for kept in ("summary.json", "posterior.nc"):
        shutil.copy(folder / kept, tmp_path)
    intact, rng, refused = (folder / name).read_bytes(), np.random.default_rng(0), 0
    for _ in range(FLIPS):
        raw, place = bytearray(intact), int(rng.integers(len(intact)))
        raw[place] ^= 1 << int(rng.integers(8))
        (tmp_path / name).write_bytes(raw)
        found = loaded_or_refused(tmp_path)
        refused += found is None
        assert found is None or found == result
    assert refused > FLIPS // 3


def loaded_or_refused(folder):
    """What is read, or None where it is refused by its name."""
    try:
        return results.load(folder)
    except ValueError as error:
        return None if "is damaged: " in str(error) or "must have the schema" in str(error) else error


# A density for any other method


def test_log_density_is_likelihood_prior_and_jacobian():
    """Of a normal likelihood with a log-uniform prior: all three by hand at a point of the space."""
    fit = Fit(
        GrimusLavoura.from_splittings,
        (LogSplittings(DATA),),
        {"m0": dist.LogUniform(1e-3, 1.0)},
        {"dm21": 1e-7, "r": 1.0, "toy_shift": 0.0},
    )
    z = jnp.array([0.7])
    share = 1 / (1 + np.exp(-0.7))  # of the way from ln 1e-3 to ln 1
    log_m0 = np.log(1e-3) * (1 - share)
    likelihood = -0.5 * ((2 * log_m0 - float(DATA[0])) / 0.2) ** 2
    width = np.log(1e3)
    assert float(fit.log_density(z, jacobian=False)) == pytest.approx(likelihood - np.log(width), rel=1e-4)
    jacobian = np.log(width * share * (1 - share))
    assert float(fit.log_density(z)) == pytest.approx(likelihood - np.log(width) + jacobian, rel=1e-4)


_LOWERED = """
import hashlib, sys
import jax, jax.numpy as jnp
from nmmjax import gallery
def density(fit, z):
    return fit.log_density(z)
for name in sys.argv[1:]:
    for hypothesis, analysis in gallery.build(gallery.find(name)).items():
        fit = analysis.fit
        text = jax.jit(jax.value_and_grad(density, 1)).lower(fit, jnp.zeros(fit.space.size)).as_text()
        print(name, hypothesis, hashlib.sha256(text.encode()).hexdigest())
"""


def _lowered(seed, names):
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-c", _LOWERED, *names]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize(
    "names",
    [
        ("grimus_lavoura_2000", "xenon1t_moment", "su2h_moment"),
        pytest.param(tuple(gallery.analyses()), marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_two_processes_lower_the_same_text(names):
    """Whatever the hash seed: else a compiled program would never be found again."""
    one, other = _lowered(1, names), _lowered(2, names)
    assert len(one) >= len(names)
    assert one == other


def test_reports_of_infer_are_unchanged_by_an_analysis(finished):
    """The same numbers step by step from Python."""
    fit = WANTED.fit
    maximum = infer.maximize(fit, settings=SHORT)
    draws = infer.sample(fit, maximum, settings=SHORT)
    result = results.conclude(fit, maximum, infer.laplace(fit, maximum), draws, WANTED.wanted)
    np.testing.assert_array_equal(result.draws("m0"), finished[0].draws("m0"))
    assert result.parameters == finished[0].parameters
