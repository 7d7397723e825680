"""Verifications: their rules on a fit in closed form, the page that is kept, the command, interruption, bad input."""

from functools import partial

import msgspec
import numpy as np
import pytest
from gaussian import gaussian_fit

from nmmjax import __main__ as cli
from nmmjax import experiments, gallery, infer, plots, verifications
from nmmjax.results.verifying import Status, VerifiedRecord
from nmmjax.verifications import EXEMPT, _claims, _running
from nmmjax.verifications._claims import Answers, Binned, Bins, Curve, Interval, Limit, Number, Plane

KEPT = gallery.folder() / "verifications"
DECLARED = verifications.declared()
QUICK = "RedGiants2020"
DIFFERING = {"SuperKamiokandeAtmospheric2023"}
"""Whose release does not suffice for the published result, as the collaboration says."""


def kept(name):
    return _running.kept(KEPT, name)


# Rules


@pytest.mark.parametrize(
    ("distance", "width", "status"),
    [
        (0.0, None, Status.AGREES),
        (-0.3, 1.1, Status.AGREES),
        (0.3, 0.91, Status.AGREES),
        (0.31, 1.0, Status.PARTIAL),
        (0.0, 0.9, Status.PARTIAL),
        (-1.0, 1.3, Status.PARTIAL),
        (0.0, 1.31, Status.APPROXIMATE),
        (2.9, 0.51, Status.APPROXIMATE),
        (3.1, 1.0, Status.DIFFERS),
        (0.0, 2.1, Status.DIFFERS),
        (0.0, 0.0, Status.DIFFERS),
        (np.nan, 1.0, Status.DIFFERS),
        (0.0, np.nan, Status.DIFFERS),
    ],
)
def test_the_status_follows_from_distance_and_ratio(distance, width, status):
    assert Status.of(distance, width) is status


def test_an_experiment_is_as_good_as_its_worst_claim():
    assert Status.worst([Status.AGREES, Status.APPROXIMATE, Status.PARTIAL]) is Status.APPROXIMATE


def question():
    """x is 2 +- 1."""
    return gaussian_fit(data=2.0, fixed={"y": 0.0})


GIVEN = {"what": "x", "source": "none: a test", "question": question}
ONE = GIVEN | {"name": "x", "symbol": "x"}


@pytest.mark.parametrize(
    ("published", "distance", "width"),
    [((2.0, 1.0, 1.0), 0.0, 1.0), ((1.0, 2.0, 1.0), 0.5, 0.5), ((3.0, 1.0, 0.5), -2.0, 2.0)],
)
def test_an_interval(published, distance, width):
    found = Interval(**ONE, published=published, reach=(-2.0, 6.0)).compared(Answers())
    assert found.distance == pytest.approx(distance, abs=1e-3)
    assert found.width == pytest.approx(width, rel=1e-3)
    assert (found.here.best, found.here.plus, found.here.minus) == pytest.approx((2.0, 1.0, 1.0), rel=1e-3)


def test_an_interval_of_ninety_per_cent_by_its_ends_in_other_coordinates():
    """(a + 3 x) is 7 +- 3, and its 90 % end 4.93 away."""
    claim = Interval(
        **ONE,
        published=(8.0, 6.0, 6.0),
        confidence=0.9,
        ends=True,
        reach=(-2.0, 6.0),
        into=lambda solution, x: 1.0 + 3.0 * x,
    )
    found = claim.compared(Answers())
    assert found.here.best == pytest.approx(7.0, abs=1e-3)
    assert found.here.plus == pytest.approx(3.0 * 1.644854, rel=1e-3)
    assert found.distance == pytest.approx(-1.0 / (6.0 / 1.644854), rel=1e-3)


@pytest.mark.parametrize(("height", "high"), [(None, 2.0 + 1.644854), (4.0, 4.0)])
def test_a_limit(height, high):
    found = Limit(**ONE, published=2.0, reach=(-2.0, 7.0), height=height).compared(Answers())
    assert found.here.best == pytest.approx(high, rel=1e-3)
    assert found.width == pytest.approx(0.5 * high, rel=1e-3)


