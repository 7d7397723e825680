"""Pages that are written before the site is built."""

from pathlib import Path


def put(path: Path, text: str) -> None:
    """Write a page, unless it is there already: what is not touched need not be read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
