"""What all figures share: colors, resolution, and how they are written."""

from pathlib import Path

import matplotlib
import matplotlib.colors
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nmmjax._files import atomic

COLORS = tuple(matplotlib.colors.to_hex(color) for color in matplotlib.color_sequences["tab10"])
SAFE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Colors that every eye tells apart [Okabe and Ito (2008)]."""
_RESOLUTION = 150


def write(figure: Figure, path: Path) -> Path:
    """Save a figure, whole or not at all; the ending of the path chooses the format."""
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=_RESOLUTION, bbox_inches="tight")
    return path


def ticks_inside(axes: Axes) -> None:
    """On all four sides."""
    axes.tick_params(which="both", direction="in", top=True, right=True)
