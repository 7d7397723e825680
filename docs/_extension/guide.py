"""Pages made of the documents of the repository: the guide of README's sections, the gallery, contributing, changes.

What stands in a document stands there alone. Here its headings become pages, and its links lead to pages of the site.
"""

import re
from pathlib import Path

from .pages import put

GUIDE = {
    "command_line": "The command line",
    "modes": "Several modes, and evidences",
    "analysis": "An analysis is a short file",
    "others": "Models and data of others",
    "result_file": "What a result file holds",
    "methods": "Methods of your own",
    "toys": "Toys and calibration",
    "forecasts": "Forecasts",
    "machines": "On many machines",
    "what_decides": "What decides a result",
    "scattering": "Scattering and moments",
    "oscillations": "Oscillations",
    "running": "Running of masses and mixing",
}
"""By page: the section of README."""
_ELSEWHERE = {
    "A model of your own": "/tutorials/your_model.md",
    "What there is": "/catalogue/models/index.rst",
    "Two commands": "/index.md",
}
"""Sections whose page is another one."""
_DOCUMENTS = {
    "fits/README.md": "/gallery.md",
    "fits/verifications/VERIFICATIONS.md": "/verifications.md",
    "CONTRIBUTING.md": "/contributing.md",
    "CHANGELOG.md": "/changelog.md",
    "nmmjax/data/ledger.csv": "/ledger.rst",
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def write(docs: Path) -> None:
    """Write all pages below the folder of the site."""
    root = docs.parent
    sections = _sections((root / "README.md").read_text(encoding="utf-8"))
    for page, title in GUIDE.items():
        text = re.sub(r"(?m)^###", "##", sections[title])
        put(docs / "guide" / f"{page}.md", f"# {title}\n\n{_linked(text, root, root, '../..')}")
    for name, page in _DOCUMENTS.items():
        if name.endswith(".md"):
            path = root / name
            put(docs / page.lstrip("/"), _linked(path.read_text(encoding="utf-8"), root, path.parent, ".."))


def _sections(readme: str) -> dict[str, str]:
    """The sections of a document by their titles."""
    parts = re.split(r"(?m)^## (.*)\n", readme)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _linked(text: str, root: Path, folder: Path, up: str) -> str:
    """Text with the links of a document in a folder of the repository leading to pages of the site.

    **Arguments:** `up`: the way from the page to the repository.
    """

    def replaced(found: re.Match[str]) -> str:
        picture, words, target = found.groups()
        if "://" in target:
            return found[0]
        name, _, anchor = target.partition("#")
        path = (folder / name).resolve().relative_to(root.resolve()).as_posix() if name else ""
        if picture:
            return f"![{words}]({up}/{path})"
        if path in ("", "README.md"):
            page = _page_of(anchor)
            return f"[{words}]({page or '#' + anchor})"
        if path in _DOCUMENTS:
            return f"[{words}]({_DOCUMENTS[path]}{'#' + anchor if anchor else ''})"
        return words

    return _LINK.sub(replaced, text)


def _page_of(anchor: str) -> str:
    """The page of a section of README, by the anchor of its heading; none where there is no such section."""
    pages = {title: f"/guide/{page}.md" for page, title in GUIDE.items()} | _ELSEWHERE
    return next((page for title, page in pages.items() if _anchor(title) == anchor), "")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
