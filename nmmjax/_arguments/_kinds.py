"""Kinds of arguments: from text to what commands work with, or an error that says what it must be."""

import argparse
import contextlib
import math
from pathlib import Path
from typing import Any


def folder(text: str) -> Path:
    """A folder, which need not be there."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a folder, but it is empty")
    return Path(text)


def file(text: str) -> Path:
    """A file, which need not be there."""
    if not text.strip() or Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"must name a file, but it is {text!r}")
    return Path(text)


def positive(text: str) -> int:
    """1, 2, 3, ..."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, but it is {value}")
    return value


def grid(text: str) -> dict[str, Any]:
    """NAME=LOW:HIGH:POINTS of one number, or of two with a comma between them: the points of each by its name."""
    parts = text.split(",")
    grids = dict(map(_points, parts))
    if len(parts) > 2 or len(grids) < len(parts):
        raise argparse.ArgumentTypeError(f"must be of one number or of two different ones, but it is {text!r}")
    return grids


def _points(text: str) -> tuple[str, Any]:
    import numpy as np

    name, _, numbers = text.partition("=")
    try:
        low, high, points = numbers.split(":")
        found = np.linspace(float(low), float(high), int(points))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be NAME=LOW:HIGH:POINTS, but it is {text!r}") from None
    if len(found) < 2 or not np.all(np.isfinite(found)) or found[0] >= found[-1]:
        raise argparse.ArgumentTypeError(f"must rise over two points or more, but it is {text!r}")
    return name, found


def setting(text: str) -> tuple[str, float]:
    """NAME=VALUE."""
    name, _, number = text.partition("=")
    with contextlib.suppress(ValueError):
        if name and math.isfinite(value := float(number)):
            return name, value
    raise argparse.ArgumentTypeError(f"must be NAME=VALUE, but it is {text!r}")


def factors(text: str) -> tuple[str, tuple[float, ...]]:
    """NAME=FACTOR,FACTOR,... of positive numbers."""
    name, _, numbers = text.partition("=")
    with contextlib.suppress(ValueError):
        found = tuple(map(float, numbers.split(",")))
        if name and all(0.0 < factor < math.inf for factor in found):
            return name, found
    raise argparse.ArgumentTypeError(f"must be NAME=FACTOR or NAME=FACTOR,FACTOR,..., but it is {text!r}")
