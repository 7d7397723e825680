"""The documentation site: equations and docstrings as it sets them, and its tutorials."""

import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

DOCS = Path(__file__).parent.parent / "docs"
if not DOCS.is_dir():
    pytest.skip("no site beside these tests", allow_module_level=True)
sys.path.insert(0, str(DOCS))
from _extension import docstrings, equations, guide  # noqa: E402

_MADE = {"guide", "catalogue", "reference", "build"}
_OF_DOCUMENTS = {DOCS / page.lstrip("/") for page in guide._DOCUMENTS.values()}
PAGES = sorted({path for path in DOCS.rglob("*.md") if not _MADE & set(path.relative_to(DOCS).parts)} - _OF_DOCUMENTS)
TUTORIALS = sorted((DOCS / "tutorials").glob("[!i]*.md"))


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("Gamma = gamma_0 (E / GeV)^n", r"\Gamma  = \gamma _{0} (E /\ \text{GeV})^{n}"),
        ("|U_mu4|^2 = c14^2 s24^2", r"|U_{\mu 4}|^{2} = c_{14}^{2} s_{24}^{2}"),
        ("m_D = Y v / sqrt(2)", r"m_{D} = Y v / \sqrt{2}"),
        ("P(nu_mu -> nu_e)", r"P(\nu _{\mu } \to  \nu _{e})"),
        ("m_beta_beta", r"m_{\beta \beta }"),
        ("2e20 eV^2", r"2 \times 10^{20}\ \text{eV}^{2}"),
        ("sin^2 2theta13", r"\sin ^{2} 2\theta _{13}"),
        ("<P>_b", r"\langle P\rangle _{b}"),
        ("a < b", r"a < b"),
        ("dm21", r"\Delta m^2_{21}"),
        ("int dE R_b(E)", r"\int  \mathrm{d}E R_{b}(E)"),
    ],
)
def test_equations(plain, latex):
    assert " ".join(equations.latex(plain).split()) == " ".join(latex.split())


def test_lines_that_begin_with_an_operator_belong_to_those_before():
    assert len(equations.displayed(["t = a", "+ b", "s = c"])) == 2


def test_brackets_that_are_not_closed():
    with pytest.raises(ValueError, match="not closed"):
        equations.latex("sqrt(2")


def test_docstrings_become_markup():
    text = """One line with U^* m and `Fit`.

        t_b = sum_c n_c,

    - a point that goes on
      here, arXiv:1304.4870
    - another

        result = run(analysis, folder=None)
    """
    lines = docstrings.converted(text, {"Fit": "py:class:nmmjax.fit.Fit"})
    assert lines[0] == r"One line with U^\* m and \ :py:class:`Fit <nmmjax.fit.Fit>`\ ."
    assert ".. math::" in lines
    assert ".. code-block:: python" in lines
    assert any(
        line.startswith("- a point that goes on here") and "https://arxiv.org/abs/1304.4870" in line for line in lines
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_links_between_pages_hold(path):
    made = ("catalogue/", "reference/", "ledger")
    written = {f"guide/{page}.md" for page in guide.GUIDE} | {page.lstrip("/") for page in guide._DOCUMENTS.values()}
    for target in re.findall(r"\]\(([^)#]+?\.md)(?:#[^)]*)?\)", path.read_text()):
        there = (path.parent / target).resolve()
        assert there.is_file() or there.relative_to(DOCS).as_posix() in written, target
    for target in re.findall(r"\{doc\}`/?([^`]+)`", path.read_text()):
        assert target.removeprefix("../").startswith(made) or (path.parent / f"{target}.md").is_file(), target


def test_pages_of_documents(tmp_path):
    root = DOCS.parent
    text = (
        "[toys](#toys-and-calibration), [own](README.md#a-model-of-your-own), ![f](fits/figures/x.png), [b](benchmarks)"
    )
    linked = guide._linked(text, root, root, "../..")
    assert linked == "[toys](/guide/toys.md), [own](/tutorials/your_model.md), ![f](../../fits/figures/x.png), b"
    assert guide._linked("![f](figures/x.png)", root, root / "fits", "..") == "![f](../fits/figures/x.png)"
    assert set(guide.GUIDE.values()) <= set(guide._sections((root / "README.md").read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_tutorials_run(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    notebook = ModuleType("notebook")
    notebook.get_ipython = lambda: SimpleNamespace(system=partial(subprocess.run, shell=True, check=True))
    monkeypatch.setitem(sys.modules, "notebook", notebook)
    for block in re.findall(r"```\{code-cell\}\n(.*?)```", path.read_text(), re.DOTALL):
        lines = (line for line in block.splitlines() if not line.startswith((":tags:", "%")))
        code = "\n".join(re.sub("^!(.*)", r"get_ipython().system('\1')", line) for line in lines)
        exec(compile(code, path.name, "exec"), vars(notebook))
