"""The HTML page of a result: well formed, of one file, without scripts, and as a browser takes it."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

import msgspec
import numpy as np
import pytest
from toys import toy_result

from nmmjax import __main__ as cli
from nmmjax import pages, results
from nmmjax.infer import Profile
from nmmjax.results.records import ExperimentRecord, LimitRecord, ModelRecord, PullRecord, Row, Verdict
from nmmjax.tables import Source

VOID = {"meta", "img", "br"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FREE = {"href": r"#.+|https?://(doi|arxiv|github)\.(org|com)/\S+", "src": r"data:image/png;base64,[\w+/=]+"}


class Page(HTMLParser):
    """Tags that open and close, identities, links and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.targets, self.tags, self.text = [], [], [], [], []
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        for name, pattern in FREE.items():
            if name in attributes:
                assert re.fullmatch(pattern, attributes[name]), attributes[name][:80]
        assert not any(name.startswith("on") for name in attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


GRID = np.linspace(0.0, 3.0, 31)
PARTS = {
    "model": ModelRecord("Toy", "Toy.made", "B. Author, Phys. Rev. D 1, 2 (2000), hep-ph/0001234"),
    "parameters": (Row("x", "x", "eV", True, False, 1.5), Row("y < 1", "y", "", False, False, 2.5e-11)),
    "experiments": (
        ExperimentRecord(
            "counts", "C. Other, J. Example 3, 4 (2001), doi:10.1000/182", 1, "counts", 0.25,
            (PullRecord("events", "", (9.5,), (10.0,), -0.5),), (Source("table", 64 * "a", "none: a test"),),
        ),
    ),
    "limits": (LimitRecord("x", 0.1, 2.9, 2.78),),
    "profiles": (Profile(("x",), (GRID,), (GRID - 1.5) ** 2),),
    "priors": {"x": {"distribution": "Uniform", "low": 0.0, "high": 3.0}},
    "fixed": {"z": 0.25},
}  # fmt: skip


def named(name, **changes):
    return msgspec.structs.replace(toy_result(name), **(PARTS | changes))


def test_one_result():
    found = named("toy")
    text = pages.page([found])
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "iframe", "object"} & set(tags)
    assert tags.count("h1") == 1
    assert "url(" not in text
    assert len(page.ids) == len(set(page.ids))
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert {link[1:] for link in links if link.startswith("#")} <= set(page.ids)
    shown = " ".join(page.text)
    for row in found.parameters:
        assert row.title in shown
    for version in found.run.versions.values():
        assert version in shown
    assert "https://doi.org/" in text
    assert "@" in shown.partition("BibTeX")[2]
    assert tags.count("img") == 1
    assert "https://arxiv.org/abs/hep-ph/0001234" in text
    assert 64 * "a" in shown
    assert "z = 0.25" in shown
    assert all(attributes["alt"] for tag, attributes in page.tags if tag == "img")
    assert all(attributes["scope"] == "col" for tag, attributes in page.tags if tag == "th")


def test_words_of_others_are_words():
    bad = "<script>alert(1)</script>&\"'"
    page = Page(pages.page([named(bad)]))
    assert "script" not in [tag for tag, _ in page.tags]
    assert bad in "".join(page.text)


def test_hypotheses_are_compared():
    text = pages.page([named("toy/one"), named("toy/other")])
    page = Page(text)
    assert {"comparison", "toy/one", "toy/other"} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert "<title>toy</title>" in text


def test_what_is_not_good_is_told():
    verdict = Verdict(False, ("R-hat is 1.2, not below 1.01",))
    text = pages.page([named("toy", verdict=verdict)])
    assert '<p class="bad">' in text
    assert "R-hat is 1.2, not below 1.01" in text


@pytest.fixture
def folder(tmp_path):
    results.save(named("toy"), tmp_path / "toy")
    return tmp_path / "toy"


def test_the_command(folder, capsys):
    assert cli.main(["report", str(folder)]) == cli.GOOD
    assert Page((folder / "report.html").read_text()).ids
    assert cli.main(["report", str(folder), "--out", str(folder / "deep" / "er.html")]) == cli.GOOD
    assert (folder / "deep" / "er.html").exists()
    assert cli.main(["report", str(folder / "none")]) == cli.USAGE
    assert "must" in capsys.readouterr().err


@pytest.mark.skipif(CHROMIUM is None, reason="no browser here")
def test_a_browser_without_network_has_nothing_to_say(folder):
    assert cli.main(["report", str(folder)]) == cli.GOOD
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9", "--enable-logging=stderr"]
    page = (folder / "report.html").as_uri()
    screen = folder / "page.png"
    command = [CHROMIUM, *options, f"--screenshot={screen}", "--window-size=1000,2000", page]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    assert screen.stat().st_size > 10000
