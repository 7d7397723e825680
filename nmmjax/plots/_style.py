"""What all figures share: colors and dashes that never run out, resolution, and how they are written."""

import shutil
from pathlib import Path

from nmmjax import _checks
from nmmjax._files import atomic
from nmmjax.plots._matplotlib import Axes, Figure, matplotlib

COLORS = tuple(matplotlib.colors.to_hex(color) for color in matplotlib.color_sequences["tab10"])
SAFE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Colors that every eye tells apart [Okabe and Ito (2008)]."""
DASHES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
"""Line styles of matplotlib; their number has no factor in common with that of the colors."""
_RESOLUTION = 150
_LATEX = ("xelatex", "lualatex", "pdflatex")
"""Programs by which matplotlib can measure words, those that know all letters first."""


def color(index: int) -> str:
    """Color of the curve number `index` = 0, 1, 2, ...: those of `SAFE`, again and again."""
    return SAFE[index % len(SAFE)]


def dash(index: int) -> str | tuple[int, tuple[int, ...]]:
    """Line style of the curve number `index` = 0, 1, 2, ...; with `color`, 30 curves look different."""
    return DASHES[index % len(DASHES)]


def write(figure: Figure, path: Path) -> Path:
    """Save a figure, whole or not at all; the ending of the path chooses the format."""
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=_RESOLUTION, bbox_inches="tight")
    return path


def find_latex() -> None:
    """Choose the program of LaTeX that measures the words of PGF figures.

    **Raises:** `ValueError` where there is none.
    """
    found = next((name for name in _LATEX if shutil.which(name)), None)
    if found is None:
        _checks.fail("--to", "be pdf where LaTeX is not installed", f"it is pgf, and there is no {', '.join(_LATEX)}")
    matplotlib.rcParams["pgf.texsystem"] = found


def ticks_inside(axes: Axes) -> None:
    """Draw the ticks of a panel inward, on all four sides."""
    axes.tick_params(which="both", direction="in", top=True, right=True)
