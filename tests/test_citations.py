"""BibTeX of what results, analyses, models and experiments rest on, read back by a parser."""

import re
from pathlib import Path

import bibtexparser
import pytest
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import citations, references, results, sheets
from nmmjax.experiments import Experiment
from nmmjax.models import Model
from nmmjax.references import Paper
from nmmjax.results.records import ExperimentRecord, SamplingRecord
from nmmjax.tables import Source

SHIPPED = {**sheets.shipped(Model), **sheets.shipped(Experiment)}
UNPUBLISHED = {
    "Neutrino masses with a large magnetic moment (1988)": "1988",
    "G. G. Raffelt, Stars as Laboratories for Fundamental Physics, Chicago (1996)": "1996",
}
"""A manuscript and a book, with neither journal nor number, and their years."""
TITLE = "{" + citations.NMMJAX.title + "}"


def parsed(text: str) -> list[dict[str, str]]:
    """Entries with their fields; as many as there are at signs at the beginning of a line."""
    entries = bibtexparser.loads(text).entries
    assert len(entries) == len(re.findall(r"(?m)^@", text))
    assert len({entry["ID"] for entry in entries}) == len(entries)
    return entries


@pytest.mark.parametrize("name", SHIPPED)
def test_every_model_and_experiment_names_a_paper_that_can_be_found(name):
    reference = SHIPPED[name].reference
    entries = parsed(references.bibtex(references.read(reference)))
    if reference == "the chain that is given":
        assert not entries
    elif reference in UNPUBLISHED:
        assert [(entry["note"], entry["year"]) for entry in entries] == [(reference, UNPUBLISHED[reference])]
    else:
        found = [entry for entry in entries if {"journal", "eprint", "doi"} & set(entry)]
        assert found
        assert any("author" in entry for entry in found)


def test_a_paper_is_read_in_full():
    (entry,) = parsed(
        references.bibtex(references.read("W. Grimus, L. Lavoura, Phys. Rev. D 62, 093012 (2000), hep-ph/0007011"))
    )
    assert entry == {
        "ENTRYTYPE": "article",
        "ID": "Grimus_2000_62_093012",
        "author": "W. Grimus and L. Lavoura",
        "journal": "Phys. Rev. D",
        "volume": "62",
        "pages": "093012",
        "year": "2000",
        "archiveprefix": "arXiv",
        "eprint": "hep-ph/0007011",
    }


def test_papers_in_one_line_stay_apart():
    text = "M. Agostini et al. (Borexino), Nature 562, 505 (2018), figure 2a, and Phys. Rev. D 100, 082004 (2019)"
    text += ", arXiv:1707.09279"
    nature, physical = references.read(text)
    assert (nature.journal, nature.eprint) == ("Nature", "")
    assert (physical.journal, physical.pages, physical.eprint) == ("Phys. Rev. D", "082004", "1707.09279")
    assert nature.authors == physical.authors == ("M. Agostini",)
    assert nature.collaboration == physical.collaboration == "Borexino"
    assert nature.others
    assert physical.others


def test_one_paper_in_three_records_is_one_entry():
    """Two that share nothing are joined by a third, which shares the number with one and the page with the other."""
    texts = (
        "A. One et al., arXiv:2001.00001",
        "A. One, B. Two, PRD 1, 2 (2020)",
        "Phys. Rev. D 1, 2 (2020), 2001.00001",
    )
    (paper,) = references.merged(paper for text in texts for paper in references.read(text))
    assert paper.authors == ("A. One", "B. Two")
    assert not paper.others
    assert (paper.journal, paper.eprint) == ("Phys. Rev. D", "2001.00001")


def test_different_papers_of_one_key_are_told_apart():
    texts = ("A. One, Phys. Rev. D 1, 2 (2020)", "A. One, Phys. Rev. C 1, 2 (2020)")
    entries = parsed(references.bibtex(paper for text in texts for paper in references.read(text)))
    assert sorted(entry["ID"] for entry in entries) == ["One_2020_1_2", "One_2020_1_2a"]


