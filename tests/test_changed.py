"""Which tests a change asks for."""

from pathlib import Path

import changed
import pytest


@pytest.mark.parametrize(
    ("file", "tests", "others"),
    [
        ("nmmjax/models/zee.py", {"test_moment_models.py", "test_models.py"}, {"test_daya_bay.py", "test_sun.py"}),
        ("nmmjax/data/gerda_2020_events.csv", {"test_gerda.py"}, {"test_oscillation.py", "test_zee_babu.py"}),
        ("nmmjax/oscillation/probabilities.py", {"test_oscillation.py", "test_earth.py"}, {"test_zee_babu.py"}),
        ("nmmjax/new.py", {"test_new.py", "test_layering.py"}, {"test_oscillation.py", "test_zee_babu.py"}),
        ("fits/zee_flavor.py", {"test_fits.py"}, {"test_layering.py"}),
        ("tests/test_sun.py", {"test_sun.py"}, {"test_layering.py"}),
        ("README.md", {"test_readme.py"}, {"test_layering.py"}),
        ("LICENSE", set(), {"test_layering.py"}),
    ],
)
def test_files(file, tests, others):
    assert (changed.ROOT / file).exists()
    found = set(changed.chosen({Path(file)}))
    assert tests <= found
    assert not others & found