def test_numbers_curves_surfaces_and_spectra():
    number = Number(**GIVEN, value=lambda solution: (2.5, 0.2), published=(2.0, 0.5, 0.1)).compared(Answers())
    assert number.distance == pytest.approx(1.0)
    assert number.width == pytest.approx(0.4)
    plain = Number(**GIVEN, value=lambda solution: 2.5, published=(2.0, None, None), scale=0.25).compared(Answers())
    assert plain.distance == pytest.approx(2.0)
    assert plain.width is None
    x = np.linspace(-1.0, 5.0, 13)
    curve = Curve(**ONE, published=lambda: (x, (x - 2.25) ** 2)).compared(Answers())
    assert curve.distance == pytest.approx(0.25, abs=1e-3)
    spread = {**GIVEN, "question": partial(gaussian_fit, data=2.0, weight=0.0)}
    grids = {"x": np.linspace(1.0, 3.0, 5), "y": np.linspace(-1.0, 1.0, 7)}
    plane = Plane(**spread, symbols=("x", "y"), grids=grids, published=lambda x, y: (x - 2.0) ** 2 + 4.0 * y**2)
    found = plane.compared(Answers())
    assert found.distance == pytest.approx(1.0, abs=1e-2)  # at y = 1, where the published one has 2
    assert np.shape(found.panel.surfaces) == (2, 7, 5)
    binned = Binned(np.arange(4.0), np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]), np.ones(3))
    spectrum = Bins(**GIVEN, spectra=lambda solution: binned, axes=("x", "events")).compared(Answers())
    assert spectrum.distance == pytest.approx(2.0 / np.sqrt(3.0))


def test_questions_are_answered_once():
    answers = Answers()
    assert answers(question) is answers(question)


# All experiments


def test_every_experiment_has_a_verification_or_a_reason():
    kinds = set(experiments.__all__) - {"Experiment"}
    assert set(DECLARED) | set(EXEMPT) == kinds
    assert not set(DECLARED) & set(EXEMPT)
    assert {exempt.status for exempt in EXEMPT.values()} == {Status.INPUT, Status.FORECAST}


@pytest.mark.parametrize("name", DECLARED)
def test_declarations_say_what_and_where(name):
    found = verifications.verification(name)
    assert found.experiment.__name__ == name
    assert found.caveats
    assert len({claim.what for claim in found.claims}) == len(found.claims)
    for claim in found.claims:
        assert claim.source
        assert isinstance(claim, Number) or claim.compared.__doc__


def test_there_are_thirty_claims_that_could_fail():
    assert sum(len(verifications.verification(name).claims) for name in DECLARED) >= 30


@pytest.mark.parametrize("name", DECLARED)
def test_the_page_is_that_of_the_declarations(name):
    """Published numbers of the record that is kept, and nothing that differs."""
    record, asked = kept(name), verifications.verification(name)
    assert record is not None
    assert [(claim.what, claim.source) for claim in record.claims] == [(c.what, c.source) for c in asked.claims]
    for claim, wanted in zip(record.claims, asked.claims, strict=True):
        if isinstance(wanted, Interval | Number):
            published = claim.published
            assert (published.best, published.plus, published.minus) == wanted.published
        elif isinstance(wanted, Limit):
            assert claim.published.best == wanted.published
    assert (record.status is Status.DIFFERS) == (name in DIFFERING)
    assert (KEPT / f"{_running._file(name)}.png").is_file()


def test_the_page_is_made_of_its_records():
    figures = {name: f"{_running._file(name)}.png" for name in DECLARED}
    text = (KEPT / verifications.PAGE).read_text()
    assert text == verifications.markdown([kept(name) for name in DECLARED], figures)
    for name in (*DECLARED, *EXEMPT):
        assert f"`{name}`" in text


@pytest.mark.parametrize("name", [QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in DECLARED if n != QUICK)])
def test_what_is_kept_comes_out_again(name):
    found = verifications.verify(name)
    for claim, before in zip(found.claims, kept(name).claims, strict=True):
        assert claim.distance == pytest.approx(before.distance, abs=0.02)
        assert claim.width == (None if before.width is None else pytest.approx(before.width, rel=0.01))
        assert claim.status is before.status


# The command


@pytest.fixture
def computed(monkeypatch):
    """Names of experiments in the order in which they are computed, from the records that are kept."""
    names = []

    def verify(name, *, progress):
        names.append(name)
        return asked_now(kept(name), name)

    monkeypatch.setattr(_running, "verify", verify)
    monkeypatch.setattr(_running.jax, "clear_caches", lambda: None)
    return names


@pytest.fixture
def undrawn(monkeypatch):
    """Empty figures: to draw them takes longer than all else."""

    def write(figure, path):
        path.touch()
        return path

    monkeypatch.setattr(plots, "verification", lambda record: None)
    monkeypatch.setattr(plots, "write", write)


def asked_now(record, name):
    return msgspec.structs.replace(record, asked=_running._asked(name))


def run(*arguments):
    return cli.main(["verify", *map(str, arguments)])


