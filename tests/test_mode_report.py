"""Which octant, which sign of sin delta, which ordering, which hypothesis: and how sure."""

import io
import math

import msgspec
import numpy as np
import pytest
from rich.console import Console
from toys import toy_result

from nmmjax import report, results
from nmmjax.results import EvidenceRecord, RegionRecord, probabilities
from nmmjax.results.records import ExperimentRecord, ModeRecord
from nmmjax.results.regions import regions, where

CHAINS, DRAWS = 4, 2000


def shown(renderable):
    console = Console(width=240, record=True, file=io.StringIO())
    console.print(renderable)
    return console.export_text()


def test_regions_are_shares_with_the_error_of_independent_draws():
    rng = np.random.default_rng(4)
    draws = {
        "sin2_theta23": rng.normal(0.5, 0.1, size=(CHAINS, DRAWS)) + 0.05,
        "delta_cp": rng.uniform(-math.pi, 0.0, size=(CHAINS, DRAWS)),
        "dm31": rng.choice([-2.5e-3, 2.5e-3], p=(0.1, 0.9), size=(CHAINS, DRAWS)),
        "m_beta": rng.normal(size=(CHAINS, DRAWS)),
    }
    octant, phase, ordering = regions(draws)
    assert (octant.name, octant.region) == ("sin2_theta23", "upper octant")
    expected = 0.6914624612740131  # of a normal distribution above -0.5
    assert octant.error == pytest.approx(math.sqrt(expected * (1.0 - expected) / (CHAINS * DRAWS)), rel=0.2)
    assert octant.probability == pytest.approx(expected, abs=4.0 * octant.error)
    assert phase == RegionRecord("delta_cp", "sin delta < 0", 1.0, None)
    assert ordering.region == "normal ordering"
    assert ordering.probability == pytest.approx(0.9, abs=0.02)
    one_ordering = regions({"dm31": np.full((CHAINS, DRAWS), 2.5e-3) + 1e-6 * draws["m_beta"]})
    assert one_ordering == ()


