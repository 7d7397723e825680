"""Equations as MathML, which browsers draw without a script and without the network."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.writers.html5 import HTML5Translator

_ROMAN = re.compile(r"\{\\rm ([^{}]*)\}")


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """A symbol in a line."""
    self.body.append(convert(_plain(node.astext())))
    raise nodes.SkipNode


def visit_displayed(self: HTML5Translator, node: nodes.math_block) -> None:
    """An equation of its own."""
    self.body.append(f'<div class="equation">{convert(_plain(node.astext()), display="block")}</div>\n')
    raise nodes.SkipNode


def depart(self: HTML5Translator, node: nodes.Node) -> None:
    """Nothing is left to do."""


def _plain(latex: str) -> str:
    r"""Without the older switches of fonts, {\rm x}, which the converter does not know."""
    return _ROMAN.sub(r"\\mathrm{\1}", latex)
