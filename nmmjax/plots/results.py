"""Which figures a result has, and where they are written."""

import re
from collections.abc import Sequence
from pathlib import Path

from nmmjax.plots._matplotlib import Figure
from nmmjax.plots._style import find_latex, write
from nmmjax.plots.exclusion import exclusions
from nmmjax.plots.posterior import corner, derived, enough_for_corner, moving, published, trace
from nmmjax.plots.profile_likelihood import contour, contours, profile, profiles
from nmmjax.plots.spectra import spectrum
from nmmjax.results import Result


def draw_all(result: Result, folder: Path, *, ending: str = "png") -> list[Path]:
    """Draw every figure the result has data for, and return where they are; endings as matplotlib has them.

    **Raises:** `ValueError` where figures for LaTeX are asked for and no LaTeX measures their words.
    """
    if ending == "pgf":
        find_latex()
    figures: dict[str, Figure] = {}
    if result.posterior is not None:
        if enough_for_corner(result):
            figures["corner"] = corner(result)
        if moving(result, sampled=True):
            figures["trace"] = trace(result)
        if moving(result, sampled=False):
            figures["derived"] = derived(result)
        if result.published is not None:
            figures["beside"] = published(result)
    for drawn in result.spectra:
        figures[f"spectrum_{drawn.name}"] = spectrum(result, drawn.name)
    for found in result.profiles:
        if len(found.names) == 1:
            figures[f"profile_{_plain(found.names)}"] = profile(result, *found.names)
        else:
            figures[f"contour_{_plain(found.names)}"] = contour(result, found)
    for curve in result.exclusions:
        figures[f"exclusion_{_plain(curve.names[::-1])}"] = exclusions([result], curve.names)
    return [write(figure, folder / f"{name}.{ending}") for name, figure in figures.items()]


def draw_together(results: Sequence[Result], folder: Path) -> list[Path]:
    """Draw every figure that more than one hypothesis of an analysis has data for, and return where they are."""
    drawn = []
    for names in dict.fromkeys(found.names for result in results for found in result.profiles):
        sharing = [result for result in results if result.profile(*names) is not None]
        if len(sharing) < 2:
            continue
        if len(names) == 1:
            drawn.append(write(profiles(sharing, *names), folder / f"profiles_{_plain(names)}.png"))
        else:
            drawn.append(write(contours(sharing, names), folder / f"contours_{_plain(names)}.png"))
    for pair in dict.fromkeys(found.names for result in results for found in result.exclusions):
        sharing = [result for result in results if result.exclusion(pair) is not None]
        if len(sharing) > 1:
            drawn.append(write(exclusions(sharing, pair), folder / f"exclusions_{_plain(pair[::-1])}.png"))
    return drawn


def _plain(names: Sequence[str]) -> str:
    """The names of parameters in that of a file, x before y; entries of arrays without brackets."""
    return "_".join("_".join(re.findall(r"\w+", name)) for name in reversed(names))
