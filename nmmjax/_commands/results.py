"""The commands `nmmjax plot` and `nmmjax compare`."""

import argparse

from nmmjax import plots, report, results
from nmmjax._files import writable
from nmmjax._screen import Screen


def plot(options: argparse.Namespace, screen: Screen) -> bool:
    """`nmmjax plot`; always good."""
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    loaded = {folder: results.load(folder) for folder in folders}
    for folder, result in loaded.items():
        with screen.step(f"{folder}: drawing"):
            drawn = plots.draw_all(result, writable("RESULT", folder))
        if not drawn:
            screen.say(f"{folder}: nothing was sampled, so there is nothing to draw")
        screen.show_paths(drawn)
    if len(loaded) > 1:
        screen.show_paths(plots.draw_together(list(loaded.values()), options.result))
    for name in options.also or ():
        from nmmjax import figures

        with screen.step(f"{options.result}: drawing {name}"):
            path = plots.write(figures.FURTHER[name](list(loaded.values())), options.result / f"{name}.png")
        screen.show_paths((path,))
    return True


def compare(options: argparse.Namespace, screen: Screen) -> bool:
    """Of result folders, or of the hypotheses in one."""
    folders = [path.parent for folder in options.results for path in sorted(folder.rglob("summary.json"))]
    found = [results.load(folder) for folder in folders or options.results]
    screen.console.print(report.comparison(found))
    return all(result.good for result in found)
