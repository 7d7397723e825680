"""Packaged data match their records; damaged files are refused by name."""

import shutil

import pytest

from nmmjax.tables import DATA, read_table

NAMES = sorted(path.stem for path in DATA.glob("*.csv"))


@pytest.mark.parametrize("name", NAMES)
def test_every_table_matches_its_record(name):
    table = read_table(name)
    assert len(table) > 0
    assert len(table.source.sha256) == 64
    assert table.source.reference


@pytest.fixture
def copy(tmp_path):
    for ending in ("csv", "toml"):
        shutil.copy(DATA / f"{NAMES[0]}.{ending}", tmp_path)
    return tmp_path / f"{NAMES[0]}.csv"


def test_truncated_file(copy):
    lines = copy.read_text().splitlines()
    copy.write_text("\n".join(lines[:-1]))
    with pytest.raises(ValueError, match=rf"`{copy}` must have \d+ rows, but it has \d+"):
        read_table(copy.stem, copy.parent)


def test_row_cut_short(copy):
    text = copy.read_text()
    copy.write_text(text.rstrip().rsplit(",", 1)[0] + "\n")
    with pytest.raises(ValueError, match="cells in every row"):
        read_table(copy.stem, copy.parent)


def test_missing_column(copy):
    record = copy.with_suffix(".toml")
    record.write_text(record.read_text().replace("[columns]", '[columns]\nabsent = "1"'))
    with pytest.raises(ValueError, match=r"\['absent'\] are missing"):
        read_table(copy.stem, copy.parent)


@pytest.mark.parametrize(("cell", "message"), [("nan", "finite numbers"), ("abc", "hold numbers")])
def test_bad_number(copy, cell, message):
    head, tail = copy.read_text().rstrip().rsplit(",", 1)
    assert float(tail) is not None
    copy.write_text(f"{head},{cell}\n")
    with pytest.raises(ValueError, match=message):
        read_table(copy.stem, copy.parent)