def test_what_latex_takes_for_its_own_is_escaped():
    (entry,) = parsed(references.bibtex([Paper(title=r"50% of A&B_c #1 {x} $~^\ ", doi="10.1/a_b")]))
    assert (
        entry["title"] == r"{50\% of A\&B\_c \#1 \{x\} \$\textasciitilde{}\textasciicircum{}\textbackslash{} }".strip()
    )
    assert entry["doi"] == "10.1/a_b"


def test_nmmjax_is_cited_as_its_citation_file_says():
    text = (Path(__file__).parent.parent / "CITATION.cff").read_text()
    assert f'title: "{citations.NMMJAX.title}"' in text
    assert f'date-released: "{citations.NMMJAX.year}-' in text
    assert f'name: "{citations.NMMJAX.authors[0]}"' in text


def test_an_analysis_and_an_experiment_on_the_command_line(tmp_path, capsys):
    assert cli.main(["cite", "grimus_lavoura_2000"]) == cli.GOOD
    entries = parsed(capsys.readouterr().out)
    assert {"hep-ph/0007011", "hep-ex/9907037"} <= {entry.get("eprint") for entry in entries}
    assert {TITLE, "{" + citations.PACKAGES["corner"].title + "}"} <= {entry.get("title") for entry in entries}
    out = tmp_path / "new" / "refs.bib"
    assert cli.main(["cite", "Juno2025", "--out", str(out)]) == cli.GOOD
    assert {entry.get("eprint") for entry in parsed(out.read_text())} == {"2511.14593", None}


def test_a_folder_without_results_hides_nothing(tmp_path, capsys, monkeypatch):
    (tmp_path / "Juno2025").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli.main(["cite", "Juno2025"]) == cli.GOOD
    assert "2511.14593" in {entry.get("eprint") for entry in parsed(capsys.readouterr().out)}


@pytest.mark.parametrize("name", ["MiniBooNE2020", "XenonNTSolar2026"])
def test_tables_tell_the_authors_that_a_short_reference_leaves_out(name):
    entries = parsed(citations.find(name))
    assert all("author" in entry for entry in entries if "journal" in entry or "eprint" in entry)


def test_what_cannot_be_cited(tmp_path, capsys):
    assert cli.main(["cite", "Juno2026"]) == cli.USAGE
    assert "Juno2025" in capsys.readouterr().err
    assert cli.main(["cite", str(tmp_path)]) == cli.USAGE
    assert "summary.json" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["cite", "Juno2025", "--out", str(tmp_path)])
    assert "must name a file" in capsys.readouterr().err


def test_a_result_cites_its_data_and_the_packages_that_it_used(tmp_path, capsys):
    """Neither ArviZ nor corner where nothing was sampled."""
    source = Source("toy", "0" * 64, "C. Three, Phys. Rev. D 5, 6 (2005)")
    experiment = ExperimentRecord("toy", "B. Two, arXiv:2001.00002", 1, "toy", 0.0, (), (source,))
    result = toy_result("toy", experiments=(experiment,))
    results.save(result, tmp_path)
    assert cli.main(["cite", str(tmp_path)]) == cli.GOOD
    entries = parsed(capsys.readouterr().out)
    assert {"B. Two", "C. Three"} <= {entry["author"] for entry in entries}
    by_title = {entry["title"]: entry for entry in entries if "title" in entry}
    assert by_title[TITLE]["note"] == f"version {result.run.versions['nmmjax']}"
    used = [citations.PACKAGES[name] for name in ("jax", "equinox", "numpyro", "optax")]
    assert set(by_title) == {TITLE, *("{" + paper.title + "}" for paper in used)}
    assert by_title["{" + used[0].title + "}"]["note"] == f"version {result.run.versions['jax']}"


def test_a_result_with_draws_cites_what_treats_them():
    sampling = SamplingRecord(**dict.fromkeys(SamplingRecord.__struct_fields__, 0))
    papers = list(citations.of_result(toy_result("toy", sampling=sampling)))
    assert {"10.21105/joss.01143", "10.21105/joss.00024"} <= {paper.doi for paper in papers}
