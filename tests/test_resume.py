"""A resumed run answers the same question, whole; what is damaged or has changed is refused by name."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from toys import DATA, SETTINGS, LogSplittings, toy_fit

from nmmjax import infer
from nmmjax.constants import PDG_2026
from nmmjax.fit import Fit
from nmmjax.infer import _question
from nmmjax.infer._checkpoint import Checkpoint, Progressed
from nmmjax.low_energy import Majorana
from nmmjax.models import GrimusLavoura

SHORT = dataclasses.replace(SETTINGS, starts=4, warmup=20, samples=60, chains=2)


class Wider(LogSplittings):
    """The same data with another likelihood."""

    def log_likelihood(self, theory, nuisance):
        return 0.5 * super().log_likelihood(theory, nuisance)


def preferring(center):
    """A model with a prior of its own on its couplings."""

    class Preferring(GrimusLavoura):
        """Prefers a ratio of couplings."""

        def log_prior(self):
            return -0.5 * ((self.r - center) / 0.05) ** 2

    return Preferring.from_splittings


def with_truncated(low, high):
    """Its numbers are the same two in either order."""
    return toy_fit(priors={"r": dist.TruncatedNormal(low, high, low=0.0, high=10.0)})


def scaled(scale):
    """A mass matrix of one's own with a constant in it."""
    vev = scale * PDG_2026.higgs_vev

    def masses(y: float):
        return 1e-13 * vev * y * jnp.diag(jnp.array([1.0, 2.0, 3.0]))

    return Fit(masses, (LogSplittings(DATA),), {"y": dist.Uniform(0.5, 2.0)}, nature=Majorana())


CHANGES = {
    "data of toy": (toy_fit(), toy_fit(DATA + 0.1)),
    "prior of m0": (toy_fit(), toy_fit(priors={"m0": dist.LogUniform(1e-3, 2.0)})),
    "prior of r": (with_truncated(1.0, 2.0), with_truncated(2.0, 1.0)),
    "kinds of priors": (toy_fit(), toy_fit(priors={"r": dist.Uniform(0.2, 5.0)})),
    "fixed toy_shift": (toy_fit(fixed={"toy_shift": 0.0}), toy_fit(fixed={"toy_shift": 0.1})),
    "likelihood of toy": (toy_fit(), toy_fit(experiments=(Wider(DATA),))),
}


@pytest.mark.parametrize("piece", CHANGES)
def test_a_change_of_the_fit_has_a_name(piece):
    earlier, now = (_question.pieces(fit, {}) for fit in CHANGES[piece])
    assert piece in _question.differences(earlier, now)


@pytest.mark.parametrize(
    ("earlier", "now"),
    [(lambda: toy_with(0.8), lambda: toy_with(1.3)), (lambda: scaled(1.0), lambda: scaled(1.001))],
    ids=["code", "constant"],
)
def test_a_change_of_the_model_has_a_name(earlier, now):
    found = _question.differences(_question.pieces(earlier(), {}), _question.pieces(now(), {}))
    assert found == ("model, or a constant in it",)
    assert not _question.differences(_question.pieces(earlier(), {}), _question.pieces(earlier(), {}))


def toy_with(center):
    priors = {"m0": dist.LogUniform(1e-3, 1.0), "r": dist.LogUniform(0.2, 5.0)}
    return Fit(preferring(center), (LogSplittings(DATA),), priors, {"dm21": 1e-7})


