"""Results as one HTML page that needs nothing else: tables, figures, verdict, settings, versions, checksums, papers.

It holds its figures and its style, asks nothing of the network, and runs no script. What `nmmjax fit` prints is set
from the same tables.
"""

import base64
import dataclasses
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nmmjax import citations, plots, references, report
from nmmjax._version import __version__
from nmmjax.references import Paper
from nmmjax.report import PlainTable, number
from nmmjax.results import Result

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem; }
nav a { margin-right: 1rem; }
.good, .bad { border-left: 0.4rem solid; padding: 0.5rem 1rem; }
.good { border-color: #2a7d3f; }
.bad { border-color: #b3261e; font-weight: bold; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption, figcaption { text-align: left; font-weight: bold; padding: 0.3rem 0; }
th, td { border-bottom: 1px solid #8886; padding: 0.2rem 0.7rem; text-align: left; vertical-align: top; }
td { white-space: pre-line; }
.number { text-align: right; white-space: pre; }
tr.section td { border-bottom: 2px solid; }
figure { margin: 1.5rem 0; }
img { background: #fff; height: auto; max-width: 100%; }
pre { overflow-x: auto; }
.hash { font-family: monospace; overflow-wrap: anywhere; }
@media print { nav { display: none; } figure, tr { break-inside: avoid; } body { max-width: none; } }
"""
_CAPTIONS = {
    "corner": "Posterior of pairs of parameters",
    "trace": "Chains",
    "derived": "Derived quantities",
    "beside": "Beside what is published",
    "spectrum": "Data and prediction",
    "profile": "Profile likelihood",
    "contour": "Profile likelihood of a plane",
    "exclusion": "Upper limits",
    "profiles": "Profile likelihoods of the hypotheses",
    "contours": "Planes of the hypotheses",
    "exclusions": "Upper limits of the hypotheses",
}
"""By the first word of the name of a figure."""


def page(results: Sequence[Result]) -> str:
    """The page of one result, or of the hypotheses of one analysis with a table that compares them."""
    title = " and ".join(dict.fromkeys(found.name.partition("/")[0] for found in results))
    body = [f"<h1>{escape(title)}</h1>", _contents(results)]
    if len(results) > 1:
        body += ['<section id="comparison"><h2>Comparison</h2>', *_rendered(report.comparison(results))]
        body += [*_figures(plots.draw_together, results, ""), "</section>"]
    for found in results:
        body += _section(found, "" if len(results) == 1 else f"<h2>{escape(found.name)}</h2>")
    body += [f"<p>Written by nmmjax {escape(__version__)}.</p>"]
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    words = f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    lines = ("<!doctype html>", f'<html lang="en"><head>{head}{words}</head>', "<body>", *body, "</body></html>", "")
    return "\n".join(lines)


def _contents(results: Sequence[Result]) -> str:
    names = (["comparison"] if len(results) > 1 else []) + [found.name for found in results]
    if len(names) == 1:
        names = [f"{names[0]}-{part}" for part in ("tables", "figures", "run", "papers")]
    links = "".join(f'<a href="#{escape(name)}">{escape(name.rpartition("-")[2])}</a>' for name in names)
    return f'<nav aria-label="contents">{links}</nav>'


def _section(found: Result, heading: str) -> Iterator[str]:
    name = escape(found.name)
    yield f'<section id="{name}">{heading}'
    yield f'<p class="{"good" if found.good else "bad"}">{escape(report.verdict(found).plain)}</p>'
    yield f'<section id="{name}-tables"><h3>Tables</h3>'
    yield from _rendered(report.result(found))
    yield f'</section><section id="{name}-figures"><h3>Figures</h3>'
    drawn = _figures(plots.draw_all, found, found.name)
    yield from drawn or ["<p>Nothing was sampled, so there is nothing to draw.</p>"]
    yield f'</section><section id="{name}-run"><h3>How it was made</h3>'
    yield from _rendered(Group(*_made(found)))
    yield f'</section><section id="{name}-papers"><h3>Papers</h3>'
    yield from _papers(references.merged(citations.of_result(found)))
    yield "</section></section>"


# Tables


def _rendered(shown: RenderableType) -> Iterator[str]:
    """What a terminal shows, as HTML."""
    if isinstance(shown, Group):
        for part in shown.renderables:
            yield from _rendered(part)
    elif isinstance(shown, Table):
        yield from _table(shown)
    else:
        yield f"<p>{escape(_words(shown))}</p>"


def _table(table: Table) -> Iterator[str]:
    classes = [' class="number"' if column.justify == "right" else "" for column in table.columns]
    yield '<div class="scroll"><table>'
    if table.title:
        yield f"<caption>{escape(_words(table.title))}</caption>"
    if table.show_header:
        cells = zip(classes, table.columns, strict=True)
        heads = (f'<th scope="col"{kind}>{escape(_words(column.header))}</th>' for kind, column in cells)
        yield f"<thead><tr>{''.join(heads)}</tr></thead>"
    yield "<tbody>"
    columns = (map(_words, column.cells) for column in table.columns)
    for row, cells in zip(table.rows, zip(*columns, strict=True), strict=True):
        line = "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(classes, cells, strict=True))
        kind = ' class="section"' if row.end_section else ""
        yield f"<tr{kind}>{line}</tr>"
    yield "</tbody></table></div>"
    if table.caption:
        yield f"<p>{escape(_words(table.caption))}</p>"


def _words(shown: RenderableType) -> str:
    return shown.plain if isinstance(shown, Text) else str(shown)


# Figures


def _figures(draw: Callable[[Any, Path], list[Path]], found: Result | Sequence[Result], name: str) -> list[str]:
    """Drawn into a folder that does not stay."""
    with tempfile.TemporaryDirectory() as folder:
        return [_figure(path, name) for path in draw(found, Path(folder))]


def _figure(path: Path, name: str) -> str:
    caption = _CAPTIONS[path.stem.partition("_")[0]]
    about = path.stem.partition("_")[2].replace("_", " ")
    words = escape(caption + (f": {about}" if about else ""))
    data = base64.b64encode(path.read_bytes()).decode()
    alt = escape(f"{words}, {name}".rstrip(", "))
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><figcaption>{words}</figcaption></figure>'


# How it was made


def _made(found: Result) -> Iterator[PlainTable]:
    run = found.run
    facts = {"date": run.date, "changes": ", ".join(run.changes) or "none", "model": found.model.built_by}
    if run.file is not None:
        facts |= {"file": run.file.path, "checksum of the file": run.file.sha256, "its commit": run.file.commit or ""}
    facts |= {"commit of nmmjax": run.commit or "", "python": run.python, "machine": run.platform.machine}
    facts |= {"devices": ", ".join(run.platform.devices), "float64": "yes" if run.platform.float64 else "no"}
    yield _pairs("run", facts)
    settings = dataclasses.asdict(run.settings).items()
    yield _pairs("settings", {name: str(getattr(value, "value", value)) for name, value in settings})
    yield _pairs("priors", {name: report.prior_words(written) for name, written in found.priors.items()})
    fixed = found.fixed.items()
    yield _pairs("not sampled", {n: number(v) if isinstance(v, float | int) else str(v) for n, v in fixed})
    yield _pairs("versions", run.versions)
    sources = {source.name: source.sha256 for one in found.experiments for source in one.sources}
    yield _pairs("checksums of the tables of data", sources)


def _pairs(title: str, pairs: dict[str, str]) -> PlainTable:
    table = PlainTable(title, show_header=False)
    table.add_column("")
    table.add_column("")
    for pair in pairs.items():
        table.add_row(*pair)
    return table


# Papers


def _papers(papers: Iterable[Paper]) -> Iterator[str]:
    papers = tuple(papers)
    yield "<ul>"
    yield from (f"<li>{_paper(paper)}</li>" for paper in papers)
    yield "</ul><details><summary>BibTeX</summary>"
    yield f"<pre>{escape(references.bibtex(papers))}</pre></details>"


def _paper(paper: Paper) -> str:
    """Authors, title, journal, and links to it."""
    authors = ", ".join(paper.authors) + (" et al." if paper.others else "")
    authors += f" ({paper.collaboration})" if paper.collaboration else ""
    place = " ".join(part for part in (paper.journal, paper.volume) if part)
    place += f", {paper.pages}" if paper.pages else ""
    place += f" ({paper.year})" if paper.year else ""
    words = [escape(part) for part in (authors.strip(), paper.title, place, paper.note) if part.strip()]
    links = {f"https://doi.org/{paper.doi}": paper.doi, f"https://arxiv.org/abs/{paper.eprint}": paper.eprint}
    links |= {paper.url: paper.url}
    words += [f'<a href="{escape(link)}">{escape(shown)}</a>' for link, shown in links.items() if shown]
    return ", ".join(words)