def test_command(computed, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert run(QUICK, "Gallium2010", "--out", tmp_path) == cli.GOOD
    assert computed == [QUICK, "Gallium2010"]
    text = capsys.readouterr().out
    assert "moment below, 95 %, M5" in text
    assert str(tmp_path / verifications.PAGE) in text.replace("\n", "")
    page = (tmp_path / verifications.PAGE).read_text()
    assert "## RedGiants2020" in page
    assert "## Gallium2010" in page
    assert "![RedGiants2020: published and computed here](red_giants_2020.png)" in page
    assert (tmp_path / "red_giants_2020.png").stat().st_size > 10_000


def test_resumption_keeps_what_was_asked_in_the_same_way(computed, undrawn, tmp_path):
    assert run(QUICK, "--out", tmp_path) == cli.GOOD
    assert run(QUICK, "Texono2010", "--out", tmp_path, "--resume") == cli.GOOD
    assert computed == [QUICK, "Texono2010"]
    path = tmp_path / "red_giants_2020.json"
    record = msgspec.json.decode(path.read_bytes(), type=VerifiedRecord)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(record, asked="otherwise")))
    (tmp_path / "texono_2010.json").write_bytes(b"{damaged")
    assert run(QUICK, "Texono2010", "--out", tmp_path, "--resume") == cli.GOOD
    assert computed == [QUICK, "Texono2010"] * 2
    assert run(QUICK, "--out", tmp_path) == cli.GOOD
    assert computed == [*[QUICK, "Texono2010"] * 2, QUICK]


def test_what_is_finished_stays_when_it_is_cut(computed, undrawn, tmp_path, capsys, monkeypatch):
    honest = _running.verify

    def cut(name, *, progress):
        if name == "Texono2010":
            raise KeyboardInterrupt
        return honest(name, progress=progress)

    monkeypatch.setattr(_running, "verify", cut)
    assert run(QUICK, "Texono2010", "--out", tmp_path) == cli.NOT_CONVERGED
    assert "keeps what was finished, and `--resume` goes on" in capsys.readouterr().err.replace("\n", " ")
    assert "## RedGiants2020" in (tmp_path / verifications.PAGE).read_text()
    monkeypatch.setattr(_running, "verify", honest)
    assert run(QUICK, "Texono2010", "--out", tmp_path, "--resume") == cli.GOOD
    assert computed == [QUICK, "Texono2010"]


def test_what_differs_is_told_and_is_not_good(computed, undrawn, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    honest = _running.verify

    def wrong(name, *, progress):
        record = honest(name, progress=progress)
        claim = msgspec.structs.replace(record.claims[0], distance=7.0)
        return msgspec.structs.replace(record, claims=(claim,))

    monkeypatch.setattr(_running, "verify", wrong)
    assert run(QUICK, "--out", tmp_path) == cli.NOT_CONVERGED
    assert "differs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("NoSuchExperiment",), "Argument `EXPERIMENT` must be one of"),
        (("DayaBay2020",), "DayaBay2022"),
        (("RedGiants2020", "Katrin2025"), "Katrin2025 is input: the published limit is the end of a half-Gaussian"),
        (("DuneBurst",), "DuneBurst is forecast: expected events of a planned detector"),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(computed, tmp_path, capsys, arguments, message):
    assert run(*arguments, "--out", tmp_path / "out") == cli.USAGE
    assert message in capsys.readouterr().err.replace("\n", " ")
    assert not computed
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(computed, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert run(QUICK, "--out", tmp_path / "file") == cli.USAGE
    assert "Argument `--out` must be a folder that can be written" in capsys.readouterr().err.replace("\n", " ")


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit) as exit_:
        run("--help")
    assert exit_.value.code == 0
    assert "nmmjax verify DayaBay2022 Xenon1T2020" in capsys.readouterr().out


def test_a_fit_without_a_maximum_is_an_error(monkeypatch):
    bad = infer.maximize(question())._replace(status=infer.Status.GRADIENT)
    monkeypatch.setattr(_claims.infer, "maximize", lambda fit, settings: bad)
    with pytest.raises(FloatingPointError, match="No maximum of question"):
        Answers()(question)


@pytest.mark.parametrize("name", DECLARED)
def test_figures_have_a_panel_for_each_claim_that_is_drawn(name):
    record = kept(name)
    drawn = [claim for claim in record.claims if claim.panel is not None]
    numbers = [claim for claim in record.claims if claim.panel is None]
    figure = plots.verification(record)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [f"{claim.what}: {claim.status.label}" for claim in drawn]
    for axes, claim in zip(figure.axes, drawn, strict=False):
        assert (axes.get_xlabel(), axes.get_ylabel()) == claim.panel.axes
        assert {text.get_text().split(",")[0] for text in axes.get_legend().get_texts()} == {"here", "published"}
    if numbers:
        axes = figure.axes[len(drawn)]
        assert [text.get_text() for text in axes.texts] == [f"{claim.what}: {claim.status.label}" for claim in numbers]
