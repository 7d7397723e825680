"""Packaged data match their records; damaged files are refused by name."""

import shutil

import numpy as np
import pytest

from nmmjax import __main__ as cli
from nmmjax.tables import CHECKSUMS, DATA, read_table, terms

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


@pytest.mark.parametrize(
    ("ending", "content", "message"),
    [
        ("csv", b"", "it is empty"),
        ("csv", b"\xff\xfe", "must be a table with commas"),
        ("toml", b"rows = ", "must be TOML"),
        ("toml", b"\xff", "must be TOML"),
        ("toml", b"rows = 3", "must say columns, reference"),
    ],
)
def test_files_that_are_no_tables(ending, content, message, copy):
    copy.with_suffix(f".{ending}").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_table(copy.stem, copy.parent)


def test_every_table_says_where_its_numbers_were_read_and_under_which_terms():
    found = {record.name: record for record in terms()}
    assert sorted(found) == NAMES
    for record in found.values():
        assert record.reference
        assert record.origin
        assert any(word in record.terms for word in ("license", "public domain", "CC BY"))


@pytest.mark.parametrize("field", ["origin", "terms"])
def test_a_record_without_terms_is_refused_where_they_are_shown(field, copy):
    record = copy.with_suffix(".toml")
    record.write_text(record.read_text().replace(f"{field} = ", f"{field}_of_another = "))
    with pytest.raises(ValueError, match=f"{record.name}` must say .*{field}"):
        terms(copy.parent)


def test_command_line_shows_the_terms(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    assert cli.main(["list", "--data"]) == cli.GOOD
    text = capsys.readouterr().out
    for record in terms():
        assert record.name in text
    assert "doi:10.5281/zenodo.8401262" in text
    assert cli.main(["list", "mine.py", "--data"]) == cli.USAGE
    assert "Argument `FILE` must be left out with --data" in capsys.readouterr().err


def test_every_packaged_file_has_a_checksum():
    listed = {line.split()[1] for line in (DATA / CHECKSUMS).read_text().splitlines()}
    assert listed == {path.name for path in DATA.iterdir() if path.suffix in (".csv", ".toml")}


def test_flipped_bits_are_refused(tmp_path):
    """In table, record and list of checksums alike; what the list says of other files has no effect."""
    shutil.copy(DATA / CHECKSUMS, tmp_path)
    rng, refused, expected = np.random.default_rng(0), 0, 0
    for name in NAMES:
        for ending in ("csv", "toml"):
            shutil.copy(DATA / f"{name}.{ending}", tmp_path)
        for file in (f"{name}.csv", f"{name}.toml"):
            intact = (tmp_path / file).read_bytes()
            for _ in range(3):
                raw, place = bytearray(intact), int(rng.integers(len(intact)))
                raw[place] ^= 1 << int(rng.integers(8))
                (tmp_path / file).write_bytes(raw)
                expected += 1
                refused += is_refused(name, file, tmp_path)
            (tmp_path / file).write_bytes(intact)
    assert refused == expected > 300
    listed = (tmp_path / CHECKSUMS).read_bytes()
    (tmp_path / CHECKSUMS).write_bytes(listed.replace(b"0", b"1"))
    assert is_refused(NAMES[0], f"{NAMES[0]}.toml", tmp_path)


def is_refused(name, file, folder):
    with pytest.raises(ValueError, match=file):
        read_table(name, folder)
    return True


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: [*rows[:5], rows[4], *rows[6:]], "row 6 repeats row 5"),
        (lambda rows: [*rows[:5], rows[6], rows[5], *rows[7:]], "row 7 comes too late"),
        (lambda rows: [*rows[1:], rows[0]], r"row \d+ comes too late"),
    ],
)
@pytest.mark.parametrize("name", ["dresden_ii_2022_spectrum", "reactor_spectra_tables", "xenonnt_solar_2026_counts"])
def test_rows_that_are_doubled_or_out_of_order(name, change, message, tmp_path):
    """Also where checksums are not known: the file and the row are named."""
    shutil.copy(DATA / f"{name}.toml", tmp_path)
    head, *rows = (DATA / f"{name}.csv").read_text().splitlines()
    damaged = tmp_path / f"{name}.csv"
    damaged.write_text("\n".join([head, *change(rows)]))
    with pytest.raises(ValueError, match=f"`{damaged}` must have rows that ascend by .*, but {message}"):
        read_table(name, tmp_path)
