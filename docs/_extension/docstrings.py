"""Docstrings of the package, plain English with equations in indented blocks, as reStructuredText.

What means something to reStructuredText and nothing to a reader, as the stars of `U^* m U^dagger`, is escaped; names in
backticks become links where the site has a page for them; equations are typeset, programs set as such; numbers of arXiv
and DOIs become links.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence

from .equations import displayed

_MARKED = re.compile(r"(`+[^`]+`+|\*\*[^*]+\*\*)")
_SPECIAL = re.compile(r"([\\*|_`])")
_REFERENCE = re.compile(
    r"(?P<doi>\b10\.\d{4,}/[^\s,;)]+)|(?P<new>\b(?:arXiv:)?\d{4}\.\d{5}\b|\barXiv:\d{4}\.\d{4}\b)"
    r"|(?P<old>\b(?:arXiv:)?(?:hep-ph|hep-ex|astro-ph|nucl-th|nucl-ex|hep-th|quant-ph|physics)/\d{7}\b)"
)
_BULLET = re.compile(r"^(?:- |\* |\d+\. )")
_TABLE = re.compile(r"^\|.*\|$")
_RELATIONS = re.compile(r"=|<|>|->|\bsum_|\bint_|\bint\b|\^")
_EXAMPLE = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.ClassDef,
    ast.With,
    ast.For,
    ast.Attribute,
    ast.keyword,
    ast.Await,
)


def converted(text: str, links: Mapping[str, str]) -> list[str]:
    """Lines of reStructuredText of a docstring.

    **Arguments:** `links`: by names in backticks, what they refer to, as "class:nmmjax.fit.Fit".
    """
    lines: list[str] = []
    for block in _blocks(inspect.cleandoc(text).splitlines()):
        lines += [*_block(block, links), ""]
    return lines


def referring(text: str) -> str:
    """A citation, escaped, with links for numbers of arXiv and DOIs."""
    pieces, place = [], 0
    for found in _REFERENCE.finditer(text):
        pieces.append(_SPECIAL.sub(r"\\\1", text[place : found.start()]))
        number, place = found[0], found.end()
        address = (
            f"https://doi.org/{number}" if found["doi"] else f"https://arxiv.org/abs/{number.removeprefix('arXiv:')}"
        )
        pieces.append(f"`{number} <{address}>`__")
    pieces.append(_SPECIAL.sub(r"\\\1", text[place:]))
    joined = "".join(pieces)
    return re.sub(r"(?<=[^\s(\[/])(`[^`]+ <https)", r"\\ \1", joined)


def cell(text: str) -> str:
    """What stands in a table, escaped, on one line."""
    return _inline(re.sub(r"\s+", " ", text), {}).strip()


def listed(rows: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> list[str]:
    """A table of cells that are markup already."""
    lines = [".. list-table::", *(["   :header-rows: 1"] if heading else []), ""]
    for row in (*([heading] if heading else []), *rows):
        lines += [f"   * - {row[0]}", *(f"     - {word}" for word in row[1:])]
    return lines


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Paragraphs, items of lists with what belongs to them, indented blocks and tables; between them lie empty lines,
    or the step from text to what is indented.
    """
    block: list[str] = []
    for line in lines:
        indented, was = line.startswith("    "), bool(block) and block[0].startswith("    ")
        begins = bool(_BULLET.match(line)) or (bool(block) and indented != was and not _BULLET.match(block[0]))
        if block and (not line.strip() or begins):
            yield block
            block = []
        if line.strip():
            block.append(line)
    if block:
        yield block


def _block(block: list[str], links: Mapping[str, str]) -> list[str]:
    if block[0].startswith("    "):
        return _indented([line.removeprefix("    ") for line in block])
    if all(_TABLE.match(line) for line in block):
        return _table(block, links)
    bullet = _BULLET.match(block[0])
    text = " ".join([block[0][bullet.end() :] if bullet else block[0], *map(str.strip, block[1:])])
    return [f"{'- ' if bullet else ''}{_inline(text, links)}"]


def _indented(block: list[str]) -> list[str]:
    """A program, equations, or lines that are kept as they are."""
    text = "\n".join(block)
    if _is_program(text):
        return [".. code-block:: python", "", *(f"   {line}" for line in block)]
    if all(_RELATIONS.search(line) or line.startswith(("+", "-", " ")) for line in block):
        return [line for one in displayed([b.strip() for b in block]) for line in (".. math::", "", f"   {one}", "")]
    return [".. code-block:: text", "", *(f"   {line}" for line in block)]


def _is_program(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    return any(isinstance(node, _EXAMPLE) for node in ast.walk(tree))


def _table(block: list[str], links: Mapping[str, str]) -> list[str]:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in block]
    rows = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    heading, *others = [[_inline(cell, links) for cell in row] for row in rows]
    return listed(others, heading)


def _inline(text: str, links: Mapping[str, str]) -> str:
    """Text with its marks kept, all else escaped."""
    return "".join(_piece(piece, links) for piece in _MARKED.split(text) if piece)


def _piece(piece: str, links: Mapping[str, str]) -> str:
    if piece.startswith("**"):
        return f"\\ {piece}\\ "
    if piece.startswith("`"):
        name = piece.strip("`")
        if name in links:
            role, _, target = links[name].rpartition(":")
            return rf"\ :{role}:`{name} <{target}>`\ "
        return rf"\ ``{name}``\ "
    return referring(piece)