def test_a_change_of_settings_version_devices_or_precision_has_a_name(monkeypatch):
    fit = toy_fit()
    before = _question.pieces(fit, {"setting seed": 0, "number of devices": 4})
    other = _question.pieces(fit, {"setting seed": 1, "number of devices": 2})
    assert _question.differences(before, other) == ("setting seed (0, now 1)", "number of devices (4, now 2)")
    here = _question.surroundings()
    monkeypatch.setattr(_question, "__version__", "0.0.1")
    with jax.enable_x64(False):
        version, precision = _question.differences(here, _question.surroundings())
    assert version.startswith("version of nmmjax")
    assert precision == "precision (float64, now float32)"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A finished short run of a model that prefers 0.8, and where its checkpoint is."""
    fit, path = toy_with(0.8), tmp_path_factory.mktemp("run") / "checkpoint.npz"
    maximum = infer.maximize(fit, settings=SHORT)
    draws = infer.sample(fit, maximum, settings=SHORT, checkpoint=path)
    return fit, maximum, path, draws


def test_a_finished_run_is_read_back(kept):
    fit, maximum, path, draws = kept
    again = infer.sample(fit, maximum, settings=SHORT, checkpoint=path, resume=True)
    np.testing.assert_array_equal(again.z, draws.z)


def test_a_model_that_has_changed_is_refused(kept):
    """The maximum would be the new one, and the draws the old ones."""
    _, _, path, _ = kept
    fit = toy_with(1.3)
    maximum = infer.maximize(fit, settings=SHORT)
    with pytest.raises(ValueError, match="not what they were: model, or a constant in it"):
        infer.sample(fit, maximum, settings=SHORT, checkpoint=path, resume=True)


def test_settings_that_have_changed_are_refused(kept):
    fit, maximum, path, _ = kept
    for changed in ({"seed": 5}, {"samples": 100}, {"target_accept": 0.9}):
        settings = dataclasses.replace(SHORT, **changed)
        with pytest.raises(ValueError, match=f"setting {next(iter(changed))} "):
            infer.sample(fit, maximum, settings=settings, checkpoint=path, resume=True)


def test_the_density_of_the_last_draws_is_compared(kept, monkeypatch):
    """Even where nothing that was looked at has changed."""
    fit, maximum, path, _ = kept
    pieces = _question.pieces
    monkeypatch.setattr(_question, "pieces", lambda fit, run: pieces(toy_with(0.8), run))
    with pytest.raises(ValueError, match="density where the chains stand"):
        infer.sample(toy_with(0.9), maximum, settings=SHORT, checkpoint=path, resume=True)
    assert infer.sample(fit, maximum, settings=SHORT, checkpoint=path, resume=True).complete


class State(NamedTuple):
    """Stands for chains."""

    z: np.ndarray


def run_of(blocks, path):
    """A checkpoint of blocks of noise, saved one after the other as a run does."""
    rng = np.random.default_rng(0)
    made = tuple({"z": rng.normal(size=(2, 5, 3)), "diverging": np.zeros((2, 5), bool)} for _ in range(blocks))
    checkpoint = Checkpoint(path, {"question": "one"})
    for done in range(blocks + 1):
        checkpoint.save(Progressed(5 * done, State(rng.normal(size=(2, 3))), made[:done], 1.0 * done))
    return made


def test_a_block_costs_the_same_however_many_there_are(tmp_path):
    run_of(2, tmp_path / "short.npz")
    run_of(40, tmp_path / "long.npz")
    sizes = {name: (tmp_path / name).stat().st_size for name in ("short.npz", "long.npz", "short.draws", "long.draws")}
    assert abs(sizes["long.npz"] - sizes["short.npz"]) < 20
    assert sizes["long.draws"] == 20 * sizes["short.draws"]


def test_what_was_appended_last_and_does_not_count_is_cut_off(tmp_path):
    """Killed between the draws and the file that says they count: then resumed, and resumed again."""
    path = tmp_path / "run.npz"
    made = run_of(3, path)
    with path.with_suffix(".draws").open("ab") as stream:
        stream.write(b"half a block")
    checkpoint = Checkpoint(path, {"question": "one"})
    found = checkpoint.load(State(np.zeros(1)))
    checkpoint.save(found._replace(done=20, blocks=(*found.blocks, made[0])))
    again = Checkpoint(path, {"question": "one"}).load(State(np.zeros(1)))
    assert again.done == 20
    np.testing.assert_array_equal(again.drawn["z"], np.concatenate([b["z"] for b in (*made, made[0])], axis=1))


def loaded_or_refused(path, like):
    """What is read, or None where it is refused in words."""
    try:
        return Checkpoint(path, {"question": "one"}).load(like)
    except ValueError as error:
        return None if str(error).startswith("Checkpoint `") else error


def test_flipped_bits_are_refused_or_without_effect(tmp_path):
    path = tmp_path / "run.npz"
    run_of(3, path)
    like = State(np.zeros(1))
    whole = Checkpoint(path, {"question": "one"}).load(like)
    rng, refused = np.random.default_rng(1), 0
    for file in (path, path.with_suffix(".draws")):
        intact = file.read_bytes()
        for _ in range(300):
            raw, place = bytearray(intact), int(rng.integers(len(intact)))
            raw[place] ^= 1 << int(rng.integers(8))
            file.write_bytes(raw)
            found = loaded_or_refused(path, like)
            refused += found is None
            if found is not None:
                jax.tree.map(np.testing.assert_array_equal, found, whole)
        file.write_bytes(intact)
    assert refused > 500


def test_a_checkpoint_that_is_cut_off_or_of_other_making_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    run_of(3, path)
    draws = path.with_suffix(".draws")
    draws.write_bytes(draws.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"run.draws` must be intact, but it is damaged"):
        Checkpoint(path, {"question": "one"}).load(State(np.zeros(1)))
    np.savez(path, anything=np.zeros(3))
    with pytest.raises(ValueError, match=r"run.npz` must be intact, but it is damaged"):
        Checkpoint(path, {"question": "one"}).load(State(np.zeros(1)))
