"""Where analyses and benchmarks of the package lie: beside it in a checkout, inside it when installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSIDE = {"fits": "_gallery", "benchmarks": "_benchmarks"}


def folder(name: str) -> Path:
    """That of the fits or of the benchmarks."""
    beside = _PACKAGE.parent / name
    is_checkout = (_PACKAGE.parent / "pyproject.toml").exists() and beside.is_dir()
    return beside if is_checkout else _PACKAGE / _INSIDE[name]