def test_correlated_draws_are_worth_less():
    steps = np.repeat(np.random.default_rng(1).normal(size=(CHAINS, DRAWS // 50)), 50, axis=1)
    (found,) = regions({"sin2_theta23": 0.5 + 0.1 * steps})
    independent = math.sqrt(found.probability * (1.0 - found.probability) / (CHAINS * DRAWS))
    assert found.error > 4.0 * independent


def test_modes_have_the_names_of_physics():
    values = {
        "sin2_theta23": np.array([0.57, 0.45]),
        "delta_cp": np.array([-1.2, 1.2]),
        "dm31": np.array([2.5e-3, -2.5e-3]),
        "m_beta": np.array([0.1, 0.2]),
    }
    assert where(values) == [
        ("upper octant", "sin delta < 0", "normal ordering"),
        ("lower octant", "sin delta > 0", "inverted ordering"),
    ]
    alike = values | {"dm31": np.array([2.5e-3, 2.4e-3]), "delta_cp": np.array([0.0, 0.0])}
    assert where(alike) == [("upper octant",), ("lower octant",)]
    both_upper = {"sin2_theta23": np.array([0.57, 0.55])}
    assert where(both_upper) == [("upper octant",), ("upper octant",)]
    assert where({"m_beta": np.array([0.1, 0.2])}) == [(), ()]


def test_report_of_modes_and_regions():
    modes = (
        ModeRecord(-1.0, 0.7, 0.0, (0.0,), {"x": 1.0}, 0.0, "sin2_theta23 = 0.57", ("upper octant",), 0.62, 0.01),
        ModeRecord(-2.0, 0.3, 0.0, (1.0,), {"x": 2.0}, 2.0, "sin2_theta23 = 0.45", ("lower octant",), 0.38, 0.01),
        ModeRecord(-9.0, 1e-5, 0.0, (2.0,), {"x": 3.0}, 16.0, "sin2_theta23 = 0.2", (), 0.0, None),
    )
    row = results.Row("x", "x", "", True, False, 1.0)
    region = RegionRecord("sin2_theta23", "upper octant", 0.618, 0.012)
    found = toy_result("octants", parameters=(row,), regions=(region,))
    found = msgspec.structs.replace(found, maximum=msgspec.structs.replace(found.maximum, modes=modes))
    text = shown(report.result(found))
    (line,) = (line for line in text.splitlines() if "0.45" in line)
    assert line.split() == ["sin2_theta23", "=", "0.45,", "lower", "octant", "2.00", "0.380", "0.010", "0.300"]
    assert "and 1 more" in text
    assert "probabilities: upper octant 0.618 +- 0.012" in text
    alone = msgspec.structs.replace(found.maximum, modes=modes[:1])
    assert "parted by valleys" not in shown(report.result(msgspec.structs.replace(found, maximum=alone)))


@pytest.mark.parametrize(
    ("probability", "error", "words"),
    [
        (0.61832, 0.0123, "0.618 +- 0.012"),
        (0.5, 0.31, "0.50 +- 0.31"),
        (1.0, None, "1"),
        (2e-6, 3e-7, "2.00e-06 +- 3e-07"),
    ],
)
def test_digits_of_probabilities(probability, error, words):
    assert report.chance(probability, error) == words


def test_probabilities_of_hypotheses():
    """Errors by the propagation of those of ln Z, drawn at random."""
    log_evidences, errors = [-10.0, -11.0, -13.0], [0.05, 0.1, 0.3]
    found = probabilities(log_evidences, errors)
    assert sum(p for p, _ in found) == pytest.approx(1.0)
    assert found[0][0] / found[1][0] == pytest.approx(math.e)
    rng = np.random.default_rng(0)
    z = np.exp(np.array(log_evidences) + np.array(errors) * rng.normal(size=(20000, 3)))
    scatter = np.std(z / z.sum(axis=1, keepdims=True), axis=0)
    np.testing.assert_allclose([e for _, e in found], scatter, rtol=0.1)
    ((one, error),) = probabilities([-3.0], [0.1])
    assert (one, error) == (1.0, 0.0)


def hypothesis(name, log_evidence, counted_from="tables", good=True, error=0.05):
    experiment = ExperimentRecord(f"tables_{name}", "none", 8, counted_from, 1.0, (), ())
    made = toy_result(
        name, experiments=(experiment,), evidences=(EvidenceRecord("bridge sampling", log_evidence, error),)
    )
    verdict = msgspec.structs.replace(made.verdict, good=good)
    return msgspec.structs.replace(made, verdict=verdict)


def test_hypotheses_of_the_same_data_have_probabilities():
    """The same data by what chi^2 is counted from, whatever a table of them is called."""
    both = [hypothesis("normal", -10.0), hypothesis("inverted", -12.0)]
    text = shown(report.comparison(both))
    lines = {
        name: next(line for line in text.splitlines() if line.strip().startswith(name)) for name in ("normal", "inv")
    }
    assert "0.8808" in lines["normal"]
    assert "0.1192 +- 0.0074" in lines["inv"]
    assert "-2.00 +- 0.07" in lines["inv"]
    assert both[0].data == both[1].data


def test_no_probabilities_without_all_evidences():
    doubtful = [hypothesis("normal", -10.0), hypothesis("inverted", -12.0), hypothesis("third", -1.0, good=False)]
    text = shown(report.comparison(doubtful))
    assert "0.88" not in text
    assert "-2.00 +- 0.07" in text
    apart = shown(report.comparison([hypothesis("normal", -10.0), hypothesis("other", -12.0, counted_from="beam")]))
    assert "-2.00" not in apart


def test_records_survive_the_file(tmp_path):
    found = hypothesis("normal", -10.0)
    results.save(found, tmp_path)
    assert results.load(tmp_path) == found
