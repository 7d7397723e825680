"""The extension of Sphinx."""

import sys
from pathlib import Path
from typing import Any

import xarray
from sphinx.application import Sphinx

from . import catalogue, guide, mathml
from .docstrings import converted


def setup(app: Sphinx) -> dict[str, Any]:
    """Register all of it."""
    links: dict[str, str] = {}
    vars(sys.modules["nmmjax.results.result"]).setdefault("xarray", xarray)  # an annotation names it, to be lazy

    def prepare(app: Sphinx) -> None:
        links.update(catalogue.write(Path(app.srcdir)))
        guide.write(Path(app.srcdir))

    def convert(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
        del app, what, name, obj, options
        lines[:] = converted("\n".join(lines), links)

    app.connect("builder-inited", prepare)
    app.connect("autodoc-process-docstring", convert)
    app.add_html_math_renderer("mathml", (mathml.visit_inline, mathml.depart), (mathml.visit_displayed, mathml.depart))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
